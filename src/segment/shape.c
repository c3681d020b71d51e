/* Extents and diameters of one structure.
 *
 * One pass over the structure's box finds the first and last voxel of every row (along i) and column (along
 * j) and exact integer moments. Everything else depends on these alone: a convex outline of a slice needs the
 * ends of its lines only, and a linear function over a row is largest at one of its ends. */
#include "hilum/segment/shape.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/segment/error.h"
#include "hull_private.h"
#include "row_extents_private.h"

#include <math.h>
#include <stdatomic.h>

typedef struct {
  uint64_t n;
  int64_t i, j, ii, jj, ij; /* sums over one slice, counted from the box's corner */
} SliceMoments;

typedef struct {
  HilumLabelSnapshot *labels;
  uint8_t label;
  HilumRowExtents rows;    /* along i, one for every (j, k) */
  HilumRowExtent *columns; /* along j, one for every (i, k), k slowest */
  SliceMoments *moments;   /* one a slice */
  uint8_t *slices;         /* per worker: the labels of a slice of the box */
  size_t slice_bytes;
  const HilumProgress *progress;
  atomic_size_t done;
} Scan;

static HilumRowExtent *column_at(const Scan *scan, int32_t i, int32_t k)
{
  const HilumVoxelBox *box = &scan->rows.box;
  return scan->columns + (size_t)(k - box->lo[2]) * (size_t)(box->hi[0] - box->lo[0]) +
         (size_t)(i - box->lo[0]);
}

static void extend(HilumRowExtent *extent, int32_t at)
{
  if (extent->begin == extent->end) extent->begin = at;
  extent->end = at + 1;
}

static void scan_row(Scan *scan, const uint8_t *labels, int32_t j, int32_t k, SliceMoments *m)
{
  const HilumVoxelBox *box = &scan->rows.box;
  HilumRowExtent *row = hilum_row_extents_at(&scan->rows, j, k);
  *row = (HilumRowExtent){0, 0};
  const int64_t y = j - box->lo[1];
  for (int32_t i = box->lo[0]; i < box->hi[0]; i++) {
    const int64_t x = i - box->lo[0];
    if (labels[x] != scan->label) continue;
    extend(row, i);
    extend(column_at(scan, i, k), j);
    m->n++;
    m->i += x;
    m->j += y;
    m->ii += x * x;
    m->jj += y * y;
    m->ij += x * y;
  }
}

static void scan_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Scan *scan = data;
  const HilumVoxelBox *box = &scan->rows.box;
  const size_t ni = (size_t)(box->hi[0] - box->lo[0]);
  uint8_t *labels = scan->slices + worker * scan->slice_bytes;
  for (size_t s = begin; s < end; s++) {
    const size_t done = atomic_fetch_add_explicit(&scan->done, 1, memory_order_relaxed);
    if (!hilum_progress_step(scan->progress, 0.7 * (double)done / (box->hi[2] - box->lo[2]))) return;
    HilumVoxelBox slice = *box;
    slice.lo[2] = box->lo[2] + (int32_t)s;
    slice.hi[2] = slice.lo[2] + 1;
    hilum_label_snapshot_read_box(scan->labels, slice, labels, ni, scan->slice_bytes);
    SliceMoments moments = {0};
    for (int32_t j = box->lo[1]; j < box->hi[1]; j++)
      scan_row(scan, labels + (size_t)(j - box->lo[1]) * ni, j, slice.lo[2], &moments);
    scan->moments[s] = moments;
  }
}

static bool scan_init(Scan *scan, HilumVoxelBox box, GError **error)
{
  const size_t ni = (size_t)(box.hi[0] - box.lo[0]), nk = (size_t)(box.hi[2] - box.lo[2]);
  scan->slice_bytes = ni * (size_t)(box.hi[1] - box.lo[1]);
  if (!hilum_row_extents_init(&scan->rows, box, error)) return false;
  scan->columns = hilum_big_alloc0(ni * nk * sizeof *scan->columns, error);
  scan->slices =
      scan->columns != NULL ? hilum_big_alloc(hilum_parallel_threads() * scan->slice_bytes, error) : NULL;
  scan->moments = g_new0(SliceMoments, nk);
  atomic_init(&scan->done, 0);
  return scan->slices != NULL;
}

static void scan_clear(Scan *scan)
{
  hilum_row_extents_clear(&scan->rows);
  hilum_big_free(scan->columns);
  hilum_big_free(scan->slices);
  g_free(scan->moments);
}

