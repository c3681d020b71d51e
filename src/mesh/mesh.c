/* The mesh itself: arrays, reference count, bounds, and normals made when first asked for. */
#include "hilum/mesh/mesh.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"

#include <math.h>
#include <stdatomic.h>

/* Meshes that differ only in where their vertices lie share their triangles. */
typedef struct {
  atomic_int refs;
  uint32_t *data;
} Triangles;

struct HilumMesh {
  atomic_int refs;
  HilumVec3 origin_mm;
  uint32_t n_vertices, n_triangles;
  float *positions, *normals;
  Triangles *triangles;
  uint32_t *indices; /* of `triangles` */
  HilumBox bounds_mm;
  GMutex lock; /* guards the first computation of the normals */
  atomic_bool has_normals;
};

enum { GRAIN = 65536 };

typedef struct {
  const float *positions;
  float (*box)[6];
} BoundsWork;

static void bound_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  BoundsWork *w = data;
  float lo[3] = {INFINITY, INFINITY, INFINITY}, hi[3] = {-INFINITY, -INFINITY, -INFINITY};
  for (size_t v = begin; v < end; v++) {
    for (int a = 0; a < 3; a++) {
      float x = w->positions[3 * v + (size_t)a];
      lo[a] = x < lo[a] ? x : lo[a];
      hi[a] = x > hi[a] ? x : hi[a];
    }
  }
  for (int a = 0; a < 3; a++) {
    w->box[begin / GRAIN][a] = lo[a];
    w->box[begin / GRAIN][3 + a] = hi[a];
  }
}

static HilumBox compute_bounds(HilumVec3 origin, const float *positions, size_t n)
{
  HilumBox box = hilum_box_empty();
  size_t chunks = hilum_parallel_chunks(n, GRAIN);
  g_autofree float(*part)[6] = g_malloc(sizeof *part * (chunks + 1));
  BoundsWork w = {positions, part};
  hilum_parallel_for(n, GRAIN, bound_chunk, &w);
  for (size_t c = 0; c < chunks; c++) {
    HilumVec3 lo = hilum_vec3((double)part[c][0], (double)part[c][1], (double)part[c][2]);
    HilumVec3 hi = hilum_vec3((double)part[c][3], (double)part[c][4], (double)part[c][5]);
    box = hilum_box_include(hilum_box_include(box, hilum_vec3_add(origin, lo)), hilum_vec3_add(origin, hi));
  }
  return box;
}

/* Takes over the triangles' reference. */
static HilumMesh *mesh_new(HilumVec3 origin_mm, uint32_t n_vertices, float *positions, float *normals,
                           uint32_t n_triangles, Triangles *triangles)
{
  HilumMesh *mesh = g_new0(HilumMesh, 1);
  atomic_init(&mesh->refs, 1);
  atomic_init(&mesh->has_normals, normals != NULL);
  g_mutex_init(&mesh->lock);
  mesh->origin_mm = origin_mm;
  mesh->n_vertices = n_vertices;
  mesh->n_triangles = n_triangles;
  mesh->positions = positions;
  mesh->normals = normals;
  mesh->triangles = triangles;
  mesh->indices = triangles->data;
  mesh->bounds_mm = compute_bounds(origin_mm, positions, n_vertices);
  return mesh;
}

HilumMesh *hilum_mesh_new_trusted(HilumVec3 origin_mm, uint32_t n_vertices, float *positions, float *normals,
                                  uint32_t n_triangles, uint32_t *indices)
{
  Triangles *triangles = g_new(Triangles, 1);
  atomic_init(&triangles->refs, 1);
  triangles->data = indices;
  return mesh_new(origin_mm, n_vertices, positions, normals, n_triangles, triangles);
}

HilumMesh *hilum_mesh_new_moved(HilumMesh *mesh, float *positions)
{
  atomic_fetch_add(&mesh->triangles->refs, 1);
  return mesh_new(mesh->origin_mm, mesh->n_vertices, positions, NULL, mesh->n_triangles, mesh->triangles);
}

static void triangles_unref(Triangles *triangles)
{
  if (atomic_fetch_sub(&triangles->refs, 1) > 1) return;
  hilum_big_free(triangles->data);
  g_free(triangles);
}

typedef struct {
  const float *positions;
  const uint32_t *indices;
  size_t n_positions, n_indices;
  uint32_t n_vertices;
  atomic_bool bad_position, bad_index;
} CheckWork;

static void check_positions(size_t begin, size_t end, unsigned worker, void *data)
{
  CheckWork *w = data;
  bool bad = false;
  for (size_t i = begin; i < end; i++)
    bad |= !isfinite(w->positions[i]);
  if (bad) atomic_store(&w->bad_position, true);
}

static void check_indices(size_t begin, size_t end, unsigned worker, void *data)
{
  CheckWork *w = data;
  bool bad = false;
  for (size_t i = begin; i < end; i++)
    bad |= w->indices[i] >= w->n_vertices;
  if (bad) atomic_store(&w->bad_index, true);
}

