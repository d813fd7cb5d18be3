// Windows of a map: gathering for convolution by matrix product, max-pooling, depthwise convolution.
#include "CKernelsTarget.h"

void ck_gather_patches(const float *map, ck_window window, ptrdiff_t first, ptrdiff_t count, float *patches) {
  const ptrdiff_t kernel = window.kernel, channels = window.channels, row_length = kernel * channels;
  for (ptrdiff_t r = 0; r < count; r++) {
    const ptrdiff_t top = (first + r) / window.output_width * window.stride - window.padding;
    const ptrdiff_t left = (first + r) % window.output_width * window.stride - window.padding;
    // The kernel's columns that lie inside the map are contiguous in memory.
    const ptrdiff_t from = left < 0 ? -left : 0;
    const ptrdiff_t to = left + kernel > window.width ? window.width - left : kernel;
    for (ptrdiff_t k = 0; k < kernel; k++, patches += row_length) {
      const ptrdiff_t y = top + k;
      if (y < 0 || y >= window.height || from >= to) {
        memset(patches, 0, (size_t)row_length * sizeof(float));
        continue;
      }
      memset(patches, 0, (size_t)(from * channels) * sizeof(float));
      memcpy(patches + from * channels, map + (y * window.width + left + from) * channels,
             (size_t)((to - from) * channels) * sizeof(float));
      memset(patches + to * channels, 0, (size_t)((kernel - to) * channels) * sizeof(float));
    }
  }
}

CK_DISPATCH
void ck_max_pool(const float *map, ck_window window, ptrdiff_t first, ptrdiff_t count, float *output) {
  const ptrdiff_t channels = window.channels;
  for (ptrdiff_t r = 0; r < count; r++, output += channels) {
    const ptrdiff_t top = (first + r) / window.output_width * window.kernel;
    const ptrdiff_t left = (first + r) % window.output_width * window.kernel;
    memcpy(output, map + (top * window.width + left) * channels, (size_t)channels * sizeof(float));
    for (ptrdiff_t k = 1; k < window.kernel * window.kernel; k++) {
      const float *pixel =
          map + ((top + k / window.kernel) * window.width + left + k % window.kernel) * channels;
      for (ptrdiff_t c = 0; c < channels; c++) output[c] = pixel[c] > output[c] ? pixel[c] : output[c];
    }
  }
}

CK_DISPATCH
void ck_depthwise(const float *map, ck_window window, const float *weight, ptrdiff_t first, ptrdiff_t count,
                  float *output) {
  const ptrdiff_t channels = window.channels;
  for (ptrdiff_t r = 0; r < count; r++, output += channels) {
    const ptrdiff_t top = (first + r) / window.output_width * window.kernel;
    const ptrdiff_t left = (first + r) % window.output_width * window.kernel;
    memset(output, 0, (size_t)channels * sizeof(float));
    for (ptrdiff_t k = 0; k < window.kernel * window.kernel; k++) {
      const float *pixel =
          map + ((top + k / window.kernel) * window.width + left + k % window.kernel) * channels;
      const float *w = weight + k * channels;
      for (ptrdiff_t c = 0; c < channels; c++) output[c] += pixel[c] * w[c];
    }
  }
}
