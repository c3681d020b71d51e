/* Decimation: quadric edge collapse (Garland and Heckbert 1997) with the optimal place of each new vertex, in
 * spatial blocks that fit a core's cache.
 *
 * Blocks collapse side by side; what triangles of two blocks share is locked, and a second phase with blocks
 * shifted by half a block does the seams. The blocks stop together: after every quarter of an octave of cost
 * their triangles are counted, so that the order of collapses over the whole mesh is that of one queue to
 * within 19 % of cost, and the wanted number is met exactly. What the result must keep to is judged in
 * decimate_within.c. */
#include "decimate_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <string.h>

enum { BLOCK_VERTICES = 6000, GRAIN = 32768, MAX_CELLS = 1 << 18, MAX_PHASES = 4 };
#define STRADDLES UINT32_MAX

typedef struct {
  HilumDecimateMesh *mesh;
  double lo[3], side, shift;
  uint32_t n[3], n_cells;
  uint32_t *cell;     /* per vertex */
  uint32_t *local;    /* per vertex: its place in its block */
  uint32_t *vertices; /* by block */
  uint32_t *triangles;
  uint32_t *first_vertex, *first_triangle; /* n_cells + 1 */
  uint32_t n_straddling;
  bool *seam;
  bool add_planes;
  HilumDecimateBlock **blocks; /* n_cells; NULL where there is nothing to do */
  unsigned last;
  uint32_t *budget, *done;
  uint32_t *out, *out_first; /* where each block stores its triangles */
} Phase;

static void cell_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Phase *p = data;
  for (size_t v = begin; v < end; v++) {
    uint32_t cell = 0;
    for (int a = 2; a >= 0; a--) {
      const double x = ((double)p->mesh->positions[3 * v + (size_t)a] - p->lo[a]) / p->side + p->shift;
      cell = cell * p->n[a] + (uint32_t)CLAMP(x, 0.0, p->n[a] - 1.0);
    }
    p->cell[v] = cell;
  }
}

static uint32_t block_of(const Phase *p, size_t t)
{
  const uint32_t *i = p->mesh->indices + 3 * t;
  const uint32_t c = p->cell[i[0]];
  return c == p->cell[i[1]] && c == p->cell[i[2]] ? c : STRADDLES;
}

static void prefix(uint32_t *first, uint32_t n)
{
  for (uint32_t c = 0; c < n; c++)
    first[c + 1] += first[c];
}

/* Stable counting sorts of vertices and triangles by block. Vertices that no triangle of their block uses
 * cost a place, nothing else. */
static void sort_into_blocks(Phase *p)
{
  HilumDecimateMesh *m = p->mesh;
  for (uint32_t v = 0; v < m->nv; v++)
    p->first_vertex[p->cell[v] + 1]++;
  prefix(p->first_vertex, p->n_cells);
  g_autofree uint32_t *at = g_memdup2(p->first_vertex, ((size_t)p->n_cells + 1) * sizeof *at);
  for (uint32_t v = 0; v < m->nv; v++) {
    p->local[v] = at[p->cell[v]] - p->first_vertex[p->cell[v]];
    p->vertices[at[p->cell[v]]++] = v;
  }
  for (size_t t = 0; t < m->nt; t++) {
    const uint32_t b = block_of(p, t);
    if (b != STRADDLES)
      p->first_triangle[b + 1]++;
    else
      p->n_straddling++;
  }
  prefix(p->first_triangle, p->n_cells);
  memcpy(at, p->first_triangle, ((size_t)p->n_cells + 1) * sizeof *at);
  uint32_t straddling = 0;
  for (size_t t = 0; t < m->nt; t++) {
    const uint32_t b = block_of(p, t);
    if (b != STRADDLES) {
      p->triangles[at[b]++] = (uint32_t)t;
      continue;
    }
    const uint32_t *i = m->indices + 3 * t;
    float a[6], area;
    hilum_quadric_planes(m->positions + 3 * (size_t)i[0], m->positions + 3 * (size_t)i[1],
                         m->positions + 3 * (size_t)i[2], a, &area);
    for (int c = 0; c < 3; c++) {
      p->seam[i[c]] = true;
      if (p->add_planes) hilum_quadric_add_planes(&m->quadrics[i[c]], a, area);
      p->out[straddling++] = i[c];
    }
  }
}

