// Winograd kernels of a convolution, transformed once at load time, and the choice of transform variant.
#include "CKernels.h"
#include "kernels.h"
#include "winograd_points.h"

// u = G g: the values of the polynomial g at the points, over the products of their distances.
static void transform_kernel(const double g[3], double u[6]) {
  const double a = POINT_A, b = POINT_B, square_a = a * a, square_b = b * b;
  const double at_a = 1 / (2 * square_a * (square_a - square_b)), at_b = 1 / (2 * square_b * (square_b - square_a));
  u[0] = g[0] / (square_a * square_b);
  u[1] = (g[0] + a * g[1] + square_a * g[2]) * at_a;
  u[2] = (g[0] - a * g[1] + square_a * g[2]) * at_a;
  u[3] = (g[0] + b * g[1] + square_b * g[2]) * at_b;
  u[4] = (g[0] - b * g[1] + square_b * g[2]) * at_b;
  u[5] = g[2];
}

void ck_winograd_kernels(const double *kernels, ptrdiff_t inputs, ptrdiff_t outputs, ptrdiff_t place_stride,
                         float *transformed) {
  // A few outputs at a time, so that reads and writes are contiguous.
  enum { BLOCK = 16 };
  for (ptrdiff_t first = 0; first < outputs; first += BLOCK) {
    const ptrdiff_t end = first + BLOCK < outputs ? first + BLOCK : outputs;
    for (ptrdiff_t input = 0; input < inputs; input++) {
      for (ptrdiff_t output = first; output < end; output++) {
        const double *kernel = kernels + (output * inputs + input) * 9;
        double rows[3][6], column[3], u[6];
        for (int y = 0; y < 3; y++) transform_kernel(kernel + 3 * y, rows[y]);
        for (int x = 0; x < 6; x++) {
          for (int y = 0; y < 3; y++) column[y] = rows[y][x];
          transform_kernel(column, u);
          float *target = transformed + x * place_stride + input * outputs + output;
          for (int y = 0; y < 6; y++) target[y * 6 * place_stride] = (float)u[y];
        }
      }
    }
  }
}

void ck_winograd_input(ck_instructions instructions, const float *map, const ck_winograd_tiles *tiles, float *scratch,
                       float *transformed) {
#define CALL(set) ck_winograd_input_##set(map, tiles, scratch, transformed)
  CK_SWITCH(instructions, CALL)
#undef CALL
}

void ck_winograd_output(ck_instructions instructions, const float *products, const ck_winograd_tiles *tiles,
                        const float *bias, const float *residual, ck_activation activation, float *output) {
#define CALL(set) ck_winograd_output_##set(products, tiles, bias, residual, activation, output)
  CK_SWITCH(instructions, CALL)
#undef CALL
}
