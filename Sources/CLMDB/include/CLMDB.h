#pragma once
// Read-only walk through an LMDB environment, in the order of its keys.

#include <stddef.h>
#include <stdint.h>

#if !__has_include(<lmdb.h>)
#error "lmdb.h is missing: sudo apt-get install liblmdb-dev"
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum { CLMDB_MESSAGE_SIZE = 256 };

typedef struct CLMDBReader CLMDBReader;

/// Bytes inside the database's map; valid until the reader is closed.
typedef struct {
  const uint8_t *bytes;
  size_t count;
} CLMDBValue;

/// Opens the folder (or the single file) `path` for reading. A database on a read-only file system is opened without
/// its lock file. Returns NULL with the reason in `message` (CLMDB_MESSAGE_SIZE bytes, terminated).
CLMDBReader *clmdb_open(const char *path, char *message);

/// Number of entries.
size_t clmdb_count(const CLMDBReader *reader);

/// Steps to the next entry. Returns 1 and sets both values, 0 after the last entry, -1 with the reason in `message`.
int clmdb_next(CLMDBReader *reader, CLMDBValue *key, CLMDBValue *value, char *message);

void clmdb_close(CLMDBReader *reader);

#ifdef __cplusplus
}
#endif
