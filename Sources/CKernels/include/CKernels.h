// Element-wise and small-window kernels of the network, on float32.
//
// Every function works on the rows that its caller names, allocates nothing and keeps no state, so that a
// parallel loop may call it on disjoint rows. Maps are [height, width, channels], channels contiguous.
// Plain loops, compiled for several instruction sets and dispatched at run time (see CKernelsTarget.h).
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CKAttention.h"
#include "CKSimilarity.h"
#include "CKPool.h"
#include "CKProduct.h"
#include "CKWinograd.h"

#ifdef __cplusplus
extern "C" {
#endif

// Parts of a map (patches.c) -------------------------------------------------------------------------------

// block is (block_height, block_width, channels): the pixels of a map (height, width, channels) from (top, left) on,
// zeros where that lies outside.
void ck_copy_block(const float *map, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t top,
                   ptrdiff_t left, ptrdiff_t block_height, ptrdiff_t block_width, float *block);

// Square windows that tile one map without overlap.
typedef struct ck_window {
  ptrdiff_t width, channels;  // of the input map
  ptrdiff_t side;             // of a window, which is also the stride
  ptrdiff_t output_width;     // windows a row
} ck_window;

// output is (count, channels): the maximum over each of `count` windows, from window `first` on (row-major).
void ck_max_pool(const float *map, ck_window window, ptrdiff_t first, ptrdiff_t count, float *output);

// output is (count, channels): depthwise convolution over the same windows; weight is (side * side, channels).
void ck_depthwise(const float *map, ck_window window, const float *weight, ptrdiff_t first, ptrdiff_t count,
                  float *output);

// Rows (rows.c) ----------------------------------------------------------------------------------------------

// output (count, channels): (x - mean) / sqrt(variance + epsilon) * scale + shift over each row, plus the
// residual's row where residual is not NULL.
void ck_layer_norm(const float *input, const float *scale, const float *shift, const float *residual,
                   float epsilon, ptrdiff_t count, ptrdiff_t channels, float *output);

// rows (count, channels) in place: softmax of factor * row.
void ck_softmax(float *rows, float factor, ptrdiff_t count, ptrdiff_t channels);

// output[i] = elu(input[i]) + 1, the feature map of linear attention.
void ck_elu_plus_one(const float *input, ptrdiff_t count, float *output);

// values[i] = exp(values[i]); relative error below 2e-7 for results in float's normal range.
void ck_exp(float *values, ptrdiff_t count);

// rows (count, channels) in place: each row divided by its Euclidean norm, at least epsilon.
void ck_normalize_rows(float *rows, float epsilon, ptrdiff_t count, ptrdiff_t channels);

// products[i] = scale * <row i of rows (count, channels), vector>.
void ck_row_products(const float *rows, const float *vector, float scale, ptrdiff_t count, ptrdiff_t channels,
                     float *products);

// sum[c] = sum over i of weights[i] * rows[i, c]; rows is (count, channels).
void ck_weighted_sum(const float *rows, const float *weights, ptrdiff_t count, ptrdiff_t channels, float *sum);

// Rotary encoding (rows.c): of each row's head_channels-wide heads, the channel pairs (k, frequencies + k),
// k < frequencies, turn by the angles whose cosines and sines are (count, frequencies); the rest stays.
void ck_rotate(float *rows, const float *cosines, const float *sines, ptrdiff_t count, ptrdiff_t heads,
               ptrdiff_t head_channels, ptrdiff_t frequencies);

// Interpolation (interpolate.c): one output row of a bilinear up-sampling. Output column x mixes input columns
// left[x] and right[x] with weight[x] on the right one, of two input rows mixed with row_weight on lower.
void ck_bilinear_row(const float *upper, const float *lower, float row_weight, const int32_t *left,
                     const int32_t *right, const float *weight, ptrdiff_t output_width, ptrdiff_t channels,
                     float *output);

// output is (side, side, channels): a map (height, width, channels) at (y + row, x + column), bilinearly; its edge
// pixels repeat beyond it.
void ck_bilinear_square(const float *map, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float y, float x,
                        ptrdiff_t side, float *output);

// Dual-softmax over tiles of the similarity matrix (dual_softmax.c) ------------------------------------------

// Folds a tile (rows, columns) of similarities into running maxima and sums of exponentials, of its rows and of
// its columns: sum = sum over x of exp(x - maximum). Start with maximum = -INFINITY, sum = 0.
void ck_accumulate_log_sum_exp(const float *tile, ptrdiff_t rows, ptrdiff_t columns, float *row_maximum,
                               float *row_sum, float *column_maximum, float *column_sum);

// An entry of the similarity matrix.
typedef struct ck_entry {
  int32_t row, column;
  float similarity;
} ck_entry;

// Collects the entries of a tile that are at least their row's bound and at least their column's, row by row, into
// `entries`, which has room for `capacity`; returns how many there were, at most `capacity`.
ptrdiff_t ck_collect_entries(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *row_bound,
                             const float *column_bound, int32_t first_row, int32_t first_column, ck_entry *entries,
                             ptrdiff_t capacity);

// Folds a tile into running best partners under log P = 2 * similarity + row_term + column_term. A later entry
// replaces an earlier one only if it is greater. first_row and first_column place the tile in the matrix.
void ck_accumulate_best(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *row_term,
                        const float *column_term, int32_t first_row, int32_t first_column, float *row_best,
                        int32_t *row_partner, float *column_best, int32_t *column_partner);

#ifdef __cplusplus
}
#endif

#endif
