import ArgumentParser
import Evaluation
import Files

/// `match evaluate`: evaluates matchers on pairs with ground truth.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measures matchers on photos with known geometry.",
    discussion: """
      match evaluate                                the pairs that ship with this program
      match evaluate pose pairs.txt --images DIR    a pair file in SuperGlue's format: 38 fields per line
      match evaluate homography DIR                 HPatches layout: one folder per sequence
      match evaluate real                           photos of the package opencv-doc

      Predictions are cached in a folder (--cache), so a second protocol needs no second matching and an interrupted \
      evaluation resumes.
      """,
    subcommands: [Fixtures.self, Pose.self, Homography.self, Real.self], defaultSubcommand: Fixtures.self)

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
          "\(name) means different things for poses and homographies: give it with 'evaluate pose' or "
            + "'evaluate homography'")
      }
    }

    func run() throws {
      let folder = try fixtures ?? FixtureFolder.find("rendered")
      try EvaluateRun(options: options).run([
        try PosePairFile.dataset(path: folder + "/pose/pairs.txt", images: folder + "/pose"),
        try HomographyFolders.dataset(path: folder + "/homography"),
      ])
    }
  }

  struct Pose: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Evaluates relative poses on a pair file.",
      discussion: """
        One pair per line: path0 path1 rot0 rot1 K0(9) K1(9) T_0to1(16); rot is the number of quarter turns to apply, \
        X1 = R X0 + t. A file grades.txt next to it may grade each pair by difficulty.
        """)

    @Argument(help: "The pair file.") var pairs: String
    @Option(help: "The folder of the photos (default: that of the pair file).") var images: String?
    @OptionGroup var options: EvaluateOptions

    func run() throws {
      let folder = pairs.lastIndex(of: "/").map { String(pairs[...$0]) } ?? ""
      try EvaluateRun(options: options).run([try PosePairFile.dataset(path: pairs, images: images ?? folder)])
    }
  }

  struct Homography: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Evaluates homographies on folders in HPatches layout.",
      discussion: """
        One folder per sequence: photos 1, 2, ... n of any type, and files H_1_2 ... H_1_n with 3x3 matrices as text, \
        x_n ~ H x_1. The eight HPatches sequences that papers leave out are skipped.
        """)

    @Argument(help: "The folder of the sequences.") var folder: String
    @OptionGroup var options: EvaluateOptions

    func run() throws { try EvaluateRun(options: options).run([try HomographyFolders.dataset(path: folder)]) }
  }

  struct Real: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Evaluates on real photos with ground truth, from Debian's package opencv-doc.",
      discussion: """
        A list names a homography or a disparity map for each pair of photos. A disparity map gives only precision: \
        there is nothing to estimate.
        """)

    @Argument(help: "The list of pairs (default: fixtures/real.txt, here or near the program).")
    var list: String?
    @Option(help: "The folder of the photos.") var images = "/usr/share/doc/opencv-doc/examples/data"
    @OptionGroup var options: EvaluateOptions

    func run() throws {
      let list = try list ?? FixtureFolder.find("real.txt")
      try EvaluateRun(options: options).run([try RealPairs.dataset(path: list, images: images)])
    }
  }
}

/// Finds the repository's fixtures/ folder.
enum FixtureFolder {
  /// A file or folder in fixtures/ of the working folder, the program's folder or one above it, which finds the
  /// repository from its build folder. Throws `EvaluationError.noFixtures`.
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
