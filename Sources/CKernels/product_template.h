// Packing and the register-blocked product, written once and compiled for each instruction set.
//
// The including file defines VECTOR_WIDTH (floats), ROWS_OF_1, ROWS_OF_2 and ROWS_OF_3 (the tallest tile of 1, 2 and 3
// vectors: rows * vectors sums, one panel row and a broadcast element must fit in the registers), and KERNEL(name), the
// name's form for its set.

#include <string.h>

#include "kernels.h"

typedef float vector __attribute__((vector_size(4 * VECTOR_WIDTH)));
typedef int32_t mask __attribute__((vector_size(4 * VECTOR_WIDTH)));
// Unaligned.
typedef float loose __attribute__((vector_size(4 * VECTOR_WIDTH), aligned(4), may_alias));

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINED static inline __attribute__((always_inline))

// Width in vectors of the panel with `left` vectors to go: two, or three if one would be left over.
INLINED int panel_vectors(ptrdiff_t left) { return left == 1 ? 1 : left == 3 ? 3 : 2; }

INLINED ptrdiff_t vectors_of(ptrdiff_t columns) {
  return columns / VECTOR_WIDTH + (columns % VECTOR_WIDTH != 0);
}

INLINED vector activate(vector sum, ck_activation activation) {
  if (activation == CK_ACTIVATION_NONE) return sum;
  const mask positive = sum > 0;
  const vector below = activation == CK_ACTIVATION_RELU ? (vector){} : sum * 0.01f;
  return (vector)(((mask)sum & positive) | ((mask)below & ~positive));
}

// `finish` for a vector of columns that extends beyond the matrix.
static __attribute__((noinline)) void finish_last(const ck_product *product, const vector *sums, int rows,
                                                  ptrdiff_t offset, ptrdiff_t column) {
#pragma clang fp contract(off)
  const size_t bytes = (size_t)(product->columns - column) * sizeof(float);
  vector bias = {}, residual = {};
  if (product->bias) memcpy(&bias, product->bias + column, bytes);
  for (int row = 0; row < rows; row++, offset += product->result_row) {
    vector sum = sums[row] * product->scale;
    if (product->bias) sum += bias;
    if (product->residual) memcpy(&residual, product->residual + offset, bytes), sum += residual;
    sum = activate(sum, product->activation);
    memcpy(product->result + offset, &sum, bytes);
  }
}

#define FOR_ROWS UNROLLED for (int row = 0; row < rows; row++)

// Adds bias and residual to a tile's sums, applies the activation and writes the result.
INLINED void finish(const ck_product *product, vector sums[3][ROWS_OF_1], ptrdiff_t offset, ptrdiff_t column,
                    const int rows, const int vectors) {
#pragma clang fp contract(off)
  const ptrdiff_t stride = product->result_row;
  UNROLLED for (int v = 0; v < vectors; v++, offset += VECTOR_WIDTH, column += VECTOR_WIDTH) {
    if (__builtin_expect(column + VECTOR_WIDTH > product->columns, 0)) {
      vector spilled[ROWS_OF_1];
      FOR_ROWS spilled[row] = sums[v][row];
      finish_last(product, spilled, rows, offset, column);
      continue;
    }
    if (product->scale != 1) FOR_ROWS sums[v][row] *= product->scale;
    if (product->bias) {
      const vector bias = *(const loose *)(product->bias + column);
      FOR_ROWS sums[v][row] += bias;
    }
    if (product->residual) {
      const float *residual = product->residual + offset;
      FOR_ROWS sums[v][row] += *(const loose *)(residual + row * stride);
    }
    if (product->activation == CK_ACTIVATION_RELU)
      FOR_ROWS sums[v][row] = activate(sums[v][row], CK_ACTIVATION_RELU);
    else if (product->activation == CK_ACTIVATION_LEAKY_RELU)
      FOR_ROWS sums[v][row] = activate(sums[v][row], CK_ACTIVATION_LEAKY_RELU);
    float *result = product->result + offset;
    FOR_ROWS *(loose *)(result + row * stride) = sums[v][row];
  }
}

