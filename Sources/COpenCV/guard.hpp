// The one place where C++ exceptions end: every entry point of the shim runs its body in `guard`.
// A body returns a status or throws; a Failure carries the status and the reason to report.

#ifndef COPENCV_GUARD_HPP
#define COPENCV_GUARD_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include <opencv2/core.hpp>

#include "include/COpenCV.h"
#include "threads.hpp"

namespace cocv {

/// A refusal of our own: what to return and what to say.
struct Failure {
  cocv_status status;
  std::string text;
};

/// Throws COCV_INVALID_ARGUMENT with `text` unless `condition` holds.
inline void require(bool condition, const char *text) {
  if (!condition) throw Failure{COCV_INVALID_ARGUMENT, text};
}

/// Copies `text` into the caller's buffer as one terminated line.
inline void write_reason(char *reason, std::size_t size, const char *text) noexcept {
  if (reason == nullptr || size == 0) return;
  std::size_t used = 0;
  for (; text[used] != '\0' && used + 1 < size; ++used) {
    const char c = text[used];
    reason[used] = (c == '\n' || c == '\r' || c == '\t') ? ' ' : c;
  }
  while (used > 0 && reason[used - 1] == ' ') --used;
  reason[used] = '\0';
}

/// Runs `body` (returning cocv_status), OpenCV's loops on this thread, and turns whatever it throws into a status and a
/// reason.
template <typename Body>
cocv_status guard(char *reason, std::size_t reason_size, Body &&body) noexcept {
  write_reason(reason, reason_size, "");
  try {
    cocv_status status = COCV_UNKNOWN_FAILURE;
    on_this_thread([&] { status = body(); });
    return status;
  } catch (const Failure &failure) {
    write_reason(reason, reason_size, failure.text.c_str());
    return failure.status;
  } catch (const cv::Exception &exception) {
    if (exception.code == cv::Error::StsNoMem) {
      write_reason(reason, reason_size, "out of memory");
      return COCV_OUT_OF_MEMORY;
    }
    write_reason(reason, reason_size, exception.err.c_str());
    return COCV_OPENCV_FAILURE;
  } catch (const std::bad_alloc &) {
    write_reason(reason, reason_size, "out of memory");
    return COCV_OUT_OF_MEMORY;
  } catch (const std::exception &exception) {
    write_reason(reason, reason_size, exception.what());
    return COCV_UNKNOWN_FAILURE;
  } catch (...) {
    write_reason(reason, reason_size, "an unknown C++ exception");
    return COCV_UNKNOWN_FAILURE;
  }
}

/// The OpenCV type of pixels described by `info`; refuses what the shim does not know.
inline int matrix_type(const cocv_image_info &info) {
  require(info.width > 0 && info.height > 0, "width and height must be at least 1");
  require(info.channels == 1 || info.channels == 3, "an image has 1 or 3 channels");
  require(info.bytes_per_value == 1 || info.bytes_per_value == 2, "a value has 1 or 2 bytes");
  return CV_MAKETYPE(info.bytes_per_value == 1 ? CV_8U : CV_16U, info.channels);
}

/// A view of the caller's pixels. OpenCV's Mat has no const form; sources are never written to.
inline cv::Mat view(const void *pixels, const cocv_image_info &info) {
  require(pixels != nullptr, "pixels must not be null");
  return cv::Mat(info.height, info.width, matrix_type(info), const_cast<void *>(pixels));
}

}  // namespace cocv

#endif
