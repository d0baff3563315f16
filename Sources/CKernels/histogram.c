/* How the values of a blob lie: ranges of rows, counts in bins, losses of a quantization. */
#include "ck_compare.h"
#include "quant_clones.h"
#include <math.h>
#include <string.h>

#define LANES 16
#define BLOCK CK_HISTOGRAM_BLOCK

/* Minimum and maximum of n values, n a multiple of LANES; returns whether all are finite. */
CK_CLONES int ck_range_block(const float *x, size_t n, float *min, float *max) {
  float low[LANES], high[LANES];
  unsigned special[LANES];
  for (int k = 0; k < LANES; k++) {
    low[k] = high[k] = x[k];
    special[k] = 0;
  }
  for (size_t i = 0; i < n; i += LANES)
    for (int k = 0; k < LANES; k++) {
      float v = x[i + k];
      low[k] = v < low[k] ? v : low[k];
      high[k] = v > high[k] ? v : high[k];
      special[k] |= !(v - v == 0);
    }
  unsigned any = 0;
  for (int k = 0; k < LANES; k++) {
    any |= special[k];
    *min = low[k] < *min ? low[k] : *min;
    *max = high[k] > *max ? high[k] : *max;
  }
  return !any;
}

size_t ck_row_ranges(const float *x, size_t rows, size_t inner, float *min, float *max) {
  size_t bad = 0;
  for (size_t r = 0; r < rows; r++, x += inner) {
    float low = min[r], high = max[r];
    size_t done = inner / LANES * LANES;
    if (done && !ck_range_block(x, done, &low, &high)) {
      low = min[r];
      high = max[r];
      done = 0;
    }
    for (size_t i = done; i < inner; i++) {
      if (!isfinite(x[i])) {
        bad++;
        continue;
      }
      low = x[i] < low ? x[i] : low;
      high = x[i] > high ? x[i] : high;
    }
    min[r] = low;
    max[r] = high;
  }
  return bad;
}

/* LANES columns of x; returns whether all are finite. */
CK_CLONES int ck_column_range_block(const float *x, size_t pixels, size_t step, float *min, float *max) {
  float low[LANES], high[LANES];
  unsigned special[LANES] = {0};
  for (int k = 0; k < LANES; k++) {
    low[k] = min[k];
    high[k] = max[k];
  }
  for (size_t i = 0; i < pixels * step; i += step)
    for (int k = 0; k < LANES; k++) {
      float v = x[i + k];
      low[k] = v < low[k] ? v : low[k];
      high[k] = v > high[k] ? v : high[k];
      special[k] |= !(v - v == 0);
    }
  unsigned any = 0;
  for (int k = 0; k < LANES; k++) any |= special[k];
  if (any) return 0;
  for (int k = 0; k < LANES; k++) {
    min[k] = low[k];
    max[k] = high[k];
  }
  return 1;
}

size_t ck_column_ranges(const float *x, size_t pixels, size_t channels, float *min, float *max) {
  size_t bad = 0, c = 0;
  while (c < channels) {
    if (c + LANES <= channels && ck_column_range_block(x + c, pixels, channels, min + c, max + c)) {
      c += LANES;
      continue;
    }
    size_t end = c + LANES < channels ? c + LANES : channels;
    for (; c < end; c++)
      for (size_t p = 0; p < pixels; p++) {
        float v = x[p * channels + c];
        if (!isfinite(v)) {
          bad++;
          continue;
        }
        min[c] = v < min[c] ? v : min[c];
        max[c] = v > max[c] ? v : max[c];
      }
  }
  return bad;
}

/* Bin of each value, clamped into the table; returns whether all values are finite. */
CK_CLONES int ck_histogram_bins(const float *x, size_t n, float inverse, int32_t first, int32_t last, uint16_t *bin) {
  unsigned special = 0;
  for (size_t i = 0; i < n; i++) {
    float y = x[i] * inverse;
    special |= !(x[i] - x[i] == 0);
    /* Keeps the conversion defined for what is not finite; a legal index is far inside. */
    y = y > -16777216.0f ? y : -16777216.0f;
    y = y < 16777216.0f ? y : 16777216.0f;
    int32_t k = (int32_t)y;
    k -= y < (float)k;
    k -= first;
    k = k < 0 ? 0 : k;
    k = k > last ? last : k;
    bin[i] = (uint16_t)k;
  }
  return !special;
}

void ck_histogram(const float *x, size_t n, float inverse, int32_t first, uint64_t *counts, size_t bins, uint32_t one_in,
                  uint32_t block) {
  /* Eight tables, so that equal neighbours don't wait for each other's sum. A block is shorter than what a table holds. */
  enum { TABLES = 8, FLUSH = 1 << 18 };
  uint16_t table[TABLES][CK_HISTOGRAM_BINS], bin[BLOCK];
  for (size_t begin = 0; begin < n; begin += FLUSH) {
    size_t end = n - begin < FLUSH ? n : begin + FLUSH;
    for (int t = 0; t < TABLES; t++) memset(table[t], 0, bins * sizeof(uint16_t));
    for (size_t start = begin; start < end; start += BLOCK, block++) {
      if (one_in > 1 && (block * 2654435769u >> 16) % one_in) continue;
      size_t length = end - start < BLOCK ? end - start : BLOCK, i = 0;
      if (ck_histogram_bins(x + start, length, inverse, first, (int32_t)bins - 1, bin))
        for (; i + TABLES <= length; i += TABLES)
          for (int t = 0; t < TABLES; t++) table[t][bin[i + t]]++;
      for (; i < length; i++)
        if (isfinite(x[start + i])) table[i % TABLES][bin[i]]++;
    }
    for (size_t k = 0; k < bins; k++)
      for (int t = 0; t < TABLES; t++) counts[k] += table[t][k];
  }
}

CK_CLONES void ck_losses_block(const float *x, size_t n, float scale, float low, float high, uint32_t *clipped,
                               uint32_t *zeroed) {
  uint32_t c = 0, z = 0;
  for (size_t i = 0; i < n; i++) {
    float y = x[i] / scale;
    c += (y >= high) | (y <= low);
    z += (x[i] != 0) & (y > -0.5f) & (y < 0.5f);
  }
  *clipped = c;
  *zeroed = z;
}

void ck_quant_losses(const float *x, size_t n, float scale, int32_t low, int32_t high, ck_losses *out) {
  /* Halves are rounded away from 0: a code is clipped from half a step beyond the last one on. */
  const float most = (float)high + 0.5f, least = (float)low - 0.5f;
  for (size_t start = 0; start < n; start += 1u << 24) {
    uint32_t clipped = 0, zeroed = 0;
    ck_losses_block(x + start, n - start < 1u << 24 ? n - start : 1u << 24, scale, least, most, &clipped, &zeroed);
    out->clipped += clipped;
    out->zeroed += zeroed;
  }
}
