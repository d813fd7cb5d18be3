// What every function of this target shares.
//
// No C++ exception leaves a function. Each returns a cocv_status; when that is not COCV_OK, the reason is one line of
// text in the caller's buffer (`reason`, `reason_size` bytes, always terminated; NULL or 0 if the text is not wanted)
// and the outputs are undefined.
// Pixels are row-major without padding, channels interleaved, 8 bits or 16 bits (native endian) each.
// Coordinates: the centre of the first pixel is (0, 0).
// Threads: OpenCV's number of threads belongs to the host and is neither read nor set. OpenCV's own loops run on the
// thread that calls, as loops inside a loop do; only while several threads are in here at once may OpenCV's pool help.

#ifndef COPENCVSTATUS_H
#define COPENCVSTATUS_H

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
  COCV_NO_MODEL = 2,          // robust estimation ended without a model
  COCV_OUT_OF_MEMORY = 3,
  COCV_OPENCV_FAILURE = 4,    // an OpenCV check failed; the reason is its text
  COCV_UNKNOWN_FAILURE = 5
} cocv_status;

typedef struct cocv_image_info {
  int32_t width;
  int32_t height;
  int32_t channels;         // 1 or 3
  int32_t bytes_per_value;  // 1 or 2
} cocv_image_info;

// Raises a C++ exception inside and must return normally; for the tests of the guard.
// kind: 0 cv::Exception, 1 std::bad_alloc, 2 std::exception, 3 an int, 4 a cv::Exception for lack of memory.
cocv_status cocv_test_guard(int32_t kind, char *reason, size_t reason_size) COCV_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
