// Alignment of one window, written once and compiled for each instruction set (see CKAlignment.h). Included after
// product_template.h, whose vectors it uses.
//
// A window is `rows` of `lanes` floats: whole vectors, the lanes beyond the window weigh nothing. Sums over the window
// run vector by vector, then over the lanes, then are carried on in double precision.

#include <math.h>

#include "alignment_scratch.h"

typedef float quad __attribute__((vector_size(16)));
typedef float loose_quad __attribute__((vector_size(16), aligned(4), may_alias));

// The extents of a window in memory.
typedef struct KERNEL(window_shape) {
  ptrdiff_t radius, rows, lanes, count;
} KERNEL(window_shape);

// Coefficients of a B-spline around a window: (0, 0) is pixel (left, top) of the picture.
typedef struct KERNEL(patch) {
  ptrdiff_t left, top, width, height;
} KERNEL(patch);

INLINED float lane_sum(vector v) {
  float sum = 0;
  for (int lane = 0; lane < VECTOR_WIDTH; lane++) sum += v[lane];
  return sum;
}

// Pixels of the patch with `margin` more on every side, rows `stride` apart, as grey levels; edge pixels repeat.
static void KERNEL(load_pixels)(const ck_picture *picture, const KERNEL(patch) *patch, ptrdiff_t margin,
                                ptrdiff_t stride, float *target) {
  const ptrdiff_t left = patch->left - margin, columns = patch->width + 2 * margin;
  const ptrdiff_t width = picture->width, last = picture->height - 1;
  const bool is_inside = left >= 0 && left + columns <= width;
  for (ptrdiff_t y = 0; y < patch->height + 2 * margin; y++, target += stride) {
    const ptrdiff_t row = patch->top - margin + y;
    const ptrdiff_t start = (row < 0 ? 0 : row < last ? row : last) * width;
    if (picture->bytes == 1) {
      const uint8_t *source = (const uint8_t *)picture->pixels + start;
      if (is_inside) {
        for (ptrdiff_t x = 0; x < columns; x++) target[x] = picture->unit * source[left + x];
      } else {
        for (ptrdiff_t x = left; x < left + columns; x++)
          target[x - left] = picture->unit * source[x < 0 ? 0 : x < width ? x : width - 1];
      }
    } else {
      const uint16_t *source = (const uint16_t *)picture->pixels + start;
      if (is_inside) {
        for (ptrdiff_t x = 0; x < columns; x++) target[x] = picture->unit * source[left + x];
      } else {
        for (ptrdiff_t x = left; x < left + columns; x++)
          target[x - left] = picture->unit * source[x < 0 ? 0 : x < width ? x : width - 1];
      }
    }
  }
}

INLINED ptrdiff_t patch_stride(const KERNEL(patch) *patch) {
  const ptrdiff_t width = patch->width + 2 * CK_ALIGNMENT_TAPS;
  return (width + VECTOR_WIDTH - 1) / VECTOR_WIDTH * VECTOR_WIDTH;
}

// True if the patch and its filter's margin fit the working memory.
INLINED bool patch_fits(const KERNEL(patch) *patch) {
  return patch->width > 0 && patch->height > 0 && patch_stride(patch) <= LARGEST_PATCH &&
         patch->height + 2 * CK_ALIGNMENT_TAPS <= LARGEST_PATCH;
}

// The patch's coefficients, rows patch_stride apart.
static void KERNEL(load_coefficients)(const ck_picture *picture, const KERNEL(patch) *patch, const float *filter_x,
                                      const float *filter_y, alignment_scratch *scratch) {
#pragma clang fp contract(fast)
  enum { TAPS = CK_ALIGNMENT_TAPS };
  const ptrdiff_t stride = patch_stride(patch);
  KERNEL(load_pixels)(picture, patch, TAPS, stride, scratch->pixels);
  for (ptrdiff_t y = 0; y < patch->height; y++) {
    const float *source = scratch->pixels + (y + TAPS) * stride;
    float *target = scratch->filtered + y * stride;
    for (ptrdiff_t x = 0; x < stride; x += VECTOR_WIDTH) {
      vector sum = filter_y[0] * *(const loose *)(source + x);
      UNROLLED for (int k = 1; k <= TAPS; k++)
        sum += filter_y[k] * (*(const loose *)(source + x - k * stride) + *(const loose *)(source + x + k * stride));
      *(loose *)(target + x) = sum;
    }
  }
  for (ptrdiff_t y = 0; y < patch->height; y++) {
    const float *source = scratch->filtered + y * stride + TAPS;
    float *target = scratch->coefficients + y * stride;
    for (ptrdiff_t x = 0; x < patch->width; x += VECTOR_WIDTH) {
      vector sum = filter_x[0] * *(const loose *)(source + x);
      UNROLLED for (int k = 1; k <= TAPS; k++)
        sum += filter_x[k] * (*(const loose *)(source + x - k) + *(const loose *)(source + x + k));
      *(loose *)(target + x) = sum;
    }
  }
}

