import CSQLite
import Files

/// An open database, closed when dropped: what writing (and, in tests, reading) takes of libsqlite3.
final class SQLiteDatabase {
  /// The name used in errors.
  let path: String
  private var handle: OpaquePointer?

  /// Opens or creates the database in `file`.
  init(file: String, path: String) throws(FileError) {
    self.path = path
    let status = sqlite3_open_v2(file, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
    guard status == SQLITE_OK else { throw failure(status) }
  }

  deinit { sqlite3_close_v2(handle) }

  /// Closes the database; then all of it is in its file.
  func close() throws(FileError) {
    let status = sqlite3_close(handle)
    guard status == SQLITE_OK else { throw failure(status) }
    handle = nil
  }

  /// Runs statements that return no rows.
  func execute(_ statements: String) throws(FileError) {
    let status = sqlite3_exec(handle, statements, nil, nil, nil)
    guard status == SQLITE_OK else { throw failure(status) }
  }

  /// Compiles a statement with `?` parameters.
  func prepare(_ text: String) throws(FileError) -> SQLiteStatement {
    var statement: OpaquePointer?
    let status = sqlite3_prepare_v2(handle, text, -1, &statement, nil)
    guard status == SQLITE_OK else { throw failure(status) }
    return SQLiteStatement(handle: statement, database: self)
  }

  fileprivate func failure(_ status: Int32) -> FileError {
    let text = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(status)
    return .cannotWrite(path: path, reason: text.map { String(cString: $0) } ?? "SQLite status \(status)")
  }
}

enum SQLiteValue {
  case integer(Int)
  case text(String)
  case bytes([UInt8])

  /// Numbers in native byte order, as COLMAP reads them.
  static func bytes<Value: BitwiseCopyable>(of values: [Value]) -> SQLiteValue {
    .bytes(values.withUnsafeBytes { Array($0) })
  }
}

/// A compiled statement, freed when dropped.
final class SQLiteStatement {
  private let handle: OpaquePointer?
  private let database: SQLiteDatabase

  fileprivate init(handle: OpaquePointer?, database: SQLiteDatabase) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs a statement that returns no rows, with values for its parameters.
  func run(_ values: [SQLiteValue]) throws(FileError) {
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      // SQLITE_TRANSIENT: SQLite copies the value.
      let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      let status =
        switch value {
        case .integer(let integer): sqlite3_bind_int64(handle, place, Int64(integer))
        case .text(let text): sqlite3_bind_text(handle, place, text, -1, copies)
        case .bytes(let bytes):
          bytes.isEmpty
            ? sqlite3_bind_zeroblob(handle, place, 0)
            : sqlite3_bind_blob64(handle, place, bytes, UInt64(bytes.count), copies)
        }
      guard status == SQLITE_OK else { throw database.failure(status) }
    }
    let status = sqlite3_step(handle)
    guard status == SQLITE_DONE || status == SQLITE_ROW else { throw database.failure(status) }
    sqlite3_reset(handle)
  }
}
