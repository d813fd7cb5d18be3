// Robust two-view estimation (estimation.cpp).
// points0, points1: `count` pairs x, y, interleaved, pixels, finite. matrix: row-major 3x3.
// mask: `count` bytes, 1 for an inlier.

#ifndef COPENCVESTIMATION_H
#define COPENCVESTIMATION_H

#include "COpenCVStatus.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cocv_estimator COCV_ENUM {
  COCV_RANSAC = 0,         // OpenCV's classic RANSAC
  COCV_LMEDS = 1,          // least median of squares: needs more than half inliers, ignores the threshold
  COCV_USAC_DEFAULT = 2,   // MSAC score, inner and iterative local optimisation
  COCV_USAC_FAST = 3,      // the same with fewer local iterations
  COCV_USAC_ACCURATE = 4,  // MSAC score, graph-cut local optimisation
  COCV_USAC_PROSAC = 5,    // samples the first points first: order them best first
  COCV_USAC_MAGSAC = 6     // MAGSAC++ score, sigma-consensus local optimisation
} cocv_estimator;

typedef struct cocv_robust_options {
  cocv_estimator estimator;
  double threshold;        // pixels
  double confidence;       // 0 < confidence < 1
  int32_t max_iterations;  // at least 1
  int32_t seed;            // USAC family only; the classic two always start OpenCV's generator at one state
} cocv_robust_options;

// Pinhole camera, pixels.
typedef struct cocv_camera {
  double fx, fy, cx, cy;
} cocv_camera;

// H with x1 ~ H x0. At least 4 points.
cocv_status cocv_find_homography(
    const double *points0, const double *points1, size_t count, cocv_robust_options options, double *matrix,
    uint8_t *mask, char *reason, size_t reason_size) COCV_NOEXCEPT;

// F with x1' F x0 = 0. At least 8 points.
cocv_status cocv_find_fundamental(
    const double *points0, const double *points1, size_t count, cocv_robust_options options, double *matrix,
    uint8_t *mask, char *reason, size_t reason_size) COCV_NOEXCEPT;

// E with y1' E y0 = 0 for y = K^-1 x, and the pose x1 = R x0 + t with |t| = 1. At least 6 points.
// in_front: the inliers that this pose puts in front of both cameras.
cocv_status cocv_find_essential(
    const double *points0, const double *points1, size_t count, cocv_camera camera0, cocv_camera camera1,
    cocv_robust_options options, double *matrix, double *rotation, double *translation, int32_t *in_front,
    uint8_t *mask, char *reason, size_t reason_size) COCV_NOEXCEPT;

// The pose by the recipe of SuperGlue and LoFTR, bit by bit: findEssentialMat (classic RANSAC, 1000 iterations) on
// points that are normalised already (K^-1 x), recoverPose on each matrix it returns, the one with most inliers kept.
// At least 5 points. threshold: in normalised units. max_distance: points beyond so many baselines do not count.
// mask: the `inliers` matches that agree with the essential matrix, in front of both cameras; |t| = 1.
cocv_status cocv_classic_pose(
    const double *points0, const double *points1, size_t count, double threshold, double confidence,
    double max_distance, double *rotation, double *translation, int32_t *inliers, uint8_t *mask, char *reason,
    size_t reason_size) COCV_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
