// Running row-wise log-sum-exp over tiles of a matrix.
#include "CKernelsTarget.h"

#include "CKSimilarity.h"

CK_DISPATCH
void ck_accumulate_row_log_sum_exp(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *column_term,
                                   float *row_maximum, float *row_sum) {
#pragma clang fp reassociate(on) contract(fast)
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *row = tile + r * columns;
    float maximum = row_maximum[r];
    for (ptrdiff_t c = 0; c < columns; c++) {
      const float value = row[c] + column_term[c];
      maximum = value > maximum ? value : maximum;
    }
    float sum = 0;
    for (ptrdiff_t c = 0; c < columns; c++) sum += ck_exp1(row[c] + column_term[c] - maximum);
    // What was summed under the old maximum is scaled down; an empty sum stays 0.
    const float kept = row_sum[r] == 0 ? 0 : row_sum[r] * expf(row_maximum[r] - maximum);
    row_sum[r] = kept + sum;
    row_maximum[r] = maximum;
  }
}
