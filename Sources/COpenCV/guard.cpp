// The entry point that proves the guard.

#include "guard.hpp"

#include <stdexcept>

cocv_status cocv_test_guard(int32_t kind, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&]() -> cocv_status {
    switch (kind) {
      case 0: {
        const cv::Mat a(2, 3, CV_64F), b(2, 3, CV_64F);
        const cv::Mat product = a * b;  // inner extents differ: OpenCV throws
        return product.empty() ? COCV_NO_MODEL : COCV_OK;
      }
      case 1: throw std::bad_alloc();
      case 2: throw std::runtime_error("two lines\nof text");
      case 3: throw 3;
      case 4: CV_Error(cv::Error::StsNoMem, "no memory");
      default: return COCV_INVALID_ARGUMENT;
    }
  });
}
