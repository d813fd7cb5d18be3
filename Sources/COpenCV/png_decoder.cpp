#include "png_decoder.hpp"

#include <csetjmp>
#include <cstring>
#include <vector>

#include <png.h>

namespace cocv {
namespace {

struct Source {
  const std::uint8_t *data;
  std::size_t left;
};

void read_bytes(png_structp png, png_bytep target, std::size_t count) {
  auto *const source = static_cast<Source *>(png_get_io_ptr(png));
  if (count > source->left) png_error(png, "end of data");
  std::memcpy(target, source->data, count);
  source->data += count;
  source->left -= count;
}

// A warning is as bad as an error: imgcodecs shall judge the file.
void give_up(png_structp png, png_const_charp) { png_longjmp(png, 1); }

// Reads up to the picture; false if it is not ordinary. No object here or in `read_rows` needs a destructor, as libpng
// reports errors by longjmp.
bool read_header(png_structp png, png_infop info) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_info(png, info);
  const int color = png_get_color_type(png, info);
  return png_get_bit_depth(png, info) == 8 && (color == PNG_COLOR_TYPE_GRAY || color == PNG_COLOR_TYPE_RGB) &&
         png_get_interlace_type(png, info) == PNG_INTERLACE_NONE &&
         png_get_valid(png, info, PNG_INFO_tRNS | PNG_INFO_eXIf) == 0;
}

bool read_rows(png_structp png, png_infop info, bool gray, png_bytepp rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  if (png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY) {
    if (!gray) png_set_gray_to_rgb(png);
  } else if (gray) {
    // The weights of red and green, and no complaint about colours, as in imgcodecs.
    png_set_rgb_to_gray(png, PNG_ERROR_ACTION_NONE, 0.299, 0.587);
  } else {
    png_set_bgr(png);
  }
  png_read_update_info(png, info);
  png_read_image(png, rows);
  png_read_end(png, info);
  // An eXIf chunk may follow the picture, too.
  return png_get_valid(png, info, PNG_INFO_eXIf) == 0;
}

}  // namespace

std::optional<cv::Mat> decode_ordinary_png(const std::uint8_t *data, std::size_t size, bool gray) {
  Source source{data, size};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, give_up, give_up);
  if (png == nullptr) return std::nullopt;
  png_infop info = png_create_info_struct(png);
  std::optional<cv::Mat> result;
  if (info != nullptr) {
    png_set_read_fn(png, &source, read_bytes);
    png_set_user_limits(png, 1u << 20, 1u << 20);
    if (read_header(png, info)) {
      const auto height = static_cast<int>(png_get_image_height(png, info));
      const auto width = static_cast<int>(png_get_image_width(png, info));
      cv::Mat pixels(height, width, gray ? CV_8UC1 : CV_8UC3);
      std::vector<png_bytep> rows(static_cast<std::size_t>(height));
      for (int row = 0; row < height; row++) rows[static_cast<std::size_t>(row)] = pixels.ptr(row);
      if (read_rows(png, info, gray, rows.data())) result = std::move(pixels);
    }
  }
  png_destroy_read_struct(&png, &info, nullptr);
  return result;
}

}  // namespace cocv
