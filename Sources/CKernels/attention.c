// The running softmax of attention (Milakov and Gimelshein 2018, "Online normalizer calculation for softmax").
#include "CKAttention.h"

#include "CKernelsTarget.h"

#pragma clang fp reassociate(on) contract(fast)

enum { LANES = 64 };

// Separate lanes, as the compiler may not reorder float comparisons.
static inline __attribute__((always_inline)) float row_maximum(const float *row, ptrdiff_t columns) {
  float lanes[LANES];
  for (int i = 0; i < LANES; i++) lanes[i] = -INFINITY;
  ptrdiff_t c = 0;
  for (; c + LANES <= columns; c += LANES)
    for (int i = 0; i < LANES; i++) lanes[i] = row[c + i] > lanes[i] ? row[c + i] : lanes[i];
  for (int i = 0; c < columns; c++, i++) lanes[i] = row[c] > lanes[i] ? row[c] : lanes[i];
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] = lanes[i + half] > lanes[i] ? lanes[i + half] : lanes[i];
  return lanes[0];
}

CK_DISPATCH
void ck_softmax_block(float *scores, ptrdiff_t rows, ptrdiff_t columns, float *maximum, float *sum,
                      float *accumulated, ptrdiff_t accumulated_stride, ptrdiff_t channels) {
  for (ptrdiff_t r = 0; r < rows; r++, scores += columns, accumulated += accumulated_stride) {
    const float found = row_maximum(scores, columns), old = maximum[r];
    const float new = found > old ? found : old;
    float total = 0;
    for (ptrdiff_t c = 0; c < columns; c++) {
      scores[c] = ck_exp1(scores[c] - new);
      total += scores[c];
    }
    if (new > old && old > -INFINITY) {
      const float factor = ck_exp1(old - new);
      sum[r] *= factor;
      for (ptrdiff_t c = 0; c < channels; c++) accumulated[c] *= factor;
    }
    maximum[r] = new;
    sum[r] += total;
  }
}

CK_DISPATCH
void ck_divide_rows(float *rows, ptrdiff_t stride, const float *divisors, ptrdiff_t count, ptrdiff_t channels) {
  for (ptrdiff_t r = 0; r < count; r++, rows += stride) {
    const float factor = 1.0f / divisors[r];
    for (ptrdiff_t c = 0; c < channels; c++) rows[c] *= factor;
  }
}
