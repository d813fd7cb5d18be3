// The bytes of a regular file, read into memory at once.

/// A whole file in memory.
struct FileBytes {
  private let bytes: [UInt8]

  init(path: String) throws(WeightsError) {
    let file = try FileSource(path: path)
    bytes = try file.bytes(0..<file.count)
  }

  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(WeightsError) -> Result
  ) throws(WeightsError) -> Result {
    // Typed throws through `withUnsafeBytes` need the closure's error spelled out as a value.
    let result = bytes.withUnsafeBytes { bytes in
      Swift.Result { () throws(WeightsError) in try body(bytes) }
    }
    return try result.get()
  }
}
