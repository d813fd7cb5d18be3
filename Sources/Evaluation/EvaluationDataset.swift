// Pairs of photos with ground truth, as any of the field's layouts gives them. A pair that is broken stays in the
// set: it counts as failed, and its reason names file and line.

import Geometry
import Imaging

/// What is known of a pair.
public enum GroundTruth: Equatable, Sendable {
  /// Cameras and the motion between them.
  case pose(PoseTruth)
  /// x1 ~ H x0, pixels of the photos as stored.
  case homography(Matrix3)
  /// For each pixel of the first photo, how far left its partner is: measures matches, but has no estimate.
  case disparity(DisparityMap)
}

/// Cameras of two photos and the motion X1 = R X0 + t.
public struct PoseTruth: Equatable, Sendable {
  /// Camera of the first photo, its pixels.
  public var camera0: Camera
  /// Camera of the second photo.
  public var camera1: Camera
  /// R.
  public var rotation: Matrix3
  /// t; only its direction is compared.
  public var translation: SIMD3<Double>

  /// A truth from its parts.
  public init(camera0: Camera, camera1: Camera, rotation: Matrix3, translation: SIMD3<Double>) {
    self.camera0 = camera0
    self.camera1 = camera1
    self.rotation = rotation
    self.translation = translation
  }
}

/// Two photos and what is known of them.
public struct EvaluationPair: Equatable, Sendable {
  /// The first photo as the dataset names it.
  public var image0: String
  /// The second photo, likewise.
  public var image1: String
  /// Where the first photo is.
  public var path0: String
  /// Where the second photo is.
  public var path1: String
  /// Turns to apply to the first photo before matching; the truth is that of the photos as stored.
  public var turns0 = QuarterTurns.none
  /// Turns to apply to the second photo.
  public var turns1 = QuarterTurns.none
  /// What is known.
  public var truth: GroundTruth
  /// Grade of difficulty, where the dataset has grades.
  public var grade: String?

  /// A pair of photos that are upright as stored.
  public init(
    image0: String, image1: String, path0: String, path1: String, truth: GroundTruth, grade: String? = nil
  ) {
    self.image0 = image0
    self.image1 = image1
    self.path0 = path0
    self.path1 = path1
    self.truth = truth
    self.grade = grade
  }
}

/// A pair that the dataset lists but that cannot be used.
public struct BrokenPair: Equatable, Sendable {
  /// The first photo as far as it is known, else the place in the dataset.
  public var image0: String
  /// The second photo, or nothing.
  public var image1: String
  /// What is wrong, with file and line.
  public var error: EvaluationError
  /// Grade of difficulty, where it is known.
  public var grade: String?

  /// A broken pair from its parts.
  public init(image0: String, image1: String, error: EvaluationError, grade: String? = nil) {
    self.image0 = image0
    self.image1 = image1
    self.error = error
    self.grade = grade
  }
}

/// A set of pairs in the order of the dataset.
public struct EvaluationDataset: Equatable, Sendable {
  /// One pair.
  public enum Entry: Equatable, Sendable {
    /// A pair to evaluate.
    case usable(EvaluationPair)
    /// A pair that counts as failed.
    case broken(BrokenPair)
  }

  /// The file or folder.
  public var name: String
  /// What is estimated.
  public var task: EvaluationTask
  /// The pairs.
  public var entries: [Entry]
  /// What a reader of the figures should know, as in sequences left out.
  public var remarks: [String] = []

  /// A dataset from its parts.
  ///
  /// - Throws: `EvaluationError.noPairs` where no pair is usable.
  public init(name: String, task: EvaluationTask, entries: [Entry], remarks: [String] = [])
    throws(EvaluationError)
  {
    self.name = name
    self.task = task
    self.entries = entries
    self.remarks = remarks
    if pairs.isEmpty {
      throw .noPairs(path: name, reason: brokenPairs.first.map { "\($0.error)" } ?? "it is empty")
    }
  }

  /// The usable pairs.
  public var pairs: [EvaluationPair] {
    entries.compactMap { if case .usable(let pair) = $0 { pair } else { nil } }
  }

  /// The others.
  public var brokenPairs: [BrokenPair] {
    entries.compactMap { if case .broken(let pair) = $0 { pair } else { nil } }
  }
}