// Values of the cubic B-spline at a distance f of the second of four coefficients, and their derivatives.
INLINED void spline_weights(float f, float weights[4], float slopes[4]) {
  const float g = 1 - f;
  weights[0] = g * g * g / 6, weights[1] = (4 - 6 * f * f + 3 * f * f * f) / 6;
  weights[2] = (4 - 6 * g * g + 3 * g * g * g) / 6, weights[3] = f * f * f / 6;
  slopes[0] = -0.5f * g * g, slopes[1] = (1.5f * f - 2) * f;
  slopes[2] = (2 - 1.5f * g) * g, slopes[3] = 0.5f * f * f;
}

// The template and its gradients, pixel by pixel: columns 6, 0 and 1. All of its pixels lie at the same fraction.
static void KERNEL(sample_template)(const KERNEL(window_shape) *shape, ptrdiff_t stride, float fraction_x,
                                    float fraction_y, alignment_scratch *scratch) {
#pragma clang fp contract(fast)
  float across[4], across_slope[4], down[4], down_slope[4];
  spline_weights(fraction_x, across, across_slope);
  spline_weights(fraction_y, down, down_slope);
  for (ptrdiff_t row = 0; row < shape->rows; row++) {
    const float *source = scratch->coefficients + row * stride;
    float values[MOST_LANES + 16], slopes[MOST_LANES + 16];
    for (ptrdiff_t x = 0; x < shape->lanes + 4; x += VECTOR_WIDTH) {
      vector value = {}, slope = {};
      UNROLLED for (int k = 0; k < 4; k++) {
        const vector row_values = *(const loose *)(source + k * stride + x);
        value += down[k] * row_values;
        slope += down_slope[k] * row_values;
      }
      *(loose *)(values + x) = value;
      *(loose *)(slopes + x) = slope;
    }
    for (ptrdiff_t x = 0; x < shape->lanes; x += VECTOR_WIDTH) {
      vector value = {}, slope_x = {}, slope_y = {};
      UNROLLED for (int k = 0; k < 4; k++) {
        const vector v = *(const loose *)(values + x + k);
        value += across[k] * v;
        slope_x += across_slope[k] * v;
        slope_y += across[k] * *(const loose *)(slopes + x + k);
      }
      const ptrdiff_t offset = row * shape->lanes + x;
      *(loose *)(scratch->column[6] + offset) = value;
      *(loose *)(scratch->column[0] + offset) = slope_x;
      *(loose *)(scratch->column[1] + offset) = slope_y;
    }
    // Beyond the window lies what memory held before: weight 0 would not keep out a NaN.
    for (ptrdiff_t lane = shape->rows; lane < shape->lanes; lane++) {
      const ptrdiff_t offset = row * shape->lanes + lane;
      scratch->column[6][offset] = scratch->column[0][offset] = scratch->column[1][offset] = 0;
    }
  }
}

