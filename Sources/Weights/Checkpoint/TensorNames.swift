/// Tensor names without the prefixes that wrappers add to all of a model's names.
struct TensorNames {
  /// The removed prefixes, outermost first.
  let stripped: [String]
  /// In the order given.
  let names: [String]

  /// From DataParallel, torch.compile, the Lightning modules of LoFTR and EfficientLoFTR, and many others.
  private static let wrappers = ["module.", "_orig_mod.", "matcher.", "model."]
  private static let maximumDepth = 4

  /// Removes a prefix that more than half of the names have (a buffer of the loss may lie beside the model), unless two
  /// names would become equal.
  init(_ original: [String]) {
    var (names, stripped) = (original, [String]())
    while stripped.count < Self.maximumDepth,
      let prefix = Self.wrappers.first(where: { prefix in
        2 * names.count { $0.hasPrefix(prefix) } > names.count
      })
    {
      let shorter = names.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
      guard Set(shorter).count == names.count, !shorter.contains("") else { break }
      names = shorter
      stripped.append(prefix)
    }
    self.names = names
    self.stripped = stripped
  }
}
