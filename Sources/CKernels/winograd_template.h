// The transforms of F(4x4, 3x3), written once and compiled for each instruction set. Included after product_template.h,
// whose vectors it uses. Channels go by vectors; the last vector may overlap the one before, and then writes the same
// values again.

#include "winograd_points.h"

// Six inputs of a row or column -> the factors of six products.
INLINED void transform_input(const vector d[6], vector t[6]) {
#pragma clang fp contract(fast)
  const vector even_a = d[4] - SQUARE_B * d[2], odd_a = d[3] - SQUARE_B * d[1];
  const vector even_b = d[4] - SQUARE_A * d[2], odd_b = d[3] - SQUARE_A * d[1];
  t[0] = SQUARE_A * SQUARE_B * d[0] + (d[4] - (SQUARE_A + SQUARE_B) * d[2]);
  t[1] = even_a + POINT_A * odd_a;
  t[2] = even_a - POINT_A * odd_a;
  t[3] = even_b + POINT_B * odd_b;
  t[4] = even_b - POINT_B * odd_b;
  t[5] = SQUARE_A * SQUARE_B * d[1] + (d[5] - (SQUARE_A + SQUARE_B) * d[3]);
}

// Six products -> four outputs of a row or column.
INLINED void transform_output(const vector m[6], vector y[4]) {
#pragma clang fp contract(fast)
  const vector even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];
  y[0] = m[0] + even_a + even_b;
  y[1] = POINT_A * odd_a + POINT_B * odd_b;
  y[2] = SQUARE_A * even_a + SQUARE_B * even_b;
  y[3] = CUBE_A * odd_a + CUBE_B * odd_b + m[5];
}

// First channel of the vector at `channel`, moved back where it would leave the row.
INLINED ptrdiff_t vector_start(ptrdiff_t channel, ptrdiff_t channels) {
  return channel + VECTOR_WIDTH <= channels ? channel : channels - VECTOR_WIDTH;
}

void KERNEL(ck_winograd_input)(const float *map, const ck_winograd_tiles *tiles, float *scratch, float *transformed) {
  const ptrdiff_t channels = tiles->channels, width = tiles->width;
  for (ptrdiff_t tile = 0; tile < tiles->count; tile++, transformed += tiles->tile_stride) {
    const ptrdiff_t top = (tiles->first + tile) / tiles->across * CK_WINOGRAD_TILE - tiles->padding;
    const ptrdiff_t left = (tiles->first + tile) % tiles->across * CK_WINOGRAD_TILE - tiles->padding;
    const bool is_inside = top >= 0 && left >= 0 && top + 6 <= tiles->height && left + 6 <= width;
    if (!is_inside) ck_copy_block(map, tiles->height, width, channels, top, left, 6, 6, scratch);
    const float *source = is_inside ? map + (top * width + left) * channels : scratch;
    const ptrdiff_t row_stride = (is_inside ? width : 6) * channels;
    for (ptrdiff_t next = 0; next < channels; next += VECTOR_WIDTH) {
      const ptrdiff_t channel = vector_start(next, channels);
      vector rows[6][6];
      UNROLLED for (int y = 0; y < 6; y++) {
        vector d[6];
        UNROLLED for (int x = 0; x < 6; x++)
          d[x] = *(const loose *)(source + y * row_stride + x * channels + channel);
        transform_input(d, rows[y]);
      }
      UNROLLED for (int x = 0; x < 6; x++) {
        vector d[6], t[6];
        UNROLLED for (int y = 0; y < 6; y++) d[y] = rows[y][x];
        transform_input(d, t);
        UNROLLED for (int y = 0; y < 6; y++)
          *(loose *)(transformed + (y * 6 + x) * tiles->place_stride + channel) = t[y];
      }
    }
  }
}

void KERNEL(ck_winograd_output)(const float *products, const ck_winograd_tiles *tiles, const float *bias,
                                const float *residual, ck_activation activation, float *output) {
  const ptrdiff_t channels = tiles->channels;
  for (ptrdiff_t tile = 0; tile < tiles->count; tile++, products += tiles->tile_stride) {
    const ptrdiff_t top = (tiles->first + tile) / tiles->across * CK_WINOGRAD_TILE;
    const ptrdiff_t left = (tiles->first + tile) % tiles->across * CK_WINOGRAD_TILE;
    const ptrdiff_t rows = tiles->height - top < CK_WINOGRAD_TILE ? tiles->height - top : CK_WINOGRAD_TILE;
    const ptrdiff_t columns = tiles->width - left < CK_WINOGRAD_TILE ? tiles->width - left : CK_WINOGRAD_TILE;
    for (ptrdiff_t next = 0; next < channels; next += VECTOR_WIDTH) {
      const ptrdiff_t channel = vector_start(next, channels);
      vector half[4][6];
      UNROLLED for (int x = 0; x < 6; x++) {
        vector m[6], y[4];
        UNROLLED for (int row = 0; row < 6; row++)
          m[row] = *(const loose *)(products + (row * 6 + x) * tiles->place_stride + channel);
        transform_output(m, y);
        UNROLLED for (int row = 0; row < 4; row++) half[row][x] = y[row];
      }
      const vector shift = *(const loose *)(bias + channel);
      UNROLLED for (int row = 0; row < 4; row++) {
        vector y[4];
        transform_output(half[row], y);
        if (row >= rows) break;
        const ptrdiff_t offset = ((top + row) * tiles->width + left) * channels + channel;
        UNROLLED for (int column = 0; column < 4; column++) {
          if (column >= columns) break;
          vector sum = y[column] + shift;
          if (residual) sum += *(const loose *)(residual + offset + column * channels);
          *(loose *)(output + offset + column * channels) = activate(sum, activation);
        }
      }
    }
  }
}
