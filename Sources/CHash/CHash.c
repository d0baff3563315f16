#define XXH_INLINE_ALL
#include <xxhash.h>

#include "CHash.h"

static ch_key key(XXH128_hash_t hash) { return (ch_key){hash.high64, hash.low64}; }

ch_state *ch_create(void) {
  XXH3_state_t *state = XXH3_createState();
  if (state) XXH3_128bits_reset(state);
  return (ch_state *)state;
}

void ch_free(ch_state *state) { XXH3_freeState((XXH3_state_t *)state); }

void ch_add(ch_state *state, const void *bytes, size_t count) {
  XXH3_128bits_update((XXH3_state_t *)state, bytes, count);
}

ch_key ch_digest(const ch_state *state) { return key(XXH3_128bits_digest((const XXH3_state_t *)state)); }

ch_key ch_of(const void *bytes, size_t count) { return key(XXH3_128bits(bytes, count)); }
