// Small algebra: matrices, cameras, pixel scaling, errors of matches.

import Foundation
import Testing

@testable import Geometry

@Suite struct MatrixAndScalingTests {
  private let matrix = Matrix3(SIMD3(2, -1, 0.5), SIMD3(1, 3, -2), SIMD3(0.25, 4, 1))

  private func distance(_ left: Matrix3, _ right: Matrix3) -> Double {
    zip(left.rowMajor, right.rowMajor).map { abs($0 - $1) }.max() ?? 0
  }

  @Test func productsAndInverse() throws {
    #expect(abs(matrix.determinant - 25.125) < 1e-12)
    let inverse = try #require(matrix.inverse)
    #expect(distance(matrix * inverse, .identity) < 1e-14)
    #expect(matrix * SIMD3(1, 2, 3) == SIMD3(1.5, 1, 11.25))
    #expect(matrix.transpose[0, 2] == 0.25 && matrix[2, 0] == 0.25)
    #expect((matrix * matrix.transpose)[0, 1] == -2)
    #expect(Matrix3(SIMD3(1, 2, 3), SIMD3(2, 4, 6), SIMD3(0, 1, 1)).inverse == nil)
    #expect(Matrix3.cross(SIMD3(1, 2, 3)) * SIMD3(4, 5, 6) == SIMD3(-3, 6, -3))
  }

  @Test func scaleAndSignAreFixed() {
    let scaled = (-7.0 * matrix).normalizedUpToScale
    #expect(distance(scaled, matrix.normalizedUpToScale) < 1e-15)
    #expect(abs(scaled.frobeniusNorm - 1) < 1e-15)
    #expect(scaled[2, 1] > 0)
  }

  @Test func codesAsThreeRows() throws {
    let json = try JSONEncoder().encode(matrix)
    #expect(String(decoding: json, as: UTF8.self) == "[[2,-1,0.5],[1,3,-2],[0.25,4,1]]")
    #expect(try JSONDecoder().decode(Matrix3.self, from: json) == matrix)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Matrix3.self, from: Data("[[1,2,3],[1,2],[1,2,3]]".utf8))
    }
  }

  @Test func pixelScalingGoesThereAndBack() {
    let scaling = PixelScaling(
      originalWidth: 1282, originalHeight: 1110, resizedWidth: 640, resizedHeight: 560)
    // The outer edges of the pictures coincide.
    #expect(scaling.toOriginal(SIMD2(-0.5, -0.5)) == SIMD2(-0.5, -0.5))
    let corner = scaling.toOriginal(SIMD2(639.5, 559.5))
    #expect(abs(corner.x - 1281.5) < 1e-9 && abs(corner.y - 1109.5) < 1e-9)
    for point in [SIMD2(0.0, 0.0), SIMD2(17.25, 300), SIMD2(639, 559)] {
      let back = scaling.toResized(scaling.toOriginal(point))
      #expect(abs(back.x - point.x) < 1e-10 && abs(back.y - point.y) < 1e-10)
      let mapped = scaling.matrix * point.homogeneous
      #expect(abs(mapped.x - scaling.toOriginal(point).x) < 1e-9)
    }
    #expect(PixelScaling(sx: 2, sy: 4).toOriginal([SIMD2(0, 0)]) == [SIMD2(0.5, 1.5)])
  }

  @Test func camerasScaleWithTheirPicture() {
    let camera = Camera(fx: 900, fy: 920, cx: 500, cy: 400)
    let scaling = PixelScaling(sx: 2, sy: 1.6)
    let scaled = scaling.toResized(camera)
    let point = SIMD2(123.0, 456.0)
    let there = camera.normalized(point)
    let here = scaled.normalized(scaling.toResized(point))
    #expect(abs(there.x - here.x) < 1e-12 && abs(there.y - here.y) < 1e-12)
  }

  @Test func camerasAreParsed() throws {
    #expect(try Camera(parsing: "800, 810.5,320,-2.5e1") == Camera(fx: 800, fy: 810.5, cx: 320, cy: -25))
    for text in [
      "", "1,2,3", "1,2,3,4,5", "a,2,3,4", "0,2,3,4", "1,-2,3,4", "nan,1,1,1", "inf,1,1,1", "1,,3,4",
    ] {
      #expect(throws: GeometryError.self, "\(text)") { try Camera(parsing: text) }
    }
  }

  /// A sideways motion: epipolar lines are rows, distances are differences of y.
  @Test func epipolarErrorsOfASidewaysMotion() {
    let sideways = Matrix3.cross(SIMD3(1, 0, 0))
    let (point0, point1) = (SIMD2(10.0, 20.0), SIMD2(35.0, 23.0))
    #expect(abs(EpipolarError.symmetricDistance(sideways, point0, point1) - 3) < 1e-12)
    #expect(abs(EpipolarError.sampson(sideways, point0, point1) - 3 / 2.0.squareRoot()) < 1e-12)
    let scaled = 5.0 * sideways
    #expect(abs(EpipolarError.sampson(scaled, point0, point1) - 3 / 2.0.squareRoot()) < 1e-12)
    let truth = SyntheticScene.space(noise: 0, outliers: 0)
    for index in 0..<20 {
      let error = EpipolarError.sampson(
        SyntheticScene.fundamental, truth.points0[index], truth.points1[index])
      #expect(error < 1e-9)
    }
  }

  @Test func reprojectionErrors() {
    let double = Matrix3(SIMD3(2, 0, 0), SIMD3(0, 2, 0), SIMD3(0, 0, 1))
    #expect(ReprojectionError.forward(double, SIMD2(1, 2), SIMD2(5, 8)) == 5)
    let symmetric = ReprojectionError.symmetric(double, SIMD2(1, 2), SIMD2(5, 8))
    #expect(abs(symmetric - ((25 + 6.25) / 2.0).squareRoot()) < 1e-12)
    let flat = Matrix3(SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 0))
    #expect(ReprojectionError.symmetric(flat, SIMD2(1, 2), SIMD2(5, 8)) == .infinity)
  }
}
