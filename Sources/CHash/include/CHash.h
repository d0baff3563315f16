#pragma once
// 128-bit content hashes with xxHash (XXH3): for keys of caches, not against forgery.

#include <stddef.h>
#include <stdint.h>

#if !__has_include(<xxhash.h>)
#error "xxhash.h is missing: sudo apt-get install libxxhash-dev"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint64_t high, low;
} ch_key;

typedef struct ch_state ch_state;

/// A hash of nothing yet; NULL when there is no memory. `ch_free` gives it back.
ch_state *ch_create(void);
void ch_free(ch_state *state);
void ch_add(ch_state *state, const void *bytes, size_t count);
/// The key of all bytes added so far; more may be added afterwards.
ch_key ch_digest(const ch_state *state);
/// The key of one piece of memory.
ch_key ch_of(const void *bytes, size_t count);

#ifdef __cplusplus
}
#endif
