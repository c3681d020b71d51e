/* A surface remade through a field of signed distances.
 *
 * The size of the field is exact: the distance to the nearest triangle. Its sign is the winding number's:
 * along each row of the grid the crossings with all triangles are summed with their direction, so overlapping
 * pieces become one and what crosses itself is resolved (A. Jacobson, L. Kavan, O. Sorkine, Robust
 * inside-outside segmentation using generalized winding numbers, SIGGRAPH 2013, on closed meshes). Thickening
 * puts a ball of the wanted diameter at the middle of each inscribed ball that is smaller: a shape is the
 * union of its inscribed balls. Hollowing takes away what lies deeper than the wall. The surface is then
 * extracted as any other. */
#include "bvh_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/extract.h"
#include "hilum/mesh/verdict.h"
#include "repair_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8 };
#define MAX_POINTS 400000000.0
#define UNITS 4096 /* stored units for a distance of one spacing */

typedef struct {
  double x;
  int sign;
} Crossing;

typedef struct {
  HilumBvh bvh;
  double h, lo[3]; /* first grid point, in the mesh's frame */
  int32_t n[3];
  float *field;
  uint32_t *row_first; /* per row (y + n[1] z): crossings */
  Crossing *crossings;
  double band;   /* distances beyond are only known to be beyond */
  GArray *balls; /* Ball */
  const HilumProgress *progress;
} Remake;

typedef struct {
  double c[3], r;
} Ball;

/* Calls back for every row that a triangle's shadow along x holds. The sides' signs are exactly opposite for
 * the two triangles of an edge, so no row slips between them. */
static void cross_rows(Remake *m, size_t t, bool count, uint32_t *at)
{
  double p[3][3];
  int32_t range[2][2];
  hilum_triangle_corners(m->bvh.positions, m->bvh.indices, t, p);
  for (int a = 0; a < 2; a++) {
    const double lo = MIN(p[0][a + 1], MIN(p[1][a + 1], p[2][a + 1])),
                 hi = MAX(p[0][a + 1], MAX(p[1][a + 1], p[2][a + 1]));
    range[a][0] = MAX((int32_t)floor((lo - m->lo[a + 1]) / m->h), 0);
    range[a][1] = MIN((int32_t)ceil((hi - m->lo[a + 1]) / m->h), m->n[a + 1] - 1);
  }
  for (int32_t k = range[1][0]; k <= range[1][1]; k++)
    for (int32_t j = range[0][0]; j <= range[0][1]; j++) {
      const double y = m->lo[1] + j * m->h, z = m->lo[2] + k * m->h;
      double side[3];
      for (int c = 0; c < 3; c++) {
        const double *a = p[c], *b = p[(c + 1) % 3];
        side[c] = (a[1] - y) * (b[2] - z) - (a[2] - z) * (b[1] - y);
      }
      const bool up = side[0] > 0 && side[1] > 0 && side[2] > 0,
                 down = side[0] < 0 && side[1] < 0 && side[2] < 0;
      if (!up && !down) continue;
      uint32_t *slot = &at[(size_t)k * (size_t)m->n[1] + (size_t)j];
      if (!count) {
        const double x =
            (side[1] * p[0][0] + side[2] * p[1][0] + side[0] * p[2][0]) / (side[0] + side[1] + side[2]);
        m->crossings[*slot] = (Crossing){x, up ? -1 : 1}; /* a normal along +x: material ends */
      }
      ++*slot;
    }
}

static bool find_crossings(Remake *m, GError **error)
{
  const size_t rows = (size_t)m->n[1] * (size_t)m->n[2];
  g_autofree uint32_t *at = g_new0(uint32_t, rows + 1);
  for (size_t t = 0; t < m->bvh.n_triangles; t++)
    cross_rows(m, t, true, at);
  m->row_first = g_new0(uint32_t, rows + 1);
  for (size_t r = 0; r < rows; r++) {
    m->row_first[r + 1] = m->row_first[r] + at[r];
    at[r] = m->row_first[r];
  }
  m->crossings = hilum_big_alloc(((size_t)m->row_first[rows] + 1) * sizeof *m->crossings, error);
  if (!m->crossings) return false;
  for (size_t t = 0; t < m->bvh.n_triangles; t++)
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
  Remake *m = data;
  for (size_t row = begin; row < end; row++) {
    const size_t n = m->row_first[row + 1] - m->row_first[row];
    Crossing *c = m->crossings + m->row_first[row];
    qsort(c, n, sizeof *c, compare_crossings);
    float *out = m->field + row * (size_t)m->n[0];
    size_t next = 0;
    int winding = 0;
    for (int32_t i = 0; i < m->n[0]; i++) {
      const double x = m->lo[0] + i * m->h;
      while (next < n && c[next].x < x)
        winding += c[next++].sign;
      out[i] = winding > 0 ? -1 : 1;
    }
  }
}

