#include "CLMDB.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lmdb.h>

struct CLMDBReader {
  MDB_env *env;
  MDB_txn *txn;
  MDB_cursor *cursor;
  size_t count;
  size_t mapSize;
  int broken;
};

// liblmdb aborts the process when a page contradicts itself. Its assert hook cannot say "go on", so it jumps out; the
// environment is never touched again then (it leaks, once per corrupt database).
static __thread jmp_buf *escape;

static void on_assert(MDB_env *env, const char *message) {
  (void)env;
  (void)message;
  if (escape) longjmp(*escape, 1);
}

static int fail(char *message, const char *reason) {
  snprintf(message, CLMDB_MESSAGE_SIZE, "%s", reason);
  return -1;
}

static int env_open(MDB_env **env, const char *path, unsigned flags) {
  int status = mdb_env_create(env);
  if (status != 0) return status;
  mdb_env_set_assert(*env, on_assert);
  // NOTLS: the walk may go on in another thread than it began in.
  status = mdb_env_open(*env, path, flags | MDB_RDONLY | MDB_NOTLS, 0);
  if (status != 0) {
    mdb_env_close(*env);
    *env = NULL;
  }
  return status;
}

// A page past the end of a cut off file would be a bus error, not an error code.
static int is_whole(MDB_env *env, size_t *fileSize) {
  mdb_filehandle_t file;
  struct stat status;
  MDB_envinfo info;
  MDB_stat stat;
  if (mdb_env_get_fd(env, &file) != 0 || fstat(file, &status) != 0) return 0;
  if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &stat) != 0) return 0;
  *fileSize = (size_t)status.st_size;
  return stat.ms_psize > 0 && info.me_last_pgno < *fileSize / stat.ms_psize;
}

static int reader_start(CLMDBReader *r, const char *path, char *message) {
  struct stat kind;
  if (stat(path, &kind) != 0) return fail(message, strerror(errno));
  unsigned flags = S_ISDIR(kind.st_mode) ? 0 : MDB_NOSUBDIR;
  int status = env_open(&r->env, path, flags);
  if (status == EACCES || status == EROFS || status == EPERM) status = env_open(&r->env, path, flags | MDB_NOLOCK);
  if (status != 0) return fail(message, mdb_strerror(status));
  if (!is_whole(r->env, &r->mapSize)) return fail(message, "the database is cut off: its last page is missing");
  MDB_dbi dbi;
  MDB_stat count;
  status = mdb_txn_begin(r->env, NULL, MDB_RDONLY, &r->txn);
  if (status == 0) status = mdb_dbi_open(r->txn, NULL, 0, &dbi);
  if (status == 0) status = mdb_stat(r->txn, dbi, &count);
  if (status == 0) status = mdb_cursor_open(r->txn, dbi, &r->cursor);
  if (status != 0) return fail(message, mdb_strerror(status));
  r->count = count.ms_entries;
  return 0;
}

CLMDBReader *clmdb_open(const char *path, char *message) {
  CLMDBReader *r = calloc(1, sizeof *r);
  if (!r) {
    fail(message, "not enough memory");
    return NULL;
  }
  jmp_buf here;
  escape = &here;
  int status = setjmp(here) == 0 ? reader_start(r, path, message) : (r->broken = 1, fail(message, "corrupt database"));
  escape = NULL;
  if (status == 0) return r;
  clmdb_close(r);
  return NULL;
}

size_t clmdb_count(const CLMDBReader *reader) { return reader->count; }

int clmdb_next(CLMDBReader *r, CLMDBValue *key, CLMDBValue *value, char *message) {
  if (r->broken) return fail(message, "corrupt database");
  jmp_buf here;
  MDB_val k, v;
  escape = &here;
  if (setjmp(here) != 0) {
    escape = NULL;
    r->broken = 1;
    return fail(message, "corrupt database");
  }
  int status = mdb_cursor_get(r->cursor, &k, &v, MDB_NEXT);
  escape = NULL;
  if (status == MDB_NOTFOUND) return 0;
  if (status != 0) return fail(message, mdb_strerror(status));
  if (k.mv_size > r->mapSize || v.mv_size > r->mapSize) return fail(message, "corrupt database: an entry larger than it");
  *key = (CLMDBValue){k.mv_data, k.mv_size};
  *value = (CLMDBValue){v.mv_data, v.mv_size};
  return 1;
}

void clmdb_close(CLMDBReader *r) {
  if (!r) return;
  if (!r->broken) {
    if (r->cursor) mdb_cursor_close(r->cursor);
    if (r->txn) mdb_txn_abort(r->txn);
    if (r->env) mdb_env_close(r->env);
  }
  free(r);
}
