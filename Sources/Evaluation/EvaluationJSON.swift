// Evaluations as JSON: an array, because one run may evaluate poses and homographies. Keys are sorted; a repeat
// without an estimate is null, other fields without a value are left out.

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Writes evaluations as JSON.
package enum EvaluationJSON {
  /// The whole file, indented, UTF-8, ending with a line end.
  ///
  /// - Throws: `EvaluationError.notFinite` where a number is infinite or not a number.
  package static func encode(_ results: [EvaluationResult]) throws(EvaluationError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(results)) + [UInt8(ascii: "\n")]
    } catch EncodingError.invalidValue(_, let context) {
      throw .notFinite(field: context.codingPath.map(\.stringValue).joined(separator: "."))
    } catch {
      throw .notFinite(field: "\(error)")
    }
  }
}
