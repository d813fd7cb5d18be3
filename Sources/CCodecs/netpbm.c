// The Netpbm family: PBM, PGM and PPM as text (P1 to P3) or bytes (P4 to P6), and PAM (P7). Values of 8 bits are scaled
// to 0...255; those of 16 bits stay as they are. Formats: netpbm.sourceforge.net/doc.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

/// Where reading stands.
typedef struct Cursor {
  const uint8_t *data;
  size_t size, at;
} Cursor;

typedef struct Netpbm {
  bool is_text, is_bilevel;  // bilevel: 1 is black
  uint32_t width, height, channels, most;
} Netpbm;

static bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static int next(Cursor *cursor) { return cursor->at < cursor->size ? cursor->data[cursor->at++] : -1; }

static int skip_line(Cursor *cursor) {
  int c = next(cursor);
  while (c != '\n' && c != '\r' && c != -1) c = next(cursor);
  return c;
}

/// A number of at most `digits` digits after blanks and comments, and the one character that ends it (unless the
/// digits are fixed). False at the end of the data or at anything else.
static bool read_number(Cursor *cursor, unsigned digits, uint32_t *number) {
  int c = next(cursor);
  while (is_space(c) || c == '#') c = c == '#' ? skip_line(cursor) : next(cursor);
  if (c < '0' || c > '9') return false;
  uint64_t value = 0;
  for (unsigned count = 0; c >= '0' && c <= '9';) {
    value = value * 10 + (uint64_t)(c - '0');
    if (value > INT32_MAX) return false;
    if (++count == digits) break;
    c = next(cursor);
  }
  *number = (uint32_t)value;
  return true;
}

/// The header of a PAM: lines of a name and a number, to ENDHDR.
static bool read_pam_header(Cursor *cursor, Netpbm *file) {
  static const char *const names[4] = {"WIDTH", "HEIGHT", "DEPTH", "MAXVAL"};
  uint32_t *const fields[4] = {&file->width, &file->height, &file->channels, &file->most};
  skip_line(cursor);
  for (;;) {
    char name[16] = "";
    size_t count = 0;
    int c = next(cursor);
    while (is_space(c)) c = next(cursor);
    if (c == -1) return false;
    if (c == '#') {
      skip_line(cursor);
      continue;
    }
    while (c != -1 && !is_space(c)) {
      if (count + 1 < sizeof name) name[count++] = (char)c;
      c = next(cursor);
    }
    if (strcmp(name, "ENDHDR") == 0) return true;
    bool is_number = false;
    for (int index = 0; index < 4; index++) {
      if (strcmp(name, names[index]) != 0) continue;
      is_number = true;
      if (!read_number(cursor, 0, fields[index])) return false;
    }
    if (!is_number && c != '\n') skip_line(cursor);
  }
}

static bool read_header(Cursor *cursor, Netpbm *file) {
  const int kind = cursor->data[1] - '0';
  cursor->at = 2;
  if (kind == 7) return read_pam_header(cursor, file);
  file->is_text = kind <= 3;
  file->is_bilevel = kind == 1 || kind == 4;
  file->channels = kind == 3 || kind == 6 ? 3 : 1;
  file->most = 1;
  return read_number(cursor, 0, &file->width) && read_number(cursor, 0, &file->height) &&
         (file->is_bilevel || read_number(cursor, 0, &file->most));
}

/// One row of `width * channels` values; false where the data end.
static bool read_row(Cursor *cursor, const Netpbm *file, uint16_t *values) {
  const size_t count = (size_t)file->width * file->channels;
  if (file->is_text) {
    for (size_t index = 0; index < count; index++) {
      uint32_t value = 0;
      if (!read_number(cursor, file->is_bilevel ? 1 : 0, &value)) return false;
      values[index] = (uint16_t)(value < file->most ? value : file->most);
    }
    return true;
  }
  const unsigned bytes = file->most > 255 ? 2 : 1;
  const size_t row_bytes = file->is_bilevel ? (count + 7) / 8 : count * bytes;
  if (cursor->size - cursor->at < row_bytes) return false;
  const uint8_t *const row = cursor->data + cursor->at;
  for (size_t index = 0; index < count; index++) {
    if (file->is_bilevel) {
      values[index] = row[index / 8] >> (7 - index % 8) & 1;
    } else {
      values[index] = bytes == 2 ? (uint16_t)(row[2 * index] << 8 | row[2 * index + 1]) : row[index];
    }
  }
  cursor->at += row_bytes;
  return true;
}

