// PNG by libpng, of every depth and colour type. Alpha is dropped, whatever it hides shows; libpng's warnings (a bad
// checksum in a chunk beside the picture) do not matter.

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "codec.h"

/// What libpng's callbacks reach: the rest of the file, and the reason of a failure.
typedef struct Reading {
  const uint8_t *data;
  size_t left;
  char text[128];
} Reading;

_Noreturn static void note_error(png_structp png, png_const_charp text) {
  Reading *const reading = png_get_error_ptr(png);
  if (reading != NULL) snprintf(reading->text, sizeof reading->text, "%s", text);
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  Reading *const reading = png_get_io_ptr(png);
  if (count > reading->left) png_error(png, "the data end");
  memcpy(target, reading->data, count);
  reading->data += count;
  reading->left -= count;
}

/// Every pixel, converted by libpng. `rows` is freed by the caller, as libpng reports errors by a jump.
static cc_status read_picture(
    png_structp png, png_infop info, const cc_source *source, cc_image *image, png_bytep *volatile *rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return CC_CANNOT_DECODE;
  png_read_info(png, info);
  const bool is_deep = png_get_bit_depth(png, info) == 16, keeps_depth = is_deep && source->gray;
  const int color = png_get_color_type(png, info);
  const bool has_color = (color & PNG_COLOR_MASK_COLOR) != 0;
  const png_uint_32 width = png_get_image_width(png, info), height = png_get_image_height(png, info);
  const cc_status status = cc_allocate(source, width, height, keeps_depth ? 2 : 1, image);
  if (status != CC_OK) return status;
  png_bytep *const pointers = calloc(height, sizeof *pointers);
  *rows = pointers;
  if (pointers == NULL) return CC_FAIL(source, CC_OUT_OF_MEMORY, "no memory for %u rows", (unsigned)height);
  for (png_uint_32 y = 0; y < height; y++) pointers[y] = cc_row(image, y);

  if (is_deep && !keeps_depth) png_set_strip_16(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (keeps_depth) png_set_swap(png);
#endif
  png_set_strip_alpha(png);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (!has_color && !is_deep) png_set_expand_gray_1_2_4_to_8(png);
  if (source->gray) {
    png_set_rgb_to_gray(png, PNG_ERROR_ACTION_NONE, 0.299, 0.587);
  } else if (has_color) {
    png_set_bgr(png);
  } else {
    png_set_gray_to_rgb(png);
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const size_t expected = (size_t)image->width * (size_t)image->channels * (size_t)image->bytes_per_value;
  if (png_get_rowbytes(png, info) != expected) png_error(png, "the rows have an unknown length");
  png_read_image(png, pointers);
  png_read_end(png, NULL);
  return CC_OK;
}

cc_status cc_decode_png(const cc_source *source, cc_image *image) {
  Reading reading = {source->data, source->size, ""};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, note_error, ignore_warning);
  png_infop info = png == NULL ? NULL : png_create_info_struct(png);
  png_bytep *volatile rows = NULL;
  cc_status status = CC_OUT_OF_MEMORY;
  if (info != NULL) {
    png_set_read_fn(png, &reading, read_bytes);
    png_set_user_limits(png, 1u << 20, 1u << 20);
    status = read_picture(png, info, source, image, &rows);
    if (reading.text[0] != 0) status = CC_FAIL(source, status, "the PNG data are damaged: %s", reading.text);
  }
  free(rows);
  png_destroy_read_struct(&png, &info, NULL);
  return status;
}

static void write_bytes(png_structp png, png_bytep data, size_t count) { cc_write(png_get_io_ptr(png), data, count); }

static void flush_nothing(png_structp png) { (void)png; }

static cc_status write_picture(png_structp png, png_infop info, const cc_image *image) {
  if (setjmp(png_jmpbuf(png)) != 0) return CC_CANNOT_ENCODE;
  // Fast, and small enough for pictures that are drawn: differences along the row, runs, the least search.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  png_set_compression_level(png, 1);
  png_set_compression_strategy(png, 3);
  png_set_IHDR(
      png, info, (png_uint_32)image->width, (png_uint_32)image->height, image->bytes_per_value * 8,
      image->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  png_set_bgr(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  png_set_swap(png);
#endif
  for (int32_t y = 0; y < image->height; y++) png_write_row(png, cc_row(image, y));
  png_write_end(png, info);
  return CC_OK;
}

cc_status cc_encode_png(const cc_target *target, cc_sink *sink) {
  Reading reading = {NULL, 0, ""};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &reading, note_error, ignore_warning);
  png_infop info = png == NULL ? NULL : png_create_info_struct(png);
  cc_status status = CC_OUT_OF_MEMORY;
  if (info != NULL) {
    png_set_write_fn(png, sink, write_bytes, flush_nothing);
    status = write_picture(png, info, target->image);
    if (reading.text[0] != 0) status = CC_FAIL(target, status, "PNG: %s", reading.text);
  }
  png_destroy_write_struct(&png, &info);
  return status;
}
