// match evaluate: how good matchers are on pairs with known geometry, by a stated recipe.

import ArgumentParser
import Evaluation
import Files

/// Evaluates matchers on pairs with ground truth.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measures matchers on photos with known geometry.",
    discussion: """
      match evaluate                                the pairs that ship with this program
      match evaluate pose pairs.txt --images DIR    a pair file of SuperGlue's format: 38 fields a line
      match evaluate homography DIR                 HPatches' layout: a folder a sequence
      match evaluate real                           photos of the package opencv-doc

      Predictions are kept in a folder (--cache), so that a second protocol costs no second matching and an \
      interrupted evaluation goes on where it stopped.
      """,
    subcommands: [Fixtures.self, Pose.self, Homography.self, Real.self], defaultSubcommand: Fixtures.self)

  /// The pairs that ship with the project, poses and homographies.
  struct Fixtures: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Evaluates on the pairs that ship with this program (the default).")

    @Option(
      help: "The folder with pose/ and homography/ (default: fixtures/rendered, here or near the program).")
    var fixtures: String?
    @OptionGroup var options: EvaluateOptions

    func validate() throws {
      for (name, value) in [
        ("--precision-threshold", options.precisionThreshold),
        ("--inlier-threshold", options.inlierThreshold),
      ] where value != nil {
        throw ValidationError(
          "\(name) means another thing for poses than for homographies: give it with 'evaluate pose' or "
            + "'evaluate homography'")
      }
    }

    func run() throws {
      let folder = try fixtures ?? FixtureFolder.find("rendered")
      try EvaluateRun(options).run([
        try PosePairFile.dataset(path: folder + "/pose/pairs.txt", images: folder + "/pose"),
        try HomographyFolders.dataset(path: folder + "/homography"),
      ])
    }
  }

  /// A pair file with poses.
  struct Pose: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Evaluates relative poses on a pair file.",
      discussion: """
        A line holds path0 path1 rot0 rot1 K0(9) K1(9) T_0to1(16): rot is the number of quarter turns to apply, \
        X1 = R X0 + t. A file grades.txt beside it may give a grade of difficulty for each pair.
        """)

    @Argument(help: "The pair file.") var pairs: String
    @Option(help: "The folder of the photos (default: that of the pair file).") var images: String?
    @OptionGroup var options: EvaluateOptions

    func run() throws {
      let folder = pairs.lastIndex(of: "/").map { String(pairs[...$0]) } ?? ""
      try EvaluateRun(options).run([try PosePairFile.dataset(path: pairs, images: images ?? folder)])
    }
  }

  /// Folders with homographies.
  struct Homography: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Evaluates homographies on folders of HPatches' layout.",
      discussion: """
        A folder a sequence: photos 1, 2, ... n of any type, and the files H_1_2 ... H_1_n, 3x3 matrices as text, \
        x_n ~ H x_1. The eight sequences of HPatches that the field leaves out are left out.
        """)

    @Argument(help: "The folder of the sequences.") var folder: String
    @OptionGroup var options: EvaluateOptions

    func run() throws { try EvaluateRun(options).run([try HomographyFolders.dataset(path: folder)]) }
  }

  /// Real photos that a package of the system installs.
  struct Real: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Evaluates on real photos with ground truth of Debian's package opencv-doc.",
      discussion: """
        A list names a homography or a disparity map for each pair of photos. A disparity gives precision only: \
        there is nothing to estimate.
        """)

    @Argument(help: "The list of pairs (default: fixtures/real.txt, here or near the program).") var list:
      String?
    @Option(help: "The folder of the photos.") var images = "/usr/share/doc/opencv-doc/examples/data"
    @OptionGroup var options: EvaluateOptions

    func run() throws {
      let list = try list ?? FixtureFolder.find("real.txt")
      try EvaluateRun(options).run([try RealPairs.dataset(path: list, images: images)])
    }
  }
}

/// Where the files of the repository's folder fixtures/ are, for a program that may have been copied elsewhere.
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
