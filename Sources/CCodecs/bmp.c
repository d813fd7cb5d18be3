// BMP of Windows (headers of 40 bytes and more) and OS/2 (12 bytes): 1, 4, 8 bits with a palette, run-length encoded
// too, 16, 24 and 32 bits, with masks too. Alpha is dropped. Channels of fewer than 8 bits are the upper bits.

#include <stdlib.h>
#include <string.h>

#include "codec.h"

typedef struct Bitmap {
  int64_t width, height;
  bool from_top;
  unsigned bits, compression;
  uint32_t masks[3];             // red, green, blue, for 16 and 32 bits
  uint8_t palette[256][3];       // red, green, blue
  uint64_t pixels;               // where they begin
} Bitmap;

static const unsigned run_length_8 = 1, run_length_4 = 2, masked = 3;

static bool read_header(const cc_source *source, Bitmap *bitmap) {
  cc_reader reader = {source->data, source->size, false, false};
  bitmap->pixels = cc_number(&reader, 10, 4);
  const uint64_t header = cc_number(&reader, 14, 4);
  const bool is_old = header == 12;
  uint64_t colors = 0;
  if (is_old) {
    bitmap->width = (int64_t)cc_number(&reader, 18, 2);
    bitmap->height = (int64_t)cc_number(&reader, 20, 2);
    bitmap->bits = (unsigned)cc_number(&reader, 24, 2);
  } else {
    bitmap->width = (int32_t)cc_number(&reader, 18, 4);
    bitmap->height = (int32_t)cc_number(&reader, 22, 4);
    bitmap->bits = (unsigned)cc_number(&reader, 28, 2);
    bitmap->compression = (unsigned)cc_number(&reader, 30, 4);
    colors = cc_number(&reader, 46, 4);
  }
  bitmap->from_top = bitmap->height < 0;
  if (bitmap->from_top) bitmap->height = -bitmap->height;
  if (bitmap->bits <= 8) {
    if (colors == 0) colors = UINT64_C(1) << bitmap->bits;
    if (colors > 256) return false;
    const unsigned bytes = is_old ? 3 : 4;
    for (uint64_t index = 0; index < colors; index++) {
      for (unsigned channel = 0; channel < 3; channel++) {
        bitmap->palette[index][channel] = (uint8_t)cc_number(&reader, 14 + header + index * bytes + 2 - channel, 1);
      }
    }
  }
  for (unsigned channel = 0; channel < 3; channel++) {
    if (bitmap->compression == masked) {
      bitmap->masks[channel] = (uint32_t)cc_number(&reader, 54 + 4 * channel, 4);
    } else {
      bitmap->masks[channel] = bitmap->bits == 16 ? 0x7C00u >> 5 * channel : 0xFF0000u >> 8 * channel;
    }
  }
  return !reader.past_end && (is_old || header >= 36) && bitmap->width > 0 && bitmap->height > 0;
}

static bool is_known(const Bitmap *bitmap) {
  switch (bitmap->bits) {
    case 4: return bitmap->compression == 0 || bitmap->compression == run_length_4;
    case 8: return bitmap->compression == 0 || bitmap->compression == run_length_8;
    case 16:
    case 32: return bitmap->compression == 0 || bitmap->compression == masked;
    default: return (bitmap->bits == 1 || bitmap->bits == 24) && bitmap->compression == 0;
  }
}

/// A channel as 8 bits.
static unsigned channel(uint32_t pixel, uint32_t mask) {
  if (mask == 0) return 0;
  const uint32_t value = (pixel & mask) >> __builtin_ctz(mask), most = mask >> __builtin_ctz(mask);
  const int width = 32 - __builtin_clz(most);
  return width > 8 ? value >> (width - 8) : (value << (8 - width)) & 0xFF;
}

/// Expands run lengths to one index a pixel, rows in the order of the file; what is skipped has index 0.
static cc_status expand(const cc_source *source, const Bitmap *bitmap, uint8_t *indices) {
  const bool is_packed = bitmap->bits == 4;  // two indices a byte
  const uint8_t *const data = source->data;
  uint64_t at = bitmap->pixels;
  int64_t x = 0, y = 0;
  while (y < bitmap->height) {
    if (at > source->size || source->size - at < 2) {
      return CC_FAIL(source, CC_TRUNCATED, "the BMP data end before the picture does");
    }
    const unsigned count = data[at], code = data[at + 1];
    at += 2;
    if (count == 0 && code == 0) {  // end of row
      x = 0;
      y++;
    } else if (count == 0 && code == 1) {  // end of picture
      return CC_OK;
    } else if (count == 0 && code == 2) {  // a jump
      if (source->size - at < 2) return CC_FAIL(source, CC_TRUNCATED, "the BMP data end before the picture does");
      x += data[at];
      y += data[at + 1];
      at += 2;
    } else {
      const unsigned pixels = count > 0 ? count : code;
      const unsigned bytes = count > 0 ? 0 : is_packed ? (code + 1) / 2 : code;
      if (source->size - at < bytes) return CC_FAIL(source, CC_TRUNCATED, "the BMP data end before the picture does");
      if (x == bitmap->width) {
        x = 0;
        y++;
      }
      if (x + pixels > bitmap->width || y >= bitmap->height) {
        return CC_FAIL(source, CC_CANNOT_DECODE, "the BMP data are damaged: a run leaves its row");
      }
      uint8_t *const row = indices + y * bitmap->width + x;
      for (unsigned index = 0; index < pixels; index++) {
        const uint8_t byte = count > 0 ? (uint8_t)code : data[at + (is_packed ? index / 2 : index)];
        row[index] = !is_packed ? byte : index % 2 == 0 ? byte >> 4 : byte & 15;
      }
      x += pixels;
      at += bytes + (bytes & 1);
    }
  }
  return CC_OK;
}

