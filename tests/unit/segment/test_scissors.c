/* Scissors against every voxel projected for itself, in parallel and in perspective, also from inside the
 * volume. */
#include "hilum/segment/scissors.h"

#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"

#include <math.h>

static HilumGrid make_grid(uint64_t seed)
{
  HilumGrid g = hilum_grid_new(67, 38, 29, 0.8, 0.9, 1.7);
  g.origin_mm = hilum_vec3(-25, -18, -22);
  if (seed & 1) {
    g.axes[0] = hilum_vec3(cos(0.4), sin(0.4), 0);
    g.axes[1] = hilum_vec3(-0.8 * sin(0.4), 0.8 * cos(0.4), 0.6);
    g.axes[2] = hilum_vec3_cross(g.axes[0], g.axes[1]);
  }
  if (seed & 2) g.axes[2] = hilum_vec3_scale(g.axes[2], -1);
  return g;
}

static HilumVec3 random_direction(uint64_t seed)
{
  return hilum_vec3_normalize(hilum_vec3(hilum_random_uniform(seed, 50) - 0.5,
                                         hilum_random_uniform(seed, 51) - 0.5,
                                         hilum_random_uniform(seed, 52) - 0.48));
}

/* 400 x 400 pixels; the eye of a perspective view stands 90 mm from the middle or right inside the volume. */
static HilumMat4 random_view(uint64_t seed)
{
  const HilumMat4 turn = hilum_scissors_view_along(hilum_vec3_scale(random_direction(seed), -1));
  const double distance = seed % 5 == 4 ? 6 : 90;
  HilumMat4 view = hilum_mat4_mul(hilum_mat4_translation(hilum_vec3(0, 0, -distance)), turn);
  HilumMat4 screen = {{200, 0, 0, 0, 0, -200, 0, 0, 0, 0, 1, 0, 200, 200, 0, 1}};
  const HilumMat4 lens =
      seed % 2 ? hilum_mat4_perspective(0.8, 1, 1, 500) : hilum_mat4_ortho(-38, 38, -38, 38, 1, 500);
  return hilum_mat4_mul(screen, hilum_mat4_mul(lens, view));
}

static size_t random_points(uint64_t seed, HilumPoint2 *points)
{
  const bool loop = seed % 4 == 1;
  const size_t n = loop ? 300 : 3 + hilum_random_u64(seed, 1) % 9;
  for (size_t p = 0; p < n; p++) {
    const double turn = 2 * G_PI * (double)p / (double)n, r = 90 + 60 * hilum_random_uniform(seed, 900 + p);
    points[p] = loop ? (HilumPoint2){200 + r * cos(turn), 210 + r * sin(turn)}
                     : (HilumPoint2){hilum_random_uniform(seed, 100 + 2 * p) * 420 - 10,
                                     hilum_random_uniform(seed, 101 + 2 * p) * 420 - 10};
  }
  return n;
}

static bool is_cut(const HilumScissors *s, const HilumGrid *g, HilumVoxel v)
{
  const HilumVec3 mm = hilum_grid_voxel_to_mm(g, v);
  HilumPoint2 p;
  if (!hilum_scissors_project(&s->to_screen, mm, &p)) return false;
  const double depth = hilum_vec3_dot(s->depth_axis, mm);
  if (s->has_depth && !(depth >= s->depth_lo && depth <= s->depth_hi)) return false;
  return hilum_polygon_contains(&s->polygon, p.x, p.y) != s->outside;
}

static HilumMask *random_domain(uint64_t seed, const HilumGrid *g)
{
  HilumMask *mask = hilum_mask_new(g->dims, NULL);
  if (seed % 3 == 0) {
    hilum_mask_fill(mask, true);
    return mask;
  }
  for (int32_t k = 0; k < g->dims[2]; k++)
    for (int32_t j = 0; j < g->dims[1]; j++)
      if (hilum_random_u64(seed, (uint64_t)(k * 100 + j + 5000)) % 3)
        hilum_mask_set_span(mask, (int32_t)(hilum_random_u64(seed, (uint64_t)(k * 100 + j + 9000)) % 60),
                            (int32_t)(hilum_random_u64(seed, (uint64_t)(k * 100 + j + 19000)) % 68), j, k);
  return mask;
}

