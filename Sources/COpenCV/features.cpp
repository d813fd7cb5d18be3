// Keypoints and descriptors of OpenCV's SIFT, ORB and AKAZE, matched between two pictures in one call.
// Sources: Lowe, IJCV 2004 (SIFT); Arandjelovic and Zisserman, CVPR 2012 (RootSIFT); Rublee et al., ICCV 2011 (ORB);
// Alcantarilla et al., BMVC 2013 (AKAZE).
// Coordinates: OpenCV 4.6 reports a keypoint of a pyramid level by a plain multiplication that misses the half pixel
// or the exact ratio of the two sizes; `to_pixel_centres` puts that right, so that (0, 0) is the first pixel's centre.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>
#include <vector>

#include <opencv2/features2d.hpp>

#include "descriptor_matching.hpp"

namespace {

struct Features {
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
};

// ORB's pyramid: each level is smaller by this factor.
constexpr float orb_scale = 1.2f;
constexpr int orb_levels = 8;

// Below this side the pyramids of ORB and AKAZE have levels without a pixel, and nothing can be described.
constexpr int minimum_side = 16;

cv::Ptr<cv::Feature2D> make_detector(const cocv_feature_options &options) {
  switch (options.kind) {
    case COCV_SIFT:
      return cv::SIFT::create(options.max_keypoints, 3, options.contrast_threshold, 10, 1.6);
    case COCV_ORB:
      return cv::ORB::create(
          options.max_keypoints, orb_scale, orb_levels, 31, 0, 2, cv::ORB::HARRIS_SCORE, 31,
          static_cast<int>(std::lround(options.contrast_threshold)));
    case COCV_AKAZE:
      return cv::AKAZE::create(
          cv::AKAZE::DESCRIPTOR_MLDB, 0, 3, static_cast<float>(options.contrast_threshold));
  }
  throw cocv::Failure{COCV_INVALID_ARGUMENT, "unknown kind of feature"};
}

/// From the position p = level_position * ratio that a detector reports to the pixel that was meant:
/// (level_position + 0.5) * size / level_size - 0.5.
float from_level(float level_position, int size, int level_size) {
  return (level_position + 0.5f) * static_cast<float>(size) / static_cast<float>(level_size) - 0.5f;
}

cv::Point2f to_pixel_centres(const cv::KeyPoint &keypoint, cocv_feature_kind kind, cv::Size size) {
  const cv::Point2f point = keypoint.pt;
  switch (kind) {
    case COCV_SIFT:
      // The first octave is the picture at double size, where 2x + 0.5 is the place of x; OpenCV halves that to
      // x + 0.25. Later octaves take every second pixel, which adds nothing.
      return {point.x - 0.25f, point.y - 0.25f};
    case COCV_ORB: {
      const float scale = std::pow(orb_scale, static_cast<float>(keypoint.octave));
      return {
          from_level(point.x / scale, size.width, cvRound(size.width / scale)),
          from_level(point.y / scale, size.height, cvRound(size.height / scale))};
    }
    case COCV_AKAZE: {
      // OpenCV minds the half pixel here, but takes 2^octave for the ratio although each halving rounds down.
      const int octave = keypoint.octave;
      const float ratio = static_cast<float>(1 << octave);
      return {
          from_level((point.x + 0.5f) / ratio - 0.5f, size.width, size.width >> octave),
          from_level((point.y + 0.5f) / ratio - 0.5f, size.height, size.height >> octave)};
    }
  }
  return point;
}

/// The strongest keypoints, best first, in an order that threads cannot change.
Features strongest(const Features &all, int limit) {
  std::vector<int> order(all.keypoints.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](int index) {
    const cv::KeyPoint &keypoint = all.keypoints[index];
    return std::make_tuple(
        -keypoint.response, keypoint.pt.y, keypoint.pt.x, keypoint.size, keypoint.angle, keypoint.octave);
  };
  std::sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
  if (order.size() > static_cast<size_t>(limit)) order.resize(limit);
  Features result;
  result.descriptors.create(static_cast<int>(order.size()), all.descriptors.cols, all.descriptors.type());
  for (size_t row = 0; row < order.size(); ++row) {
    result.keypoints.push_back(all.keypoints[order[row]]);
    all.descriptors.row(order[row]).copyTo(result.descriptors.row(static_cast<int>(row)));
  }
  return result;
}

/// RootSIFT: each descriptor divided by its sum, then the square root of every value.
void take_root(cv::Mat &descriptors) {
  for (int row = 0; row < descriptors.rows; ++row) {
    float *const values = descriptors.ptr<float>(row);
    const double sum = std::accumulate(values, values + descriptors.cols, 0.0);
    if (sum <= 0) continue;
    for (int d = 0; d < descriptors.cols; ++d) values[d] = static_cast<float>(std::sqrt(values[d] / sum));
  }
}

Features detect(const uint8_t *pixels, int32_t width, int32_t height, const cocv_feature_options &options) {
  const cv::Mat picture = cocv::view(pixels, cocv_image_info{width, height, 1, 1});
  Features all;
  if (std::min(width, height) < minimum_side) return all;
  make_detector(options)->detectAndCompute(picture, cv::noArray(), all.keypoints, all.descriptors);
  if (all.keypoints.empty()) return Features();
  Features features = strongest(all, options.max_keypoints);
  for (cv::KeyPoint &keypoint : features.keypoints) {
    keypoint.pt = to_pixel_centres(keypoint, options.kind, picture.size());
  }
  if (options.kind == COCV_SIFT && options.root_sift != 0) take_root(features.descriptors);
  return features;
}

}  // namespace

