// How much arithmetic a network asks for, so that a time can be turned into GFLOP/s.
//
// Counted are the multiply-adds of the definition: a convolution as the direct sum over its window whatever computes
// it (Winograd does fewer), a product that is computed twice to save memory once. Norms, activations, softmax and
// resampling are left out: they are a few per cent of the whole. Two floating-point operations a multiply-add.

import Synchronization

/// Adds up the multiply-adds of the layers that run on a `Compute` which has this counter.
package final class OperationCounter: Sendable {
  private let total = Atomic<Int>(0)

  /// A counter at 0.
  package init() {}

  /// Multiply-adds so far.
  package var multiplyAdds: Int { total.load(ordering: .relaxed) }

  func add(_ multiplyAdds: Int) { total.wrappingAdd(multiplyAdds, ordering: .relaxed) }
}
