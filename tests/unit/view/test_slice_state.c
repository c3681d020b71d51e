/* Slices of axial, sagittally and coronally acquired, left-handed and oblique grids: conventions and round
 * trips. */
#include "hilum/view/cursor.h"
#include "hilum/view/slice_state.h"

#include <string.h>

static HilumGrid grid_with_axes(HilumVec3 x, HilumVec3 y, HilumVec3 z)
{
  HilumGrid g = hilum_grid_new(70, 50, 30, 0.8, 1.1, 2.5);
  g.axes[0] = x;
  g.axes[1] = y;
  g.axes[2] = z;
  g.origin_mm = hilum_vec3(-40, 77, -900);
  return g;
}

#define X                                                                                                    \
  {                                                                                                          \
    1, 0, 0                                                                                                  \
  }
#define Y                                                                                                    \
  {                                                                                                          \
    0, 1, 0                                                                                                  \
  }
#define Z                                                                                                    \
  {                                                                                                          \
    0, 0, 1                                                                                                  \
  }
static HilumGrid test_grid(int which)
{
  const HilumVec3 axes[][3] = {
      {X, Y, Z},                   /* axial, towards the head */
      {X, Y, {0, 0, -1}},          /* axial, towards the feet: left-handed */
      {Y, {0, 0, -1}, {-1, 0, 0}}, /* sagittal */
      {X, {0, 0, -1}, Y},          /* coronal */
      {{-1, 0, 0}, {0, -1, 0}, Z}, /* prone */
      {{0.8, 0.6, 0}, {-0.6 * 0.96, 0.8 * 0.96, 0.28}, {0.6 * 0.28, -0.8 * 0.28, 0.96}}, /* oblique */
  };
  return grid_with_axes(axes[which][0], axes[which][1], axes[which][2]);
}
#define N_GRIDS 6

static HilumSliceState make(HilumSlicePlane plane, const HilumGrid *grid)
{
  HilumSliceState s = {.width_px = 500, .height_px = 377};
  hilum_slice_state_init(&s, plane, grid);
  return s;
}

/* Whatever the grid: right, down and the letters are the radiologist's. */
static void test_convention(void)
{
  static const struct {
    HilumVec3 right, down;
    const char *left, *top;
  } WANTED[HILUM_SLICE_PLANES] = {
      [HILUM_SLICE_AXIAL] = {X, Y, "R", "A"},
      [HILUM_SLICE_SAGITTAL] = {Y, {0, 0, -1}, "A", "S"},
      [HILUM_SLICE_CORONAL] = {X, {0, 0, -1}, "R", "S"},
  };
  for (int g = 0; g < N_GRIDS; g++)
    for (int p = 0; p < HILUM_SLICE_PLANES; p++) {
      HilumGrid grid = test_grid(g);
      HilumSliceState s = make((HilumSlicePlane)p, &grid);
      g_assert_cmpfloat(hilum_vec3_dot(hilum_slice_state_right(&s), WANTED[p].right), >, 0.7);
      g_assert_cmpfloat(hilum_vec3_dot(hilum_slice_state_down(&s), WANTED[p].down), >, 0.7);
      HilumSliceLetters letters = hilum_slice_state_letters(&s);
      g_assert_cmpint(letters.left[0], ==, WANTED[p].left[0]);
      g_assert_cmpint(letters.top[0], ==, WANTED[p].top[0]);
      if (g == N_GRIDS - 1) continue; /* oblique: more letters follow */
      g_assert_cmpstr(letters.left, ==, WANTED[p].left);
      g_assert_cmpstr(letters.top, ==, WANTED[p].top);
    }
  HilumGrid oblique = test_grid(N_GRIDS - 1);
  HilumSliceState s = make(HILUM_SLICE_AXIAL, &oblique);
  HilumSliceLetters letters = hilum_slice_state_letters(&s);
  g_assert_cmpstr(letters.left, ==, "RA");
  g_assert_cmpstr(letters.right, ==, "LP");
  g_assert_cmpint((int)strlen(letters.top), ==, 3);
}

