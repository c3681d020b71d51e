/* Thickness by ray and by inscribed ball (Ma, Bae, Choi 2012), with nearest points of the triangles rather
 * than of a cloud of points. A vertex of a convex surface lies above its own triangles, which would shrink
 * any ball that touches it: what is within 2 % of the radius, or in direction too near to the vertex, is let
 * stand. */
#include "bvh_private.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/verdict.h"

#include <math.h>

enum { GRAIN = 1024, MAX_STEPS = 40 };
#define SLACK 0.02
#define COS_CORNER (-0.17364817766693033) /* of 100 degrees */

typedef struct {
  const HilumBvh *bvh;
  const float *normals;
  float *ray, *ball, *centers; /* per vertex, or NULL */
  struct {
    double ray, ball;
    size_t vertex;
  } * least; /* per chunk */
  const HilumProgress *progress;
} Work;

/* Radius of the ball that touches p from inside; c gets its middle. */
static double shrink(const HilumBvh *bvh, const double p[3], const double n[3], double r, double c[3])
{
  for (int step = 0;; step++) {
    for (int a = 0; a < 3; a++)
      c[a] = p[a] - r * n[a];
    const double allowed = r * (1 - SLACK);
    const HilumNearest q = hilum_bvh_nearest(bvh, c, allowed * allowed);
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
  double least_ray = INFINITY, least_ball = INFINITY;
  size_t at = begin;
  for (size_t v = begin; v < end; v++) {
    if ((v & 127) == 0 && hilum_progress_cancelled(w->progress)) return;
    double p[3], n[3], in[3], c[3];
    for (size_t a = 0; a < 3; a++) {
      p[a] = c[a] = (double)w->bvh->positions[3 * v + a];
      n[a] = (double)w->normals[3 * v + a];
      in[a] = -n[a];
    }
    const double ray = hilum_bvh_ray(w->bvh, p, in, 0, (uint32_t)v, NULL);
    const double ball = isfinite(ray) ? 2 * shrink(w->bvh, p, n, ray / 2, c) : INFINITY;
    least_ray = MIN(least_ray, ray);
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
  w->least[begin / GRAIN].vertex = at;
}

bool hilum_mesh_thickness(const HilumMesh *mesh, HilumThickness *thickness, float *ray_mm, float *ball_mm,
                          float *centers, const HilumProgress *progress, GError **error)
{
  *thickness = (HilumThickness){INFINITY, INFINITY, {NAN, NAN, NAN}};
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
    thickness->min_ray_mm = MIN(thickness->min_ray_mm, w.least[c].ray);
    if (w.least[c].ball >= thickness->min_ball_mm) continue;
    thickness->min_ball_mm = w.least[c].ball;
    thickness->thinnest_mm =
        hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), bvh.positions, (uint32_t)w.least[c].vertex);
  }
  g_free(w.least);
  hilum_bvh_clear(&bvh);
  return good;
}

bool hilum_mesh_look_beyond(const HilumMesh *mesh, const HilumMeshReport *report, HilumMeshBeyond *beyond,
                            const HilumProgress *progress, GError **error)
{
  *beyond = (HilumMeshBeyond){.thickness = {NAN, NAN, {NAN, NAN, NAN}}};
  const HilumProgress crossing = hilum_progress_part(progress, 0, 0.4, NULL);
  const HilumProgress walls = hilum_progress_part(progress, 0.4, 1, NULL);
  if (!hilum_mesh_self_intersections(mesh, &beyond->self_intersections, NULL, &crossing, error)) return false;
  return !report->closed || hilum_mesh_thickness(mesh, &beyond->thickness, NULL, NULL, NULL, &walls, error);
}
