// The arithmetic peak of one core: multiply-adds on values that stay in registers, in the widest vectors that the
// compiler knows of this machine. Twelve independent chains hide the latency of the units (4 cycles, 2 units).

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif
#define CHAINS 12

typedef float vector __attribute__((vector_size(4 * LANES)));

// Runs `rounds` rounds and returns how many operations (multiplications and additions) one round has.
long peak_run(long rounds, float factor, float *result) {
  vector sums[CHAINS], scale;
  for (int lane = 0; lane < LANES; lane++) scale[lane] = factor;
  for (int chain = 0; chain < CHAINS; chain++) sums[chain] = scale * (float)(chain + 1);
  for (long round = 0; round < rounds; round++) {
#pragma GCC unroll 12
    for (int chain = 0; chain < CHAINS; chain++) sums[chain] = sums[chain] * scale + scale;
  }
  *result = 0;
  for (int chain = 0; chain < CHAINS; chain++) *result += sums[chain][0];
  return 2L * CHAINS * LANES;
}
