/* Weights as codes of a codebook of 16 whole numbers. */
#include "ck_quant.h"
#include "quant_clones.h"

CK_CLONES void ck_quotients(const float *x, size_t n, float scale, float *out) {
  for (size_t i = 0; i < n; i++) out[i] = x[i] / scale;
}

CK_CLONES void ck_book_codes(const float *x, size_t n, float scale, const uint8_t *table, int8_t *codes) {
  const double divisor = scale;
  for (size_t i = 0; i < n; i++) {
    /* Twice the quotient, rounded up: whole numbers stand for the intervals between half-steps. */
    double y = x[i] / divisor * 2;
    y = y < -256 ? -256 : y;
    y = y > 256 ? 256 : y;
    const int whole = (int)y;
    codes[i] = (int8_t)table[whole + (y > whole) + 256];
  }
}

double ck_book_values(const float *x, const int8_t *codes, size_t n, float scale, const int8_t *book, float *out) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    out[i] = (float)book[codes[i]] * scale;
    const double e = (double)out[i] - x[i];
    sum += e * e;
  }
  return sum;
}
