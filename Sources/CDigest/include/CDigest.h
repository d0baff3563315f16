#pragma once
// SHA-256 of a file, by OpenSSL's libcrypto.

#include <stdint.h>

#if !__has_include(<openssl/evp.h>)
#error "openssl/evp.h is missing: sudo apt-get install libssl-dev"
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum { CDIGEST_HEX_SIZE = 65 };

/// Reads the file at `path`: its digest in lower-case hexadecimal with a terminator, and how many bytes it has.
/// Returns 0, or the system's error number; -1 when libcrypto refuses.
int cdigest_sha256_file(const char *path, char hex[CDIGEST_HEX_SIZE], int64_t *bytes);

#ifdef __cplusplus
}
#endif
