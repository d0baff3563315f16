#include "CLMDB.h"

#include <stdio.h>
#include <stdlib.h>

#include <lmdb.h>

struct CLMDBWriter {
  MDB_env *env;
  MDB_txn *txn;
  MDB_dbi dbi;
};

static int fail(char *message, int status) {
  snprintf(message, CLMDB_MESSAGE_SIZE, "%s", mdb_strerror(status));
  return -1;
}

static int start(CLMDBWriter *w, const char *path, size_t mapSize) {
  int status = mdb_env_create(&w->env);
  if (status == 0) status = mdb_env_set_mapsize(w->env, mapSize);
  if (status == 0) status = mdb_env_open(w->env, path, 0, 0640);
  if (status == 0) status = mdb_txn_begin(w->env, NULL, 0, &w->txn);
  if (status == 0) status = mdb_dbi_open(w->txn, NULL, 0, &w->dbi);
  return status;
}

CLMDBWriter *clmdb_create(const char *path, size_t mapSize, char *message) {
  CLMDBWriter *w = calloc(1, sizeof *w);
  int status = w ? start(w, path, mapSize) : -1;
  if (status == 0) return w;
  fail(message, status);
  if (w) clmdb_close(w, 0, message);
  return NULL;
}

int clmdb_put(CLMDBWriter *w, const void *key, size_t keySize, const void *value, size_t valueSize, char *message) {
  MDB_val k = {keySize, (void *)key}, v = {valueSize, (void *)value};
  int status = mdb_put(w->txn, w->dbi, &k, &v, 0);
  return status == 0 ? 0 : fail(message, status);
}

int clmdb_flush(CLMDBWriter *w, char *message) {
  int status = mdb_txn_commit(w->txn);
  w->txn = NULL;
  if (status == 0) status = mdb_txn_begin(w->env, NULL, 0, &w->txn);
  return status == 0 ? 0 : fail(message, status);
}

int clmdb_close(CLMDBWriter *w, int commit, char *message) {
  int status = 0;
  if (w->txn && commit) status = mdb_txn_commit(w->txn);
  if (w->txn && !commit) mdb_txn_abort(w->txn);
  if (w->env) mdb_env_close(w->env);
  free(w);
  return status == 0 ? 0 : fail(message, status);
}
