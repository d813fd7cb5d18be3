// The CSV byte by byte.

import Geometry
import Testing

@testable import Export

@Suite struct CorrespondenceCSVTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func rowsAreWrittenInOrder() {
    let correspondences = Correspondences(
      points0: [SIMD2(12.5, 7.25), SIMD2(-0.4996, -0.0)],
      points1: [SIMD2(123456.7891, 0.0005), SIMD2(-0.0004, 639.9999)],
      scores: [0.987654321, 1])
    #expect(
      text(CorrespondenceCSV.encode(correspondences, inliers: [true, false])) == """
        x0,y0,x1,y1,score,inlier
        12.500,7.250,123456.789,0.001,0.987654,1
        -0.500,0.000,0.000,640.000,1.000000,0

        """)
  }

  @Test func precisionsFollow() {
    func precision(_ source: PointPrecision.Source, _ covariance: PointCovariance) -> PointPrecision {
      PointPrecision(covariance: covariance, source: source, map: .identity)
    }
    var matches = Correspondences()
    matches.append(
      SIMD2(1, 2), SIMD2(3, 4), score: 0.5,
      precision: precision(.refined, PointCovariance(xx: 0.0025, xy: -0.0001, yy: 0.01)))
    matches.append(
      SIMD2(5, 6), SIMD2(7, 8), score: 0.25, precision: precision(.network, PointCovariance(deviation: 1.5)))
    #expect(
      text(CorrespondenceCSV.encode(matches, inliers: [true, false])) == """
        x0,y0,x1,y1,score,inlier,sxx,sxy,syy,precision
        1.000,2.000,3.000,4.000,0.500000,1,0.002500,-0.000100,0.010000,refined
        5.000,6.000,7.000,8.000,0.250000,0,2.250000,0.000000,2.250000,network

        """)
  }

  @Test func noMatchesIsOnlyTheHeader() {
    #expect(text(CorrespondenceCSV.encode(Correspondences(), inliers: [])) == "x0,y0,x1,y1,score,inlier\n")
  }

  @Test func everyOneOfManyRowsIsWritten() {
    let count = 100_000
    let points = (0..<count).map { SIMD2(Double($0) * 0.0137, 4000 - Double($0) * 0.031) }
    let correspondences = Correspondences(
      points0: points, points1: points, scores: points.map { $0.x / 2000 })
    let bytes = CorrespondenceCSV.encode(correspondences, inliers: (0..<count).map { $0 % 3 == 0 })
    #expect(bytes.count { $0 == UInt8(ascii: "\n") } == count + 1)
    let last = String(decoding: bytes, as: UTF8.self).split(separator: "\n").last
    #expect(last == "1369.986,900.031,1369.986,900.031,0.684993,1")
  }
}