// The Gaussian weights, 0 where a pixel of the window lies beyond a border of either picture; returns the share of the
// weight that is inside.
static double KERNEL(weigh)(const KERNEL(window_shape) *shape, const ck_picture *template_picture,
                            const ck_picture *picture, const ck_alignment *window, float deviation,
                            alignment_scratch *scratch) {
  float profile[CK_ALIGNMENT_LARGEST_RADIUS + 1];
  for (ptrdiff_t k = 0; k <= shape->radius; k++) profile[k] = expf(-(float)(k * k) / (2 * deviation * deviation));
  const ptrdiff_t radius = shape->radius;
  double all = 0, inside = 0;
  for (ptrdiff_t row = 0; row < shape->rows; row++) {
    const ptrdiff_t gy = row - radius;
    float *weight = scratch->weight + row * shape->lanes;
    for (ptrdiff_t lane = 0; lane < shape->lanes; lane++) {
      const ptrdiff_t gx = lane - radius;
      weight[lane] = gx <= radius ? profile[gx < 0 ? -gx : gx] * profile[gy < 0 ? -gy : gy] : 0;
      all += weight[lane];
    }
  }
  // Corners inside: everything is.
  bool is_inside = true;
  for (int corner = 0; corner < 4; corner++) {
    const double gx = corner & 1 ? radius : -radius, gy = corner & 2 ? radius : -radius;
    const double x = window->x + window->map[0] * gx + window->map[1] * gy;
    const double y = window->y + window->map[2] * gx + window->map[3] * gy;
    const double tx = window->template_x + gx, ty = window->template_y + gy;
    is_inside &= x >= 0 && y >= 0 && x <= picture->width - 1 && y <= picture->height - 1;
    is_inside &= tx >= 0 && ty >= 0 && tx <= template_picture->width - 1 && ty <= template_picture->height - 1;
  }
  if (is_inside) return 1;
  for (ptrdiff_t row = 0; row < shape->rows; row++) {
    for (ptrdiff_t lane = 0; lane <= 2 * radius; lane++) {
      const double gx = lane - radius, gy = row - radius;
      const double x = window->x + window->map[0] * gx + window->map[1] * gy;
      const double y = window->y + window->map[2] * gx + window->map[3] * gy;
      const double tx = window->template_x + gx, ty = window->template_y + gy;
      float *weight = scratch->weight + row * shape->lanes + lane;
      if (x >= 0 && y >= 0 && x <= picture->width - 1 && y <= picture->height - 1 && tx >= 0 && ty >= 0 &&
          tx <= template_picture->width - 1 && ty <= template_picture->height - 1)
        inside += *weight;
      else
        *weight = 0;
    }
  }
  return inside / all;
}

// The Jacobian's columns, the same times the weights, and the lower triangle of their products. Returns the template's
// weighted variance; the total of the weights goes to *total.
static double KERNEL(prepare)(const KERNEL(window_shape) *shape, alignment_scratch *scratch,
                              double normal[PARAMETERS][PARAMETERS], double *total) {
#pragma clang fp contract(fast)
  const ptrdiff_t count = shape->count;
  float *template = scratch->column[6];
  vector sum = {}, weights = {};
  for (ptrdiff_t i = 0; i < count; i += VECTOR_WIDTH) {
    const vector weight = *(const loose *)(scratch->weight + i);
    weights += weight;
    sum += weight * *(const loose *)(template + i);
  }
  *total = lane_sum(weights);
  const float mean = lane_sum(sum) / lane_sum(weights);
  // Places in the window run from -1 to 1, so that the parameters are of like size.
  const float unit = 1.0f / shape->radius;
  float places[MOST_LANES];
  for (ptrdiff_t lane = 0; lane < shape->lanes; lane++) places[lane] = (lane - shape->radius) * unit;
  for (ptrdiff_t row = 0; row < shape->rows; row++) {
    const float y = (row - shape->radius) * unit;
    for (ptrdiff_t lane = 0; lane < shape->lanes; lane += VECTOR_WIDTH) {
      const ptrdiff_t i = row * shape->lanes + lane;
      const vector weight = *(const loose *)(scratch->weight + i), x = *(const loose *)(places + lane);
      const vector slope_x = *(const loose *)(scratch->column[0] + i);
      const vector slope_y = *(const loose *)(scratch->column[1] + i);
      vector columns[PARAMETERS];
      columns[0] = slope_x, columns[1] = slope_y;
      columns[2] = slope_x * x, columns[3] = slope_x * y, columns[4] = slope_y * x, columns[5] = slope_y * y;
      columns[6] = *(const loose *)(template + i) - mean;
      columns[7] = (vector){} + 1;
      UNROLLED for (int k = 0; k < PARAMETERS; k++) {
        *(loose *)(scratch->column[k] + i) = columns[k];
        *(loose *)(scratch->weighted[k] + i) = columns[k] * weight;
      }
    }
  }
  for (int a = 0; a < PARAMETERS; a++) {
    vector sums[PARAMETERS] = {};
    for (ptrdiff_t i = 0; i < count; i += VECTOR_WIDTH) {
      const vector column = *(const loose *)(scratch->column[a] + i);
      for (int b = 0; b <= a; b++) sums[b] += column * *(const loose *)(scratch->weighted[b] + i);
    }
    for (int b = 0; b <= a; b++) normal[a][b] = lane_sum(sums[b]);
  }
  return normal[6][6] / *total;
}

