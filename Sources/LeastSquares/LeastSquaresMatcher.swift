// Adaptive least-squares correlation (Gruen 1985; its precision: Foerstner 1982; the inverse-compositional form: Baker
// and Matthews 2004): a window around every match of one photo is aligned with the other photo's grey values.
//
// One point of a match stays (its anchor: the first photo's unless said otherwise); its photo is the template, so that
// the order of the photos does not matter. Levels of the two pyramids are chosen so that one pixel of a window is about
// one pixel of either; alignment starts at one level coarser than the network saw and ends at the finest.

import CKernels
import Geometry
import Imaging
import Tensor

/// Moves matches to where the photos' grey values agree, and says how precisely.
package struct LeastSquaresMatcher: Sendable {
  package let settings: RefinementSettings
  private let instructions: ck_instructions

  package init(_ settings: RefinementSettings = RefinementSettings()) {
    self.init(settings, instructions: ck_instructions_widest())
  }

  init(_ settings: RefinementSettings, instructions: ck_instructions) {
    precondition(
      settings.radius >= 3 && settings.radius <= Int(CK_ALIGNMENT_LARGEST_RADIUS),
      "a radius of 3 to 15 pixels")
    self.settings = settings
    self.instructions = instructions
  }

  /// Sizes that a photo's pyramid needs where the network saw it `scale` times smaller.
  package static func levels(scale: Double) -> Int { max(0, Int(log2Rounded(max(1, scale)))) + 4 }

  /// Refines matches. Those that are not accepted keep their points, with the network's covariance.
  ///
  /// - Parameters:
  ///   - matches: points in the photos' pixels. What is not finite is kept as it is, with `precision` network.
  ///   - photos: the pyramids.
  ///   - scales: photo pixels per pixel of the picture that the network saw.
  ///   - fallback: from the first photo to the second, where neighbours do not tell: the turn and scale at which the
  ///     network saw them.
  ///   - anchors: which point of each match stays; nil for the first photo's.
  ///   - compute: threads. The result is the same for any number of them.
  package func callAsFunction(
    _ matches: Correspondences, photos: Pair<PixelPyramid>, scales: Pair<Double>, fallback: Map2 = .identity,
    anchors: [PairSide]? = nil, on compute: Compute
  ) -> Correspondences {
    precondition(anchors.map { $0.count == matches.count } ?? true, "an anchor for every match")
    let count = matches.count
    let grid = NeighbourGrid(matches.points0)
    let none = Refined(
      point0: .zero, point1: .zero,
      precision: PointPrecision(covariance: PointCovariance(deviation: 0), source: .network, map: fallback))
    var results = [Refined](repeating: none, count: count)
    results.withUnsafeMutableBufferPointer { buffer in
      // Pieces write their own elements.
      nonisolated(unsafe) let results = buffer
      photos.first.withPictures { pictures0 in
        photos.second.withPictures { pictures1 in
          let aligner = WindowAligner(settings, instructions, Pair(pictures0, pictures1), scales)
          compute.parallelFor(count, grain: 16) { range in
            withUnsafeTemporaryAllocation(byteCount: ck_alignment_scratch(), alignment: 64) { scratch in
              for index in range {
                let affine = localAffine(
                  matches, index, grid, scales: scales, fallback: fallback)
                results[index] = refine(
                  matches.points0[index], matches.points1[index], affine, anchors?[index] ?? .first, aligner,
                  scratch.baseAddress)
              }
            }
          }
        }
      }
    }
    return Correspondences(
      points0: results.map(\.point0), points1: results.map(\.point1), scores: matches.scores,
      precisions: results.map(\.precision))
  }

  private struct Refined {
    var point0, point1: SIMD2<Double>
    var precision: PointPrecision
  }

  private func localAffine(
    _ matches: Correspondences, _ index: Int, _ grid: NeighbourGrid, scales: Pair<Double>, fallback: Map2
  ) -> LocalAffine {
    let (center0, center1) = (matches.points0[index], matches.points1[index])
    guard center0.isModest && center1.isModest else {
      return LocalAffine(fitting: [], scale: scales.second, fallback: fallback)
    }
    let nearest = grid.nearest(to: index, count: LocalAffine.most, reach: LocalAffine.reach * scales.first)
    let offsets = nearest.compactMap { other -> (first: SIMD2<Double>, second: SIMD2<Double>)? in
      guard matches.points1[other].isModest else { return nil }
      return (matches.points0[other] - center0, matches.points1[other] - center1)
    }
    return LocalAffine(fitting: offsets, scale: scales.second, fallback: fallback)
  }

  private func refine(
    _ point0: SIMD2<Double>, _ point1: SIMD2<Double>, _ affine: LocalAffine, _ anchor: PairSide,
    _ aligner: WindowAligner, _ scratch: UnsafeMutableRawPointer?
  ) -> Refined {
    let deviation = settings.networkDeviation * aligner.scales.second
    let kept = Refined(
      point0: point0, point1: point1,
      precision: PointPrecision(
        covariance: PointCovariance(deviation: deviation), source: .network, map: affine.map))
    guard point0.isModest && point1.isModest, LocalAffine.isPlausible(affine.map) else { return kept }
    let isFirst = anchor == .first
    guard let start = isFirst ? affine.map : affine.map.inverse,
      let aligned = aligner.align(
        isFirst ? point0 : point1, isFirst ? point1 : point0, start, give: give(affine), anchor, scratch),
      let map = isFirst ? aligned.map : aligned.map.inverse,
      let covariance = accepted(
        aligned, start, affine, from: isFirst ? point1 : point0, anchor, aligner.scales)
    else { return kept }
    // An error of the first point is one of the second, carried over.
    let second = isFirst ? covariance : covariance.carried(by: map)
    guard second.isUsable else { return kept }
    return Refined(
      point0: isFirst ? point0 : aligned.point, point1: isFirst ? aligned.point : point1,
      precision: PointPrecision(covariance: second, source: .refined, map: map))
  }

  /// Where neighbours do not tell, any map will do.
  private func give(_ affine: LocalAffine) -> Float { affine.isFitted ? Float(settings.give) : 0 }

  /// The covariance of the point that moved, or nil where the result is not to be trusted.
  private func accepted(
    _ aligned: AlignedWindow, _ start: Map2, _ affine: LocalAffine, from point: SIMD2<Double>,
    _ anchor: PairSide,
    _ scales: Pair<Double>
  ) -> PointCovariance? {
    let isLonely = affine.neighbours < LocalAffine.most / 2
    let support =
      isLonely ? 0 : max(LocalAffine.leastSupport, Int(Double(affine.neighbours) * settings.supportShare))
    let correlation = isLonely ? settings.leastLonelyCorrelation : settings.leastCorrelation
    let move = (aligned.point - point) / (anchor == .first ? scales.second : scales.first)
    guard affine.support >= support, aligned.correlation >= correlation,
      aligned.correlation > aligned.correlationBefore - 1e-3,
      (move * move).sum() < settings.farthestMove * settings.farthestMove,
      let back = start.inverse, LocalAffine.isPlausible(aligned.map)
    else { return nil }
    let change = (back * aligned.map).distance(to: .identity)
    guard change < settings.greatestChange else { return nil }
    let relative = change / settings.changeOfTwofoldVariance
    let factor = settings.correlatedNoise * (1 + relative * relative)
    let floor = settings.leastDeviation * aligned.pixel
    let noise = aligned.noise
    return PointCovariance(
      xx: factor * noise.xx + floor * floor, xy: factor * noise.xy, yy: factor * noise.yy + floor * floor)
  }
}

extension SIMD2<Double> {
  /// Finite, and a place that a photo may have.
  var isModest: Bool { x.magnitude < 1e6 && y.magnitude < 1e6 }
}
