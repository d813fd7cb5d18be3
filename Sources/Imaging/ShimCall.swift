// The Swift side of the C targets' calling convention: a status, and a line of text in a caller's buffer.

/// A C function's failure.
struct ShimFailure<Status: RawRepresentable & Sendable>: Error where Status.RawValue == UInt32 {
  let status: Status
  let reason: String

  /// The error for an operation on pixels in memory, with no file involved.
  func failed(_ operation: String) -> ImagingError { .operationFailed(operation: operation, reason: reason) }
}

/// Calls a C function with a buffer for its reason and throws its failure; status 0 is success.
func callShim<Status: RawRepresentable & Sendable>(
  _ body: (_ reason: UnsafeMutablePointer<CChar>?, _ size: Int) -> Status
) throws(ShimFailure<Status>) where Status.RawValue == UInt32 {
  let (status, text) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
    buffer.initialize(repeating: 0)
    let status = body(buffer.baseAddress, buffer.count)
    guard status.rawValue != 0, let start = buffer.baseAddress else { return (status, "") }
    return (status, String(cString: start))
  }
  if status.rawValue != 0 {
    throw ShimFailure(status: status, reason: text.isEmpty ? "status \(status.rawValue)" : text)
  }
}
