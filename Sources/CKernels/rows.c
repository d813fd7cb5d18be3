// Row-wise operations: layer norm, softmax, feature maps, rotary encoding.
#include "CKernelsTarget.h"

#pragma clang fp reassociate(on) contract(fast)

CK_DISPATCH
void ck_layer_norm(const float *input, const float *scale, const float *shift, const float *residual,
                   float epsilon, ptrdiff_t count, ptrdiff_t channels, float *output) {
  for (ptrdiff_t r = 0; r < count; r++, input += channels, output += channels) {
    float sum = 0;
    for (ptrdiff_t c = 0; c < channels; c++) sum += input[c];
    const float mean = sum / (float)channels;
    float squares = 0;
    for (ptrdiff_t c = 0; c < channels; c++) squares += (input[c] - mean) * (input[c] - mean);
    const float inverse = 1.0f / sqrtf(squares / (float)channels + epsilon);
    for (ptrdiff_t c = 0; c < channels; c++) output[c] = (input[c] - mean) * inverse * scale[c] + shift[c];
    if (residual) {
      const float *other = residual + r * channels;
      for (ptrdiff_t c = 0; c < channels; c++) output[c] += other[c];
    }
  }
}

CK_DISPATCH
void ck_softmax(float *rows, float factor, ptrdiff_t count, ptrdiff_t channels) {
  for (ptrdiff_t r = 0; r < count; r++, rows += channels) {
    float maximum = -INFINITY;
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float scaled = rows[c] * factor;
      maximum = scaled > maximum ? scaled : maximum;
    }
    float sum = 0;
    for (ptrdiff_t c = 0; c < channels; c++) {
      rows[c] = ck_exp1(rows[c] * factor - maximum);
      sum += rows[c];
    }
    const float inverse = 1.0f / sum;
    for (ptrdiff_t c = 0; c < channels; c++) rows[c] *= inverse;
  }
}

CK_DISPATCH
void ck_elu_plus_one(const float *input, ptrdiff_t count, float *output) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const float x = input[i];
    const float e = ck_exp1(x < 0 ? x : 0);
    output[i] = x > 0 ? x + 1 : e;
  }
}

CK_DISPATCH
void ck_exp(float *values, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) values[i] = ck_exp1(values[i]);
}

CK_DISPATCH
void ck_normalize_rows(float *rows, float epsilon, ptrdiff_t count, ptrdiff_t channels) {
  for (ptrdiff_t r = 0; r < count; r++, rows += channels) {
    float squares = 0;
    for (ptrdiff_t c = 0; c < channels; c++) squares += rows[c] * rows[c];
    const float norm = sqrtf(squares);
    const float inverse = 1.0f / (norm > epsilon ? norm : epsilon);
    for (ptrdiff_t c = 0; c < channels; c++) rows[c] *= inverse;
  }
}

CK_DISPATCH
void ck_row_products(const float *rows, const float *vector, float scale, ptrdiff_t count, ptrdiff_t channels,
                     float *products) {
  for (ptrdiff_t r = 0; r < count; r++, rows += channels) {
    float sum = 0;
    for (ptrdiff_t c = 0; c < channels; c++) sum += rows[c] * vector[c];
    products[r] = scale * sum;
  }
}

CK_DISPATCH
void ck_weighted_sum(const float *rows, const float *weights, ptrdiff_t count, ptrdiff_t channels, float *sum) {
  for (ptrdiff_t c = 0; c < channels; c++) sum[c] = 0;
  for (ptrdiff_t r = 0; r < count; r++, rows += channels)
    for (ptrdiff_t c = 0; c < channels; c++) sum[c] += weights[r] * rows[c];
}

CK_DISPATCH
void ck_rotate(float *rows, const float *cosines, const float *sines, ptrdiff_t count, ptrdiff_t heads,
               ptrdiff_t head_channels, ptrdiff_t frequencies) {
  for (ptrdiff_t r = 0; r < count; r++) {
    const float *cosine = cosines + r * frequencies, *sine = sines + r * frequencies;
    for (ptrdiff_t h = 0; h < heads; h++, rows += head_channels) {
      for (ptrdiff_t k = 0; k < frequencies; k++) {
        const float a = rows[k], b = rows[frequencies + k];
        rows[k] = a * cosine[k] - b * sine[k];
        rows[frequencies + k] = a * sine[k] + b * cosine[k];
      }
    }
  }
}
