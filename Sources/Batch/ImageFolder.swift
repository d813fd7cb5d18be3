// The images of a folder and of those below it. An image's name is its path within the folder, as in COLMAP and hloc.

import Glibc

/// A folder of images.
package struct ImageFolder: Sendable {
  /// The folder as given.
  package let path: String
  /// Names of the images, in the order of their bytes.
  package let names: [String]

  /// Endings of files that are taken for images, without regard to case.
  static let endings = ["jpg", "jpeg", "png", "tif", "tiff", "webp", "bmp", "pgm", "ppm", "jp2"]

  /// Lists a folder.
  ///
  /// - Throws: `BatchError.folderUnreadable`, `.noImages`.
  package init(path: String) throws(BatchError) {
    self.path = path
    var names: [String] = []
    try Self.list(path, prefix: "", into: &names)
    self.names = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard names.count > 0 else { throw .noImages(folder: path) }
  }

  /// Images of these names, for tests.
  init(path: String, names: [String]) {
    self.path = path
    self.names = names
  }

  /// Where an image is.
  package func file(_ index: Int) -> String { Self.joined(path, names[index]) }

  private static func list(_ folder: String, prefix: String, into names: inout [String]) throws(BatchError) {
    guard let handle = opendir(folder) else {
      throw .folderUnreadable(path: folder, reason: String(cString: strerror(errno)))
    }
    defer { closedir(handle) }
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      let path = joined(folder, name)
      var status = stat()
      // What a link leads to counts, but a loop of links to folders must end.
      guard stat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        if prefix.utf8.count < 1000 { try list(path, prefix: "\(prefix)\(name)/", into: &names) }
      } else if isImage(name) {
        names.append(prefix + name)
      }
    }
  }

  private static func isImage(_ name: String) -> Bool {
    guard let point = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: point)...].lowercased())
  }

  /// A name inside a folder.
  static func joined(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}
