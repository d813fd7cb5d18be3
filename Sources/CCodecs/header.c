// Walks the structure of JPEG (ITU T.81 annex B), PNG, BMP, TIFF 6.0 and WebP (RIFF) files.
// JPEG matters most: libjpeg decodes a file whose end is missing to a partly grey picture, with a warning only, so the
// entropy-coded data are followed to the EOI marker. Bytes after EOI are fine (motion photos).

#include "header.h"

#include <string.h>

/// The orientation (tag 0x0112 of the first directory) in EXIF data, which are a TIFF file; 1 for lack of a good one.
static int read_orientation(const uint8_t *data, size_t size) {
  static const uint8_t prefix[6] = "Exif\0";  // in JPEG always, in WebP by mistake
  if (size >= sizeof prefix && memcmp(data, prefix, sizeof prefix) == 0) {
    data += sizeof prefix;
    size -= sizeof prefix;
  }
  if (size < 8 || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M')) return 1;
  cc_reader reader = {data, size, data[0] == 'M', false};
  if (cc_number(&reader, 2, 2) != 42) return 1;
  const uint64_t directory = cc_number(&reader, 4, 4);
  const uint64_t entries = cc_number(&reader, directory, 2);
  for (uint64_t entry = 0; entry < entries && !reader.past_end; entry++) {
    const uint64_t at = directory + 2 + entry * 12;
    if (cc_number(&reader, at, 2) != 0x0112) continue;
    const uint64_t value = cc_number(&reader, at + 8, 2);
    return cc_number(&reader, at + 2, 2) == 3 && !reader.past_end && value >= 1 && value <= 8 ? (int)value : 1;
  }
  return 1;
}

static void read_jpeg(const uint8_t *data, size_t size, cc_header *header) {
  cc_reader reader = {data, size, true, false};
  bool has_exif = false;
  header->complete = false;
  size_t at = 2;  // after SOI
  while (at + 1 < size) {
    if (data[at] != 0xFF) {  // entropy-coded data, or stray bytes that decoders skip as well
      const uint8_t *const next = memchr(data + at, 0xFF, size - at);
      if (next == NULL) return;
      at = (size_t)(next - data);
      continue;
    }
    const uint8_t marker = data[at + 1];
    if (marker == 0xFF) {  // fill byte
      at += 1;
    } else if (marker == 0xD9) {  // EOI
      header->complete = true;
      return;
    } else if (marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
      at += 2;  // stuffed zero, TEM, restart: no payload
    } else {
      const size_t length = (size_t)cc_number(&reader, at + 2, 2);
      if (reader.past_end) return;
      const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
      if (frame && header->width == 0) {
        header->height = (int64_t)cc_number(&reader, at + 5, 2);
        header->width = (int64_t)cc_number(&reader, at + 7, 2);
      }
      const bool inside = length >= 8 && length <= size - at - 2;
      if (marker == 0xE1 && !has_exif && inside && memcmp(data + at + 4, "Exif\0", 6) == 0) {
        has_exif = true;
        header->orientation = read_orientation(data + at + 4, length - 2);
      }
      at += 2 + (length < 2 ? 2 : length);
    }
  }
}

static void read_png(const uint8_t *data, size_t size, cc_header *header) {
  cc_reader reader = {data, size, true, false};
  header->width = (int64_t)cc_number(&reader, 16, 4);
  header->height = (int64_t)cc_number(&reader, 20, 4);
  header->complete = false;
  for (uint64_t at = 8; at + 12 <= size;) {
    const uint64_t length = cc_number(&reader, at, 4);
    if (at + 12 + length > size) return;
    if (memcmp(data + at + 4, "eXIf", 4) == 0) header->orientation = read_orientation(data + at + 8, (size_t)length);
    if (memcmp(data + at + 4, "IEND", 4) == 0) {
      header->complete = true;
      return;
    }
    at += 12 + length;
  }
}

static void read_bmp(const uint8_t *data, size_t size, cc_header *header) {
  cc_reader reader = {data, size, false, false};
  const uint64_t pixels = cc_number(&reader, 10, 4);
  uint64_t bits = 0, compression = 0;
  if (cc_number(&reader, 14, 4) == 12) {  // OS/2
    header->width = (int64_t)cc_number(&reader, 18, 2);
    header->height = (int64_t)cc_number(&reader, 20, 2);
    bits = cc_number(&reader, 24, 2);
  } else {
    header->width = (int32_t)cc_number(&reader, 18, 4);
    header->height = (int32_t)cc_number(&reader, 22, 4);
    bits = cc_number(&reader, 28, 2);
    compression = cc_number(&reader, 30, 4);
  }
  if (header->height < 0) header->height = -header->height;  // rows from the top
  if (header->width < 0) header->width = 0;
  header->complete = !reader.past_end;
  if (header->complete && (compression == 0 || compression == 3)) {
    const uint64_t row = ((uint64_t)header->width * bits + 31) / 32 * 4;
    header->complete = pixels <= size && (row == 0 || (uint64_t)header->height <= (size - pixels) / row);
  }
}

/// The first directory of a classic TIFF file. Its strips (or tiles) must lie inside the file.
static void read_tiff(const uint8_t *data, size_t size, cc_header *header) {
  typedef struct Field {
    uint64_t at, count;
    unsigned bytes;
  } Field;
  cc_reader reader = {data, size, data[0] == 'M', false};
  const uint64_t directory = cc_number(&reader, 4, 4);
  const uint64_t entries = cc_number(&reader, directory, 2);
  Field offsets = {0, 0, 0}, counts = {0, 0, 0};
  for (uint64_t entry = 0; entry < entries && !reader.past_end; entry++) {
    const uint64_t at = directory + 2 + entry * 12;
    const uint64_t tag = cc_number(&reader, at, 2);
    const unsigned bytes = cc_number(&reader, at + 2, 2) == 3 ? 2 : 4;
    const uint64_t count = cc_number(&reader, at + 4, 4);
    const Field field = {count * bytes <= 4 ? at + 8 : cc_number(&reader, at + 8, 4), count, bytes};
    if (tag == 256) header->width = (int64_t)cc_number(&reader, field.at, bytes);
    if (tag == 257) header->height = (int64_t)cc_number(&reader, field.at, bytes);
    if (tag == 273 || tag == 324) offsets = field;
    if (tag == 279 || tag == 325) counts = field;
  }
  const uint64_t strips = offsets.count < counts.count ? offsets.count : counts.count;
  for (uint64_t strip = 0; strip < strips && !reader.past_end; strip++) {
    const uint64_t start = cc_number(&reader, offsets.at + strip * offsets.bytes, offsets.bytes);
    const uint64_t length = cc_number(&reader, counts.at + strip * counts.bytes, counts.bytes);
    if (start > size || length > size - start) reader.past_end = true;
  }
  header->complete = !reader.past_end;
}

static void read_webp(const uint8_t *data, size_t size, cc_header *header) {
  cc_reader reader = {data, size, false, false};
  header->complete = cc_number(&reader, 4, 4) + 8 <= size;
  if (size < 30) {
    header->complete = false;
  } else if (memcmp(data + 12, "VP8X", 4) == 0) {
    header->width = (int64_t)(cc_number(&reader, 24, 3) + 1);
    header->height = (int64_t)(cc_number(&reader, 27, 3) + 1);
  } else if (memcmp(data + 12, "VP8L", 4) == 0) {
    const uint64_t bits = cc_number(&reader, 21, 4);
    header->width = (int64_t)((bits & 0x3FFF) + 1);
    header->height = (int64_t)((bits >> 14 & 0x3FFF) + 1);
  } else if (memcmp(data + 12, "VP8 ", 4) == 0) {
    header->width = (int64_t)(cc_number(&reader, 26, 2) & 0x3FFF);
    header->height = (int64_t)(cc_number(&reader, 28, 2) & 0x3FFF);
  }
  for (uint64_t at = 12; at + 8 <= size;) {
    const uint64_t length = cc_number(&reader, at + 4, 4);
    if (length > size - at - 8) return;
    if (memcmp(data + at, "EXIF", 4) == 0) header->orientation = read_orientation(data + at + 8, (size_t)length);
    at += 8 + length + (length & 1);
  }
}

static bool starts_with(const uint8_t *data, size_t size, const char *text, size_t count) {
  return size >= count && memcmp(data, text, count) == 0;
}

static bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

cc_header cc_read_header(const uint8_t *data, size_t size) {
#define STARTS_WITH(text) starts_with(data, size, text, sizeof text - 1)
  cc_header header = {CC_FORMAT_UNKNOWN, "", 0, 0, true, 1};
  if (STARTS_WITH("\xFF\xD8\xFF")) {
    header.format = CC_FORMAT_JPEG;
    header.name = "JPEG";
    read_jpeg(data, size, &header);
  } else if (STARTS_WITH("\x89PNG\r\n\x1A\n")) {
    header.format = CC_FORMAT_PNG;
    header.name = "PNG";
    read_png(data, size, &header);
  } else if (STARTS_WITH("RIFF") && size >= 12 && memcmp(data + 8, "WEBP", 4) == 0) {
    header.format = CC_FORMAT_WEBP;
    header.name = "WebP";
    read_webp(data, size, &header);
  } else if (STARTS_WITH("II*\0") || STARTS_WITH("MM\0*")) {
    header.format = CC_FORMAT_TIFF;
    header.name = "TIFF";
    read_tiff(data, size, &header);
  } else if (STARTS_WITH("II+\0") || STARTS_WITH("MM\0+")) {
    header.format = CC_FORMAT_TIFF;
    header.name = "BigTIFF";
  } else if (STARTS_WITH("\0\0\0\x0CjP  \r\n\x87\n") || STARTS_WITH("\xFF\x4F\xFF\x51")) {
    header.format = CC_FORMAT_JPEG2000;
    header.name = "JPEG 2000";
  } else if (STARTS_WITH("BM") && size >= 18 && data[15] == 0 && data[16] == 0 && data[17] == 0) {
    header.format = CC_FORMAT_BMP;
    header.name = "BMP";
    read_bmp(data, size, &header);
  } else if (STARTS_WITH("P") && size >= 3 && data[1] >= '1' && data[1] <= '7' && is_space(data[2])) {
    header.format = CC_FORMAT_NETPBM;
    header.name = "Netpbm";
  } else if (STARTS_WITH("\x59\xA6\x6A\x95")) {
    header.format = CC_FORMAT_SUN_RASTER;
    header.name = "Sun raster";
  } else if (STARTS_WITH("#?RADIANCE") || STARTS_WITH("#?RGBE")) {
    header.format = CC_FORMAT_FLOATING_POINT;
    header.name = "Radiance";
  } else if (STARTS_WITH("\x76\x2F\x31\x01")) {
    header.format = CC_FORMAT_FLOATING_POINT;
    header.name = "OpenEXR";
  } else if (size >= 3 && data[0] == 'P' && (data[1] == 'F' || data[1] == 'f') && is_space(data[2])) {
    header.format = CC_FORMAT_FLOATING_POINT;
    header.name = "PFM";
  }
  return header;
#undef STARTS_WITH
}
