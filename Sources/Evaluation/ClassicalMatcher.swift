import COpenCV
import Geometry
import Imaging

/// OpenCV's SIFT, ORB and AKAZE as baselines. Nearest neighbours are exact; the thread count does not change results.
///
/// Lowe, IJCV 2004 (SIFT, ratio test); Arandjelovic and Zisserman, CVPR 2012 (RootSIFT); Rublee et al., ICCV 2011
/// (ORB); Alcantarilla et al., BMVC 2013 (AKAZE). The centre of the first pixel is (0, 0): the shim removes OpenCV's
/// own offsets.
package struct ClassicalMatcher: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Difference of Gaussians, 128 floats.
    case sift
    /// Oriented FAST corners, 256 binary tests.
    case orb
    /// Hessian in a non-linear scale space, 486 binary tests.
    case akaze
  }

  package let kind: Kind
  package let options: ClassicalOptions

  private let threads: Int

  /// Uses up to `threads` threads. `options` default to `ClassicalOptions.tuned(for:)`.
  package init(_ kind: Kind, options: ClassicalOptions? = nil, threads: Int = 1) {
    self.kind = kind
    self.options = options ?? ClassicalOptions.tuned(for: kind)
    self.threads = threads
  }

  /// Scores are 1 - nearest / second-nearest descriptor distance, 0...1, descending; `seconds` stays 0. 16-bit pixels
  /// are rounded to 8 bits. A picture without keypoints gives no matches rather than an error.
  /// Throws `ImagingError.operationFailed` if options are out of range or OpenCV fails, usually for lack of memory.
  package func match(_ first: GrayImage, _ second: GrayImage) throws(ImagingError) -> Prediction {
    let capacity = max(1, options.maxKeypoints)
    let pixels0 = first.pixels8
    let pixels1 = second.pixels8
    var points0 = [SIMD2<Double>](repeating: .zero, count: capacity)
    var points1 = points0
    var scores = [Double](repeating: 0, count: capacity)
    var count = 0
    var keypoints0: Int32 = 0
    var keypoints1: Int32 = 0
    try callShim { reason, size in
      points0.withUnsafeMutableBytes { points0 in
        points1.withUnsafeMutableBytes { points1 in
          cocv_match_features(
            pixels0, Int32(clamping: first.width), Int32(clamping: first.height), pixels1,
            Int32(clamping: second.width), Int32(clamping: second.height), shimOptions,
            points0.assumingMemoryBound(to: Double.self).baseAddress,
            points1.assumingMemoryBound(to: Double.self).baseAddress, &scores, &count, &keypoints0,
            &keypoints1, reason, size)
        }
      }
    }
    return Prediction(
      correspondences: Correspondences(
        points0: Array(points0.prefix(count)), points1: Array(points1.prefix(count)),
        scores: Array(scores.prefix(count))),
      keypoints: Pair(Int(keypoints0), Int(keypoints1)), seconds: 0)
  }

  private var shimOptions: cocv_feature_options {
    let shimKind: cocv_feature_kind =
      switch kind {
      case .sift: COCV_SIFT
      case .orb: COCV_ORB
      case .akaze: COCV_AKAZE
      }
    return cocv_feature_options(
      kind: shimKind, max_keypoints: Int32(clamping: options.maxKeypoints),
      contrast_threshold: options.contrastThreshold, ratio: options.ratio, mutual: options.mutual ? 1 : 0,
      root_sift: options.rootSIFT ? 1 : 0, threads: Int32(clamping: threads))
  }

  private func callShim(
    _ body: (_ reason: UnsafeMutablePointer<CChar>?, _ size: Int) -> cocv_status
  ) throws(ImagingError) {
    var status = COCV_OK
    let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> String in
      buffer.initialize(repeating: 0)
      status = body(buffer.baseAddress, buffer.count)
      guard status != COCV_OK, let start = buffer.baseAddress else { return "" }
      return String(cString: start)
    }
    if status != COCV_OK {
      throw .operationFailed(
        operation: "matching by \(kind.name)", reason: reason.isEmpty ? "status \(status.rawValue)" : reason)
    }
  }
}

/// How keypoints are selected and matches accepted.
package struct ClassicalOptions: Equatable, Sendable {
  /// Keypoints kept per picture, strongest first, 1...100000.
  package var maxKeypoints = 8000
  /// Weaker keypoints are dropped. SIFT: difference-of-Gaussians contrast, grey in 0...1; ORB: FAST difference in grey
  /// levels, 0...255; AKAZE: Hessian response.
  package var contrastThreshold: Double
  /// Largest ratio of nearest to second-nearest descriptor distance, above 0; 1 turns the test off.
  package var ratio: Double
  /// Whether matches must be mutual nearest neighbours.
  package var mutual = true
  /// Whether SIFT descriptors are compared as RootSIFT (L1-normalised, then square roots); other kinds ignore it.
  package var rootSIFT = true

  /// The best options of a grid search over thresholds and ratios on photos with known geometry.
  package static func tuned(for kind: ClassicalMatcher.Kind) -> ClassicalOptions {
    switch kind {
    case .sift: ClassicalOptions(contrastThreshold: 0.005, ratio: 0.85)
    case .orb: ClassicalOptions(contrastThreshold: 10, ratio: 0.9)
    case .akaze: ClassicalOptions(contrastThreshold: 0.00003, ratio: 0.85)
    }
  }
}

extension ClassicalMatcher.Kind {
  package var name: String { rawValue.uppercased() }
}

extension ClassicalMatcher: CustomStringConvertible {
  /// One line with all options, for reports.
  package var description: String {
    let (descriptor, threshold) =
      switch kind {
      case .sift: (options.rootSIFT ? "RootSIFT" : "SIFT descriptors", "contrast")
      case .orb: ("256 bits", "FAST threshold")
      case .akaze: ("MLDB of 486 bits", "response")
      }
    let ratio = options.ratio < 1 ? "ratio \(options.ratio)" : "no ratio test"
    return "\(kind.name): \(descriptor), up to \(options.maxKeypoints) keypoints, \(threshold) from "
      + "\(options.contrastThreshold), \(ratio), \(options.mutual ? "mutual" : "one way")"
  }
}

extension GrayImage {
  /// The pixels scaled to 8 bits: 65535 becomes 255.
  fileprivate var pixels8: [UInt8] {
    switch pixels {
    case .bits8(let values): values
    case .bits16(let values): values.map { UInt8((UInt32($0) + 128) / 257) }
    }
  }
}
