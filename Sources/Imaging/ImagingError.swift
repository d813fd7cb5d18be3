// Everything that can go wrong between a file and its pixels, in either direction.
// Each case names the file; the description is one line: what, where, and what to do next.

import Files

/// Why a picture could not be read, drawn, encoded or written.
package enum ImagingError: Error, Equatable, Sendable {
  /// There is no file of this name.
  case missing(path: String)
  /// The name belongs to a folder.
  case isDirectory(path: String)
  /// The file has no bytes.
  case empty(path: String)
  /// The system refused to open or read the file.
  case unreadable(path: String, reason: String)
  /// No picture format, or a picture damaged beyond reading.
  case notAnImage(path: String, reason: String)
  /// The file ends before the picture does.
  case truncated(path: String, reason: String)
  /// A picture of a kind that is not read.
  case unsupported(path: String, reason: String)
  /// Fewer pixels than the caller needs (`minimum` on each side).
  case tooSmall(path: String, width: Int, height: Int, minimum: Int)
  /// More pixels or bytes than can be handled.
  case tooLarge(path: String, reason: String)
  /// The pixels do not fit into memory.
  case outOfMemory(path: String)
  /// No encoder for the name's extension, or the encoder refused.
  case cannotEncode(path: String, reason: String)
  /// An operation on pixels in memory failed.
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
