// Real photos with known geometry, through the program and its embedded weights, against the same weights in PyTorch.
// The reference numbers are printed by: python -m training.goldens.compare_photos

import Foundation
import Imaging
import Testing

@Suite struct RealPhotoTests {
  /// Rows and record of a run, with the network's own points unless said otherwise.
  private func matched(
    _ first: String, _ second: String, _ options: [String], precision: String = "network"
  ) throws -> (table: CorrespondenceTable, record: [String: Any]) {
    let workplace = try Workplace()
    let outputs = ["-o", "matches.csv", "--json", "matches.json"]
    _ = try workplace.matched(
      [try Samples.photo(first), try Samples.photo(second)] + outputs + options + ["--precision", precision])
    return (
      try CorrespondenceTable(try workplace.bytes("matches.csv")),
      try object(try workplace.bytes("matches.json"))
    )
  }

  /// A painted wall seen from two sides. PyTorch: 2433 matches, 1871 of them within 3 px, corner error 1.52 px.
  @Test func graf() throws {
    let (table, record) = try matched("graf1.png", "graf3.png", ["--geometry", "homography"])
    let truth = try storedMatrix(try Samples.photo("H1to3p.xml"))
    let correct = table.rows.count { $0.error { mapped(truth, $0) } < 3 }
    #expect(correct >= 1852, "99 % of PyTorch's 1871")
    let matrix = try record.group("geometry").matrix("matrix")
    let corners: [SIMD2<Double>] = [SIMD2(0, 0), SIMD2(799, 0), SIMD2(0, 639), SIMD2(799, 639)]
    let errors = corners.map { length(mapped(matrix, $0) - mapped(truth, $0)) }
    #expect(errors.reduce(0, +) / 4 < 2.52, "PyTorch's 1.52 px and 1 px")
  }

  /// A stereo pair. PyTorch: 4123 matches; 0.821 of those with ground truth within 3 px of it.
  @Test func aloe() throws {
    let (table, _) = try matched("aloeL.jpg", "aloeR.jpg", [])
    let image = try ImageReader(path: try Samples.photo("aloeGT.png")).gray()
    guard case .bits8(let disparities) = image.pixels else { throw CocoaError(.coderInvalidValue) }
    func disparity(_ point: SIMD2<Double>) -> Double {
      let x = min(max(Int(point.x.rounded(.toNearestOrEven)), 0), image.width - 1)
      let y = min(max(Int(point.y.rounded(.toNearestOrEven)), 0), image.height - 1)
      return Double(disparities[y * image.width + x])
    }
    let known = table.rows.filter { disparity($0.point0) > 0 }
    let correct = known.count { row in row.error { SIMD2($0.x - disparity($0), $0.y) } < 3 }
    #expect(known.count >= 3900)
    #expect(Double(correct) / Double(known.count) >= 0.815)
  }

  /// What the photos' own pixels add: the stereo pair is rectified, so its true vertical error is 0.
  @Test(arguments: ["refined", "verified"]) func alignedAloe(precision: String) throws {
    let (table, record) = try matched("aloeL.jpg", "aloeR.jpg", [], precision: precision)
    let refined = table.rows.filter(\.isRefined)
    #expect(precision == "refined" ? table.rows.count >= 3900 : table.rows.count == refined.count)
    #expect(refined.count >= 3000)
    #expect(try record.group("counts").number("refined") == Double(refined.count))
    let errors = refined.map { abs($0.point1.y - $0.point0.y) }.sorted()
    #expect(errors[errors.count / 2] < 0.1, "0.27 px without")
    // The covariance says how large the errors are: 1 on average would be exact.
    let squared = refined.map { row in
      let error = row.point1.y - row.point0.y
      return error * error / row.covariance[2]
    }.sorted()
    let typical = squared[squared.count / 2] / 0.455  // the median of a squared normal variable
    #expect(typical > 0.3 && typical < 3)
  }