static void build_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Phase *p = data;
  for (size_t b = begin; b < end; b++) {
    const uint32_t v = p->first_vertex[b], t = p->first_triangle[b];
    if (p->first_triangle[b + 1] > t)
      p->blocks[b] =
          hilum_decimate_block_new(p->mesh, p->vertices + v, p->first_vertex[b + 1] - v, p->triangles + t,
                                   p->first_triangle[b + 1] - t, p->local, p->seam, p->add_planes);
  }
}

static void run_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Phase *p = data;
  for (size_t b = begin; b < end; b++)
    p->done[b] = p->blocks[b] ? hilum_decimate_block_run(p->blocks[b], p->last, p->budget[b]) : 0;
}

static void store_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Phase *p = data;
  for (size_t b = begin; b < end; b++) {
    if (!p->blocks[b]) continue;
    hilum_decimate_block_store(p->blocks[b], p->out + 3 * (size_t)p->out_first[b]);
    hilum_decimate_block_free(p->blocks[b]);
  }
}

static uint32_t count(const Phase *p)
{
  uint32_t n = p->n_straddling;
  for (uint32_t b = 0; b < p->n_cells; b++)
    if (p->blocks[b]) n += hilum_decimate_block_triangles(p->blocks[b]);
  return n;
}

/* Gives each block its share of the `need` collapses by what waits in it up to bucket p->last; returns what
 * waits. */
static uint64_t share(Phase *p, uint32_t need)
{
  uint64_t all = 0, so_far = 0;
  for (uint32_t b = 0; b < p->n_cells; b++)
    all += p->done[b] = p->blocks[b] ? hilum_decimate_block_waiting(p->blocks[b], p->last) : 0;
  for (uint32_t b = 0; b < p->n_cells && all > 0; b++) {
    const uint64_t before = so_far * need / all;
    so_far += p->done[b];
    p->budget[b] = (uint32_t)(so_far * need / all - before);
  }
  return all;
}

static void run_blocks(Phase *p, uint32_t target, const HilumProgress *progress)
{
  const uint32_t at_first = count(p);
  uint32_t total = at_first;
  p->last = 0;
  while (total > target && p->last < HILUM_DECIMATE_BUCKETS) {
    if (!hilum_progress_step(progress, (double)(at_first - total) / (at_first - target))) return;
    const uint32_t need = (total - target + 1) / 2;
    /* Few rounds, since every round fetches every block from memory: of what waits a third or so will be
     * collapsed. */
    while (p->last < HILUM_DECIMATE_BUCKETS - 1 && share(p, need) < 2 * (uint64_t)need)
      p->last++;
    if (share(p, need) > 0) hilum_parallel_for(p->n_cells, 1, run_chunk, p);
    const uint32_t before = total;
    total = count(p);
    if (total == before) p->last++;
  }
}

static bool lay_out(Phase *p, HilumBox box, double side, GError **error)
{
  const double lo[3] = {box.min.x, box.min.y, box.min.z}, hi[3] = {box.max.x, box.max.y, box.max.z};
  for (;; side *= 1.3) {
    uint64_t cells = 1;
    for (int a = 0; a < 3; a++) {
      p->lo[a] = lo[a];
      p->n[a] = (uint32_t)fmin(floor((hi[a] - lo[a]) / side + p->shift), MAX_CELLS) + 1;
      cells *= p->n[a];
    }
    p->side = side;
    p->n_cells = (uint32_t)MIN(cells, UINT32_MAX);
    if (cells <= MAX_CELLS) break;
  }
  const size_t nv = p->mesh->nv, nt = p->mesh->nt;
  p->cell = hilum_big_alloc(nv * sizeof *p->cell, error);
  if (p->cell) p->local = hilum_big_alloc(nv * sizeof *p->local, error);
  if (p->local) p->vertices = hilum_big_alloc(nv * sizeof *p->vertices, error);
  if (p->vertices) p->triangles = hilum_big_alloc(nt * sizeof *p->triangles, error);
  if (p->triangles) p->seam = hilum_big_alloc0(nv * sizeof *p->seam, error);
  if (p->seam) p->out = hilum_big_alloc(3 * nt * sizeof *p->out, error);
  p->first_vertex = g_new0(uint32_t, (size_t)p->n_cells + 1);
  p->first_triangle = g_new0(uint32_t, (size_t)p->n_cells + 1);
  p->blocks = g_new0(HilumDecimateBlock *, p->n_cells);
  p->budget = g_new0(uint32_t, p->n_cells);
  p->done = g_new0(uint32_t, p->n_cells);
  p->out_first = g_new0(uint32_t, (size_t)p->n_cells + 1);
  return p->out != NULL;
}

