// Sun raster files (rasterfile.h of SunOS), not run-length encoded: 1 and 8 bits, with a colour map or without, 24 and
// 32 bits as blue, green, red or (type 3) red, green, blue.

#include "codec.h"

cc_status cc_decode_sun_raster(const cc_source *source, cc_image *image) {
  cc_reader reader = {source->data, source->size, true, false};
  const int64_t width = (int64_t)cc_number(&reader, 4, 4), height = (int64_t)cc_number(&reader, 8, 4);
  const unsigned bits = (unsigned)cc_number(&reader, 12, 4);
  const uint64_t type = cc_number(&reader, 20, 4), map_type = cc_number(&reader, 24, 4);
  const uint64_t map_bytes = cc_number(&reader, 28, 4);
  if ((type > 1 && type != 3) || (bits != 1 && bits != 8 && bits != 24 && bits != 32) || map_type > 1 ||
      map_bytes > 768) {
    return CC_FAIL(source, CC_UNSUPPORTED, "this type of Sun raster file is not read");
  }
  const cc_status status = cc_allocate(source, width, height, 1, image);
  if (status != CC_OK) return status;
  const uint64_t row_bytes = ((uint64_t)width * bits + 15) / 16 * 2, start = 32 + map_bytes;
  if (reader.past_end || start > source->size || source->size - start < row_bytes * (uint64_t)height) {
    return CC_FAIL(source, CC_TRUNCATED, "the Sun raster data end before the picture does");
  }
  const uint64_t colors = map_bytes / 3;
  const unsigned red_place = type == 3 ? 0 : 2;
  for (int64_t y = 0; y < height; y++) {
    const uint8_t *const row = source->data + start + (uint64_t)y * row_bytes;
    uint8_t *out = cc_row(image, y);
    for (int64_t x = 0; x < width; x++) {
      if (bits > 8) {
        const uint8_t *const color = row + x * (bits / 8) + (bits == 32 ? 1 : 0);
        out = cc_put(out, source->gray, color[red_place], color[1], color[2 - red_place]);
        continue;
      }
      const unsigned index = bits == 8 ? row[x] : row[x / 8] >> (7 - x % 8) & 1;
      if (colors == 0) {
        const unsigned value = bits == 8 ? index : 255 * index;
        out = cc_put(out, source->gray, value, value, value);
      } else {
        const uint8_t *const map = source->data + 32;  // all reds, all greens, all blues
        const bool is_mapped = index < colors;
        out = cc_put(
            out, source->gray, is_mapped ? map[index] : 0, is_mapped ? map[colors + index] : 0,
            is_mapped ? map[2 * colors + index] : 0);
      }
    }
  }
  return CC_OK;
}
