// Robust two-view estimation through OpenCV's calib3d.
// The USAC family goes through the UsacParams overloads, because only those honour seed, iteration limit and
// confidence together; it runs on one thread, so that the result is the same for any number of them.
// Error that the threshold (pixels) bounds: homography, distance in image 1; USAC fundamental, Sampson distance;
// USAC essential, symmetric geometric distance; classic fundamental, distance to the epipolar lines; classic
// essential, Sampson distance in normalised coordinates, for which the threshold is divided by the mean focal length.

#include <cmath>
#include <vector>

#include <opencv2/calib3d.hpp>

#include "guard.hpp"

namespace {

bool is_usac(cocv_estimator estimator) {
  return estimator != COCV_RANSAC && estimator != COCV_LMEDS;
}

int classic_method(cocv_estimator estimator) {
  return estimator == COCV_LMEDS ? static_cast<int>(cv::LMEDS) : static_cast<int>(cv::RANSAC);
}

void check_options(const cocv_robust_options &options) {
  cocv::require(
      options.estimator >= COCV_RANSAC && options.estimator <= COCV_USAC_MAGSAC, "unknown estimator");
  cocv::require(
      std::isfinite(options.threshold) && options.threshold > 0, "the threshold must be positive and finite");
  cocv::require(options.confidence > 0 && options.confidence < 1, "the confidence lies between 0 and 1");
  cocv::require(options.max_iterations >= 1, "at least one iteration is needed");
}

/// A copy of the points as OpenCV wants them: N x 1, two channels of double.
cv::Mat copy_points(const double *points, size_t count) {
  cocv::require(points != nullptr, "points must not be null");
  cocv::require(count <= (size_t{1} << 24), "more than 2^24 points");
  for (size_t index = 0; index < 2 * count; ++index) {
    cocv::require(std::isfinite(points[index]), "a coordinate is not finite");
  }
  return cv::Mat(static_cast<int>(count), 1, CV_64FC2, const_cast<double *>(points)).clone();
}

/// The settings that OpenCV 4.6 itself uses behind its USAC_... flags, as far as UsacParams can express them.
/// `large_sample`: homographies refine on larger samples in MAGSAC++.
cv::UsacParams usac_parameters(const cocv_robust_options &options, bool large_sample) {
  cv::UsacParams parameters;
  parameters.confidence = options.confidence;
  parameters.maxIterations = options.max_iterations;
  parameters.threshold = options.threshold;
  parameters.randomGeneratorState = options.seed;
  parameters.isParallel = false;
  parameters.sampler = cv::SAMPLING_UNIFORM;
  parameters.score = cv::SCORE_METHOD_MSAC;
  parameters.neighborsSearch = cv::NEIGH_GRID;
  switch (options.estimator) {
    case COCV_USAC_FAST:
      parameters.loMethod = cv::LOCAL_OPTIM_INNER_AND_ITER_LO;
      parameters.loIterations = 5;
      break;
    case COCV_USAC_ACCURATE:
      parameters.loMethod = cv::LOCAL_OPTIM_GC;
      parameters.loSampleSize = 20;
      parameters.loIterations = 25;
      break;
    case COCV_USAC_PROSAC:
      parameters.sampler = cv::SAMPLING_PROSAC;
      parameters.loMethod = cv::LOCAL_OPTIM_INNER_LO;
      break;
    case COCV_USAC_MAGSAC:
      parameters.score = cv::SCORE_METHOD_MAGSAC;
      parameters.loMethod = cv::LOCAL_OPTIM_SIGMA;
      parameters.loSampleSize = large_sample ? 75 : 50;
      parameters.loIterations = large_sample ? 15 : 10;
      break;
    default:
      parameters.loMethod = cv::LOCAL_OPTIM_INNER_AND_ITER_LO;
      parameters.loSampleSize = 16;
      parameters.loIterations = 15;
      break;
  }
  return parameters;
}

/// Refuses what is no finite 3x3 matrix: USAC answers failure with an empty one, OpenCV with zeros at times.
void check_model(const cv::Mat &model) {
  bool usable = model.rows == 3 && model.cols == 3 && model.type() == CV_64F;
  usable = usable && cv::checkRange(model) && cv::norm(model) > 0;
  if (!usable) throw cocv::Failure{COCV_NO_MODEL, "no model fits enough of the matches"};
}

void write_matrix(const cv::Mat &matrix, double *output) {
  for (int row = 0; row < matrix.rows; ++row) {
    for (int column = 0; column < matrix.cols; ++column) *output++ = matrix.at<double>(row, column);
  }
}

void write_mask(const cv::Mat &mask, uint8_t *output, size_t count) {
  if (mask.total() != count || mask.type() != CV_8U || !mask.isContinuous()) {
    throw cocv::Failure{COCV_NO_MODEL, "the estimator returned no inlier mask"};
  }
  for (size_t index = 0; index < count; ++index) output[index] = mask.data[index] != 0 ? 1 : 0;
}

cv::Mat camera_matrix(const cocv_camera &camera) {
  cocv::require(
      std::isfinite(camera.fx) && std::isfinite(camera.fy) && camera.fx > 0 && camera.fy > 0 &&
          std::isfinite(camera.cx) && std::isfinite(camera.cy),
      "a camera's focal lengths must be positive and its values finite");
  return (cv::Mat_<double>(3, 3) << camera.fx, 0, camera.cx, 0, camera.fy, camera.cy, 0, 0, 1);
}

/// K^-1 x for every point.
cv::Mat normalized(const cv::Mat &points, const cocv_camera &camera) {
  cv::Mat result = points.clone();
  for (int index = 0; index < result.rows; ++index) {
    auto &point = result.at<cv::Vec2d>(index);
    point = cv::Vec2d((point[0] - camera.cx) / camera.fx, (point[1] - camera.cy) / camera.fy);
  }
  return result;
}

struct Pose {
  cv::Mat essential, rotation, translation;
  int in_front = -1;
};

/// The best pose over all candidate essential matrices (one below the other, 3 rows each).
Pose best_pose(const cv::Mat &candidates, const cv::Mat &y0, const cv::Mat &y1, const cv::Mat &inliers) {
  // recoverPose leaves out points farther than this many baselines; no point is too far here.
  constexpr double unlimited = 1e9;
  Pose best;
  for (int row = 0; row + 3 <= candidates.rows; row += 3) {
    Pose pose;
    pose.essential = candidates.rowRange(row, row + 3).clone();
    cv::Mat mask = inliers.clone();
    pose.in_front = cv::recoverPose(
        pose.essential, y0, y1, cv::Mat::eye(3, 3, CV_64F), pose.rotation, pose.translation, unlimited, mask);
    if (pose.in_front > best.in_front) best = pose;
  }
  return best;
}

}  // namespace

