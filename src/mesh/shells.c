/* Shells: union-find over triangles' corners (Tarjan 1975, path halving), a signed volume each, and for those
 * turned inside out one ray each through a grid of triangles: a cavity lies inside the material of the other
 * shells, where their winding number is one. */
#include "shells_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"

#include <math.h>
#include <stdatomic.h>

typedef struct {
  const float *positions;
  const uint32_t *indices;
  uint32_t nv, nt;
  uint32_t *shell;  /* per vertex; parents first, then shell numbers */
  uint32_t *sample; /* per shell: its first triangle */
  double *volume;   /* per shell */
  uint32_t n;
} Shells;

static uint32_t find(uint32_t *parent, uint32_t i)
{
  while (parent[i] != i)
    i = parent[i] = parent[parent[i]];
  return i;
}

static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
  a = find(parent, a);
  b = find(parent, b);
  if (a < b)
    parent[b] = a;
  else
    parent[a] = b;
}

static double signed_volume(const Shells *s, const double about[3], size_t t)
{
  double p[3][3];
  for (int c = 0; c < 3; c++)
    for (int a = 0; a < 3; a++)
      p[c][a] = (double)s->positions[3 * (size_t)s->indices[3 * t + (size_t)c] + (size_t)a] - about[a];
  return (p[0][0] * (p[1][1] * p[2][2] - p[1][2] * p[2][1]) +
          p[0][1] * (p[1][2] * p[2][0] - p[1][0] * p[2][2]) +
          p[0][2] * (p[1][0] * p[2][1] - p[1][1] * p[2][0])) /
         6;
}

/* Into shell[v] the least vertex of v's piece. */
static void label_shells(uint32_t nv, uint32_t nt, const uint32_t *indices, uint32_t *shell)
{
  for (uint32_t v = 0; v < nv; v++)
    shell[v] = v;
  for (size_t t = 0; t < nt; t++) {
    const uint32_t *i = indices + 3 * t;
    join(shell, i[0], i[1]);
    join(shell, i[0], i[2]);
  }
  for (uint32_t v = 0; v < nv; v++)
    shell[v] = find(shell, v);
}

uint32_t hilum_mesh_number_shells(uint32_t n_vertices, uint32_t n_triangles, const uint32_t *indices,
                                  uint32_t *shell)
{
  label_shells(n_vertices, n_triangles, indices, shell);
  uint32_t n = 0;
  for (uint32_t v = 0; v < n_vertices;
       v++) /* roots are least: they have their number before it is asked for */
    shell[v] = shell[v] == v ? n++ : shell[shell[v]];
  return n;
}

/* Gives the shells numbers in the order of their first triangle and sums their volumes about a point of their
 * own, so that small shells far from the origin keep their digits. */
static bool number_shells(Shells *s, GError **error)
{
  uint32_t *number = hilum_big_alloc((size_t)s->nv * sizeof *number, error);
  if (!number) return false;
  for (uint32_t v = 0; v < s->nv; v++)
    number[v] = UINT32_MAX;
  g_autoptr(GArray) samples = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  for (uint32_t t = 0; t < s->nt; t++) {
    uint32_t root = s->shell[s->indices[3 * (size_t)t]];
    if (number[root] != UINT32_MAX) continue;
    number[root] = samples->len;
    g_array_append_val(samples, t);
  }
  for (uint32_t v = 0; v < s->nv; v++)
    s->shell[v] = number[s->shell[v]];
  hilum_big_free(number);
  s->n = samples->len;
  s->sample = (uint32_t *)(void *)g_array_free(g_steal_pointer(&samples), FALSE);
  s->volume = g_new0(double, (size_t)s->n + 1);
  for (size_t t = 0; t < s->nt; t++) {
    uint32_t shell = s->shell[s->indices[3 * t]];
    const float *p = s->positions + 3 * (size_t)s->indices[3 * (size_t)s->sample[shell]];
    s->volume[shell] += signed_volume(s, (double[3]){(double)p[0], (double)p[1], (double)p[2]}, t);
  }
  return true;
}

