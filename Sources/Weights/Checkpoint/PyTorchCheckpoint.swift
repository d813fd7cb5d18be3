import Tensor

/// A torch.save checkpoint since PyTorch 1.6: a zip archive of ROOT/data.pkl (objects and tensors), ROOT/data/KEY for
/// each storage, ROOT/byteorder, and members that do not matter here. Tensor values are read on demand.
struct PyTorchCheckpoint: Sendable {
  /// Keys of the state dictionary, outermost first.
  let nesting: [String]
  /// In state dictionary order.
  let tensors: [(name: String, view: TensorView)]
  /// Non-tensor entries of the state dictionary.
  let skipped: [String]
  private let archive: ZipArchive
  private let root: String
  private let source: String

  init(_ file: some ByteSource) throws(WeightsError) {
    source = file.name
    archive = try ZipArchive(file)
    root = try Self.root(of: archive, source: file.name)
    if let order = try archive.content(of: root + "byteorder"), order != Array("little".utf8) {
      throw .byteOrder(source: file.name)
    }
    let name = root + "data.pkl"
    guard let size = archive.count(of: name), size <= PickleReader.maximumCount else {
      throw .pickle(source: file.name, problem: .tooComplex(limit: "\(PickleReader.maximumCount) bytes"))
    }
    let pickle = try archive.content(of: name) ?? []
    let document = pickle.withUnsafeBytes { bytes in
      Result { () throws(PickleProblem) in try PickleReader.read(bytes) }
    }
    let dictionary: StateDictionary
    switch document {
    case .success(let document): dictionary = try StateDictionary(document, source: file.name)
    case .failure(let problem): throw .pickle(source: file.name, problem: problem)
    }
    nesting = dictionary.nesting
    tensors = dictionary.tensors
    skipped = dictionary.skipped
  }

  /// The folder of all members, with its slash.
  private static func root(of archive: ZipArchive, source: String) throws(WeightsError) -> String {
    let pickles = archive.names.filter { $0.hasSuffix("/data.pkl") || $0 == "data.pkl" }
    guard let first = pickles.first else {
      if archive.names.contains(where: { $0.hasSuffix(".npy") }) {
        throw .foreignArchive(source: source, kind: "is an archive of NumPy arrays")
      }
      throw .foreignArchive(
        source: source, kind: "is a zip archive, but not a PyTorch checkpoint (data.pkl is missing)")
    }
    guard pickles.count == 1 else {
      throw .foreignArchive(source: source, kind: "is a zip archive of several PyTorch checkpoints")
    }
    let root = String(first.dropLast("data.pkl".count))
    if archive.names.contains(where: { $0 == root + "constants.pkl" || $0.hasPrefix(root + "code/") }) {
      throw .foreignArchive(source: source, kind: "is a TorchScript program, not a checkpoint")
    }
    return root
  }

  /// Calls `body` with the index and values of each `wanted` tensor, in no particular order; reads each storage once.
  func read(_ wanted: [Int], _ body: (Int, Tensor) throws(WeightsError) -> Void) throws(WeightsError) {
    let byStorage = Dictionary(grouping: wanted) { tensors[$0].view.storage.key }
    for (key, indices) in byStorage.sorted(by: { $0.value[0] < $1.value[0] }) {
      guard let found = archive.count(of: "\(root)data/\(key)") else {
        throw .entryMalformed(
          source: source, tensor: tensors[indices[0]].name, problem: "has no data ('data/\(printable(key))')")
      }
      for index in indices {
        let storage = tensors[index].view.storage
        let (expected, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.byteCount)
        guard !overflow, expected == found else {
          throw .sizeMismatch(
            source: source, tensor: tensors[index].name, expected: overflow ? .max : expected, found: found)
        }
      }
      let bytes = try archive.content(of: "\(root)data/\(key)") ?? []
      for index in indices {
        let (name, view) = tensors[index]
        guard let type = view.type.element, type.isFloatingPoint else {
          throw .unsupportedType(source: source, tensor: name, type: view.type.name)
        }
        let tensor = bytes.withUnsafeBytes { bytes in
          Tensor(view.shape) { type.convert(bytes, view: view, to: $0) }
        }
        guard tensor.isFinite else { throw .notFinite(source: source, tensor: name) }
        try body(index, tensor)
      }
    }
  }
}
