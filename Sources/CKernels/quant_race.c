/* Sums of a few candidates of an activation search, and what no sum of the others can stay below.

   Lanes are values here, not candidates, so that one candidate costs what it is. The float32 sum of the definition is
   sequential; yet while it stays in one binade [2^k, 2^(k+1)), whose floats are u = 2^(k-23) apart, fl(sum + t) =
   sum + u * nearest(t / u), whatever the sum is, unless t / u lies halfway between two integers. So each lane starts a
   sum of its own at 2^k, and the lanes' steps are added as integers. The order of the values only matters where the
   whole sum leaves the binade, and for halfway terms.

   Codes and quotients are guessed and checked as in quant_ifmr.c: two sums run, with factors strictly below and above
   fl(t / L) / t. Lanes that end with the same bits have those of the true sum, and then no term was halfway: a halfway
   term would have been rounded down by the lower and up by the upper one. Else a stage is done again with true
   divisions, where halfway terms are rounded down and counted: each may have added a unit more. */
#include "quant_ifmr.h"
#include "quant_clones.h"

enum {
  STREAMS = 2,                        /* independent sums per lane, to hide the latency of additions */
  STEP = STREAMS * LANES,             /* values of one turn of the loop */
  STAGE = 256,                        /* values between two looks at the bounds */
  STAGES = BLOCK / STAGE,
};

/* One candidate; pairs are for values >= 0 and < 0. */
typedef struct {
  float scale, over, shifted_scale, limit, bound[2], cap[2];
} candidate;

/* Non-zero values of a block, filled up with zeros to whole steps. */
typedef struct {
  float x[BLOCK + STEP];
  size_t count;
  float largest[STAGES][2]; /* magnitude by sign */
  int has_tiny;
} block;

typedef size_t compressor(const float *, size_t, int, float *);

INLINE void load(const ck_ifmr *search, uint32_t which, candidate *k) {
  const float s = search->scale[which];
  k->scale = s;
  k->over = 1.0f / s * (1.0f + 0x1p-22f);
  k->shifted_scale = s * SHIFT;
  k->bound[0] = search->high[which];
  k->bound[1] = search->symmetric ? k->bound[0] : -search->low;
  float deepest = 0;
  for (int i = 0; i < 2; i++) {
    float code = one_code(k->bound[i], s);
    k->cap[i] = code + SHIFT;
    deepest = code > deepest ? code : deepest;
  }
  k->limit = s * (0.5f - (deepest + 2.0f) * 0x1p-24f);
}

/* At most BLOCK values; rows only shorter ones that fit as a whole. */
INLINE void fill(const ck_rows *part, const ck_ifmr *search, compressor *compress, block *b) {
  size_t kept = 0;
  for (size_t row = 0; row < part->rows; row++) {
    const float *x = part->x + row * part->stride;
    /* The next block's rows: too far apart for the processor to foresee. */
    if (part->rows > 1)
      for (size_t i = 0; i < part->length; i += 64 / sizeof(float)) __builtin_prefetch(x + part->rows * part->stride + i);
    kept += compress ? compress(x, part->length, search->symmetric, b->x + kept)
                     : without_zeros(x, part->length, search->symmetric, b->x + kept);
  }
  memset(b->x + kept, 0, STEP * sizeof(float));
  b->count = (kept + STEP - 1) / STEP * STEP;
  const lanes zero = 0.0f;
  lanes_int tiny = 0;
  for (size_t stage = 0; stage * STAGE < b->count; stage++) {
    size_t end = (stage + 1) * STAGE < b->count ? (stage + 1) * STAGE : b->count;
    lanes high = 0.0f, low = 0.0f;
    for (size_t i = stage * STAGE; i < end; i += LANES) {
      lanes v = *(const lanes_any *)(b->x + i);
      high = v > high ? v : high;
      low = v < low ? v : low;
      tiny |= (v != zero) & (__builtin_elementwise_abs(v) < TINY);
    }
    b->largest[stage][0] = __builtin_reduce_max(high);
    b->largest[stage][1] = -__builtin_reduce_min(low);
  }
  b->has_tiny = __builtin_reduce_or(tiny) != 0 || search->count > COUNT_LIMIT;
}

/* fl((code * s - x)^2 / L) by true divisions. */
INLINE void exact_terms(const float *x, const candidate *k, float count, lanes *term) {
  const lanes raw = *(const lanes_any *)x, v = __builtin_elementwise_abs(raw), s = k->scale, zero = 0.0f;
  const lanes below = k->bound[1], above = k->bound[0], bound = raw < zero ? below : above;
  lanes code;
  exact_code(&v, &bound, &s, &code);
  lanes e = code * s - v;
  *term = e * e / count;
}

