import Files

/// The pairs found by an overlap search, kept in `overlap-search.txt` of the output folder so that a resumed run need
/// not search again: a comment that identifies the search, then one pair per line.
package struct OverlapList: Sendable {
  private let path: String
  private let images: ImageFolder
  private let identity: String

  /// `partners` is the number wanted per image, `folder` the output folder.
  package init(plan: BatchPlan, partners: Int, folder: String) {
    path = Path.joined(folder, "overlap-search.txt")
    images = plan.images
    let text =
      "\(plan.header.version) \(plan.model.file.sha256) \(partners) \(plan.search)\n"
      + plan.images.names.joined(separator: "\n")
    identity = "# match batch --overlap-search \(partners), search " + SHA256.hexadecimal(of: text.utf8)
  }

  /// nil if there are no pairs of the same search.
  package func read() -> [ImagePair]? {
    guard let bytes = try? File.read(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix(identity + "\n") else { return nil }
    return try? PairList.read(text, path: path, images: images)
  }

  /// Throws `FileError.cannotWrite`.
  package func write(_ pairs: [ImagePair]) throws(FileError) {
    let lines = pairs.map { "\(images.names[$0.first])\t\(images.names[$0.second])\n" }.joined()
    try AtomicFile.write((identity + "\n" + lines).utf8, to: path)
  }
}
