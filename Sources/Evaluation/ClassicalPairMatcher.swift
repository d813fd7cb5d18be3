// The matchers of OpenCV as matchers to evaluate.

import Pipeline

/// A classical matcher at a stated size of photos.
public struct ClassicalPairMatcher: PairMatcher {
  /// Names on the command line.
  public static let names: [String] = []
  /// See `PairMatcher`.
  public let name: String
  /// See `PairMatcher`.
  public let description: String
  /// See `PairMatcher`.
  public let identity: String
  /// See `PairMatcher`.
  public let maxSize: Int

  /// A matcher by the name of its features; nil for an unknown one.
  public init?(name: String, kind: String, maxSize: Int) { return nil }

  /// See `PairMatcher`.
  public func match(_ photo0: Photo, _ photo1: Photo) throws -> Prediction {
    Prediction(points0: [], points1: [], scores: [], keypoints0: 0, keypoints1: 0, seconds: 0)
  }
}