cocv_status cocv_find_homography(
    const double *points0, const double *points1, size_t count, cocv_robust_options options, double *matrix,
    uint8_t *mask, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(matrix && mask, "matrix and mask must not be null");
    cocv::require(count >= 4, "a homography needs at least 4 points");
    check_options(options);
    const cv::Mat x0 = copy_points(points0, count), x1 = copy_points(points1, count);
    cv::Mat inliers, model;
    if (is_usac(options.estimator)) {
      model = cv::findHomography(x0, x1, inliers, usac_parameters(options, true));
    } else {
      model = cv::findHomography(
          x0, x1, classic_method(options.estimator), options.threshold, inliers, options.max_iterations,
          options.confidence);
    }
    check_model(model);
    write_mask(inliers, mask, count);
    write_matrix(model, matrix);
    return COCV_OK;
  });
}

cocv_status cocv_find_fundamental(
    const double *points0, const double *points1, size_t count, cocv_robust_options options, double *matrix,
    uint8_t *mask, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(matrix && mask, "matrix and mask must not be null");
    cocv::require(count >= 8, "a fundamental matrix needs at least 8 points");
    check_options(options);
    const cv::Mat x0 = copy_points(points0, count), x1 = copy_points(points1, count);
    cv::Mat inliers, model;
    if (is_usac(options.estimator)) {
      model = cv::findFundamentalMat(x0, x1, inliers, usac_parameters(options, false));
    } else {
      model = cv::findFundamentalMat(
          x0, x1, classic_method(options.estimator), options.threshold, options.confidence, options.max_iterations,
          inliers);
    }
    check_model(model);
    write_mask(inliers, mask, count);
    write_matrix(model, matrix);
    return COCV_OK;
  });
}

