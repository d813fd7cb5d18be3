// Ordinary PNG files through libpng: the same library that imgcodecs decodes with, without the hundred others that
// imgcodecs brings (0.05 s and 40 MB).

#ifndef COPENCV_PNG_DECODER_HPP
#define COPENCV_PNG_DECODER_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

#include <opencv2/core.hpp>

namespace cocv {

/// The picture, grey or BGR, 8 bits, the same values as imgcodecs gives; nothing where that is not certain, and
/// imgcodecs is to be asked: other than 8 bits, palettes, transparency, interlaced, with EXIF data, damaged.
std::optional<cv::Mat> decode_ordinary_png(const std::uint8_t *data, std::size_t size, bool gray);

}  // namespace cocv

#endif
