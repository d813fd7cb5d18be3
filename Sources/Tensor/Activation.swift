// The activations a layer applies to its own output.

import CKernels

package enum Activation: Sendable {
  case none
  case relu
  /// Slope 0.01 below zero, PyTorch's default.
  case leakyReLU

  var kernel: ck_activation {
    switch self {
    case .none: CK_ACTIVATION_NONE
    case .relu: CK_ACTIVATION_RELU
    case .leakyReLU: CK_ACTIVATION_LEAKY_RELU
    }
  }
}
