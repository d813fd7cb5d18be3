// The Swift side of the C shim's calling convention: a status, and a line of text in a buffer of ours.

import COpenCV

/// A refusal by the shim: its status and reason.
struct ShimFailure: Error {
  let status: cocv_status
  let reason: String

  /// The error for an operation on pixels in memory, where no file is concerned.
  func failed(_ operation: String) -> ImagingError {
    .operationFailed(operation: operation, reason: reason)
  }
}

/// Calls the shim with a buffer for its reason and throws what it reports.
func callShim(
  _ body: (_ reason: UnsafeMutablePointer<CChar>?, _ size: Int) -> cocv_status
) throws(ShimFailure) {
  var status = COCV_OK
  let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> String in
    buffer.initialize(repeating: 0)
    status = body(buffer.baseAddress, buffer.count)
    guard status != COCV_OK, let start = buffer.baseAddress else { return "" }
    return String(cString: start)
  }
  if status != COCV_OK {
    throw ShimFailure(status: status, reason: text.isEmpty ? "status \(status.rawValue)" : text)
  }
}

/// Sets the number of threads that OpenCV's own loops use; at least 1.
package func setOpenCVThreads(_ count: Int) {
  // The only refusal is a negative number, which the clamp rules out.
  try? callShim { cocv_set_threads(Int32(clamping: max(1, count)), $0, $1) }
}