static void clear_phase(Phase *p)
{
  hilum_big_free(p->cell);
  hilum_big_free(p->local);
  hilum_big_free(p->vertices);
  hilum_big_free(p->triangles);
  hilum_big_free(p->seam);
  hilum_big_free(p->out);
  g_free(p->first_vertex);
  g_free(p->first_triangle);
  g_free(p->blocks);
  g_free(p->budget);
  g_free(p->done);
  g_free(p->out_first);
}

/* The triangles that are left take the place of the mesh's. */
static void store_blocks(Phase *p)
{
  uint32_t at = p->n_straddling;
  for (uint32_t b = 0; b < p->n_cells; b++) {
    p->out_first[b] = at;
    if (p->blocks[b]) at += hilum_decimate_block_triangles(p->blocks[b]);
  }
  hilum_parallel_for(p->n_cells, 1, store_chunk, p);
  hilum_big_free(p->mesh->indices);
  p->mesh->indices = g_steal_pointer(&p->out);
  p->mesh->nt = at;
}

/* Of what is to go, the first phase leaves some to the seams, which it cannot reach. */
static bool run_phase(HilumDecimateMesh *mesh, HilumBox box, double side, double shift, bool first,
                      uint32_t target, const HilumProgress *progress, GError **error)
{
  Phase p = {.mesh = mesh, .shift = shift, .add_planes = first};
  bool good = lay_out(&p, box, side, error);
  if (good) {
    hilum_parallel_for(mesh->nv, GRAIN, cell_chunk, &p);
    sort_into_blocks(&p);
    hilum_parallel_for(p.n_cells, 1, build_chunk, &p);
    const uint32_t inside = mesh->nt - p.n_straddling;
    if (first && p.n_straddling > 0) {
      const double keep = fmin(1, 1.12 * target / mesh->nt);
      target = MAX(target, p.n_straddling + (uint32_t)(keep * inside));
    }
    if (target < mesh->nt) run_blocks(&p, target, progress);
    store_blocks(&p);
    good = !hilum_progress_fail(progress, error);
  }
  clear_phase(&p);
  return good;
}

typedef struct {
  const HilumDecimateMesh *mesh;
  double *area;
} AreaWork;

static void area_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  AreaWork *w = data;
  double sum = 0;
  for (size_t t = begin; t < end; t++) {
    const uint32_t *i = w->mesh->indices + 3 * t;
    float a[6], area;
    hilum_quadric_planes(w->mesh->positions + 3 * (size_t)i[0], w->mesh->positions + 3 * (size_t)i[1],
                         w->mesh->positions + 3 * (size_t)i[2], a, &area);
    sum += (double)area;
  }
  w->area[begin / GRAIN] = sum;
}

/* A block's side such that a plain patch of it has BLOCK_VERTICES. */
static double block_side(const HilumDecimateMesh *m)
{
  const size_t chunks = hilum_parallel_chunks(m->nt, GRAIN);
  g_autofree double *area = g_new0(double, chunks + 1);
  AreaWork w = {m, area};
  hilum_parallel_for(m->nt, GRAIN, area_chunk, &w);
  double sum = 0;
  for (size_t c = 0; c < chunks; c++)
    sum += area[c];
  return fmax(sqrt(sum / MAX(m->nv, 1u) * BLOCK_VERTICES), 1e-3);
}

