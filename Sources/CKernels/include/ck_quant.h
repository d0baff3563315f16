/* Quantization kernels. Plain C; every kernel gives the same bits on every instruction set. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Candidate arrays below are padded to a multiple of this many entries (padding repeats a legal candidate). */
#define CK_IFMR_LANES 16

/* Instruction sets of ck_ifmr_accumulate; the higher ones include the lower ones. */
enum { CK_ISA_PORTABLE = 0, CK_ISA_FMA = 1, CK_ISA_AVX512 = 2 };

/* The best of the above on this machine. */
int ck_best_isa(void);

/* One activation search in progress: per candidate the step, the upper clipping bound and the running error. */
typedef struct {
  const float *scale;  /* step s, legal: FLT_EPSILON <= s <= 1 / FLT_EPSILON */
  const float *high;   /* upper clipping bound, >= 0 */
  float *error;        /* sum so far, in and out */
  size_t candidates;   /* multiple of CK_IFMR_LANES */
  float low;           /* lower clipping bound, <= 0; not read when symmetric */
  float count;         /* L, the number every term is divided by */
  int symmetric;       /* clip to [-high, high] instead of [low, high] */
} ck_ifmr;

/* For each candidate and each x in order: error += (round(clip(x) / s) * s - x)^2 / L.
   All in float32, each operation rounded by itself, round = half away from zero; the sum is strictly sequential.
   x must be finite. `isa` is at most ck_best_isa(). */
void ck_ifmr_accumulate(const float *x, size_t n, const ck_ifmr *search, int isa);

/* The calls below find the winner without adding up every candidate. */

/* `rows` rows of `length` values, `stride` floats apart. */
typedef struct {
  const float *x;
  size_t rows, length, stride;
} ck_rows;

/* One part of the sums of `count` candidates, those at indices `which`, whatever the order of its values.

   While a float32 sum stays between two powers of two, adding t makes it larger by a whole number of its units in the
   last place, which depends on t alone, unless t lies halfway between two. `sum[i]` is where the sum of candidate
   which[i] stands, or another value between the same powers. made[i] gets the number of units that the values add with
   halfway terms rounded down, or -1 when that is unknown (the sum would pass the next power of two, or is 0);
   halfway[i] gets the number of halfway terms. Of `search`, `error` and `candidates` aren't read. */
void ck_ifmr_steps(
    const ck_rows *part, const ck_ifmr *search, const uint32_t *which, size_t count, const float *sum, int64_t *made,
    int64_t *halfway, int isa);

/* Continues the sums of candidates `which` with values in data order, bit for bit as ck_ifmr_accumulate does. */
void ck_ifmr_add_in_order(
    const float *x, size_t n, const ck_ifmr *search, const uint32_t *which, size_t count, float *sum, int isa);

/* Equal bins over [low, low + bins * width); values outside count in the first and the last one. */
typedef struct {
  float low, width;
  uint32_t bins;
} ck_bins;

/* Counts the values of x that are not zero by bin. */
void ck_bin_counts(const float *x, size_t n, const ck_bins *bins, uint32_t *counts);

/* Centres and counts of the bins that have any, filled up with zeros to a multiple of CK_IFMR_LANES; there is room for
   `bins->bins` rounded up to that. Returns how many. */
size_t ck_taken_bins(const uint32_t *counts, const ck_bins *bins, float *centres, float *taken);

/* What ck_taken_bins gave. */
typedef struct {
  const float *centres, *counts;
  size_t number;
} ck_taken;

/* What values add at least to the float32 sum of candidate `which`, which stands at `reached` or more before them, while
   it is at most `bound` > 0; over the whole data, up to 4 units of `bound` less. No value may lie outside the bins. Of
   `bound` only the power of two below it matters. */
double ck_ifmr_floor(
    const ck_taken *taken, const ck_bins *bins, const ck_ifmr *search, uint32_t which, float bound, double reached);

/* The largest power of two that is not above a positive sum; 0 for sums too near the ends of float32 for floors. */
float ck_binade(float sum);

/* Writes the columns of `part` one after the other. */
void ck_rows_to_columns(const ck_rows *part, float *out);

/* The `capacity` largest of sign * x seen so far, as a heap with the smallest of them on top. */
typedef struct {
  float *heap;
  size_t capacity, count;
} ck_top;

/* What ck_scan found so far; start with { INFINITY, -INFINITY, 0, 0 }. */
typedef struct {
  float min, max;
  int has_inf, has_nan;
} ck_range;

/* Updates range; where `high` (`low`) is given, also the largest values of x (of -x). NaN enters no heap. */
void ck_scan(const float *x, size_t n, ck_range *range, ck_top *high, ck_top *low);

/* Order-preserving unsigned key of a float (NaN aside) and back. */
uint32_t ck_float_key(float x);
float ck_key_float(uint32_t key);

/* Counts the values of x whose key agrees with `prefix` above bit shift + bits, by the `bits` (at most 11) bits from
   `shift` up: counts[2^bits] += ... */
void ck_key_histogram(const float *x, size_t n, uint32_t prefix, int shift, int bits, uint64_t *counts);

/* out = clip(round(x / scale), low, high) * scale with round = half away from zero, float32 division, NaN -> 0.
   low = qmin - offset, high = qmax - offset. out may be x. */
void ck_fake_quant(const float *x, size_t n, float scale, int32_t low, int32_t high, float *out);

/* code = clip(round(x / scale), low, high) + offset, as above. */
void ck_quant_codes(const float *x, size_t n, float scale, int32_t low, int32_t high, int32_t offset, int16_t *codes);

/* Sum of (fake(x) - x)^2 in double, with fake as ck_fake_quant except that near ties may go either way. */
double ck_fake_quant_error(const float *x, size_t n, float scale, int32_t low, int32_t high);

/* As ck_fake_quant and ck_quant_codes without offset, for weights: the quotient is double(x) / double(scale) when
   `wide`, float32 otherwise. Either output may be NULL. */
void ck_weight_quant(
    const float *x, size_t n, float scale, int32_t low, int32_t high, int wide, float *fake, int8_t *codes);

/* out = x / scale in float32. */
void ck_quotients(const float *x, size_t n, float scale, float *out);

/* Sorts n values, none NaN, in ascending order, -0 before +0; `room` has n elements too and is overwritten. */
void ck_sort(float *values, size_t n, float *room);

/* Half-steps of a codebook: entry h belongs to quotients q with (h - 257) / 2 < q <= (h - 256) / 2; the ends take what
   lies beyond. */
#define CK_HALF_STEPS 513

/* code = table[half-step of double(x) / double(scale)]; x is finite. */
void ck_book_codes(const float *x, size_t n, float scale, const uint8_t *table, int8_t *codes);

/* out = book[code] * scale in float32; codes are 0...15. Returns the sum of (out - x)^2 in double. */
double ck_book_values(const float *x, const int8_t *codes, size_t n, float scale, const int8_t *book, float *out);