/// Values below 256 stretched to 0...255, 1 of a bilevel file being black.
static void stretch(const Netpbm *file, uint16_t *values) {
  for (size_t index = 0; index < (size_t)file->width * file->channels; index++) {
    const uint32_t value = values[index] < file->most ? values[index] : file->most;
    values[index] = (uint16_t)(file->is_bilevel ? 255 * (1 - value) : value * 255 / file->most);
  }
}

cc_status cc_decode_netpbm(const cc_source *source, cc_image *image) {
  Cursor cursor = {source->data, source->size, 0};
  Netpbm file = {0};
  if (!read_header(&cursor, &file) || file.most < 1 || file.most > 65535 || file.channels < 1 || file.channels > 4) {
    return CC_FAIL(source, CC_CANNOT_DECODE, "the Netpbm data are damaged: the header");
  }
  const bool is_deep = file.most > 255;
  const cc_status status = cc_allocate(source, file.width, file.height, is_deep && source->gray ? 2 : 1, image);
  if (status != CC_OK) return status;
  uint16_t *const values = malloc((size_t)file.width * file.channels * sizeof *values);
  if (values == NULL) return CC_FAIL(source, CC_OUT_OF_MEMORY, "no memory for a row");
  bool is_complete = true;
  for (uint32_t y = 0; is_complete && y < file.height; y++) {
    is_complete = read_row(&cursor, &file, values);
    if (!is_complete) break;
    if (!is_deep) stretch(&file, values);
    uint8_t *out = cc_row(image, y);
    for (uint32_t x = 0; x < file.width; x++) {
      const uint16_t *const color = values + (size_t)x * file.channels;
      const bool has_color = file.channels >= 3;
      const unsigned shift = is_deep && !source->gray ? 8 : 0;
      const unsigned red = color[0] >> shift;
      const unsigned green = has_color ? color[1] >> shift : red, blue = has_color ? color[2] >> shift : red;
      if (is_deep && source->gray) {
        ((uint16_t *)(void *)out)[x] = (uint16_t)cc_luma(red, green, blue);
      } else {
        cc_put(out + (size_t)x * (source->gray ? 1 : 3), source->gray, red, green, blue);
      }
    }
  }
  free(values);
  return is_complete ? CC_OK : CC_FAIL(source, CC_TRUNCATED, "the Netpbm data end before the picture does");
}

cc_status cc_encode_netpbm(const cc_target *target, cc_sink *sink) {
  const cc_image *const image = target->image;
  if (image->channels == 3 && image->bytes_per_value == 2) {
    return CC_FAIL(target, CC_CANNOT_ENCODE, "colour has 8 bits");
  }
  char header[64];
  const int length = snprintf(
      header, sizeof header, "P%c\n%d %d\n%d\n", image->channels == 1 ? '5' : '6', image->width, image->height,
      image->bytes_per_value == 1 ? 255 : 65535);
  cc_write(sink, header, (size_t)length);
  const size_t count = (size_t)image->width * (size_t)image->height;
  for (size_t index = 0; index < count && !sink->failed; index++) {
    uint8_t pixel[3];
    if (image->channels == 3) {
      const uint8_t *const color = (const uint8_t *)image->pixels + 3 * index;
      for (int channel = 0; channel < 3; channel++) pixel[channel] = color[2 - channel];
    } else if (image->bytes_per_value == 2) {
      const uint16_t value = ((const uint16_t *)image->pixels)[index];
      pixel[0] = (uint8_t)(value >> 8);
      pixel[1] = (uint8_t)value;
    } else {
      pixel[0] = ((const uint8_t *)image->pixels)[index];
    }
    cc_write(sink, pixel, (size_t)(image->channels * image->bytes_per_value));
  }
  return CC_OK;
}
