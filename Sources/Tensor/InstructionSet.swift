// The instruction sets the product kernels are compiled for.

import CKernels

/// Layers use the widest the CPU has; tests use each in turn.
enum InstructionSet: Sendable, CaseIterable {
  /// Four floats at a time, on any CPU.
  case portable
  /// Eight floats, with fused multiply-add.
  case avx2
  /// 16 floats.
  case avx512

  /// Whether this CPU has these instructions.
  var isAvailable: Bool { ck_instructions_available(kernel) }

  static let widest: InstructionSet =
    switch ck_instructions_widest() {
    case CK_INSTRUCTIONS_AVX512: .avx512
    case CK_INSTRUCTIONS_AVX2: .avx2
    default: .portable
    }

  var kernel: ck_instructions {
    switch self {
    case .portable: CK_INSTRUCTIONS_PORTABLE
    case .avx2: CK_INSTRUCTIONS_AVX2
    case .avx512: CK_INSTRUCTIONS_AVX512
    }
  }
}
