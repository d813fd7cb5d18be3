// Shared by the kernel files: run-time dispatch, and a vectorisable exponential.
#ifndef CKERNELS_TARGET_H
#define CKERNELS_TARGET_H

#include <math.h>
#include <string.h>

#include "CKernels.h"

// One body, compiled for AVX-512, AVX2 and the baseline; the dynamic linker picks at load time. ThreadSanitizer is not
// ready by then, and its instrumentation of the resolver would crash: there, only the baseline.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define CK_DISPATCH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_DISPATCH
#endif

// exp(x) = 2^n * exp(r), |r| <= ln(2)/2; the polynomial is the degree-6 minimax one of Cephes' expf.
// Saturates: 0 below -87.3 (and for a NaN), about 2.2e38 above 88.3.
static inline __attribute__((always_inline)) float ck_exp1(float x) {
  const float floored = x > -87.3f ? x : -87.3f;
  const float clipped = floored < 88.3f ? floored : 88.3f;
  // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer.
  const float shifter = 12582912.0f;
  const float n = (clipped * 1.44269504088896341f + shifter) - shifter;
  const float r = (clipped - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union {
    int32_t bits;
    float value;
  } power = {((int32_t)n + 127) << 23};
  return x > -87.3f ? p * power.value : 0.0f;
}

#endif
