// The C shim itself: no exception and no bad argument gets past it.

import COpenCV
import Testing

@Suite struct ShimTests {
  /// Status and reason of a call.
  private func call(
    _ body: (_ reason: UnsafeMutablePointer<CChar>?, _ size: Int) -> cocv_status
  ) -> (status: cocv_status, reason: String) {
    var buffer = [CChar](repeating: 65, count: 300)
    let status = body(&buffer, buffer.count)
    return (status, String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  @Test func exceptionsBecomeStatuses() {
    let opencv = call { cocv_test_guard(0, $0, $1) }
    #expect(opencv.status == COCV_OPENCV_FAILURE)
    #expect(!opencv.reason.isEmpty && !opencv.reason.contains("\n"))
    #expect(call { cocv_test_guard(1, $0, $1) }.status == COCV_OUT_OF_MEMORY)
    let standard = call { cocv_test_guard(2, $0, $1) }
    #expect(standard.status == COCV_UNKNOWN_FAILURE && standard.reason == "two lines of text")
    #expect(call { cocv_test_guard(3, $0, $1) }.status == COCV_UNKNOWN_FAILURE)
    #expect(call { cocv_test_guard(4, $0, $1) }.status == COCV_OUT_OF_MEMORY)
    #expect(cocv_test_guard(0, nil, 0) == COCV_OPENCV_FAILURE)
  }

  @Test func reasonsFitTheirBuffer() {
    var buffer = [CChar](repeating: 65, count: 8)
    #expect(cocv_test_guard(2, &buffer, 5) == COCV_UNKNOWN_FAILURE)
    #expect(buffer.map { UInt8(bitPattern: $0) } == Array("two\u{0}AAAA".utf8) || buffer[4] == 0)
    #expect(buffer[5...] == [65, 65, 65])
  }

  private let options = cocv_robust_options(
    estimator: COCV_USAC_MAGSAC, threshold: 1, confidence: 0.99, max_iterations: 100, seed: 0)

  @Test func nullAndZeroAreRefused() {
    let camera = cocv_camera(fx: 1, fy: 1, cx: 0, cy: 0)
    var inFront: Int32 = 0
    let points = [Double](repeating: 0, count: 20)
    var matrix = [Double](repeating: 0, count: 9)
    var mask = [UInt8](repeating: 0, count: 10)
    var direction = [Double](repeating: 0, count: 3)
    let info = cocv_image_info(width: 0, height: -1, channels: 1, bytes_per_value: 1)
    let statuses = [
      cocv_find_homography(nil, nil, 10, options, &matrix, &mask, nil, 0),
      cocv_find_homography(points, points, 10, options, nil, nil, nil, 0),
      cocv_find_homography(points, points, 0, options, &matrix, &mask, nil, 0),
      cocv_find_fundamental(nil, nil, 0, options, nil, nil, nil, 0),
      cocv_find_fundamental(points, nil, 10, options, &matrix, &mask, nil, 0),
      cocv_find_fundamental(points, points, .max, options, &matrix, &mask, nil, 0),
      cocv_find_essential(nil, nil, 10, camera, camera, options, nil, nil, nil, &inFront, nil, nil, 0),
      cocv_classic_pose(nil, nil, 10, 1, 0.9, 50, nil, nil, nil, nil, nil, 0),
      cocv_classic_pose(points, points, 4, 1, 0.9, 50, &matrix, &direction, &inFront, &mask, nil, 0),
      cocv_classic_pose(points, points, 10, .nan, 0.9, 50, &matrix, &direction, &inFront, &mask, nil, 0),
      cocv_classic_pose(points, points, 10, 1, 1, 50, &matrix, &direction, &inFront, &mask, nil, 0),
      cocv_classic_pose(points, points, 10, 1, 0.9, 0, &matrix, &direction, &inFront, &mask, nil, 0),
      cocv_resize(nil, info, nil, 0, 0, nil, 0),
      cocv_draw_strokes(nil, 0, 0, nil, 0, nil, 0),
      cocv_draw_text(nil, 1, 1, nil, 0, 0, 1, 1, 0, 0, 0, nil, 0),
      cocv_text_size(nil, 1, 1, nil, nil, nil, nil, 0),
      cocv_paste(nil, 1, 1, nil, 1, 1, 0, 0, nil, 0),
    ]
    for (index, status) in statuses.enumerated() { #expect(status == COCV_INVALID_ARGUMENT, "call \(index)") }
  }

  @Test func badOptionsAreRefused() {
    let points = (0..<40).map { Double($0 * $0 % 37) }
    var matrix = [Double](repeating: 0, count: 9)
    var mask = [UInt8](repeating: 0, count: 20)
    for change: (inout cocv_robust_options) -> Void in [
      { $0.threshold = .nan }, { $0.threshold = -1 }, { $0.confidence = 1 }, { $0.max_iterations = 0 },
      { $0.estimator = cocv_estimator(rawValue: 99) },
    ] {
      var changed = options
      change(&changed)
      #expect(
        cocv_find_homography(points, points, 20, changed, &matrix, &mask, nil, 0) == COCV_INVALID_ARGUMENT)
    }
  }
}
