extension WeightsError {
  /// The message's parts if a PyTorch checkpoint is at fault; nil for other errors.
  var checkpointParts: Parts? {
    let save = "save it in PyTorch with torch.save(model.state_dict(), FILE)"
    switch self {
    case .archive(let source, let member, let problem):
      let subject = member.map { "member '\(printable($0))' " } ?? ""
      return (source, subject + problem.description, Self.downloadAgain)
    case .foreignArchive(let source, let kind): return (source, kind, save)
    case .byteOrder(let source):
      return (source, "is not little-endian", "save it again on a little-endian machine")
    case .pickle(let source, .hostile(let global, let offset)):
      return (
        source, PickleProblem.hostile(global: global, offset: offset).description,
        "do not load it in Python, and get the weights from elsewhere"
      )
    case .pickle(let source, let problem): return (source, problem.description, Self.downloadAgain)
    case .noStateDictionary(let source, let keys):
      let found = keys.isEmpty ? "" : " (it has \(keys.map { "'\(printable($0))'" }.joined(separator: ", ")))"
      return (source, "is a checkpoint without a dictionary of tensors\(found)", save)
    case .wholeObject(let source, let key, let global):
      let place = key.map { "under '\($0)' " } ?? ""
      return (
        source, "holds \(place)a whole Python object (\(printable(global))) instead of named tensors", save
      )
    case .foreignObject(let source, let name, let global):
      return (
        source, "'\(printable(name))' is made by \(printable(global)), which no plain tensor needs", save
      )
    case .unnamedTensor(let source): return (source, "has a tensor whose name is not a string", save)
    case .tooManyElements(let source, let tensor, let limit):
      return (
        source, "has more than \(limit) elements (up to tensor '\(printable(tensor))')",
        "give the weights of a matcher"
      )
    default: return nil
    }
  }
}
