/* Measures and verdict of a mesh. Everything about edges and fans is decided vertex by vertex from the
 * corners around it, in parallel and without a global edge table; area and volume (divergence theorem, about
 * the mesh's own origin) are summed in double per fixed chunk and then in chunk order. */
#include "hilum/mesh/measure.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"
#include "shells_private.h"

#include <math.h>
#include <stdlib.h>

enum { TRIANGLE_GRAIN = 16384, VERTEX_GRAIN = 8192, SMALL_FAN = 24 };

typedef struct {
  double area, volume;
  uint32_t boundary, nonmanifold_edges, flipped, nonmanifold_vertices, degenerate, duplicate;
  uint64_t edges, used;
} Partial;

typedef struct {
  const float *positions;
  const uint32_t *indices;
  HilumCorners corners;
  Partial *partial;
  const HilumProgress *progress;
} Measure;

static HilumVec3 position(const float *positions, uint32_t v)
{
  const float *p = positions + 3 * (size_t)v;
  return hilum_vec3((double)p[0], (double)p[1], (double)p[2]);
}

static void measure_triangles(size_t begin, size_t end, unsigned worker, void *data)
{
  Measure *m = data;
  Partial *out = &m->partial[begin / TRIANGLE_GRAIN];
  *out = (Partial){0};
  if (hilum_progress_cancelled(m->progress)) return;
  for (size_t t = begin; t < end; t++) {
    const uint32_t *i = m->indices + 3 * t;
    HilumVec3 a = position(m->positions, i[0]), b = position(m->positions, i[1]),
              c = position(m->positions, i[2]);
    double area = 0.5 * hilum_vec3_length(hilum_vec3_cross(hilum_vec3_sub(b, a), hilum_vec3_sub(c, a)));
    out->area += area;
    out->volume += hilum_vec3_dot(a, hilum_vec3_cross(b, c)) / 6;
    if (!(area >= 1e-12) || i[0] == i[1] || i[1] == i[2] || i[2] == i[0]) out->degenerate++;
  }
}

/* One use of an edge at the vertex under study: by the triangle in place `slot` of its fan. */
typedef struct {
  uint32_t other, slot;
  bool outgoing; /* vertex -> other is the triangle's direction */
} Spoke;

static int compare_spokes(const void *a, const void *b)
{
  const Spoke *x = a, *y = b;
  if (x->other != y->other) return x->other < y->other ? -1 : 1;
  return (x->slot > y->slot) - (x->slot < y->slot);
}

static void sort_spokes(Spoke *s, size_t n)
{
  if (n > SMALL_FAN) {
    qsort(s, n, sizeof *s, compare_spokes);
    return;
  }
  for (size_t i = 1; i < n; i++) {
    Spoke x = s[i];
    size_t j = i;
    for (; j > 0 && compare_spokes(&x, &s[j - 1]) < 0; j--)
      s[j] = s[j - 1];
    s[j] = x;
  }
}

static uint32_t find(uint32_t *parent, uint32_t i)
{
  while (parent[i] != i)
    i = parent[i] = parent[parent[i]];
  return i;
}

/* Edges from v to higher vertices are v's to count; triangles that share a spoke belong to one fan. */
static void study_spokes(Partial *out, uint32_t v, const Spoke *s, size_t n, uint32_t *parent, size_t fan)
{
  size_t fans = fan;
  for (size_t i = 0, j; i < n; i = j) {
    size_t outgoing = 0;
    for (j = i; j < n && s[j].other == s[i].other; j++) {
      outgoing += s[j].outgoing;
      uint32_t a = find(parent, s[i].slot), b = find(parent, s[j].slot);
      if (a != b) {
        parent[b] = a;
        fans--;
      }
    }
    if (s[i].other <= v) continue;
    size_t uses = j - i;
    out->edges++;
    out->boundary += uses == 1;
    out->nonmanifold_edges += uses > 2;
    out->flipped += uses == 2 && outgoing != 1;
  }
  out->nonmanifold_vertices += fans > 1;
}

/* Triangles with the same three corners, counted at their lowest vertex. */
static void count_duplicates(Partial *out, const Measure *m, uint32_t v, const uint32_t *corner, size_t fan)
{
  for (size_t i = 0; i < fan; i++) {
    uint32_t a = m->indices[hilum_corner_next(corner[i])], b = m->indices[hilum_corner_previous(corner[i])];
    if (a <= v || b <= v) continue;
    for (size_t j = 0; j < i; j++) {
      uint32_t c = m->indices[hilum_corner_next(corner[j])], d = m->indices[hilum_corner_previous(corner[j])];
      if ((a == c && b == d) || (a == d && b == c)) {
        out->duplicate++;
        break;
      }
    }
  }
}