cocv_status cocv_match_features(
    const uint8_t *pixels0, int32_t width0, int32_t height0, const uint8_t *pixels1, int32_t width1, int32_t height1,
    cocv_feature_options options, double *points0, double *points1, double *scores, size_t *count,
    int32_t *keypoints0, int32_t *keypoints1, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(points0 && points1 && scores && count && keypoints0 && keypoints1, "outputs must not be null");
    cocv::require(options.max_keypoints >= 1 && options.max_keypoints <= 100000, "1 to 100000 keypoints are possible");
    cocv::require(
        std::isfinite(options.contrast_threshold) && options.contrast_threshold >= 0 &&
            options.contrast_threshold <= 255,
        "the contrast threshold lies in 0...255");
    cocv::require(options.ratio > 0 && options.ratio <= 1, "the ratio lies in 0...1, 0 excluded");
    cocv::require(options.threads >= 1, "at least one thread is needed");
    Features first, second;
    cocv::for_each_index(2, options.threads, [&](int index) {
      if (index == 0) first = detect(pixels0, width0, height0, options);
      if (index == 1) second = detect(pixels1, width1, height1, options);
    });
    auto matches = cocv::match_descriptors(
        first.descriptors, second.descriptors, options.ratio, options.mutual != 0, options.threads);
    std::sort(matches.begin(), matches.end(), [](const auto &a, const auto &b) {
      return std::make_tuple(-a.score, a.index0) < std::make_tuple(-b.score, b.index0);
    });

    *count = 0;
    *keypoints0 = static_cast<int32_t>(first.keypoints.size());
    *keypoints1 = static_cast<int32_t>(second.keypoints.size());
    // SIFT describes a place once for each dominant orientation: the same pair of places counts once.
    std::set<std::array<float, 4>> seen;
    for (const auto &match : matches) {
      const cv::Point2f a = first.keypoints[match.index0].pt, b = second.keypoints[match.index1].pt;
      if (!seen.insert({a.x, a.y, b.x, b.y}).second) continue;
      points0[2 * *count] = a.x;
      points0[2 * *count + 1] = a.y;
      points1[2 * *count] = b.x;
      points1[2 * *count + 1] = b.y;
      scores[*count] = match.score;
      ++*count;
    }
    return COCV_OK;
  });
}
