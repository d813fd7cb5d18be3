// OpenCV 4.6's robust estimators. MAGSAC++ is the default: its result depends least on the threshold.

/// Raw values are the names on the command line.
package enum Estimator: String, CaseIterable, Codable, Sendable {
  /// OpenCV's classic RANSAC.
  case ransac
  /// Least median of squares: needs a majority of inliers, uses no threshold.
  case lmeds
  /// USAC with MSAC scores and local optimisation.
  case usacDefault = "usac-default"
  /// USAC with fewer local iterations.
  case usacFast = "usac-fast"
  /// USAC with graph-cut local optimisation.
  case usacAccurate = "usac-accurate"
  /// PROSAC: samples the matches of highest score first.
  case prosac
  case magsac
}
