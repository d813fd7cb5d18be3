// The kernels for x86-64 with AVX2 and FMA: eight floats a vector, 16 registers.
#if defined(__x86_64__)
#include "CKernels.h"

#define VECTOR_WIDTH 8
#define ROWS_OF_1 6
#define ROWS_OF_2 6
#define ROWS_OF_3 4
#define KERNEL(name) name##_avx2
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "product_template.h"
#include "winograd_template.h"
#include "alignment_template.h"
#pragma clang attribute pop
#endif
