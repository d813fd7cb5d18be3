// Parts of a map: bordered blocks for convolution, max-pooling, depthwise convolution.
#include "CKernelsTarget.h"

void ck_copy_block(const float *map, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t top,
                   ptrdiff_t left, ptrdiff_t block_height, ptrdiff_t block_width, float *block) {
  // The block's columns inside the map are contiguous in memory.
  const ptrdiff_t before = left < 0 ? -left : 0, end = left + block_width > width ? width - left : block_width;
  const ptrdiff_t from = before < block_width ? before : block_width, to = end > from ? end : from;
  for (ptrdiff_t row = 0; row < block_height; row++, block += block_width * channels) {
    const ptrdiff_t y = top + row;
    if (y < 0 || y >= height || from == to) {
      memset(block, 0, (size_t)(block_width * channels) * sizeof(float));
      continue;
    }
    memset(block, 0, (size_t)(from * channels) * sizeof(float));
    memcpy(block + from * channels, map + (y * width + left + from) * channels,
           (size_t)((to - from) * channels) * sizeof(float));
    memset(block + to * channels, 0, (size_t)((block_width - to) * channels) * sizeof(float));
  }
}

CK_DISPATCH
void ck_max_pool(const float *map, ck_window window, ptrdiff_t first, ptrdiff_t count, float *output) {
  const ptrdiff_t channels = window.channels;
  for (ptrdiff_t r = 0; r < count; r++, output += channels) {
    const ptrdiff_t top = (first + r) / window.output_width * window.side;
    const ptrdiff_t left = (first + r) % window.output_width * window.side;
    memcpy(output, map + (top * window.width + left) * channels, (size_t)channels * sizeof(float));
    for (ptrdiff_t k = 1; k < window.side * window.side; k++) {
      const float *pixel =
          map + ((top + k / window.side) * window.width + left + k % window.side) * channels;
      for (ptrdiff_t c = 0; c < channels; c++) output[c] = pixel[c] > output[c] ? pixel[c] : output[c];
    }
  }
}

CK_DISPATCH
void ck_depthwise(const float *map, ck_window window, const float *weight, ptrdiff_t first, ptrdiff_t count,
                  float *output) {
  const ptrdiff_t channels = window.channels;
  for (ptrdiff_t r = 0; r < count; r++, output += channels) {
    const ptrdiff_t top = (first + r) / window.output_width * window.side;
    const ptrdiff_t left = (first + r) % window.output_width * window.side;
    memset(output, 0, (size_t)channels * sizeof(float));
    for (ptrdiff_t k = 0; k < window.side * window.side; k++) {
      const float *pixel =
          map + ((top + k / window.side) * window.width + left + k % window.side) * channels;
      const float *w = weight + k * channels;
      for (ptrdiff_t c = 0; c < channels; c++) output[c] += pixel[c] * w[c];
    }
  }
}
