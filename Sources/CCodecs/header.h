// What a picture file says about itself, read without a codec library: format, size, completeness, orientation.
// Bounds-checked throughout: the bytes come from anywhere.

#ifndef CCODECS_HEADER_H
#define CCODECS_HEADER_H

#include "codec.h"

typedef enum cc_format {
  CC_FORMAT_UNKNOWN,
  CC_FORMAT_JPEG,
  CC_FORMAT_PNG,
  CC_FORMAT_WEBP,
  CC_FORMAT_TIFF,
  CC_FORMAT_JPEG2000,
  CC_FORMAT_BMP,
  CC_FORMAT_NETPBM,
  CC_FORMAT_SUN_RASTER,
  CC_FORMAT_FLOATING_POINT  // known, and not read: Radiance, OpenEXR, PFM
} cc_format;

typedef struct cc_header {
  cc_format format;
  const char *name;  // "JPEG", ... ; empty for unknown
  int64_t width;     // 0 where the format does not say so at a fixed place
  int64_t height;
  bool complete;     // false: the file's own structure reaches beyond its end
  int orientation;   // EXIF, 1...8; 1 where there is none
} cc_header;

/// Reads the header and walks the file's structure, not its compressed data.
cc_header cc_read_header(const uint8_t *data, size_t size);

/// Turns a picture upright that was stored with that EXIF orientation. False without the memory for it.
bool cc_turn_upright(cc_image *image, int orientation);

#endif
