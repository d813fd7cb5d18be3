// Named tensors from a file of any kind that is read: a safetensors file, or a checkpoint of PyTorch.
//
// Opening a file reads and checks what describes the tensors: names, types, shapes. Their values, most of the file,
// are read by `tensors`, so that a file of another network can be told by its names at little cost.

import Files
import Tensor

/// One tensor of a weights file, before its values are read.
package struct WeightsEntry: Equatable, Sendable {
  /// The name without wrappers' prefixes (see `WeightsFile.strippedPrefixes`).
  package let name: String
  /// The element type as safetensors names it: `F32`, `F16`, `BF16`, `F64`, `I64`, ...
  package let type: String
  /// Extents, outermost first.
  package let shape: [Int]
  /// True for the types that are read, as float32: `F32`, `F16`, `BF16`, `F64`.
  package let isFloatingPoint: Bool

  /// True for PyTorch's count of batches beside a batch norm, on which no network's output depends.
  package var isBatchCount: Bool {
    type == "I64" && (name == "num_batches_tracked" || name.hasSuffix(".num_batches_tracked"))
  }
}

/// A file of named tensors.
package struct WeightsFile: Sendable {
  /// Kinds of files.
  package enum Container: String, Sendable {
    case safetensors
    case pyTorch = "PyTorch checkpoint"
  }

  /// The file's path, or its name in error messages.
  package let source: String
  /// What kind of file it is.
  package let container: Container
  /// Keys that lead to the tensors in a checkpoint, outermost first, as in `["state_dict"]`.
  package let nesting: [String]
  /// Prefixes of wrappers that were taken off the names, outermost first, as in `["matcher."]`.
  package let strippedPrefixes: [String]
  /// The tensors in the file's order.
  package let entries: [WeightsEntry]
  /// Names beside the tensors that stand for plain values, which are not kept.
  package let skipped: [String]
  /// Free texts of a safetensors file.
  package let metadata: [String: String]
  /// Size of the whole file.
  package var byteCount: Int { file.count }

  private let file: any ByteSource
  private let content: Content

  private enum Content: Sendable {
    case safetensors(SafetensorsHeader)
    case pyTorch(PyTorchCheckpoint)
  }

  /// Opens a file; it stays open as long as this value or a copy lives.
  /// Throws `WeightsError`, also where the file is missing, a directory, no regular file, or over 1 GB.
  package init(path: String) throws(WeightsError) { try self.init(file: FileSource(path: path)) }

  /// Opens a file that lies in memory.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - source: its name in error messages.
  /// - Throws: `WeightsError`.
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
    // The names of this project's own files are what they are.
    let names = metadata["model"] == nil ? TensorNames(found.map(\.name)) : nil
    strippedPrefixes = names?.stripped ?? []
    entries = found.enumerated().map { index, entry in
      WeightsEntry(
        name: names?.names[index] ?? entry.name, type: entry.type, shape: entry.shape,
        isFloatingPoint: entry.isFloatingPoint)
    }
  }

  /// The container in words: its kind, where the tensors were found in it, and what was left out.
  package var containerDescription: String {
    var parts = [container.rawValue]
    if !nesting.isEmpty { parts.append("tensors under \(nesting.joined(separator: "."))") }
    if !strippedPrefixes.isEmpty { parts.append("without the prefix \(strippedPrefixes.joined())") }
    if !skipped.isEmpty {
      let names = skipped.prefix(3).map { printable($0) }.joined(separator: ", ")
      parts.append("beside entries that are no tensors (\(names)\(skipped.count > 3 ? ", ..." : ""))")
    }
    return parts.joined(separator: ", ")
  }

  /// Reads the values of all floating-point tensors, by name, as float32.
  /// Throws `WeightsError` if the file cannot be read any more, a checksum is wrong, or a value is not finite.
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

  /// SHA-256 of the whole file, of which one megabyte at a time is in memory, in lower-case hexadecimal.
  /// Throws `WeightsError` if the file cannot be read any more.
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
