#include "ck_dnn.h"
#if !__has_include(<oneapi/dnnl/dnnl.h>)
#error "oneDNN is missing: sudo apt-get install libdnnl-dev"
#endif
#include <oneapi/dnnl/dnnl.h>
#if DNNL_VERSION_MAJOR != 2
#error "this file is written for oneDNN 2.x (Debian 12 has 2.6)"
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// libgomp is the OpenMP runtime of Debian's oneDNN; its entry points are declared here because clang has no omp.h of its own.
extern void omp_set_num_threads(int);
extern int omp_get_max_threads(void);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern void GOMP_parallel(void (*)(void *), void *, unsigned, unsigned);

struct ck_layout { dnnl_memory_desc_t md; };
#define MAX_SOURCES 256
struct ck_primitive {
  dnnl_primitive_t prim;
  dnnl_primitive_desc_t pd;
  dnnl_memory_desc_t weights_plain; // Caffe's order, for ck_weights_pack
  int sources;
  int first_source_arg;             // DNNL_ARG_SRC or DNNL_ARG_MULTIPLE_SRC
  bool has_weights, has_bias;
  dnnl_memory_t *source_memory, weights, bias, dst, scratch;
  dnnl_exec_arg_t *args;
  int arg_count;
};

static _Thread_local char error_text[256];
const char *ck_last_error(void) { return error_text; }
static bool failed(dnnl_status_t s, const char *what) {
  if (s == dnnl_success) return false;
  static const char *const names[] = {"success", "out of memory", "invalid arguments", "not implemented", "iterator ends", "runtime error", "not required"};
  snprintf(error_text, sizeof error_text, "oneDNN: %s: %s", what, (unsigned)s < 7 ? names[s] : "unknown status");
  return true;
}

static dnnl_engine_t engine;
static dnnl_stream_t stream;
__attribute__((constructor)) static void make_engine(void) {
  if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) return;
  if (dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success) stream = NULL;
}
static bool ready(void) {
  if (engine && stream) return true;
  snprintf(error_text, sizeof error_text, "oneDNN: no CPU engine");
  return false;
}

void ck_set_threads(int n) { omp_set_num_threads(n < 1 ? 1 : n); }
int ck_threads(void) { return omp_get_max_threads(); }

