// The variants of the product's functions, one for each instruction set (see product_template.h).
#ifndef PRODUCT_KERNELS_H
#define PRODUCT_KERNELS_H

#include "CKernels.h"

#define CK_DECLARE_VARIANT(set)                                                                               \
  void ck_multiply_##set(const ck_product *product);                                                          \
  ptrdiff_t ck_packed_count_##set(ptrdiff_t inner, ptrdiff_t columns);                                        \
  void ck_pack_##set(const float *source, ptrdiff_t inner_stride, ptrdiff_t column_stride, ptrdiff_t inner,   \
                     ptrdiff_t columns, float *packed);

CK_DECLARE_VARIANT(portable)
#if defined(__x86_64__)
CK_DECLARE_VARIANT(avx2)
CK_DECLARE_VARIANT(avx512)
#endif

#endif
