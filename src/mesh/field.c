/* Signed distances of a surface on a grid. */
#include "bvh_private.h"
#include "field_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/extract.h"

#include <math.h>
#include <stdlib.h>

enum { OUTSIDE = 3, BYTES = 16 /* a point: two fields, nearest triangles, voxels */ };
#define UNITS 4096 /* stored units for a distance of one spacing */

typedef struct {
  double x;
  int sign;
} Crossing;

typedef struct {
  const HilumMesh *mesh;
  HilumField *f;
  uint32_t *row_first; /* per row (y + n[1] z): crossings */
  Crossing *crossings;
} Crossings;

/* Counts, or notes, a crossing in every row that a triangle's shadow along x holds. The sides' signs are
 * exactly opposite for the two triangles of an edge, so no row slips between them. */
static void cross_rows(Crossings *m, size_t t, bool count, uint32_t *at)
{
  double p[3][3];
  int32_t range[2][2];
  hilum_triangle_corners(hilum_mesh_get_positions(m->mesh), hilum_mesh_get_indices(m->mesh), t, p);
  for (int a = 0; a < 2; a++) {
    const double lo = MIN(p[0][a + 1], MIN(p[1][a + 1], p[2][a + 1])),
                 hi = MAX(p[0][a + 1], MAX(p[1][a + 1], p[2][a + 1]));
    range[a][0] = MAX((int32_t)floor((lo - m->f->lo[a + 1]) / m->f->h), 0);
    range[a][1] = MIN((int32_t)ceil((hi - m->f->lo[a + 1]) / m->f->h), m->f->n[a + 1] - 1);
  }
  for (int32_t k = range[1][0]; k <= range[1][1]; k++)
    for (int32_t j = range[0][0]; j <= range[0][1]; j++) {
      const double y = m->f->lo[1] + j * m->f->h, z = m->f->lo[2] + k * m->f->h;
      double side[3];
      for (int c = 0; c < 3; c++) {
        const double *a = p[c], *b = p[(c + 1) % 3];
        side[c] = (a[1] - y) * (b[2] - z) - (a[2] - z) * (b[1] - y);
      }
      const bool up = side[0] > 0 && side[1] > 0 && side[2] > 0,
                 down = side[0] < 0 && side[1] < 0 && side[2] < 0;
      if (!up && !down) continue;
      uint32_t *slot = &at[(size_t)k * (size_t)m->f->n[1] + (size_t)j];
      if (!count) {
        const double x =
            (side[1] * p[0][0] + side[2] * p[1][0] + side[0] * p[2][0]) / (side[0] + side[1] + side[2]);
        m->crossings[*slot] = (Crossing){x, up ? -1 : 1}; /* a normal along +x: material ends */
      }
      ++*slot;
    }
}

static bool find_crossings(Crossings *m, GError **error)
{
  const size_t rows = (size_t)m->f->n[1] * (size_t)m->f->n[2];
  g_autofree uint32_t *at = g_new0(uint32_t, rows + 1);
  for (size_t t = 0; t < hilum_mesh_get_triangle_count(m->mesh); t++)
    cross_rows(m, t, true, at);
  m->row_first = g_new0(uint32_t, rows + 1);
  for (size_t r = 0; r < rows; r++) {
    m->row_first[r + 1] = m->row_first[r] + at[r];
    at[r] = m->row_first[r];
  }
  m->crossings = hilum_big_alloc(((size_t)m->row_first[rows] + 1) * sizeof *m->crossings, error);
  if (!m->crossings) return false;
  for (size_t t = 0; t < hilum_mesh_get_triangle_count(m->mesh); t++)
    cross_rows(m, t, false, at);
  return true;
}

static int compare_crossings(const void *a, const void *b)
{
  const Crossing *p = a, *q = b;
  if (p->x != q->x) return p->x < q->x ? -1 : 1;
  return q->sign - p->sign;
}

