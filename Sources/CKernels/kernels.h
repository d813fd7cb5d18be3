// The kernel variants for each instruction set (see product_template.h, winograd_template.h and alignment_template.h),
// and the switch between them.
#ifndef CK_KERNELS_VARIANTS_H
#define CK_KERNELS_VARIANTS_H

#include "CKernels.h"

#define CK_DECLARE_VARIANT(set)                                                                               \
  void ck_multiply_##set(const ck_product *product);                                                          \
  void ck_pack_##set(const float *source, ptrdiff_t inner_stride, ptrdiff_t column_stride, ptrdiff_t inner,   \
                     ptrdiff_t columns, float *packed);                                                       \
  void ck_winograd_input_##set(const float *map, const ck_winograd_tiles *tiles, float *scratch,              \
                               float *transformed);                                                           \
  void ck_winograd_output_##set(const float *products, const ck_winograd_tiles *tiles, const float *bias,     \
                                const float *residual, ck_activation activation, float *output);           \
  void ck_align_##set(const ck_picture *template_picture, const ck_picture *picture,                          \
                      const ck_alignment_settings *settings, const ptrdiff_t template_filters[2],             \
                      const ptrdiff_t filters[2], ck_alignment *window, void *scratch);

CK_DECLARE_VARIANT(portable)

// The result of `call(set)` for the variant of that set.
#if defined(__x86_64__)
CK_DECLARE_VARIANT(avx2)
CK_DECLARE_VARIANT(avx512)
#define CK_SWITCH(instructions, call)               \
  switch (instructions) {                           \
    case CK_INSTRUCTIONS_AVX512: return call(avx512); \
    case CK_INSTRUCTIONS_AVX2: return call(avx2);   \
    default: return call(portable);                 \
  }
#else
#define CK_SWITCH(instructions, call) \
  (void)instructions;                 \
  return call(portable);
#endif

#endif
