#pragma once
// JPEG by libturbojpeg and PNG by libspng, behind two calls that always return.

#include <stddef.h>
#include <stdint.h>

#if !__has_include(<turbojpeg.h>)
#error "turbojpeg.h is missing: sudo apt-get install libturbojpeg0-dev"
#endif
#if !__has_include(<spng.h>)
#error "spng.h is missing: sudo apt-get install libspng-dev"
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum { CIMAGES_MESSAGE_SIZE = 256 };

/// Extents of the decoded image; `channels` is 1 (grey) or 3 (red, green, blue).
typedef struct {
  uint32_t width, height, channels;
} CImagesSize;

/// Reads the extents from the file's header. The format is told by the first bytes, not by a name.
/// Returns 0, or -1 with the reason in `message` (CIMAGES_MESSAGE_SIZE bytes, terminated).
int cimages_size(const uint8_t *bytes, size_t count, CImagesSize *size, char *message);

/// Decodes to 8-bit interleaved samples, rows from the top, without padding: `pixels` has room for
/// width * height * channels bytes of the size that `cimages_size` gave for the same bytes.
/// 16-bit samples keep their high byte, palettes are looked up, transparency is dropped, CMYK (as Adobe writes it,
/// inverted) becomes RGB. Damaged or cut off data are an error.
/// Returns 0, or -1 with the reason in `message`.
int cimages_decode(const uint8_t *bytes, size_t count, CImagesSize size, uint8_t *pixels, char *message);

/// Packs 8-bit interleaved samples (1 channel, or red, green, blue) into a file: PNG, or JPEG of `quality` 1 to 100 when
/// that is not 0. `*file` is to be freed with `cimages_free`.
/// Returns 0, or -1 with the reason in `message`.
int cimages_encode(const uint8_t *pixels, CImagesSize size, int quality, uint8_t **file, size_t *count, char *message);
void cimages_free(uint8_t *file);

#ifdef __cplusplus
}
#endif
