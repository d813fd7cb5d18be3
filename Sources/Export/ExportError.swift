// What can go wrong when results become files in memory. Pictures have ImagingError.

/// Why a result could not be exported.
package enum ExportError: Error, Equatable, Sendable {
  /// A number of the record is infinite or not a number; JSON has no such numbers.
  case notFinite(field: String)
  /// The encoder refused the record.
  case cannotEncode(reason: String)
}

extension ExportError: CustomStringConvertible {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .notFinite(let field):
      "JSON record: \(field) is not a finite number, which JSON cannot hold; please report this with both images"
    case .cannotEncode(let reason):
      "JSON record: cannot be encoded (\(reason)); please report this with both images"
    }
  }
}
