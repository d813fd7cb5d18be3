// Resizing: area averaging where an axis shrinks, linear interpolation where it grows.
// Both filters of OpenCV align pixel areas, not pixel centres: x maps to (x+0.5)*s-0.5.

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "guard.hpp"

cocv_status cocv_resize(
    const void *pixels, cocv_image_info info, void *output, int32_t output_width, int32_t output_height,
    char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    const cv::Mat source = cocv::view(pixels, info);
    cocv_image_info output_info = info;
    output_info.width = output_width;
    output_info.height = output_height;
    cv::Mat target = cocv::view(output, output_info);
    const void *const given = target.data;

    // OpenCV's area filter silently becomes another one for both axes as soon as one of them grows:
    // shrink first, then grow.
    const cv::Size shrunk(std::min(info.width, output_width), std::min(info.height, output_height));
    const bool shrinks = shrunk != source.size();
    const bool grows = shrunk != target.size();
    if (shrinks && grows) {
      cv::Mat between;
      cv::resize(source, between, shrunk, 0, 0, cv::INTER_AREA);
      cv::resize(between, target, target.size(), 0, 0, cv::INTER_LINEAR);
    } else if (shrinks) {
      cv::resize(source, target, target.size(), 0, 0, cv::INTER_AREA);
    } else if (grows) {
      cv::resize(source, target, target.size(), 0, 0, cv::INTER_LINEAR);
    } else {
      source.copyTo(target);
    }
    cocv::require(target.data == given, "the output was reallocated");
    return COCV_OK;
  });
}
