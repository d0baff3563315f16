/* Ascending order of floats, by their bits. */
#include "ck_quant.h"

#include <string.h>

enum { BITS = 11, BUCKETS = 1 << BITS, PASSES = 3 };

/* Unsigned integers in the order of the floats, -0 before +0. */
static inline uint32_t key_of(uint32_t bits) { return bits ^ (bits >> 31 ? 0xFFFFFFFFu : 0x80000000u); }
static inline uint32_t bits_of(uint32_t key) { return key ^ (key >> 31 ? 0x80000000u : 0xFFFFFFFFu); }

static void scatter(const uint32_t *from, size_t n, int shift, size_t *place, uint32_t *to) {
  for (size_t i = 0; i < n; i++) to[place[(from[i] >> shift) & (BUCKETS - 1)]++] = from[i];
}

void ck_sort(float *values, size_t n, float *room) {
  static _Thread_local size_t counts[PASSES][BUCKETS];
  memset(counts, 0, sizeof counts);
  uint32_t *keys = (uint32_t *)(void *)values, *other = (uint32_t *)(void *)room;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, sizeof bits);
    const uint32_t key = key_of(bits);
    memcpy(values + i, &key, sizeof key);
    for (int p = 0; p < PASSES; p++) counts[p][(key >> (p * BITS)) & (BUCKETS - 1)]++;
  }
  for (int p = 0; p < PASSES; p++) {
    size_t place = 0;
    for (int b = 0; b < BUCKETS; b++) {
      const size_t count = counts[p][b];
      counts[p][b] = place;
      place += count;
    }
    scatter(keys, n, p * BITS, counts[p], other);
    uint32_t *swap = keys;
    keys = other;
    other = swap;
  }
  /* Three passes end in `room`. */
  for (size_t i = 0; i < n; i++) {
    const uint32_t bits = bits_of(keys[i]);
    memcpy(values + i, &bits, sizeof bits);
  }
}
