// JPEG by libjpeg-turbo. Warnings (damaged data in a file that is whole) are taken as any viewer takes them: the
// decoder goes on. A progressive file of endless scans is refused, as it would take minutes.

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "codec.h"

static const int most_scans = 500;

/// libjpeg's errors, ended by a jump: nothing in this file may need freeing but by libjpeg or the caller.
typedef struct Errors {
  struct jpeg_error_mgr base;
  jmp_buf escape;
} Errors;

_Noreturn static void escape(j_common_ptr info) { longjmp(((Errors *)info->err)->escape, 1); }

static void ignore_message(j_common_ptr info, int level) {
  (void)info;
  (void)level;
}

static void ignore_output(j_common_ptr info) { (void)info; }

static struct jpeg_error_mgr *make_errors(Errors *errors) {
  jpeg_std_error(&errors->base);
  errors->base.error_exit = escape;
  errors->base.emit_message = ignore_message;
  errors->base.output_message = ignore_output;
  return &errors->base;
}

static void watch_scans(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number > most_scans) escape(info);
}

/// One row of inks as Adobe stores them (255: none), four bytes a pixel.
static void convert_inks(const uint8_t *inks, uint8_t *out, size_t width, bool gray) {
  for (size_t x = 0; x < width; x++, inks += 4) {
    const int key = inks[3];
    const int red = key - ((255 - inks[0]) * key >> 8);
    const int green = key - ((255 - inks[1]) * key >> 8);
    const int blue = key - ((255 - inks[2]) * key >> 8);
    out = cc_put(out, gray, (unsigned)red, (unsigned)green, (unsigned)blue);
  }
}

cc_status cc_decode_jpeg(const cc_source *source, cc_image *image) {
  struct jpeg_decompress_struct info;
  struct jpeg_progress_mgr progress = {watch_scans, 0, 0, 0, 0};
  Errors errors;
  info.err = make_errors(&errors);
  if (setjmp(errors.escape) != 0) {
    char text[JMSG_LENGTH_MAX] = "too many scans";
    if (errors.base.msg_code != 0) errors.base.format_message((j_common_ptr)&info, text);
    const bool no_memory = errors.base.msg_code == JERR_OUT_OF_MEMORY;
    jpeg_destroy_decompress(&info);
    return CC_FAIL(
        source, no_memory ? CC_OUT_OF_MEMORY : CC_CANNOT_DECODE, "the JPEG data are damaged: %s", text);
  }
  jpeg_create_decompress(&info);
  info.progress = &progress;
  jpeg_mem_src(&info, source->data, source->size);
  jpeg_read_header(&info, TRUE);
  const bool has_inks = info.num_components == 4;
  info.out_color_space = has_inks ? JCS_CMYK : source->gray ? JCS_GRAYSCALE : JCS_EXT_BGR;
  jpeg_start_decompress(&info);
  const cc_status status = cc_allocate(source, info.output_width, info.output_height, 1, image);
  if (status == CC_OK) {
    JSAMPARRAY inks = NULL;
    if (has_inks) inks = info.mem->alloc_sarray((j_common_ptr)&info, JPOOL_IMAGE, info.output_width * 4, 1);
    while (info.output_scanline < info.output_height) {
      uint8_t *row = cc_row(image, info.output_scanline);
      jpeg_read_scanlines(&info, has_inks ? inks : &row, 1);
      if (has_inks) convert_inks(inks[0], row, info.output_width, source->gray);
    }
  }
  jpeg_destroy_decompress(&info);
  return status;
}

cc_status cc_encode_jpeg(const cc_target *target, cc_sink *sink) {
  const cc_image *const image = target->image;
  struct jpeg_compress_struct info;
  // libjpeg's own buffer, kept outside of what a jump may leave undefined.
  struct {
    unsigned char *data;
    unsigned long count;
  } volatile file = {NULL, 0};
  Errors errors;
  info.err = make_errors(&errors);
  if (setjmp(errors.escape) != 0) {
    char text[JMSG_LENGTH_MAX];
    errors.base.format_message((j_common_ptr)&info, text);
    const bool no_memory = errors.base.msg_code == JERR_OUT_OF_MEMORY;
    jpeg_destroy_compress(&info);
    free(file.data);
    return CC_FAIL(target, no_memory ? CC_OUT_OF_MEMORY : CC_CANNOT_ENCODE, "JPEG: %s", text);
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, (unsigned char **)&file.data, (unsigned long *)&file.count);
  info.image_width = (JDIMENSION)image->width;
  info.image_height = (JDIMENSION)image->height;
  info.input_components = image->channels;
  info.in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, target->quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    uint8_t *row = cc_row(image, info.next_scanline);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  cc_write(sink, file.data, file.count);
  free(file.data);
  return CC_OK;
}
