// How classical features are selected and matched. The values of `tuned(for:)` come from a grid over thresholds and
// ratios on photos with known geometry.

/// Options of a classical matcher.
package struct ClassicalOptions: Equatable, Sendable {
  /// The strongest keypoints in each picture that are described, 1...100000.
  package var maxKeypoints: Int
  /// Below it a keypoint is dropped. SIFT: contrast of the difference of Gaussians, grey in 0...1; ORB: difference of
  /// FAST, in grey levels of 255; AKAZE: response of the Hessian.
  package var contrastThreshold: Double
  /// Largest distance of the nearest descriptor, as a share of that of the second nearest; 0 excluded, 1: no test.
  package var ratio: Double
  /// Whether two descriptors must be each other's nearest.
  package var mutual: Bool
  /// Whether SIFT descriptors are compared as RootSIFT (square roots of their shares); the others ignore it.
  package var rootSIFT: Bool

  /// Options one by one.
  package init(
    maxKeypoints: Int = 8000, contrastThreshold: Double, ratio: Double, mutual: Bool = true,
    rootSIFT: Bool = true
  ) {
    self.maxKeypoints = maxKeypoints
    self.contrastThreshold = contrastThreshold
    self.ratio = ratio
    self.mutual = mutual
    self.rootSIFT = rootSIFT
  }

  /// The options of each kind that served best.
  package static func tuned(for kind: ClassicalMatcher.Kind) -> ClassicalOptions {
    switch kind {
    case .sift: ClassicalOptions(contrastThreshold: 0.005, ratio: 0.85)
    case .orb: ClassicalOptions(contrastThreshold: 10, ratio: 0.9)
    case .akaze: ClassicalOptions(contrastThreshold: 0.00003, ratio: 0.85)
    }
  }
}
