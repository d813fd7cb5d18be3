/// PyTorch's element types.
struct StorageType: Equatable, Sendable {
  /// The safetensors name, or PyTorch's for a type that safetensors lacks.
  let name: String
  /// Bytes per element.
  let byteCount: Int
  /// nil for a type that is not supported.
  let element: ElementType?

  private init(_ name: String, _ byteCount: Int) {
    self.name = name
    self.byteCount = byteCount
    element = ElementType(rawValue: name)
  }

  /// Raw bytes, whose type the tensor states.
  static let untyped = StorageType("U8", 1)

  /// The type of `torch.FloatStorage` and the like.
  init?(storage: PickleGlobal) {
    guard ["torch", "torch.cuda", "torch.storage"].contains(storage.module),
      let type = Self.storages[storage.name]
    else { return nil }
    self = type
  }

  /// The type named by `torch.float32` and the like.
  init?(dtype: PickleGlobal) {
    guard dtype.module == "torch" else { return nil }
    self = Self.dtypes[dtype.name] ?? StorageType("torch.\(dtype.name)", 0)
  }

  private static let storages: [String: StorageType] = [
    "DoubleStorage": StorageType("F64", 8), "FloatStorage": StorageType("F32", 4),
    "HalfStorage": StorageType("F16", 2), "BFloat16Storage": StorageType("BF16", 2),
    "LongStorage": StorageType("I64", 8), "IntStorage": StorageType("I32", 4),
    "ShortStorage": StorageType("I16", 2), "CharStorage": StorageType("I8", 1),
    "ByteStorage": StorageType("U8", 1), "BoolStorage": StorageType("BOOL", 1),
    "ComplexFloatStorage": StorageType("C64", 8), "ComplexDoubleStorage": StorageType("C128", 16),
    "UntypedStorage": untyped,
  ]

  private static let dtypes: [String: StorageType] = [
    "float64": StorageType("F64", 8), "float32": StorageType("F32", 4), "float16": StorageType("F16", 2),
    "bfloat16": StorageType("BF16", 2), "int64": StorageType("I64", 8), "int32": StorageType("I32", 4),
    "int16": StorageType("I16", 2), "int8": StorageType("I8", 1), "uint8": StorageType("U8", 1),
    "bool": StorageType("BOOL", 1), "uint16": StorageType("U16", 2), "uint32": StorageType("U32", 4),
    "uint64": StorageType("U64", 8), "float8_e4m3fn": StorageType("F8_E4M3", 1),
    "float8_e5m2": StorageType("F8_E5M2", 1),
  ]
}

/// A storage: one member of the archive.
struct StorageReference: Equatable, Sendable {
  /// Name of the member under `data/`.
  let key: String
  let type: StorageType
  /// Number of elements.
  let count: Int
}

/// A tensor as PyTorch describes it: a view of a storage by offset, shape and strides, all counted in elements. Several
/// tensors may view one storage, in any order and with holes.
struct TensorView: Equatable, Sendable {
  let storage: StorageReference
  /// The storage's own type, unless that is untyped.
  let type: StorageType
  let offset: Int
  let shape: [Int]
  let strides: [Int]

  /// Number of elements; nil if an extent is negative or the product overflows.
  var count: Int? {
    var (count, overflow) = (1, false)
    // A zero makes the tensor empty but must not hide an overflow.
    for extent in shape where extent != 0 && !overflow {
      guard extent > 0 else { return nil }
      (count, overflow) = count.multipliedReportingOverflow(by: extent)
    }
    return overflow ? nil : shape.contains(0) ? 0 : count
  }

  /// Number of elements of `type` in the storage.
  var storageCount: Int {
    type.byteCount == storage.type.byteCount
      ? storage.count : type.byteCount == 0 ? 0 : storage.count / type.byteCount
  }

  /// What is wrong, to follow the tensor's name; nil if the view lies within its storage.
  var problem: String? {
    guard strides.count == shape.count else {
      return "has \(strides.count) strides for \(shape.count) extents"
    }
    guard shape.count <= 64 else { return "has \(shape.count) extents" }
    guard let count else { return "has the impossible shape \(printable(shape))" }
    guard offset >= 0 else { return "begins at element \(offset)" }
    guard strides.allSatisfy({ $0 >= 0 }) else { return "has a negative stride: \(printable(strides))" }
    // All elements lie between the offset and the last one.
    var (last, overflow) = (offset, false)
    if count > 0 {
      for (extent, stride) in zip(shape, strides) where !overflow {
        let (step, tooFar) = (extent - 1).multipliedReportingOverflow(by: stride)
        (last, overflow) = last.addingReportingOverflow(step)
        overflow = overflow || tooFar
      }
    }
    guard !overflow else { return "reaches beyond any memory: strides \(printable(strides))" }
    guard count == 0 || last < storageCount else {
      return "reaches element \(last) of a storage of \(storageCount)"
    }
    return nil
  }

  /// Whether the elements are packed in row-major order.
  var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }
}
