// The way in: what kind of file, is it whole, is its size fit to be read; then its decoder, then upright.

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "header.h"

static const int64_t max_side = INT64_C(1) << 20;
static const int64_t max_pixels = INT64_C(1) << 30;

cc_status cc_fail(char *reason, size_t reason_size, cc_status status, const char *format, ...) {
  if (reason == NULL || reason_size == 0) return status;
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(reason, reason_size, format, arguments);
  va_end(arguments);
  if (length < 0) reason[0] = 0;
  for (char *c = reason; *c != 0; c++) {
    if ((unsigned char)*c < ' ') *c = ' ';
  }
  return status;
}

cc_status cc_allocate(const cc_source *source, int64_t width, int64_t height, int bytes_per_value, cc_image *image) {
  if (width < 1 || height < 1) return CC_FAIL(source, CC_CANNOT_DECODE, "it has no pixels");
  if (width > max_side || height > max_side || width * height > max_pixels) {
    return CC_FAIL(
        source, CC_TOO_LARGE, "%lldx%lld pixels; at most 2^30 pixels and 2^20 a side can be read", (long long)width,
        (long long)height);
  }
  cc_image_free(image);
  image->channels = source->gray ? 1 : 3;
  image->pixels = malloc((size_t)(width * height) * (size_t)image->channels * (size_t)bytes_per_value);
  if (image->pixels == NULL) return CC_FAIL(source, CC_OUT_OF_MEMORY, "no memory for %lld pixels",
                                            (long long)(width * height));
  image->width = (int32_t)width;
  image->height = (int32_t)height;
  image->bytes_per_value = bytes_per_value;
  return CC_OK;
}

void cc_image_free(cc_image *image) {
  if (image == NULL) return;
  free(image->pixels);
  *image = (cc_image){0, 0, 0, 0, NULL};
}

static cc_status decode(const cc_source *source, cc_format format, cc_image *image) {
  switch (format) {
    case CC_FORMAT_JPEG: return cc_decode_jpeg(source, image);
    case CC_FORMAT_PNG: return cc_decode_png(source, image);
    case CC_FORMAT_WEBP: return cc_decode_webp(source, image);
    case CC_FORMAT_TIFF: return cc_decode_tiff(source, image);
    case CC_FORMAT_JPEG2000: return cc_decode_jpeg2000(source, image);
    case CC_FORMAT_BMP: return cc_decode_bmp(source, image);
    case CC_FORMAT_NETPBM: return cc_decode_netpbm(source, image);
    case CC_FORMAT_SUN_RASTER: return cc_decode_sun_raster(source, image);
    case CC_FORMAT_FLOATING_POINT:
      return CC_FAIL(source, CC_UNSUPPORTED, "its values are floating point; only unsigned 8 and 16 bits are read");
    case CC_FORMAT_UNKNOWN: break;
  }
  return CC_FAIL(source, CC_CANNOT_DECODE, "no picture format that can be read");
}

cc_status cc_decode(
    const uint8_t *data, size_t size, cc_color color, cc_image *image, char *reason, size_t reason_size) {
  cc_fail(reason, reason_size, CC_OK, "%s", "");
  const cc_source source = {data, size, color == CC_GRAY, reason, reason_size};
  if (image == NULL) return CC_FAIL(&source, CC_INVALID_ARGUMENT, "the image must not be null");
  *image = (cc_image){0, 0, 0, 0, NULL};
  if (data == NULL || size == 0) return CC_FAIL(&source, CC_INVALID_ARGUMENT, "the data must not be null");
  if (color != CC_GRAY && color != CC_BGR) return CC_FAIL(&source, CC_INVALID_ARGUMENT, "unknown colour choice");
  if (size > INT_MAX) return CC_FAIL(&source, CC_TOO_LARGE, "a file of 2 GiB or more cannot be decoded");

  const cc_header header = cc_read_header(data, size);
  if (header.width > max_side || header.height > max_side || header.width * header.height > max_pixels) {
    return CC_FAIL(
        &source, CC_TOO_LARGE, "%lldx%lld pixels; at most 2^30 pixels and 2^20 a side can be read",
        (long long)header.width, (long long)header.height);
  }
  // Before anything is allocated, for the formats whose walk leaves no doubt (and JPEG, where libjpeg only warns).
  const bool is_certain =
      header.format == CC_FORMAT_JPEG || header.format == CC_FORMAT_PNG || header.format == CC_FORMAT_BMP;
  cc_status status = CC_CANNOT_DECODE;
  if (header.complete || !is_certain) status = decode(&source, header.format, image);
  if (status == CC_CANNOT_DECODE && !header.complete) {
    status = CC_FAIL(&source, CC_TRUNCATED, "the %s data end before the picture does", header.name);
  }
  if (status == CC_OK && !cc_turn_upright(image, header.orientation)) {
    status = CC_FAIL(&source, CC_OUT_OF_MEMORY, "no memory to turn the picture upright");
  }
  if (status != CC_OK) cc_image_free(image);
  return status;
}
