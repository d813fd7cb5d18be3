import Files
import Reconstruction
import Tracks

/// What the terminal shows of an export: images, pairs, matches, tracks, what merging cost.
struct ExportSummary {
  let summary: SceneSummary
  let outputs: [String]

  var text: String {
    alignedRows([
      ("images", images), ("cameras", cameras), ("pairs", pairs), ("matches", matches), ("tracks", tracks),
      ("lengths", lengths), ("merging", merging), ("wrote", outputs.joined(separator: ", ")),
    ])
  }

  private var images: String {
    let counts = summary.keypointCounts
    return "\(counts.count), \(counts.reduce(0, +)) keypoints "
      + "(\(counts.min() ?? 0) to \(counts.max() ?? 0) per image)"
  }

  private var cameras: String { "\(summary.cameraCount), focal length known of \(summary.knownFocalCount)" }

  private var pairs: String {
    let verified = TwoViewConfiguration.allCases.compactMap { configuration in
      summary.configurations[configuration].map { "\($0) \(name(configuration))" }
    }
    var text = "\(summary.pairCount)"
    if summary.failedCount > 0 { text += ", \(summary.failedCount) failed" }
    if summary.missingCount > 0 { text += ", \(summary.missingCount) not matched yet" }
    return ([text] + verified).joined(separator: ", ")
  }

  private func name(_ configuration: TwoViewConfiguration) -> String {
    switch configuration {
    case .degenerate: "without geometry"
    case .calibrated: "calibrated"
    case .uncalibrated: "uncalibrated"
    case .planar: "planar"
    case .panoramic: "panoramic"
    case .planarOrPanoramic: "planar or panoramic"
    }
  }

  private var matches: String {
    "\(summary.storedCount), \(summary.mergedCount) merged, \(summary.inlierCount) inliers"
  }

  private var tracks: String {
    let tracks = summary.tracks
    let long = tracks.countByLength.reduce(0) { $0 + ($1.key >= 3 ? $1.value : 0) }
    return "\(tracks.count), \(long) of three images or more, mean length "
      + "\(tracks.meanLength.text(decimals: 2)), \(tracks.ambiguousCount) with two keypoints in one image"
  }

  private var lengths: String {
    let counts = summary.tracks.countByLength
    let shown = counts.keys.filter { $0 < 10 }.sorted().map { "\($0): \(counts[$0] ?? 0)" }
    let longer = counts.reduce(0) { $0 + ($1.key >= 10 ? $1.value : 0) }
    return (shown + (longer > 0 ? ["10 and more: \(longer)"] : [])).joined(separator: ", ")
  }

  private var merging: String {
    func rounded(_ value: Double) -> String { value.text(decimals: 3) }
    let shift = summary.shift
    return "moves points by \(rounded(shift.median)) px (median), \(rounded(shift.mean)) (mean)"
  }
}
