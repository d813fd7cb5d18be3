// What can go wrong between pairs and the files that structure from motion reads.

import Files

/// Why pairs cannot be exported; each description is one line.
package enum ReconstructionError: Error, Equatable, Sendable {
  /// The store holds no pair with matches.
  case noMatches(store: String)
  /// Two pairs state different sizes of one image.
  case sizesDiffer(image: String)
  /// A photo whose EXIF data is needed cannot be read.
  case photoUnreadable(path: String, reason: String)
  /// The name of an image cannot be written in a format.
  case unusableName(image: String, reason: String)
  /// A library that is loaded on demand is not installed.
  case libraryMissing(library: String, reason: String)
}

extension ReconstructionError: ReportedError {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .noMatches(let store): "\(store): none of its pairs has a match; there is nothing to export"
    case .sizesDiffer(let image):
      "\(image): its pairs were matched at different sizes of the photo; run 'match batch' again into an empty folder"
    case .photoUnreadable(let path, let reason):
      "\(path): cannot be read (\(reason)), but its EXIF data says how COLMAP sees it; name the photos' folder with "
        + "--images, or give --no-exif"
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
