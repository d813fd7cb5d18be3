// The feed-forward network of a transformer layer, some rows at a time, so that the wide hidden layer never leaves the
// cache.

/// residual + norm(contract(activation(expand([first, second])))), row by row.
package struct FeedForward: Sendable {
  private let expand: Linear
  private let contract: Linear
  private let norm: LayerNorm

  package init(expand: Linear, contract: Linear, norm: LayerNorm) {
    precondition(expand.outputChannels == contract.inputChannels, "layers that do not follow each other")
    self.expand = expand
    self.contract = contract
    self.norm = norm
  }

  /// first [..., channels] and second [..., channels'], of equally many rows -> the shape of `residual`.
  package func callAsFunction(
    concatenating first: Tensor, _ second: Tensor, activation: Activation, residual: Tensor,
    on compute: Compute
  ) -> Tensor {
    let rows = expand.rowCount(first, second)
    let (hidden, channels) = (expand.outputChannels, contract.outputChannels)
    precondition(residual.count == rows * channels, "residual differs in shape")
    compute.count(
      multiplyAdds: rows * (expand.inputChannels * hidden + contract.inputChannels * channels))
    return Tensor(residual.shape) { output in
      guard let output = output.baseAddress else { return }
      compute.parallelFor(rows, grain: Linear.rowsPerPiece) { piece in
        let bytes = piece.count * (hidden + channels) * MemoryLayout<Float>.stride
        withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
          borrowElements(residual) { residual in
            guard let between = scratch.bindMemory(to: Float.self).baseAddress else { return }
            let (after, start) = (between + piece.count * hidden, piece.lowerBound * channels)
            expand.multiply(first, second, rows: piece, activation: activation, result: between)
            contract.multiply(rows: piece.count, between, result: after)
            norm.normalize(
              rows: piece.count, after, residual: residual.map { $0 + start }, result: output + start)
          }
        }
      }
    }
  }
}
