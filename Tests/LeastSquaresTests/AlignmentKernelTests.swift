// The kernel against a naive twin in double precision, with every instruction set that this CPU has.

import CKernels
import Foundation
import Geometry
import Imaging
import TestSupport
import Testing

@testable import LeastSquares

/// Alignment as the header states it: splines summed over all their taps, derivatives by their formulas, Gauss-Newton
/// by Gaussian elimination.
struct NaiveAlignment {
  let template, picture: GrayImage
  let radius: Int
  let deviation: Double
  let filter: [Double]
  let correlated: Double

  static func level(_ image: GrayImage, _ x: Int, _ y: Int) -> Double {
    let index = max(0, min(image.height - 1, y)) * image.width + max(0, min(image.width - 1, x))
    switch image.pixels {
    case .bits8(let values): return Double(values[index])
    case .bits16(let values): return Double(values[index]) / 257
    }
  }

  func coefficient(_ image: GrayImage, _ x: Int, _ y: Int) -> Double {
    var sum = 0.0
    let taps = Int(CK_ALIGNMENT_TAPS)
    for dy in -taps...taps {
      for dx in -taps...taps { sum += filter[abs(dy)] * filter[abs(dx)] * Self.level(image, x + dx, y + dy) }
    }
    return sum
  }

  /// The cubic B-spline and its derivative at distance t.
  static func spline(_ t: Double) -> (value: Double, slope: Double) {
    let d = abs(t)
    let sign = t < 0 ? -1.0 : 1.0
    if d < 1 { return (2 / 3 - d * d + d * d * d / 2, sign * (-2 * d + 1.5 * d * d)) }
    if d < 2 { return (pow(2 - d, 3) / 6, -sign * (2 - d) * (2 - d) / 2) }
    return (0, 0)
  }

  func sample(_ image: GrayImage, _ x: Double, _ y: Double) -> (value: Double, x: Double, y: Double) {
    var result = (value: 0.0, x: 0.0, y: 0.0)
    for row in Int(floor(y)) - 1...Int(floor(y)) + 2 {
      for column in Int(floor(x)) - 1...Int(floor(x)) + 2 {
        let c = coefficient(image, column, row)
        let (across, down) = (Self.spline(x - Double(column)), Self.spline(y - Double(row)))
        result.value += c * across.value * down.value
        result.x += c * across.slope * down.value
        result.y += c * across.value * down.slope
      }
    }
    return result
  }

