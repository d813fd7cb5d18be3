// The CSV byte by byte, and against printf on many values.

import Foundation
import Geometry
import Testing
import TestSupport

@testable import Export

@Suite struct CorrespondenceCSVTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func decimal(_ value: Double, _ decimals: Int) -> String {
    var text = DecimalText()
    text.append(value, decimals: decimals)
    return self.text(text.bytes)
  }

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

  @Test func noMatchesIsOnlyTheHeader() {
    #expect(text(CorrespondenceCSV.encode(Correspondences(), inliers: [])) == "x0,y0,x1,y1,score,inlier\n")
  }

  @Test func edgesOfNumbers() {
    #expect(decimal(-0.0, 3) == "0.000")
    #expect(decimal(0.0005, 3) == "0.001")
    #expect(decimal(-0.0005, 3) == "-0.001")
    #expect(decimal(0.00049, 3) == "0.000")
    #expect(decimal(9.9995, 3) == "10.000")
    #expect(decimal(999_999.9996, 3) == "1000000.000")
    #expect(decimal(8e15, 3) == "8000000000000000.000")
    #expect(decimal(7, 0) == "7")
    #expect(decimal(0.000001, 6) == "0.000001")
    #expect(Double(decimal(-1e300, 3)) == -1e300)
    #expect(decimal(.infinity, 3) == "inf")
    #expect(decimal(-.infinity, 3) == "-inf")
    #expect(decimal(.nan, 3) == "nan")
  }

  @Test func agreesWithPrintfOnManyValues() {
    var generator = SeededGenerator(1)
    for exponent in -4...7 {
      for _ in 0..<500 {
        let value = Double.random(in: -1...1, using: &generator) * pow(10, Double(exponent))
        // Halves are rounded differently; a random value is one as good as never. printf keeps the sign of 0.
        let expected = String(format: "%.3f", value)
        #expect(decimal(value, 3) == (expected == "-0.000" ? "0.000" : expected))
      }
    }
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
