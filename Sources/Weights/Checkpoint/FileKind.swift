/// A file's container, by its first bytes.
enum FileKind: Equatable {
  case safetensors
  case zip
  /// Another easily recognised kind.
  case foreign(ForeignFile)

  /// How much of the file's start is examined.
  static let prefixCount = 512

  /// `prefix` holds the first `prefixCount` bytes, or the whole file if shorter.
  init(prefix: [UInt8]) {
    if let foreign = ForeignFile(prefix: prefix) {
      self = .foreign(foreign)
    } else if prefix.starts(with: [0x50, 0x4B, 0x03, 0x04]) || prefix.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      self = .zip
    } else {
      // The safetensors reader reports what is wrong with an unrecognised file.
      self = .safetensors
    }
  }
}

/// A kind of file that this program cannot read weights from.
package enum ForeignFile: Equatable, Sendable, CaseIterable {
  case legacyPyTorch, pickle, torchTar, hdf5, numpy, gguf, tensorFlowLite, onnx, gzip, zstandard, sevenZip
  case picture, gitLFS, webPage

  /// nil for any other file.
  init?(prefix: [UInt8]) {
    func starts(_ text: String) -> Bool { prefix.starts(with: Array(text.utf8)) }
    func starts(_ bytes: UInt8...) -> Bool { prefix.starts(with: bytes) }
    let found: ForeignFile? =
      if starts(0x80), prefix.count > 1, (2...5).contains(prefix[1]) {
        // Until version 1.6, torch.save began with the integer 0x1950a86a20f9469cfc6c.
        prefix.dropFirst(2).starts(with: [
          0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
        ]) ? .legacyPyTorch : .pickle
      } else if prefix.count >= 262, prefix[257..<262].elementsEqual("ustar".utf8) {
        .torchTar
      } else if starts(0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A) {
        .hdf5
      } else if starts(0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59) {
        .numpy
      } else if starts("GGUF") {
        .gguf
      } else if prefix.dropFirst(4).starts(with: "TFL3".utf8) {
        .tensorFlowLite
      } else if starts(0x08), prefix.count > 2, (1...20).contains(prefix[1]),
        prefix[2] == 0x12 || prefix[2] == 0x3A
      {
        // A protocol buffer: first the format version, then the producer's name or the graph.
        .onnx
      } else if starts(0x1F, 0x8B) {
        .gzip
      } else if starts(0x28, 0xB5, 0x2F, 0xFD) {
        .zstandard
      } else if starts(0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C) {
        .sevenZip
      } else if starts(0xFF, 0xD8, 0xFF) || starts(0x89, 0x50, 0x4E, 0x47) {
        .picture
      } else if starts("version https://git-lfs") {
        .gitLFS
      } else if starts("<!DOCTYPE") || starts("<!doctype") || starts("<html") || starts("<?xml") {
        .webPage
      } else {
        nil
      }
    guard let found else { return nil }
    self = found
  }

  /// Follows the file's name.
  var problem: String {
    switch self {
    case .legacyPyTorch: "is a PyTorch checkpoint in the pre-1.6 format, which is not supported"
    case .pickle: "is a bare Python pickle, not a checkpoint"
    case .torchTar: "is a tar archive, not a checkpoint"
    case .hdf5: "is an HDF5 file, such as Keras writes"
    case .numpy: "is a NumPy array"
    case .gguf: "is a GGUF file"
    case .tensorFlowLite: "is a TensorFlow Lite model"
    case .onnx: "looks like an ONNX model"
    case .gzip, .zstandard, .sevenZip: "is a compressed file"
    case .picture: "is a picture"
    case .gitLFS: "is a Git LFS pointer, not the file itself"
    case .webPage: "is a web page, not a weights file"
    }
  }

  var remedy: String {
    switch self {
    case .legacyPyTorch, .torchTar:
      "save it again with a newer PyTorch: torch.save(torch.load(FILE, map_location='cpu', weights_only=True), NEW)"
    case .pickle, .hdf5, .numpy, .gguf, .tensorFlowLite, .onnx:
      "give a safetensors file or a checkpoint from torch.save(model.state_dict(), FILE)"
    case .gzip, .zstandard, .sevenZip: "unpack it first"
    case .picture: "give a weights file instead"
    case .gitLFS: "run git lfs pull, or download the file itself"
    case .webPage: "download the file itself"
    }
  }
}
