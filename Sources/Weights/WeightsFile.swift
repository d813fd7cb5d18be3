import Files
import Tensor

/// One tensor of a weights file, before its values are read.
package struct WeightsEntry: Equatable, Sendable {
  /// Without wrappers' prefixes (`WeightsFile.strippedPrefixes`).
  package let name: String
  /// The safetensors element type: `F32`, `F16`, `BF16`, `F64`, `I64`, ...
  package let type: String
  package let shape: [Int]
  /// True for `F32`, `F16`, `BF16`, `F64`, which are read as float32.
  package let isFloatingPoint: Bool

  /// True for PyTorch's batch counter of a batch norm, which no network's output depends on.
  package var isBatchCount: Bool {
    type == "I64" && (name == "num_batches_tracked" || name.hasSuffix(".num_batches_tracked"))
  }
}

/// Named tensors from a safetensors file or PyTorch checkpoint. Opening reads and checks names, types and shapes; the
/// values, most of the file, are read by `tensors`, so that a network is recognised by its names at little cost.
package struct WeightsFile: Sendable {
  package enum Container: String, Sendable {
    case safetensors
    case pyTorch = "PyTorch checkpoint"
  }

  /// The path, or the name in error messages.
  package let source: String
  package let container: Container
  /// Keys of the tensors in a checkpoint, outermost first, such as `["state_dict"]`.
  package let nesting: [String]
  /// Wrappers' prefixes removed from the names, outermost first, such as `["matcher."]`.
  package let strippedPrefixes: [String]
  /// In file order.
  package let entries: [WeightsEntry]
  /// Names of non-tensor entries, which are not kept.
  package let skipped: [String]
  /// A safetensors file's metadata.
  package let metadata: [String: String]
  /// Size of the whole file.
  package var byteCount: Int { file.count }

  private let file: any ByteSource
  private let content: Content

  private enum Content: Sendable {
    case safetensors(SafetensorsHeader)
    case pyTorch(PyTorchCheckpoint)
  }

  /// The file stays open while this value or a copy lives.
  /// Also throws if it is missing, a directory, not a regular file, or over 1 GB.
  package init(path: String) throws(WeightsError) { try self.init(file: FileSource(path: path)) }

  /// Opens a file in memory; `source` is the name in error messages.
  package init(bytes: [UInt8], source: String) throws(WeightsError) {
    try self.init(file: MemorySource(name: source, bytes: bytes))
  }

  private init(file: some ByteSource) throws(WeightsError) {
    self.file = file
    source = file.name
    let found: [(name: String, type: String, shape: [Int], isFloatingPoint: Bool)]
    let prefix = try file.bytes(0..<min(file.count, FileKind.prefixCount))
    switch FileKind(prefix: prefix) {
    case .foreign(let kind): throw .foreignFile(source: file.name, kind: kind)
    case .zip:
      let checkpoint = try PyTorchCheckpoint(file)
      content = .pyTorch(checkpoint)
      container = .pyTorch
      (nesting, skipped, metadata) = (checkpoint.nesting, checkpoint.skipped, [:])
      found = checkpoint.tensors.map { name, view in
        (name, view.type.name, view.shape, view.type.element?.isFloatingPoint ?? false)
      }
    case .safetensors:
      let header = try SafetensorsHeader(file)
      content = .safetensors(header)
      container = .safetensors
      (nesting, skipped, metadata) = ([], [], header.metadata)
      found = header.entries.map { ($0.name, $0.type.rawValue, $0.shape, $0.type.isFloatingPoint) }
    }
    // This project's own files keep their names.
    let names = metadata["model"] == nil ? TensorNames(found.map(\.name)) : nil
    strippedPrefixes = names?.stripped ?? []
    entries = found.enumerated().map { index, entry in
      WeightsEntry(
        name: names?.names[index] ?? entry.name, type: entry.type, shape: entry.shape,
        isFloatingPoint: entry.isFloatingPoint)
    }
  }

  /// The kind of file, where in it the tensors are, and what was skipped.
  package var containerDescription: String {
    var parts = [container.rawValue]
    if !nesting.isEmpty { parts.append("tensors under \(nesting.joined(separator: "."))") }
    if !strippedPrefixes.isEmpty { parts.append("without the prefix \(strippedPrefixes.joined())") }
    if !skipped.isEmpty {
      let names = skipped.prefix(3).map { printable($0) }.joined(separator: ", ")
      parts.append("ignoring non-tensor entries (\(names)\(skipped.count > 3 ? ", ..." : ""))")
    }
    return parts.joined(separator: ", ")
  }

  /// Reads all floating-point tensors as float32, by name.
  /// Throws if the file can no longer be read, a checksum is wrong, or a value is not finite.
  package func tensors() throws(WeightsError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    let wanted = entries.indices.filter { entries[$0].isFloatingPoint }
    switch content {
    case .pyTorch(let checkpoint):
      try checkpoint.read(wanted) { (index, tensor) throws(WeightsError) in
        tensors[entries[index].name] = tensor
      }
    case .safetensors(let header):
      for index in wanted {
        let entry = header.entries[index]
        let start = header.dataStart
        let bytes = try file.bytes(start + entry.range.lowerBound..<start + entry.range.upperBound)
        let tensor = bytes.withUnsafeBytes { bytes in
          Tensor(entry.shape) { entry.type.convert(bytes, to: $0) }
        }
        guard tensor.isFinite else { throw .notFinite(source: source, tensor: entry.name) }
        tensors[entries[index].name] = tensor
      }
    }
    return tensors
  }

  /// SHA-256 of the whole file, lower-case hexadecimal, computed in chunks of one megabyte.
  package func sha256() throws(WeightsError) -> String {
    let chunkCount = 1 << 20
    let digest = SHA256()
    for start in stride(from: 0, to: file.count, by: chunkCount) {
      let chunk = try file.bytes(start..<min(start + chunkCount, file.count))
      chunk.withUnsafeBytes { digest.update($0) }
    }
    return digest.hexadecimal()
  }
}
