/* Isosurface of an image volume: voxels to bits by one SIMD compare in stored units, then the common core.
 * Normals, if asked for, are central differences at the two voxels of the edge, blended like the position. */
#include "extract_private.h"

#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"

#include <math.h>
#include <stdatomic.h>

typedef struct {
  HilumExtraction *x;
  int16_t threshold;
  HilumProgress part;
  atomic_size_t done;
} Pack;

static void pack_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Pack *p = data;
  const HilumExtraction *x = p->x;
  size_t nx = (size_t)x->n[0], ny = (size_t)x->n[1];
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(x->progress)) return;
    for (size_t j = 0; j < ny; j++)
      x->kernels.row_i16(hilum_extraction_row(x, (int32_t)j + 1, (int32_t)k + 1),
                         x->voxels + (k * ny + j) * nx, nx, p->threshold);
    size_t done = atomic_fetch_add_explicit(&p->done, 1, memory_order_relaxed) + 1;
    hilum_progress_step(&p->part, (double)done / x->n[2]);
  }
}

static bool check_iso(const HilumVolume *volume, double iso, int16_t *threshold, GError **error)
{
  int16_t last;
  if (!isfinite(iso)) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "The value of the surface must be a number");
    return false;
  }
  if (!hilum_volume_stored_range(volume, iso, INFINITY, threshold, &last)) {
    double min, max;
    hilum_volume_get_range(volume, &min, &max);
    g_set_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                "There is no surface at %g: the image's values lie between %g and %g", iso, min, max);
    return false;
  }
  return true;
}

HilumMesh *hilum_mesh_extract_iso(const HilumVolume *volume, double iso, const HilumExtractOptions *options,
                                  const HilumProgress *progress, GError **error)
{
  const HilumGrid *g = hilum_volume_get_grid(volume);
  Pack pack = {.part = hilum_progress_part(progress, 0, 0.5, NULL)};
  if (!check_iso(volume, iso, &pack.threshold, error)) return NULL;
  HilumExtraction x;
  HilumVoxelBox box = {{0, 0, 0}, {g->dims[0], g->dims[1], g->dims[2]}};
  if (!hilum_extraction_init(&x, g, box, options, progress, error)) return NULL;
  x.voxels = hilum_volume_get_voxels(volume);
  x.iso_stored = (iso - hilum_volume_get_intercept(volume)) / hilum_volume_get_slope(volume);
  x.normals = options && options->gradient_normals;
  pack.x = &x;
  hilum_parallel_for((size_t)x.n[2], 1, pack_slices, &pack);
  HilumMesh *mesh = hilum_progress_fail(progress, error) ? NULL : hilum_extraction_run(&x, error);
  hilum_extraction_clear(&x);
  return mesh;
}

/* Differences per voxel step along each axis at one voxel, one-sided at the volume's border. */
static inline void gradient(const int16_t *v, const int32_t at[3], const int32_t n[3],
                            const ptrdiff_t stride[3], float out[3])
{
  for (int a = 0; a < 3; a++) {
    ptrdiff_t up = at[a] + 1 < n[a] ? stride[a] : 0, down = at[a] > 0 ? stride[a] : 0;
    float d = (float)((int32_t)v[up] - (int32_t)v[-down]);
    out[a] = up && down ? 0.5f * d : d;
  }
}

/* The same away from the border. */
static inline void inner_gradient(const int16_t *v, const ptrdiff_t stride[3], float out[3])
{
  for (int a = 0; a < 3; a++)
    out[a] = 0.5f * (float)((int32_t)v[stride[a]] - (int32_t)v[-stride[a]]);
}

/* True if voxels (at) and (at + 1 along axis) have all their neighbours. */
static inline bool is_inner(const int32_t at[3], const int32_t n[3], int axis)
{
  bool inner = true;
  for (int a = 0; a < 3; a++)
    inner &= at[a] > 0 && at[a] + 1 + (a == axis) < n[a];
  return inner;
}

/* Blended gradient of a vertex between two voxels of the image; `sign` is +1 if the first is the inside one.
 */
static inline float blend_gradients(const HilumExtraction *x, const ptrdiff_t stride[3], int32_t at[3],
                                    int axis, float u, float g[3])
{
  const int16_t *v = x->voxels + at[0] + at[1] * stride[1] + at[2] * stride[2], *w = v + stride[axis];
  float a[3], b[3];
  if (is_inner(at, x->n, axis)) {
    inner_gradient(v, stride, a);
    inner_gradient(w, stride, b);
  } else {
    gradient(v, at, x->n, stride, a);
    at[axis]++;
    gradient(w, at, x->n, stride, b);
  }
  for (int c = 0; c < 3; c++)
    g[c] = a[c] + u * (b[c] - a[c]);
  return *v > *w ? 1 : -1;
}

void hilum_extraction_normals(const HilumExtraction *x, float *out, const uint32_t *p, const double *t,
                              size_t n, int32_t j, int32_t k, int axis)
{
  ptrdiff_t stride[3] = {1, x->n[0], (ptrdiff_t)x->n[0] * x->n[1]};
  float to_mm[3][3]; /* gradient per voxel to mm, turned outwards: down the grey values */
  for (int a = 0; a < 3; a++) {
    HilumVec3 d = hilum_vec3_scale(x->grid.axes[a], -1 / x->grid.spacing_mm[a]);
    to_mm[a][0] = (float)d.x;
    to_mm[a][1] = (float)d.y;
    to_mm[a][2] = (float)d.z;
  }
  HilumVec3 d = x->grid.axes[axis];
  for (size_t i = 0; i < n; i++, out += 3) {
    int32_t at[3] = {(int32_t)p[i] - 1, j - 1, k - 1};
    bool from_padding = at[axis] < 0, to_padding = at[axis] + 1 >= x->n[axis];
    float g[3] = {0, 0, 0}, m[3], sign = to_padding ? 1 : -1;
    if (!from_padding && !to_padding) sign = blend_gradients(x, stride, at, axis, (float)t[i], g);
    for (int c = 0; c < 3; c++)
      m[c] = g[0] * to_mm[0][c] + g[1] * to_mm[1][c] + g[2] * to_mm[2][c];
    float l = sqrtf(m[0] * m[0] + m[1] * m[1] + m[2] * m[2]);
    /* At the padding, or where the grey values are symmetric around the surface: along the edge, outwards. */
    out[0] = l > 0 ? m[0] / l : sign * (float)d.x;
    out[1] = l > 0 ? m[1] / l : sign * (float)d.y;
    out[2] = l > 0 ? m[2] / l : sign * (float)d.z;
  }
}
