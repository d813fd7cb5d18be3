// The way out: the encoder by the name's extension.

#include <stdlib.h>
#include <string.h>

#include "codec.h"

void cc_write(cc_sink *sink, const void *data, size_t count) {
  const size_t end = sink->position + count;
  if (sink->failed || end < count) {
    sink->failed = true;
    return;
  }
  if (end > sink->capacity) {
    const size_t capacity = end + end / 2 + 4096;
    uint8_t *const grown = realloc(sink->bytes.data, capacity);
    if (grown == NULL) {
      sink->failed = true;
      return;
    }
    sink->bytes.data = grown;
    sink->capacity = capacity;
  }
  if (sink->position > sink->bytes.count) {
    memset(sink->bytes.data + sink->bytes.count, 0, sink->position - sink->bytes.count);
  }
  if (count > 0) memcpy(sink->bytes.data + sink->position, data, count);
  sink->position = end;
  if (end > sink->bytes.count) sink->bytes.count = end;
}

void cc_bytes_free(cc_bytes *bytes) {
  if (bytes == NULL) return;
  free(bytes->data);
  *bytes = (cc_bytes){NULL, 0};
}

typedef struct Encoder {
  const char *extension;
  cc_status (*encode)(const cc_target *target, cc_sink *sink);
  int channels;         // 0: grey and colour
  int bytes_per_value;  // the most
} Encoder;

static const Encoder encoders[] = {
    {"png", cc_encode_png, 0, 2},    {"jpg", cc_encode_jpeg, 0, 1},   {"jpeg", cc_encode_jpeg, 0, 1},
    {"jpe", cc_encode_jpeg, 0, 1},   {"webp", cc_encode_webp, 0, 1},  {"tif", cc_encode_tiff, 0, 2},
    {"tiff", cc_encode_tiff, 0, 2},  {"bmp", cc_encode_bmp, 0, 1},    {"dib", cc_encode_bmp, 0, 1},
    {"pgm", cc_encode_netpbm, 1, 2}, {"ppm", cc_encode_netpbm, 3, 2}, {"pnm", cc_encode_netpbm, 0, 2}};

cc_status cc_encode(
    const cc_image *image, const char *extension, int32_t quality, cc_bytes *bytes, char *reason, size_t reason_size) {
  cc_fail(reason, reason_size, CC_OK, "%s", "");
  const cc_target target = {image, quality, reason, reason_size};
  if (bytes == NULL) return CC_FAIL(&target, CC_INVALID_ARGUMENT, "the bytes must not be null");
  *bytes = (cc_bytes){NULL, 0};
  if (image == NULL || image->pixels == NULL || extension == NULL) {
    return CC_FAIL(&target, CC_INVALID_ARGUMENT, "image and extension must not be null");
  }
  if (image->width < 1 || image->height < 1 || (image->channels != 1 && image->channels != 3) ||
      (image->bytes_per_value != 1 && image->bytes_per_value != 2)) {
    return CC_FAIL(&target, CC_INVALID_ARGUMENT, "an image has pixels of 1 or 3 channels of 8 or 16 bits");
  }
  if (quality < 1 || quality > 100) return CC_FAIL(&target, CC_INVALID_ARGUMENT, "the quality lies in 1...100");
  for (size_t index = 0; index < sizeof encoders / sizeof *encoders; index++) {
    const Encoder *const encoder = &encoders[index];
    if (strcmp(encoder->extension, extension) != 0) continue;
    if (encoder->channels != 0 && encoder->channels != image->channels) {
      return CC_FAIL(&target, CC_CANNOT_ENCODE, ".%s is for %s", extension, encoder->channels == 1 ? "grey" : "colour");
    }
    if (encoder->bytes_per_value < image->bytes_per_value) {
      return CC_FAIL(&target, CC_CANNOT_ENCODE, ".%s has 8 bits", extension);
    }
    cc_sink sink = {{NULL, 0}, 0, 0, false};
    cc_status status = encoder->encode(&target, &sink);
    if (status == CC_OK && sink.failed) status = CC_FAIL(&target, CC_OUT_OF_MEMORY, "no memory for the file");
    if (status == CC_OK) {
      *bytes = sink.bytes;
    } else {
      cc_bytes_free(&sink.bytes);
    }
    return status;
  }
  return CC_FAIL(&target, CC_CANNOT_ENCODE, "no format is called .%s", extension);
}
