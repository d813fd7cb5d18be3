// Where the files of the repository's folder fixtures/ are, for a program that may have been copied elsewhere.

import Evaluation
import Files

/// Finds what ships with the project.
enum FixtureFolder {
  /// A file or folder of fixtures/: from the working folder, else from the program's folder or one of those above it
  /// (which finds the repository from its build folder).
  ///
  /// - Throws: `EvaluationError.noFixtures`.
  static func find(_ name: String) throws -> String {
    let local = "fixtures/" + name
    if File.exists(local) { return local }
    let program = Machine.programPath
    var folder = Substring(program)
    for _ in 0..<5 {
      guard let slash = folder.lastIndex(of: "/") else { break }
      folder = folder[..<slash]
      let path = "\(folder)/fixtures/\(name)"
      if File.exists(path) { return path }
    }
    throw EvaluationError.noFixtures(searched: [
      local, "the folders above " + (program.isEmpty ? "the program" : program),
    ])
  }
}