// ---------------------------------------------------------------- layouts
static bool plain_desc(dnnl_memory_desc_t *md, const int64_t *dims, int rank) {
  dnnl_dims_t d = {1}, strides = {1};
  int n = rank == 0 ? 1 : rank;
  if (n > DNNL_MAX_NDIMS) { snprintf(error_text, sizeof error_text, "more than %d axes", DNNL_MAX_NDIMS); return false; }
  for (int i = 0; i < rank; i++) d[i] = dims[i];
  for (int i = n - 1; i >= 0; i--) strides[i] = i == n - 1 ? 1 : strides[i + 1] * (d[i + 1] > 0 ? d[i + 1] : 1);
  return !failed(dnnl_memory_desc_init_by_strides(md, n, d, dnnl_f32, strides), "layout");
}
static ck_layout *wrap(const dnnl_memory_desc_t *md) {
  ck_layout *l = malloc(sizeof *l);
  if (l) l->md = *md;
  return l;
}
ck_layout *ck_layout_plain(const int64_t *dims, int rank) {
  dnnl_memory_desc_t md;
  return plain_desc(&md, dims, rank) ? wrap(&md) : NULL;
}
ck_layout *ck_layout_copy(const ck_layout *l) { return wrap(&l->md); }
void ck_layout_free(ck_layout *l) { free(l); }
bool ck_layout_equal(const ck_layout *a, const ck_layout *b) { return dnnl_memory_desc_equal(&a->md, &b->md) == 1; }
size_t ck_layout_bytes(const ck_layout *l) { return dnnl_memory_desc_get_size(&l->md); }
bool ck_layout_is_plain(const ck_layout *l) {
  dnnl_memory_desc_t md;
  return plain_desc(&md, l->md.dims, l->md.ndims) && dnnl_memory_desc_equal(&md, &l->md) == 1;
}
static dnnl_format_tag_t blocked_tag(int ndims, int block) {
  switch (ndims * 100 + block) {
  case 308: return dnnl_nCw8c;
  case 316: return dnnl_nCw16c;
  case 408: return dnnl_nChw8c;
  case 416: return dnnl_nChw16c;
  case 508: return dnnl_nCdhw8c;
  case 516: return dnnl_nCdhw16c;
  default: return dnnl_format_tag_undef;
  }
}
static bool blocked_desc(dnnl_memory_desc_t *md, const int64_t *dims, int rank, int block) {
  dnnl_format_tag_t tag = blocked_tag(rank, block);
  return tag != dnnl_format_tag_undef && dnnl_memory_desc_init_by_tag(md, rank, dims, dnnl_f32, tag) == dnnl_success;
}
int ck_layout_channel_block(const ck_layout *l) {
  if (ck_layout_is_plain(l)) return 1;
  dnnl_memory_desc_t md;
  for (int block = 8; block <= 16; block += 8)
    if (blocked_desc(&md, l->md.dims, l->md.ndims, block) && dnnl_memory_desc_equal(&md, &l->md) == 1) return block;
  return 0;
}
static bool channels_last_desc(dnnl_memory_desc_t *md, const int64_t *dims, int rank) {
  dnnl_format_tag_t tag = rank == 3 ? dnnl_nwc : rank == 4 ? dnnl_nhwc : rank == 5 ? dnnl_ndhwc : dnnl_format_tag_undef;
  return tag != dnnl_format_tag_undef && dnnl_memory_desc_init_by_tag(md, rank, dims, dnnl_f32, tag) == dnnl_success;
}
ck_layout *ck_layout_channels_last(const int64_t *dims, int rank) {
  dnnl_memory_desc_t md;
  return channels_last_desc(&md, dims, rank) ? wrap(&md) : NULL;
}
bool ck_layout_is_channels_last(const ck_layout *l) {
  dnnl_memory_desc_t md;
  return channels_last_desc(&md, l->md.dims, l->md.ndims) && dnnl_memory_desc_equal(&md, &l->md) == 1;
}
ck_layout *ck_layout_blocked(const int64_t *dims, int rank, int block) {
  dnnl_memory_desc_t md;
  return blocked_desc(&md, dims, rank, block) ? wrap(&md) : NULL;
}
ck_layout *ck_layout_like(const ck_layout *like, const int64_t *dims, int rank) {
  int block = ck_layout_channel_block(like);
  dnnl_memory_desc_t md;
  if (block == 1) return ck_layout_plain(dims, rank);
  if (ck_layout_is_channels_last(like)) return ck_layout_channels_last(dims, rank);
  return block > 1 && blocked_desc(&md, dims, rank, block) ? wrap(&md) : NULL;
}
const char *ck_layout_name(const ck_layout *l) {
  switch (ck_layout_channel_block(l)) {
  case 1: return "plain";
  case 8: return "blocked8";
  case 16: return "blocked16";
  default: return ck_layout_is_channels_last(l) ? "channels last" : "other";
  }
}

