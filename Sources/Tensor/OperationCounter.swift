// Counts the arithmetic of a network, so that times can be stated in GFLOP/s (two operations per multiply-add).
//
// Counted are the multiply-adds of the definition: a convolution as the direct sum over its window whatever the method
// (Winograd does fewer), a product computed twice to save memory only once. Norms, activations, softmax and resampling
// are left out, a few per cent of the whole.

import Synchronization

/// Sums the multiply-adds of the layers run on the `Compute` that holds it.
package final class OperationCounter: Sendable {
  private let total = Atomic<Int>(0)

  package init() {}

  package var multiplyAdds: Int { total.load(ordering: .relaxed) }

  func add(_ multiplyAdds: Int) { total.wrappingAdd(multiplyAdds, ordering: .relaxed) }
}
