// Sums for comparing two float32 arrays, in double, in a fixed order; and how the values of one array lie.
#ifndef CK_COMPARE_H
#define CK_COMPARE_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
  double dot, aa, bb, dd;   // sums of a*b, a*a, b*b, (b-a)^2
  double sum_a, sum_d;      // sums of a, b-a
  double zeroed;            // values with a != 0 and b == 0
  double max_abs;           // largest |b-a|, NaN when any value is not finite
} ck_comparison;

ck_comparison ck_compare(const float *a, const float *b, size_t n);

// ck_compare for each of `rows` rows of `inner` values.
void ck_compare_rows(const float *a, const float *b, size_t rows, size_t inner, ck_comparison *out);

// The same for each of `channels` columns of `pixels` rows: out[c] compares a[p * channels + c] with b[p * channels + c].
void ck_compare_columns(const float *a, const float *b, size_t pixels, size_t channels, ck_comparison *out);

// The finite values of each row of `inner` values widen min[row] and max[row]. Returns how many values are not finite.
size_t ck_row_ranges(const float *x, size_t rows, size_t inner, float *min, float *max);

// The same for columns: x[p * channels + c] widens min[c] and max[c].
size_t ck_column_ranges(const float *x, size_t pixels, size_t channels, float *min, float *max);

// counts[floor(x * inverse) - first] += 1 for each finite x; inverse is a power of two. The index must be in 0..<bins for
// every finite x, and bins at most CK_HISTOGRAM_BINS.
#define CK_HISTOGRAM_BINS 1024
// With one_in > 1 only blocks of CK_HISTOGRAM_BLOCK values are looked at, one in so many, chosen by a hash of their number;
// the first is number `block`.
#define CK_HISTOGRAM_BLOCK 512
void ck_histogram(const float *x, size_t n, float inverse, int32_t first, uint64_t *counts, size_t bins, uint32_t one_in,
                  uint32_t block);

// What quantization with step `scale` and codes low...high (less the code of 0) does to x, by the rounding of
// ck_fake_quant: values whose code is clipped, and values that are not 0 but get the code of 0.
typedef struct {
  uint64_t clipped, zeroed;
} ck_losses;

void ck_quant_losses(const float *x, size_t n, float scale, int32_t low, int32_t high, ck_losses *out);
#endif