/* Adds n values to the lanes, with halfway terms rounded down; returns how many those are. */
INLINE int add_exact_stage(const float *x, size_t n, const candidate *k, float count, float unit, lanes *sum) {
  lanes_int halfway = 0;
  const lanes half = unit * 0.5f, zero = 0.0f;
  for (size_t i = 0; i < n; i += LANES) {
    lanes term, *s = sum + i / LANES % STREAMS;
    exact_terms(x + i, k, count, &term);
    /* Both differences are exact while the lane stays in its binade. */
    lanes next = *s + term, rest = term - (next - *s);
    halfway -= __builtin_elementwise_abs(rest) == half;
    *s = next - (rest == -half ? half + half : zero);
  }
  return __builtin_reduce_add(halfway);
}

/* As add_exact_stage; without `clips` no value passes its bound. */
INLINE int add_stage(
    const float *x, size_t n, const candidate *k, float under, float over, float count, float unit, int clips,
    lanes *sum) {
  lanes lower[STREAMS], upper[STREAMS], most[STREAMS];
  const lanes shift = SHIFT, scale = k->scale, quotient = k->over, shifted = k->shifted_scale, zero = 0.0f;
  const lanes down = under, up = over, cap0 = k->cap[0], cap1 = k->cap[1], limit = k->limit;
  for (int j = 0; j < STREAMS; j++) {
    lower[j] = upper[j] = sum[j];
    most[j] = 0.0f;
  }
  for (size_t i = 0; i < n; i += STEP)
    for (int j = 0; j < STREAMS; j++) {
      const lanes raw = *(const lanes_any *)(x + i + j * LANES);
      const lanes v = __builtin_elementwise_abs(raw);
      lanes a = __builtin_elementwise_fma(v, quotient, shift);
      if (clips) {
        const lanes cap = raw < zero ? cap1 : cap0;
        a = a < cap ? a : cap;
      }
      lanes e = __builtin_elementwise_fma(a, scale, -shifted) - v, square = e * e;
      most[j] = e > most[j] ? e : most[j];
      lower[j] = __builtin_elementwise_fma(square, down, lower[j]);
      upper[j] = __builtin_elementwise_fma(square, up, upper[j]);
    }
  lanes_int bad = 0;
  for (int j = 0; j < STREAMS; j++) bad |= (BITS(lower[j]) ^ BITS(upper[j])) | (most[j] > limit);
  if (__builtin_expect(__builtin_reduce_or(bad) != 0, 0)) return add_exact_stage(x, n, k, count, unit, sum);
  for (int j = 0; j < STREAMS; j++) sum[j] = lower[j];
  return 0;
}

/* Adds a block to the lanes; returns the number of halfway terms, rounded down. */
INLINE int add_block(const block *b, const candidate *k, float under, float over, float count, float unit, lanes *sum) {
  int halfway = 0;
  for (size_t start = 0; start < b->count; start += STAGE) {
    const size_t n = b->count - start < STAGE ? b->count - start : STAGE;
    const float *x = b->x + start, *largest = b->largest[start / STAGE];
    int clips = largest[0] > k->bound[0] || largest[1] > k->bound[1];
    if (b->has_tiny) halfway += add_exact_stage(x, n, k, count, unit, sum);
    else if (clips) halfway += add_stage(x, n, k, under, over, count, unit, 1, sum);
    else halfway += add_stage(x, n, k, under, over, count, unit, 0, sum);
  }
  return halfway;
}

/* The steps that the lanes made since `start`; -1 when one left the binade. */
INLINE int64_t steps_made(const lanes *sum, float start) {
  int64_t all = 0;
  for (int j = 0; j < STREAMS; j++) {
    lanes_int made = BITS(sum[j]) - bits_of(start);
    if (__builtin_reduce_max(made) >= MANTISSA) return -1;
    for (int i = 0; i < LANES; i++) all += made[i];
  }
  return all;
}

/* The blocks of a part, one after the other; `at` starts with 0. Returns 0 after the last one. */
INLINE int next_block(const ck_rows *part, size_t *at, ck_rows *next) {
  const size_t all = part->rows * part->length;
  if (*at >= all) return 0;
  *next = *part;
  if (part->length >= BLOCK || part->rows == 1) {
    const size_t row = *at / part->length, column = *at % part->length, left = part->length - column;
    next->x = part->x + row * part->stride + column;
    next->rows = 1;
    next->length = left < BLOCK ? left : BLOCK;
  } else {
    const size_t row = *at / part->length, most = BLOCK / part->length, left = part->rows - row;
    next->x = part->x + row * part->stride;
    next->rows = left < most ? left : most;
  }
  *at += next->rows * next->length;
  return 1;
}

