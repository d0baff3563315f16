/* Fake quantization, codes and weights. Division by the step, never multiplication by its reciprocal. */
#include "ck_quant.h"
#include "quant_clones.h"

#define INLINE static inline __attribute__((always_inline))

/* round(y), half away from zero, into [low, high]; NaN counts as 0. As the limits are integers, clipping may come
   first, and then the conversion to int is always defined. */
INLINE int32_t nearest(float y, float low, float high) {
  y = y == y ? y : 0.0f;
  y = y < low ? low : y;
  y = y > high ? high : y;
  int32_t whole = (int32_t)y;
  float rest = y - (float)whole;
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

INLINE int32_t nearest_wide(double y, double low, double high) {
  y = y == y ? y : 0.0;
  y = y < low ? low : y;
  y = y > high ? high : y;
  int32_t whole = (int32_t)y;
  double rest = y - (double)whole;
  return whole + (rest >= 0.5) - (rest <= -0.5);
}

CK_CLONES void ck_fake_quant(const float *x, size_t n, float scale, int32_t low, int32_t high, float *out) {
  const float least = (float)low, most = (float)high;
  /* out is x itself or apart from it; without the promise the compiler keeps plain loops for out == x. */
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < n; i++) out[i] = (float)nearest(x[i] / scale, least, most) * scale;
}

CK_CLONES void ck_quant_codes(
    const float *x, size_t n, float scale, int32_t low, int32_t high, int32_t offset, int16_t *codes) {
  const float least = (float)low, most = (float)high;
  for (size_t i = 0; i < n; i++) codes[i] = (int16_t)(nearest(x[i] / scale, least, most) + offset);
}

/* Multiplies by the reciprocal: at a near tie either code errs by the same, half a step. */
CK_CLONES double ck_fake_quant_error(const float *x, size_t n, float scale, int32_t low, int32_t high) {
  enum { PARTS = 16 };
  const float least = (float)low, most = (float)high, inverse = 1.0f / scale;
  double part[PARTS] = {0}, sum = 0;
  size_t i = 0;
  for (; i + PARTS <= n; i += PARTS)
    for (int j = 0; j < PARTS; j++) {
      double e = (float)nearest(x[i + j] * inverse, least, most) * scale - x[i + j];
      part[j] += e * e;
    }
  for (; i < n; i++) {
    double e = (float)nearest(x[i] * inverse, least, most) * scale - x[i];
    sum += e * e;
  }
  for (int j = 0; j < PARTS; j++) sum += part[j];
  return sum;
}

CK_CLONES void ck_weight_quant(
    const float *x, size_t n, float scale, int32_t low, int32_t high, int wide, float *fake, int8_t *codes) {
  const float least = (float)low, most = (float)high;
  const double divisor = scale;
  if (wide && fake)
    for (size_t i = 0; i < n; i++) fake[i] = (float)nearest_wide(x[i] / divisor, least, most) * scale;
  if (wide && codes)
    for (size_t i = 0; i < n; i++) codes[i] = (int8_t)nearest_wide(x[i] / divisor, least, most);
  if (!wide && fake)
    for (size_t i = 0; i < n; i++) fake[i] = (float)nearest(x[i] / scale, least, most) * scale;
  if (!wide && codes)
    for (size_t i = 0; i < n; i++) codes[i] = (int8_t)nearest(x[i] / scale, least, most);
}