// normal = L L' in place, lower triangles; false if it is not positive definite beyond rounding errors.
static bool KERNEL(factor)(double normal[PARAMETERS][PARAMETERS]) {
  for (int row = 0; row < PARAMETERS; row++) {
    const double least = 1e-6 * normal[row][row];
    for (int column = 0; column <= row; column++) {
      double sum = normal[row][column];
      for (int k = 0; k < column; k++) sum -= normal[row][k] * normal[column][k];
      if (row > column) {
        normal[row][column] = sum / normal[column][column];
      } else {
        if (!(sum > least)) return false;
        normal[row][row] = sqrt(sum);
      }
    }
  }
  return true;
}

static void KERNEL(solve)(const double factor[PARAMETERS][PARAMETERS], double right[PARAMETERS]) {
  for (int row = 0; row < PARAMETERS; row++) {
    for (int k = 0; k < row; k++) right[row] -= factor[row][k] * right[k];
    right[row] /= factor[row][row];
  }
  for (int row = PARAMETERS - 1; row >= 0; row--) {
    for (int k = row + 1; k < PARAMETERS; k++) right[row] -= factor[k][row] * right[k];
    right[row] /= factor[row][row];
  }
}

// Half the width and height of the window's image under the map.
INLINED void reach(const KERNEL(window_shape) *shape, const double map[4], double *x, double *y) {
  *x = shape->radius * (fabs(map[0]) + fabs(map[1]));
  *y = shape->radius * (fabs(map[2]) + fabs(map[3]));
}

// Samples the other picture over the window into `value`; false if the window has left the patch.
static bool KERNEL(sample)(const KERNEL(window_shape) *shape, const KERNEL(patch) *patch, const ck_alignment *window,
                           alignment_scratch *scratch) {
#pragma clang fp contract(fast)
  double reach_x, reach_y;
  reach(shape, window->map, &reach_x, &reach_y);
  const double x = window->x - patch->left, y = window->y - patch->top;
  if (!(x - reach_x >= 1.01 && y - reach_y >= 1.01 && x + reach_x <= patch->width - 2.01 &&
        y + reach_y <= patch->height - 2.01))
    return false;
  const ptrdiff_t stride = patch_stride(patch);
  const float step_x = (float)window->map[0], step_y = (float)window->map[2];
  // The spline's weights as polynomials of the fraction.
  const quad cubic = {-1.f / 6, 0.5f, -0.5f, 1.f / 6}, square = {0.5f, -1, 0.5f, 0}, slope = {-0.5f, 0, 0.5f, 0},
             constant = {1.f / 6, 2.f / 3, 1.f / 6, 0};
  for (ptrdiff_t row = 0; row < shape->rows; row++) {
    const double gy = row - shape->radius;
    const float start_x = (float)(x + window->map[1] * gy - window->map[0] * shape->radius);
    const float start_y = (float)(y + window->map[3] * gy - window->map[2] * shape->radius);
    float fractions[MOST_LANES], weights[4][MOST_LANES];
    int32_t offsets[MOST_LANES];
    for (ptrdiff_t lane = 0; lane < shape->lanes; lane++) {
      // Lanes beyond the window repeat its last pixel.
      const float place = lane < shape->rows ? lane : shape->rows - 1;
      const float at_x = start_x + step_x * place, at_y = start_y + step_y * place;
      const int32_t column = (int32_t)at_x, line = (int32_t)at_y;
      offsets[lane] = (line - 1) * (int32_t)stride + column - 1;
      fractions[lane] = at_x - column;
      const float f = at_y - line, g = 1 - f;
      weights[0][lane] = g * g * g * (1.f / 6);
      weights[1][lane] = 2.f / 3 + f * f * (0.5f * f - 1);
      weights[2][lane] = 2.f / 3 + g * g * (0.5f * g - 1);
      weights[3][lane] = f * f * f * (1.f / 6);
    }
    for (ptrdiff_t lane = 0; lane < shape->lanes; lane += 4) {
      quad products[4];
      UNROLLED for (int k = 0; k < 4; k++) {
        const float *at = scratch->coefficients + offsets[lane + k];
        const float f = fractions[lane + k];
        quad sum = weights[0][lane + k] * *(const loose_quad *)at;
        sum += weights[1][lane + k] * *(const loose_quad *)(at + stride);
        sum += weights[2][lane + k] * *(const loose_quad *)(at + 2 * stride);
        sum += weights[3][lane + k] * *(const loose_quad *)(at + 3 * stride);
        products[k] = sum * (((cubic * f + square) * f + slope) * f + constant);
      }
      // The four sums of four: transposed, then added.
      const quad a = __builtin_shufflevector(products[0], products[1], 0, 4, 1, 5);
      const quad b = __builtin_shufflevector(products[0], products[1], 2, 6, 3, 7);
      const quad c = __builtin_shufflevector(products[2], products[3], 0, 4, 1, 5);
      const quad d = __builtin_shufflevector(products[2], products[3], 2, 6, 3, 7);
      const quad ab = a + b, cd = c + d;
      *(loose_quad *)(scratch->value + row * shape->lanes + lane) =
          __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    }
  }
  return true;
}

