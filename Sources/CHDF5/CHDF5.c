#include "CHDF5.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5/serial/hdf5.h>

struct CHDF5File {
  hid_t id;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void enter(void) {
  pthread_mutex_lock(&lock);
  // The setting belongs to the thread's error stack.
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5Eclear2(H5E_DEFAULT);
}

static void leave(void) { pthread_mutex_unlock(&lock); }

static herr_t keep_last(unsigned n, const H5E_error2_t *error, void *text) {
  (void)n;
  if (error->desc && *error->desc) snprintf(text, CHDF5_MESSAGE_SIZE, "%s", error->desc);
  return 0;
}

// The innermost error is the cause; those above it repeat which call failed.
static int fail(char *message, const char *otherwise) {
  snprintf(message, CHDF5_MESSAGE_SIZE, "%s", otherwise);
  char last[CHDF5_MESSAGE_SIZE] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_last, last);
  if (*last) snprintf(message, CHDF5_MESSAGE_SIZE, "%s", last);
  return -1;
}

CHDF5File *chdf5_open(const char *path, char *message) {
  enter();
  CHDF5File *file = malloc(sizeof *file);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 10, 7)
  // Locks fail on read-only and network file systems, and nobody writes here.
  if (access >= 0) H5Pset_file_locking(access, 0, 1);
#endif
  if (file && access >= 0) file->id = H5Fopen(path, H5F_ACC_RDONLY, access);
  if (!file || access < 0 || file->id < 0) {
    fail(message, "not enough memory");
    free(file);
    file = NULL;
  }
  if (access >= 0) H5Pclose(access);
  leave();
  return file;
}

void chdf5_close(CHDF5File *file) {
  enter();
  H5Fclose(file->id);
  free(file);
  leave();
}

int64_t chdf5_count(CHDF5File *file, char *message) {
  enter();
  H5G_info_t info;
  int64_t count = H5Gget_info(file->id, &info) < 0 ? fail(message, "it has no root") : (int64_t)info.nlinks;
  leave();
  return count;
}

// Fills in type and extents of an open data set; other kinds of numbers leave isNumbers 0.
static int describe(hid_t set, CHDF5Entry *entry, char *message) {
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  int status = 0;
  if (type < 0 || space < 0) {
    status = fail(message, "it has no type or no extents");
  } else {
    H5T_class_t kind = H5Tget_class(type);
    hsize_t dims[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    if (rank < 0 || rank > CHDF5_RANK_LIMIT) {
      status = fail(message, "its extents cannot be read");
    } else if ((kind == H5T_FLOAT || kind == H5T_INTEGER) && H5Sget_simple_extent_type(space) == H5S_SIMPLE) {
      entry->isNumbers = 1;
      entry->isFloat = kind == H5T_FLOAT;
      entry->isSigned = kind == H5T_FLOAT || H5Tget_sign(type) == H5T_SGN_2;
      entry->byteCount = (uint32_t)H5Tget_size(type);
      entry->rank = (uint32_t)rank;
      for (int i = 0; i < rank; i++) entry->dims[i] = dims[i];
    }
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  return status;
}

int chdf5_entry(CHDF5File *file, uint64_t index, CHDF5Entry *entry, char *message) {
  enter();
  memset(entry, 0, sizeof *entry);
  int status = 0;
  ssize_t length = H5Lget_name_by_idx(file->id, ".", H5_INDEX_NAME, H5_ITER_INC, index, entry->name,
                                      sizeof entry->name, H5P_DEFAULT);
  if (length < 0) {
    status = fail(message, "a name cannot be read");
  } else if ((size_t)length < sizeof entry->name) {
    // What a link leads to may be missing or no data set: then it is just not one.
    hid_t object = H5Oopen(file->id, entry->name, H5P_DEFAULT);
    if (object >= 0 && H5Iget_type(object) == H5I_DATASET) status = describe(object, entry, message);
    if (object >= 0) H5Oclose(object);
  }
  leave();
  return status;
}

static int read_rows(hid_t set, uint64_t first, uint64_t count, float *out, uint64_t room, char *message) {
  hid_t space = H5Dget_space(set);
  if (space < 0) return fail(message, "it has no extents");
  hsize_t start[H5S_MAX_RANK] = {0}, extent[H5S_MAX_RANK] = {0};
  int rank = H5Sget_simple_extent_dims(space, extent, NULL);
  int status = -1;
  if (rank < 1 || first > extent[0] || count > extent[0] - first) {
    fail(message, "it is shorter than it was before");
  } else {
    start[0] = first;
    extent[0] = count;
    hid_t memory = H5Screate_simple(rank, extent, NULL);
    if (memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, extent, NULL) < 0)
      fail(message, "its extents cannot be read");
    else if (H5Sget_select_npoints(memory) != (hssize_t)room)
      snprintf(message, CHDF5_MESSAGE_SIZE, "its extents are others than before");
    else if (H5Dread(set, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, out) < 0)
      fail(message, "its numbers cannot be read");
    else
      status = 0;
    if (memory >= 0) H5Sclose(memory);
  }
  H5Sclose(space);
  return status;
}

int chdf5_read(CHDF5File *file, const char *name, uint64_t first, uint64_t count, float *out, uint64_t room,
               char *message) {
  enter();
  hid_t set = H5Dopen2(file->id, name, H5P_DEFAULT);
  int status = set < 0 ? fail(message, "it is not there") : read_rows(set, first, count, out, room, message);
  if (set >= 0) H5Dclose(set);
  leave();
  return status;
}