// ---------------------------------------------------------------- primitives
static dnnl_primitive_attr_t attributes(int count, const ck_postop *ops) {
  dnnl_primitive_attr_t attr = NULL;
  if (failed(dnnl_primitive_attr_create(&attr), "attributes")) return NULL;
  dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
  if (count == 0) return attr;
  dnnl_post_ops_t po = NULL;
  if (failed(dnnl_post_ops_create(&po), "post-ops")) { dnnl_primitive_attr_destroy(attr); return NULL; }
  static const dnnl_alg_kind_t algs[] = {dnnl_eltwise_relu, dnnl_eltwise_elu, dnnl_eltwise_tanh, dnnl_eltwise_logistic, dnnl_eltwise_abs,
    dnnl_eltwise_exp, dnnl_eltwise_log, dnnl_eltwise_soft_relu, dnnl_eltwise_linear, dnnl_eltwise_pow, dnnl_eltwise_clip, dnnl_eltwise_swish, dnnl_eltwise_sqrt};
  dnnl_status_t s = dnnl_success;
  for (int i = 0; i < count && s == dnnl_success; i++)
    s = ops[i].op == CK_SUM ? dnnl_post_ops_append_sum(po, ops[i].alpha) : dnnl_post_ops_append_eltwise(po, 1.0f, algs[ops[i].op], ops[i].alpha, ops[i].beta);
  if (s == dnnl_success) s = dnnl_primitive_attr_set_post_ops(attr, po);
  dnnl_post_ops_destroy(po);
  if (failed(s, "post-ops")) { dnnl_primitive_attr_destroy(attr); return NULL; }
  return attr;
}
static dnnl_memory_t memory(const dnnl_memory_desc_t *md) {
  dnnl_memory_t m = NULL;
  return md && dnnl_memory_create(&m, md, engine, DNNL_MEMORY_NONE) == dnnl_success ? m : NULL;
}
void ck_primitive_free(ck_primitive *p) {
  if (!p) return;
  for (int i = 0; p->source_memory && i < p->sources; i++) if (p->source_memory[i]) dnnl_memory_destroy(p->source_memory[i]);
  dnnl_memory_t rest[] = {p->weights, p->bias, p->dst, p->scratch};
  for (unsigned i = 0; i < 4; i++) if (rest[i]) dnnl_memory_destroy(rest[i]);
  if (p->prim) dnnl_primitive_destroy(p->prim);
  if (p->pd) dnnl_primitive_desc_destroy(p->pd);
  free(p->source_memory);
  free(p->args);
  free(p);
}
// Takes `pd` over.
static ck_primitive *finish(dnnl_primitive_desc_t pd, int sources, int first_arg, bool weights, bool bias, const char *what) {
  ck_primitive *p = calloc(1, sizeof *p);
  if (!p) { dnnl_primitive_desc_destroy(pd); return NULL; }
  p->pd = pd; p->sources = sources; p->first_source_arg = first_arg; p->has_weights = weights; p->has_bias = bias;
  p->source_memory = calloc((size_t)sources, sizeof *p->source_memory);
  p->args = calloc((size_t)sources + 4, sizeof *p->args);
  if (!p->source_memory || !p->args || failed(dnnl_primitive_create(&p->prim, pd), what)) { ck_primitive_free(p); return NULL; }
  for (int i = 0; i < sources; i++) {
    p->source_memory[i] = memory(dnnl_primitive_desc_query_md(pd, dnnl_query_src_md, i));
    p->args[p->arg_count++] = (dnnl_exec_arg_t){first_arg + i, p->source_memory[i]};
  }
  if (weights) { p->weights = memory(dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0)); p->args[p->arg_count++] = (dnnl_exec_arg_t){DNNL_ARG_WEIGHTS, p->weights}; }
  if (bias) { p->bias = memory(dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 1)); p->args[p->arg_count++] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, p->bias}; }
  p->dst = memory(dnnl_primitive_desc_query_md(pd, dnnl_query_dst_md, 0));
  p->args[p->arg_count++] = (dnnl_exec_arg_t){DNNL_ARG_DST, p->dst};
  p->scratch = memory(dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0));
  if (p->scratch) p->args[p->arg_count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, p->scratch};
  return p;
}
// Takes nothing over; frees attr.
static ck_primitive *build(const_dnnl_op_desc_t op, dnnl_primitive_attr_t attr, bool weights, bool bias, const char *what) {
  dnnl_primitive_desc_t pd = NULL;
  bool bad = !attr || failed(dnnl_primitive_desc_create(&pd, op, attr, engine, NULL), what);
  if (attr) dnnl_primitive_attr_destroy(attr);
  return bad ? NULL : finish(pd, 1, DNNL_ARG_SRC, weights, bias, what);
}
static bool any(dnnl_memory_desc_t *md, int n, const dnnl_dims_t dims) {
  return !failed(dnnl_memory_desc_init_by_tag(md, n, dims, dnnl_f32, dnnl_format_tag_any), "layout");
}