// The patch around the window, with room for it to move.
INLINED KERNEL(patch) patch_around(const KERNEL(window_shape) *shape, const ck_alignment *window) {
  double reach_x, reach_y;
  reach(shape, window->map, &reach_x, &reach_y);
  KERNEL(patch) patch = {0, 0, 0, 0};
  // What is not finite fails here, too.
  if (!(reach_x < LARGEST_PATCH && reach_y < LARGEST_PATCH && fabs(window->x) < 1e9 && fabs(window->y) < 1e9))
    return patch;
  const double room = 2.5;
  patch.left = (ptrdiff_t)floor(window->x - reach_x - room) - 1;
  patch.top = (ptrdiff_t)floor(window->y - reach_y - room) - 1;
  patch.width = (ptrdiff_t)ceil(window->x + reach_x + room) + 3 - patch.left;
  patch.height = (ptrdiff_t)ceil(window->y + reach_y + room) + 3 - patch.top;
  return patch;
}

// Sums over the window that a step needs: of the other picture's values, less a reference, with every weighted column,
// and of their squares.
static void KERNEL(gather)(const KERNEL(window_shape) *shape, const alignment_scratch *scratch, float reference,
                           double with[PARAMETERS], double *squares) {
#pragma clang fp contract(fast)
  vector sums[PARAMETERS] = {}, square = {};
  for (ptrdiff_t i = 0; i < shape->count; i += VECTOR_WIDTH) {
    const vector value = *(const loose *)(scratch->value + i) - reference;
    UNROLLED for (int k = 0; k < PARAMETERS; k++) sums[k] += value * *(const loose *)(scratch->weighted[k] + i);
    square += value * value * *(const loose *)(scratch->weight + i);
  }
  for (int k = 0; k < PARAMETERS; k++) with[k] = lane_sum(sums[k]);
  *squares = lane_sum(square);
}

// Covariance of the shift in the template's frame for residuals of that variance, independent from pixel to pixel:
// of the estimate with the Gaussian weights, N^-1 (J' W^2 J + P) N^-1, N = J' W J + P, P the stiffness of the map.
static void KERNEL(spread)(const KERNEL(window_shape) *shape, const double factor[PARAMETERS][PARAMETERS],
                           double variance, double stiffness, const alignment_scratch *scratch,
                           double covariance[3]) {
#pragma clang fp contract(fast)
  float rows[2][PARAMETERS];
  for (int k = 0; k < 2; k++) {
    double unit[PARAMETERS] = {0};
    unit[k] = 1;
    KERNEL(solve)(factor, unit);
    for (int p = 0; p < PARAMETERS; p++) rows[k][p] = (float)unit[p];
  }
  vector xx = {}, xy = {}, yy = {};
  for (ptrdiff_t i = 0; i < shape->count; i += VECTOR_WIDTH) {
    vector x = {}, y = {};
    UNROLLED for (int p = 0; p < PARAMETERS; p++) {
      const vector column = *(const loose *)(scratch->weighted[p] + i);
      x += rows[0][p] * column;
      y += rows[1][p] * column;
    }
    xx += x * x, xy += x * y, yy += y * y;
  }
  double prior[3] = {0};
  for (int p = 2; p < 6; p++) {
    prior[0] += stiffness * rows[0][p] * rows[0][p];
    prior[1] += stiffness * rows[0][p] * rows[1][p];
    prior[2] += stiffness * rows[1][p] * rows[1][p];
  }
  covariance[0] = variance * (lane_sum(xx) + prior[0]);
  covariance[1] = variance * (lane_sum(xy) + prior[1]);
  covariance[2] = variance * (lane_sum(yy) + prior[2]);
}

