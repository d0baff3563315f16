/* Two layer types for Cortado, as an example of a plug-in.
 *
 *   cc -shared -fPIC -I include -o libexample.so example_layers.c
 *   cortado inspect net.prototxt --plugin ./libexample.so --proto example_layers.proto
 *
 * ExampleGain    one bottom, one top of its shape: y[n, c, ..] = factor * gain[c] * x[n, c, ..]. It learns `gain`, one value
 *                for each channel; `factor` is example_gain_param.factor, 1 unless set. Its input is quantized.
 * ExampleHalves  one bottom [N, C, ..] of an even C, two tops [N, C/2, ..]: the first and the second half of the channels.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cortado_plugin.h"

static int64_t product(const cortado_shape *shape, int first)
{
  int64_t n = 1;
  for (int i = first; i < shape->rank; i++) n *= shape->dims[i];
  return n;
}

static int needs_channels(const cortado_shape *bottom, char *error)
{
  if (bottom->rank >= 2) return 0;
  snprintf(error, CORTADO_ERROR_BYTES, "needs a bottom [N, C, ..], has one of %d axes", (int)bottom->rank);
  return 1;
}

/* ExampleGain */

typedef struct {
  float factor;
} gain_state;

/* The parameters come as the text of the net's file, printed anew: one field a line, so that a field is easily found. */
static int gain_create(const cortado_layer *layer, void **state, char *error)
{
  gain_state *gain = malloc(sizeof *gain);
  if (!gain) {
    snprintf(error, CORTADO_ERROR_BYTES, "no memory");
    return 1;
  }
  gain->factor = 1;
  const char *at = strstr(layer->prototxt, "example_gain_param {");
  if (at) at = strstr(at, "factor:");
  if (at) gain->factor = strtof(at + strlen("factor:"), NULL);
  if (!(gain->factor > 0)) {
    snprintf(error, CORTADO_ERROR_BYTES, "factor must be positive, is %g", (double)gain->factor);
    free(gain);
    return 1;
  }
  *state = gain;
  return 0;
}

static int gain_blobs(
  void *state, int32_t bottom_count, const cortado_shape *bottoms, int32_t *count, cortado_shape *blobs, char *error)
{
  (void)state;
  (void)bottom_count;
  if (needs_channels(&bottoms[0], error)) return 1;
  *count = 1;
  blobs[0].rank = 1;
  blobs[0].dims[0] = bottoms[0].dims[1];
  return 0;
}

static int gain_shapes(
  void *state, int32_t bottom_count, const cortado_shape *bottoms, int32_t top_count, cortado_shape *tops, char *error)
{
  (void)state;
  (void)bottom_count;
  (void)top_count;
  if (needs_channels(&bottoms[0], error)) return 1;
  tops[0] = bottoms[0];
  return 0;
}

static int gain_forward(void *state, const cortado_pass *pass, char *error)
{
  (void)error;
  const gain_state *gain = state;
  const cortado_shape *shape = &pass->bottom_shapes[0];
  const int64_t channels = shape->dims[1], area = product(shape, 2);
  for (int64_t n = 0; n < shape->dims[0]; n++) {
    for (int64_t c = 0; c < channels; c++) {
      const float *x = pass->bottoms[0] + (n * channels + c) * area;
      float *y = pass->tops[0] + (n * channels + c) * area;
      const float factor = gain->factor * pass->blobs[0][c];
      for (int64_t i = 0; i < area; i++) y[i] = factor * x[i];
    }
  }
  return 0;
}

/* ExampleHalves */

static int halves_shapes(
  void *state, int32_t bottom_count, const cortado_shape *bottoms, int32_t top_count, cortado_shape *tops, char *error)
{
  (void)state;
  (void)bottom_count;
  (void)top_count;
  if (needs_channels(&bottoms[0], error)) return 1;
  if (bottoms[0].dims[1] % 2) {
    snprintf(error, CORTADO_ERROR_BYTES, "needs an even number of channels, has %lld", (long long)bottoms[0].dims[1]);
    return 1;
  }
  tops[0] = bottoms[0];
  tops[0].dims[1] /= 2;
  tops[1] = tops[0];
  return 0;
}

static int halves_forward(void *state, const cortado_pass *pass, char *error)
{
  (void)state;
  (void)error;
  const int64_t half = product(&pass->top_shapes[0], 1);
  for (int64_t n = 0; n < pass->bottom_shapes[0].dims[0]; n++) {
    const float *x = pass->bottoms[0] + 2 * n * half;
    memcpy(pass->tops[0] + n * half, x, (size_t)half * sizeof *x);
    memcpy(pass->tops[1] + n * half, x + half, (size_t)half * sizeof *x);
  }
  return 0;
}

static const cortado_layer_type types[] = {
  {
    .type = "ExampleGain", .min_bottoms = 1, .max_bottoms = 1, .min_tops = 1, .max_tops = 1,
    .flags = CORTADO_QUANTIZES_INPUT, .create = gain_create, .destroy = free, .blob_shapes = gain_blobs,
    .top_shapes = gain_shapes, .forward = gain_forward,
  },
  {
    .type = "ExampleHalves", .min_bottoms = 1, .max_bottoms = 1, .min_tops = 2, .max_tops = 2,
    .top_shapes = halves_shapes, .forward = halves_forward,
  },
};

static const cortado_plugin plugin = {
  .abi = CORTADO_PLUGIN_ABI, .type_count = sizeof types / sizeof *types, .types = types,
};

const cortado_plugin *cortado_plugin_entry(uint32_t host_abi)
{
  (void)host_abi;
  return &plugin;
}