ck_primitive *ck_convolution_create(const ck_convolution *c) {
  if (!ready()) return NULL;
  int s = c->spatial, g = c->groups > 1;
  dnnl_dims_t src = {c->batch, c->in_channels}, dst = {c->batch, c->out_channels}, wei, bias = {c->out_channels};
  dnnl_dims_t strides, dilates, pl, pr;
  for (int i = 0; i < s; i++) {
    src[2 + i] = c->in[i]; dst[2 + i] = c->out[i]; strides[i] = c->stride[i]; dilates[i] = c->dilation[i] - 1;
    pl[i] = c->pad_begin[i]; pr[i] = c->pad_end[i];
  }
  // Caffe: convolution [O, I/g, k..], deconvolution [I, O/g, k..]; oneDNN wants [g, O/g, I/g, k..] for both.
  int n = 0;
  if (g) wei[n++] = c->groups;
  wei[n++] = c->out_channels / c->groups;
  wei[n++] = c->in_channels / c->groups;
  for (int i = 0; i < s; i++) wei[n++] = c->kernel[i];
  dnnl_dims_t ws;
  int64_t stride = 1;
  for (int i = n - 1; i >= 0; i--) { ws[i] = stride; stride *= wei[i]; }
  if (c->transposed) { // Caffe stores the I axis outside the O axis
    int o = g, in = g + 1;
    int64_t spatial = 1;
    for (int i = 0; i < s; i++) spatial *= c->kernel[i];
    ws[o] = spatial;
    ws[in] = spatial * wei[o];
  }
  dnnl_memory_desc_t sm, wm, bm, dm;
  if (!any(&sm, s + 2, src) || !any(&wm, n, wei) || !any(&dm, s + 2, dst)) return NULL;
  if (failed(dnnl_memory_desc_init_by_tag(&bm, 1, bias, dnnl_f32, dnnl_a), "bias")) return NULL;
  dnnl_primitive_attr_t attr = attributes(c->postop_count, c->postops);
  ck_primitive *p;
  if (c->transposed) {
    dnnl_deconvolution_desc_t d;
    if (failed(dnnl_dilated_deconvolution_forward_desc_init(&d, dnnl_forward_inference, dnnl_deconvolution_direct, &sm, &wm, c->has_bias ? &bm : NULL, &dm, strides, dilates, pl, pr), "deconvolution")) { dnnl_primitive_attr_destroy(attr); return NULL; }
    p = build(&d, attr, true, c->has_bias, "deconvolution");
  } else {
    dnnl_convolution_desc_t d;
    if (failed(dnnl_dilated_convolution_forward_desc_init(&d, dnnl_forward_inference, dnnl_convolution_direct, &sm, &wm, c->has_bias ? &bm : NULL, &dm, strides, dilates, pl, pr), "convolution")) { dnnl_primitive_attr_destroy(attr); return NULL; }
    p = build(&d, attr, true, c->has_bias, "convolution");
  }
  if (p && failed(dnnl_memory_desc_init_by_strides(&p->weights_plain, n, wei, dnnl_f32, ws), "weights")) { ck_primitive_free(p); return NULL; }
  return p;
}

ck_primitive *ck_inner_product_create(const ck_inner_product *c) {
  if (!ready()) return NULL;
  dnnl_dims_t src = {c->batch, c->inputs}, wei = {c->outputs, c->inputs}, dst = {c->batch, c->outputs}, bias = {c->outputs};
  dnnl_memory_desc_t sm, wm, bm, dm;
  if (!plain_desc(&sm, src, 2) || !any(&wm, 2, wei) || !plain_desc(&dm, dst, 2) || !plain_desc(&bm, bias, 1)) return NULL;
  dnnl_inner_product_desc_t d;
  if (failed(dnnl_inner_product_forward_desc_init(&d, dnnl_forward_inference, &sm, &wm, c->has_bias ? &bm : NULL, &dm), "inner product")) return NULL;
  ck_primitive *p = build(&d, attributes(c->postop_count, c->postops), true, c->has_bias, "inner product");
  if (p && !plain_desc(&p->weights_plain, wei, 2)) { ck_primitive_free(p); return NULL; }
  return p;
}

ck_primitive *ck_pooling_create(const ck_layout *src, const ck_pooling *c) {
  if (!ready()) return NULL;
  dnnl_dims_t dst = {src->md.dims[0], src->md.dims[1], c->out[0], c->out[1]};
  dnnl_memory_desc_t dm;
  if (!any(&dm, 4, dst)) return NULL;
  dnnl_alg_kind_t alg = c->kind == CK_POOL_MAX ? dnnl_pooling_max : c->kind == CK_POOL_AVE_INCLUDE_PAD ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding;
  dnnl_pooling_desc_t d;
  if (failed(dnnl_pooling_forward_desc_init(&d, dnnl_forward_inference, alg, &src->md, &dm, c->stride, c->kernel, c->pad_begin, c->pad_end), "pooling")) return NULL;
  return build(&d, attributes(0, NULL), false, false, "pooling");
}

