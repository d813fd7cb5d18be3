// The state dictionary in a checkpoint: the dictionary of names and tensors, wherever the training framework put it.
//
// `torch.save(model.state_dict(), ...)` has it at the top; Lightning below "state_dict", beside the epoch, the
// optimiser's state and the classes of its callbacks. What stands beside it may be made of anything, as nothing is
// ever executed; inside of it are tensors, and numbers or texts, which are skipped.

/// Names and tensors of a checkpoint, in its own order.
struct StateDictionary {
  /// The keys that lead to it, outermost first.
  let nesting: [String]
  let tensors: [(name: String, view: TensorView)]
  /// Entries that are plain values.
  let skipped: [String]

  /// Where frameworks put it.
  private static let knownKeys = [
    "state_dict", "model_state_dict", "model_state", "model", "matcher", "net", "network", "weights",
    "params",
  ]
  private static let maximumNesting = 4
  /// Of all tensors together: 512 MB in float32. No matcher comes near it.
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
    // Beside tensors no foreign object is tolerated; without any tensor it is another dictionary altogether.
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
        // Neither overflows: each is at most 2^63, and the sum is checked at each step.
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
