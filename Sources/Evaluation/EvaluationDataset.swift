// Pairs of photos with ground truth, as any of the field's layouts gives them. A pair that is broken stays in the
// set: it counts as failed, and its reason names file and line.

import Geometry
import Imaging

/// What is estimated for each pair.
package enum EvaluationTask: String, Codable, Sendable, CaseIterable {
  /// Relative pose from matches and known cameras; errors in degrees.
  case pose
  /// Homography from matches; errors in pixels.
  case homography

  /// Thresholds of the area under the cumulative error curve: degrees or pixels.
  package var thresholds: [Double] { self == .pose ? [5, 10, 20] : [3, 5, 10] }
}

/// What is known of a pair.
package enum GroundTruth: Equatable, Sendable {
  /// Cameras and the motion between them.
  case pose(PoseTruth)
  /// x1 ~ H x0, pixels of the photos as stored.
  case homography(Matrix3)
  /// For each pixel of the first photo, how far left its partner is: measures matches, but has no estimate.
  case disparity(DisparityMap)
}

/// Cameras of two photos and the motion X1 = R X0 + t.
package struct PoseTruth: Equatable, Sendable {
  /// Camera of the first photo, its pixels.
  package var camera0: Camera
  /// Camera of the second photo.
  package var camera1: Camera
  /// R.
  package var rotation: Matrix3
  /// t; only its direction is compared.
  package var translation: SIMD3<Double>
}

/// Two photos and what is known of them.
package struct EvaluationPair: Equatable, Sendable {
  /// The first photo as the dataset names it.
  package var image0: String
  /// The second photo, likewise.
  package var image1: String
  /// Where the first photo is.
  package var path0: String
  /// Where the second photo is.
  package var path1: String
  /// Turns to apply to the first photo before matching; the truth is that of the photos as stored.
  package var turns0 = QuarterTurns.none
  /// Turns to apply to the second photo.
  package var turns1 = QuarterTurns.none
  /// What is known.
  package var truth: GroundTruth
  /// Grade of difficulty, where the dataset has grades.
  package var grade: String?
}

/// A pair that the dataset lists but that cannot be used.
package struct BrokenPair: Equatable, Sendable {
  /// The first photo as far as it is known, else the place in the dataset.
  package var image0: String
  /// The second photo, or nothing.
  package var image1: String
  /// What is wrong, with file and line.
  package var error: EvaluationError
  /// Grade of difficulty, where it is known.
  package var grade: String?
}

/// A set of pairs in the order of the dataset.
package struct EvaluationDataset: Equatable, Sendable {
  /// One pair.
  package enum Entry: Equatable, Sendable {
    /// A pair to evaluate.
    case usable(EvaluationPair)
    /// A pair that counts as failed.
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
  /// What is estimated.
  package var task: EvaluationTask
  /// The pairs.
  package var entries: [Entry]
  /// What a reader of the figures should know, as in sequences left out.
  package var remarks: [String] = []

  /// A dataset from its parts. Throws `EvaluationError.noPairs` where no pair is usable.
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

  /// The usable pairs.
  package var pairs: [EvaluationPair] {
    entries.compactMap { if case .usable(let pair) = $0 { pair } else { nil } }
  }

  /// The others.
  package var brokenPairs: [BrokenPair] {
    entries.compactMap { if case .broken(let pair) = $0 { pair } else { nil } }
  }

  /// The grades in order of appearance, those of difficulty from easy to hard.
  var grades: [String] {
    let all = entries.compactMap(\.grade).uniqued()
    let difficulties = ["easy", "medium", "moderate", "hard"].filter(all.contains)
    return difficulties + all.filter { !difficulties.contains($0) }
  }
}
