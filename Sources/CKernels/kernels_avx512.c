// The kernels for x86-64 with AVX-512: 16 floats a vector, 32 registers.
#if defined(__x86_64__)
#include "CKernels.h"

#define VECTOR_WIDTH 16
#define ROWS_OF_1 12
#define ROWS_OF_2 12
#define ROWS_OF_3 8
#define KERNEL(name) name##_avx512
// Without the minimum width, the compiler would split vectors in two.
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#include "product_template.h"
#include "winograd_template.h"
#include "alignment_template.h"
#pragma clang attribute pop
#endif
