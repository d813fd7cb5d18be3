import Tensor

/// One tensor's entry in a safetensors header.
struct TensorEntry {
  let name: String
  let type: ElementType
  let shape: [Int]
  /// Bytes from the start of the data.
  let range: Range<Int>
}

/// The supported element types.
enum ElementType: String, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case brainFloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"

  var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .brainFloat16: 2
    }
  }
}

/// The header of a safetensors file, checked before any data is touched.
///
/// Layout (huggingface.co/docs/safetensors): header length as UInt64, little-endian; the header, one JSON object
/// {"name": {"dtype", "shape", "data_offsets": [begin, end]}, ..., "__metadata__": {text: text}}, perhaps padded with
/// spaces; the data, from whose first byte offsets count. Tensors fill the data without holes or overlaps.
struct SafetensorsHeader {
  let metadata: [String: String]
  /// In data order.
  let entries: [TensorEntry]
  /// Offset of the data in the file.
  let dataStart: Int

  /// The format's own limit, bytes.
  static let maximumLength = 100_000_000

  /// Checks the header and that its tensors cover the data exactly.
  init(_ bytes: UnsafeRawBufferPointer, source: String) throws(WeightsError) {
    let dataStart = try Self.dataStart(bytes, count: bytes.count, source)
    let text = UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart])
    try self.init(text: text, dataCount: bytes.count - dataStart, source: source)
  }

  /// The same, reading only the header.
  init(_ file: some ByteSource) throws(WeightsError) {
    let prefix = try file.bytes(0..<min(file.count, 8))
    let dataStart = try prefix.withUnsafeBytes { bytes in
      Result { () throws(WeightsError) in try Self.dataStart(bytes, count: file.count, file.name) }
    }.get()
    let text = try file.bytes(8..<dataStart)
    self = try text.withUnsafeBytes { text in
      Result { () throws(WeightsError) in
        try Self(text: text, dataCount: file.count - dataStart, source: file.name)
      }
    }.get()
  }

  private static func dataStart(
    _ bytes: UnsafeRawBufferPointer, count: Int, _ source: String
  ) throws(WeightsError) -> Int {
    guard count >= 8 else { throw .tooShort(source: source, bytes: count) }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(maximumLength), length <= UInt64(count - 8) else {
      if isPyTorchCheckpoint(bytes) { throw .pyTorchCheckpoint(source: source) }
      throw .headerLength(source: source, length: length, available: count - 8)
    }
    return 8 + Int(length)
  }

  private init(text: UnsafeRawBufferPointer, dataCount: Int, source: String) throws(WeightsError) {
    dataStart = 8 + text.count
    var entries: [TensorEntry] = []
    var metadata: [String: String] = [:]
    // Sorted, so that the same one of several faults is always reported.
    for (name, value) in try Self.object(text, source).sorted(by: { $0.key < $1.key }) {
      if name == "__metadata__" {
        metadata = try Self.metadata(value, source)
      } else {
        entries.append(try TensorEntry(name, value, source))
      }
    }
    // An empty tensor begins where the next one does; sorting by end puts it first.
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < (
        $1.range.lowerBound, $1.range.upperBound, $1.name
      )
    }
    try Self.checkCover(entries, dataCount, source)
    self.metadata = metadata
    self.entries = entries
  }

  /// Checkpoints are zip archives, older ones bare pickles: their first eight bytes are no valid header length.
  private static func isPyTorchCheckpoint(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || (bytes[0] == 0x80 && (2...5).contains(bytes[1]))
  }

  private static func object(
    _ text: UnsafeRawBufferPointer, _ source: String
  ) throws(WeightsError) -> [String: Setting] {
    let value: Setting
    do { value = try JSONReader.read(text) } catch {
      switch error {
      case .syntax(let offset, let problem):
        throw .headerNotJSON(source: source, offset: 8 + offset, problem: problem)
      case .duplicate(let name): throw .duplicateName(source: source, name: name)
      case .tooComplex(let limit): throw .headerTooComplex(source: source, limit: limit)
      }
    }
    guard case .group(let group) = value else {
      throw .headerNotJSON(source: source, offset: 8, problem: "not an object")
    }
    return group
  }

  private static func metadata(_ value: Setting, _ source: String) throws(WeightsError) -> [String: String] {
    guard case .group(let group) = value else { throw .metadataNotText(source: source, name: "__metadata__") }
    var metadata: [String: String] = [:]
    for (name, value) in group.sorted(by: { $0.key < $1.key }) {
      guard case .text(let text) = value else { throw .metadataNotText(source: source, name: name) }
      metadata[name] = text
    }
    return metadata
  }

  private static func checkCover(
    _ entries: [TensorEntry], _ dataCount: Int, _ source: String
  ) throws(WeightsError) {
    var end = 0
    for entry in entries {
      let begin = entry.range.lowerBound
      if begin < end { throw .overlap(source: source, tensor: entry.name, expectedBegin: end, begin: begin) }
      if begin > end { throw .hole(source: source, tensor: entry.name, expectedBegin: end, begin: begin) }
      end = entry.range.upperBound
    }
    for entry in entries { try entry.checkSize(source) }
    if end > dataCount { throw .truncated(source: source, expected: end, found: dataCount) }
    if end < dataCount { throw .trailingBytes(source: source, count: dataCount - end) }
  }
}

extension TensorEntry {
  fileprivate init(_ name: String, _ value: Setting, _ source: String) throws(WeightsError) {
    func malformed(_ problem: String) -> WeightsError {
      .entryMalformed(source: source, tensor: name, problem: problem)
    }
    guard case .group(let fields) = value else { throw malformed("is not described by an object") }
    guard case .text(let typeName)? = fields["dtype"] else { throw malformed("has no dtype") }
    guard case .list(let extents)? = fields["shape"] else { throw malformed("has no shape") }
    guard case .list(let offsets)? = fields["data_offsets"] else { throw malformed("has no data_offsets") }
    if let other = fields.keys.sorted().first(where: { !["dtype", "shape", "data_offsets"].contains($0) }) {
      throw malformed("has an unknown field '\(other.prefix(40))'")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw .unsupportedType(source: source, tensor: name, type: typeName)
    }
    guard let shape = wholeNumbers(extents) else { throw malformed("has an extent that is not an integer") }
    guard let bounds = wholeNumbers(offsets) else { throw malformed("has an offset that is not an integer") }
    guard bounds.count == 2 else { throw .offsetCount(source: source, tensor: name, found: bounds.count) }
    let (begin, end) = (bounds[0], bounds[1])
    guard begin >= 0 else { throw malformed("has a negative offset") }
    guard begin <= end else { throw .offsetsReversed(source: source, tensor: name, begin: begin, end: end) }
    self.init(name: name, type: type, shape: shape, range: begin..<end)
  }

  /// Checks that shape and type match the size of the range.
  fileprivate func checkSize(_ source: String) throws(WeightsError) {
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw .negativeExtent(source: source, tensor: name, shape: shape)
    }
    var size = type.byteCount
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw .shapeOverflow(source: source, tensor: name, shape: shape) }
      size = product
    }
    guard size == range.count else {
      throw .sizeMismatch(source: source, tensor: name, expected: size, found: range.count)
    }
  }
}

/// nil if any is not an integer; JSON numbers are exact up to 2^53, far beyond any file's size.
private func wholeNumbers(_ values: [Setting]) -> [Int]? {
  var numbers: [Int] = []
  for value in values {
    guard case .number(let number) = value, let whole = Int(exactly: number) else { return nil }
    numbers.append(whole)
  }
  return numbers
}
