// WebP by libwebp: lossy and lossless still pictures are read, alpha dropped; what is written is lossless.

#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/encode.h>

#include "codec.h"

cc_status cc_decode_webp(const cc_source *source, cc_image *image) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(source->data, source->size, &features) != VP8_STATUS_OK) {
    return CC_FAIL(source, CC_CANNOT_DECODE, "the WebP data are damaged");
  }
  if (features.has_animation) return CC_FAIL(source, CC_UNSUPPORTED, "it is an animation");
  cc_status status = cc_allocate(source, features.width, features.height, 1, image);
  if (status != CC_OK) return status;
  const size_t pixels = (size_t)image->width * (size_t)image->height;
  uint8_t *const colors = source->gray ? malloc(pixels * 3) : image->pixels;
  if (colors == NULL) return CC_FAIL(source, CC_OUT_OF_MEMORY, "no memory for %zu pixels", pixels);
  if (WebPDecodeBGRInto(source->data, source->size, colors, pixels * 3, image->width * 3) == NULL) {
    status = CC_FAIL(source, CC_CANNOT_DECODE, "the WebP data are damaged");
  } else if (source->gray) {
    uint8_t *const out = image->pixels;
    for (size_t index = 0; index < pixels; index++) {
      const uint8_t *const color = colors + index * 3;
      out[index] = (uint8_t)cc_fine_luma(color[2], color[1], color[0]);
    }
  }
  if (source->gray) free(colors);
  return status;
}

cc_status cc_encode_webp(const cc_target *target, cc_sink *sink) {
  const cc_image *const image = target->image;
  const size_t pixels = (size_t)image->width * (size_t)image->height;
  const bool is_gray = image->channels == 1;
  uint8_t *const colors = is_gray ? malloc(pixels * 3) : image->pixels;
  if (colors == NULL) return CC_FAIL(target, CC_OUT_OF_MEMORY, "no memory for %zu pixels", pixels);
  if (is_gray) {
    for (size_t index = 0; index < pixels; index++) {
      memset(colors + index * 3, ((const uint8_t *)image->pixels)[index], 3);
    }
  }
  uint8_t *file = NULL;
  const size_t count = WebPEncodeLosslessBGR(colors, image->width, image->height, image->width * 3, &file);
  if (is_gray) free(colors);
  if (count == 0) return CC_FAIL(target, CC_CANNOT_ENCODE, "the WebP encoder refused the picture");
  cc_write(sink, file, count);
  WebPFree(file);
  return CC_OK;
}