// A tile of `rows` by `vectors` sums, both constants, kept in registers over the whole inner extent.
INLINED void tile(const ck_product *product, const float *left, const float *panel, ptrdiff_t offset,
                  ptrdiff_t column, const int rows, const int vectors) {
#pragma clang fp contract(fast)
  vector sums[3][ROWS_OF_1];
  UNROLLED for (int v = 0; v < vectors; v++) FOR_ROWS sums[v][row] = (vector){};
  const ptrdiff_t left_row = product->left_row, left_inner = product->left_inner, length = product->length;
  for (ptrdiff_t segment = 0; segment < product->segments; segment++) {
    const float *element = left + segment * product->left_segment;
    for (ptrdiff_t k = 0; k < length; k++, element += left_inner, panel += vectors * VECTOR_WIDTH) {
      vector factors[3];
      UNROLLED for (int v = 0; v < vectors; v++) factors[v] = *(const loose *)(panel + v * VECTOR_WIDTH);
      FOR_ROWS {
        // C's way to broadcast: a scalar minus a zero vector, which changes no bit.
        const vector broadcast = element[row * left_row] - (vector){};
        UNROLLED for (int v = 0; v < vectors; v++) sums[v][row] += broadcast * factors[v];
      }
    }
  }
  finish(product, sums, offset, column, rows, vectors);
}

// One function per tile shape, so that each has the registers to itself.
#define TILE(rows, vectors)                                                                                        \
  static __attribute__((noinline)) void tile_##rows##_##vectors(                                                   \
      const ck_product *product, const float *left, const float *panel, ptrdiff_t offset, ptrdiff_t column) {      \
    tile(product, left, panel, offset, column, rows, vectors);                                                     \
  }
#define TILES(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 3)
TILES(1) TILES(2) TILES(4)
#if ROWS_OF_2 >= 6
TILE(6, 1) TILE(6, 2)
#endif
#if ROWS_OF_2 >= 12
TILE(6, 3) TILES(8) TILE(10, 1) TILE(10, 2) TILE(12, 1) TILE(12, 2)
#endif

typedef void (*tile_function)(const ck_product *, const float *, const float *, ptrdiff_t, ptrdiff_t);

// [vectors - 1][rows / 2]; rows is 1 or even.
static const tile_function tiles[3][7] = {
#if ROWS_OF_2 >= 12
    {tile_1_1, tile_2_1, tile_4_1, tile_6_1, tile_8_1, tile_10_1, tile_12_1},
    {tile_1_2, tile_2_2, tile_4_2, tile_6_2, tile_8_2, tile_10_2, tile_12_2},
    {tile_1_3, tile_2_3, tile_4_3, tile_6_3, tile_8_3},
#else
    {tile_1_1, tile_2_1, tile_4_1, tile_6_1},
    {tile_1_2, tile_2_2, tile_4_2, tile_6_2},
    {tile_1_3, tile_2_3, tile_4_3},
#endif
};

// Rows of the next tile: the tallest if more than two remain, else two similar halves.
INLINED ptrdiff_t tile_rows(ptrdiff_t left, ptrdiff_t tallest) {
  if (left >= 2 * tallest || left == tallest) return tallest;
  if (left > tallest) return (left / 2 + 1) & ~(ptrdiff_t)1;
  return left == 1 ? 1 : left & ~(ptrdiff_t)1;
}

