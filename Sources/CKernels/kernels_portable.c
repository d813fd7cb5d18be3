// The kernels for any CPU: four floats a vector (SSE2, NEON).
#define VECTOR_WIDTH 4
#define ROWS_OF_1 6
#define ROWS_OF_2 6
#define ROWS_OF_3 4
#define KERNEL(name) name##_portable
#include "product_template.h"
#include "winograd_template.h"
