// Turning pictures upright. Orientations by EXIF 2.3, tag 0x0112: 2 mirrored, 3 upside down, 4 both, 5 to 8 with the
// axes exchanged (5 mirrored along the main diagonal, 6 to be turned right, 7 along the other diagonal, 8 to be turned
// left).

#include <stdlib.h>
#include <string.h>

#include "header.h"

bool cc_turn_upright(cc_image *image, int orientation) {
  if (orientation < 2 || orientation > 8) return true;
  const bool exchanged = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const size_t width = (size_t)image->width, height = (size_t)image->height;
  const size_t new_width = exchanged ? height : width, new_height = exchanged ? width : height;
  const size_t bytes = (size_t)image->channels * (size_t)image->bytes_per_value;
  uint8_t *const turned = malloc(width * height * bytes);
  if (turned == NULL) return false;
  uint8_t *out = turned;
  for (size_t y = 0; y < new_height; y++) {
    for (size_t x = 0; x < new_width; x++, out += bytes) {
      const size_t column = exchanged ? y : x, row = exchanged ? x : y;
      const size_t old_x = from_right ? width - 1 - column : column;
      const size_t old_y = from_bottom ? height - 1 - row : row;
      memcpy(out, (const uint8_t *)image->pixels + (old_y * width + old_x) * bytes, bytes);
    }
  }
  free(image->pixels);
  image->pixels = turned;
  image->width = (int32_t)new_width;
  image->height = (int32_t)new_height;
  return true;
}
