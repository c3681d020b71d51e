/* Thickness by ray and by inscribed ball (Ma, Bae, Choi 2012), with nearest points of the triangles rather
 * than of a cloud of points. A vertex of a convex surface lies above its own triangles, which would shrink
 * any ball that touches it: what is within 2 % of the radius, or in direction too near to the vertex, is let
 * stand. */
#include "thickness_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/verdict.h"

#include <math.h>
#include <string.h>

enum { GRAIN = 1024, MAX_STEPS = 40 };
#define SLACK 0.02
#define COS_CORNER (-0.17364817766693033) /* of 100 degrees */

typedef struct {
  const HilumBvh *bvh;
  const float *normals;
  float *ray, *ball, *centers; /* per vertex, or NULL */
  struct {
    double ray, ball, max_depth;
    size_t vertex, ray_vertex;
  } * least; /* per chunk */
  const HilumProgress *progress;
} Work;

double hilum_inscribed_ball(const HilumBvh *bvh, const double p[3], const double n[3], double most,
                            double c[3], double *depth)
{
  double r = most;
  for (int step = 0;; step++) {
    for (int a = 0; a < 3; a++)
      c[a] = p[a] - r * n[a];
    const double allowed = r * (1 - SLACK);
    const HilumNearest q = hilum_bvh_nearest(bvh, c, allowed * allowed);
    *depth = q.triangle == UINT32_MAX ? r : sqrt(q.d2);
    if (q.triangle == UINT32_MAX || step == MAX_STEPS) return r;
    double pq2 = 0, along = 0, towards = 0;
    for (int a = 0; a < 3; a++) {
      const double d = p[a] - q.point[a];
      pq2 += d * d;
      along += n[a] * d;
      towards += n[a] * (q.point[a] - c[a]);
    }
    if (towards > COS_CORNER * sqrt(q.d2) || along <= 0) return r;
    r = pq2 / (2 * along);
  }
}

static void thickness_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  double least_ray = INFINITY, least_ball = INFINITY, max_depth = 0;
  size_t at = begin, ray_at = begin;
  for (size_t v = begin; v < end; v++) {
    if ((v & 127) == 0 && hilum_progress_cancelled(w->progress)) return;
    double p[3], n[3], in[3], c[3];
    for (size_t a = 0; a < 3; a++) {
      p[a] = c[a] = (double)w->bvh->positions[3 * v + a];
      n[a] = (double)w->normals[3 * v + a];
      in[a] = -n[a];
    }
    const double ray = hilum_bvh_ray(w->bvh, p, in, 0, (uint32_t)v, NULL);
    double depth = 0;
    const double ball = isfinite(ray) ? 2 * hilum_inscribed_ball(w->bvh, p, n, ray / 2, c, &depth) : INFINITY;
    if (ray < least_ray) {
      least_ray = ray;
      ray_at = v;
    }
    max_depth = MAX(max_depth, depth);
    if (ball < least_ball) {
      least_ball = ball;
      at = v;
    }
    if (w->ray) w->ray[v] = (float)ray;
    if (w->ball) w->ball[v] = (float)ball;
    for (size_t a = 0; w->centers && a < 3; a++)
      w->centers[3 * v + a] = (float)c[a];
  }
  w->least[begin / GRAIN].ray = least_ray;
  w->least[begin / GRAIN].ball = least_ball;
  w->least[begin / GRAIN].max_depth = max_depth;
  w->least[begin / GRAIN].vertex = at;
  w->least[begin / GRAIN].ray_vertex = ray_at;
}

bool hilum_mesh_thickness(const HilumMesh *mesh, HilumThickness *thickness, float *ray_mm, float *ball_mm,
                          float *centers, const HilumProgress *progress, GError **error)
{
  *thickness = (HilumThickness){INFINITY, INFINITY, {NAN, NAN, NAN}, {NAN, NAN, NAN}, 0};
  HilumBvh bvh;
  if (!hilum_bvh_init(&bvh, mesh, error)) return false;
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh);
  const size_t chunks = hilum_parallel_chunks(nv, GRAIN);
  Work w = {.bvh = &bvh,
            .normals = hilum_mesh_get_normals(mesh),
            .ray = ray_mm,
            .ball = ball_mm,
            .centers = centers,
            .progress = progress};
  w.least = g_malloc0_n(chunks + 1, sizeof *w.least);
  hilum_parallel_for(nv, GRAIN, thickness_chunk, &w);
  const bool good = !hilum_progress_fail(progress, error);
  for (size_t c = 0; good && c < chunks; c++) {
    const HilumVec3 origin_mm = hilum_mesh_get_origin_mm(mesh);
    thickness->max_depth_mm = MAX(thickness->max_depth_mm, w.least[c].max_depth);
    if (w.least[c].ray < thickness->min_ray_mm) {
      thickness->min_ray_mm = w.least[c].ray;
      thickness->thinnest_ray_mm =
          hilum_mesh_vertex_mm(origin_mm, bvh.positions, (uint32_t)w.least[c].ray_vertex);
    }
    if (w.least[c].ball >= thickness->min_ball_mm) continue;
    thickness->min_ball_mm = w.least[c].ball;
    thickness->thinnest_mm = hilum_mesh_vertex_mm(origin_mm, bvh.positions, (uint32_t)w.least[c].vertex);
  }
  g_free(w.least);
  hilum_bvh_clear(&bvh);
  return good;
}

/* The middle of the first triangle that crosses another. */
static HilumVec3 first_crossed(const HilumMesh *mesh, const uint8_t *crossed)
{
  const uint32_t nt = hilum_mesh_get_triangle_count(mesh), *indices = hilum_mesh_get_indices(mesh);
  const uint8_t *at = nt > 0 ? memchr(crossed, 1, nt) : NULL;
  HilumVec3 sum = {0, 0, 0};
  if (!at) return (HilumVec3){NAN, NAN, NAN};
  for (size_t i = 0; i < 3; i++)
    sum = hilum_vec3_add(sum,
                         hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh),
                                              indices[3 * (size_t)(at - crossed) + i]));
  return hilum_vec3_scale(sum, 1.0 / 3);
}

bool hilum_mesh_look_beyond(const HilumMesh *mesh, const HilumMeshReport *report, HilumMeshBeyond *beyond,
                            const HilumProgress *progress, GError **error)
{
  const HilumVec3 nowhere = {NAN, NAN, NAN};
  *beyond = (HilumMeshBeyond){.crossing_mm = nowhere, .thickness = {NAN, NAN, nowhere, nowhere, NAN}};
  const HilumProgress crossing = hilum_progress_part(progress, 0, 0.4, NULL);
  const HilumProgress walls = hilum_progress_part(progress, 0.4, 1, NULL);
  uint8_t *crossed = hilum_big_alloc(MAX(hilum_mesh_get_triangle_count(mesh), 1u), error);
  if (!crossed) return false;
  const bool good =
      hilum_mesh_self_intersections(mesh, &beyond->self_intersections, crossed, &crossing, error);
  if (good) beyond->crossing_mm = first_crossed(mesh, crossed);
  hilum_big_free(crossed);
  return good &&
         (!report->closed || hilum_mesh_thickness(mesh, &beyond->thickness, NULL, NULL, NULL, &walls, error));
}
