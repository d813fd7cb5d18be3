import Files

/// Why a picture could not be read, drawn, encoded or written.
package enum ImagingError: Error, Equatable, Sendable {
  case missing(path: String)
  case isDirectory(path: String)
  case empty(path: String)
  case unreadable(path: String, reason: String)
  /// Not a known picture format, or damaged beyond reading.
  case notAnImage(path: String, reason: String)
  case truncated(path: String, reason: String)
  case unsupported(path: String, reason: String)
  /// A side has fewer than `minimum` pixels.
  case tooSmall(path: String, width: Int, height: Int, minimum: Int)
  case tooLarge(path: String, reason: String)
  case outOfMemory(path: String)
  /// The extension has no encoder, or the encoder failed.
  case cannotEncode(path: String, reason: String)
  case operationFailed(operation: String, reason: String)
}

extension ImagingError: ReportedError {
  /// One line: the file, what is wrong with it, and what to do next.
  package var description: String {
    switch self {
    case .missing(let path):
      "\(path.oneLine): no such file; check the name"
    case .isDirectory(let path):
      "\(path.oneLine): is a folder; name a picture inside it"
    case .empty(let path):
      "\(path.oneLine): the file is empty; copy or download it again"
    case .unreadable(let path, let reason):
      "\(path.oneLine): cannot be read (\(reason.oneLine)); check its permissions"
    case .notAnImage(let path, let reason):
      "\(path.oneLine): not a readable picture (\(reason.oneLine)); use JPEG, PNG, TIFF, WebP or BMP"
    case .truncated(let path, let reason):
      "\(path.oneLine): incomplete file (\(reason.oneLine)); copy or download it again"
    case .unsupported(let path, let reason):
      "\(path.oneLine): this kind of picture is not supported (\(reason.oneLine)); convert it to 8 or 16 bits"
    case .tooSmall(let path, let width, let height, let minimum):
      "\(path.oneLine): \(width)x\(height) pixels are too few; use at least \(minimum)x\(minimum)"
    case .tooLarge(let path, let reason):
      "\(path.oneLine): too large (\(reason.oneLine)); scale the picture down first"
    case .outOfMemory(let path):
      "\(path.oneLine): not enough memory for its pixels; scale the picture down first"
    case .cannotEncode(let path, let reason):
      "\(path.oneLine): cannot be encoded (\(reason.oneLine)); name the file .png or .jpg"
    case .operationFailed(let operation, let reason):
      "\(operation.oneLine) failed (\(reason.oneLine)); please report this"
    }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .missing, .isDirectory, .unreadable: .imageMissing
    case .empty, .notAnImage, .truncated: .imageDamaged
    case .unsupported, .tooSmall, .tooLarge: .imageUnsuitable
    case .outOfMemory: .notEnoughMemory
    case .cannotEncode: .cannotWrite
    case .operationFailed: .internalError
    }
  }
}