/* Triangles binned by their y-z box, for rays along x. */
typedef struct {
  const Shells *shells;
  double lo[2], cell[2];
  uint32_t n[2];
  uint32_t *first, *triangle;
} Bins;

static void bin_range(const Bins *b, size_t t, uint32_t range[2][2])
{
  for (int a = 0; a < 2; a++) {
    double lo = INFINITY, hi = -INFINITY;
    for (int c = 0; c < 3; c++) {
      double p =
          (double)b->shells->positions[3 * (size_t)b->shells->indices[3 * t + (size_t)c] + 1 + (size_t)a];
      lo = fmin(lo, p);
      hi = fmax(hi, p);
    }
    range[a][0] = (uint32_t)CLAMP((lo - b->lo[a]) / b->cell[a], 0.0, b->n[a] - 1.0);
    range[a][1] = (uint32_t)CLAMP((hi - b->lo[a]) / b->cell[a], 0.0, b->n[a] - 1.0);
  }
}

static bool fill_bins(Bins *b, const HilumMesh *mesh, GError **error)
{
  HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
  b->lo[0] = box.min.y - o.y;
  b->lo[1] = box.min.z - o.z;
  double size[2] = {box.max.y - box.min.y, box.max.z - box.min.z};
  for (int a = 0; a < 2; a++) {
    b->n[a] = (uint32_t)CLAMP(sqrt((double)b->shells->nt), 1.0, 1024.0);
    b->cell[a] = size[a] > 0 ? size[a] / b->n[a] : 1;
  }
  size_t cells = (size_t)b->n[0] * b->n[1];
  uint64_t *at = g_new0(uint64_t, cells + 1);
  uint32_t r[2][2];
  for (size_t t = 0; t < b->shells->nt; t++) {
    bin_range(b, t, r);
    for (uint32_t z = r[1][0]; z <= r[1][1]; z++)
      for (uint32_t y = r[0][0]; y <= r[0][1]; y++)
        at[(size_t)z * b->n[0] + y + 1]++;
  }
  for (size_t c = 0; c < cells; c++)
    at[c + 1] += at[c];
  bool ok = at[cells] <= UINT32_MAX;
  if (!ok)
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT,
                        "The surface has too many large triangles to tell its inside from its outside");
  b->triangle = ok ? hilum_big_alloc(at[cells] * sizeof *b->triangle, error) : NULL;
  if (b->triangle) {
    b->first = g_new(uint32_t, cells + 1);
    for (size_t c = 0; c <= cells; c++)
      b->first[c] = (uint32_t)at[c];
    for (size_t t = 0; t < b->shells->nt; t++) {
      bin_range(b, t, r);
      for (uint32_t z = r[1][0]; z <= r[1][1]; z++)
        for (uint32_t y = r[0][0]; y <= r[0][1]; y++)
          b->triangle[at[(size_t)z * b->n[0] + y]++] = (uint32_t)t;
    }
  }
  g_free(at);
  return b->triangle != NULL;
}

/* Signed crossings of the ray from p towards -x with triangle t: +1 where it enters material going outwards
 * from p, i.e. leaves it walking along the ray. */
static int crossing(const Shells *s, size_t t, const double p[3])
{
  double v[3][3];
  for (int c = 0; c < 3; c++)
    for (int a = 0; a < 3; a++)
      v[c][a] = (double)s->positions[3 * (size_t)s->indices[3 * t + (size_t)c] + (size_t)a] - p[a];
  double side[3];
  for (int c = 0; c < 3; c++) {
    const double *a = v[c], *b = v[(c + 1) % 3];
    side[c] = a[1] * b[2] - a[2] * b[1];
  }
  bool in = side[0] > 0 && side[1] > 0 && side[2] > 0, back = side[0] < 0 && side[1] < 0 && side[2] < 0;
  if (!in && !back) return 0;
  double sum = side[0] + side[1] + side[2];
  double x = (side[1] * v[0][0] + side[2] * v[1][0] + side[0] * v[2][0]) / sum;
  if (x >= 0) return 0;
  return back ? 1 : -1; /* a normal with negative x faces along the ray: material ends here */
}

