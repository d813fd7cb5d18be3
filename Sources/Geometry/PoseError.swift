// The error of an estimated pose: the two angles of the protocol of SuperGlue and LoFTR.

/// Angles in degrees; infinite without a pose.
package struct PoseError: Codable, Equatable, Sendable {
  /// Angle of the relative rotation, 0...180.
  package let rotation: Double
  /// Angle between the translations, 0...90: min(e, 180 - e), as the protocol ignores the sign.
  package let translation: Double

  package var degrees: Double { max(rotation, translation) }

  package static let noPose = PoseError(rotation: .infinity, translation: .infinity)

  /// The lengths of the translations do not matter. If the true one is 0, only the rotation counts. An estimate that is
  /// not finite, or has no direction where the truth has one, counts as no pose.
  package init(
    rotation: Matrix3, translation: SIMD3<Double>, trueRotation: Matrix3, trueTranslation: SIMD3<Double>
  ) {
    let turn = rotation.transpose * trueRotation
    let cosine = (turn[0, 0] + turn[1, 1] + turn[2, 2] - 1) / 2
    let lengths =
      dot(translation, translation).squareRoot() * dot(trueTranslation, trueTranslation).squareRoot()
    let isDirected = dot(trueTranslation, trueTranslation) > 0
    guard cosine.isFinite && lengths.isFinite && (!isDirected || lengths > 0) else {
      self = .noPose
      return
    }
    let angle =
      isDirected ? Geometry.degrees(ofCosine: dot(translation, trueTranslation) / lengths) : 0
    self.init(rotation: Geometry.degrees(ofCosine: cosine), translation: min(angle, 180 - angle))
  }

  package init(rotation: Double, translation: Double) {
    self.rotation = rotation
    self.translation = translation
  }
}

extension PoseError {
  package init(of pose: RelativePose?, trueRotation: Matrix3, trueTranslation: SIMD3<Double>) {
    guard let pose else {
      self = .noPose
      return
    }
    self.init(
      rotation: pose.rotation, translation: pose.translation, trueRotation: trueRotation,
      trueTranslation: trueTranslation)
  }
}
