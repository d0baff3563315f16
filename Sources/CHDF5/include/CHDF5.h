#pragma once
// Reads number data sets of HDF5 files with libhdf5. Debian's library is not made for threads, so every call takes one
// lock; what the library has to say goes to `message`, never to stderr.

#include <stddef.h>
#include <stdint.h>

#if !__has_include(<hdf5/serial/hdf5.h>)
#error "hdf5/serial/hdf5.h is missing: sudo apt-get install libhdf5-dev"
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum { CHDF5_MESSAGE_SIZE = 256, CHDF5_NAME_SIZE = 256, CHDF5_RANK_LIMIT = 32 };

typedef struct CHDF5File CHDF5File;

/// What a name in a file's root stands for.
typedef struct {
  char name[CHDF5_NAME_SIZE];
  /// 0: no data set, or one of texts or structures; its other members are not set then.
  int isNumbers;
  int isFloat;
  int isSigned;
  /// Bytes of one number as it is stored.
  uint32_t byteCount;
  uint32_t rank;
  uint64_t dims[CHDF5_RANK_LIMIT];
} CHDF5Entry;

/// Opens a file for reading. Returns NULL with the reason in `message` (CHDF5_MESSAGE_SIZE bytes, terminated).
CHDF5File *chdf5_open(const char *path, char *message);
void chdf5_close(CHDF5File *file);

/// The number of names in the file's root, or -1 with the reason in `message`.
int64_t chdf5_count(CHDF5File *file, char *message);

/// Describes the entry at `index` in the order of names. Returns 0, or -1 with the reason in `message`.
int chdf5_entry(CHDF5File *file, uint64_t index, CHDF5Entry *entry, char *message);

/// Reads items `first ..< first + count` along the first axis of a data set, converted to float32. `room` is the number
/// of floats that `out` holds and must be exactly what is read. Returns 0, or -1 with the reason in `message`.
int chdf5_read(CHDF5File *file, const char *name, uint64_t first, uint64_t count, float *out, uint64_t room,
               char *message);

#ifdef __cplusplus
}
#endif
