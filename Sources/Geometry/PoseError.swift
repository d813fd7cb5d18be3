// How far an estimated pose is from the truth: the two angles of the field's recipe (docs of SuperGlue and LoFTR).

/// Angles between an estimated and a true pose, degrees. No pose is infinitely far away.
package struct PoseError: Codable, Equatable, Sendable {
  /// The angle of the turn between both rotations, 0...180.
  package let rotation: Double
  /// The angle between both directions of translation, 0...90: min(e, 180 - e), as the recipe ignores the sign.
  package let translation: Double

  /// The pose error: the larger of the two angles.
  package var degrees: Double { max(rotation, translation) }

  /// The error of a pair without a pose.
  package static let noPose = PoseError(rotation: .infinity, translation: .infinity)

  /// Compares a pose with the truth; the length of neither translation matters.
  ///
  /// A true translation of length 0 has no direction: then only the rotation counts. An estimate that is not finite,
  /// or that has no direction where the truth has one, counts as no pose.
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
  /// The error of an estimated pose; `noPose` for nil.
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