// covariance = map covariance map'.
static void KERNEL(carry)(const double map[4], double covariance[3]) {
  const double xx = covariance[0], xy = covariance[1], yy = covariance[2];
  const double a = map[0] * xx + map[1] * xy, b = map[0] * xy + map[1] * yy;
  const double c = map[2] * xx + map[3] * xy, d = map[2] * xy + map[3] * yy;
  covariance[0] = a * map[0] + b * map[1];
  covariance[1] = a * map[2] + b * map[3];
  covariance[2] = c * map[2] + d * map[3];
}

// One step: map <- map (1 + D)^-1 and the point follows. Returns the length of the point's step, NAN if the map
// degenerates.
static double KERNEL(compose)(ck_alignment *window, const double step[PARAMETERS], ptrdiff_t radius) {
  const double a = 1 + step[2] / radius, b = step[3] / radius, c = step[4] / radius, d = 1 + step[5] / radius;
  const double determinant = a * d - b * c;
  if (!(determinant > 0.1 && determinant < 10)) return NAN;
  const double *m = window->map;
  const double map[4] = {(m[0] * d - m[1] * c) / determinant, (m[1] * a - m[0] * b) / determinant,
                         (m[2] * d - m[3] * c) / determinant, (m[3] * a - m[2] * b) / determinant};
  // A step of two pixels at most: farther, the gradients know nothing.
  const double length = sqrt(step[0] * step[0] + step[1] * step[1]), factor = length > 2 ? 2 / length : 1;
  const double x = factor * (map[0] * step[0] + map[1] * step[1]), y = factor * (map[2] * step[0] + map[3] * step[1]);
  window->x -= x, window->y -= y;
  memcpy(window->map, map, sizeof map);
  return sqrt(x * x + y * y);
}

// How far the map is from its start, as the step that would lead there: start^-1 map - 1, at the window's edge.
static void KERNEL(departure)(const double start[4], const double map[4], ptrdiff_t radius, double departure[4]) {
  const double scale = radius / (start[0] * start[3] - start[1] * start[2]);
  departure[0] = scale * (start[3] * map[0] - start[1] * map[2]) - radius;
  departure[1] = scale * (start[3] * map[1] - start[1] * map[3]);
  departure[2] = scale * (start[0] * map[2] - start[2] * map[0]);
  departure[3] = scale * (start[0] * map[3] - start[2] * map[1]) - radius;
}

