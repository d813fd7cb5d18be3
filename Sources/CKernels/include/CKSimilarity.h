// Reductions over tiles of similarities with one term per column, for optimal transport (similarity.c).
#ifndef CK_SIMILARITY_H
#define CK_SIMILARITY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Folds a tile (rows, columns) of similarities, plus column_term per column, into its rows' running maxima and sums of
// exp(x - maximum). Start with maximum = -INFINITY, sum = 0.
void ck_accumulate_row_log_sum_exp(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *column_term,
                                   float *row_maximum, float *row_sum);

#ifdef __cplusplus
}
#endif

#endif