cocv_status cocv_find_essential(
    const double *points0, const double *points1, size_t count, cocv_camera camera0, cocv_camera camera1,
    cocv_robust_options options, double *matrix, double *rotation, double *translation, int32_t *in_front,
    uint8_t *mask, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(matrix && rotation && translation && in_front && mask, "outputs must not be null");
    cocv::require(count >= 6, "an essential matrix needs at least 6 points");
    check_options(options);
    const cv::Mat x0 = copy_points(points0, count), x1 = copy_points(points1, count);
    const cv::Mat k0 = camera_matrix(camera0), k1 = camera_matrix(camera1);
    const cv::Mat y0 = normalized(x0, camera0), y1 = normalized(x1, camera1);
    cv::Mat inliers, candidates;
    if (is_usac(options.estimator)) {
      candidates = cv::findEssentialMat(
          x0, x1, k0, k1, cv::noArray(), cv::noArray(), inliers, usac_parameters(options, false));
    } else {
      const double focal = (camera0.fx + camera0.fy + camera1.fx + camera1.fy) / 4;
      candidates = cv::findEssentialMat(
          y0, y1, 1.0, cv::Point2d(0, 0), classic_method(options.estimator), options.confidence,
          options.threshold / focal, options.max_iterations, inliers);
    }
    if (candidates.rows < 3 || candidates.cols != 3) {
      throw cocv::Failure{COCV_NO_MODEL, "no model fits enough of the matches"};
    }
    if (inliers.total() != count) throw cocv::Failure{COCV_NO_MODEL, "the estimator returned no inlier mask"};
    if (inliers.rows != static_cast<int>(count)) inliers = inliers.reshape(1, static_cast<int>(count));
    if (cv::countNonZero(inliers) == 0) throw cocv::Failure{COCV_NO_MODEL, "no match is an inlier"};
    const Pose pose = best_pose(candidates, y0, y1, inliers);
    check_model(pose.essential);
    check_model(pose.rotation);
    write_mask(inliers, mask, count);
    write_matrix(pose.essential, matrix);
    write_matrix(pose.rotation, rotation);
    write_matrix(pose.translation, translation);
    *in_front = pose.in_front;
    return COCV_OK;
  });
}

cocv_status cocv_classic_pose(
    const double *points0, const double *points1, size_t count, double threshold, double confidence,
    double max_distance, double *rotation, double *translation, int32_t *inliers, uint8_t *mask, char *reason,
    size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(rotation && translation && inliers && mask, "outputs must not be null");
    cocv::require(count >= 5, "an essential matrix needs at least 5 points");
    cocv::require(std::isfinite(threshold) && threshold > 0, "the threshold must be positive and finite");
    cocv::require(confidence > 0 && confidence < 1, "the confidence lies between 0 and 1");
    cocv::require(max_distance > 0, "the largest distance must be positive");
    const cv::Mat y0 = copy_points(points0, count), y1 = copy_points(points1, count);
    const cv::Mat identity = cv::Mat::eye(3, 3, CV_64F);
    cv::Mat agreeing;
    const cv::Mat candidates = cv::findEssentialMat(y0, y1, identity, cv::RANSAC, confidence, threshold, agreeing);
    if (candidates.rows < 3 || candidates.cols != 3) {
      throw cocv::Failure{COCV_NO_MODEL, "no model fits enough of the matches"};
    }
    int best = 0;
    for (int row = 0; row + 3 <= candidates.rows; row += 3) {
      cv::Mat turn, direction;
      // The mask is handed on from matrix to matrix as the recipe does: recoverPose takes out what it puts behind a
      // camera, so that a later matrix starts with fewer.
      const int found = cv::recoverPose(
          candidates.rowRange(row, row + 3), y0, y1, identity, turn, direction, max_distance, agreeing);
      if (found <= best) continue;
      best = found;
      check_model(turn);
      write_mask(agreeing, mask, count);
      write_matrix(turn, rotation);
      write_matrix(direction, translation);
    }
    if (best == 0) throw cocv::Failure{COCV_NO_MODEL, "no match lies in front of both cameras"};
    *inliers = best;
    return COCV_OK;
  });
}
