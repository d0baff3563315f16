/* Errors of all candidates of an activation search, bit for bit as one float32 accumulator per candidate gives them.

   Lanes are candidates, so the order of each sum is the data order. Zeros are skipped: they quantize to 0 and add +0.
   Only magnitudes are looked at: rounding is odd, so x < 0 is the case of -x with the clipping bound -low.

   The fast way replaces both divisions without changing a bit.

   v / s, v >= 0. Let o >= (1 / s)(1 + 2^-23). Then v o > fl(v / s), so the integer a nearest to v o is never below the
   exact code, and above it only where v / s < a - 1/2. There e = fl(fl(a s) - v) >= s (1/2 - a 2^-24 - 2^-25): a
   stage with any e above s (1/2 - (code(bound) + 2) 2^-24) is done again with true divisions (a few in a hundred).
   Clipping takes the smaller of a and code(bound), the exact code of the bound: codes grow with v.
   v o + 2^23 is rounded once, to an integer, by the fused multiply-add; a s - 2^23 s likewise, to fl((a - 2^23) s).

   t / L. Two sums run, one with factors below fl(t / L) / t, one above. Addition and rounding are monotone, so the true
   sum stays between them, and where they end a stage with the same bits, it has these bits too. Else the stage is added
   again with true divisions. The relative bounds of rounding need t / L normal: true when |x| >= TINY and L <= 2^30,
   as then e = x, or |x| > 2^-25 and e is a multiple of 2^-48 (s >= FLT_EPSILON). Else true divisions are used. */
#include "quant_ifmr.h"

enum {
  STAGE = 16,      /* values between two looks at the bounds */
  MOST_GROUPS = 2, /* vectors of candidates that share one reading of the values */
};

/* One vector of candidates; pairs are for values >= 0 and < 0. */
typedef struct {
  lanes scale, bound[2], code[2];
} group;

INLINE void load_group(const ck_ifmr *search, size_t first, group *k) {
  k->scale = *(const lanes_any *)(search->scale + first);
  k->bound[0] = *(const lanes_any *)(search->high + first);
  k->bound[1] = search->symmetric ? k->bound[0] : (lanes)-search->low;
  for (int i = 0; i < 2; i++) exact_code(&k->bound[i], &k->bound[i], &k->scale, &k->code[i]);
}

/* (code * s - v)^2 by true division. */
INLINE void exact_square(float x, const group *k, lanes *square) {
  lanes v = __builtin_fabsf(x), code;
  exact_code(&v, &k->bound[x < 0], &k->scale, &code);
  lanes e = code * k->scale - v;
  *square = e * e;
}

INLINE void add_exactly(const float *x, size_t n, const ck_ifmr *search, size_t first) {
  group k;
  load_group(search, first, &k);
  lanes sum = *(const lanes_any *)(search->error + first), square;
  for (size_t i = 0; i < n; i++) {
    exact_square(x[i], &k, &square);
    sum += square / search->count;
  }
  *(lanes_any *)(search->error + first) = sum;
}

/* What the fast way needs of a group. */
typedef struct {
  lanes scale, over, shifted_scale, cap[2], limit;
} fast_group;

INLINE void prepare(const group *k, fast_group *f) {
  const lanes deepest = k->code[0] > k->code[1] ? k->code[0] : k->code[1];
  f->scale = k->scale;
  f->over = 1.0f / k->scale * (1.0f + 0x1p-22f);
  f->shifted_scale = k->scale * SHIFT;
  for (int i = 0; i < 2; i++) f->cap[i] = k->code[i] + SHIFT;
  f->limit = k->scale * (0.5f - (deepest + 2.0f) * 0x1p-24f);
}

/* Squares of one value; `most` keeps the largest e. Without negative values the sign need not be looked at. */
INLINE void fast_squares(
    const float *x, const fast_group *f, lanes *square, lanes *most, int groups, int has_negative) {
  uint32_t bits;
  memcpy(&bits, x, 4);
  const float magnitude = has_negative ? __builtin_fabsf(*x) : *x;
  const lanes v = magnitude, shift = SHIFT;
  for (int g = 0; g < groups; g++) {
    const lanes cap = f[g].cap[has_negative ? bits >> 31 : 0];
    lanes a = __builtin_elementwise_fma(v, f[g].over, shift);
    a = a < cap ? a : cap;
    lanes e = __builtin_elementwise_fma(a, f[g].scale, -f[g].shifted_scale) - v;
    square[g] = e * e;
    most[g] = e > most[g] ? e : most[g];
  }
}

INLINE void add_bounds(const lanes *square, const lanes *factors, lanes *lower, lanes *upper, int groups) {
  for (int g = 0; g < groups; g++) {
    lower[g] = __builtin_elementwise_fma(square[g], factors[0], lower[g]);
    upper[g] = __builtin_elementwise_fma(square[g], factors[1], upper[g]);
  }
}

/* Adds n values of at least TINY to `groups` vectors of candidates. `under` and `over` bound fl(t / L) / t.
   The squares of a stage are made while those of the stage before are added: the sums are long chains of dependent
   additions, which alone would leave the processor waiting. */