static void convert_row(const Bitmap *bitmap, const uint8_t *row, unsigned bits, bool gray, uint8_t *out) {
  for (int64_t x = 0; x < bitmap->width; x++) {
    if (bits <= 8) {
      const unsigned per_byte = 8 / bits, place = (unsigned)(x % per_byte);
      const unsigned index = row[x / per_byte] >> (8 - bits * (place + 1)) & ((1u << bits) - 1);
      const uint8_t *const color = bitmap->palette[index];
      out = cc_put(out, gray, color[0], color[1], color[2]);
    } else if (bits == 24) {
      out = cc_put(out, gray, row[3 * x + 2], row[3 * x + 1], row[3 * x]);
    } else {
      uint32_t pixel = 0;
      for (unsigned byte = bits / 8; byte-- > 0;) pixel = pixel << 8 | row[x * (bits / 8) + byte];
      const uint32_t *const masks = bitmap->masks;
      out = cc_put(out, gray, channel(pixel, masks[0]), channel(pixel, masks[1]), channel(pixel, masks[2]));
    }
  }
}

cc_status cc_decode_bmp(const cc_source *source, cc_image *image) {
  Bitmap bitmap;
  memset(&bitmap, 0, sizeof bitmap);
  if (!read_header(source, &bitmap)) return CC_FAIL(source, CC_CANNOT_DECODE, "the BMP data are damaged: the header");
  if (!is_known(&bitmap)) {
    return CC_FAIL(
        source, CC_UNSUPPORTED, "BMP of %u bits with compression %u", bitmap.bits, bitmap.compression);
  }
  cc_status status = cc_allocate(source, bitmap.width, bitmap.height, 1, image);
  if (status != CC_OK) return status;
  const bool is_run_length = bitmap.compression == run_length_8 || bitmap.compression == run_length_4;
  const uint64_t width = (uint64_t)bitmap.width;
  const uint64_t row_bytes = is_run_length ? width : (width * bitmap.bits + 31) / 32 * 4;
  const uint8_t *rows = source->data + bitmap.pixels;
  uint8_t *indices = NULL;
  if (is_run_length) {
    rows = indices = calloc((size_t)bitmap.width, (size_t)bitmap.height);
    if (indices == NULL) return CC_FAIL(source, CC_OUT_OF_MEMORY, "no memory for its pixels");
    status = expand(source, &bitmap, indices);
  } else if (bitmap.pixels > source->size || source->size - bitmap.pixels < row_bytes * (uint64_t)bitmap.height) {
    status = CC_FAIL(source, CC_TRUNCATED, "the BMP data end before the picture does");
  }
  for (int64_t y = 0; status == CC_OK && y < bitmap.height; y++) {
    const int64_t stored = bitmap.from_top ? y : bitmap.height - 1 - y;
    convert_row(
        &bitmap, rows + (uint64_t)stored * row_bytes, is_run_length ? 8 : bitmap.bits, source->gray, cc_row(image, y));
  }
  free(indices);
  return status;
}

static void write_number(cc_sink *sink, uint32_t value, unsigned bytes) {
  uint8_t little[4];
  for (unsigned index = 0; index < 4; index++) little[index] = (uint8_t)(value >> 8 * index);
  cc_write(sink, little, bytes);
}

cc_status cc_encode_bmp(const cc_target *target, cc_sink *sink) {
  const cc_image *const image = target->image;
  const size_t row_bytes = (size_t)image->width * (size_t)image->channels, padding = (4 - row_bytes % 4) % 4;
  const uint32_t start = image->channels == 1 ? 54 + 1024 : 54;
  const size_t count = start + (row_bytes + padding) * (size_t)image->height;
  if (count > INT32_MAX) return CC_FAIL(target, CC_CANNOT_ENCODE, "a BMP of 2 GiB or more");
  cc_write(sink, "BM", 2);
  const uint32_t fields[] = {(uint32_t)count, 0, start, 40, (uint32_t)image->width, (uint32_t)image->height};
  for (size_t index = 0; index < sizeof fields / sizeof *fields; index++) write_number(sink, fields[index], 4);
  write_number(sink, 1, 2);
  write_number(sink, (uint32_t)image->channels * 8, 2);
  for (int index = 0; index < 6; index++) write_number(sink, 0, 4);
  for (uint32_t value = 0; image->channels == 1 && value < 256; value++) write_number(sink, value * 0x010101, 4);
  for (int32_t y = image->height; y-- > 0;) {
    cc_write(sink, cc_row(image, y), row_bytes);
    cc_write(sink, "\0\0\0", padding);
  }
  return CC_OK;
}
