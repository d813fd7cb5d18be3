// Choices of the least-squares matcher. The defaults were measured on real pairs (stereo, planes) and rendered ones.

/// How windows are aligned, and which results are trusted.
package struct RefinementSettings: Equatable, Sendable {
  /// The window is 2 * radius + 1 pixels wide, of the photo that shows the place more coarsely; 3...15.
  package var radius = 7
  /// Deviation of the window's Gaussian weight, pixels.
  package var deviation: Double { Double(radius) / 1.4 }
  /// Most steps at the finest level. Windows that need more are mostly wrong.
  package var steps = 10
  /// Most steps at a coarser level.
  package var coarseSteps = 6
  /// A last step below this has converged, pixels of the level.
  package var converged = 0.02
  /// Smoothing of both windows, pixels (deviation).
  package var smoothing = 0.5
  /// Least correlation coefficient of the two windows.
  package var leastCorrelation = 0.6
  /// The same where no neighbours vouch for a match.
  package var leastLonelyCorrelation = 0.8
  /// Farthest move, network pixels.
  package var farthestMove = 2.5
  /// Greatest distance (of all elements) of the window's map from the neighbours', relative to that.
  package var greatestChange = 0.4
  /// Residuals of neighbouring pixels go together (the lens, the smoothing, JPEG), so that a window holds fewer
  /// independent ones than pixels: the factor of the variance, the one number that is fitted to measured errors.
  package var correlatedNoise = 6.0
  /// A window whose map differs by so much from its neighbours' has twice the variance: it spans other surfaces, too.
  package var changeOfTwofoldVariance = 0.1
  /// Deviation of a window's map from its neighbours', pixels at the window's edge; 0: any map.
  package var give = 0.25
  /// What no window sees (lens, sampling), deviation in pixels of the level.
  package var leastDeviation = 0.03
  /// Deviation of the network's own points on either axis, network pixels: of right matches that are not accepted.
  package var networkDeviation = 1.1

  /// Share of the neighbours that have to agree about the map.
  package var supportShare = 5.0 / 16

  package init() {}
}
