/* Brush sweeps against the capsule test on every voxel, on straight and oblique grids. */
#include "hilum/segment/brush.h"

#include "hilum/base/random.h"

#include <math.h>

/* A grid whose axes are no patient axis, left-handed if asked. */
static HilumGrid make_grid(bool oblique, bool left_handed)
{
  HilumGrid g = hilum_grid_new(70, 40, 30, 0.7, 0.9, 1.6);
  g.origin_mm = hilum_vec3(-12, 31, 7);
  if (oblique) {
    const double c = cos(0.4), s = sin(0.4);
    g.axes[0] = hilum_vec3(c, s, 0);
    g.axes[1] = hilum_vec3(-s * 0.8, c * 0.8, 0.6);
    g.axes[2] = hilum_vec3_cross(g.axes[0], g.axes[1]);
  }
  if (left_handed) g.axes[2] = hilum_vec3_scale(g.axes[2], -1);
  return g;
}

static HilumVec3 random_point(const HilumGrid *g, uint64_t seed, uint64_t n)
{
  return hilum_grid_to_mm(g,
                          (HilumIndexPos){(hilum_random_uniform(seed, 3 * n) * 1.4 - 0.2) * g->dims[0],
                                          (hilum_random_uniform(seed, 3 * n + 1) * 1.4 - 0.2) * g->dims[1],
                                          (hilum_random_uniform(seed, 3 * n + 2) * 1.4 - 0.2) * g->dims[2]});
}

static double to_segment(HilumVec3 p, HilumVec3 a, HilumVec3 b)
{
  const HilumVec3 d = hilum_vec3_sub(b, a);
  const double l2 = hilum_vec3_dot(d, d);
  const double t = l2 > 0 ? CLAMP(hilum_vec3_dot(hilum_vec3_sub(p, a), d) / l2, 0, 1) : 0;
  return hilum_vec3_distance(p, hilum_vec3_madd(a, t, d));
}

static HilumMask *new_mask(const HilumGrid *g)
{
  HilumMask *m = hilum_mask_new(g->dims, NULL);
  g_assert_nonnull(m);
  return m;
}

static void test_ball(void)
{
  for (uint64_t n = 0; n < 60; n++) {
    const HilumGrid g = make_grid(n & 1, n & 2);
    const HilumBrush brush = {.radius_mm = 3 + 6 * hilum_random_uniform(1, n), .ball = true};
    const HilumVec3 a = random_point(&g, 2, 2 * n), b = n % 5 ? random_point(&g, 2, 2 * n + 1) : a;
    g_autoptr(HilumMask) m = new_mask(&g);
    HilumVoxelBox touched = {{0}, {0}};
    hilum_brush_sweep(&brush, &g, a, b, m, &touched);
    for (int32_t k = 0; k < g.dims[2]; k++)
      for (int32_t j = 0; j < g.dims[1]; j++)
        for (int32_t i = 0; i < g.dims[0]; i++) {
          const HilumVoxel v = {i, j, k};
          const double d = to_segment(hilum_grid_voxel_to_mm(&g, v), a, b);
          if (fabs(d - brush.radius_mm) > 1e-6)
            g_assert_cmpint(hilum_mask_get(m, v), ==, d < brush.radius_mm);
          if (hilum_mask_get(m, v))
            g_assert_true(i >= touched.lo[0] && i < touched.hi[0] && j >= touched.lo[1] &&
                          j < touched.hi[1] && k >= touched.lo[2] && k < touched.hi[2]);
        }
  }
}

/* A disc in a slice: one layer, and in it the same voxels as a flat capsule. */
static void test_disc_in_slice(void)
{
  for (uint64_t n = 0; n < 40; n++) {
    const HilumGrid g = make_grid(n & 1, n & 2);
    const int axis = (int)(n % 3);
    HilumBrush brush = {.radius_mm = 4 + 4 * hilum_random_uniform(3, n),
                        .normal = hilum_vec3_scale(g.axes[axis], n & 4 ? -1 : 1)};
    const int32_t layer = 11;
    HilumIndexPos pa = {30 + (double)(n % 7), 15.3, 12}, pb = {44.2, 22 + (double)(n % 4), 17};
    if (axis == 0) pa.i = pb.i = layer;
    if (axis == 1) pa.j = pb.j = layer;
    if (axis == 2) pa.k = pb.k = layer;
    const HilumVec3 a = hilum_grid_to_mm(&g, pa), b = hilum_grid_to_mm(&g, pb);
    g_autoptr(HilumMask) m = new_mask(&g);
    hilum_brush_sweep(&brush, &g, a, b, m, NULL);
    for (int32_t k = 0; k < g.dims[2]; k++)
      for (int32_t j = 0; j < g.dims[1]; j++)
        for (int32_t i = 0; i < g.dims[0]; i++) {
          const int32_t at[3] = {i, j, k};
          const double d = to_segment(hilum_grid_voxel_to_mm(&g, (HilumVoxel){i, j, k}), a, b);
          if (fabs(d - brush.radius_mm) < 1e-6) continue;
          const bool expected = at[axis] == layer && d < brush.radius_mm;
          g_assert_cmpint(hilum_mask_get(m, (HilumVoxel){i, j, k}), ==, expected);
        }
  }
}

