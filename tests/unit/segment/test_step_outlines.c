/* Steps that draw, as the command line writes them, against the rule on every voxel centre. */
#include "hilum/base/memory.h"
#include "hilum/segment/error.h"
#include "hilum/segment/scissors.h"
#include "hilum/segment/step.h"

#include <string.h>

typedef struct {
  HilumGrid grid;
  HilumVolume *volume;
  HilumLabelSnapshot *labels; /* label 1: all but the border */
} Fixture;

static void set_up(Fixture *f, gconstpointer oblique)
{
  f->grid = hilum_grid_new(40, 34, 26, 0.8, 0.9, 1.5);
  f->grid.origin_mm = hilum_vec3(-10, 4, 2);
  if (oblique) {
    f->grid.axes[0] = hilum_vec3(cos(0.3), sin(0.3), 0);
    f->grid.axes[1] = hilum_vec3(-sin(0.3), cos(0.3), 0);
  }
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&f->grid) * sizeof *voxels, NULL);
  g_autofree uint8_t *labels = g_malloc0(hilum_grid_count(&f->grid));
  HilumVoxel v;
  for (v.k = 0; v.k < 26; v.k++)
    for (v.j = 0; v.j < 34; v.j++)
      for (v.i = 0; v.i < 40; v.i++) {
        const size_t at = hilum_grid_offset(&f->grid, v);
        voxels[at] = (int16_t)(v.k == 9 && v.i >= 10 && v.i < 22 && v.j > 5 && v.j < 19 ? 100 : v.i);
        labels[at] = v.i > 0 && v.j > 0 && v.k > 0 && v.i < 39 && v.j < 33 && v.k < 25;
      }
  f->volume = hilum_volume_new_take(&f->grid, voxels, 1, 0, "HU", NULL);
  f->labels = hilum_label_snapshot_new_from_dense(&f->grid, labels, NULL);
}

static void tear_down(Fixture *f, gconstpointer data)
{
  hilum_volume_unref(f->volume);
  hilum_label_snapshot_unref(f->labels);
}

/* `text`: "option value option value ..."; NULL with the error if it fails to parse or to run. */
static HilumMask *run(Fixture *f, const char *text, GError **error)
{
  g_auto(GStrv) words = g_strsplit(text, " ", -1);
  HilumStep step = {0}, next;
  HilumMask *mask = NULL;
  bool good = true;
  for (size_t w = 0; good && words[w] && words[w + 1]; w += 2) {
    bool joined;
    good = hilum_step_parse(words[w], words[w + 1], w ? &step : NULL, &next, &joined, error);
    if (good && !joined) step = next;
  }
  const HilumStepContext context = {.volumes = &f->volume, .n_volumes = 1, .labels = f->labels, .label = 1};
  if (good) mask = hilum_steps_run(&context, &step, 1, NULL, NULL, error);
  hilum_step_clear(&step);
  return mask;
}

static char *points_text(const HilumVec3 *p, size_t n)
{
  GString *text = g_string_new(NULL);
  for (size_t i = 0; i < n; i++) {
    char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE], z[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(text, "%s%s,%s,%s", i ? ";" : "", g_ascii_dtostr(x, sizeof x, p[i].x),
                           g_ascii_dtostr(y, sizeof y, p[i].y), g_ascii_dtostr(z, sizeof z, p[i].z));
  }
  return g_string_free(text, FALSE);
}

static bool was(Fixture *f, HilumVoxel v)
{
  return hilum_label_snapshot_get(f->labels, v) == 1;
}

#define EVERY(f, v)                                                                                          \
  for (HilumVoxel v = {0, 0, 0}; v.k < (f)->grid.dims[2]; v.k++)                                             \
    for (v.j = 0; v.j < (f)->grid.dims[1]; v.j++)                                                            \
      for (v.i = 0; v.i < (f)->grid.dims[0]; v.i++)

