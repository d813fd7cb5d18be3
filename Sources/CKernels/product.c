// Which variant of the product runs.
#include "kernels.h"

bool ck_instructions_available(ck_instructions instructions) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (instructions == CK_INSTRUCTIONS_AVX512) return __builtin_cpu_supports("x86-64-v4");
  if (instructions == CK_INSTRUCTIONS_AVX2) return __builtin_cpu_supports("x86-64-v3");
#endif
  return instructions == CK_INSTRUCTIONS_PORTABLE;
}

ck_instructions ck_instructions_widest(void) {
  if (ck_instructions_available(CK_INSTRUCTIONS_AVX512)) return CK_INSTRUCTIONS_AVX512;
  if (ck_instructions_available(CK_INSTRUCTIONS_AVX2)) return CK_INSTRUCTIONS_AVX2;
  return CK_INSTRUCTIONS_PORTABLE;
}

void ck_multiply(ck_instructions instructions, const ck_product *product) {
#define CALL(set) ck_multiply_##set(product)
  CK_SWITCH(instructions, CALL)
#undef CALL
}

ptrdiff_t ck_vector_width(ck_instructions instructions) {
  return instructions == CK_INSTRUCTIONS_AVX512 ? 16 : instructions == CK_INSTRUCTIONS_AVX2 ? 8 : 4;
}

ptrdiff_t ck_whole_columns(ck_instructions instructions, ptrdiff_t columns) {
  const ptrdiff_t width = ck_vector_width(instructions);
  return columns + (width - columns % width) % width;
}

ptrdiff_t ck_packed_count(ck_instructions instructions, ptrdiff_t inner, ptrdiff_t columns) {
  return inner * ck_whole_columns(instructions, columns);
}

void ck_pack(ck_instructions instructions, const float *source, ptrdiff_t inner_stride, ptrdiff_t column_stride,
             ptrdiff_t inner, ptrdiff_t columns, float *packed) {
#define CALL(set) ck_pack_##set(source, inner_stride, column_stride, inner, columns, packed)
  CK_SWITCH(instructions, CALL)
#undef CALL
}
