#include "ck_compare.h"
#include <math.h>

// Eight independent sums each, so that the compiler can vectorise without reordering anything: of LANES values every `step`.
#define LANES 8
enum { DOT, AA, BB, DD, SUM_A, SUM_D, ZEROED, MAX_ABS, SUMS };

// Adds LANES values every `step` to sums that go on.
__attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
static void block(const float *a, const float *b, size_t n, size_t step, double s[SUMS][LANES]) {
  double dot[LANES], aa[LANES], bb[LANES], dd[LANES], sa[LANES], sd[LANES], ze[LANES], mx[LANES];
  for (int k = 0; k < LANES; k++) {
    dot[k] = s[DOT][k]; aa[k] = s[AA][k]; bb[k] = s[BB][k]; dd[k] = s[DD][k]; sa[k] = s[SUM_A][k]; sd[k] = s[SUM_D][k];
    ze[k] = s[ZEROED][k]; mx[k] = s[MAX_ABS][k];
  }
  for (size_t i = 0; i < n; i += step)
    for (int k = 0; k < LANES; k++) {
      double x = a[i + k], y = b[i + k], d = y - x, m = fabs(d);
      dot[k] += x * y;
      aa[k] += x * x;
      bb[k] += y * y;
      dd[k] += d * d;
      sa[k] += x;
      sd[k] += d;
      ze[k] += ((x != 0) & (y == 0)) ? 1.0 : 0.0;
      mx[k] = m > mx[k] ? m : mx[k];
    }
  for (int k = 0; k < LANES; k++) {
    s[DOT][k] = dot[k]; s[AA][k] = aa[k]; s[BB][k] = bb[k]; s[DD][k] = dd[k]; s[SUM_A][k] = sa[k]; s[SUM_D][k] = sd[k];
    s[ZEROED][k] = ze[k]; s[MAX_ABS][k] = mx[k];
  }
}

static ck_comparison made(const double t[SUMS]) {
  ck_comparison c = {t[DOT], t[AA], t[BB], t[DD], t[SUM_A], t[SUM_D], t[ZEROED], t[MAX_ABS]};
  if (!isfinite(c.dd) || !isfinite(c.aa)) c.max_abs = NAN;
  return c;
}

static void add(double x, double y, double t[SUMS]) {
  double d = y - x;
  t[DOT] += x * y; t[AA] += x * x; t[BB] += y * y; t[DD] += d * d; t[SUM_A] += x; t[SUM_D] += d;
  t[ZEROED] += x != 0 && y == 0;
  t[MAX_ABS] = fabs(d) > t[MAX_ABS] ? fabs(d) : t[MAX_ABS];
}

ck_comparison ck_compare(const float *a, const float *b, size_t n) {
  double s[SUMS][LANES] = {{0}}, rest[SUMS] = {0}, t[SUMS];
  size_t whole = n / LANES * LANES;
  if (whole) block(a, b, whole, LANES, s);
  for (size_t i = whole; i < n; i++) add(a[i], b[i], rest);
  for (int j = 0; j < SUMS; j++) {
    t[j] = rest[j];
    for (int k = 0; k < LANES; k++) t[j] = j != MAX_ABS ? t[j] + s[j][k] : (s[j][k] > t[j] ? s[j][k] : t[j]);
  }
  return made(t);
}

// So many columns, and so many pixels of them, stay in the first-level cache while one group of LANES after the other is read.
#define STRIP 64
#define STRIP_PIXELS 32

void ck_compare_columns(const float *a, const float *b, size_t pixels, size_t channels, ck_comparison *out) {
  size_t whole = channels / LANES * LANES;
  for (size_t strip = 0; strip < whole; strip += STRIP) {
    size_t end = whole - strip < STRIP ? whole : strip + STRIP;
    double s[STRIP / LANES][SUMS][LANES] = {{{0}}};
    for (size_t p = 0; p < pixels; p += STRIP_PIXELS) {
      size_t count = pixels - p < STRIP_PIXELS ? pixels - p : STRIP_PIXELS;
      for (size_t c = strip; c < end; c += LANES)
        block(a + p * channels + c, b + p * channels + c, count * channels, channels, s[(c - strip) / LANES]);
    }
    for (size_t c = strip; c < end; c++) {
      double t[SUMS];
      for (int j = 0; j < SUMS; j++) t[j] = s[(c - strip) / LANES][j][(c - strip) % LANES];
      out[c] = made(t);
    }
  }
  for (size_t c = whole; c < channels; c++) {
    double t[SUMS] = {0};
    for (size_t p = 0; p < pixels; p++) add(a[p * channels + c], b[p * channels + c], t);
    out[c] = made(t);
  }
}

void ck_compare_rows(const float *a, const float *b, size_t rows, size_t inner, ck_comparison *out) {
  for (size_t r = 0; r < rows; r++) out[r] = ck_compare(a + r * inner, b + r * inner, inner);
}