static const double CORNERS[4][2] = {{-3.3, 4.2}, {25.6, 2.4}, {30.1, 28.7}, {8.2, 21.3}};

/* In each of the three planes, in each of three ways. */
static void test_lasso(Fixture *f, gconstpointer data)
{
  static const char *const draws[] = {"add", "erase", "replace"};
  for (int n = 0; n < 9; n++) {
    const int axis = n % 3, slice = 7, choice = n / 3;
    HilumVec3 mm[4];
    HilumPoint2 flat[4];
    for (int c = 0; c < 4; c++) {
      double at[3];
      at[axis] = slice + 0.2;
      at[hilum_slice_x_axis(axis)] = flat[c].x = CORNERS[c][0];
      at[hilum_slice_y_axis(axis)] = flat[c].y = CORNERS[c][1];
      mm[c] = hilum_grid_to_mm(&f->grid, (HilumIndexPos){at[0], at[1], at[2]});
    }
    g_autofree char *points = points_text(mm, 4),
                    *text = g_strdup_printf("lasso %s draw %s", points, draws[choice]);
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumMask) mask = run(f, text, &error);
    g_assert_no_error(error);
    const HilumPolygon polygon = {flat, 4, HILUM_FILL_EVEN_ODD};
    EVERY(f, v)
    {
      const int32_t at[3] = {v.i, v.j, v.k};
      const bool here = at[axis] == slice,
                 in = here && hilum_polygon_contains(&polygon, at[hilum_slice_x_axis(axis)],
                                                     at[hilum_slice_y_axis(axis)]);
      const bool expected = choice == 0   ? was(f, v) || in
                            : choice == 1 ? was(f, v) && !in
                            : here        ? in
                                          : was(f, v);
      g_assert_cmpint(hilum_mask_get(mask, v), ==, expected);
    }
  }
}

static const HilumVec3 QUAD[4] = {
    {-6.137, 10.071, 12.313}, {14.019, 8.173, 14.057}, {16.211, 26.093, 20.171}, {-2.059, 24.217, 18.023}};

/* Along the outline's normal, along a direction, from an eye; inside and outside; through everything and some
 * mm. */
static void test_cut(Fixture *f, gconstpointer data)
{
  static const char *const views[] = {"", " along 0.2,1,-0.4", " eye 4,-60,25"};
  g_autofree char *points = points_text(QUAD, 4);
  for (int n = 0; n < 12; n++) {
    const int view = n % 3;
    const bool outside = n / 3 % 2, deep = n < 6;
    g_autofree char *text = g_strdup_printf("cut %s%s%s%s", points, views[view],
                                            outside ? " side outside" : "", deep ? "" : " depth 9.3");
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumMask) mask = run(f, text, &error);
    g_assert_no_error(error);
    const HilumVec3 middle = {(-6.137 + 14.019 + 16.211 - 2.059) / 4, (10.071 + 8.173 + 26.093 + 24.217) / 4,
                              (12.313 + 14.057 + 20.171 + 18.023) / 4};
    const HilumVec3 eye = {4, -60, 25};
    const HilumVec3 direction = hilum_vec3_normalize(view == 0   ? hilum_polygon_normal(QUAD, 4)
                                                     : view == 1 ? hilum_vec3(0.2, 1, -0.4)
                                                                 : hilum_vec3_sub(middle, eye));
    /* On the plane through the middle, along the line of sight through each point. */
    const HilumMat4 flat_view = hilum_scissors_view_along(direction);
    HilumPoint2 flat[4], p;
    uint64_t gone = 0;
    for (int c = 0; c < 5; c++) {
      HilumVec3 q = c < 4 ? QUAD[c] : middle;
      if (view == 2)
        q = hilum_vec3_madd(eye, 1 / hilum_vec3_dot(hilum_vec3_sub(q, eye), direction),
                            hilum_vec3_sub(q, eye));
      g_assert_true(hilum_scissors_project(&flat_view, q, c < 4 ? &flat[c] : &p));
    }
    const HilumPolygon polygon = {flat, 4, HILUM_FILL_EVEN_ODD};
    EVERY(f, v)
    {
      HilumVec3 q = hilum_grid_voxel_to_mm(&f->grid, v);
      const double depth = hilum_vec3_dot(hilum_vec3_sub(q, middle), direction);
      if (view == 2)
        q = hilum_vec3_madd(eye, 1 / hilum_vec3_dot(hilum_vec3_sub(q, eye), direction),
                            hilum_vec3_sub(q, eye));
      hilum_scissors_project(&flat_view, q, &p);
      const bool cut =
          hilum_polygon_contains(&polygon, p.x, p.y) != outside && (deep || fabs(depth) <= 9.3 / 2);
      g_assert_cmpint(hilum_mask_get(mask, v), ==, was(f, v) && !cut);
      gone += was(f, v) && cut;
    }
    g_assert_cmpuint(gone, >, 100);
  }
}

