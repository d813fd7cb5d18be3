// Ordinary JPEG files through libturbojpeg: the same library that imgcodecs decodes with, without the hundred others
// that imgcodecs brings (0.05 s and 40 MB).

#ifndef COPENCV_JPEG_DECODER_HPP
#define COPENCV_JPEG_DECODER_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

#include <opencv2/core.hpp>

namespace cocv {

/// The picture, grey or BGR, 8 bits, the same values as imgcodecs gives; nothing where that is not certain, and
/// imgcodecs is to be asked: turned by EXIF, CMYK, damaged.
std::optional<cv::Mat> decode_ordinary_jpeg(const std::uint8_t *data, std::size_t size, bool gray);

}  // namespace cocv

#endif
