/// A checkpoint's named tensors, wherever the training framework put them, in their own order.
///
/// `torch.save(model.state_dict(), ...)` has them at the top; Lightning under "state_dict", beside the epoch, optimiser
/// state and callback classes. What surrounds them may be anything, as nothing is executed; among them, numbers and
/// strings are skipped and other objects refused.
struct StateDictionary {
  /// Keys of the dictionary, outermost first.
  let nesting: [String]
  let tensors: [(name: String, view: TensorView)]
  /// Entries with plain values.
  let skipped: [String]

  /// The frameworks' keys.
  private static let knownKeys = [
    "state_dict", "model_state_dict", "model_state", "model", "matcher", "net", "network", "weights",
    "params",
  ]
  private static let maximumNesting = 4
  /// All tensors together: 512 MB in float32, far above any matcher.
  static let maximumElements = 1 << 27

  init(_ document: PickleDocument, source: String) throws(WeightsError) {
    var (nesting, value) = ([String](), document.root)
    var isNested = true
    while isNested, nesting.count < Self.maximumNesting {
      guard let items = document.dictionary(value) else { break }
      isNested = false
      for key in Self.knownKeys {
        let values = items.filter { $0.key == .text(key) }.map(\.value)
        guard values.count <= 1 else { throw .duplicateName(source: source, name: key) }
        guard let inner = values.first else { continue }
        if case .instance(of: let global)? = document.object(inner) {
          throw .wholeObject(source: source, key: key, global: global.description)
        }
        guard document.dictionary(inner) != nil else { continue }
        nesting.append(key)
        value = inner
        isNested = true
        break
      }
    }
    guard let items = document.dictionary(value) else {
      if case .instance(of: let global)? = document.object(value) {
        throw .wholeObject(source: source, key: nil, global: global.description)
      }
      throw .noStateDictionary(source: source, keys: [])
    }
    self.nesting = nesting
    (tensors, skipped) = try Self.entries(items, document, source)
    guard !tensors.isEmpty else {
      let keys = items.compactMap { if case .text(let key) = $0.key { key } else { nil } }
      throw .noStateDictionary(source: source, keys: Array(keys.prefix(4)))
    }
  }

  private static func entries(
    _ items: [(key: PickleValue, value: PickleValue)], _ document: PickleDocument, _ source: String
  ) throws(WeightsError) -> (tensors: [(name: String, view: TensorView)], skipped: [String]) {
    // Foreign objects are refused beside tensors; without tensors this is not the state dictionary at all.
    let holdsTensors = items.contains { if case .tensor? = document.object($0.value) { true } else { false } }
    var tensors: [(name: String, view: TensorView)] = []
    var (skipped, seen, elements) = ([String](), Set<String>(), 0)
    guard holdsTensors else { return ([], []) }
    for (key, value) in items {
      guard case .text(let name) = key else { throw .unnamedTensor(source: source) }
      guard seen.insert(name).inserted else { throw .duplicateName(source: source, name: name) }
      switch document.object(value) {
      case .tensor(let view):
        if let problem = view.problem {
          throw .entryMalformed(source: source, tensor: name, problem: problem)
        }
        let (sum, overflow) = elements.addingReportingOverflow(view.count ?? 0)
        guard !overflow, sum <= maximumElements else {
          throw .tooManyElements(source: source, tensor: name, limit: maximumElements)
        }
        elements = sum
        tensors.append((name, view))
      case .instance(of: let global), .global(let global):
        throw .foreignObject(source: source, name: name, global: global.description)
      case nil, .list, .tuple, .dictionary, .storage, .unread: skipped.append(name)
      }
    }
    return (tensors, skipped)
  }
}
