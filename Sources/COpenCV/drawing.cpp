// Drawing on a BGR canvas: anti-aliased strokes with opacity, text, pasted pictures.
// A stroke is the set of points within `radius` of a segment. The share of a pixel that it covers is taken
// from the distance d of the pixel's centre: clamp(radius + 0.5 - d, 0, 1), so that thousands of half
// transparent lines need no overlay of the whole canvas each.

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "guard.hpp"

namespace {

cv::Mat canvas_view(uint8_t *canvas, int32_t width, int32_t height) {
  cocv::require(canvas != nullptr, "the canvas must not be null");
  return cocv::view(canvas, cocv_image_info{width, height, 3, 1});
}

void blend(uint8_t *pixel, const cocv_stroke &stroke, float weight) {
  const uint8_t color[3] = {stroke.blue, stroke.green, stroke.red};
  for (int channel = 0; channel < 3; ++channel) {
    const float old_value = pixel[channel];
    const float new_value = old_value + (static_cast<float>(color[channel]) - old_value) * weight;
    pixel[channel] = static_cast<uint8_t>(std::lround(std::min(255.0f, std::max(0.0f, new_value))));
  }
}

void draw_stroke(uint8_t *canvas, int32_t width, int32_t height, const cocv_stroke &stroke) {
  const double reach = static_cast<double>(stroke.radius) + 0.5;
  const double x0 = stroke.x0, y0 = stroke.y0;
  const double dx = stroke.x1 - x0, dy = stroke.y1 - y0;
  const double length_squared = dx * dx + dy * dy;
  // Clamped before the conversion to int: coordinates may lie far outside.
  const auto clamped = [](double value, int32_t limit) {
    return static_cast<int32_t>(std::min(std::max(value, -1.0), static_cast<double>(limit)));
  };
  const int32_t top = std::max(0, clamped(std::ceil(std::min(y0, y0 + dy) - reach), height));
  const int32_t bottom = std::min(height - 1, clamped(std::floor(std::max(y0, y0 + dy) + reach), height));
  for (int32_t y = top; y <= bottom; ++y) {
    // The columns that a row can touch: where the segment is within reach of the row, widened by reach.
    double from = 0, to = 1;
    if (std::abs(dy) > 1e-9) {
      const double a = (y - reach - y0) / dy, b = (y + reach - y0) / dy;
      from = std::max(0.0, std::min(a, b));
      to = std::min(1.0, std::max(a, b));
      if (from > to) continue;
    }
    const double xa = x0 + from * dx, xb = x0 + to * dx;
    const int32_t left = std::max(0, clamped(std::ceil(std::min(xa, xb) - reach), width));
    const int32_t right = std::min(width - 1, clamped(std::floor(std::max(xa, xb) + reach), width));
    uint8_t *const row = canvas + static_cast<size_t>(y) * static_cast<size_t>(width) * 3;
    for (int32_t x = left; x <= right; ++x) {
      double along = 0;
      if (length_squared > 0) {
        along = std::min(1.0, std::max(0.0, ((x - x0) * dx + (y - y0) * dy) / length_squared));
      }
      const double distance = std::hypot(x - x0 - along * dx, y - y0 - along * dy);
      const double coverage = std::min(1.0, reach - distance);
      if (coverage > 0) blend(row + static_cast<size_t>(x) * 3, stroke, static_cast<float>(coverage) * stroke.opacity);
    }
  }
}

}  // namespace

cocv_status cocv_draw_strokes(
    uint8_t *canvas, int32_t width, int32_t height, const cocv_stroke *strokes, size_t count, char *reason,
    size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    canvas_view(canvas, width, height);
    cocv::require(strokes != nullptr || count == 0, "strokes must not be null");
    for (size_t index = 0; index < count; ++index) {
      const cocv_stroke &stroke = strokes[index];
      cocv::require(
          std::isfinite(stroke.x0) && std::isfinite(stroke.y0) && std::isfinite(stroke.x1) &&
              std::isfinite(stroke.y1),
          "a stroke's coordinates must be finite");
      cocv::require(stroke.radius > 0 && stroke.radius <= 1e4f, "a stroke's radius must be positive");
      cocv::require(stroke.opacity >= 0 && stroke.opacity <= 1, "an opacity lies in 0...1");
    }
    for (size_t index = 0; index < count; ++index) draw_stroke(canvas, width, height, strokes[index]);
    return COCV_OK;
  });
}

cocv_status cocv_text_size(
    const char *text, double scale, int32_t thickness, int32_t *text_width, int32_t *text_height,
    int32_t *base_line, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(text && text_width && text_height && base_line, "no argument may be null");
    cocv::require(
        scale > 0 && scale <= 100 && thickness > 0 && thickness <= 100, "scale and thickness must be positive");
    int below = 0;
    const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, thickness, &below);
    *text_width = size.width;
    *text_height = size.height;
    *base_line = below;
    return COCV_OK;
  });
}

cocv_status cocv_draw_text(
    uint8_t *canvas, int32_t width, int32_t height, const char *text, int32_t x, int32_t y, double scale,
    int32_t thickness, uint8_t blue, uint8_t green, uint8_t red, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cv::Mat target = canvas_view(canvas, width, height);
    cocv::require(text != nullptr, "the text must not be null");
    cocv::require(
        scale > 0 && scale <= 100 && thickness > 0 && thickness <= 100, "scale and thickness must be positive");
    cocv::require(std::abs(int64_t{x}) < 30000 && std::abs(int64_t{y}) < 30000, "the position is out of range");
    cv::putText(
        target, text, cv::Point(x, y), cv::FONT_HERSHEY_SIMPLEX, scale, cv::Scalar(blue, green, red), thickness,
        cv::LINE_AA);
    return COCV_OK;
  });
}

cocv_status cocv_paste(
    uint8_t *canvas, int32_t width, int32_t height, const uint8_t *picture, int32_t picture_width,
    int32_t picture_height, int32_t x, int32_t y, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cv::Mat target = canvas_view(canvas, width, height);
    const cv::Mat source = cocv::view(picture, cocv_image_info{picture_width, picture_height, 3, 1});
    const int64_t left = std::max<int64_t>(0, x), top = std::max<int64_t>(0, y);
    const int64_t right = std::min<int64_t>(width, int64_t{x} + picture_width);
    const int64_t bottom = std::min<int64_t>(height, int64_t{y} + picture_height);
    if (left >= right || top >= bottom) return COCV_OK;
    const cv::Rect inside(
        static_cast<int>(left), static_cast<int>(top), static_cast<int>(right - left), static_cast<int>(bottom - top));
    const cv::Rect cut(
        static_cast<int>(left - x), static_cast<int>(top - y), inside.width, inside.height);
    source(cut).copyTo(target(inside));
    return COCV_OK;
  });
}
