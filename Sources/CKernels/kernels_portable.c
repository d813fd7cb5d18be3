// The kernels for any CPU: four floats a vector (SSE2 with 16 registers, NEON with 32).
#define VECTOR_WIDTH 4
#if defined(__aarch64__)
#define ROWS_OF_1 12
#define ROWS_OF_2 12
#define ROWS_OF_3 8
#else
#define ROWS_OF_1 6
#define ROWS_OF_2 6
#define ROWS_OF_3 4
#endif
#define KERNEL(name) name##_portable
#include "product_template.h"
#include "winograd_template.h"
#include "alignment_template.h"
