#include "cortado_plugin.h"

/* What libraries in the world were built with; a change of it needs a new CORTADO_PLUGIN_ABI. */
#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(cortado_shape) == 104, "cortado_shape");
_Static_assert(offsetof(cortado_shape, dims) == 8, "cortado_shape.dims");
_Static_assert(sizeof(cortado_layer) == 32, "cortado_layer");
_Static_assert(sizeof(cortado_pass) == 64, "cortado_pass");
_Static_assert(offsetof(cortado_pass, bottoms) == 40, "cortado_pass.bottoms");
_Static_assert(sizeof(cortado_layer_type) == 72, "cortado_layer_type");
_Static_assert(offsetof(cortado_layer_type, create) == 32, "cortado_layer_type.create");
_Static_assert(sizeof(cortado_plugin) == 16, "cortado_plugin");
#endif
_Static_assert(CORTADO_PLUGIN_ABI == 1u, "the sizes above are those of version 1");
