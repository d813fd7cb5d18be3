// Matrix products with packed right operands, the arithmetic core of linear layers, convolutions and attention.
//
// The right operand is packed once into panels two vectors wide; the left one is read in place, as rows that may be cut
// from a map (a convolution's windows, without im2col). Bias, residual and activation are applied while the sums are in
// registers. Every element of the result is one chain of multiply-adds in the order of the inner index, so its bits
// depend only on the instruction set, not on the overall shape or on how the work was split.
#ifndef CK_PRODUCT_H
#define CK_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ck_activation {
  CK_ACTIVATION_NONE = 0,
  CK_ACTIVATION_RELU = 1,
  CK_ACTIVATION_LEAKY_RELU = 2,  // slope 0.01, as in PyTorch
} ck_activation;

// The instruction sets the kernels are compiled for, widest last.
typedef enum ck_instructions {
  CK_INSTRUCTIONS_PORTABLE = 0,  // 4 floats: what every CPU of the architecture has
  CK_INSTRUCTIONS_AVX2 = 1,      // 8 floats, with FMA
  CK_INSTRUCTIONS_AVX512 = 2,    // 16 floats
} ck_instructions;

// Whether this CPU has these instructions.
bool ck_instructions_available(ck_instructions instructions);

ck_instructions ck_instructions_widest(void);

// Vector width in floats.
ptrdiff_t ck_vector_width(ck_instructions instructions);

// result(run, row, column) = activation(scale * sum over inner of left * right + bias(column) + residual).
//
// The inner index runs over `segments` stretches of `length` elements. Element (run, row, segment, k) of the left
// operand is at left + run * left_run + row * left_row + segment * left_segment + k * left_inner; strides are in
// elements.
typedef struct ck_product {
  ptrdiff_t runs, rows, columns, segments, length;
  const float *left;
  ptrdiff_t left_run, left_row, left_segment, left_inner;
  const float *right;  // packed by ck_pack: (right_inner, columns)
  ptrdiff_t right_inner, right_first;  // its rows right_first ..< right_first + segments * length take part
  float scale;
  const float *bias;      // (columns) or NULL
  const float *residual;  // laid out as the result, may be the result itself; or NULL
  ck_activation activation;
  float *result;
  ptrdiff_t result_run, result_row;
} ck_product;

void ck_multiply(ck_instructions instructions, const ck_product *product);

// Columns of a packed matrix, zero-padded to whole vectors; a product may have as many, too.
ptrdiff_t ck_whole_columns(ck_instructions instructions, ptrdiff_t columns);

// Size in floats of a packed matrix (inner, columns).
ptrdiff_t ck_packed_count(ck_instructions instructions, ptrdiff_t inner, ptrdiff_t columns);

// Packs the matrix whose element (k, column) is at source + k * inner_stride + column * column_stride; one of the
// strides must be 1.
void ck_pack(ck_instructions instructions, const float *source, ptrdiff_t inner_stride, ptrdiff_t column_stride,
             ptrdiff_t inner, ptrdiff_t columns, float *packed);

#ifdef __cplusplus
}
#endif

#endif