/* On a plane oblique to the grid: every column of the layer axis holds at most one voxel, close to the plane.
 */
static void test_disc_oblique(void)
{
  const HilumGrid g = make_grid(false, false);
  const HilumVec3 normal = hilum_vec3_normalize(hilum_vec3(0.3, -0.5, 0.9));
  const HilumBrush brush = {.radius_mm = 7, .normal = normal};
  const HilumVec3 a = hilum_grid_to_mm(&g, (HilumIndexPos){30, 20, 14});
  const HilumVec3 b = hilum_vec3_add(a, hilum_vec3_cross(normal, hilum_vec3(5, 0, 0)));
  g_autoptr(HilumMask) m = new_mask(&g);
  hilum_brush_sweep(&brush, &g, a, b, m, NULL);
  const HilumVoxel va = hilum_grid_voxel_at_mm(&g, a), vb = hilum_grid_voxel_at_mm(&g, b);
  double area = 0;
  for (int32_t j = 0; j < g.dims[1]; j++)
    for (int32_t i = 0; i < g.dims[0]; i++) {
      int in_column = 0;
      for (int32_t k = 0; k < g.dims[2]; k++) {
        if (!hilum_mask_get(m, (HilumVoxel){i, j, k})) continue;
        in_column++;
        const HilumVec3 p = hilum_grid_voxel_to_mm(&g, (HilumVoxel){i, j, k});
        if (in_column == 1) g_assert_cmpfloat(fabs(hilum_vec3_dot(hilum_vec3_sub(p, a), normal)), <=, 1.2);
      }
      /* The voxels under the ends of the stroke are set even where the layer passes them by. */
      g_assert_cmpint(in_column, <=, (i == va.i && j == va.j) || (i == vb.i && j == vb.j) ? 2 : 1);
      area += in_column * 0.7 * 0.9 / normal.z;
    }
  /* A stadium of radius 7 around the segment. */
  const double expected = G_PI * 49 + 14 * hilum_vec3_distance(a, b);
  g_assert_cmpfloat(fabs(area - expected), <, 0.05 * expected);
}

/* However fast the hand and however fine the brush, a stroke is one piece. */
static void test_continuous(void)
{
  for (uint64_t n = 0; n < 60; n++) {
    const HilumGrid g = make_grid(false, false);
    const HilumBrush brush = {.radius_mm = n % 3 ? 0.05 : 0.8, .ball = n & 1, .normal = {0, 0, 1}};
    HilumIndexPos pa = {1 + 60 * hilum_random_uniform(5, n), 2, 9},
                  pb = {65, 38 * hilum_random_uniform(6, n), 9};
    g_autoptr(HilumMask) m = new_mask(&g);
    hilum_brush_sweep(&brush, &g, hilum_grid_to_mm(&g, pa), hilum_grid_to_mm(&g, pb), m, NULL);
    HilumVoxel at = {(int32_t)floor(pa.i + 0.5), 2, 9};
    const HilumVoxel end = {65, (int32_t)floor(pb.j + 0.5), 9};
    g_assert_true(hilum_mask_get(m, at) && hilum_mask_get(m, end));
    /* Walk along x from one end to the other: each column must touch the next. */
    const int32_t step = at.i < end.i ? 1 : -1;
    int32_t lo = at.j, hi = at.j;
    for (int32_t i = at.i; i != end.i + step; i += step) {
      int32_t first = INT32_MAX, last = -1;
      for (int32_t j = 0; j < 40; j++)
        if (hilum_mask_get(m, (HilumVoxel){i, j, 9})) {
          first = MIN(first, j);
          if (last >= 0) g_assert_cmpint(j - last, ==, 1); /* no hole within a column */
          last = j;
        }
      g_assert_cmpint(last, >=, 0);
      g_assert_true(first <= hi + 1 && last >= lo - 1);
      lo = first;
      hi = last;
    }
  }
}

static void test_hostile(void)
{
  const HilumGrid g = make_grid(false, false);
  g_autoptr(HilumMask) m = new_mask(&g);
  HilumBrush brush = {.radius_mm = 2, .ball = true};
  const HilumVec3 far = {1e9, -1e9, 1e9}, nan = {NAN, 0, 0},
                  in = hilum_grid_to_mm(&g, (HilumIndexPos){5, 5, 5});
  hilum_brush_sweep(&brush, &g, far, far, m, NULL);
  hilum_brush_sweep(&brush, &g, nan, in, m, NULL);
  g_assert_cmpuint(hilum_mask_count(m), ==, 0);
  brush.radius_mm = NAN;
  hilum_brush_sweep(&brush, &g, in, in, m, NULL);
  g_assert_cmpuint(hilum_mask_count(m), ==, 1); /* the voxel under the pointer */
  brush.radius_mm = 1e12;
  hilum_brush_sweep(&brush, &g, in, far, m, NULL);
  g_assert_cmpuint(hilum_mask_count(m), ==, hilum_grid_count(&g));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/brush/ball", test_ball);
  g_test_add_func("/segment/brush/disc-in-slice", test_disc_in_slice);
  g_test_add_func("/segment/brush/disc-oblique", test_disc_oblique);
  g_test_add_func("/segment/brush/continuous", test_continuous);
  g_test_add_func("/segment/brush/hostile", test_hostile);
  return g_test_run();
}