ck_primitive *ck_eltwise_create(const ck_layout *src, ck_postop op) {
  if (!ready()) return NULL;
  static const dnnl_alg_kind_t algs[] = {dnnl_eltwise_relu, dnnl_eltwise_elu, dnnl_eltwise_tanh, dnnl_eltwise_logistic, dnnl_eltwise_abs,
    dnnl_eltwise_exp, dnnl_eltwise_log, dnnl_eltwise_soft_relu, dnnl_eltwise_linear, dnnl_eltwise_pow, dnnl_eltwise_clip, dnnl_eltwise_swish, dnnl_eltwise_sqrt};
  if (op.op >= CK_SUM) { snprintf(error_text, sizeof error_text, "not an element-wise function"); return NULL; }
  dnnl_eltwise_desc_t d;
  if (failed(dnnl_eltwise_forward_desc_init(&d, dnnl_forward_inference, algs[op.op], &src->md, op.alpha, op.beta), "eltwise")) return NULL;
  return build(&d, attributes(0, NULL), false, false, "eltwise");
}

bool ck_sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
              const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
  int before = omp_get_max_threads();
  omp_set_num_threads(1);
  dnnl_status_t status = dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  omp_set_num_threads(before);
  return !failed(status, "matrix product");
}

ck_primitive *ck_lrn_create(const ck_layout *src, int64_t size, float alpha, float beta, float k) {
  if (!ready()) return NULL;
  dnnl_lrn_desc_t d;
  if (failed(dnnl_lrn_forward_desc_init(&d, dnnl_forward_inference, dnnl_lrn_across_channels, &src->md, size, alpha, beta, k), "lrn")) return NULL;
  return build(&d, attributes(0, NULL), false, false, "lrn");
}

ck_primitive *ck_softmax_create(const ck_layout *src, int axis) {
  if (!ready()) return NULL;
  dnnl_softmax_desc_t d;
  if (failed(dnnl_softmax_forward_desc_init(&d, dnnl_forward_inference, &src->md, axis), "softmax")) return NULL;
  return build(&d, attributes(0, NULL), false, false, "softmax");
}

ck_primitive *ck_sum_create(const ck_layout *src, int count, const float *scales) {
  if (!ready() || count < 1 || count > MAX_SOURCES) return NULL;
  dnnl_memory_desc_t mds[MAX_SOURCES];
  for (int i = 0; i < count; i++) mds[i] = src->md;
  dnnl_primitive_attr_t attr = attributes(0, NULL);
  dnnl_primitive_desc_t pd = NULL;
  bool bad = !attr || failed(dnnl_sum_primitive_desc_create(&pd, &src->md, count, scales, mds, attr, engine), "sum");
  if (attr) dnnl_primitive_attr_destroy(attr);
  return bad ? NULL : finish(pd, count, DNNL_ARG_MULTIPLE_SRC, false, false, "sum");
}

ck_primitive *ck_concat_create(const ck_layout *const *srcs, int count, int axis, const ck_layout *dst) {
  if (!ready() || count < 1 || count > MAX_SOURCES) return NULL;
  dnnl_memory_desc_t mds[MAX_SOURCES];
  for (int i = 0; i < count; i++) mds[i] = srcs[i]->md;
  dnnl_primitive_attr_t attr = attributes(0, NULL);
  dnnl_primitive_desc_t pd = NULL;
  bool bad = !attr || failed(dnnl_concat_primitive_desc_create(&pd, &dst->md, count, axis, mds, attr, engine), "concat");
  if (attr) dnnl_primitive_attr_destroy(attr);
  return bad ? NULL : finish(pd, count, DNNL_ARG_MULTIPLE_SRC, false, false, "concat");
}

ck_primitive *ck_reorder_create(const ck_layout *from, const ck_layout *to) {
  if (!ready()) return NULL;
  dnnl_primitive_attr_t attr = attributes(0, NULL);
  dnnl_primitive_desc_t pd = NULL;
  bool bad = !attr || failed(dnnl_reorder_primitive_desc_create(&pd, &from->md, engine, &to->md, engine, attr), "reorder");
  if (attr) dnnl_primitive_attr_destroy(attr);
  return bad ? NULL : finish(pd, 1, DNNL_ARG_SRC, false, false, "reorder");
}

