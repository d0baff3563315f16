#include "CDigest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>

enum { CHUNK = 1 << 17 };

/// Feeds the file to the context. Returns 0, an error number, or -1.
static int absorb(EVP_MD_CTX *context, int file, unsigned char *buffer, int64_t *bytes) {
  *bytes = 0;
  for (;;) {
    ssize_t n = read(file, buffer, CHUNK);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return 0;
    if (EVP_DigestUpdate(context, buffer, (size_t)n) != 1) return -1;
    *bytes += n;
  }
}

int cdigest_sha256_file(const char *path, char hex[CDIGEST_HEX_SIZE], int64_t *bytes) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  unsigned char *buffer = malloc(CHUNK);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  int status = -1;
  if (context && buffer && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
    status = absorb(context, file, buffer, bytes);
  if (status == 0 && (EVP_DigestFinal_ex(context, digest, &length) != 1 || length != 32)) status = -1;
  for (unsigned int i = 0; status == 0 && i < length; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  free(buffer);
  EVP_MD_CTX_free(context);
  close(file);
  return status;
}