static void fill_block(const Remake *m, const int32_t at[3], const int32_t end[3])
{
  double middle[3];
  for (int a = 0; a < 3; a++)
    middle[a] = m->lo[a] + (at[a] + (BLOCK - 1) / 2.0) * m->h;
  const double half = (BLOCK - 1) / 2.0 * sqrt(3) * m->h, reach = m->band + half;
  const HilumNearest near = hilum_bvh_nearest(&m->bvh, middle, reach * reach);
  for (int32_t k = at[2]; k < end[2]; k++)
    for (int32_t j = at[1]; j < end[1]; j++)
      for (int32_t i = at[0]; i < end[0]; i++) {
        float *f = &m->field[((size_t)k * (size_t)m->n[1] + (size_t)j) * (size_t)m->n[0] + (size_t)i];
        double d = m->band;
        if (near.triangle != UINT32_MAX) {
          const double p[3] = {m->lo[0] + i * m->h, m->lo[1] + j * m->h, m->lo[2] + k * m->h};
          d = sqrt(hilum_bvh_nearest(&m->bvh, p, m->band * m->band).d2);
        }
        *f *= (float)d;
      }
}

static void fill_layer(size_t begin, size_t end, unsigned worker, void *data)
{
  const Remake *m = data;
  const int32_t nb[2] = {(m->n[0] + BLOCK - 1) / BLOCK, (m->n[1] + BLOCK - 1) / BLOCK};
  for (size_t b = begin; b < end; b++) {
    if (hilum_progress_cancelled(m->progress)) return;
    const int32_t k = (int32_t)(b / (size_t)nb[1]), j = (int32_t)(b % (size_t)nb[1]);
    for (int32_t i = 0; i < nb[0]; i++) {
      const int32_t at[3] = {i * BLOCK, j * BLOCK, k * BLOCK};
      const int32_t until[3] = {MIN(at[0] + BLOCK, m->n[0]), MIN(at[1] + BLOCK, m->n[1]),
                                MIN(at[2] + BLOCK, m->n[2])};
      fill_block(m, at, until);
    }
  }
}

static void add_balls(size_t begin, size_t end, unsigned worker, void *data)
{
  Remake *m = data;
  for (size_t k = begin; k < end; k++) {
    const double z = m->lo[2] + (double)k * m->h;
    for (guint b = 0; b < m->balls->len; b++) {
      const Ball *ball = &g_array_index(m->balls, Ball, b);
      const double reach = ball->r + 3 * m->h;
      if (fabs(z - ball->c[2]) > reach) continue;
      int32_t lo[2], hi[2];
      for (int a = 0; a < 2; a++) {
        lo[a] = MAX((int32_t)ceil((ball->c[a] - reach - m->lo[a]) / m->h), 0);
        hi[a] = MIN((int32_t)floor((ball->c[a] + reach - m->lo[a]) / m->h), m->n[a] - 1);
      }
      for (int32_t j = lo[1]; j <= hi[1]; j++)
        for (int32_t i = lo[0]; i <= hi[0]; i++) {
          const double x = m->lo[0] + i * m->h - ball->c[0], y = m->lo[1] + j * m->h - ball->c[1],
                       dz = z - ball->c[2];
          float *f = &m->field[(k * (size_t)m->n[1] + (size_t)j) * (size_t)m->n[0] + (size_t)i];
          const float d = (float)(sqrt(x * x + y * y + dz * dz) - ball->r);
          if (d < *f) *f = d;
        }
    }
  }
}

/* A ball of the wanted size wherever the inscribed one is smaller. Linear interpolation on the grid and flat
 * triangles cut a ball by up to h^2 / 8r each: that much is added. */
static bool find_balls(Remake *m, const HilumMesh *mesh, double diameter, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh);
  float *ball = hilum_big_alloc(MAX(nv, 1u) * sizeof *ball, error);
  float *centers = ball ? hilum_big_alloc(3 * (size_t)MAX(nv, 1u) * sizeof *centers, error) : NULL;
  HilumThickness thickness;
  const bool good =
      centers && hilum_mesh_thickness(mesh, &thickness, NULL, ball, centers, m->progress, error);
  const double r = diameter / 2 + m->h * m->h / (2 * diameter) + 0.02 * m->h;
  for (uint32_t v = 0; good && v < nv; v++) {
    if (!((double)ball[v] < diameter)) continue;
    const float *c = centers + 3 * (size_t)v;
    const Ball b = {{(double)c[0], (double)c[1], (double)c[2]}, r};
    g_array_append_val(m->balls, b);
  }
  hilum_big_free(ball);
  hilum_big_free(centers);
  return good;
}