static void sign_rows(size_t begin, size_t end, unsigned worker, void *data)
{
  Crossings *m = data;
  for (size_t row = begin; row < end; row++) {
    const size_t n = m->row_first[row + 1] - m->row_first[row];
    Crossing *c = m->crossings + m->row_first[row];
    qsort(c, n, sizeof *c, compare_crossings);
    float *out = m->f->d + row * (size_t)m->f->n[0];
    size_t next = 0;
    int winding = 0;
    for (int32_t i = 0; i < m->f->n[0]; i++) {
      const double x = m->f->lo[0] + i * m->f->h;
      while (next < n && c[next].x < x)
        winding += c[next++].sign;
      out[i] = (float)(winding > 0 ? -m->f->band : OUTSIDE * m->f->h);
    }
  }
}

/* --- the grid --- */

static double lay_out(HilumBox box, HilumVec3 o, double h, double margin, double lo[3], int32_t n[3])
{
  const double from[3] = {box.min.x - o.x, box.min.y - o.y, box.min.z - o.z};
  const double size[3] = {box.max.x - box.min.x, box.max.y - box.min.y, box.max.z - box.min.z};
  double points = 1;
  for (int a = 0; a < 3; a++) {
    /* Off the lattice that the surface was made on: rows should not run along its edges. */
    lo[a] = from[a] - margin - (0.1234567 + 0.05 * a) * h;
    const double count = ceil((size[a] + 2 * margin) / h) + 2;
    points *= count;
    n[a] = (int32_t)fmin(count, 32767);
  }
  return points;
}

double hilum_field_most(void)
{
  return fmin(4e8, (double)hilum_memory_budget() / BYTES);
}

double hilum_field_count(HilumBox bounds_mm, double h, double margin)
{
  double lo[3];
  int32_t n[3];
  return lay_out(bounds_mm, bounds_mm.min, h, margin, lo, n);
}

bool hilum_field_init(HilumField *field, const HilumMesh *mesh, double h, double margin, double band,
                      double exact_at, const HilumProgress *progress, GError **error)
{
  *field = (HilumField){.h = h, .band = band};
  const double points =
      lay_out(hilum_mesh_get_bounds_mm(mesh), hilum_mesh_get_origin_mm(mesh), h, margin, field->lo, field->n);
  if (points > hilum_field_most()) {
    g_set_error(
        error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT,
        "A grid of %g mm over this surface would have %.0f million points; choose a coarser resolution", h,
        points * 1e-6);
    return false;
  }
  field->d = hilum_big_alloc((size_t)points * sizeof *field->d, error);
  if (!field->d) return false;
  Crossings m = {.mesh = mesh, .f = field};
  const bool good = find_crossings(&m, error);
  if (good) hilum_parallel_for((size_t)field->n[1] * (size_t)field->n[2], 64, sign_rows, &m);
  hilum_big_free(m.crossings);
  g_free(m.row_first);
  const HilumFieldAsk ask = {field->d, -INFINITY, INFINITY, band, OUTSIDE * h, exact_at};
  return good &&
         hilum_field_distances(field, hilum_mesh_get_origin_mm(mesh), mesh, &ask, field->d, progress, error);
}

void hilum_field_clear(HilumField *field)
{
  hilum_big_free(field->d);
  field->d = NULL;
}

/* --- balls --- */

typedef struct {
  const HilumField *f;
  float *d;
  const HilumBall *balls;
  size_t n;
} Balls;

