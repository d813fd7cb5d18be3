// Dual-softmax without the token-by-token matrix: running statistics over tiles of similarities.
#include "CKernelsTarget.h"

enum { STRIP = 256, LANES = 64 };

// Folds a row into the column maxima; returns the row's own maximum.
static inline __attribute__((always_inline)) float fold_maxima(const float *row, ptrdiff_t width,
                                                               float *column_maximum) {
  float lanes[LANES];
  for (int i = 0; i < LANES; i++) lanes[i] = -INFINITY;
  ptrdiff_t c = 0;
  for (; c + LANES <= width; c += LANES)
    for (int i = 0; i < LANES; i++) {
      const float x = row[c + i];
      lanes[i] = x > lanes[i] ? x : lanes[i];
      column_maximum[c + i] = x > column_maximum[c + i] ? x : column_maximum[c + i];
    }
  for (int i = 0; c < width; c++, i++) {
    const float x = row[c];
    lanes[i] = x > lanes[i] ? x : lanes[i];
    column_maximum[c] = x > column_maximum[c] ? x : column_maximum[c];
  }
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] = lanes[i + half] > lanes[i] ? lanes[i + half] : lanes[i];
  return lanes[0];
}

// Some columns of a tile. Each exponential serves its row, relative to the row's maximum, and its column, scaled down
// to the overall maximum. A column so far below it that digits would be lost is summed on its own. The factor of an
// empty sum, whose maximum is -INFINITY, is 0.
CK_DISPATCH
static void accumulate_strip(const float *tile, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t width, float *row_maximum,
                             float *row_sum, float *column_maximum, float *column_sum) {
#pragma clang fp reassociate(on) contract(fast)
  enum { ROWS = 128 };
  const float far_below = 40;
  for (ptrdiff_t first = 0; first < rows; first += ROWS) {
    const ptrdiff_t count = rows - first < ROWS ? rows - first : ROWS;
    float maximum[ROWS], maxima[STRIP], sums[STRIP];
    for (ptrdiff_t c = 0; c < width; c++) maxima[c] = -INFINITY, sums[c] = 0;
    float largest = -INFINITY;
    for (ptrdiff_t r = 0; r < count; r++) {
      maximum[r] = fold_maxima(tile + (first + r) * stride, width, maxima);
      largest = maximum[r] > largest ? maximum[r] : largest;
    }
    for (ptrdiff_t r = 0; r < count; r++) {
      const float *row = tile + (first + r) * stride;
      const float reference = maximum[r], factor = ck_exp1(reference - largest);
      float sum = 0;
      for (ptrdiff_t c = 0; c < width; c++) {
        const float e = ck_exp1(row[c] - reference);
        sum += e;
        sums[c] += e * factor;
      }
      const float old = row_maximum[first + r], new = reference > old ? reference : old;
      row_sum[first + r] = row_sum[first + r] * ck_exp1(old - new) + sum * ck_exp1(reference - new);
      row_maximum[first + r] = new;
    }
    float reference[STRIP];
    for (ptrdiff_t c = 0; c < width; c++) {
      reference[c] = largest;
      if (maxima[c] > largest - far_below) continue;
      reference[c] = maxima[c];
      sums[c] = 0;
      for (ptrdiff_t r = 0; r < count; r++) sums[c] += ck_exp1(tile[(first + r) * stride + c] - reference[c]);
    }
    for (ptrdiff_t c = 0; c < width; c++) {
      const float old = column_maximum[c], new = maxima[c] > old ? maxima[c] : old;
      column_sum[c] = column_sum[c] * ck_exp1(old - new) + sums[c] * ck_exp1(reference[c] - new);
      column_maximum[c] = new;
    }
  }
}

void ck_accumulate_log_sum_exp(const float *tile, ptrdiff_t rows, ptrdiff_t columns, float *row_maximum,
                               float *row_sum, float *column_maximum, float *column_sum) {
  for (ptrdiff_t from = 0; from < columns; from += STRIP) {
    const ptrdiff_t width = columns - from < STRIP ? columns - from : STRIP;
    accumulate_strip(tile + from, rows, columns, width, row_maximum, row_sum, column_maximum + from,
                     column_sum + from);
  }
}

CK_DISPATCH
ptrdiff_t ck_collect_entries(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *row_bound,
                             const float *column_bound, int32_t first_row, int32_t first_column, ck_entry *entries,
                             ptrdiff_t capacity) {
  ptrdiff_t count = 0;
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float bound = row_bound[r];
    for (ptrdiff_t from = 0; from < columns; from += LANES) {
      const ptrdiff_t width = columns - from < LANES ? columns - from : LANES;
      const float *row = tile + r * columns + from, *least = column_bound + from;
      int32_t found = 0;
      for (ptrdiff_t c = 0; c < width; c++) found |= (row[c] >= bound) & (row[c] >= least[c]);
      if (!found) continue;
      for (ptrdiff_t c = 0; c < width && count < capacity; c++)
        if (row[c] >= bound && row[c] >= least[c])
          entries[count++] = (ck_entry){first_row + (int32_t)r, first_column + (int32_t)(from + c), row[c]};
    }
  }
  return count;
}

CK_DISPATCH
void ck_accumulate_best(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *row_term,
                        const float *column_term, int32_t first_row, int32_t first_column, float *row_best,
                        int32_t *row_partner, float *column_best, int32_t *column_partner) {
// The search below compares with values computed above: both must round alike.
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