static void clear_mesh(HilumDecimateMesh *m)
{
  hilum_big_free(m->positions);
  hilum_big_free(m->quadrics);
  hilum_big_free(m->indices);
  hilum_big_free(m->fixed);
}

static bool copy_mesh(HilumDecimateMesh *m, const HilumMesh *mesh, const float *limit, GError **error)
{
  *m =
      (HilumDecimateMesh){.nv = hilum_mesh_get_vertex_count(mesh), .nt = hilum_mesh_get_triangle_count(mesh)};
  const size_t nv = m->nv, nt = m->nt;
  m->positions = hilum_big_alloc(3 * nv * sizeof *m->positions, error);
  if (m->positions) m->quadrics = hilum_big_alloc0(nv * sizeof *m->quadrics, error);
  if (m->quadrics) m->indices = hilum_big_alloc(3 * nt * sizeof *m->indices, error);
  if (m->indices) m->fixed = hilum_big_alloc0(nv * sizeof *m->fixed, error);
  if (!m->fixed) {
    clear_mesh(m);
    return false;
  }
  memcpy(m->positions, hilum_mesh_get_positions(mesh), 3 * nv * sizeof *m->positions);
  memcpy(m->indices, hilum_mesh_get_indices(mesh), 3 * nt * sizeof *m->indices);
  for (size_t v = 0; v < nv; v++) {
    m->quadrics[v].limit2 = limit ? limit[v] * limit[v] : INFINITY;
    m->fixed[v] = limit && limit[v] <= 0;
  }
  return true;
}

/* The used vertices in their old order. */
static HilumMesh *finish(HilumDecimateMesh *m, HilumVec3 origin, GError **error)
{
  uint32_t *number = hilum_big_alloc0((size_t)m->nv * sizeof *number, error);
  if (!number) return NULL;
  uint32_t n = 0;
  for (size_t i = 0; i < 3 * (size_t)m->nt; i++)
    number[m->indices[i]] = 1;
  for (uint32_t v = 0; v < m->nv; v++) {
    if (!number[v]) continue;
    memmove(m->positions + 3 * (size_t)n, m->positions + 3 * (size_t)v, 3 * sizeof *m->positions);
    number[v] = n++;
  }
  uint32_t *indices = hilum_big_alloc(3 * (size_t)m->nt * sizeof *indices, error);
  float *positions = indices ? hilum_big_alloc(3 * (size_t)n * sizeof *positions, error) : NULL;
  if (positions) {
    for (size_t i = 0; i < 3 * (size_t)m->nt; i++)
      indices[i] = number[m->indices[i]];
    memcpy(positions, m->positions, 3 * (size_t)n * sizeof *positions);
  }
  hilum_big_free(number);
  if (positions) return hilum_mesh_new_trusted(origin, n, positions, NULL, m->nt, indices);
  hilum_big_free(indices);
  return NULL;
}

HilumMesh *hilum_decimate_collapse(HilumMesh *mesh, uint32_t target, const float *limit,
                                   const HilumProgress *progress, GError **error)
{
  HilumDecimateMesh m;
  if (!copy_mesh(&m, mesh, limit, error)) return NULL;
  const HilumVec3 origin = hilum_mesh_get_origin_mm(mesh);
  HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  box = (HilumBox){hilum_vec3_sub(box.min, origin), hilum_vec3_sub(box.max, origin)};
  const double side = block_side(&m);
  bool good = true;
  for (int phase = 0; good && phase < MAX_PHASES && m.nt > target; phase++) {
    const uint32_t before = m.nt;
    const HilumProgress part =
        hilum_progress_part(progress, phase == 0 ? 0 : 0.8, phase == 0 ? 0.8 : 1, NULL);
    good = run_phase(&m, box, side, phase % 2 ? 0.5 : 0, phase == 0, target, &part, error);
    if (phase > 1 && before - m.nt < before / 1000) break;
  }
  HilumMesh *result = good ? finish(&m, origin, error) : NULL;
  clear_mesh(&m);
  return result;
}