  @Test func alignedGraf() throws {
    let truth = try storedMatrix(try Samples.photo("H1to3p.xml"))
    func share(_ precision: String) throws -> Double {
      try matched("graf1.png", "graf3.png", [], precision: precision).table.share(within: 1) {
        mapped(truth, $0)
      }
    }
    let (network, verified) = (try share("network"), try share("verified"))
    #expect(verified > 0.55 && verified > network + 0.15)
  }

  /// Two views of a church. PyTorch: 1208 matches, 727 inliers of the fundamental matrix at 3 px.
  @Test func leuven() throws {
    let options = ["--inlier-threshold", "3", "--rotations", "none", "--scales", "none"]
    let (table, record) = try matched("leuvenA.jpg", "leuvenB.jpg", options)
    #expect(table.rows.count >= 1196, "99 % of PyTorch's 1208")
    let matrix = try record.group("geometry").matrix("matrix")
    let errors = table.rows.map { sampsonError(matrix, $0.point0, $0.point1) }
    let (within3, within1) = (errors.count { $0 < 3 }, errors.count { $0 < 1 })
    #expect(within3 >= 690)
    #expect(within1 >= 400)
  }

  /// A flat box in a scene. PyTorch: 203 matches, 161 inliers of the homography at 3 px.
  /// The landmarks were read by hand from both photos, each to about a pixel.
  @Test func box() throws {
    let (table, record) = try matched("box.png", "box_in_scene.png", ["--geometry", "homography"])
    #expect(table.rows.count { $0.inlier } >= 140)
    let matrix = try record.group("geometry").matrix("matrix")
    let landmarks: [(box: SIMD2<Double>, scene: SIMD2<Double>)] = [
      (SIMD2(2.3, 3.7), SIMD2(119.2, 162)),  // the box's top left corner
      (SIMD2(141.3, 19), SIMD2(186, 177)),  // the printed photo's frame: top left,
      (SIMD2(138.8, 202), SIMD2(166.4, 271.4)),  // bottom left,
      (SIMD2(279.3, 202.7), SIMD2(243.2, 282.8)),  // bottom right
    ]
    for (box, scene) in landmarks { #expect(length(mapped(matrix, box) - scene) < 4, "\(box)") }
    for corner: SIMD2<Double> in [SIMD2(0, 0), SIMD2(323, 0), SIMD2(0, 222), SIMD2(323, 222)] {
      let point = mapped(matrix, corner)
      #expect(point.x >= 0 && point.x <= 511 && point.y >= 0 && point.y <= 383)
    }
  }

  /// The nine numbers of a matrix in one of OpenCV's XML files.
  private func storedMatrix(_ path: String) throws -> [[Double]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let start = try #require(text.range(of: "<data>")?.upperBound)
    let end = try #require(text.range(of: "</data>")?.lowerBound)
    let numbers = text[start..<end].split { $0.isWhitespace }.compactMap { Double($0) }
    try #require(numbers.count == 9)
    return [0, 3, 6].map { Array(numbers[$0..<$0 + 3]) }
  }

  /// Sampson's first-order distance of a match from the epipolar constraint, pixels.
  private func sampsonError(_ matrix: [[Double]], _ point0: SIMD2<Double>, _ point1: SIMD2<Double>) -> Double
  {
    let (x0, x1) = ([point0.x, point0.y, 1], [point1.x, point1.y, 1])
    let line1 = (0..<3).map { row in (0..<3).reduce(0) { $0 + matrix[row][$1] * x0[$1] } }
    let line0 = (0..<3).map { column in (0..<3).reduce(0) { $0 + matrix[$1][column] * x1[$1] } }
    let product = (0..<3).reduce(0) { $0 + x1[$1] * line1[$1] }
    let slopes = line1[0] * line1[0] + line1[1] * line1[1] + line0[0] * line0[0] + line0[1] * line0[1]
    return abs(product) / slopes.squareRoot()
  }
}