/* --- principal axes --- */

/* Covariance of the cells in millimetres, along the grid's axes: of their centres, from exact sums, and each
 * cell's own spread. */
static void covariance(const Scan *scan, const double s[3], double c[3][3])
{
  __int128 n = 0, sum[3] = {0}, product[3][3] = {{0}};
  const HilumVoxelBox *box = &scan->rows.box;
  for (int32_t k = 0; k < box->hi[2] - box->lo[2]; k++) {
    const SliceMoments *m = &scan->moments[k];
    n += m->n;
    sum[0] += m->i;
    sum[1] += m->j;
    sum[2] += (__int128)m->n * (uint64_t)k;
    product[0][0] += m->ii;
    product[1][1] += m->jj;
    product[0][1] += m->ij;
    product[2][2] += (__int128)m->n * (uint64_t)k * (uint64_t)k;
    product[0][2] += (__int128)m->i * k;
    product[1][2] += (__int128)m->j * k;
  }
  const double n2 = (double)n * (double)n;
  for (int a = 0; a < 3; a++)
    for (int b = a; b < 3; b++)
      c[a][b] = c[b][a] =
          (double)(n * product[a][b] - sum[a] * sum[b]) / n2 * s[a] * s[b] + (a == b ? s[a] * s[a] / 12 : 0);
}

/* Eigenvectors of a symmetric matrix by Jacobi's rotations: columns of v, values on the diagonal of a. */
static void diagonalise(double a[3][3], double v[3][3])
{
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 3; c++)
      v[r][c] = r == c;
  for (int sweep = 0; sweep < 32; sweep++)
    for (int p = 0; p < 2; p++)
      for (int q = p + 1; q < 3; q++) {
        if (fabs(a[p][q]) <= 1e-15 * (fabs(a[p][p]) + fabs(a[q][q]))) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
        const double c = 1 / sqrt(t * t + 1), s = t * c;
        for (int k = 0; k < 3; k++) {
          const double kp = a[k][p], kq = a[k][q];
          a[k][p] = c * kp - s * kq;
          a[k][q] = s * kp + c * kq;
        }
        for (int k = 0; k < 3; k++) {
          const double pk = a[p][k], qk = a[q][k];
          a[p][k] = c * pk - s * qk;
          a[q][k] = s * pk + c * qk;
          const double vp = v[k][p], vq = v[k][q];
          v[k][p] = c * vp - s * vq;
          v[k][q] = s * vp + c * vq;
        }
      }
}

static HilumVec3 with_positive_lead(HilumVec3 d)
{
  const double x = fabs(d.x), y = fabs(d.y), z = fabs(d.z);
  const double lead = x >= y && x >= z ? d.x : y >= z ? d.y : d.z;
  return lead < 0 ? hilum_vec3_scale(d, -1) : d;
}

static void principal_axes(const Scan *scan, const HilumGrid *grid, HilumVec3 axes[3])
{
  double c[3][3], v[3][3];
  int order[3] = {0, 1, 2};
  covariance(scan, grid->spacing_mm, c);
  diagonalise(c, v);
  for (int pass = 0; pass < 2; pass++)
    for (int n = 0; n < 2; n++)
      if (c[order[n + 1]][order[n + 1]] > c[order[n]][order[n]]) {
        const int swap = order[n];
        order[n] = order[n + 1];
        order[n + 1] = swap;
      }
  for (int n = 0; n < 2; n++) {
    HilumVec3 d = {0, 0, 0};
    for (int a = 0; a < 3; a++)
      d = hilum_vec3_madd(d, v[a][order[n]], grid->axes[a]);
    axes[n] = with_positive_lead(hilum_vec3_normalize(d));
  }
  axes[2] = hilum_vec3_normalize(hilum_vec3_cross(axes[0], axes[1]));
}

static double extent_along(const Scan *scan, const HilumGrid *grid, HilumVec3 d)
{
  const HilumVoxelBox *box = &scan->rows.box;
  double step[3], lo = INFINITY, hi = -INFINITY, cell = 0;
  for (int a = 0; a < 3; a++) {
    step[a] = hilum_vec3_dot(d, grid->axes[a]) * grid->spacing_mm[a];
    cell += fabs(step[a]);
  }
  for (int32_t k = box->lo[2]; k < box->hi[2]; k++)
    for (int32_t j = box->lo[1]; j < box->hi[1]; j++) {
      const HilumRowExtent *row = hilum_row_extents_at(&scan->rows, j, k);
      if (row->begin == row->end) continue;
      const double across = j * step[1] + k * step[2];
      const double p = across + row->begin * step[0], q = across + (row->end - 1) * step[0];
      lo = fmin(lo, fmin(p, q));
      hi = fmax(hi, fmax(p, q));
    }
  return hi - lo + cell;
}