static void measure_vertices(size_t begin, size_t end, unsigned worker, void *data)
{
  Measure *m = data;
  Partial *out = &m->partial[begin / VERTEX_GRAIN];
  *out = (Partial){0};
  if (hilum_progress_cancelled(m->progress)) return;
  size_t room = 64; /* grows with the largest fan */
  g_autofree Spoke *s = g_new(Spoke, 2 * room);
  g_autofree uint32_t *parent = g_new(uint32_t, room);
  for (size_t v = begin; v < end; v++) {
    const uint32_t *corner = m->corners.corner + m->corners.first[v];
    uint32_t fan = m->corners.first[v + 1] - m->corners.first[v];
    if (fan == 0) continue;
    if (fan > room) {
      room = fan;
      s = g_renew(Spoke, s, 2 * room);
      parent = g_renew(uint32_t, parent, room);
    }
    for (uint32_t i = 0; i < fan; i++) {
      s[2 * i] = (Spoke){m->indices[hilum_corner_next(corner[i])], i, true};
      s[2 * i + 1] = (Spoke){m->indices[hilum_corner_previous(corner[i])], i, false};
      parent[i] = i;
    }
    sort_spokes(s, 2 * (size_t)fan);
    study_spokes(out, (uint32_t)v, s, 2 * (size_t)fan, parent, fan);
    count_duplicates(out, m, (uint32_t)v, corner, fan);
    out->used++;
  }
}

static void add(Partial *sum, const Partial *p, size_t n)
{
  for (size_t i = 0; i < n; i++, p++) {
    sum->area += p->area;
    sum->volume += p->volume;
    sum->boundary += p->boundary;
    sum->nonmanifold_edges += p->nonmanifold_edges;
    sum->flipped += p->flipped;
    sum->nonmanifold_vertices += p->nonmanifold_vertices;
    sum->degenerate += p->degenerate;
    sum->duplicate += p->duplicate;
    sum->edges += p->edges;
    sum->used += p->used;
  }
}

bool hilum_mesh_measure(const HilumMesh *mesh, HilumMeshReport *report, const HilumProgress *progress,
                        GError **error)
{
  *report = (HilumMeshReport){0};
  uint32_t nv = hilum_mesh_get_vertex_count(mesh), nt = hilum_mesh_get_triangle_count(mesh);
  Measure m = {.positions = hilum_mesh_get_positions(mesh),
               .indices = hilum_mesh_get_indices(mesh),
               .progress = progress};
  if (!hilum_corners_init(&m.corners, nv, nt, m.indices, error)) return false;
  size_t tc = hilum_parallel_chunks(nt, TRIANGLE_GRAIN), vc = hilum_parallel_chunks(nv, VERTEX_GRAIN);
  m.partial = g_new0(Partial, MAX(tc, vc) + 1);
  Partial sum = {0};
  hilum_parallel_for(nt, TRIANGLE_GRAIN, measure_triangles, &m);
  add(&sum, m.partial, tc);
  hilum_progress_step(progress, 0.3);
  hilum_parallel_for(nv, VERTEX_GRAIN, measure_vertices, &m);
  add(&sum, m.partial, vc);
  hilum_corners_clear(&m.corners);
  g_free(m.partial);
  hilum_progress_step(progress, 0.7);
  if (hilum_progress_fail(progress, error)) return false;

  report->area_mm2 = sum.area;
  report->volume_mm3 = sum.volume;
  report->boundary_edges = sum.boundary;
  report->nonmanifold_edges = sum.nonmanifold_edges;
  report->nonmanifold_vertices = sum.nonmanifold_vertices;
  report->flipped_edges = sum.flipped;
  report->degenerate_triangles = sum.degenerate;
  report->duplicate_triangles = sum.duplicate;
  report->euler = (int64_t)sum.used - (int64_t)sum.edges + (int64_t)nt;
  report->closed = nt > 0 && sum.boundary == 0 && sum.nonmanifold_edges == 0;
  report->manifold = sum.nonmanifold_edges == 0 && sum.nonmanifold_vertices == 0;
  report->oriented = sum.flipped == 0;
  return hilum_mesh_study_shells(mesh, report, progress, error);
}

bool hilum_mesh_report_is_clean(const HilumMeshReport *report)
{
  return report->closed && report->manifold && report->oriented && report->outward &&
         report->degenerate_triangles == 0 && report->duplicate_triangles == 0;
}
