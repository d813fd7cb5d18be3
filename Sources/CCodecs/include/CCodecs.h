// Picture files in memory to pixels and back: JPEG, PNG, WebP and TIFF by libjpeg-turbo, libpng, libwebp and libtiff,
// JPEG 2000 by OpenJPEG; BMP, Netpbm and Sun raster files, which are short, by this target's own code.
//
// A function with a status returns CC_OK, or the status with its reason as one line of text in the caller's buffer
// (`reason`, `reason_size` bytes, always terminated; NULL or 0 if the text is not wanted); outputs are then empty.
// Nothing here prints, changes a setting of the process or keeps state between calls; any thread may call.
// Pixels are row-major without padding, channels interleaved, 8 or 16 bits (native endian) each.

#ifndef CCODECS_H
#define CCODECS_H

#include <stddef.h>
#include <stdint.h>

typedef enum cc_status {
  CC_OK = 0,
  CC_INVALID_ARGUMENT = 1,  // a null pointer, an extent below 1, an unknown choice
  CC_CANNOT_DECODE = 2,     // no known picture format, or damaged beyond reading
  CC_TRUNCATED = 3,         // the data end before the picture does
  CC_UNSUPPORTED = 4,       // a picture, but of a kind that is not read (floating point, ...)
  CC_TOO_LARGE = 5,         // more than 2^30 pixels, 2^20 a side, or 2 GiB of file
  CC_CANNOT_ENCODE = 6,     // no such format, or the encoder refused
  CC_OUT_OF_MEMORY = 7
} cc_status;

typedef enum cc_color {
  CC_GRAY = 0,  // one channel, 8 or 16 bits as stored; colour is converted, alpha dropped
  CC_BGR = 1    // three channels, 8 bits
} cc_color;

typedef struct cc_image {
  int32_t width;
  int32_t height;
  int32_t channels;         // 1 or 3
  int32_t bytes_per_value;  // 1 or 2
  void *pixels;             // freed by cc_image_free where cc_decode has set it
} cc_image;

// Decodes a whole file. Pictures are turned upright where EXIF (JPEG, PNG, WebP) or TIFF state an orientation.
// Incomplete files are refused (CC_TRUNCATED), never returned with the missing part in grey.
cc_status cc_decode(
    const uint8_t *data, size_t size, cc_color color, cc_image *image, char *reason, size_t reason_size);

// Frees the pixels and empties `image`; both may be absent.
void cc_image_free(cc_image *image);

typedef struct cc_bytes {
  uint8_t *data;  // freed by cc_bytes_free
  size_t count;
} cc_bytes;

// Encodes pixels as a file in memory. `extension` names the format, in lower case: png, jpg, jpeg, jpe, webp, tif,
// tiff, bmp, dib, ppm, pgm, pnm. 16 bits are for png, and in grey for tif and the Netpbm family. `quality` (1...100)
// is for JPEG.
cc_status cc_encode(
    const cc_image *image, const char *extension, int32_t quality, cc_bytes *bytes, char *reason, size_t reason_size);

// Frees the bytes and empties `bytes`; both may be absent.
void cc_bytes_free(cc_bytes *bytes);

#endif
