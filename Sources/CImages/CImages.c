#include "CImages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spng.h>
#include <turbojpeg.h>

// Read by both libraries before they allocate; the caller has its own, tighter limit on the product.
enum { SIDE_LIMIT = 1 << 20, CHUNK_LIMIT = 64 << 20 };

static int fail(char *message, const char *format, const char *reason) {
  snprintf(message, CIMAGES_MESSAGE_SIZE, format, reason);
  return -1;
}

static int is_jpeg(const uint8_t *b, size_t n) { return n >= 3 && b[0] == 0xff && b[1] == 0xd8 && b[2] == 0xff; }

static int is_png(const uint8_t *b, size_t n) {
  static const uint8_t magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  return n >= 8 && memcmp(b, magic, 8) == 0;
}

// --- JPEG

static int jpeg_header(tjhandle h, const uint8_t *bytes, size_t count, CImagesSize *size, int *space, char *message) {
  int width = 0, height = 0, subsampling = 0;
  int status = tjDecompressHeader3(h, bytes, (unsigned long)count, &width, &height, &subsampling, space);
  if (status != 0 && tjGetErrorCode(h) != TJERR_WARNING) return fail(message, "%s", tjGetErrorStr2(h));
  if (width <= 0 || height <= 0) return fail(message, "%s", "the JPEG header has no size");
  *size = (CImagesSize){(uint32_t)width, (uint32_t)height, *space == TJCS_GRAY ? 1 : 3};
  return 0;
}

// libjpeg goes on after damage and fills in grey. These complaints alone leave every pixel as it was meant.
static int is_harmless(const char *warning) {
  return strstr(warning, "extraneous bytes before marker") != NULL || strstr(warning, "Unknown Adobe color") != NULL ||
         strstr(warning, "Invalid SOS parameters") != NULL;
}

static int jpeg_pixels(tjhandle h, const uint8_t *bytes, size_t count, CImagesSize size, int format, uint8_t *pixels,
                       char *message) {
  int status = tjDecompress2(h, bytes, (unsigned long)count, pixels, (int)size.width, 0, (int)size.height, format,
                             TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS);
  if (status == 0) return 0;
  const char *text = tjGetErrorStr2(h);
  if (tjGetErrorCode(h) == TJERR_WARNING && is_harmless(text)) return 0;
  return fail(message, "%s", text);
}

// Adobe stores 255 - ink, so light that passes is stored C times stored K.
static void cmyk_to_rgb(const uint8_t *cmyk, size_t pixelCount, uint8_t *rgb) {
  for (size_t i = 0; i < pixelCount; i++)
    for (int c = 0; c < 3; c++) rgb[3 * i + c] = (uint8_t)((cmyk[4 * i + c] * cmyk[4 * i + 3] + 127) / 255);
}

static int jpeg_cmyk(tjhandle h, const uint8_t *bytes, size_t count, CImagesSize size, uint8_t *pixels, char *message) {
  size_t pixelCount = (size_t)size.width * size.height;
  uint8_t *cmyk = malloc(pixelCount * 4);
  if (!cmyk) return fail(message, "%s", "not enough memory");
  int status = jpeg_pixels(h, bytes, count, size, TJPF_CMYK, cmyk, message);
  if (status == 0) cmyk_to_rgb(cmyk, pixelCount, pixels);
  free(cmyk);
  return status;
}

static int jpeg_decode(const uint8_t *bytes, size_t count, CImagesSize *size, uint8_t *pixels, char *message) {
  tjhandle h = tjInitDecompress();
  if (!h) return fail(message, "libturbojpeg does not start: %s", tjGetErrorStr2(NULL));
  int space = 0;
  CImagesSize found;
  int status = jpeg_header(h, bytes, count, &found, &space, message);
  if (status == 0 && !pixels) *size = found;
  if (status == 0 && pixels) {
    if (memcmp(&found, size, sizeof found) != 0)
      status = fail(message, "%s", "the size differs from the one read before");
    else if (space == TJCS_CMYK || space == TJCS_YCCK)
      status = jpeg_cmyk(h, bytes, count, found, pixels, message);
    else
      status = jpeg_pixels(h, bytes, count, found, found.channels == 1 ? TJPF_GRAY : TJPF_RGB, pixels, message);
  }
  tjDestroy(h);
  return status;
}

// --- PNG

static spng_ctx *png_open(const uint8_t *bytes, size_t count, struct spng_ihdr *header, char *message) {
  spng_ctx *ctx = spng_ctx_new(0);
  if (!ctx) {
    fail(message, "%s", "not enough memory");
    return NULL;
  }
  spng_set_image_limits(ctx, SIDE_LIMIT, SIDE_LIMIT);
  spng_set_chunk_limits(ctx, CHUNK_LIMIT, CHUNK_LIMIT);
  spng_set_crc_action(ctx, SPNG_CRC_ERROR, SPNG_CRC_DISCARD);
  int status = spng_set_png_buffer(ctx, bytes, count);
  if (status == 0) status = spng_get_ihdr(ctx, header);
  if (status == 0) return ctx;
  fail(message, "PNG: %s", spng_strerror(status));
  spng_ctx_free(ctx);
  return NULL;
}

