// The C face of OpenCV: everything that this package asks of it, callable from Swift.
//
// No C++ exception leaves a function of this header. Each returns a cocv_status; when that is not
// COCV_OK, the reason is one line of text in the caller's buffer (`reason`, `reason_size` bytes, always
// terminated; NULL or 0 if the text is not wanted) and the outputs are undefined.
// Pixels are row-major without padding, channels interleaved, 8 bits or 16 bits (native endian) each.
// Coordinates: the centre of the first pixel is (0, 0).

#ifndef COPENCV_H
#define COPENCV_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define COCV_NOEXCEPT noexcept
// Callers may pass any number; without a fixed type, C++ leaves undefined what reading an unnamed one does.
#define COCV_ENUM : unsigned int
extern "C" {
#else
#define COCV_NOEXCEPT
#define COCV_ENUM
#endif

typedef enum cocv_status COCV_ENUM {
  COCV_OK = 0,
  COCV_INVALID_ARGUMENT = 1,  // a null pointer, an extent below 1, an unknown choice
  COCV_CANNOT_DECODE = 2,     // no known picture format, or damaged beyond reading
  COCV_TRUNCATED = 3,         // the data end before the picture does
  COCV_UNSUPPORTED = 4,       // a picture, but of a kind that is not read (floating point, ...)
  COCV_TOO_LARGE = 5,         // more pixels than can be handled
  COCV_CANNOT_ENCODE = 6,     // no such format, or the encoder refused
  COCV_NO_MODEL = 7,          // robust estimation ended without a model
  COCV_OUT_OF_MEMORY = 8,
  COCV_OPENCV_FAILURE = 9,    // an OpenCV check failed; the reason is its text
  COCV_UNKNOWN_FAILURE = 10,
  COCV_NO_CODECS = 11         // OpenCV's library for picture files cannot be loaded
} cocv_status;

// The number of threads that OpenCV's own loops may use; 0 means one, not "all".
cocv_status cocv_set_threads(int32_t threads, char *reason, size_t reason_size) COCV_NOEXCEPT;

// Raises a C++ exception inside and must return normally; for the tests of the guard.
// kind: 0 cv::Exception, 1 std::bad_alloc, 2 std::exception, 3 an int, 4 a cv::Exception for lack of memory.
cocv_status cocv_test_guard(int32_t kind, char *reason, size_t reason_size) COCV_NOEXCEPT;

// ---- Codec (image_codec.cpp) ----

// Pixels owned by this library; freed by cocv_image_free.
typedef struct cocv_image cocv_image;

typedef enum cocv_color COCV_ENUM {
  COCV_GRAY = 0,  // one channel, 8 or 16 bits as stored; colour is converted, alpha dropped
  COCV_BGR = 1    // three channels, 8 bits
} cocv_color;

typedef struct cocv_image_info {
  int32_t width;
  int32_t height;
  int32_t channels;        // 1 or 3
  int32_t bytes_per_value; // 1 or 2
} cocv_image_info;

// The size written in the header of a PNG, JPEG, BMP, TIFF or WebP file, before any EXIF rotation;
// 0 x 0 where the format does not say so at a fixed place.
cocv_status cocv_probe(
    const uint8_t *data, size_t size, int32_t *width, int32_t *height, char *reason, size_t reason_size)
    COCV_NOEXCEPT;

// Decodes a whole file in memory. EXIF orientation is honoured. Incomplete files are refused
// (COCV_TRUNCATED) even where OpenCV would return a partly grey picture.
// The library behind this and cocv_encode is loaded when one of them is first called (codec_library.cpp).
// While the codec libraries run, file descriptor 2 is collected, because libjpeg and libpng print there on their
// own account; lines that are not theirs are passed on afterwards.
cocv_status cocv_decode(
    const uint8_t *data, size_t size, cocv_color color, cocv_image **image, char *reason, size_t reason_size)
    COCV_NOEXCEPT;

cocv_image_info cocv_image_get_info(const cocv_image *image) COCV_NOEXCEPT;

// The first pixel; rows follow each other without padding. Lives as long as the image.
const void *cocv_image_pixels(const cocv_image *image) COCV_NOEXCEPT;

void cocv_image_free(cocv_image *image) COCV_NOEXCEPT;

// Bytes owned by this library; freed by cocv_bytes_free.
typedef struct cocv_bytes cocv_bytes;

// Encodes pixels as a file in memory. `extension` names the format (".png", ".jpg"); `quality` (1...100)
// is used by JPEG and WebP only.
cocv_status cocv_encode(
    const void *pixels, cocv_image_info info, const char *extension, int32_t quality, cocv_bytes **bytes,
    char *reason, size_t reason_size) COCV_NOEXCEPT;

size_t cocv_bytes_count(const cocv_bytes *bytes) COCV_NOEXCEPT;
const uint8_t *cocv_bytes_data(const cocv_bytes *bytes) COCV_NOEXCEPT;
void cocv_bytes_free(cocv_bytes *bytes) COCV_NOEXCEPT;

// ---- Resize (image_resize.cpp) ----

// Resizes into `output` (output_width x output_height, channels and depth of `info`). Each axis that shrinks
// averages the source area, each axis that grows interpolates linearly; both map x to (x+0.5)*s-0.5.
cocv_status cocv_resize(
    const void *pixels, cocv_image_info info, void *output, int32_t output_width, int32_t output_height,
    char *reason, size_t reason_size) COCV_NOEXCEPT;

// ---- Drawing on a BGR canvas of 8 bits (drawing.cpp) ----

// A thick anti-aliased line with round ends; with both ends equal it is a filled circle.
typedef struct cocv_stroke {
  float x0, y0, x1, y1;  // pixels
  float radius;          // half the width, pixels
  uint8_t blue, green, red;
  float opacity;         // 0...1
} cocv_stroke;

// Draws the strokes in order, each blended over what is there. Sub-pixel accurate; clipped to the canvas.
cocv_status cocv_draw_strokes(
    uint8_t *canvas, int32_t width, int32_t height, const cocv_stroke *strokes, size_t count, char *reason,
    size_t reason_size) COCV_NOEXCEPT;

// The extent of a line of text: `text_height` above the base line, `base_line` below it.
cocv_status cocv_text_size(
    const char *text, double scale, int32_t thickness, int32_t *text_width, int32_t *text_height,
    int32_t *base_line, char *reason, size_t reason_size) COCV_NOEXCEPT;

// Draws a line of ASCII text (Hershey sans-serif, 22 px high at scale 1), (x, y) is the left end of its base line.
cocv_status cocv_draw_text(
    uint8_t *canvas, int32_t width, int32_t height, const char *text, int32_t x, int32_t y, double scale,
    int32_t thickness, uint8_t blue, uint8_t green, uint8_t red, char *reason, size_t reason_size)
    COCV_NOEXCEPT;

// Copies a BGR picture into the canvas with its first pixel at (x, y); what lies outside is cut off.
cocv_status cocv_paste(
    uint8_t *canvas, int32_t width, int32_t height, const uint8_t *picture, int32_t picture_width,
    int32_t picture_height, int32_t x, int32_t y, char *reason, size_t reason_size) COCV_NOEXCEPT;

// ---- Robust estimation (estimation.cpp) ----

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

// points0, points1: `count` pairs x, y, interleaved, pixels, finite. matrix: row-major 3x3.
// mask: `count` bytes, 1 for an inlier.

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

// ---- Classical features (features.cpp, descriptor_matching.cpp) ----

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
    double ratio, int32_t mutual, int32_t *indices0, int32_t *indices1, double *scores, size_t *count, char *reason,
    size_t reason_size) COCV_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
