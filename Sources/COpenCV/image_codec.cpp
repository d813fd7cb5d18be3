// Picture files in memory to pixels and back, through OpenCV's imgcodecs; ordinary JPEG and PNG files without it.
// What OpenCV 4.6 does with broken files (tried, not documented): imdecode returns an empty picture for every
// truncated format except baseline JPEG, which image_format.cpp therefore checks beforehand; it prints the
// reason on stderr instead of returning it, and so do libjpeg, libpng and libtiff.

#include <climits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/imgcodecs.hpp>

#include "codec_chatter.hpp"
#include "codec_library.hpp"
#include "guard.hpp"
#include "image_format.hpp"
#include "jpeg_decoder.hpp"
#include "png_decoder.hpp"

struct cocv_image {
  cv::Mat pixels;
};

struct cocv_bytes {
  std::vector<uint8_t> bytes;
};

namespace {

constexpr int64_t max_side = int64_t{1} << 20;    // OpenCV's CV_IO_MAX_IMAGE_WIDTH and _HEIGHT
constexpr int64_t max_pixels = int64_t{1} << 30;  // OpenCV's CV_IO_MAX_IMAGE_PIXELS

[[noreturn]] void fail_too_large(int64_t width, int64_t height) {
  throw cocv::Failure{
      COCV_TOO_LARGE, std::to_string(width) + "x" + std::to_string(height) +
                          " pixels; at most 2^30 pixels and 2^20 a side can be read"};
}

cv::Mat decode(const uint8_t *data, size_t size, int flags, const cocv::ImageHeader &header) {
  const bool gray = flags != cv::IMREAD_COLOR;
  std::optional<cv::Mat> pixels;
  if (header.format == cocv::ImageFormat::jpeg) pixels = cocv::decode_ordinary_jpeg(data, size, gray);
  if (header.format == cocv::ImageFormat::png) pixels = cocv::decode_ordinary_png(data, size, gray);
  if (pixels) return std::move(*pixels);
  const cv::Mat bytes(1, static_cast<int>(size), CV_8U, const_cast<uint8_t *>(data));
  const cocv::CodecLibrary &codec = cocv::codec_library();
  try {
    const cocv::CodecChatterFilter filter;
    return codec.decode(bytes, flags);
  } catch (const cv::Exception &exception) {
    if (exception.err.find("CV_IO_MAX_IMAGE") != std::string::npos) fail_too_large(header.width, header.height);
    if (exception.code == cv::Error::StsNoMem) throw;
    throw cocv::Failure{COCV_CANNOT_DECODE, exception.err};
  }
}

}  // namespace

cocv_status cocv_probe(
    const uint8_t *data, size_t size, int32_t *width, int32_t *height, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(data && size > 0 && width && height, "data and outputs must not be null");
    const cocv::ImageHeader header = cocv::read_image_header(data, size);
    if (header.width > INT32_MAX || header.height > INT32_MAX) fail_too_large(header.width, header.height);
    *width = static_cast<int32_t>(header.width);
    *height = static_cast<int32_t>(header.height);
    return COCV_OK;
  });
}

cocv_status cocv_decode(
    const uint8_t *data, size_t size, cocv_color color, cocv_image **image, char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(data && size > 0 && image, "data and image must not be null");
    cocv::require(color == COCV_GRAY || color == COCV_BGR, "unknown colour choice");
    *image = nullptr;
    if (size > INT_MAX) throw cocv::Failure{COCV_TOO_LARGE, "a file of 2 GiB or more cannot be decoded"};

    const cocv::ImageHeader header = cocv::read_image_header(data, size);
    if (header.width > max_side || header.height > max_side || header.width * header.height > max_pixels) {
      fail_too_large(header.width, header.height);
    }
    const std::string name = header.name;
    const cocv::Failure truncated{COCV_TRUNCATED, "the " + name + " data end before the picture does"};
    // Before anything is allocated, for the formats whose walk leaves no doubt (and JPEG, where OpenCV is silent).
    const bool certain = header.format == cocv::ImageFormat::jpeg || header.format == cocv::ImageFormat::png ||
                         header.format == cocv::ImageFormat::bmp;
    if (certain && !header.complete) throw truncated;

    const int flags = color == COCV_GRAY ? cv::IMREAD_GRAYSCALE | cv::IMREAD_ANYDEPTH : cv::IMREAD_COLOR;
    cv::Mat pixels = decode(data, size, flags, header);
    if (pixels.empty()) {
      if (!header.complete) throw truncated;
      throw cocv::Failure{
          COCV_CANNOT_DECODE,
          name.empty() ? "no picture format that can be read" : "the " + name + " data are damaged"};
    }
    if (pixels.depth() != CV_8U && pixels.depth() != CV_16U) {
      throw cocv::Failure{
          COCV_UNSUPPORTED, "its values are " + std::string(cv::depthToString(pixels.depth())) +
                                "; only unsigned 8 and 16 bits are read"};
    }
    if (!pixels.isContinuous()) pixels = pixels.clone();
    *image = new cocv_image{std::move(pixels)};
    return COCV_OK;
  });
}

cocv_image_info cocv_image_get_info(const cocv_image *image) noexcept {
  if (image == nullptr) return cocv_image_info{0, 0, 0, 0};
  return cocv_image_info{
      image->pixels.cols, image->pixels.rows, image->pixels.channels(),
      static_cast<int32_t>(image->pixels.elemSize1())};
}

const void *cocv_image_pixels(const cocv_image *image) noexcept {
  return image == nullptr ? nullptr : image->pixels.data;
}

void cocv_image_free(cocv_image *image) noexcept { delete image; }

cocv_status cocv_encode(
    const void *pixels, cocv_image_info info, const char *extension, int32_t quality, cocv_bytes **bytes, char *reason,
    size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(extension && bytes, "extension and bytes must not be null");
    cocv::require(quality >= 1 && quality <= 100, "the quality lies in 1...100");
    *bytes = nullptr;
    const cv::Mat source = cocv::view(pixels, info);
    const std::vector<int> settings = {cv::IMWRITE_JPEG_QUALITY, quality, cv::IMWRITE_WEBP_QUALITY, quality};
    auto encoded = std::make_unique<cocv_bytes>();
    const cocv::CodecLibrary &codec = cocv::codec_library();
    bool done = false;
    try {
      const cocv::CodecChatterFilter filter;
      done = codec.encode(extension, source, encoded->bytes, settings);
    } catch (const cv::Exception &exception) {
      if (exception.code == cv::Error::StsNoMem) throw;
      throw cocv::Failure{COCV_CANNOT_ENCODE, exception.err};
    }
    if (!done || encoded->bytes.empty()) throw cocv::Failure{COCV_CANNOT_ENCODE, "the encoder refused the picture"};
    *bytes = encoded.release();
    return COCV_OK;
  });
}

size_t cocv_bytes_count(const cocv_bytes *bytes) noexcept { return bytes == nullptr ? 0 : bytes->bytes.size(); }

const uint8_t *cocv_bytes_data(const cocv_bytes *bytes) noexcept {
  return bytes == nullptr ? nullptr : bytes->bytes.data();
}

void cocv_bytes_free(cocv_bytes *bytes) noexcept { delete bytes; }
