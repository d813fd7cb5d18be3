import CZlib

/// Inflates raw deflate data (RFC 1951) that declares `count` bytes of content.
func inflated(_ data: [UInt8], count: Int) throws(ZipProblem) -> [UInt8] {
  var problem: ZipProblem?
  let content = [UInt8](unsafeUninitializedCapacity: max(count, 1)) { target, filled in
    problem = data.withUnsafeBufferPointer { inflate($0, to: target, count: count) }
    filled = problem == nil ? count : 0
  }
  if let problem { throw problem }
  return content
}

/// Inflates to exactly `count` bytes and uses up all of `input`; nil on success.
private func inflate(
  _ input: UnsafeBufferPointer<UInt8>, to target: UnsafeMutableBufferPointer<UInt8>, count: Int
) -> ZipProblem? {
  // A single call is enough: members are at most 2^29 bytes.
  guard let inputCount = UInt32(exactly: input.count), let outputCount = UInt32(exactly: count) else {
    return .tooLarge(bytes: max(input.count, count), limit: Int(UInt32.max))
  }
  var stream = z_stream()
  stream.next_in = input.baseAddress
  stream.avail_in = inputCount
  stream.next_out = target.baseAddress
  stream.avail_out = outputCount
  // Negative: raw data without zlib's header, window of 32 kB.
  guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    return .notDeflate
  }
  defer { inflateEnd(&stream) }
  switch inflate(&stream, Z_FINISH) {
  case Z_STREAM_END:
    return stream.avail_out == 0 && stream.avail_in == 0 ? nil : .inflatedSize(declared: count)
  case Z_BUF_ERROR: return .inflatedSize(declared: count)
  default: return .notDeflate
  }
}