static void add_ball(const Balls *w, const HilumBall *ball, int32_t k)
{
  const HilumField *f = w->f;
  const double reach = ball->r + 3 * f->h, dz = f->lo[2] + k * f->h - ball->c[2];
  int32_t lo[2], hi[2];
  if (fabs(dz) > reach) return;
  for (int a = 0; a < 2; a++) {
    lo[a] = MAX((int32_t)ceil((ball->c[a] - reach - f->lo[a]) / f->h), 0);
    hi[a] = MIN((int32_t)floor((ball->c[a] + reach - f->lo[a]) / f->h), f->n[a] - 1);
  }
  for (int32_t j = lo[1]; j <= hi[1]; j++)
    for (int32_t i = lo[0]; i <= hi[0]; i++) {
      const double x = f->lo[0] + i * f->h - ball->c[0], y = f->lo[1] + j * f->h - ball->c[1];
      float *at = &w->d[((size_t)k * (size_t)f->n[1] + (size_t)j) * (size_t)f->n[0] + (size_t)i];
      const float d = (float)(sqrt(x * x + y * y + dz * dz) - ball->r);
      if (d < *at) *at = d;
    }
}

static void add_balls(size_t begin, size_t end, unsigned worker, void *data)
{
  const Balls *w = data;
  for (size_t k = begin; k < end; k++)
    for (size_t b = 0; b < w->n; b++)
      add_ball(w, &w->balls[b], (int32_t)k);
}

void hilum_field_add_balls(const HilumField *field, float *d, const HilumBall *balls, size_t n)
{
  Balls w = {field, d, balls, n};
  if (n == 1) { /* one ball touches few slices */
    const double reach = balls->r + 3 * field->h;
    const int32_t lo = MAX((int32_t)ceil((balls->c[2] - reach - field->lo[2]) / field->h), 0),
                  hi = MIN((int32_t)floor((balls->c[2] + reach - field->lo[2]) / field->h), field->n[2] - 1);
    for (int32_t k = lo; k <= hi; k++)
      add_ball(&w, balls, k);
    return;
  }
  hilum_parallel_for((size_t)field->n[2], 1, add_balls, &w);
}

double hilum_field_at(const HilumField *field, const float *d, const double p[3])
{
  double share[3], sum = 0;
  int32_t at[3];
  for (int a = 0; a < 3; a++) {
    const double x = CLAMP((p[a] - field->lo[a]) / field->h, 0, field->n[a] - 1.001);
    at[a] = (int32_t)x;
    share[a] = x - at[a];
  }
  for (int corner = 0; corner < 8; corner++) {
    double weight = 1;
    for (int a = 0; a < 3; a++)
      weight *= corner >> a & 1 ? share[a] : 1 - share[a];
    sum += weight * (double)d[hilum_field_index(field, at[0] + (corner & 1), at[1] + (corner >> 1 & 1),
                                                at[2] + (corner >> 2))];
  }
  return sum;
}

/* --- out --- */

typedef struct {
  const float *d;
  double level, hollow, scale;
  int16_t *voxels;
} Store;

static void store(size_t begin, size_t end, unsigned worker, void *data)
{
  const Store *w = data;
  for (size_t i = begin; i < end; i++) {
    double d = (double)w->d[i];
    if (w->hollow > 0) d = MAX(d, -d - w->hollow);
    w->voxels[i] = (int16_t)lrint(CLAMP((w->level - d) * w->scale, -32767.0, 32767.0));
  }
}

HilumMesh *hilum_field_extract(const HilumField *field, const float *d, HilumVec3 origin_mm, double level,
                               double hollow, const HilumProgress *progress, GError **error)
{
  HilumGrid grid = hilum_grid_new(field->n[0], field->n[1], field->n[2], field->h, field->h, field->h);
  grid.origin_mm = hilum_vec3_add(origin_mm, hilum_vec3(field->lo[0], field->lo[1], field->lo[2]));
  const size_t count = hilum_grid_count(&grid);
  int16_t *voxels = hilum_big_alloc(count * sizeof *voxels, error);
  if (!voxels) return NULL;
  Store w = {d, level, hollow, UNITS / field->h, voxels};
  hilum_parallel_for(count, 1 << 16, store, &w);
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "", error);
  return volume ? hilum_mesh_extract_iso(volume, 0, NULL, progress, error) : NULL;
}
