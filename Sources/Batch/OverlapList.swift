// The pairs that an overlap search found, kept beside the results, so that a run that goes on need not search again.

import Files

/// The file `overlap-search.txt` of an output folder: a comment that names the search, then a pair a line.
package struct OverlapList: Sendable {
  private let path: String
  private let images: ImageFolder
  private let identity: String

  /// - Parameters:
  ///   - plan: images, model and search for views.
  ///   - partners: partners wanted of each image.
  ///   - folder: the output folder.
  package init(plan: BatchPlan, partners: Int, folder: String) {
    path = Path.joined(folder, "overlap-search.txt")
    images = plan.images
    let text =
      "\(plan.header.version) \(plan.model.file.sha256) \(partners) \(plan.search)\n"
      + plan.images.names.joined(separator: "\n")
    identity = "# match batch --overlap-search \(partners), search " + SHA256.hexadecimal(of: text.utf8)
  }

  /// The pairs of the same search; nil where there are none.
  package func read() -> [ImagePair]? {
    guard let bytes = try? File.read(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix(identity + "\n") else { return nil }
    return try? PairList.read(text, path: path, images: images)
  }

  /// Keeps the pairs. Throws `FileError.cannotWrite`.
  package func write(_ pairs: [ImagePair]) throws(FileError) {
    let lines = pairs.map { "\(images.names[$0.first])\t\(images.names[$0.second])\n" }.joined()
    try AtomicFile.write((identity + "\n" + lines).utf8, to: path)
  }
}
