// Keypoints, descriptors and their matching (features.cpp, descriptor_matching.cpp).

#ifndef COPENCVFEATURES_H
#define COPENCVFEATURES_H

#include "COpenCVStatus.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cocv_feature_kind COCV_ENUM {
  COCV_SIFT = 0,  // 128 floats, Euclidean distance
  COCV_ORB = 1,   // 256 bits, Hamming distance
  COCV_AKAZE = 2  // 486 bits (MLDB), Hamming distance
} cocv_feature_kind;

typedef struct cocv_feature_options {
  cocv_feature_kind kind;
  int32_t max_keypoints;      // the strongest in each picture, 1...100000
  double contrast_threshold;  // SIFT: DoG contrast; ORB: FAST difference in grey levels; AKAZE: Hessian response
  double ratio;               // nearest over second nearest distance, 0 < ratio <= 1 (1: no test)
  int32_t mutual;             // not 0: both must be each other's nearest
  int32_t root_sift;          // not 0: SIFT descriptors are compared as RootSIFT
  int32_t threads;            // at least 1: the two pictures side by side, then the comparisons
} cocv_feature_options;

// Keypoints and descriptors of two grey pictures (8 bits), matched by exact nearest neighbours; best score first.
// points0, points1: room for 2 x max_keypoints values (x, y interleaved, pixels); scores: room for max_keypoints, each
// 1 - nearest / second nearest distance. count: the matches written. keypoints0, keypoints1: found in each picture.
// No keypoints, or a picture below 16 pixels a side: no matches, COCV_OK. The same on any number of threads.
cocv_status cocv_match_features(
    const uint8_t *pixels0, int32_t width0, int32_t height0, const uint8_t *pixels1, int32_t width1, int32_t height1,
    cocv_feature_options options, double *points0, double *points1, double *scores, size_t *count,
    int32_t *keypoints0, int32_t *keypoints1, char *reason, size_t reason_size) COCV_NOEXCEPT;

// The matching alone. Descriptors: row-major, `length` floats each, or `length` bytes where `binary` is not 0.
// indices0, indices1, scores: room for count0 values; count: the matches written, in the order of indices0.
cocv_status cocv_match_descriptors(
    const void *descriptors0, size_t count0, const void *descriptors1, size_t count1, size_t length, int32_t binary,
    double ratio, int32_t mutual, int32_t threads, int32_t *indices0, int32_t *indices1, double *scores, size_t *count,
    char *reason, size_t reason_size) COCV_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
