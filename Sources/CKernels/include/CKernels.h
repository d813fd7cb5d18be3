// Element-wise and small-window kernels of the network, on float32.
//
// Functions process the rows given, allocate nothing and keep no state, so that a parallel loop may call them on
// disjoint rows. Maps are [height, width, channels], channels contiguous.
// Plain loops, compiled for several instruction sets and dispatched at run time (see CKernelsTarget.h).
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CKAlignment.h"
#include "CKAttention.h"
#include "CKSimilarity.h"
#include "CKPool.h"
#include "CKProduct.h"
#include "CKWinograd.h"

#ifdef __cplusplus
extern "C" {
#endif

// Parts of a map (patches.c) -------------------------------------------------------------------------------

// block (block_height, block_width, channels): the pixels of a map (height, width, channels) from (top, left) on, zero
// outside the map.
void ck_copy_block(const float *map, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t top,
                   ptrdiff_t left, ptrdiff_t block_height, ptrdiff_t block_width, float *block);

// Square windows that tile a map without overlap.
typedef struct ck_window {
  ptrdiff_t width, channels;  // of the input map
  ptrdiff_t side;             // of a window, which is also the stride
  ptrdiff_t output_width;     // windows a row
} ck_window;

// output (count, channels): the maximum over each of `count` windows, from window `first` on (row-major).
void ck_max_pool(const float *map, ck_window window, ptrdiff_t first, ptrdiff_t count, float *output);

// output (count, channels): depthwise convolution over the same windows; weight is (side * side, channels).
void ck_depthwise(const float *map, ck_window window, const float *weight, ptrdiff_t first, ptrdiff_t count,
                  float *output);

// Rows (rows.c) ----------------------------------------------------------------------------------------------

// output (count, channels): (x - mean) / sqrt(variance + epsilon) * scale + shift over each row, plus the residual
// unless NULL.
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

// Rotary encoding (rows.c): in each head, head_channels wide, the channel pairs (k, frequencies + k), k < frequencies,
// are rotated by the angles whose cosines and sines are (count, frequencies); the rest stays.
void ck_rotate(float *rows, const float *cosines, const float *sines, ptrdiff_t count, ptrdiff_t heads,
               ptrdiff_t head_channels, ptrdiff_t frequencies);

// Interpolation (interpolate.c): one output row of a bilinear up-sampling. Output column x mixes input columns left[x]
// and right[x] with weight[x] on the right one, of two input rows mixed with row_weight on `lower`.
void ck_bilinear_row(const float *upper, const float *lower, float row_weight, const int32_t *left,
                     const int32_t *right, const float *weight, ptrdiff_t output_width, ptrdiff_t channels,
                     float *output);

// output (side, side, channels): a map (height, width, channels) sampled bilinearly at (y + row, x + column); its edge
// is repeated.
void ck_bilinear_square(const float *map, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, float y, float x,
                        ptrdiff_t side, float *output);

// Dual-softmax over tiles of the similarity matrix (dual_softmax.c) ------------------------------------------

// Folds a tile (rows, columns) of similarities into the running maxima and sums of exp(x - maximum) of its rows and its
// columns. Start with maximum = -INFINITY, sum = 0.
void ck_accumulate_log_sum_exp(const float *tile, ptrdiff_t rows, ptrdiff_t columns, float *row_maximum,
                               float *row_sum, float *column_maximum, float *column_sum);

typedef struct ck_entry {
  int32_t row, column;
  float similarity;
} ck_entry;

// Collects the entries of a tile that reach both their row's and their column's bound, row by row, into `entries` of
// size `capacity`; returns their number, at most `capacity`.
ptrdiff_t ck_collect_entries(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *row_bound,
                             const float *column_bound, int32_t first_row, int32_t first_column, ck_entry *entries,
                             ptrdiff_t capacity);

// Folds a tile into running best partners under log P = 2 * similarity + row_term + column_term; ties go to the
// earlier entry. first_row and first_column place the tile in the matrix.
void ck_accumulate_best(const float *tile, ptrdiff_t rows, ptrdiff_t columns, const float *row_term,
                        const float *column_term, int32_t first_row, int32_t first_column, float *row_best,
                        int32_t *row_partner, float *column_best, int32_t *column_partner);

#ifdef __cplusplus
}
#endif

#endif
