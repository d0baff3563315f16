/* Order statistics of activations: few largest by a threshold scan, any rank by counting keys. */
#include <math.h>
#include <string.h>
#include "ck_quant.h"
#include "quant_clones.h"

#define LANES 16
#define BLOCK 1024

typedef float lanes __attribute__((ext_vector_type(LANES), aligned(4)));
typedef int lanes_int __attribute__((ext_vector_type(LANES), aligned(4)));

/* Lanes of minima and maxima of n floats, n a multiple of LANES; NaN enters neither. Returns whether all are finite. */
CK_CLONES int ck_block_range(const float *x, size_t n, float *min_lanes, float *max_lanes) {
  lanes low = *(lanes *)min_lanes, high = *(lanes *)max_lanes;
  lanes_int special = 0;
  for (size_t i = 0; i < n; i += LANES) {
    lanes v = *(const lanes *)(x + i);
    low = v < low ? v : low;
    high = v > high ? v : high;
    special |= ((lanes_int)v & 0x7fffffff) > 0x7f7fffff;
  }
  *(lanes *)min_lanes = low;
  *(lanes *)max_lanes = high;
  return !__builtin_reduce_or(special);
}

/* Puts v into a full heap in place of its smallest value. */
static void replace_smallest(ck_top *top, float v) {
  size_t i = 0;
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= top->count) break;
    if (child + 1 < top->count && top->heap[child + 1] < top->heap[child]) child++;
    if (!(top->heap[child] < v)) break;
    top->heap[i] = top->heap[child];
    i = child;
  }
  top->heap[i] = v;
}

static void push(ck_top *top, float v) {
  if (top->count == top->capacity) {
    if (v > top->heap[0]) replace_smallest(top, v);
    return;
  }
  size_t i = top->count++;
  for (; i > 0 && v < top->heap[(i - 1) / 2]; i = (i - 1) / 2) top->heap[i] = top->heap[(i - 1) / 2];
  top->heap[i] = v;
}

static void push_all(ck_top *top, const float *x, size_t n, float sign) {
  for (size_t i = 0; i < n; i++) {
    float v = sign * x[i];
    if (v == v && (top->count < top->capacity || v > top->heap[0])) push(top, v);
  }
}

static int wants(const ck_top *top, float largest) {
  return top && top->capacity > 0 && (top->count < top->capacity || largest > top->heap[0]);
}

void ck_scan(const float *x, size_t n, ck_range *range, ck_top *high, ck_top *low) {
  for (size_t start = 0; start < n; start += BLOCK) {
    const float *block = x + start;
    size_t length = n - start < BLOCK ? n - start : BLOCK, whole = length / LANES * LANES;
    float min_lanes[LANES], max_lanes[LANES], rest[LANES];
    for (int i = 0; i < LANES; i++) {
      min_lanes[i] = INFINITY;
      max_lanes[i] = -INFINITY;
      rest[i] = block[0]; /* the odd end is filled up with a value of the block */
    }
    memcpy(rest, block + whole, (length - whole) * sizeof(float));
    int finite = ck_block_range(block, whole, min_lanes, max_lanes);
    finite &= ck_block_range(rest, LANES, min_lanes, max_lanes);
    float least = INFINITY, largest = -INFINITY;
    for (int i = 0; i < LANES; i++) {
      least = min_lanes[i] < least ? min_lanes[i] : least;
      largest = max_lanes[i] > largest ? max_lanes[i] : largest;
    }
    if (!finite)
      for (size_t i = 0; i < length; i++) {
        range->has_nan |= isnan(block[i]) != 0;
        range->has_inf |= isinf(block[i]) != 0;
      }
    if (least < range->min) range->min = least;
    if (largest > range->max) range->max = largest;
    if (wants(high, largest)) push_all(high, block, length, 1.0f);
    if (wants(low, -least)) push_all(low, block, length, -1.0f);
  }
}

uint32_t ck_float_key(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}

float ck_key_float(uint32_t key) {
  uint32_t bits = key >> 31 ? key & 0x7fffffffu : ~key;
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

void ck_key_histogram(const float *x, size_t n, uint32_t prefix, int shift, int bits, uint64_t *counts) {
  const uint32_t mask = (1u << bits) - 1;
  const uint64_t wanted = (uint64_t)prefix >> (shift + bits);
  for (size_t i = 0; i < n; i++) {
    uint64_t key = ck_float_key(x[i]);
    if (key >> (shift + bits) == wanted) counts[(uint32_t)(key >> shift) & mask]++;
  }
}
