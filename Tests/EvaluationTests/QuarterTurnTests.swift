// Turned photos: pixels, points, cameras and motion must all turn in one way, the way of SuperGlue's pair files.

import Geometry
import Imaging
import Testing

@testable import Evaluation

@Suite struct QuarterTurnTests {
  /// 3 columns, 2 rows.
  private let image = GrayImage(width: 3, height: 2, pixels: .bits8([1, 2, 3, 4, 5, 6]))

  @Test func oneTurnIsCounterClockwise() {
    let turned = QuarterTurns(1).turned(image)
    #expect(turned.width == 2 && turned.height == 3)
    // The last column comes first.
    #expect(turned.pixels == .bits8([3, 6, 2, 5, 1, 4]))
    // SuperGlue's K for one turn: fy, fx, cy, w - 1 - cx.
    let camera = QuarterTurns(1).turned(Camera(fx: 10, fy: 20, cx: 0.5, cy: 0.75), width: 3, height: 2)
    #expect(camera == Camera(fx: 20, fy: 10, cx: 0.75, cy: 1.5))
  }

  @Test(arguments: 0...3) func pointsFollowPixels(count: Int) throws {
    let turns = QuarterTurns(count)
    let turned = turns.turned(image)
    guard case .bits8(let before) = image.pixels, case .bits8(let after) = turned.pixels else { return }
    for y in 0..<2 {
      for x in 0..<3 {
        let place = turns.turned(SIMD2(Double(x), Double(y)), width: 3, height: 2)
        #expect(after[Int(place.y) * turned.width + Int(place.x)] == before[y * 3 + x])
        let back = QuarterTurns(-count).turned(place, width: turned.width, height: turned.height)
        #expect(back == SIMD2(Double(x), Double(y)))
      }
    }
    let color = ColorImage(width: 3, height: 2, pixels: before.flatMap { [$0, 0, $0] })
    #expect(turns.turned(color).pixels == after.flatMap { [$0, 0, $0] })
  }

  @Test(arguments: [(0, 1), (1, 0), (2, 3), (3, 1)]) func motionFollowsPoints(count0: Int, count1: Int) {
    let truth = PoseTruth(
      camera0: Camera(fx: 500, fy: 510, cx: 320, cy: 200),
      camera1: Camera(fx: 600, fy: 590, cx: 300, cy: 210),
      rotation: Matrix3(SIMD3(0.6, 0, 0.8), SIMD3(0, 1, 0), SIMD3(-0.8, 0, 0.6)),
      translation: SIMD3(-1, 0.2, 0.4))
    let point = SIMD3(0.3, -0.2, 4.0)
    let moved = truth.rotation * point + truth.translation
    let (turns0, turns1) = (QuarterTurns(count0), QuarterTurns(count1))
    let turned = truth.turned(turns0, (640, 400), turns1, (600, 420))
    func project(_ camera: Camera, _ point: SIMD3<Double>) -> SIMD2<Double> {
      SIMD2(camera.fx * point.x / point.z + camera.cx, camera.fy * point.y / point.z + camera.cy)
    }
    // The turned point seen by the turned camera is the seen point, turned.
    let point0 = turns0.rotation * point
    let seen0 = project(turned.camera0, point0)
    let expected0 = turns0.turned(project(truth.camera0, point), width: 640, height: 400)
    #expect(abs(seen0.x - expected0.x) < 1e-9 && abs(seen0.y - expected0.y) < 1e-9)
    let seen1 = project(turned.camera1, turned.rotation * point0 + turned.translation)
    let expected1 = turns1.turned(project(truth.camera1, moved), width: 600, height: 420)
    #expect(abs(seen1.x - expected1.x) < 1e-9 && abs(seen1.y - expected1.y) < 1e-9)
    #expect(MatchPrecision.symmetricSquaredEpipolarError(turned, seen0, seen1) < 1e-20)
  }

  @Test func framesLeadBack() {
    let frame = PhotoFrame(
      storedWidth: 640, storedHeight: 400, turns: QuarterTurns(1), width: 480, height: 768)
    // The first stored pixel is the lower left one of the turned photo.
    let stored = frame.stored(SIMD2(-0.5 + 0.6, 767.5 - 0.6))
    #expect(abs(stored.x) < 1e-9 && abs(stored.y) < 1e-9)
  }
}
