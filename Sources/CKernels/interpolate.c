// Bilinear interpolation of one output row.
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