static bool lay_out(Remake *m, const HilumMesh *mesh, double margin, GError **error)
{
  const HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  const HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
  const double lo[3] = {box.min.x - o.x, box.min.y - o.y, box.min.z - o.z};
  const double size[3] = {box.max.x - box.min.x, box.max.y - box.min.y, box.max.z - box.min.z};
  double points = 1;
  for (int a = 0; a < 3; a++) {
    /* Off the lattice that the surface was made on: rows should not run along its edges. */
    m->lo[a] = lo[a] - margin - (0.1234567 + 0.05 * a) * m->h;
    const double n = ceil((size[a] + 2 * margin) / m->h) + 2;
    points *= n;
    m->n[a] = (int32_t)fmin(n, 32767);
  }
  if (points > MAX_POINTS) {
    g_set_error(
        error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT,
        "A grid of %g mm over this surface would have %.0f million points; choose a coarser resolution", m->h,
        points * 1e-6);
    return false;
  }
  m->field = hilum_big_alloc((size_t)points * sizeof *m->field, error);
  return m->field && hilum_bvh_init(&m->bvh, mesh, error);
}

static HilumVolume *to_volume(const Remake *m, HilumVec3 origin, double hollow, GError **error)
{
  HilumGrid grid = hilum_grid_new(m->n[0], m->n[1], m->n[2], m->h, m->h, m->h);
  grid.origin_mm = hilum_vec3_add(origin, hilum_vec3(m->lo[0], m->lo[1], m->lo[2]));
  const size_t count = hilum_grid_count(&grid);
  int16_t *voxels = hilum_big_alloc(count * sizeof *voxels, error);
  if (!voxels) return NULL;
  for (size_t i = 0; i < count; i++) {
    double d = (double)m->field[i];
    if (hollow > 0) d = MAX(d, -d - hollow);
    voxels[i] = (int16_t)lrint(CLAMP(-d / m->h * UNITS, -32767.0, 32767.0));
  }
  return hilum_volume_new_take(&grid, voxels, 1, 0, "", error);
}

HilumMesh *hilum_mesh_remake(HilumMesh *mesh, double resolution_mm, double min_diameter_mm, double hollow_mm,
                             uint64_t *thickened, const HilumProgress *progress, GError **error)
{
  const HilumProgress parts[2] = {hilum_progress_part(progress, 0, 0.3, NULL),
                                  hilum_progress_part(progress, 0.8, 1, NULL)};
  Remake m = {.h = resolution_mm, .progress = &parts[0], .band = 3 * resolution_mm + hollow_mm * 1.05};
  m.balls = g_array_new(FALSE, FALSE, sizeof(Ball));
  bool good = lay_out(&m, mesh, min_diameter_mm + 3 * resolution_mm, error) &&
              (min_diameter_mm <= 0 || find_balls(&m, mesh, min_diameter_mm, error)) &&
              find_crossings(&m, error);
  HilumMesh *result = NULL;
  *thickened = m.balls->len;
  if (good) {
    m.progress = progress;
    const size_t layers = (size_t)((m.n[2] + BLOCK - 1) / BLOCK) * (size_t)((m.n[1] + BLOCK - 1) / BLOCK);
    hilum_parallel_for((size_t)m.n[1] * (size_t)m.n[2], 64, sign_rows, &m);
    hilum_parallel_for(layers, 1, fill_layer, &m);
    hilum_parallel_for((size_t)m.n[2], 1, add_balls, &m);
    good = hilum_progress_step(progress, 0.8) && !hilum_progress_fail(progress, error);
    if (!good && error && !*error) hilum_progress_fail(progress, error);
  }
  if (good) {
    /* A little more than the wall asked for: where the outside is hollow, interpolation would make it
     * thinner. */
    const double wall = hollow_mm > 0 ? hollow_mm + resolution_mm / 8 : 0;
    g_autoptr(HilumVolume) volume = to_volume(&m, hilum_mesh_get_origin_mm(mesh), wall, error);
    result = volume ? hilum_mesh_extract_iso(volume, 0, NULL, &parts[1], error) : NULL;
  }
  hilum_big_free(m.field);
  hilum_big_free(m.crossings);
  g_free(m.row_first);
  g_array_unref(m.balls);
  hilum_bvh_clear(&m.bvh);
  return result;
}
