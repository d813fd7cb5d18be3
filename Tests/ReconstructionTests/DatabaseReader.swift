// Reading a database back through SQLite's C API, apart from the code under test.

import CSQLite
import Geometry
import Testing

/// A database that is read.
final class DatabaseReader {
  private var handle: OpaquePointer?

  init(_ path: String) throws {
    try #require(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
  }

  deinit { sqlite3_close_v2(handle) }

  /// All rows of a query: integers, texts, and blobs as bytes.
  func rows(_ query: String) throws -> [[Any]] {
    var statement: OpaquePointer?
    try #require(sqlite3_prepare_v2(handle, query, -1, &statement, nil) == SQLITE_OK, "\(query)")
    defer { sqlite3_finalize(statement) }
    var rows: [[Any]] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(
        (0..<sqlite3_column_count(statement)).map { column -> Any in
          switch sqlite3_column_type(statement, column) {
          case SQLITE_INTEGER: return Int(sqlite3_column_int64(statement, column))
          case SQLITE_TEXT: return String(cString: sqlite3_column_text(statement, column))
          default:
            let count = Int(sqlite3_column_bytes(statement, column))
            guard let start = sqlite3_column_blob(statement, column) else { return [UInt8]() }
            return Array(UnsafeRawBufferPointer(start: start, count: count))
          }
        })
    }
    return rows
  }

  func integers(_ query: String) throws -> [Int] { try rows(query).map { try #require($0[0] as? Int) } }
}

/// Numbers in a blob.
func numbers<Value: BitwiseCopyable>(_ blob: Any, as type: Value.Type) throws -> [Value] {
  let bytes = try #require(blob as? [UInt8])
  return bytes.withUnsafeBytes { buffer in
    stride(from: 0, to: buffer.count, by: MemoryLayout<Value>.size).map {
      buffer.loadUnaligned(fromByteOffset: $0, as: type)
    }
  }
}