void KERNEL(ck_multiply)(const ck_product *product) {
  static const ptrdiff_t tallest[3] = {ROWS_OF_1, ROWS_OF_2, ROWS_OF_3};
  const ptrdiff_t all = vectors_of(product->columns);
  for (ptrdiff_t vector = 0; vector < all;) {
    const int vectors = panel_vectors(all - vector);
    const ptrdiff_t column = vector * VECTOR_WIDTH;
    const float *panel =
        product->right + column * product->right_inner + product->right_first * vectors * VECTOR_WIDTH;
    for (ptrdiff_t run = 0; run < product->runs; run++) {
      const float *left = product->left + run * product->left_run;
      ptrdiff_t offset = run * product->result_run + column;
      for (ptrdiff_t row = 0; row < product->rows;) {
        const ptrdiff_t rows = tile_rows(product->rows - row, tallest[vectors - 1]);
        tiles[vectors - 1][rows / 2](product, left, panel, offset, column);
        row += rows;
        left += rows * product->left_row;
        offset += rows * product->result_row;
      }
    }
    vector += vectors;
  }
}

#if VECTOR_WIDTH == 16
#define LOW_HALVES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH_HALVES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define HALVINGS 4
#elif VECTOR_WIDTH == 8
#define LOW_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#define HALVINGS 3
#else
#define LOW_HALVES 0, 4, 1, 5
#define HIGH_HALVES 2, 6, 3, 7
#define HALVINGS 2
#endif

// Transposes a square: interleaves the first half of the rows with the second, log2(width) times.
INLINED void transpose_square(const float *source, ptrdiff_t stride, float *target, ptrdiff_t target_stride) {
  vector rows[2][VECTOR_WIDTH];
  UNROLLED for (int i = 0; i < VECTOR_WIDTH; i++) rows[0][i] = *(const loose *)(source + i * stride);
  UNROLLED for (int step = 0; step < HALVINGS; step++) {
    const vector *from = rows[step % 2];
    vector *to = rows[1 - step % 2];
    UNROLLED for (int i = 0; i < VECTOR_WIDTH / 2; i++) {
      to[2 * i] = __builtin_shufflevector(from[i], from[i + VECTOR_WIDTH / 2], LOW_HALVES);
      to[2 * i + 1] = __builtin_shufflevector(from[i], from[i + VECTOR_WIDTH / 2], HIGH_HALVES);
    }
  }
  UNROLLED for (int i = 0; i < VECTOR_WIDTH; i++)
    *(loose *)(target + i * target_stride) = rows[HALVINGS % 2][i];
}

// Packs one vector's width of columns of a panel; target rows are `width` apart.
static void pack_columns(const float *source, ptrdiff_t inner_stride, ptrdiff_t column_stride, ptrdiff_t inner,
                         ptrdiff_t valid, float *target, ptrdiff_t width) {
  ptrdiff_t k = 0;
  if (valid == VECTOR_WIDTH && column_stride == 1) {
    for (; k < inner; k++) *(loose *)(target + k * width) = *(const loose *)(source + k * inner_stride);
  } else if (valid == VECTOR_WIDTH && inner_stride == 1) {
    for (; k + VECTOR_WIDTH <= inner; k += VECTOR_WIDTH)
      transpose_square(source + k, column_stride, target + k * width, width);
  }
  for (; k < inner; k++)
    for (ptrdiff_t i = 0; i < VECTOR_WIDTH; i++)
      target[k * width + i] = i < valid ? source[k * inner_stride + i * column_stride] : 0;
}

void KERNEL(ck_pack)(const float *source, ptrdiff_t inner_stride, ptrdiff_t column_stride, ptrdiff_t inner,
                     ptrdiff_t columns, float *packed) {
  const ptrdiff_t all = vectors_of(columns);
  for (ptrdiff_t vector = 0; vector < all;) {
    const int vectors = panel_vectors(all - vector);
    for (int v = 0; v < vectors; v++) {
      const ptrdiff_t column = (vector + v) * VECTOR_WIDTH, rest = columns - column;
      pack_columns(source + column * column_stride, inner_stride, column_stride, inner,
                   rest < VECTOR_WIDTH ? rest : VECTOR_WIDTH, packed + vector * VECTOR_WIDTH * inner + v * VECTOR_WIDTH,
                   vectors * VECTOR_WIDTH);
    }
    vector += vectors;
  }
}