static void test_round_trips(void)
{
  for (int g = 0; g < N_GRIDS; g++)
    for (int p = 0; p < HILUM_SLICE_PLANES; p++) {
      HilumGrid grid = test_grid(g);
      HilumSliceState s = make((HilumSlicePlane)p, &grid);
      hilum_slice_state_zoom(&s, 1.9, 31, 300);
      hilum_slice_state_pan(&s, -17, 9);
      for (int i = 0; i < 20; i++) {
        double x = g_test_rand_double_range(0, 500), y = g_test_rand_double_range(0, 377), bx, by, distance;
        HilumVec3 mm = hilum_slice_state_widget_to_mm(&s, x, y);
        hilum_slice_state_mm_to_widget(&s, mm, &bx, &by, &distance);
        g_assert_cmpfloat_with_epsilon(bx, x, 1e-8);
        g_assert_cmpfloat_with_epsilon(by, y, 1e-8);
        g_assert_cmpfloat_with_epsilon(distance, 0, 1e-8);
        HilumPlane plane = hilum_slice_state_plane(&s);
        g_assert_cmpfloat_with_epsilon(hilum_vec3_dot(plane.normal, mm), plane.offset, 1e-8);
        HilumVoxel v;
        if (hilum_slice_state_widget_to_voxel(&s, x, y, &v)) {
          HilumVoxel at = hilum_grid_voxel_at_mm(&grid, mm);
          g_assert_true(at.i == v.i && at.j == v.j && at.k == v.k);
        }
      }
      /* Millimetres on the screen are millimetres in the patient, both ways: no stretching. */
      double d1 = hilum_vec3_distance(hilum_slice_state_widget_to_mm(&s, 100, 100),
                                      hilum_slice_state_widget_to_mm(&s, 200, 100));
      double d2 = hilum_vec3_distance(hilum_slice_state_widget_to_mm(&s, 100, 100),
                                      hilum_slice_state_widget_to_mm(&s, 100, 200));
      g_assert_cmpfloat_with_epsilon(d1, 100 / s.px_per_mm, 1e-9);
      g_assert_cmpfloat_with_epsilon(d2, 100 / s.px_per_mm, 1e-9);
    }
}

static void test_steps(void)
{
  for (int g = 0; g < N_GRIDS; g++)
    for (int p = 0; p < HILUM_SLICE_PLANES; p++) {
      HilumGrid grid = test_grid(g);
      HilumSliceState s = make((HilumSlicePlane)p, &grid);
      HilumVec3 before = hilum_slice_state_widget_to_mm(&s, 250, 188);
      g_assert_true(hilum_slice_state_step(&s, 3));
      HilumVec3 d = hilum_vec3_sub(hilum_slice_state_widget_to_mm(&s, 250, 188), before);
      double along = p == HILUM_SLICE_AXIAL ? d.z : p == HILUM_SLICE_SAGITTAL ? d.x : d.y;
      g_assert_cmpfloat(along, >, 0); /* superior, left, posterior */
      hilum_slice_state_step(&s, G_MAXINT);
      g_assert_cmpint(hilum_slice_state_get_position(&s), ==, hilum_slice_state_count(&s) - 1);
      g_assert_false(hilum_slice_state_step(&s, 1));
      hilum_slice_state_step(&s, G_MININT);
      g_assert_cmpint(hilum_slice_state_get_position(&s), ==, 0);
      hilum_slice_state_set_position(&s, 7);
      g_assert_cmpint(hilum_slice_state_get_position(&s), ==, 7);
      HilumVec3 corners[4];
      hilum_slice_state_corners_mm(&s, corners);
      for (int c = 0; c < 4; c++) {
        double x, y, distance;
        hilum_slice_state_mm_to_widget(&s, corners[c], &x, &y, &distance);
        g_assert_cmpfloat_with_epsilon(distance, 0, 1e-9);
        g_assert_true((x < 250) == (c == 0 || c == 3));
        g_assert_true((y < 188.5) == (c < 2));
      }
      hilum_slice_state_go_to_mm(&s, hilum_vec3(1e9, 1e9, 1e9)); /* clamps */
      g_assert_true(s.slice == 0 || s.slice == hilum_slice_state_count(&s) - 1 || g == N_GRIDS - 1);
    }
}