static uint32_t png_channels(const struct spng_ihdr *header) {
  int grey = header->color_type == SPNG_COLOR_TYPE_GRAYSCALE || header->color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
  return grey ? 1 : 3;
}

static int png_pixels(spng_ctx *ctx, CImagesSize size, uint8_t *pixels, char *message) {
  // libspng makes plain grey only from 8 bits or less without alpha; RGB it makes from everything.
  size_t pixelCount = (size_t)size.width * size.height;
  uint8_t *rgb = size.channels == 3 ? pixels : malloc(pixelCount * 3);
  if (!rgb) return fail(message, "%s", "not enough memory");
  int status = spng_decode_image(ctx, rgb, pixelCount * 3, SPNG_FMT_RGB8, 0);
  if (rgb != pixels) {
    for (size_t i = 0; status == 0 && i < pixelCount; i++) pixels[i] = rgb[3 * i];
    free(rgb);
  }
  return status == 0 ? 0 : fail(message, "PNG: %s", spng_strerror(status));
}

static int png_decode(const uint8_t *bytes, size_t count, CImagesSize *size, uint8_t *pixels, char *message) {
  struct spng_ihdr header;
  spng_ctx *ctx = png_open(bytes, count, &header, message);
  if (!ctx) return -1;
  CImagesSize found = {header.width, header.height, png_channels(&header)};
  int status = 0;
  if (!pixels)
    *size = found;
  else if (memcmp(&found, size, sizeof found) != 0)
    status = fail(message, "%s", "the size differs from the one read before");
  else
    status = png_pixels(ctx, found, pixels, message);
  spng_ctx_free(ctx);
  return status;
}

// --- Both

static int decode(const uint8_t *bytes, size_t count, CImagesSize *size, uint8_t *pixels, char *message) {
  if (is_jpeg(bytes, count)) return jpeg_decode(bytes, count, size, pixels, message);
  if (is_png(bytes, count)) return png_decode(bytes, count, size, pixels, message);
  return fail(message, "%s", "this is neither a JPEG nor a PNG image");
}

int cimages_size(const uint8_t *bytes, size_t count, CImagesSize *size, char *message) {
  return decode(bytes, count, size, NULL, message);
}

int cimages_decode(const uint8_t *bytes, size_t count, CImagesSize size, uint8_t *pixels, char *message) {
  return decode(bytes, count, &size, pixels, message);
}

// --- Writing

static int png_encode(const uint8_t *pixels, CImagesSize size, uint8_t **file, size_t *count, char *message) {
  spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
  if (!ctx) return fail(message, "%s", "not enough memory");
  struct spng_ihdr header = {size.width, size.height, 8, 0, 0, 0, 0};
  header.color_type = size.channels == 1 ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR;
  size_t bytes = (size_t)size.width * size.height * size.channels;
  int status = spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);
  if (status == 0) status = spng_set_ihdr(ctx, &header);
  if (status == 0) status = spng_encode_image(ctx, pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  if (status == 0) *file = spng_get_png_buffer(ctx, count, &status);
  spng_ctx_free(ctx);
  return status == 0 ? 0 : fail(message, "PNG: %s", spng_strerror(status));
}

static int jpeg_encode(const uint8_t *pixels, CImagesSize size, int quality, uint8_t **file, size_t *count,
                       char *message) {
  tjhandle h = tjInitCompress();
  if (!h) return fail(message, "libturbojpeg does not start: %s", tjGetErrorStr2(NULL));
  int format = size.channels == 1 ? TJPF_GRAY : TJPF_RGB, sampling = size.channels == 1 ? TJSAMP_GRAY : TJSAMP_420;
  unsigned char *packed = NULL;
  unsigned long length = 0;
  int status = tjCompress2(h, pixels, (int)size.width, 0, (int)size.height, format, &packed, &length, sampling, quality,
                           TJFLAG_ACCURATEDCT);
  if (status != 0) fail(message, "%s", tjGetErrorStr2(h));
  // One function frees both kinds.
  *file = status == 0 ? malloc(length) : NULL;
  if (*file) memcpy(*file, packed, *count = length);
  if (status == 0 && !*file) status = fail(message, "%s", "not enough memory");
  tjFree(packed);
  tjDestroy(h);
  return status == 0 ? 0 : -1;
}

int cimages_encode(const uint8_t *pixels, CImagesSize size, int quality, uint8_t **file, size_t *count, char *message) {
  *file = NULL;
  return quality == 0 ? png_encode(pixels, size, file, count, message)
                      : jpeg_encode(pixels, size, quality, file, count, message);
}

void cimages_free(uint8_t *file) { free(file); }
