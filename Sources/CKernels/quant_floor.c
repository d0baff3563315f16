/* What the sum of a candidate adds at least, told from counts of values in bins: a candidate whose floor is above a sum that
   is known needs no sum of its own (quant_race.c). */
#include "quant_ifmr.h"
#include "quant_clones.h"

CK_CLONES static void bin_indices(const float *x, size_t n, const ck_bins *bins, int32_t *index) {
  const float low = bins->low, inverse = 1.0f / bins->width, last = (float)(bins->bins - 1);
  for (size_t i = 0; i < n; i++) {
    float y = (x[i] - low) * inverse;
    y = y > 0 ? y : 0;
    index[i] = (int32_t)(y < last ? y : last);
  }
}

void ck_bin_counts(const float *x, size_t n, const ck_bins *bins, uint32_t *counts) {
  int32_t index[BLOCK];
  float room[BLOCK + LANES];
  for (size_t at = 0; at < n; at += BLOCK) {
    size_t length = n - at < BLOCK ? n - at : BLOCK;
#if defined(__x86_64__)
    size_t kept = ck_best_isa() >= CK_ISA_AVX512 ? without_zeros_avx512(x + at, length, 0, room)
                                                 : without_zeros(x + at, length, 0, room);
#else
    size_t kept = without_zeros(x + at, length, 0, room);
#endif
    bin_indices(room, kept, bins, index);
    for (size_t i = 0; i < kept; i++) counts[index[i]]++;
  }
}

/* If the final sum is at most `bound`, all sums are, and so their units are u / 2^m, m >= 0, with u that of `bound`. Where
   the sum is known to have reached some value, m is at most `deepest`. Within a binade a term t then adds
   u / 2^m * nearest(t / u * 2^m), at least the least of this over m; for m > 3 that is at least t - u / 32. The additions
   that enter a new binade lose at most half its unit, together at most u.
   The terms of a bin are at least that of its centre's distance from the nearest code less half the bin. `slack` covers
   the rounding of codes, centres and indices; the factors cover that of squares and quotients. */
INLINE double floor_of_bins(
    const float *x, const float *counts, size_t n, float width, float scale, float above, float below, float above_code,
    float below_code, float slack, float factor, int deepest) {
  const float inverse = 1.0f / scale, magic = 0x1.8p23f, first = below - width, last = above + width;
  double sum[LANES] = {0};
  for (size_t i = 0; i < n; i += LANES)
    for (size_t j = i; j < i + LANES; j++) {
      float y = x[j] * inverse;
      float e = __builtin_fabsf(y - ((y + magic) - magic)) * scale;
      /* Bins that are clipped as a whole. */
      float over = __builtin_fabsf(x[j] - above_code), under = __builtin_fabsf(x[j] - below_code);
      e = x[j] > last ? over : e;
      e = x[j] < first ? under : e;
      e -= slack;
      e = e > 0 ? e : 0;
      float t = e * e * factor, least = (t + magic) - magic;
      if (deepest > 0) {
        float m1 = (t + magic * 0.5f) - magic * 0.5f;
        least = m1 < least ? m1 : least;
      }
      if (deepest > 1) {
        float m2 = (t + magic * 0.25f) - magic * 0.25f, m3 = (t + magic * 0.125f) - magic * 0.125f, m4 = t - 0x1p-5f;
        least = m2 < least ? m2 : least;
        least = m3 < least ? m3 : least;
        least = m4 < least ? m4 : least;
        least = least > 0 ? least : 0;
      }
      /* Above that the sums with `magic` are not rounded to eighths any more. */
      least = t < 0x1p18f ? least : t - 1;
      sum[j - i] += (double)(least * counts[j]);
    }
  double all = 0;
  for (int j = 0; j < LANES; j++) all += sum[j];
  return all;
}

#define FLOOR_PARAMETERS \
  const float *x, const float *counts, size_t n, float width, float scale, float above, float below, float above_code, \
      float below_code, float slack, float factor
#define FLOOR_ARGUMENTS x, counts, n, width, scale, above, below, above_code, below_code, slack, factor
CK_CLONES static double floor_at_top(FLOOR_PARAMETERS) { return floor_of_bins(FLOOR_ARGUMENTS, 0); }
CK_CLONES static double floor_near_top(FLOOR_PARAMETERS) { return floor_of_bins(FLOOR_ARGUMENTS, 1); }
CK_CLONES static double floor_anywhere(FLOOR_PARAMETERS) { return floor_of_bins(FLOOR_ARGUMENTS, 2); }

double ck_ifmr_floor(
    const ck_taken *taken, const ck_bins *bins, const ck_ifmr *search, uint32_t which, float bound, double reached) {
  const float start = binade(bound), scale = search->scale[which], width = bins->width;
  if (start == 0) return 0;
  const double unit = (double)start * 0x1p-23;
  const float above = search->high[which], below = search->symmetric ? -above : search->low;
  const float above_code = one_code(above, scale) * scale, below_code = -one_code(-below, scale) * scale;
  const float end = bins->low + (float)bins->bins * width;
  float farthest = __builtin_fabsf(bins->low) > __builtin_fabsf(end) ? __builtin_fabsf(bins->low) : __builtin_fabsf(end);
  farthest = farthest > above ? farthest : above;
  const float slack = width * 0.51f + farthest * 0x1p-19f;
  const float factor = (float)((1 - 0x1p-16) / (unit * search->count));
  if (!(factor < 0x1p100f)) return 0;
  const float *x = taken->centres, *counts = taken->counts;
  const size_t n = taken->number;
  double sum;
  /* Four units for the additions that enter a binade. */
  if (reached - 4 * unit >= start) sum = floor_at_top(FLOOR_ARGUMENTS);
  else if (reached - 4 * unit >= start * 0.5) sum = floor_near_top(FLOOR_ARGUMENTS);
  else sum = floor_anywhere(FLOOR_ARGUMENTS);
  return sum * (1 - 0x1p-16) * unit;
}

float ck_binade(float sum) { return binade(sum); }

size_t ck_taken_bins(const uint32_t *counts, const ck_bins *bins, float *centres, float *taken) {
  size_t n = 0;
  for (size_t i = 0; i < bins->bins; i++) {
    if (counts[i] == 0) continue;
    centres[n] = bins->low + ((float)i + 0.5f) * bins->width;
    taken[n++] = (float)counts[i];
  }
  for (; n % LANES != 0; n++) centres[n] = taken[n] = 0;
  return n;
}