static void test_trace(Fixture *f, gconstpointer data)
{
  const HilumVec3 at = hilum_grid_voxel_to_mm(&f->grid, (HilumVoxel){12, 8, 9});
  g_autofree char *point = points_text(&at, 1);
  g_autofree char *text = g_strdup_printf("trace %s plane axial draw replace", point);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = run(f, text, &error);
  g_assert_no_error(error);
  EVERY(f, v)
  g_assert_cmpint(hilum_mask_get(mask, v), ==,
                  v.k == 9 ? v.i >= 10 && v.i < 22 && v.j > 5 && v.j < 19 : was(f, v));
}

static void test_refused(Fixture *f, gconstpointer data)
{
  static const struct {
    const char *text, *says;
  } CASES[] = {
      {"lasso 1,6,5;3,6,5", "at least three points"},
      {"lasso 1,6,5;3,6,5;3,9,11", "one slice"},
      {"lasso 1,6,500;3,6,500;3,9,500", "outside the volume"},
      {"lasso 1,6,5;3,6,5;3,9,5 side inside", "must follow a cut step"},
      {"lasso 1,6,5;3,6,5;3,9,5 fill-rule odd", "even-odd or nonzero"},
      {"cut 1,6,5;3,6,5", "at least three points"},
      {"cut 1,6,5;2,7,6;3,8,7", "no area"},
      {"cut 1,6,5;3,6,5;3,9,5 along 0,0,0", "no area"},
      {"cut 1,6,5;3,6,5;3,9,5 along 0,0,1;1,0,0", "takes one X,Y,Z"},
      {"cut 1,6,5;3,6,5;3,9,5 along 0,0,1 eye 1,1,1", "already has a direction or an eye"},
      {"cut 1,6,5;3,6,5;30,90,-900 eye 3,7,1", "behind the eye"},
      {"cut 1,6,5;3,6,5;3,9,5 depth 0", "above 0"},
      {"trace 500,6,5", "outside the volume"},
      {"trace 1,6,5 plane oblique", "axial or sagittal or coronal"},
  };
  for (size_t n = 0; n < G_N_ELEMENTS(CASES); n++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(run(f, CASES[n].text, &error));
    g_assert_nonnull(error);
    if (!strstr(error->message, CASES[n].says)) g_error("%s: %s", CASES[n].text, error->message);
  }
}

#define ADD(path, function)                                                                                  \
  g_test_add("/step-outlines/straight/" path, Fixture, NULL, set_up, function, tear_down);                   \
  g_test_add("/step-outlines/oblique/" path, Fixture, "oblique", set_up, function, tear_down)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("lasso", test_lasso);
  ADD("cut", test_cut);
  ADD("trace", test_trace);
  g_test_add("/step-outlines/refused", Fixture, NULL, set_up, test_refused, tear_down);
  return g_test_run();
}
