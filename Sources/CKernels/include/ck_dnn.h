// oneDNN behind a small C header: memory layouts and prepared primitives, float32, one CPU engine per process.
// Nothing here exits or throws: functions return NULL or false, ck_last_error() says why (per thread).
#ifndef CK_DNN_H
#define CK_DNN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_MAX_DIMS 6
#define CK_MAX_POSTOPS 8

const char *ck_last_error(void);
// "2.6.3, AVX-512"
const char *ck_dnn_version(void);
// Threads of primitives created, and of ck_parallel calls made, from now on by this thread.
void ck_set_threads(int threads);

// ---- layouts: immutable descriptions of how a float32 tensor lies in memory
typedef struct ck_layout ck_layout;
// C order. A rank of 0 is one element.
ck_layout *ck_layout_plain(const int64_t *dims, int rank);
// The same memory order idea as `like` (e.g. channels in blocks of 16) for other extents; NULL when it has none.
ck_layout *ck_layout_like(const ck_layout *like, const int64_t *dims, int rank);
// Channels (axis 1) in blocks of 8 or 16; rank 3 to 5.
ck_layout *ck_layout_blocked(const int64_t *dims, int rank, int block);
// Channels (axis 1) fastest: [N, spatial.., C]; rank 3 to 5.
ck_layout *ck_layout_channels_last(const int64_t *dims, int rank);
ck_layout *ck_layout_copy(const ck_layout *);
void ck_layout_free(ck_layout *);
bool ck_layout_equal(const ck_layout *, const ck_layout *);
bool ck_layout_is_plain(const ck_layout *);
size_t ck_layout_bytes(const ck_layout *);
// Channels per block when the layout is [N, C/b, spatial.., b] (b is 8 or 16, or 1 for C order); 0 for any other layout.
int ck_layout_channel_block(const ck_layout *);
bool ck_layout_is_channels_last(const ck_layout *);
// "plain", "blocked16", "channels last", "other"; for reports.
const char *ck_layout_name(const ck_layout *);

// ---- primitives
typedef struct ck_primitive ck_primitive;
typedef enum { CK_SRC, CK_SRC1, CK_WEIGHTS, CK_BIAS, CK_DST, CK_WORKSPACE } ck_role;

typedef enum { CK_RELU, CK_ELU, CK_TANH, CK_LOGISTIC, CK_ABS, CK_EXP, CK_LOG, CK_SOFT_RELU, CK_LINEAR, CK_POW, CK_CLIP, CK_SWISH, CK_SQRT, CK_SUM } ck_op;
// CK_RELU: alpha = negative slope. CK_ELU: alpha. CK_LINEAR: alpha*x+beta. CK_POW: alpha*x^beta. CK_CLIP: [alpha, beta].
// CK_SWISH: x / (1 + exp(-alpha*x)). CK_SUM: dst += alpha * old dst.
typedef struct { ck_op op; float alpha, beta; } ck_postop;

typedef struct {
  int spatial;                       // number of spatial axes, 1...3
  int64_t batch, in_channels, out_channels, groups;
  int64_t in[3], out[3], kernel[3], stride[3], pad_begin[3], pad_end[3], dilation[3]; // dilation 1 = dense
  bool has_bias, transposed;         // transposed: deconvolution; weights then [in][out/groups].. in Caffe's order
  int postop_count;
  ck_postop postops[CK_MAX_POSTOPS];
} ck_convolution;

typedef struct {
  int64_t batch, inputs, outputs;
  bool has_bias;
  int postop_count;
  ck_postop postops[CK_MAX_POSTOPS];
} ck_inner_product;

typedef enum { CK_POOL_MAX, CK_POOL_AVE_INCLUDE_PAD, CK_POOL_AVE_EXCLUDE_PAD } ck_pool_kind;
typedef struct {
  ck_pool_kind kind;
  int64_t in[2], out[2], kernel[2], stride[2], pad_begin[2], pad_end[2];
} ck_pooling;

ck_primitive *ck_convolution_create(const ck_convolution *);
// Source is [batch, inputs] in C order, weights [outputs, inputs].
ck_primitive *ck_inner_product_create(const ck_inner_product *);
ck_primitive *ck_pooling_create(const ck_layout *src, const ck_pooling *);
ck_primitive *ck_eltwise_create(const ck_layout *src, ck_postop);
// Across channels; alpha as in Caffe (divided by the size inside both).
ck_primitive *ck_lrn_create(const ck_layout *src, int64_t size, float alpha, float beta, float k);
ck_primitive *ck_softmax_create(const ck_layout *src, int axis);
// dst = sum_i scale[i] * src[i], all of layout `src`.
ck_primitive *ck_sum_create(const ck_layout *src, int count, const float *scales);
// Concatenation; `dst` says the layout, sources may have any.
ck_primitive *ck_concat_create(const ck_layout *const *srcs, int count, int axis, const ck_layout *dst);
ck_primitive *ck_reorder_create(const ck_layout *from, const ck_layout *to);
void ck_primitive_free(ck_primitive *);

// The layout the primitive wants or makes (a new object; free it). CK_WEIGHTS of a convolution: opaque, fill by ck_weights_pack.
ck_layout *ck_primitive_layout(const ck_primitive *, ck_role);
size_t ck_primitive_scratch_bytes(const ck_primitive *);
// Implementation name as oneDNN gives it, e.g. "jit:avx512_core".
const char *ck_primitive_implementation(const ck_primitive *);
// Reorders Caffe's C-order weights into what the primitive wants; `packed` has ck_layout_bytes of its CK_WEIGHTS.
bool ck_weights_pack(const ck_primitive *, const float *caffe_weights, void *packed);

// sources: `source_count` pointers (1, or `count` for sum and concat). weights, bias, scratch may be NULL where not used.
bool ck_primitive_run(ck_primitive *, const void *const *sources, int source_count, const void *weights, const void *bias,
                      void *dst, void *scratch);

// C = alpha * op(A) op(B) + beta * C on the calling thread, C order: op(A) is m x k, op(B) k x n, rows ld elements apart.
// With beta 0, C is not read.
bool ck_sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
              const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

// ---- one team of threads for oneDNN's loops and ours
// Calls body(context, part) for part in 0..<parts, spread over the thread team of oneDNN.
void ck_parallel(int parts, void (*body)(void *context, int part), void *context);
int ck_threads(void);
#endif