  static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
    var rows = zip(matrix, right).map { $0 + [$1] }
    let n = rows.count
    for pivot in 0..<n {
      let best = (pivot..<n).max { abs(rows[$0][pivot]) < abs(rows[$1][pivot]) } ?? pivot
      rows.swapAt(pivot, best)
      for row in 0..<n where row != pivot {
        let factor = rows[row][pivot] / rows[pivot][pivot]
        for column in pivot...n { rows[row][column] -= factor * rows[pivot][column] }
      }
    }
    return (0..<n).map { rows[$0][n] / rows[$0][$0] }
  }

  /// `steps` steps from the start in `window`, whose results it fills in.
  func align(_ window: inout ck_alignment, steps: Int) {
    var points: [(x: Double, y: Double, weight: Double, value: Double, row: [Double])] = []
    for gy in -radius...radius {
      for gx in -radius...radius {
        let (x, y) = (Double(gx), Double(gy))
        let t = sample(template, window.template_x + x, window.template_y + y)
        let r = Double(radius)
        points.append(
          (
            x, y, exp(-(x * x + y * y) / (2 * deviation * deviation)), t.value,
            [t.x, t.y, t.x * x / r, t.x * y / r, t.y * x / r, t.y * y / r, t.value, 1]
          ))
      }
    }
    let total = points.reduce(0) { $0 + $1.weight }
    let mean = points.reduce(0) { $0 + $1.weight * $1.value } / total
    for index in points.indices {
      points[index].value -= mean
      points[index].row[6] -= mean
    }
    let free = (0..<8).map { a in
      (0..<8).map { b in points.reduce(0) { $0 + $1.weight * $1.row[a] * $1.row[b] } }
    }
    var map = Map2(window.map.0, window.map.1, window.map.2, window.map.3)
    let start = map
    for step in 0...steps {
      let values = points.map { point in
        let place = map * SIMD2(point.x, point.y)
        return sample(picture, window.x + place.x, window.y + place.y).value
      }
      let other = zip(points, values).reduce(0) { $0 + $1.0.weight * $1.1 } / total
      let variance =
        zip(points, values).reduce(0) { $0 + $1.0.weight * ($1.1 - other) * ($1.1 - other) } / total
      let own = points.reduce(0) { $0 + $1.weight * $1.value * $1.value } / total
      let shared = zip(points, values).reduce(0) { $0 + $1.0.weight * $1.0.value * ($1.1 - other) } / total
      window.correlation = Float(shared / (variance * own).squareRoot())
      let residual = own - shared * shared / variance
      let give = Double(window.give)
      let stiffness = give > 0 ? correlated * residual / (give * give) : 0
      var normal = free
      for k in 2..<6 { normal[k][k] += stiffness }
      if step == 0 { window.correlation_before = window.correlation }
      if step == steps {
        window.residual = Float(residual.squareRoot())
        let rows = (0..<2).map { k in Self.solve(normal, (0..<8).map { $0 == k ? 1 : 0 }) }
        var spread = PointCovariance(xx: 0, xy: 0, yy: 0)
        for point in points {
          let p = rows.map { row in zip(row, point.row).reduce(0) { $0 + $1.0 * $1.1 } * point.weight }
          spread.xx += residual * p[0] * p[0]
          spread.xy += residual * p[0] * p[1]
          spread.yy += residual * p[1] * p[1]
        }
        for k in 2..<6 {
          spread.xx += residual * stiffness * rows[0][k] * rows[0][k]
          spread.xy += residual * stiffness * rows[0][k] * rows[1][k]
          spread.yy += residual * stiffness * rows[1][k] * rows[1][k]
        }
        let carried = spread.carried(by: map)
        window.covariance = (carried.xx, carried.xy, carried.yy)
        break
      }
      let gain = (own / variance).squareRoot()
      var right = (0..<8).map { k in
        zip(points, values).reduce(0) {
          $0 + $1.0.weight * $1.0.row[k] * (gain * ($1.1 - other) - $1.0.value)
        }
      }
      let r = Double(radius)
      let away = (start.inverse ?? .identity) * map
      for (k, value) in [away.xx - 1, away.xy, away.yx, away.yy - 1].enumerated() {
        right[2 + k] += stiffness * value * r
      }
      let d = Self.solve(normal, right)
      guard let back = Map2(1 + d[2] / r, d[3] / r, d[4] / r, 1 + d[5] / r).inverse else { return }
      map = map * back
      let move = map * SIMD2(d[0], d[1])
      window.x -= move.x
      window.y -= move.y
      window.last_step = Float((move * move).sum().squareRoot())
    }
    window.map = (map.xx, map.xy, map.yx, map.yy)
  }
}

@Suite struct AlignmentKernelTests {
  static let sets = [CK_INSTRUCTIONS_PORTABLE, CK_INSTRUCTIONS_AVX2, CK_INSTRUCTIONS_AVX512].filter {
    ck_instructions_available($0)
  }

