import Files

/// The images in a folder and its subfolders, named by their path within it, as in COLMAP and hloc.
package struct ImageFolder: Sendable {
  /// The folder as given.
  package let path: String
  /// In byte order.
  package let names: [String]

  /// File extensions taken for images, in any case.
  static let endings = ["jpg", "jpeg", "png", "tif", "tiff", "webp", "bmp", "pgm", "ppm", "jp2"]

  /// Throws `BatchError.folderUnreadable`, `.noImages`.
  package init(path: String) throws(BatchError) {
    self.path = path
    var names: [String] = []
    try Self.list(path, prefix: "", into: &names)
    self.names = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard names.count > 0 else { throw .noImages(folder: path) }
  }

  /// For tests.
  init(path: String, names: [String]) {
    self.path = path
    self.names = names
  }

  package func file(_ index: Int) -> String { Path.joined(path, names[index]) }

  private static func list(_ folder: String, prefix: String, into names: inout [String]) throws(BatchError) {
    let found: [String]
    do { found = try Folder.names(in: folder) } catch {
      throw .folderUnreadable(path: folder, reason: error.reason)
    }
    for name in found {
      let path = Path.joined(folder, name)
      if Folder.exists(path) {
        // Symbolic links are followed, but a loop of them must end.
        if prefix.utf8.count < 1000 { try list(path, prefix: "\(prefix)\(name)/", into: &names) }
      } else if isImage(name) && File.exists(path) {
        names.append(prefix + name)
      }
    }
  }

  private static func isImage(_ name: String) -> Bool {
    guard let point = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: point)...].lowercased())
  }
}
