// Which oneDNN computes, and with which instructions.
#include "ck_dnn.h"
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>

const char *ck_dnn_version(void) {
  static char text[64];
  const dnnl_version_t *v = dnnl_version();
  dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
  const char *name = isa >= dnnl_cpu_isa_avx512_core ? "AVX-512" : isa >= dnnl_cpu_isa_avx2 ? "AVX2" : "SSE4.1 or other";
  snprintf(text, sizeof text, "%d.%d.%d, %s", v->major, v->minor, v->patch, name);
  return text;
}
