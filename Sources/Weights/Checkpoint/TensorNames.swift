// Prefixes that wrappers put before every name of a model, and that say nothing of the model.

/// Names of tensors, with the wrappers' prefixes taken off.
struct TensorNames {
  /// Prefixes that were taken off, outermost first.
  let stripped: [String]
  /// The names, in the order given.
  let names: [String]

  /// `module.` is DataParallel's, `_orig_mod.` torch.compile's, `matcher.` that of LoFTR's and EfficientLoFTR's
  /// Lightning modules, `model.` that of many others.
  private static let wrappers = ["module.", "_orig_mod.", "matcher.", "model."]
  /// Several wrappers may enclose each other.
  private static let maximumDepth = 4

  /// Takes a prefix off where more than half of the names have it: beside the model may stand a buffer of its loss.
  /// A prefix stays if a name would then stand for two tensors.
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