/* --- diameters in slices --- */

/* A slice's coordinates: u along its lines, v across them. */
typedef struct {
  int stack, u, v; /* grid axes */
  double su, sv;   /* spacings */
} SliceFrame;

typedef struct {
  HilumCorner *corners; /* around the outline */
  size_t n;
} Outline;

static SliceFrame frame_of(int stack, const HilumGrid *grid)
{
  SliceFrame f = {.stack = stack, .u = stack == 0 ? 1 : 0, .v = stack == 2 ? 1 : 2};
  f.su = grid->spacing_mm[f.u];
  f.sv = grid->spacing_mm[f.v];
  return f;
}

static HilumRowExtent line_at(const Scan *scan, const SliceFrame *f, int32_t slice, int32_t line)
{
  const HilumVoxelBox *box = &scan->rows.box;
  if (line < box->lo[f->v] || line >= box->hi[f->v]) return (HilumRowExtent){0, 0};
  switch (f->stack) {
  case 0:
    return *column_at(scan, slice, line);
  case 1:
    return *hilum_row_extents_at(&scan->rows, slice, line);
  default:
    return *hilum_row_extents_at(&scan->rows, line, slice);
  }
}

/* The convex outline of a slice's cells. `right` is scratch, as long as the outline's corners. */
static void trace_outline(const Scan *scan, const SliceFrame *f, int32_t slice, Outline *out,
                          HilumCorner *right)
{
  const HilumVoxelBox *box = &scan->rows.box;
  size_t n_left = 0, n_right = 0;
  for (int32_t y = box->lo[f->v]; y <= box->hi[f->v]; y++) {
    const HilumRowExtent below = line_at(scan, f, slice, y - 1), above = line_at(scan, f, slice, y);
    const bool has_below = below.begin != below.end, has_above = above.begin != above.end;
    if (!has_below && !has_above) continue;
    const int32_t begin = !has_below ? above.begin : !has_above ? below.begin : MIN(below.begin, above.begin);
    const int32_t end = MAX(has_below ? below.end : INT32_MIN, has_above ? above.end : INT32_MIN);
    n_left = hilum_chain_push(out->corners, n_left, (HilumCorner){begin, y}, -1);
    n_right = hilum_chain_push(right, n_right, (HilumCorner){end, y}, 1);
  }
  for (size_t n = 0; n < n_right; n++)
    out->corners[n_left + n] = right[n_right - 1 - n];
  out->n = n_left + n_right;
}

typedef struct {
  double distance2;
  HilumCorner a, b;
} Widest;

static void widest_pair(const Outline *o, const SliceFrame *f, Widest *widest)
{
  for (size_t m = 0; m < o->n; m++)
    for (size_t n = 0; n < m; n++) {
      const double x = (o->corners[m].x - o->corners[n].x) * f->su;
      const double y = (o->corners[m].y - o->corners[n].y) * f->sv;
      if (x * x + y * y > widest->distance2) *widest = (Widest){x * x + y * y, o->corners[n], o->corners[m]};
    }
}

static HilumVec3 corner_mm(const HilumGrid *grid, const SliceFrame *f, int32_t slice, double x, double y)
{
  double at[3];
  at[f->stack] = slice;
  at[f->u] = x - 0.5;
  at[f->v] = y - 0.5;
  return hilum_grid_to_mm(grid, (HilumIndexPos){at[0], at[1], at[2]});
}

/* Where the outline is crossed by the line at right angles to the direction (dx, dy) at position t: the
 * smallest and largest coordinate across. */
static void chord_at(const Outline *o, const SliceFrame *f, double dx, double dy, double t, double *lo,
                     double *hi)
{
  *lo = INFINITY;
  *hi = -INFINITY;
  for (size_t n = 0; n < o->n; n++) {
    const HilumCorner p = o->corners[n], q = o->corners[(n + 1) % o->n];
    const double tp = p.x * f->su * dx + p.y * f->sv * dy, tq = q.x * f->su * dx + q.y * f->sv * dy;
    const double wp = p.y * f->sv * dx - p.x * f->su * dy, wq = q.y * f->sv * dx - q.x * f->su * dy;
    if (fmin(tp, tq) > t || fmax(tp, tq) < t) continue;
    const double share = tq != tp ? (t - tp) / (tq - tp) : 0;
    const double w = wp + share * (wq - wp);
    *lo = fmin(*lo, tq != tp ? w : fmin(wp, wq));
    *hi = fmax(*hi, tq != tp ? w : fmax(wp, wq));
  }
}

