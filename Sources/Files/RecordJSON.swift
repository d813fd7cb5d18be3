#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// JSON as this program writes it: UTF-8, sorted keys, plain slashes; fields without a value are left out.
package enum RecordJSON {
  /// Indented JSON with a final newline, or a single line without. Throws `RecordError`.
  package static func encode(_ record: some Encodable, indented: Bool = true) throws(RecordError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if indented { encoder.outputFormatting.insert(.prettyPrinted) }
    do {
      return Array(try encoder.encode(record)) + (indented ? [UInt8(ascii: "\n")] : [])
    } catch EncodingError.invalidValue(let value, let context) where value is Double {
      let keys = context.codingPath.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }
      throw .notFinite(field: keys.joined(separator: "."))
    } catch {
      throw .cannotEncode(reason: "\(error)")
    }
  }
}

/// Why a record could not be written as JSON.
package enum RecordError: Error, Equatable, Sendable {
  /// A number is infinite or NaN, which JSON cannot hold.
  case notFinite(field: String)
  case cannotEncode(reason: String)
}

extension RecordError: ReportedError {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .notFinite(let field):
      "JSON record: \(field.oneLine) is not a finite number, which JSON cannot hold; please report this with the photos"
    case .cannotEncode(let reason):
      "JSON record: cannot be encoded (\(reason.oneLine)); please report this with the photos"
    }
  }

  package var exitStatus: ExitStatus { .internalError }
}
