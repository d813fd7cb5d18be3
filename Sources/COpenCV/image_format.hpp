// What the headers of common picture files say, read without a codec library: format, size, completeness.
// Bounds-checked throughout: the bytes come from anywhere.

#ifndef COPENCV_IMAGE_FORMAT_HPP
#define COPENCV_IMAGE_FORMAT_HPP

#include <cstddef>
#include <cstdint>

namespace cocv {

enum class ImageFormat { unknown, jpeg, png, bmp, tiff, webp };

struct ImageHeader {
  ImageFormat format = ImageFormat::unknown;
  const char *name = "";    // "JPEG", ... ; empty for unknown
  std::int64_t width = 0;   // 0 where not found
  std::int64_t height = 0;
  bool complete = true;     // false: the file's own structure reaches beyond its end
};

/// Reads the header and walks the file's structure (not its compressed data).
ImageHeader read_image_header(const std::uint8_t *data, std::size_t size) noexcept;

}  // namespace cocv

#endif