/* Winding number of all other shells at a point of this one. */
static int winding(const Bins *b, uint32_t shell)
{
  const Shells *s = b->shells;
  const uint32_t *i = s->indices + 3 * (size_t)s->sample[shell];
  /* Off the centroid by uneven parts, so that the ray meets no edge of a regular mesh. */
  static const double weight[3] = {0.3171, 0.2913, 0.3916};
  double p[3] = {0, 0, 0};
  for (int c = 0; c < 3; c++)
    for (int a = 0; a < 3; a++)
      p[a] += weight[c] * (double)s->positions[3 * (size_t)i[c] + (size_t)a];
  uint32_t y = (uint32_t)CLAMP((p[1] - b->lo[0]) / b->cell[0], 0.0, b->n[0] - 1.0);
  uint32_t z = (uint32_t)CLAMP((p[2] - b->lo[1]) / b->cell[1], 0.0, b->n[1] - 1.0);
  size_t cell = (size_t)z * b->n[0] + y;
  int sum = 0;
  for (uint32_t k = b->first[cell]; k < b->first[cell + 1]; k++) {
    size_t t = b->triangle[k];
    if (s->shell[s->indices[3 * t]] != shell) sum += crossing(s, t, p);
  }
  return sum;
}

typedef struct {
  const Bins *bins;
  atomic_bool bad;
} Nesting;

static void check_nesting(size_t begin, size_t end, unsigned worker, void *data)
{
  Nesting *n = data;
  for (size_t i = begin; i < end; i++) {
    if (atomic_load(&n->bad)) return; /* one is enough; whichever it is, the answer is the same */
    double v = n->bins->shells->volume[i];
    if (v < 0 && winding(n->bins, (uint32_t)i) < 1) atomic_store(&n->bad, true);
  }
}

static bool judge(const HilumMesh *mesh, const Shells *s, bool *outward, GError **error)
{
  bool inverted = false;
  *outward = s->nt > 0;
  for (uint32_t i = 0; i < s->n; i++) {
    if (s->volume[i] == 0 || !isfinite(s->volume[i])) *outward = false;
    inverted |= s->volume[i] < 0;
  }
  if (!*outward || !inverted) return true;
  if (s->n == 1) {
    *outward = false;
    return true;
  }
  Bins bins = {.shells = s};
  bool ok = fill_bins(&bins, mesh, error);
  if (ok) {
    Nesting nesting = {.bins = &bins};
    atomic_init(&nesting.bad, false);
    hilum_parallel_for(s->n, 64, check_nesting, &nesting);
    *outward = !atomic_load(&nesting.bad);
  }
  g_free(bins.first);
  hilum_big_free(bins.triangle);
  return ok;
}

static void count_shells(const Shells *s, HilumMeshReport *report)
{
  report->shells = s->n;
  for (uint32_t i = 0; i < s->n; i++) {
    report->cavities += s->volume[i] < 0;
    report->largest_mm3 = fmax(report->largest_mm3, fabs(s->volume[i]));
  }
  for (uint32_t i = 0; i < s->n; i++)
    report->crumbs += 100 * fabs(s->volume[i]) < report->largest_mm3;
}

bool hilum_mesh_study_shells(const HilumMesh *mesh, HilumMeshReport *report, const HilumProgress *progress,
                             GError **error)
{
  Shells s = {.positions = hilum_mesh_get_positions(mesh),
              .indices = hilum_mesh_get_indices(mesh),
              .nv = hilum_mesh_get_vertex_count(mesh),
              .nt = hilum_mesh_get_triangle_count(mesh)};
  report->shells = report->cavities = report->crumbs = 0;
  report->largest_mm3 = 0;
  report->outward = false;
  s.shell = hilum_big_alloc((size_t)s.nv * sizeof *s.shell, error);
  if (!s.shell) return false;
  label_shells(s.nv, s.nt, s.indices, s.shell);
  bool ok = !hilum_progress_fail(progress, error) && number_shells(&s, error) &&
            judge(mesh, &s, &report->outward, error);
  if (ok) count_shells(&s, report);
  hilum_progress_step(progress, 1);
  hilum_big_free(s.shell);
  g_free(s.sample);
  g_free(s.volume);
  return ok;
}
