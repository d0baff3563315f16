#include "ck_compare.h"
#include <math.h>

// Eight independent sums each, so that the compiler can vectorise without reordering anything.
#define LANES 8
__attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
static void block(const float *a, const float *b, size_t n, double s[6][LANES]) {
  double dot[LANES] = {0}, aa[LANES] = {0}, bb[LANES] = {0}, dd[LANES] = {0}, sd[LANES] = {0}, mx[LANES] = {0};
  for (size_t i = 0; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++) {
      double x = a[i + k], y = b[i + k], d = y - x, m = fabs(d);
      dot[k] += x * y;
      aa[k] += x * x;
      bb[k] += y * y;
      dd[k] += d * d;
      sd[k] += d;
      mx[k] = m > mx[k] ? m : mx[k];
    }
  for (int k = 0; k < LANES; k++) {
    s[0][k] += dot[k]; s[1][k] += aa[k]; s[2][k] += bb[k]; s[3][k] += dd[k]; s[4][k] += sd[k];
    s[5][k] = mx[k] > s[5][k] ? mx[k] : s[5][k];
  }
}

ck_comparison ck_compare(const float *a, const float *b, size_t n) {
  double s[6][LANES] = {{0}};
  size_t whole = n / LANES * LANES;
  block(a, b, whole, s);
  for (size_t i = whole; i < n; i++) {
    double x = a[i], y = b[i], d = y - x;
    s[0][0] += x * y; s[1][0] += x * x; s[2][0] += y * y; s[3][0] += d * d; s[4][0] += d;
    s[5][0] = fabs(d) > s[5][0] ? fabs(d) : s[5][0];
  }
  double t[6];
  for (int j = 0; j < 6; j++) {
    t[j] = s[j][0];
    for (int k = 1; k < LANES; k++) t[j] = j < 5 ? t[j] + s[j][k] : (s[j][k] > t[j] ? s[j][k] : t[j]);
  }
  ck_comparison c = {t[0], t[1], t[2], t[3], t[4], t[5]};
  if (!isfinite(c.dd) || !isfinite(c.aa)) c.max_abs = NAN;
  return c;
}