INLINE void add_by_bounds(
    const float *x, size_t n, const ck_ifmr *search, size_t first, float under, float over, int groups,
    int has_negative) {
  group k[MOST_GROUPS];
  fast_group f[MOST_GROUPS];
  lanes sum[MOST_GROUPS], square[2][STAGE][MOST_GROUPS];
  const lanes factors[2] = {under, over};
  for (int g = 0; g < groups; g++) {
    load_group(search, first + g * LANES, k + g);
    prepare(k + g, f + g);
    sum[g] = *(const lanes_any *)(search->error + first + g * LANES);
  }
  size_t waiting = 0; /* length of the stage whose squares are not added yet */
  int side = 0;
  for (size_t start = 0; start < n || waiting > 0; start += STAGE) {
    size_t length = start >= n ? 0 : n - start < STAGE ? n - start : STAGE;
    lanes(*now)[MOST_GROUPS] = square[side], (*before)[MOST_GROUPS] = square[1 - side];
    lanes lower[MOST_GROUPS], upper[MOST_GROUPS], most[MOST_GROUPS];
    for (int g = 0; g < groups; g++) {
      lower[g] = upper[g] = sum[g];
      most[g] = 0.0f;
    }
    if (length == STAGE && waiting == STAGE) {
      for (size_t i = 0; i < STAGE; i++) {
        fast_squares(x + start + i, f, now[i], most, groups, has_negative);
        add_bounds(before[i], factors, lower, upper, groups);
      }
    } else {
      for (size_t i = 0; i < length; i++) fast_squares(x + start + i, f, now[i], most, groups, has_negative);
      for (size_t i = 0; i < waiting; i++) add_bounds(before[i], factors, lower, upper, groups);
    }
    lanes_int differ = 0, above = 0;
    for (int g = 0; g < groups; g++) {
      differ |= BITS(lower[g]) ^ BITS(upper[g]);
      above |= most[g] > f[g].limit;
    }
    if (__builtin_expect(__builtin_reduce_or(above) != 0, 0))
      for (int g = 0; g < groups; g++)
        for (size_t i = 0; i < length; i++) exact_square(x[start + i], k + g, &now[i][g]);
    if (__builtin_expect(__builtin_reduce_or(differ) != 0, 0)) {
      for (size_t i = 0; i < waiting; i++)
        for (int g = 0; g < groups; g++) sum[g] += before[i][g] / search->count;
    } else {
      for (int g = 0; g < groups; g++) sum[g] = lower[g];
    }
    waiting = length;
    side = 1 - side;
  }
  for (int g = 0; g < groups; g++) *(lanes_any *)(search->error + first + g * LANES) = sum[g];
}

/* `groups` is how many vectors of candidates the registers hold at once; 0 without fused multiply-add. */
INLINE void accumulate(
    const float *x, size_t n, const ck_ifmr *search, int groups,
    size_t (*compress)(const float *, size_t, int, float *)) {
  float room[BLOCK + LANES];
  float under, over;
  divisor_bounds(search->count, &under, &over);
  for (size_t start = 0; start < n; start += BLOCK) {
    size_t length = n - start < BLOCK ? n - start : BLOCK;
    size_t kept = compress ? compress(x + start, length, search->symmetric, room)
                           : without_zeros(x + start, length, search->symmetric, room);
    if (n - start > BLOCK)
      for (size_t i = 0; i < BLOCK; i += 64 / sizeof(float)) __builtin_prefetch(x + start + BLOCK + i);
    int has_tiny = search->count > COUNT_LIMIT, has_negative = 0;
    for (size_t i = 0; i < kept; i++) {
      has_tiny |= __builtin_fabsf(room[i]) < TINY;
      has_negative |= room[i] < 0;
    }
    for (size_t first = 0; first < search->candidates;) {
      size_t left = (search->candidates - first) / LANES;
      if (groups == 0 || has_tiny) {
        add_exactly(room, kept, search, first);
        first += LANES;
        continue;
      }
      /* Constants in every branch, so that each is compiled for its number of groups. */
      int pair = left >= 2 && groups >= 2;
      if (pair && has_negative) add_by_bounds(room, kept, search, first, under, over, 2, 1);
      else if (pair) add_by_bounds(room, kept, search, first, under, over, 2, 0);
      else if (has_negative) add_by_bounds(room, kept, search, first, under, over, 1, 1);
      else add_by_bounds(room, kept, search, first, under, over, 1, 0);
      first += pair ? 2 * LANES : LANES;
    }
  }
}

#if defined(__x86_64__)
AVX512 static void accumulate_avx512(const float *x, size_t n, const ck_ifmr *search) {
  accumulate(x, n, search, 2, without_zeros_avx512);
}

FMA static void accumulate_fma(const float *x, size_t n, const ck_ifmr *search) {
  accumulate(x, n, search, 1, NULL);
}

int ck_best_isa(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    return CK_ISA_AVX512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? CK_ISA_FMA : CK_ISA_PORTABLE;
}
#elif defined(__aarch64__)
static void accumulate_fma(const float *x, size_t n, const ck_ifmr *search) { accumulate(x, n, search, 1, NULL); }

int ck_best_isa(void) { return CK_ISA_FMA; }
#else
int ck_best_isa(void) { return CK_ISA_PORTABLE; }
#endif

void ck_ifmr_accumulate(const float *x, size_t n, const ck_ifmr *search, int isa) {
#if defined(__x86_64__)
  if (isa >= CK_ISA_AVX512) {
    accumulate_avx512(x, n, search);
    return;
  }
#endif
#if defined(__x86_64__) || defined(__aarch64__)
  if (isa >= CK_ISA_FMA) {
    accumulate_fma(x, n, search);
    return;
  }
#endif
  (void)isa;
  accumulate(x, n, search, 0, NULL);
}