static void test_against_projection(void)
{
  uint64_t total = 0, possible = 0;
  for (uint64_t seed = 0; seed < 80; seed++) {
    const HilumGrid g = make_grid(seed);
    HilumPoint2 points[300];
    HilumScissors s = {.to_screen = random_view(seed),
                       .polygon = {points, random_points(seed, points), (HilumFillRule)(seed / 2 % 2)},
                       .outside = seed % 7 < 3,
                       .has_depth = seed % 4 == 3,
                       .depth_axis = random_direction(seed + 1000),
                       .depth_lo = -7,
                       .depth_hi = 9};
    g_autoptr(HilumMask) domain = random_domain(seed, &g), cut = hilum_mask_copy(domain, NULL),
                         again = hilum_mask_copy(domain, NULL);
    g_autoptr(GError) error = NULL;
    hilum_parallel_set_threads(1);
    g_assert_true(hilum_scissors_cut(&s, &g, cut, NULL, &error));
    hilum_parallel_set_threads(5);
    g_assert_true(hilum_scissors_cut(&s, &g, again, NULL, &error));
    hilum_parallel_set_threads(0);
    g_assert_no_error(error);
    g_assert_true(hilum_mask_equal(cut, again));
    HilumVoxel v;
    for (v.k = 0; v.k < g.dims[2]; v.k++)
      for (v.j = 0; v.j < g.dims[1]; v.j++)
        for (v.i = 0; v.i < g.dims[0]; v.i++)
          g_assert_cmpint(hilum_mask_get(cut, v), ==, hilum_mask_get(domain, v) && is_cut(&s, &g, v));
    total += hilum_mask_count(cut);
    possible += hilum_mask_count(domain);
  }
  /* The test cuts a good share and leaves a good share. */
  g_assert_cmpfloat((double)total / (double)possible, >, 0.15);
  g_assert_cmpfloat((double)total / (double)possible, <, 0.85);
}

/* A polygon in space, seen along its own normal, keeps its shape. */
static void test_view_along(void)
{
  const HilumVec3 square[] = {{10, 5, 1}, {14, 5, 4}, {14, 10, 4}, {10, 10, 1}};
  const HilumVec3 normal = hilum_polygon_normal(square, 4);
  g_assert_cmpfloat_with_epsilon(fabs(hilum_vec3_dot(normal, hilum_vec3(0.6, 0, -0.8))), 1, 1e-12);
  const HilumMat4 view = hilum_scissors_view_along(normal);
  HilumPoint2 flat[4];
  for (int p = 0; p < 4; p++)
    g_assert_true(hilum_scissors_project(&view, square[p], &flat[p]));
  for (int p = 0; p < 4; p++)
    g_assert_cmpfloat_with_epsilon(hypot(flat[p].x - flat[(p + 1) % 4].x, flat[p].y - flat[(p + 1) % 4].y), 5,
                                   1e-9);
  const HilumVec3 line[] = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}};
  g_assert_cmpfloat(hilum_vec3_length(hilum_polygon_normal(line, 3)), ==, 0);
}

static void test_refused(void)
{
  const HilumGrid g = make_grid(0);
  HilumPoint2 points[3] = {{1, 1}, {5, 1}, {5, INFINITY}};
  HilumScissors s = {.to_screen = hilum_mat4_identity(), .polygon = {points, 2, HILUM_FILL_EVEN_ODD}};
  g_autoptr(HilumMask) mask = hilum_mask_new(g.dims, NULL);
  hilum_mask_fill(mask, true);
  for (size_t n = 2; n <= 3; n++) {
    g_autoptr(GError) error = NULL;
    s.polygon.n = n;
    g_assert_false(hilum_scissors_cut(&s, &g, mask, NULL, &error));
    g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  }
  g_assert_cmpuint(hilum_mask_count(mask), ==, hilum_grid_count(&g));
  points[2].y = 5;
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  const HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_cancellable_cancel(cancellable);
  g_assert_false(hilum_scissors_cut(&s, &g, mask, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/scissors/against-projection", test_against_projection);
  g_test_add_func("/scissors/view-along", test_view_along);
  g_test_add_func("/scissors/refused", test_refused);
  return g_test_run();
}