static void test_zoom_and_size(void)
{
  HilumGrid grid = test_grid(0);
  HilumSliceState s = make(HILUM_SLICE_AXIAL, &grid);
  g_assert_true(s.fitted);
  hilum_slice_state_set_size(&s, 1000, 754);
  g_assert_cmpfloat_with_epsilon(s.px_per_mm, 0.96 * MIN(1000 / 56.0, 754 / 55.0), 1e-9);
  HilumVec3 p = hilum_slice_state_widget_to_mm(&s, 123, 456);
  hilum_slice_state_zoom(&s, 2.5, 123, 456);
  g_assert_cmpfloat(hilum_vec3_distance(p, hilum_slice_state_widget_to_mm(&s, 123, 456)), <, 1e-9);
  g_assert_false(s.fitted);
  double scale = s.px_per_mm;
  hilum_slice_state_set_size(&s, 300, 300); /* the user's zoom stays */
  g_assert_cmpfloat(s.px_per_mm, ==, scale);
  for (int i = 0; i < 100; i++)
    hilum_slice_state_zoom(&s, 0.5, 0, 0);
  g_assert_cmpfloat(s.px_per_mm, ==, 0.05);
  HilumVoxel v = {-5, -5, -5};
  g_assert_false(hilum_slice_state_widget_to_voxel(&s, 1e300, -1e300, &v));
  g_assert_cmpint(v.i, ==, -5);
}

static void test_ruler_and_words(void)
{
  HilumGrid grid = test_grid(0);
  HilumSliceState s = make(HILUM_SLICE_AXIAL, &grid);
  static const double WANTED[][3] = {
      {4, 100, 20}, {1, 100, 100}, {0.05, 100, 100}, {60, 100, 1}, {200, 100, 1}};
  for (size_t i = 0; i < G_N_ELEMENTS(WANTED); i++) {
    double px;
    s.px_per_mm = WANTED[i][0];
    g_assert_cmpfloat(hilum_slice_state_ruler_mm(&s, WANTED[i][1], &px), ==, WANTED[i][2]);
    g_assert_cmpfloat(px, ==, WANTED[i][2] * s.px_per_mm);
  }
  g_autofree char *position = hilum_position_dup_text(hilum_vec3(70.2, -14, -0.01));
  g_assert_cmpstr(position, ==, "L 70.2 · A 14.0 · S 0.0 mm");
  g_autofree char *title = hilum_slice_state_dup_position_text(&s);
  g_assert_cmpstr(title, ==, "I 862.5 mm"); /* slice 15 of 2.5 mm from -900 */
}

static void test_other_grid(void)
{
  HilumGrid a = test_grid(0), b = test_grid(1);
  b.spacing_mm[2] = 1.25;
  b.origin_mm.z = -840;
  HilumSliceState s = make(HILUM_SLICE_AXIAL, &a);
  hilum_slice_state_zoom(&s, 2, 100, 100);
  HilumVec3 before = hilum_slice_state_widget_to_mm(&s, 250, 188.5);
  hilum_slice_state_set_grid(&s, &b);
  HilumVec3 after = hilum_slice_state_widget_to_mm(&s, 250, 188.5);
  g_assert_cmpfloat(hilum_vec3_distance(before, after), <=, 1.25 / 2 + 1e-9);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/slice/convention", test_convention);
  g_test_add_func("/view/slice/round-trips", test_round_trips);
  g_test_add_func("/view/slice/steps", test_steps);
  g_test_add_func("/view/slice/zoom-and-size", test_zoom_and_size);
  g_test_add_func("/view/slice/ruler-and-words", test_ruler_and_words);
  g_test_add_func("/view/slice/other-grid", test_other_grid);
  return g_test_run();
}
