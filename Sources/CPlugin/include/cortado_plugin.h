/* Layer types for Cortado from a library of your own. docs/plugins.md tells how; Samples/plugin is an example.
 *
 * A library exports one function, cortado_plugin_entry. Everything that it hands over must stay as it is until the
 * program ends. All arrays of numbers are float32 in C order: the last axis is contiguous, as in Caffe's NCHW.
 */
#ifndef CORTADO_PLUGIN_H
#define CORTADO_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of everything below. A plug-in of another version is refused. */
#define CORTADO_PLUGIN_ABI 1u

#define CORTADO_MAX_AXES 12
#define CORTADO_MAX_BLOBS 16
/* Longest text of an error, its final zero included. */
#define CORTADO_ERROR_BYTES 1024

/* Extents of a blob; a scalar has rank 0. */
typedef struct {
  int32_t rank;
  int64_t dims[CORTADO_MAX_AXES];
} cortado_shape;

/* One layer of a net. */
typedef struct {
  const char *name;
  const char *type;
  /* The layer as the net's file has it, prototxt text: `name: "up1"\ntype: "PixelShuffle"\n...`, its parameters included. */
  const char *prototxt;
  int32_t bottom_count;
  int32_t top_count;
} cortado_layer;

/* One forward pass of a layer. */
typedef struct {
  int32_t bottom_count;
  int32_t top_count;
  int32_t blob_count;
  const cortado_shape *bottom_shapes;
  const cortado_shape *top_shapes;
  const cortado_shape *blob_shapes;
  const float *const *bottoms;
  /* To be filled. Never the same memory as a bottom. */
  float *const *tops;
  /* Learned values, in the order of the weights file. */
  const float *const *blobs;
} cortado_pass;

/* For `flags`. The first bottom is quantized as that of a pooling layer is: it gets a scale and an offset. */
#define CORTADO_QUANTIZES_INPUT 1u

/* One layer type. Functions that return int return 0 when all is well; otherwise they have written a sentence with a final
 * zero to `error`, which has room for CORTADO_ERROR_BYTES. */
typedef struct {
  /* What stands behind `type:` in a net. */
  const char *type;
  int32_t min_bottoms;
  /* -1: any number. */
  int32_t max_bottoms;
  int32_t min_tops;
  int32_t max_tops;
  uint32_t flags;

  /* Makes a state of a layer and stores it in `state`. A layer may get several, each ended by itself: a net is made anew for
   * other input shapes. What `layer` points to is gone afterwards. May be NULL: then the state is NULL. */
  int (*create)(const cortado_layer *layer, void **state, char *error);
  /* Ends a state. May be NULL. */
  void (*destroy)(void *state);
  /* Shapes of the learned blobs; `count` is how many. May be NULL: the layer learns nothing. */
  int (*blob_shapes)(
    void *state, int32_t bottom_count, const cortado_shape *bottoms, int32_t *count,
    cortado_shape blobs[CORTADO_MAX_BLOBS], char *error);
  /* One shape for each top. */
  int (*top_shapes)(
    void *state, int32_t bottom_count, const cortado_shape *bottoms, int32_t top_count, cortado_shape *tops, char *error);
  /* Fills the tops. Never called twice at the same time for one state. */
  int (*forward)(void *state, const cortado_pass *pass, char *error);
} cortado_layer_type;

typedef struct {
  /* CORTADO_PLUGIN_ABI of the header that the library was built with. */
  uint32_t abi;
  uint32_t type_count;
  const cortado_layer_type *types;
} cortado_plugin;

/* What the library exports. `host_abi` is the program's CORTADO_PLUGIN_ABI. */
const cortado_plugin *cortado_plugin_entry(uint32_t host_abi);

#ifdef __cplusplus
}
#endif

#endif
