// The instruction sets that the product kernels are compiled for.

import CKernels

/// A set of vector instructions; layers take the widest that the CPU has, tests take each in turn.
enum InstructionSet: Sendable, CaseIterable {
  /// Four floats at a time, on any CPU.
  case portable
  /// Eight floats, with fused multiply-add.
  case avx2
  /// 16 floats.
  case avx512

  /// True if this CPU can run kernels of that set.
  var isAvailable: Bool { ck_instructions_available(kernel) }

  /// The widest set that this CPU can run.
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
