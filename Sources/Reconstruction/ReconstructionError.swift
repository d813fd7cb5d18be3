import Files

/// Why pairs cannot be exported.
package enum ReconstructionError: Error, Equatable, Sendable {
  case noMatches(store: String)
  /// Two pairs give different sizes for an image.
  case sizesDiffer(image: String)
  /// A photo's EXIF data is needed, but the photo cannot be read.
  case photoUnreadable(path: String, reason: String)
  /// An image's name cannot be written in a format.
  case unusableName(image: String, reason: String)
  /// A library that is loaded on demand is not installed.
  case libraryMissing(library: String, reason: String)
}

extension ReconstructionError: ReportedError {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .noMatches(let store): "\(store): no pair has a match; there is nothing to export"
    case .sizesDiffer(let image):
      "\(image): its pairs were matched with the photo at different sizes; run 'match batch' again into an empty folder"
    case .photoUnreadable(let path, let reason):
      "\(path): cannot be read (\(reason)), but its EXIF data is needed; give the photos' folder with --images, "
        + "or use --no-exif"
    case .unusableName(let image, let reason): "image '\(image)': \(reason)"
    case .libraryMissing(let library, let reason):
      "\(library) is not installed (\(reason)); install it, on Debian: apt-get install libhdf5-103"
    }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .noMatches, .sizesDiffer: .pairsUnusable
    case .photoUnreadable: .imageMissing
    case .unusableName: .usage
    case .libraryMissing: .internalError
    }
  }
}
