// match export: from the pairs that 'match batch' stored to the files that structure from motion reads.

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

/// Merges the matches of all pairs into keypoints, verifies every pair, and writes both.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes matched pairs for COLMAP, hloc and others.",
    discussion: """
      match export out/ --colmap database.db             then: colmap mapper --database_path database.db ...
      match export out/ --hloc features.h5 matches.h5    hloc's files
      match export out/ --colmap-text DIR                for colmap feature_importer and matches_importer
      match export out/ --csv DIR                        a CSV of every pair

      Matches of all pairs are merged into keypoints of the images, without which no track would see more than two \
      images, and every pair is verified geometrically. See docs/structure-from-motion.md.
      """)

  @Argument(help: "The folder that 'match batch' wrote, or one of its files.") var store: String

  @Option(help: "Write a COLMAP database; an older file of this name is replaced.") var colmap: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Write hloc's two HDF5 files.", valueName: "features.h5 matches.h5"))
  var hloc: [String] = []
  @Option(help: "Write text files for COLMAP's importers to this folder.") var colmapText: String?
  @Option(help: "Write the matches of every pair as CSV, not merged, to this folder.") var csv: String?

  @Option(
    help: """
      How finely matches are merged: precise (most accurate, for some hundred images), balanced, large (thousands \
      of images).
      """)
  var preset = MergePreset.precise
  @Option(help: "Most keypoints of a photo, those of the longest tracks; 0: all (default: the preset's).")
  var maxKeypoints: Int?
  @Option(
    help: "The folder of the photos, for their EXIF data (default: the one that 'match batch' was given).")
  var images: String?
  @Flag(inversion: .prefixedNo, help: "Read focal length and orientation from the photos' EXIF data.")
  var exif = true
  @Option(
    help: ArgumentHelp(
      "The camera of all photos, in their pixels, if it is known.", valueName: "fx,fy,cx,cy"),
    transform: { try Camera(parsing: $0) })
  var camera: Camera?
  @Option(help: "Which photos share a camera: those of one size and focal length, or none (image).")
  var cameras = CameraSharing.size
  @Option(
    help: "Largest error of an inlier, in pixels of the photos (default: 1.5 pixels as the network saw them)."
  )
  var inlierThreshold: Double?
  @Option(help: "Robust estimator: \(Estimator.allCases.map(\.rawValue).joined(separator: ", ")).")
  var estimator = Estimator.magsac
  @Option(help: "Seed of the robust estimator's random numbers.") var seed: UInt64 = 0
  @Option(help: "Most threads to use (default: all processors).") var threads: Int?
  @Flag(name: .shortAndLong, help: "Print nothing but errors.") var quiet = false

  func validate() throws {
    if colmap == nil && hloc.isEmpty && colmapText == nil && csv == nil {
      throw ValidationError("nothing to write: give --colmap, --hloc, --colmap-text or --csv")
    }
    if !hloc.isEmpty && hloc.count != 2 {
      throw ValidationError(
        "--hloc takes two files, features and matches, not \(hloc.count): put the folder of the pairs before it"
      )
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
      let text = ExportSummary(summary, outputs: writers.flatMap(\.outputs)).text
      try StandardStream.output.writeAll(text)
    }
    if summary.missingCount > 0 {
      StandardStream.error.write(
        "match: \(store): \(summary.missingCount) pairs are not matched yet and are left out; run 'match batch' again "
          + "to finish them\n")
    }
  }
}