/* The length of a convex outline's chords is concave along the long axis, so the longest one passes through a
 * corner. */
static void find_perpendicular(const Outline *o, const SliceFrame *f, const Widest *widest,
                               const HilumGrid *grid, HilumPlaneDiameter *out)
{
  const double length = sqrt(widest->distance2);
  const double dx = (widest->b.x - widest->a.x) * f->su / length;
  const double dy = (widest->b.y - widest->a.y) * f->sv / length;
  double best = -1, at = 0, from = 0, to = 0;
  for (size_t n = 0; n < o->n; n++) {
    const double t = o->corners[n].x * f->su * dx + o->corners[n].y * f->sv * dy;
    double lo, hi;
    chord_at(o, f, dx, dy, t, &lo, &hi);
    if (!(hi - lo > best)) continue;
    best = hi - lo;
    at = t;
    from = lo;
    to = hi;
  }
  out->perpendicular_mm = best;
  out->c_mm = corner_mm(grid, f, out->slice, (at * dx - from * dy) / f->su, (at * dy + from * dx) / f->sv);
  out->d_mm = corner_mm(grid, f, out->slice, (at * dx - to * dy) / f->su, (at * dy + to * dx) / f->sv);
}

static void plane_diameter(const Scan *scan, const HilumGrid *grid, int stack, HilumPlaneDiameter *out)
{
  const SliceFrame f = frame_of(stack, grid);
  const HilumVoxelBox *box = &scan->rows.box;
  const size_t lines = (size_t)(box->hi[f.v] - box->lo[f.v]) + 1;
  g_autofree HilumCorner *corners = g_new(HilumCorner, 2 * lines), *right = g_new(HilumCorner, lines);
  Outline outline = {.corners = corners};
  Widest widest = {0};
  for (int32_t slice = box->lo[stack]; slice < box->hi[stack]; slice++) {
    const double before = widest.distance2;
    trace_outline(scan, &f, slice, &outline, right);
    widest_pair(&outline, &f, &widest);
    if (widest.distance2 > before) out->slice = slice;
  }
  out->diameter_mm = sqrt(widest.distance2);
  out->a_mm = corner_mm(grid, &f, out->slice, widest.a.x, widest.a.y);
  out->b_mm = corner_mm(grid, &f, out->slice, widest.b.x, widest.b.y);
  trace_outline(scan, &f, out->slice, &outline, right);
  find_perpendicular(&outline, &f, &widest, grid, out);
}

static void finish(const Scan *scan, const HilumGrid *grid, HilumStructureShape *shape)
{
  int axis_of[3];
  hilum_grid_anatomical_axes(grid, axis_of);
  principal_axes(scan, grid, shape->axes);
  for (int n = 0; n < 3; n++)
    shape->extents_mm[n] = extent_along(scan, grid, shape->axes[n]);
  plane_diameter(scan, grid, axis_of[2], &shape->planes[HILUM_SHAPE_AXIAL]);
  plane_diameter(scan, grid, axis_of[0], &shape->planes[HILUM_SHAPE_SAGITTAL]);
  plane_diameter(scan, grid, axis_of[1], &shape->planes[HILUM_SHAPE_CORONAL]);
}

bool hilum_structure_shape(HilumLabelSnapshot *labels, uint8_t label, HilumStructureShape *shape,
                           const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(labels != NULL && label != 0 && shape != NULL, false);
  const HilumVoxelBox box = hilum_label_snapshot_bounds(labels, label);
  if (hilum_voxel_box_is_empty(box)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
                        "The structure has no voxels.");
    return false;
  }
  *shape = (HilumStructureShape){0};
  Scan scan = {.labels = labels, .label = label, .progress = progress};
  bool ok = scan_init(&scan, box, error);
  if (ok) {
    hilum_parallel_for((size_t)(box.hi[2] - box.lo[2]), 4, scan_body, &scan);
    ok = !hilum_progress_fail(progress, error);
  }
  if (ok) finish(&scan, hilum_label_snapshot_get_grid(labels), shape);
  scan_clear(&scan);
  return ok;
}