  @Test(arguments: sets.indices, [3, 7, 9]) func againstTwin(set: Int, radius: Int) {
    let map = Map2(1.1, 0.1, -0.05, 0.9)
    let pair = TexturePair(
      seed: radius, map: map, shift: SIMD2(0.3, -0.4), gain: 0.8, offset: 10, noise: 0.02)
    var settings = ck_alignment_settings()
    (settings.radius, settings.steps, settings.converged) = (radius, 2, 0)
    settings.deviation = Float(radius) / 1.4
    settings.correlated = 4
    ck_alignment_filters(0.5, &settings)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: ck_alignment_scratch(), alignment: 64)
    defer { scratch.deallocate() }
    // A NaN in memory that the kernel should not read would come out again.
    for index in 0..<ck_alignment_scratch() / 4 {
      scratch.storeBytes(of: Float.nan, toByteOffset: 4 * index, as: Float.self)
    }
    for index in [0, 4] {
      let filter = withUnsafeBytes(of: settings.filters) { bytes in
        let taps = Int(CK_ALIGNMENT_TAPS) + 1
        return (0..<taps).map {
          Double(bytes.loadUnaligned(fromByteOffset: 4 * (index * taps + $0), as: Float.self))
        }
      }
      let twin = NaiveAlignment(
        template: pair.first, picture: pair.second, radius: radius, deviation: Double(radius) / 1.4,
        filter: filter, correlated: 4)
      let point = SIMD2(70.25, 81.75)
      let partner = pair.partner(point)
      var expected = ck_alignment()
      (expected.template_x, expected.template_y) = (point.x, point.y)
      (expected.x, expected.y) = (partner.x + 0.4, partner.y - 0.3)
      expected.map = (1, 0, 0, 1)
      // With and without a prior for the map.
      expected.give = index == 0 ? 0 : 0.25
      var window = expected
      twin.align(&expected, steps: 2)
      pair.pyramids(levels: 1).first.withPictures { first in
        pair.pyramids(levels: 1).second.withPictures { second in
          ck_align(
            Self.sets[set], first, second, &settings, [index, index], [index, index], &window, scratch)
        }
      }
      #expect(window.status == CK_ALIGNMENT_NOT_CONVERGED && window.steps == 2)
      #expect(abs(window.x - expected.x) < 1e-3 && abs(window.y - expected.y) < 1e-3)
      #expect(abs(window.map.0 - expected.map.0) < 1e-3 && abs(window.map.1 - expected.map.1) < 1e-3)
      #expect(abs(window.map.2 - expected.map.2) < 1e-3 && abs(window.map.3 - expected.map.3) < 1e-3)
      #expect(abs(window.correlation - expected.correlation) < 1e-4)
      #expect(abs(window.correlation_before - expected.correlation_before) < 1e-4)
      #expect(abs(window.residual / expected.residual - 1) < 1e-2)
      #expect(abs(window.covariance.0 / expected.covariance.0 - 1) < 2e-2)
      #expect(abs(window.covariance.2 / expected.covariance.2 - 1) < 2e-2)
    }
  }

  @Test(arguments: [8, 16], [33, 64]) func halves(bits: Int, side: Int) {
    var random = SeededGenerator(side)
    let image = GrayImage(
      width: 2 * side + 1, height: 2 * side,
      pixels: bits == 8
        ? .bits8((0..<(2 * side + 1) * 2 * side).map { _ in UInt8.random(in: 0...255, using: &random) })
        : .bits16((0..<(2 * side + 1) * 2 * side).map { _ in UInt16.random(in: 0...65535, using: &random) }))
    let pyramid = PixelPyramid(image, levels: 2, on: compute)
    #expect(pyramid.levels == 2)
    pyramid.withPictures { pictures in
      let half = pictures[1]
      #expect(half.width == side + 1 && half.height == side && half.bytes == 2)
      guard let pixels = half.pixels?.assumingMemoryBound(to: UInt16.self) else { return }
      let weights = [1.0, 3, 3, 1]
      for y in 0..<side {
        for x in 0...side {
          var sum = 0.0
          for dy in 0..<4 {
            for dx in 0..<4 {
              sum += weights[dy] * weights[dx] * NaiveAlignment.level(image, 2 * x - 1 + dx, 2 * y - 1 + dy)
            }
          }
          #expect(abs(Double(pixels[y * (side + 1) + x]) - sum / 64 * 257) <= 0.501)
        }
      }
    }
  }
}
