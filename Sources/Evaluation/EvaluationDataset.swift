import Geometry
import Imaging

package enum EvaluationTask: String, Codable, Sendable, CaseIterable {
  /// Relative pose from matches and known intrinsics; errors in degrees.
  case pose
  /// Homography from matches; errors in pixels.
  case homography

  /// AUC thresholds, degrees or pixels.
  package var thresholds: [Double] { self == .pose ? [5, 10, 20] : [3, 5, 10] }
}

package enum GroundTruth: Equatable, Sendable {
  case pose(PoseTruth)
  /// x1 ~ H x0, in pixels of the stored photos.
  case homography(Matrix3)
  /// Measures match precision only: there is nothing to estimate.
  case disparity(DisparityMap)
}

/// Intrinsics of two photos, in their pixels, and the motion X1 = R X0 + t.
package struct PoseTruth: Equatable, Sendable {
  package var camera0: Camera
  package var camera1: Camera
  package var rotation: Matrix3
  /// Only its direction is compared.
  package var translation: SIMD3<Double>
}

/// Two photos with ground truth.
package struct EvaluationPair: Equatable, Sendable {
  /// The photos' names in the dataset.
  package var image0: String
  package var image1: String
  /// The photos' files.
  package var path0: String
  package var path1: String
  /// Turns to apply to the photos before matching; the truth refers to the photos as stored.
  package var turns0 = QuarterTurns.none
  package var turns1 = QuarterTurns.none
  package var truth: GroundTruth
  /// Difficulty, if the dataset grades it.
  package var grade: String?
}

/// A pair that the dataset lists but that cannot be used. It counts as failed.
package struct BrokenPair: Equatable, Sendable {
  /// The first photo's name if known, else the file and line that lists the pair.
  package var image0: String
  /// The second photo's name; empty if unknown.
  package var image1: String
  package var error: EvaluationError
  package var grade: String?
}

/// Pairs with ground truth, in dataset order, broken ones included.
package struct EvaluationDataset: Equatable, Sendable {
  package enum Entry: Equatable, Sendable {
    case usable(EvaluationPair)
    case broken(BrokenPair)

    fileprivate var grade: String? {
      switch self {
      case .usable(let pair): pair.grade
      case .broken(let pair): pair.grade
      }
    }
  }

  /// The file or folder.
  package var name: String
  package var task: EvaluationTask
  package var entries: [Entry]
  /// What a reader of the figures should know, such as excluded sequences.
  package var remarks: [String] = []

  /// Throws `EvaluationError.noPairs` if no pair is usable.
  package init(name: String, task: EvaluationTask, entries: [Entry], remarks: [String] = [])
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

  package var pairs: [EvaluationPair] {
    entries.compactMap { if case .usable(let pair) = $0 { pair } else { nil } }
  }

  package var brokenPairs: [BrokenPair] {
    entries.compactMap { if case .broken(let pair) = $0 { pair } else { nil } }
  }

  /// Difficulties from easy to hard, then other grades in order of appearance.
  var grades: [String] {
    let all = entries.compactMap(\.grade).uniqued()
    let difficulties = ["easy", "medium", "moderate", "hard"].filter(all.contains)
    return difficulties + all.filter { !difficulties.contains($0) }
  }
}
