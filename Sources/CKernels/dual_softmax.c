// Dual-softmax without the token-by-token matrix: running statistics over tiles of similarities.
#include "CKernelsTarget.h"

// A maximum grew: what was summed relative to the old one shrinks. An empty sum stays 0.
static inline float rescale(float sum, float old_maximum, float new_maximum) {
  return sum == 0 ? 0 : sum * expf(old_maximum - new_maximum);
}

CK_DISPATCH
void ck_accumulate_log_sum_exp(const float *tile, ptrdiff_t rows, ptrdiff_t columns, float *row_maximum,
                               float *row_sum, float *column_maximum, float *column_sum) {
#pragma clang fp reassociate(on) contract(fast)
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *row = tile + r * columns;
    float maximum = row_maximum[r];
    for (ptrdiff_t c = 0; c < columns; c++) maximum = row[c] > maximum ? row[c] : maximum;
    float sum = 0;
    for (ptrdiff_t c = 0; c < columns; c++) sum += ck_exp1(row[c] - maximum);
    row_sum[r] = rescale(row_sum[r], row_maximum[r], maximum) + sum;
    row_maximum[r] = maximum;
  }
  // Columns in strips that stay in registers and the first cache level.
  enum { STRIP = 64 };
  for (ptrdiff_t from = 0; from < columns; from += STRIP) {
    const ptrdiff_t width = columns - from < STRIP ? columns - from : STRIP;
    float maximum[STRIP], sum[STRIP];
    for (ptrdiff_t c = 0; c < width; c++) maximum[c] = column_maximum[from + c], sum[c] = 0;
    for (ptrdiff_t r = 0; r < rows; r++) {
      const float *row = tile + r * columns + from;
      for (ptrdiff_t c = 0; c < width; c++) maximum[c] = row[c] > maximum[c] ? row[c] : maximum[c];
    }
    for (ptrdiff_t r = 0; r < rows; r++) {
      const float *row = tile + r * columns + from;
      for (ptrdiff_t c = 0; c < width; c++) sum[c] += ck_exp1(row[c] - maximum[c]);
    }
    for (ptrdiff_t c = 0; c < width; c++) {
      column_sum[from + c] = rescale(column_sum[from + c], column_maximum[from + c], maximum[c]) + sum[c];
      column_maximum[from + c] = maximum[c];
    }
  }
}

CK_DISPATCH
void ck_accumulate_best(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *row_term,
                        const float *column_term, int32_t first_row, int32_t first_column, float *row_best,
                        int32_t *row_partner, float *column_best, int32_t *column_partner) {
// The search below compares with values of the loop above: both must round alike.
#pragma clang fp reassociate(off) contract(off)
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *row = tile + r * columns;
    const float term = row_term[r];
    float best = -INFINITY;
    for (ptrdiff_t c = 0; c < columns; c++) {
      const float value = 2 * row[c] + (term + column_term[c]);
      best = value > best ? value : best;
      const bool better = value > column_best[c];
      column_best[c] = better ? value : column_best[c];
      column_partner[c] = better ? first_row + (int32_t)r : column_partner[c];
    }
    if (best > row_best[r]) {
      ptrdiff_t c = 0;
      while (c + 1 < columns && 2 * row[c] + (term + column_term[c]) != best) c++;
      row_best[r] = best;
      row_partner[r] = first_column + (int32_t)c;
    }
  }
}
