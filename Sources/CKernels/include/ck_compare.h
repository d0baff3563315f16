// Sums for comparing two float32 arrays, in double, in a fixed order.
#ifndef CK_COMPARE_H
#define CK_COMPARE_H
#include <stddef.h>

typedef struct {
  double dot, aa, bb, dd;   // sums of a*b, a*a, b*b, (b-a)^2
  double sum_d;             // sum of b-a
  double max_abs;           // largest |b-a|, NaN when any value is not finite
} ck_comparison;

ck_comparison ck_compare(const float *a, const float *b, size_t n);
#endif
