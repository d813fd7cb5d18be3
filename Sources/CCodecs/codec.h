// What the formats share: refusals, pixels, brightness, and numbers at places that may lie outside the file.

#ifndef CCODECS_CODEC_H
#define CCODECS_CODEC_H

#include <stdbool.h>

#include "CCodecs.h"

/// What a file is, and what the caller wants of it.
typedef struct cc_source {
  const uint8_t *data;
  size_t size;
  bool gray;
  char *reason;
  size_t reason_size;
} cc_source;

/// Writes the reason as one line and returns `status`.
__attribute__((format(printf, 4, 5))) cc_status cc_fail(
    char *reason, size_t reason_size, cc_status status, const char *format, ...);
#define CC_FAIL(source, ...) cc_fail((source)->reason, (source)->reason_size, __VA_ARGS__)

/// Gives `image` pixels of that size; its channels are those that the source wants. The pixels are not set.
cc_status cc_allocate(const cc_source *source, int64_t width, int64_t height, int bytes_per_value, cc_image *image);

/// Row `y` of an image.
static inline uint8_t *cc_row(const cc_image *image, int64_t y) {
  return (uint8_t *)image->pixels + (size_t)y * (size_t)image->width * (size_t)image->channels *
                                        (size_t)image->bytes_per_value;
}

/// Brightness by the weights of ITU-R BT.601 in units of 2^-14 (8 and 16 bits).
static inline unsigned cc_luma(unsigned red, unsigned green, unsigned blue) {
  return (red * 4899 + green * 9617 + blue * 1868 + (1u << 13)) >> 14;
}

/// The same in units of 2^-15, as OpenCV's cvtColor has it: WebP and JPEG 2000 have always been read so.
static inline unsigned cc_fine_luma(unsigned red, unsigned green, unsigned blue) {
  return (red * 9798 + green * 19235 + blue * 3735 + (1u << 14)) >> 15;
}

/// Writes one pixel of 8 bits as one value or as blue, green, red; returns the next place.
static inline uint8_t *cc_put(uint8_t *out, bool gray, unsigned red, unsigned green, unsigned blue) {
  if (gray) {
    *out = (uint8_t)cc_luma(red, green, blue);
    return out + 1;
  }
  out[0] = (uint8_t)blue;
  out[1] = (uint8_t)green;
  out[2] = (uint8_t)red;
  return out + 3;
}

/// Numbers in a file. Those outside read as 0 and set `past_end`.
typedef struct cc_reader {
  const uint8_t *data;
  size_t size;
  bool big_endian;
  bool past_end;
} cc_reader;

static inline uint64_t cc_number(cc_reader *reader, uint64_t offset, unsigned bytes) {
  if (offset > reader->size || reader->size - offset < bytes) {
    reader->past_end = true;
    return 0;
  }
  uint64_t value = 0;
  for (unsigned index = 0; index < bytes; index++) {
    const unsigned place = reader->big_endian ? index : bytes - 1 - index;
    value = value << 8 | reader->data[offset + place];
  }
  return value;
}

// The decoders. Each fills `image`; the caller checks the size that the header states, turns the picture upright where
// EXIF says so, and frees the pixels after a failure.
cc_status cc_decode_jpeg(const cc_source *source, cc_image *image);
cc_status cc_decode_png(const cc_source *source, cc_image *image);
cc_status cc_decode_webp(const cc_source *source, cc_image *image);
cc_status cc_decode_tiff(const cc_source *source, cc_image *image);
cc_status cc_decode_jpeg2000(const cc_source *source, cc_image *image);
cc_status cc_decode_bmp(const cc_source *source, cc_image *image);
cc_status cc_decode_netpbm(const cc_source *source, cc_image *image);
cc_status cc_decode_sun_raster(const cc_source *source, cc_image *image);

/// A file that grows while it is written.
typedef struct cc_sink {
  cc_bytes bytes;
  size_t capacity;
  size_t position;  // where the next byte goes
  bool failed;      // no memory
} cc_sink;

/// Writes at the position and moves it; a gap before it is zeros.
void cc_write(cc_sink *sink, const void *data, size_t count);

/// What to encode, and how.
typedef struct cc_target {
  const cc_image *image;
  int quality;
  char *reason;
  size_t reason_size;
} cc_target;

cc_status cc_encode_jpeg(const cc_target *target, cc_sink *sink);
cc_status cc_encode_png(const cc_target *target, cc_sink *sink);
cc_status cc_encode_webp(const cc_target *target, cc_sink *sink);
cc_status cc_encode_tiff(const cc_target *target, cc_sink *sink);
cc_status cc_encode_bmp(const cc_target *target, cc_sink *sink);
cc_status cc_encode_netpbm(const cc_target *target, cc_sink *sink);

#endif
