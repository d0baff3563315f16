/* What the two ways of an activation search share: exact codes, removal of zeros, bounds of the divisor. */
#pragma once

#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include "ck_quant.h"

#define LANES CK_IFMR_LANES
#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 1024 /* values whose zeros are removed at once; fits the first cache */ };
#define TINY 0x1p-47f
/* Sums of this and a smaller positive number are rounded to integers. */
#define SHIFT 0x1p23f
#define COUNT_LIMIT 0x1p30f

typedef float lanes __attribute__((ext_vector_type(LANES)));
typedef int lanes_int __attribute__((ext_vector_type(LANES)));
/* The same at any address. */
typedef float lanes_any __attribute__((ext_vector_type(LANES), aligned(4)));
/* A cast between vectors of one size keeps the bits. */
#define BITS(v) ((lanes_int)(v))

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"), min_vector_width(512)))
#define FMA __attribute__((target("avx2,fma")))
#elif defined(__aarch64__)
#define FMA
#endif

/* round(min(v, bound) / s) for v >= 0. */
INLINE void exact_code(const lanes *v, const lanes *bound, const lanes *s, lanes *code) {
  lanes y = (*v < *bound ? *v : *bound) / *s;
  /* y <= 2^16, so it fits an int; y minus its whole part is exact. */
  lanes whole = __builtin_convertvector(__builtin_convertvector(y, lanes_int), lanes);
  lanes one = 1.0f, zero = 0.0f;
  *code = whole + (y - whole >= 0.5f ? one : zero);
}

/* Factors below fl(t / count) / t and above it, for any t. Products of two floats are exact in double. */
INLINE void divisor_bounds(float count, float *under, float *over) {
  *under = *over = 1.0f / count;
  while ((double)*under * count > 1 - 0x1p-24) *under = nextafterf(*under, 0);
  while ((double)*over * count < 1 + 0x1p-24) *over = nextafterf(*over, INFINITY);
}

/* Copies the non-zero values (their magnitudes when symmetric); `room` holds n + LANES. Returns how many. */
INLINE size_t without_zeros(const float *x, size_t n, int symmetric, float *room) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    room[kept] = symmetric ? __builtin_fabsf(x[i]) : x[i];
    kept += x[i] != 0.0f;
  }
  return kept;
}

#if defined(__x86_64__)
AVX512 static inline size_t without_zeros_avx512(const float *x, size_t n, int symmetric, float *room) {
  size_t kept = 0;
  const __m512 keep = _mm512_castsi512_ps(_mm512_set1_epi32(symmetric ? 0x7fffffff : -1));
  for (size_t i = 0; i < n; i += LANES) {
    __mmask16 inside = n - i < LANES ? (__mmask16)((1u << (n - i)) - 1) : (__mmask16)0xffff;
    __m512 v = _mm512_maskz_loadu_ps(inside, x + i);
    __mmask16 nonzero = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    _mm512_storeu_ps(room + kept, _mm512_maskz_compress_ps(nonzero, _mm512_and_ps(v, keep)));
    kept += (size_t)__builtin_popcount(nonzero);
  }
  return kept;
}
#endif

#define MANTISSA (1 << 23)

INLINE float one_code(float bound, float scale) {
  lanes v = bound, s = scale, code;
  exact_code(&v, &v, &s, &code);
  return code[0];
}

INLINE int32_t bits_of(float x) {
  int32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

INLINE float float_of(int32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

/* The start of the binade of a positive normal number, or 0. A unit must be normal too. */
INLINE float binade(float sum) {
  float start = float_of(bits_of(sum) & ~(MANTISSA - 1));
  return sum > 0x1p-100f && sum < 0x1p100f ? start : 0.0f;
}
