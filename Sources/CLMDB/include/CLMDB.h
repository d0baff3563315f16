#pragma once
// Writes LMDB environments with liblmdb. They are read in Swift (Datasets/LMDBFile.swift): liblmdb trusts every page,
// so a damaged file ends the process.

#include <stddef.h>
#include <stdint.h>

#if !__has_include(<lmdb.h>)
#error "lmdb.h is missing: sudo apt-get install liblmdb-dev"
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum { CLMDB_MESSAGE_SIZE = 256 };

typedef struct CLMDBWriter CLMDBWriter;

/// Opens the existing folder `path` and begins a transaction. `mapSize` bytes are the most the database may grow to.
/// Returns NULL with the reason in `message` (CLMDB_MESSAGE_SIZE bytes, terminated).
CLMDBWriter *clmdb_create(const char *path, size_t mapSize, char *message);

/// Adds an entry, replacing one of the same key. Returns 0, or -1 with the reason in `message`.
int clmdb_put(CLMDBWriter *writer, const void *key, size_t keySize, const void *value, size_t valueSize, char *message);

/// Commits what was put so far and goes on: a transaction keeps the pages it changed in memory.
/// Returns 0, or -1 with the reason in `message`; then only `clmdb_close` may follow.
int clmdb_flush(CLMDBWriter *writer, char *message);

/// Commits what was put (`commit` not 0) or drops it, and frees the writer in any case.
/// Returns 0, or -1 with the reason in `message`.
int clmdb_close(CLMDBWriter *writer, int commit, char *message);

#ifdef __cplusplus
}
#endif
