// One match from the coarsest level to the finest: which levels of the two photos a window is sampled from, how much
// each side is smoothed so that neither aliases, and what of the levels' results is kept.

import CKernels
import Geometry
import Glibc

/// log2, rounded to the nearest integer.
func log2Rounded(_ value: Double) -> Double { log2(value).rounded() }

/// Where a window came to rest.
struct AlignedWindow {
  /// The moved point, pixels of its photo.
  var point: SIMD2<Double>
  /// From the template's photo to the other, pixels.
  var map: Map2
  /// Covariance of the point for residuals that are independent from pixel to pixel.
  var noise: PointCovariance
  var correlation, correlationBefore: Double
  /// Pixels of the moved point's photo in one of its level.
  var pixel: Double
}

/// Aligns the windows of one pair.
struct WindowAligner {
  let settings: RefinementSettings
  let instructions: ck_instructions
  /// Levels of both photos, finest first.
  let pictures: Pair<[ck_picture]>
  /// Photo pixels per network pixel.
  let scales: Pair<Double>
  private let fine: ck_alignment_settings
  private let coarse: ck_alignment_settings

  init(
    _ settings: RefinementSettings, _ instructions: ck_instructions, _ pictures: Pair<[ck_picture]>,
    _ scales: Pair<Double>
  ) {
    self.settings = settings
    self.instructions = instructions
    self.pictures = pictures
    self.scales = scales
    var fine = ck_alignment_settings()
    fine.radius = settings.radius
    fine.steps = settings.steps
    fine.deviation = Float(settings.deviation)
    fine.converged = Float(settings.converged)
    fine.correlated = Float(settings.correlatedNoise)
    ck_alignment_filters(settings.smoothing, &fine)
    self.fine = fine
    coarse = {
      var coarse = fine
      coarse.steps = settings.coarseSteps
      return coarse
    }()
  }

  /// - Parameters:
  ///   - anchored: the point that stays, pixels of its photo.
  ///   - point: its partner.
  ///   - start: the map from the anchor's photo to the other.
  ///   - anchor: which photo that is.
  /// - Returns: nil where no level that counts has converged.
  func align(
    _ anchored: SIMD2<Double>, _ point: SIMD2<Double>, _ start: Map2, give: Float, _ anchor: PairSide,
    _ scratch: UnsafeMutableRawPointer?
  ) -> AlignedWindow? {
    let other: PairSide = anchor == .first ? .second : .first
    var (map, place) = (start, point)
    var best: AlignedWindow?
    // Levels are counted for the photo that shows the place more coarsely.
    let isEnlarged = start.determinant >= 1
    let seen = Int(log2Rounded(max(1, scales[isEnlarged ? anchor : other])))
    for level in stride(from: seen + 1, through: 0, by: -1) {
      let octaves = max(-2, min(2, Int(log2Rounded(max(map.determinant, 1e-6).squareRoot()))))
      let template = min(level + max(0, -octaves), pictures[anchor].count - 1)
      let moving = min(level + max(0, octaves), pictures[other].count - 1)
      let (templatePixel, pixel) = (Double(1 << template), Double(1 << moving))
      let window = align(
        anchored, place, map * (templatePixel / pixel), give, level == 0 ? fine : coarse,
        pictures[anchor][template], pictures[other][moving], templatePixel, pixel, scratch)
      let isAligned = window.status == CK_ALIGNMENT_CONVERGED || window.status == CK_ALIGNMENT_NOT_CONVERGED
      guard isAligned else { continue }
      place = (SIMD2(window.x, window.y) + 0.5) * pixel - 0.5
      let m = window.map
      map = Map2(m.0, m.1, m.2, m.3) * (pixel / templatePixel)
      // Coarser levels than the finest are an answer only where the network saw coarser ones yet.
      guard level == 0 || level < seen, window.last_step < 0.1 else { continue }
      let covariance = window.covariance
      let noise = PointCovariance(
        xx: covariance.0 * pixel * pixel, xy: covariance.1 * pixel * pixel, yy: covariance.2 * pixel * pixel)
      let result = AlignedWindow(
        point: place, map: map, noise: noise, correlation: Double(window.correlation),
        correlationBefore: Double(window.correlation_before), pixel: pixel)
      // A finer level has to pay.
      if best.map({ noise.xx + noise.yy < $0.noise.xx + $0.noise.yy }) ?? true { best = result }
    }
    return best
  }

  private func align(
    _ anchored: SIMD2<Double>, _ point: SIMD2<Double>, _ map: Map2, _ give: Float,
    _ settings: ck_alignment_settings,
    _ template: ck_picture, _ picture: ck_picture, _ templatePixel: Double, _ pixel: Double,
    _ scratch: UnsafeMutableRawPointer?
  ) -> ck_alignment {
    var window = ck_alignment()
    let (center, start) = ((anchored + 0.5) / templatePixel - 0.5, (point + 0.5) / pixel - 0.5)
    (window.template_x, window.template_y) = (center.x, center.y)
    (window.x, window.y) = (start.x, start.y)
    window.map = (map.xx, map.xy, map.yx, map.yy)
    window.give = give
    guard let scratch, let back = map.inverse else {
      window.status = CK_ALIGNMENT_DIVERGED
      return window
    }
    // The side that shows the place finer, along its axes, is smoothed as the coarser side's pixels have smoothed it.
    let templateFilters = [
      filter(back.xx * back.xx + back.xy * back.xy), filter(back.yx * back.yx + back.yy * back.yy),
    ]
    let filters = [filter(map.xx * map.xx + map.xy * map.xy), filter(map.yx * map.yx + map.yy * map.yy)]
    withUnsafePointer(to: settings) { settings in
      withUnsafePointer(to: template) { template in
        withUnsafePointer(to: picture) { picture in
          ck_align(instructions, template, picture, settings, templateFilters, filters, &window, scratch)
        }
      }
    }
    return window
  }

  /// The filter for an axis along which one pixel of the other side is sqrt(squared) of this side's: a pixel blurs by
  /// half a pixel (deviation), and variances add.
  private func filter(_ squared: Double) -> Int {
    let variance = 0.25 * (squared - 1)
    return max(0, min(Int(CK_ALIGNMENT_FILTERS) - 1, Int((8 * min(variance, 100)).rounded())))
  }
}
