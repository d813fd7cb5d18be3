// Which variant of the alignment runs, its table of filters, and pictures of half the size.
#include "CKernelsTarget.h"
#include "alignment_scratch.h"
#include "kernels.h"

void ck_alignment_filters(double least, ck_alignment_settings *settings) {
  enum { TAPS = CK_ALIGNMENT_TAPS };
  // The inverse of the cubic B-spline is sqrt(3) z^|k| (Unser, Aldroubi and Eden 1993).
  const double z = -0.26794919243112270;
  double inverse[2 * TAPS + 1];
  for (int k = 0; k <= 2 * TAPS; k++) inverse[k] = k ? inverse[k - 1] * z : 1;
  for (int index = 0; index < CK_ALIGNMENT_FILTERS; index++) {
    const double variance = least * least + index / 8.0;
    double taps[TAPS + 1], sum = 0;
    for (int k = 0; k <= TAPS; k++) {
      taps[k] = 0;
      for (int j = -TAPS; j <= TAPS; j++) {
        const double gaussian = variance > 1e-4 ? exp(-j * j / (2 * variance)) : j == 0;
        taps[k] += gaussian * inverse[k > j ? k - j : j - k];
      }
      sum += k ? 2 * taps[k] : taps[k];
    }
    for (int k = 0; k <= TAPS; k++) settings->filters[index][k] = (float)(taps[k] / sum);
  }
}

ptrdiff_t ck_alignment_scratch(void) { return (sizeof(alignment_scratch) + 63) / 64 * 64; }

void ck_align(ck_instructions instructions, const ck_picture *template_picture, const ck_picture *picture,
              const ck_alignment_settings *settings, const ptrdiff_t template_filters[2],
              const ptrdiff_t filters[2], ck_alignment *window, void *scratch) {
#define CALL(set) \
  ck_align_##set(template_picture, picture, settings, template_filters, filters, window, scratch)
  CK_SWITCH(instructions, CALL)
#undef CALL
}

CK_DISPATCH
void ck_halve(const ck_picture *picture, ptrdiff_t first, ptrdiff_t count, uint16_t *half) {
  enum { STRIP = 512 };
  const ptrdiff_t width = picture->width, height = picture->height, half_width = (width + 1) / 2;
  const uint32_t factor = picture->bytes == 1 ? 257 : 1;
  for (ptrdiff_t y = first; y < first + count; y++) {
    ptrdiff_t rows[4];
    for (int k = 0; k < 4; k++) {
      const ptrdiff_t row = 2 * y - 1 + k;
      rows[k] = row < 0 ? 0 : row < height ? row : height - 1;
    }
    for (ptrdiff_t start = 0; start < half_width; start += STRIP) {
      const ptrdiff_t end = start + STRIP < half_width ? start + STRIP : half_width;
      // Column sums of pixels 2 * start - 1 ... 2 * end, the edge's repeated.
      uint32_t sums[2 * STRIP + 2];
      const ptrdiff_t left = 2 * start - 1, right = 2 * end;
      const ptrdiff_t from = left < 0 ? 0 : left, to = right < width - 1 ? right : width - 1;
      if (picture->bytes == 1) {
        const uint8_t *p = picture->pixels;
        const uint8_t *a = p + rows[0] * width, *b = p + rows[1] * width, *c = p + rows[2] * width,
                      *d = p + rows[3] * width;
        for (ptrdiff_t x = from; x <= to; x++) sums[x - left] = a[x] + d[x] + 3u * (b[x] + c[x]);
      } else {
        const uint16_t *p = picture->pixels;
        const uint16_t *a = p + rows[0] * width, *b = p + rows[1] * width, *c = p + rows[2] * width,
                       *d = p + rows[3] * width;
        for (ptrdiff_t x = from; x <= to; x++) sums[x - left] = a[x] + d[x] + 3u * (b[x] + c[x]);
      }
      if (left < from) sums[0] = sums[1];
      for (ptrdiff_t x = to + 1; x <= right; x++) sums[x - left] = sums[to - left];
      uint16_t *target = half + (y - first) * half_width;
      for (ptrdiff_t x = start; x < end; x++) {
        const uint32_t *s = sums + 2 * (x - start);
        target[x] = (uint16_t)(((s[0] + s[3] + 3 * (s[1] + s[2])) * factor + 32) / 64);
      }
    }
  }
}
