import Files
import Geometry
import Imaging
import Matching
import PhotoMatching
import Pipeline

/// What the terminal shows of a pair: photos, matches, geometry, times.
struct PairSummary {
  let options: PairOptions
  let run: PairRun
  let result: PairResult
  let timer: StageTimer

  var text: String { alignedRows(rows) }

  private var rows: [(String, String)] {
    let matches = result.matches
    var rows: [(String, String)] = []
    for side in PairSide.allCases {
      let (photo, frame) = (result.photos[side], matches.frames[side])
      let original = "\(photo.image.width)x\(photo.image.height)"
      let seen = "\(frame.size.width)x\(frame.size.height)"
      rows.append(
        (
          "photo",
          "\(photo.path), \(original)" + (original == seen ? "" : ", seen at \(seen)")
            + Self.text(of: frame.view)
        ))
    }
    if options.verbose {
      let file = run.model.file
      rows.append(("model", "\(file.name), \(file.parameterCount) parameters, sha256 \(file.sha256)"))
      rows.append(("cells", matches.statistics.cells.both.map { "\($0)" }.joined(separator: " and ")))
      rows.append(("coarse", "\(matches.statistics.coarseMatches) matches before refinement"))
      rows.append(("threads", "\(run.compute.threads)"))
    }
    rows.append(("matches", matchesText))
    if let precisionText { rows.append(("precision", precisionText)) }
    if let geometry = result.geometry { rows.append(("geometry", geometryText(geometry))) }
    if let estimate = result.geometry?.estimate {
      for row in 0..<3 {
        rows.append(("", (0..<3).map { Self.padded(estimate.matrix[row, $0]) }.joined(separator: " ")))
      }
      if let pose = estimate.pose {
        for row in 0..<3 {
          let values =
            (0..<3).map { Self.padded(pose.rotation[row, $0]) } + [Self.padded(pose.translation[row])]
          rows.append((row == 0 ? "R | t" : "", values.joined(separator: " ")))
        }
      }
    }
    rows.append(("time", timesText))
    let written = [options.output, options.json, options.draw].compactMap { $0 }.filter { $0 != "-" }
    if !written.isEmpty { rows.append(("wrote", written.joined(separator: ", "))) }
    return rows
  }

  /// How the photo was cropped or turned for the network.
  private static func text(of view: PhotoView) -> String {
    (view.region.map { ", its part \($0.width)x\($0.height) at (\($0.x), \($0.y))" } ?? "")
      + (view.turns == .none ? "" : ", turned by \(90 * view.turns.count) degrees")
  }

  private var matchesText: String {
    let count = result.matches.count
    guard let estimate = result.geometry?.estimate else { return "\(count)" }
    let share = count == 0 ? 0 : Int((100 * Double(estimate.inlierCount) / Double(count)).rounded())
    return "\(count), of these \(estimate.inlierCount) inliers (\(share) %)"
  }

  private var precisionText: String? {
    let matches = result.matches.correspondences
    let refined = (matches.precisions ?? []).filter { $0.source == .refined }
    guard !refined.isEmpty else { return nil }
    let deviations = refined.map { (($0.covariance.xx + $0.covariance.yy) / 2).squareRoot() }.sorted()
    let share = Int((100 * Double(refined.count) / Double(matches.count)).rounded())
    return "\(refined.count) aligned (\(share) %), median deviation "
      + "\(deviations[deviations.count / 2].text(decimals: 2)) px per axis"
  }

  private func geometryText(_ geometry: TwoViewGeometry) -> String {
    switch geometry {
    case .notEstimated(let kind, let reason): return "\(kind.rawValue): not estimated: \(reason)"
    case .estimated(let estimate):
      let robust = result.robustOptions
      return "\(estimate.kind.rawValue) by \(robust.estimator.rawValue), "
        + "threshold \(robust.threshold.text(decimals: 2)) px"
    }
  }

  private var timesText: String {
    let parts = timer.stages.map { "\($0.stage) \($0.seconds.text(decimals: 3))" }
    return "\(timer.total.text(decimals: 2)) s: " + parts.joined(separator: ", ")
  }

  /// Six significant digits, right-aligned in a column.
  private static func padded(_ value: Double) -> String {
    var (mantissa, exponent) = (abs(value), 0)
    if mantissa > 0 && mantissa.isFinite {
      while mantissa >= 9.999_995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
      while mantissa < 0.999_999_5 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    }
    let text =
      (-4...5).contains(exponent)
      ? value.text(decimals: 5 - exponent)
      : (value < 0 ? -mantissa : mantissa).text(decimals: 5) + "e\(exponent)"
    return text.right(12)
  }
}
