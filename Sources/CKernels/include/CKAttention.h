// Softmax attention over blocks of keys; the full score matrix is never stored.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Folds a block of scores (rows, columns) into a running softmax: each row becomes exp(score - maximum), with the row's
// maximum so far. Updates `maximum` and `sum` (rows), and rescales what was accumulated under a lower maximum: the sum
// and the row of `accumulated` (rows, channels), rows accumulated_stride apart. Start with maximum = -INFINITY and
// sum = 0; the accumulated rows are not touched then.
void ck_softmax_block(float *scores, ptrdiff_t rows, ptrdiff_t columns, float *maximum, float *sum,
                      float *accumulated, ptrdiff_t accumulated_stride, ptrdiff_t channels);

// Divides each row of (count, channels), rows `stride` apart, by its divisor.
void ck_divide_rows(float *rows, ptrdiff_t stride, const float *divisors, ptrdiff_t count, ptrdiff_t channels);

#ifdef __cplusplus
}
#endif

#endif