static bool check(HilumVec3 origin_mm, uint32_t n_vertices, const float *positions, uint32_t n_triangles,
                  const uint32_t *indices, GError **error)
{
  CheckWork w = {positions, indices, 3 * (size_t)n_vertices, 3 * (size_t)n_triangles, n_vertices};
  atomic_init(&w.bad_position, !hilum_vec3_is_finite(origin_mm));
  atomic_init(&w.bad_index, false);
  hilum_parallel_for(w.n_positions, GRAIN, check_positions, &w);
  hilum_parallel_for(w.n_indices, GRAIN, check_indices, &w);
  if (atomic_load(&w.bad_index)) {
    g_set_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                "A triangle refers to a point that is not there: the surface has %u points", n_vertices);
    return false;
  }
  if (atomic_load(&w.bad_position)) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "A point of the surface has a coordinate that is not a number");
    return false;
  }
  return true;
}

HilumMesh *hilum_mesh_new_take(HilumVec3 origin_mm, uint32_t n_vertices, float *positions, float *normals,
                               uint32_t n_triangles, uint32_t *indices, GError **error)
{
  g_return_val_if_fail(positions && indices, NULL);
  if (!check(origin_mm, n_vertices, positions, n_triangles, indices, error)) {
    hilum_big_free(positions);
    hilum_big_free(normals);
    hilum_big_free(indices);
    return NULL;
  }
  return hilum_mesh_new_trusted(origin_mm, n_vertices, positions, normals, n_triangles, indices);
}

HilumMesh *hilum_mesh_ref(HilumMesh *mesh)
{
  atomic_fetch_add_explicit(&mesh->refs, 1, memory_order_relaxed);
  return mesh;
}

void hilum_mesh_unref(HilumMesh *mesh)
{
  if (!mesh || atomic_fetch_sub_explicit(&mesh->refs, 1, memory_order_acq_rel) != 1) return;
  hilum_big_free(mesh->positions);
  hilum_big_free(mesh->normals);
  triangles_unref(mesh->triangles);
  g_mutex_clear(&mesh->lock);
  g_free(mesh);
}

uint32_t hilum_mesh_get_vertex_count(const HilumMesh *mesh)
{
  return mesh->n_vertices;
}

uint32_t hilum_mesh_get_triangle_count(const HilumMesh *mesh)
{
  return mesh->n_triangles;
}

HilumVec3 hilum_mesh_get_origin_mm(const HilumMesh *mesh)
{
  return mesh->origin_mm;
}

const float *hilum_mesh_get_positions(const HilumMesh *mesh)
{
  return mesh->positions;
}

const uint32_t *hilum_mesh_get_indices(const HilumMesh *mesh)
{
  return mesh->indices;
}

HilumBox hilum_mesh_get_bounds_mm(const HilumMesh *mesh)
{
  return mesh->bounds_mm;
}

/* The mesh stays immutable to its readers: the normals follow from the triangles and are only put off until
 * somebody wants them, which measuring and exporting do not. */
const float *hilum_mesh_get_normals(const HilumMesh *mesh)
{
  HilumMesh *m = (HilumMesh *)mesh;
  if (atomic_load_explicit(&m->has_normals, memory_order_acquire)) return m->normals;
  g_mutex_lock(&m->lock);
  if (!atomic_load_explicit(&m->has_normals, memory_order_relaxed)) {
    HilumCorners corners;
    g_autoptr(GError) error = NULL;
    float *normals = hilum_big_alloc(3 * (size_t)m->n_vertices * sizeof *normals, &error);
    if (!normals || !hilum_corners_init(&corners, m->n_vertices, m->n_triangles, m->indices, &error))
      g_error("No memory for the normals of a surface: %s", error->message);
    hilum_mesh_compute_normals(m->n_vertices, m->positions, m->indices, &corners, normals);
    hilum_corners_clear(&corners);
    m->normals = normals;
    atomic_store_explicit(&m->has_normals, true, memory_order_release);
  }
  g_mutex_unlock(&m->lock);
  return m->normals;
}

typedef struct {
  const float *positions;
  const uint32_t *indices;
  const HilumCorners *corners;
  float *normals;
} NormalWork;

/* Twice the area times the normal of each triangle around a vertex, summed in corner order. */
static void normal_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  NormalWork *w = data;
  for (size_t v = begin; v < end; v++) {
    const float *p = w->positions + 3 * v;
    float n[3] = {0, 0, 0};
    for (uint32_t i = w->corners->first[v]; i < w->corners->first[v + 1]; i++) {
      uint32_t c = w->corners->corner[i];
      const float *a = w->positions + 3 * (size_t)w->indices[hilum_corner_next(c)];
      const float *b = w->positions + 3 * (size_t)w->indices[hilum_corner_previous(c)];
      float u[3] = {a[0] - p[0], a[1] - p[1], a[2] - p[2]}, s[3] = {b[0] - p[0], b[1] - p[1], b[2] - p[2]};
      n[0] += u[1] * s[2] - u[2] * s[1];
      n[1] += u[2] * s[0] - u[0] * s[2];
      n[2] += u[0] * s[1] - u[1] * s[0];
    }
    double l = sqrt((double)n[0] * (double)n[0] + (double)n[1] * (double)n[1] + (double)n[2] * (double)n[2]);
    for (size_t a = 0; a < 3; a++) /* a vertex that no triangle uses points up: still a unit vector */
      w->normals[3 * v + a] = l > 0 ? (float)((double)n[a] / l) : a == 2 ? 1.0f : 0.0f;
  }
}

void hilum_mesh_compute_normals(uint32_t n_vertices, const float *positions, const uint32_t *indices,
                                const HilumCorners *corners, float *normals)
{
  NormalWork w = {positions, indices, corners, normals};
  hilum_parallel_for(n_vertices, 8192, normal_chunk, &w);
}
