// Bilinear interpolation: one output row, or a square of samples a pixel apart.
#include "CKernelsTarget.h"

CK_DISPATCH
void ck_bilinear_row(const float *upper, const float *lower, float row_weight, const int32_t *left,
                     const int32_t *right, const float *weight, ptrdiff_t output_width, ptrdiff_t channels,
                     float *output) {
  for (ptrdiff_t x = 0; x < output_width; x++, output += channels) {
    const float *a = upper + left[x] * channels, *b = upper + right[x] * channels;
    const float *c = lower + left[x] * channels, *d = lower + right[x] * channels;
    const float wb = (1 - row_weight) * weight[x], wa = (1 - row_weight) - wb;
    const float wd = row_weight * weight[x], wc = row_weight - wd;
    for (ptrdiff_t k = 0; k < channels; k++) output[k] = wa * a[k] + wb * b[k] + wc * c[k] + wd * d[k];
  }
}

static inline ptrdiff_t clamped(ptrdiff_t place, ptrdiff_t extent) {
  return place < 0 ? 0 : place < extent ? place : extent - 1;
}

CK_DISPATCH
void ck_bilinear_square(const float *map, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float y, float x,
                        ptrdiff_t side, float *output) {
  const ptrdiff_t top = (ptrdiff_t)floorf(y), left = (ptrdiff_t)floorf(x);
  const float down = y - (float)top, across = x - (float)left;
  // A sample on a pixel needs no neighbour but takes it with weight 0: all samples are alike.
  const float wb = (1 - down) * across, wa = (1 - down) - wb, wd = down * across, wc = down - wd;
  const bool is_inside = left >= 0 && left + side < width;
  for (ptrdiff_t row = 0; row < side; row++) {
    const float *upper = map + clamped(top + row, height) * width * channels;
    const float *lower = map + clamped(top + row + 1, height) * width * channels;
    if (is_inside) {
      const float *a = upper + left * channels, *c = lower + left * channels;
      for (ptrdiff_t k = 0; k < side * channels; k++)
        output[k] = wa * a[k] + wb * a[k + channels] + wc * c[k] + wd * c[k + channels];
    } else {
      for (ptrdiff_t column = 0; column < side; column++) {
        const ptrdiff_t one = clamped(left + column, width) * channels;
        const ptrdiff_t next = clamped(left + column + 1, width) * channels;
        for (ptrdiff_t k = 0; k < channels; k++)
          output[column * channels + k] =
              wa * upper[one + k] + wb * upper[next + k] + wc * lower[one + k] + wd * lower[next + k];
      }
    }
    output += side * channels;
  }
}