void KERNEL(ck_align)(const ck_picture *template_picture, const ck_picture *picture,
                      const ck_alignment_settings *settings, const ptrdiff_t template_filters[2],
                      const ptrdiff_t filters[2], ck_alignment *window, void *memory) {
  enum { LEAST_VARIANCE = 1 };  // grey levels^2
  const double farthest = 8;    // pixels of the other picture
  alignment_scratch *scratch = memory;
  const ptrdiff_t radius = settings->radius;
  const KERNEL(window_shape) shape = {radius, 2 * radius + 1, radius <= 7 ? 16 : 32,
                                      (2 * radius + 1) * (radius <= 7 ? 16 : 32)};
  window->steps = 0;
  window->last_step = INFINITY;
  window->correlation = window->correlation_before = window->residual = window->gain = window->inside = 0;
  for (int k = 0; k < 3; k++) window->covariance[k] = 0;
  window->status = CK_ALIGNMENT_DIVERGED;
  const double start_x = window->x, start_y = window->y;
  const double start[4] = {window->map[0], window->map[1], window->map[2], window->map[3]};
  KERNEL(patch) patch = patch_around(&shape, window);
  if (!(fabs(window->template_x) < 1e9 && fabs(window->template_y) < 1e9) || !patch_fits(&patch)) return;

  window->inside = (float)KERNEL(weigh)(&shape, template_picture, picture, window, settings->deviation, scratch);
  if (!(window->inside > 0.5f)) {
    window->status = CK_ALIGNMENT_OUTSIDE;
    return;
  }
  const double whole_x = floor(window->template_x), whole_y = floor(window->template_y);
  const KERNEL(patch) around = {(ptrdiff_t)whole_x - radius - 1, (ptrdiff_t)whole_y - radius - 1, shape.rows + 3,
                                shape.rows + 3};
  KERNEL(load_coefficients)(template_picture, &around, settings->filters[template_filters[0]],
                            settings->filters[template_filters[1]], scratch);
  KERNEL(sample_template)(&shape, patch_stride(&around), (float)(window->template_x - whole_x),
                          (float)(window->template_y - whole_y), scratch);
  double normal[PARAMETERS][PARAMETERS], total;
  const double variance = KERNEL(prepare)(&shape, scratch, normal, &total);
  // Sums over the window of the weighted columns, and of these with the template.
  double sums[PARAMETERS], own[PARAMETERS];
  for (int k = 0; k < PARAMETERS; k++) sums[k] = normal[7][k], own[k] = k < 7 ? normal[6][k] : normal[7][6];
  double free_normal[PARAMETERS][PARAMETERS], stiffness = 0;
  memcpy(free_normal, normal, sizeof normal);
  if (!(variance > LEAST_VARIANCE) || !KERNEL(factor)(normal)) {
    window->status = CK_ALIGNMENT_FLAT;
    return;
  }
  const float *filter_x = settings->filters[filters[0]], *filter_y = settings->filters[filters[1]];
  KERNEL(load_coefficients)(picture, &patch, filter_x, filter_y, scratch);
  while (true) {
    if (!KERNEL(sample)(&shape, &patch, window, scratch)) {
      patch = patch_around(&shape, window);
      if (!patch_fits(&patch)) return;
      KERNEL(load_coefficients)(picture, &patch, filter_x, filter_y, scratch);
      if (!KERNEL(sample)(&shape, &patch, window, scratch)) return;
    }
    // Sums of differences from one of the values: of the values themselves, little would be left of the decimals.
    const float reference = scratch->value[radius * shape.lanes + radius];
    double with[PARAMETERS], squares;
    KERNEL(gather)(&shape, scratch, reference, with, &squares);
    const double mean = with[7] / total, other = squares / total - mean * mean, shared = with[6] / total;
    if (!(other > LEAST_VARIANCE * 0.25)) {
      window->status = CK_ALIGNMENT_FLAT;
      return;
    }
    window->correlation = (float)(shared / sqrt(variance * other));
    if (window->steps == 0) window->correlation_before = window->correlation;
    // What the best gain and offset leave.
    const double left = variance - shared * shared / other, residual = left > 0 ? left : 0;
    if (window->give > 0) {
      // A window that fits badly is not trusted to bend its map: the prior weighs as much as the residuals allow.
      stiffness = settings->correlated * residual / (window->give * window->give);
      memcpy(normal, free_normal, sizeof normal);
      for (int k = 2; k < 6; k++) normal[k][k] += stiffness;
      if (!KERNEL(factor)(normal)) return;
    }
    const bool has_converged = window->last_step < settings->converged;
    if (has_converged || window->steps == settings->steps) {
      window->gain = (float)sqrt(variance / other);
      window->residual = (float)sqrt(residual);
      KERNEL(spread)(&shape, (const double(*)[PARAMETERS])normal, residual, stiffness, scratch, window->covariance);
      KERNEL(carry)(window->map, window->covariance);
      window->status = has_converged ? CK_ALIGNMENT_CONVERGED : CK_ALIGNMENT_NOT_CONVERGED;
      return;
    }
    // Columns 6 and 7 take up whatever gain and offset are left, so the contrasts' ratio serves as the gain.
    const double gain = sqrt(variance / other);
    double step[PARAMETERS];
    for (int k = 0; k < PARAMETERS; k++) step[k] = gain * (with[k] - mean * sums[k]) - own[k];
    if (stiffness > 0) {
      double departure[4];
      KERNEL(departure)(start, window->map, radius, departure);
      for (int k = 0; k < 4; k++) step[2 + k] += stiffness * departure[k];
    }
    KERNEL(solve)((const double(*)[PARAMETERS])normal, step);
    window->last_step = (float)KERNEL(compose)(window, step, radius);
    window->steps++;
    const double moved_x = window->x - start_x, moved_y = window->y - start_y;
    if (!(window->last_step < farthest && moved_x * moved_x + moved_y * moved_y < farthest * farthest)) return;
  }
}
