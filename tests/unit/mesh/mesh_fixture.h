/* Volumes with known surfaces for the tests of src/mesh. */
#pragma once

#include "hilum/base/cpu.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/extract.h"
#include "hilum/mesh/measure.h"

#include <math.h>
#include <string.h>

typedef double (*FixtureField)(HilumVec3 p_mm, const void *data);

/* round(field) clamped to int16 at every voxel centre. */
static inline HilumVolume *fixture_volume(const HilumGrid *grid, FixtureField field, const void *data)
{
  g_autoptr(GError) error = NULL;
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(grid) * sizeof *voxels, &error);
  g_assert_no_error(error);
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++) {
        HilumVoxel v = {i, j, k};
        double f = field(hilum_grid_voxel_to_mm(grid, v), data);
        voxels[hilum_grid_offset(grid, v)] = (int16_t)lrint(CLAMP(f, -32768, 32767));
      }
  HilumVolume *volume = hilum_volume_new_take(grid, voxels, 1, 0, "HU", &error);
  g_assert_no_error(error);
  return volume;
}

typedef struct {
  HilumVec3 center;
  double radius, tube; /* tube > 0: a torus in the plane z = center.z */
} FixtureShape;

/* Signed distance times 100, positive inside. */
static inline double fixture_shape(HilumVec3 p, const void *data)
{
  const FixtureShape *s = data;
  HilumVec3 d = hilum_vec3_sub(p, s->center);
  if (s->tube <= 0) return 100 * (s->radius - hilum_vec3_length(d));
  double ring = hypot(d.x, d.y) - s->radius;
  return 100 * (s->tube - hypot(ring, d.z));
}

/* An oblique orthonormal frame; mirrored: left-handed. */
static inline void fixture_tilt(HilumGrid *grid, bool mirrored)
{
  HilumVec3 x = hilum_vec3_normalize(hilum_vec3(0.8, 0.5, -0.3));
  HilumVec3 y = hilum_vec3_normalize(hilum_vec3_cross(hilum_vec3(0.1, 0.2, 0.9), x));
  HilumVec3 z = hilum_vec3_cross(x, y);
  grid->axes[0] = x;
  grid->axes[1] = y;
  grid->axes[2] = mirrored ? hilum_vec3_scale(z, -1) : z;
  grid->origin_mm = hilum_vec3(-213.7, 88.2, 1340.5);
}

static inline HilumVec3 fixture_middle(const HilumGrid *g)
{
  return hilum_grid_to_mm(
      g, (HilumIndexPos){0.5 * (g->dims[0] - 1), 0.5 * (g->dims[1] - 1), 0.5 * (g->dims[2] - 1)});
}

static inline HilumMeshReport fixture_report(const HilumMesh *mesh)
{
  g_autoptr(GError) error = NULL;
  HilumMeshReport r;
  g_assert_true(hilum_mesh_measure(mesh, &r, NULL, &error));
  g_assert_no_error(error);
  return r;
}

static inline void fixture_assert_clean(const HilumMesh *mesh)
{
  HilumMeshReport r = fixture_report(mesh);
  g_assert_true(r.closed);
  g_assert_true(r.manifold);
  g_assert_true(r.oriented);
  g_assert_true(r.outward);
  g_assert_cmpuint(r.degenerate_triangles, ==, 0);
  g_assert_cmpuint(r.duplicate_triangles, ==, 0);
  g_assert_true(hilum_mesh_report_is_clean(&r));
  g_assert_cmpfloat(r.volume_mm3, >, 0);
}

static inline void fixture_assert_same_bits(const HilumMesh *a, const HilumMesh *b)
{
  uint32_t v = hilum_mesh_get_vertex_count(a), t = hilum_mesh_get_triangle_count(a);
  g_assert_cmpuint(v, ==, hilum_mesh_get_vertex_count(b));
  g_assert_cmpuint(t, ==, hilum_mesh_get_triangle_count(b));
  HilumVec3 oa = hilum_mesh_get_origin_mm(a), ob = hilum_mesh_get_origin_mm(b);
  g_assert_true(memcmp(&oa, &ob, sizeof oa) == 0);
  g_assert_true(memcmp(hilum_mesh_get_positions(a), hilum_mesh_get_positions(b), (size_t)v * 12) == 0);
  g_assert_true(memcmp(hilum_mesh_get_indices(a), hilum_mesh_get_indices(b), (size_t)t * 12) == 0);
  g_assert_true(memcmp(hilum_mesh_get_normals(a), hilum_mesh_get_normals(b), (size_t)v * 12) == 0);
}
