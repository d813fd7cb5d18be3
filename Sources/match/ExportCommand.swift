import ArgumentParser
import Files
import Geometry
import PairStore
import Reconstruction
import Tensor
import Tracks

extension MergePreset: ExpressibleByArgument {}

/// Which images share a camera.
enum CameraSharing: String, CaseIterable, ExpressibleByArgument {
  case size, image
}

/// `match export`: merges the matches of all pairs into keypoints, verifies every pair, and writes both for structure
/// from motion.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Exports matched pairs to COLMAP, hloc and others.",
    discussion: """
      match export out/ --colmap database.db             then: colmap mapper --database_path database.db ...
      match export out/ --hloc features.h5 matches.h5    hloc's files
      match export out/ --colmap-text DIR                for colmap feature_importer and matches_importer
      match export out/ --csv DIR                        one CSV per pair

      Matches of all pairs are merged into keypoints, without which no track would span more than two images, and \
      every pair is verified geometrically. See docs/structure-from-motion.md.
      """)

  @Argument(help: "The folder that 'match batch' wrote, or one of its files.") var store: String

  @Option(help: "Write a COLMAP database; an older file of this name is replaced.") var colmap: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Write hloc's two HDF5 files.", valueName: "features.h5 matches.h5"))
  var hloc: [String] = []
  @Option(help: "Write text files for COLMAP's importers to this folder.") var colmapText: String?
  @Option(help: "Write one CSV per pair, not merged, to this folder.") var csv: String?

  @Option(
    help: """
      How finely matches are merged: precise (most accurate, for a few hundred images), balanced, large (for \
      thousands).
      """)
  var preset = MergePreset.precise
  @Option(help: "Maximum keypoints per photo, longest tracks first; 0: all (default: the preset's).")
  var maxKeypoints: Int?
  @Option(help: "The folder of the photos, for their EXIF data (default: that of 'match batch').")
  var images: String?
  @Flag(inversion: .prefixedNo, help: "Read focal length and orientation from the photos' EXIF data.")
  var exif = true
  @Option(
    help: ArgumentHelp("The camera of all photos, in their pixels, if known.", valueName: "fx,fy,cx,cy"),
    transform: { try Camera(parsing: $0) })
  var camera: Camera?
  @Option(help: "Which photos share a camera: those of equal size and focal length (size), or none (image).")
  var cameras = CameraSharing.size
  @Option(help: "Largest error of an inlier, in pixels of the photos (default: 1.5 of the network's pixels).")
  var inlierThreshold: Double?
  @Option(help: "Robust estimator: \(Estimator.allCases.map(\.rawValue).joined(separator: ", ")).")
  var estimator = Estimator.magsac
  @Option(help: "Random seed of the robust estimator.") var seed: UInt64 = 0
  @Option(help: "Maximum number of threads (default: all processors).") var threads: Int?
  @Flag(name: .shortAndLong, help: "Print only errors.") var quiet = false

  func validate() throws {
    if colmap == nil && hloc.isEmpty && colmapText == nil && csv == nil {
      throw ValidationError("nothing to write: give --colmap, --hloc, --colmap-text or --csv")
    }
    if !hloc.isEmpty && hloc.count != 2 {
      throw ValidationError(
        "--hloc takes two files, features and matches, not \(hloc.count): put the folder of the pairs first")
    }
    try checkInlierThreshold(inlierThreshold)
    if let maxKeypoints, !(0...1_000_000).contains(maxKeypoints) {
      throw ValidationError("--max-keypoints \(maxKeypoints) is out of range: use 0 to 1000000")
    }
    try checkThreads(threads)
    if camera != nil && estimator == .lmeds {
      throw ValidationError(
        "--estimator lmeds does not estimate an essential matrix: use another one, or no --camera")
    }
    let files = [colmap].compactMap { $0 } + hloc
    if Set(files).count < files.count {
      throw ValidationError("two outputs name the same file: name two files")
    }
  }

  func run() throws {
    let stores = try PairStoreFolder(path: store)
    var options = SceneOptions()
    options.merging = preset.settings
    if let maxKeypoints { options.merging.maximumKeypoints = maxKeypoints == 0 ? nil : maxKeypoints }
    options.robust = RobustOptions(estimator: estimator, seed: seed)
    options.inlierThreshold = inlierThreshold
    options.camera = camera
    options.hasCameraPerImage = cameras == .image
    if exif { options.photos = images ?? stores.header.folder }
    options.threads = Compute(threads: threads).threads

    var writers: [any SceneWriter] = []
    if let colmap { writers.append(try ColmapDatabase(path: colmap)) }
    if hloc.count == 2 { writers.append(try HlocFiles(features: hloc[0], matches: hloc[1])) }
    if let colmapText { writers.append(ColmapText(folder: colmapText)) }
    if let csv { writers.append(PairCSVFolder(folder: csv)) }
    let summary = try SceneExport(store: stores, path: store, options: options).write(to: writers)
    if !quiet {
      let shown = ExportSummary(summary: summary, outputs: writers.flatMap(\.outputs))
      try StandardStream.output.writeAll(shown.text)
    }
    if summary.missingCount > 0 {
      StandardStream.error.write(
        "match: \(store): \(summary.missingCount) pairs are not matched yet and were left out; run 'match batch' again "
          + "to finish them\n")
    }
  }
}