ck_layout *ck_primitive_layout(const ck_primitive *p, ck_role role) {
  const dnnl_memory_desc_t *md = NULL;
  switch (role) {
  case CK_SRC: md = dnnl_primitive_desc_query_md(p->pd, dnnl_query_src_md, 0); break;
  case CK_SRC1: md = dnnl_primitive_desc_query_md(p->pd, dnnl_query_src_md, 1); break;
  case CK_WEIGHTS: md = dnnl_primitive_desc_query_md(p->pd, dnnl_query_weights_md, 0); break;
  case CK_BIAS: md = dnnl_primitive_desc_query_md(p->pd, dnnl_query_weights_md, 1); break;
  case CK_DST: md = dnnl_primitive_desc_query_md(p->pd, dnnl_query_dst_md, 0); break;
  case CK_WORKSPACE: md = dnnl_primitive_desc_query_md(p->pd, dnnl_query_workspace_md, 0); break;
  }
  return md ? wrap(md) : NULL;
}
size_t ck_primitive_scratch_bytes(const ck_primitive *p) {
  const dnnl_memory_desc_t *md = dnnl_primitive_desc_query_md(p->pd, dnnl_query_scratchpad_md, 0);
  return md ? dnnl_memory_desc_get_size(md) : 0;
}
const char *ck_primitive_implementation(const ck_primitive *p) {
  const char *name = NULL;
  return dnnl_primitive_desc_query(p->pd, dnnl_query_impl_info_str, 0, &name) == dnnl_success && name ? name : "?";
}

bool ck_weights_pack(const ck_primitive *p, const float *caffe, void *packed) {
  const dnnl_memory_desc_t *want = dnnl_primitive_desc_query_md(p->pd, dnnl_query_weights_md, 0);
  dnnl_primitive_desc_t rpd = NULL;
  dnnl_primitive_t r = NULL;
  dnnl_memory_t from = NULL, to = NULL;
  bool ok = !failed(dnnl_reorder_primitive_desc_create(&rpd, &p->weights_plain, engine, want, engine, NULL), "packing weights")
    && !failed(dnnl_primitive_create(&r, rpd), "packing weights")
    && !failed(dnnl_memory_create(&from, &p->weights_plain, engine, (void *)(uintptr_t)caffe), "packing weights")
    && !failed(dnnl_memory_create(&to, want, engine, packed), "packing weights");
  if (ok) {
    dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    ok = !failed(dnnl_primitive_execute(r, stream, 2, args), "packing weights") && !failed(dnnl_stream_wait(stream), "packing weights");
  }
  if (from) dnnl_memory_destroy(from);
  if (to) dnnl_memory_destroy(to);
  if (r) dnnl_primitive_destroy(r);
  if (rpd) dnnl_primitive_desc_destroy(rpd);
  return ok;
}

bool ck_primitive_run(ck_primitive *p, const void *const *sources, int count, const void *weights, const void *bias, void *dst, void *scratch) {
  if (count != p->sources) { snprintf(error_text, sizeof error_text, "%d sources, %d expected", count, p->sources); return false; }
  for (int i = 0; i < count; i++) dnnl_memory_set_data_handle_v2(p->source_memory[i], (void *)(uintptr_t)sources[i], stream);
  if (p->weights) dnnl_memory_set_data_handle_v2(p->weights, (void *)(uintptr_t)weights, stream);
  if (p->bias) dnnl_memory_set_data_handle_v2(p->bias, (void *)(uintptr_t)bias, stream);
  dnnl_memory_set_data_handle_v2(p->dst, dst, stream);
  if (p->scratch) dnnl_memory_set_data_handle_v2(p->scratch, scratch, stream);
  return !failed(dnnl_primitive_execute(p->prim, stream, p->arg_count, p->args), "execution") && !failed(dnnl_stream_wait(stream), "execution");
}

// ---------------------------------------------------------------- threads
struct team { int parts; void (*body)(void *, int); void *context; };
static void team_main(void *data) {
  struct team *t = data;
  int threads = omp_get_num_threads();
  for (int i = omp_get_thread_num(); i < t->parts; i += threads) t->body(t->context, i);
}
void ck_parallel(int parts, void (*body)(void *, int), void *context) {
  struct team t = {parts, body, context};
  int threads = ck_threads();
  if (parts < 2 || threads < 2) { for (int i = 0; i < parts; i++) body(context, i); return; }
  GOMP_parallel(team_main, &t, (unsigned)(parts < threads ? parts : threads), 0);
}