INLINE void steps(
    const ck_rows *part, const ck_ifmr *search, const uint32_t *which, size_t count, const float *sum, int64_t *made,
    int64_t *halfway, compressor *compress) {
  enum { AT_ONCE = 16 };
  float under, over;
  divisor_bounds(search->count, &under, &over);
  for (size_t first = 0; first < count; first += AT_ONCE) {
    const size_t many = count - first < AT_ONCE ? count - first : AT_ONCE;
    candidate k[AT_ONCE];
    lanes sums[AT_ONCE][STREAMS];
    float start[AT_ONCE];
    for (size_t i = 0; i < many; i++) {
      load(search, which[first + i], k + i);
      start[i] = binade(sum[first + i]);
      halfway[first + i] = 0;
      for (int j = 0; j < STREAMS; j++) sums[i][j] = start[i];
    }
    ck_rows next;
    for (size_t at = 0; next_block(part, &at, &next);) {
      block b;
      fill(&next, search, compress, &b);
      for (size_t i = 0; i < many; i++)
        if (start[i] > 0)
          halfway[first + i] += add_block(&b, k + i, under, over, search->count, start[i] * 0x1p-23f, sums[i]);
    }
    for (size_t i = 0; i < many; i++) made[first + i] = start[i] > 0 ? steps_made(sums[i], start[i]) : -1;
  }
}

INLINE void add_terms(const block *b, const candidate *k, float count, float *sum) {
  float all = *sum;
  for (size_t i = 0; i < b->count; i += LANES) {
    lanes term;
    exact_terms(b->x + i, k, count, &term);
    for (int j = 0; j < LANES; j++) all += term[j];
  }
  *sum = all;
}

INLINE void add_in_order(
    const float *x, size_t n, const ck_ifmr *search, const uint32_t *which, size_t count, float *sum,
    compressor *compress) {
  float under, over;
  divisor_bounds(search->count, &under, &over);
  for (size_t at = 0; at < n; at += BLOCK) {
    block b;
    const ck_rows part = {x + at, 1, n - at < BLOCK ? n - at : BLOCK, 0};
    fill(&part, search, compress, &b);
    for (size_t i = 0; i < count; i++) {
      candidate k;
      load(search, which[i], &k);
      const float start = binade(sum[i]);
      if (start > 0) {
        lanes sums[STREAMS];
        for (int j = 0; j < STREAMS; j++) sums[j] = start;
        int halfway = add_block(&b, &k, under, over, search->count, start * 0x1p-23f, sums);
        int64_t made = steps_made(sums, start), inside = bits_of(sum[i]) - bits_of(start) + made;
        if (halfway == 0 && made >= 0 && inside < MANTISSA) {
          sum[i] = float_of(bits_of(start) + (int32_t)inside);
          continue;
        }
      }
      add_terms(&b, &k, search->count, sum + i);
    }
  }
}

#define STEPS_PARAMETERS \
  const ck_rows *part, const ck_ifmr *search, const uint32_t *which, size_t count, const float *sum, int64_t *made, \
      int64_t *halfway
#define ORDER_PARAMETERS \
  const float *x, size_t n, const ck_ifmr *search, const uint32_t *which, size_t count, float *sum

#if defined(__x86_64__)
AVX512 static void steps_avx512(STEPS_PARAMETERS) {
  steps(part, search, which, count, sum, made, halfway, without_zeros_avx512);
}
AVX512 static void add_in_order_avx512(ORDER_PARAMETERS) {
  add_in_order(x, n, search, which, count, sum, without_zeros_avx512);
}
#endif
#if defined(FMA)
FMA static void steps_fma(STEPS_PARAMETERS) { steps(part, search, which, count, sum, made, halfway, NULL); }
FMA static void add_in_order_fma(ORDER_PARAMETERS) { add_in_order(x, n, search, which, count, sum, NULL); }
#endif

void ck_ifmr_steps(STEPS_PARAMETERS, int isa) {
#if defined(__x86_64__)
  if (isa >= CK_ISA_AVX512) {
    steps_avx512(part, search, which, count, sum, made, halfway);
    return;
  }
#endif
#if defined(FMA)
  if (isa >= CK_ISA_FMA) {
    steps_fma(part, search, which, count, sum, made, halfway);
    return;
  }
#endif
  steps(part, search, which, count, sum, made, halfway, NULL);
}

void ck_ifmr_add_in_order(ORDER_PARAMETERS, int isa) {
#if defined(__x86_64__)
  if (isa >= CK_ISA_AVX512) {
    add_in_order_avx512(x, n, search, which, count, sum);
    return;
  }
#endif
#if defined(FMA)
  if (isa >= CK_ISA_FMA) {
    add_in_order_fma(x, n, search, which, count, sum);
    return;
  }
#endif
  add_in_order(x, n, search, which, count, sum, NULL);
}

void ck_rows_to_columns(const ck_rows *part, float *out) {
  enum { TILE = 16 };
  for (size_t c0 = 0; c0 < part->length; c0 += TILE) {
    size_t c1 = c0 + TILE < part->length ? c0 + TILE : part->length;
    for (size_t r0 = 0; r0 < part->rows; r0 += TILE) {
      size_t r1 = r0 + TILE < part->rows ? r0 + TILE : part->rows;
      for (size_t c = c0; c < c1; c++)
        for (size_t r = r0; r < r1; r++) out[c * part->rows + r] = part->x[r * part->stride + c];
    }
  }
}
