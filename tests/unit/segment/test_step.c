/* Steps: what parses and what does not, recipes, and runs on a small volume with known answers. */
#include "hilum/segment/step.h"

#include "hilum/base/memory.h"
#include "hilum/segment/error.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static bool parses(const char *option, const char *value, HilumStep *previous, HilumStep *step)
{
  bool joined;
  g_autoptr(GError) error = NULL;
  *step = (HilumStep){0};
  const bool ok = hilum_step_parse(option, value, previous, step, &joined, &error);
  if (ok)
    g_assert_no_error(error);
  else
    g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX);
  return ok;
}

static void test_refused(void)
{
  static const char *const cases[][2] = {
      {"threshold", ""},
      {"threshold", ":"},
      {"threshold", "120"},
      {"threshold", "300:120"},
      {"threshold", "a:b"},
      {"threshold", "1:2:3"},
      {"threshold", "nan:"},
      {"threshold", "1:inf"},
      {"threshold", "0x10:"},
      {"threshold", "1,5:2"},
      {"threshold", " 1:2"},
      {"threshold", "1 :2"},
      {"threshold", "1e999:"},
      {"threshold", NULL},
      {"grow", ""},
      {"grow", "1,2"},
      {"grow", "1,2,3,4"},
      {"grow", "1,2,3;"},
      {"grow", ";1,2,3"},
      {"grow", "1;2;3"},
      {"grow", "1,,3"},
      {"grow", "1,2,nan"},
      {"keep", "1 2 3"},
      {"dilate", "0"},
      {"dilate", "-1"},
      {"dilate", "1e9"},
      {"dilate", "2mm"},
      {"erode", "nan"},
      {"open", ""},
      {"close", "inf"},
      {"smooth", "51"},
      {"remove-below", "0"},
      {"remove-below", "1e7"},
      {"inside", ""},
      {"outside", NULL},
      {"union", "\xff"},
      {"phase", "-1"},
      {"phase", "1.5"},
      {"phase", "999"},
      {"phase", ""},
      {"denoise-median", "3"},
      {"denoise-gaussian", ""},
      {"denoise-gaussian", "0"},
      {"denoise-gaussian", "10.5"},
      {"fill-holes", "yes"},
      {"largest", "2"},
      {"Threshold", "1:2"},
      {"--threshold", "1:2"},
      {"", ""},
      {"range", "1:2"},
      {"tolerance", "20"},
      {"connectivity", "26"},
      {"threshold", "--1:2"},
      {"threshold", "1e:2"},
      {"grow", "1,2,3e"},
  };
  for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
    HilumStep step;
    if (parses(cases[c][0], cases[c][1], NULL, &step))
      g_error("“%s %s” was accepted", cases[c][0], cases[c][1]);
    g_assert_null(step.points_mm);
    g_assert_null(step.name);
  }
}

static void test_accepted(void)
{
  HilumStep step;
  g_assert_true(parses("threshold", "120:300.5", NULL, &step));
  g_assert_true(step.op == hilum_step_op_find("threshold"));
  g_assert_true(step.lo == 120 && step.hi == 300.5);
  g_assert_true(parses("threshold", ":-50", NULL, &step));
  g_assert_true(step.lo == -INFINITY && step.hi == -50);
  g_assert_true(parses("threshold", "-1e2:", NULL, &step));
  g_assert_true(step.lo == -100 && step.hi == INFINITY);
  g_assert_true(parses("grow", "1,-2.5,3;4,5,6", NULL, &step));
  g_assert_cmpuint(step.points_mm->len, ==, 2);
  const HilumVec3 first = g_array_index(step.points_mm, HilumVec3, 0);
  g_assert_true(first.x == 1 && first.y == -2.5 && first.z == 3);
  HilumStep none;
  g_assert_false(parses("tolerance", "0", &step, &none));
  g_assert_false(parses("connectivity", "18", &step, &none));
  g_assert_true(parses("range", "100:200", &step, &none));
  g_assert_true(parses("connectivity", "26", &step, &none));
  g_assert_true(step.has_range && step.lo == 100 && step.hi == 200);
  g_assert_cmpint(step.connectivity, ==, 26);
  g_assert_false(parses("tolerance", "20", &step, &none)); /* a range is there already */
  hilum_step_clear(&step);
  g_assert_true(parses("inside", "left kidney", NULL, &step));
  g_assert_cmpstr(step.name, ==, "left kidney");
  g_assert_false(parses("range", "1:2", &step, &none)); /* not a grow step */
  hilum_step_clear(&step);
  static const char *const amounts[] = {"remove-below", "dilate", "erode", "open", "close", "smooth"};
  for (size_t a = 0; a < G_N_ELEMENTS(amounts); a++) {
    g_assert_true(parses(amounts[a], "1.25", NULL, &step));
    g_assert_cmpstr(hilum_step_op_get_name(step.op), ==, amounts[a]);
    g_assert_true(step.amount == 1.25);
  }
  g_assert_true(parses("fill-holes", NULL, NULL, &step));
  g_assert_true(parses("largest", "true", NULL, &step));
  g_assert_true(parses("phase", "2", NULL, &step));
  g_assert_true(step.amount == 2);
}

/* No two steps or joined options share a name, and each is found by it. */
static void test_table(void)
{
  g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
  const HilumStepOp *op;
  size_t n_steps = 0, n_options = 0;
  for (; (op = hilum_step_op_at(n_steps)) != NULL; n_steps++) {
    g_assert_true(hilum_step_op_find(hilum_step_op_get_name(op)) == op);
    g_assert_true(g_hash_table_add(names, (char *)hilum_step_op_get_name(op)));
  }
  const char *name;
  char *form;
  for (; hilum_step_option_at(n_options, &name, &form); n_options++) {
    g_assert_true(g_hash_table_add(names, (char *)name));
    g_assert_cmpuint(strlen(form), >, 0);
    g_free(form);
    /* Every joined option has a step that takes it, and one that does not. */
    g_autoptr(GError) error = NULL;
    bool joined;
    HilumStep none, other = {.op = hilum_step_op_find("fill-holes")};
    g_assert_false(hilum_step_parse(name, "1:2", &other, &none, &joined, &error));
    g_assert_nonnull(strstr(error->message, "it must follow a "));
    g_assert_null(strstr(error->message, "a  step"));
  }
  g_assert_cmpuint(n_steps, >=, 15);
  g_assert_cmpuint(n_options, >=, 3);
  g_assert_null(hilum_step_op_find("range"));
  g_assert_cmpstr(hilum_step_op_get_name(NULL), ==, "unknown");
}

static GArray *load(const char *text, GError **error)
{
  g_autofree char *path = NULL;
  const int fd = g_file_open_tmp("hilum-recipe-XXXXXX", &path, NULL);
  g_assert_cmpint(fd, >=, 0);
  g_assert_true(g_close(fd, NULL));
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  GArray *steps = hilum_steps_load_recipe(path, error);
  g_assert_cmpint(g_unlink(path), ==, 0);
  return steps;
}

static void test_recipe(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) steps = load("[recipe]\nname=Kidney\nversion=1\n"
                                 "[step 1]\nnote=why\nthreshold=100:\n"
                                 "[step 2]\ntolerance=40\nconnectivity=26\ngrow=1,2,3;4,5,6\n"
                                 "[step 3]\nfill-holes=true\n[step 4]\noutside=renal artery\n",
                                 &error);
  g_assert_no_error(error);
  g_assert_cmpuint(steps->len, ==, 4);
  const HilumStep *grow = &g_array_index(steps, HilumStep, 1);
  g_assert_true(grow->op == hilum_step_op_find("grow"));
  g_assert_true(grow->tolerance == 40 && grow->connectivity == HILUM_CONNECT_26);
  g_assert_cmpuint(grow->points_mm->len, ==, 2);
  g_assert_cmpstr(g_array_index(steps, HilumStep, 3).name, ==, "renal artery");

  static const char *const bad[] = {
      "",
      "[recipe]\nname=x\n",
      "[step 2]\nlargest=true\n",
      "[step 1]\nlargest=true\n[step 3]\nlargest=true\n",
      "[step 1]\n",
      "[step 1]\nlargest=true\ndilate=2\n",
      "[step 1]\nunknown=1\n",
      "[step 1]\ndilate=much\n",
      "[step 1]\nrange=1:2\n",
      "[step 1]\ngrow=1,2,3\n[step 2]\nrange=1:2\n",
      "[other]\na=1\n",
      "no key file\n",
      "[step 1]\nthreshold=\\q\n",
  };
  for (size_t b = 0; b < G_N_ELEMENTS(bad); b++) {
    g_autoptr(GError) why = NULL;
    g_autoptr(GArray) none = load(bad[b], &why);
    if (none != NULL) g_error("recipe %zu was accepted", b);
    g_assert_error(why, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX);
  }
  g_assert_null(hilum_steps_load_recipe("/nowhere/at/all.recipe", &error));
  g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* --- runs --- */

/* 40 x 30 x 20 at 0.5 x 1 x 2 mm: a block of 200 with a hole of 0, a block of 150 apart, air -1000; phase 1
 * is 500 everywhere. Structure 1 is empty, structure 2 ("fence") is the half with i < 20. */
typedef struct {
  HilumGrid grid;
  HilumVolume *volumes[2];
  HilumLabelSnapshot *labels;
  HilumStepContext context;
} Scene;

static uint8_t find_label(const char *name, void *data)
{
  return strcmp(name, "fence") == 0 ? 2 : 0;
}

static int16_t scene_value(int32_t i, int32_t j, int32_t k)
{
  if (i == 10 && j == 10 && k == 10) return 0;
  if (i >= 5 && i < 30 && j >= 5 && j < 15 && k >= 5 && k < 15) return 200;
  if (i >= 33 && i < 36 && j >= 5 && j < 8 && k >= 5 && k < 8) return 150;
  return -1000;
}

static void scene_init(Scene *s)
{
  s->grid = hilum_grid_new(40, 30, 20, 0.5, 1, 2);
  const size_t n = hilum_grid_count(&s->grid);
  int16_t *a = hilum_big_alloc(n * sizeof *a, NULL), *b = hilum_big_alloc(n * sizeof *b, NULL);
  g_autofree uint8_t *labels = g_new0(uint8_t, n);
  for (size_t v = 0; v < n; v++) {
    const int32_t i = (int32_t)(v % 40), j = (int32_t)(v / 40 % 30), k = (int32_t)(v / 1200);
    a[v] = scene_value(i, j, k);
    b[v] = 500;
    labels[v] = i < 20 ? 2 : 0;
  }
  s->volumes[0] = hilum_volume_new_take(&s->grid, a, 1, 0, "HU", NULL);
  s->volumes[1] = hilum_volume_new_take(&s->grid, b, 1, 0, "HU", NULL);
  s->labels = hilum_label_snapshot_new_from_dense(&s->grid, labels, NULL);
  s->context = (HilumStepContext){s->volumes, 2, s->labels, 1, find_label, NULL};
}

static void scene_clear(Scene *s)
{
  hilum_volume_unref(s->volumes[0]);
  hilum_volume_unref(s->volumes[1]);
  hilum_label_snapshot_unref(s->labels);
}

/* Runs "option value option value ..."; -1 and an error, or the voxels of the result. */
static int64_t run(const Scene *s, GArray *results, GError **error, const char *first, ...)
{
  g_autoptr(GArray) steps = g_array_new(FALSE, TRUE, sizeof(HilumStep));
  va_list args;
  va_start(args, first);
  for (const char *option = first; option != NULL; option = va_arg(args, const char *)) {
    const char *value = va_arg(args, const char *);
    HilumStep step = {0};
    bool joined;
    HilumStep *previous = steps->len ? &g_array_index(steps, HilumStep, steps->len - 1) : NULL;
    g_assert_true(hilum_step_parse(option, value, previous, &step, &joined, NULL));
    if (!joined) g_array_append_val(steps, step);
  }
  va_end(args);
  g_autoptr(HilumMask) mask =
      hilum_steps_run(&s->context, (const HilumStep *)(void *)steps->data, steps->len, results, NULL, error);
  for (guint n = 0; n < steps->len; n++)
    hilum_step_clear(&g_array_index(steps, HilumStep, n));
  return mask != NULL ? (int64_t)hilum_mask_count(mask) : -1;
}

static void test_run(void)
{
  Scene s;
  scene_init(&s);
  g_autoptr(GError) e = NULL;
  const int64_t big = 25 * 10 * 10 - 1, small = 27;
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", NULL), ==, big + small);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "largest", "", NULL), ==, big);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "fill-holes", "", NULL), ==, big + small + 1);
  /* Voxels of 1 mm3: 0.027 ml is exactly the small block, which then stays. */
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "remove-below", "0.027", NULL), ==, big + small);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "remove-below", "0.0271", NULL), ==, big);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "keep", "17,6,12", NULL), ==, small);
  g_assert_cmpint(run(&s, NULL, &e, "grow", "5,8,20", "range", "180:220", NULL), ==, big);
  g_assert_cmpint(run(&s, NULL, &e, "grow", "5,8,20;17,6,12", "range", "100:", NULL), ==, big + small);
  g_assert_cmpint(run(&s, NULL, &e, "grow", "8,8,20", "tolerance", "10", NULL), ==, big);
  g_assert_no_error(e);
  scene_clear(&s);
}

static void test_run_more(void)
{
  Scene s;
  scene_init(&s);
  g_autoptr(GError) e = NULL;
  const int64_t big = 25 * 10 * 10 - 1;
  /* After a step of the run, growth stays inside the working mask; a bare grow only follows it. */
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "190:", "grow", "8,8,20", "range", "-2000:", NULL), ==, big);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "grow", "8,8,20", NULL), ==, big);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "190:", "inside", "fence", NULL), ==, 15 * 100 - 1);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "190:", "outside", "fence", NULL), ==, 10 * 100);
  g_assert_cmpint(run(&s, NULL, &e, "union", "fence", NULL), ==, 20 * 30 * 20);
  g_assert_cmpint(run(&s, NULL, &e, "phase", "1", "threshold", "400:", NULL), ==, 40 * 30 * 20);
  g_assert_no_error(e);
  g_autoptr(GArray) results = g_array_new(FALSE, FALSE, sizeof(HilumStepResult));
  g_assert_cmpint(run(&s, results, &e, "threshold", "100:", "largest", "", "erode", "1", NULL), >, 0);
  g_assert_cmpuint(results->len, ==, 3);
  const HilumStepResult *second = &g_array_index(results, HilumStepResult, 1);
  g_assert_cmpstr(second->op, ==, "largest");
  g_assert_cmpuint(second->voxels, ==, (guint64)big);
  g_assert_cmpfloat_with_epsilon(second->ml, (double)big / 1000, 1e-12);
  scene_clear(&s);
}

static HilumMade made_by(Scene *s, const char *first, const char *first_value, const char *second,
                         const char *second_value, const char *third, const char *third_value)
{
  g_autoptr(GError) e = NULL;
  HilumMade made = {.how = (HilumMadeHow)99};
  s->context.made = &made;
  run(s, NULL, &e, first, first_value, second, second_value, third, third_value, NULL);
  g_assert_no_error(e);
  s->context.made = NULL;
  return made;
}

/* What a surface may follow: the last range that made the mask from the images as they are, whatever was
 * done to it since; nothing that was made of a copy without noise. */
static void test_made(void)
{
  Scene s;
  scene_init(&s);
  HilumMade m = made_by(&s, "threshold", "100:250", "open", "1", "largest", "");
  g_assert_cmpint(m.how, ==, HILUM_MADE_BY_RANGE);
  g_assert_true(m.lo == 100 && m.hi == 250 && m.phase == 0);
  m = made_by(&s, "threshold", "100:250", "erode", "1", "dilate", "1"); /* there and back */
  g_assert_cmpint(m.how, ==, HILUM_MADE_BY_RANGE);
  m = made_by(&s, "threshold", "100:250", "erode", "1", "dilate", "2"); /* a margin: elsewhere */
  g_assert_cmpint(m.how, ==, HILUM_MADE_OTHER);
  m = made_by(&s, "dilate", "2", "threshold", "100:250", "largest", ""); /* of what was there before */
  g_assert_cmpint(m.how, ==, HILUM_MADE_BY_RANGE);
  m = made_by(&s, "phase", "1", "threshold", "400:", "outside", "fence");
  g_assert_cmpint(m.how, ==, HILUM_MADE_BY_RANGE);
  g_assert_true(m.lo == 400 && m.hi == INFINITY && m.phase == 1);
  m = made_by(&s, "grow", "5,8,20", "tolerance", "10", "close", "1");
  g_assert_cmpint(m.how, ==, HILUM_MADE_BY_RANGE);
  g_assert_true(m.lo == 190 && m.hi == 210);
  m = made_by(&s, "threshold", "100:", "grow", "5,8,20", "range", "150:220");
  g_assert_true(m.how == HILUM_MADE_BY_RANGE && m.lo == 150 && m.hi == 220);
  m = made_by(&s, "threshold", "100:", "grow", "5,8,20", "radius", "3"); /* by no values: the first stays */
  g_assert_true(m.how == HILUM_MADE_BY_RANGE && m.lo == 100);
  m = made_by(&s, "otsu", "-500:500", "class", "2", "largest", "");
  g_assert_true(m.how == HILUM_MADE_BY_RANGE && m.lo > 0 && m.lo < 200 && m.hi == 500);
  m = made_by(&s, "denoise-median", NULL, "threshold", "100:", "largest", "");
  g_assert_cmpint(m.how, ==, HILUM_MADE_OTHER);
  m = made_by(&s, "denoise-median", NULL, "phase", "0", "threshold", "100:"); /* back to the images */
  g_assert_cmpint(m.how, ==, HILUM_MADE_BY_RANGE);
  m = made_by(&s, "union", "fence", "close", "1", "largest", "");
  g_assert_cmpint(m.how, ==, HILUM_MADE_KEPT);
  m = made_by(&s, "union", "fence", "dilate", "1", "largest", "");
  g_assert_cmpint(m.how, ==, HILUM_MADE_OTHER);
  scene_clear(&s);
}

/* Ranges that steps find themselves, and the limits of growth. */
static void test_run_ranges(void)
{
  Scene s;
  scene_init(&s);
  g_autoptr(GError) e = NULL;
  const int64_t big = 25 * 10 * 10 - 1, small = 27, all = 40 * 30 * 20;
  g_assert_cmpint(run(&s, NULL, &e, "otsu", "-2000:", NULL), ==, big + small + 1); /* air and the rest */
  g_assert_cmpint(run(&s, NULL, &e, "otsu", "-2000:", "class", "1", NULL), ==, all - big - small - 1);
  g_assert_cmpint(run(&s, NULL, &e, "otsu", "-2000:", "classes", "4", "class", "3", NULL), ==, small);
  g_assert_cmpint(run(&s, NULL, &e, "otsu", "0:", "classes", "3", NULL), ==, big);
  /* Inside what an earlier step left: of the fence's half, the bright part and the hole. */
  g_assert_cmpint(run(&s, NULL, &e, "union", "fence", "otsu", "-2000:", NULL), ==, 15 * 100);
  g_assert_cmpint(run(&s, NULL, &e, "preset", "cortex-arterial", NULL), ==, big + small); /* 140 to 200 */
  g_assert_cmpint(run(&s, NULL, &e, "grow", "8,8,20", "confidence", "2", NULL), ==, big);
  g_assert_cmpint(run(&s, NULL, &e, "grow", "8,8,20", "tolerance", "10", "radius", "1", NULL), ==, 5 + 2);
  g_assert_cmpint(run(&s, NULL, &e, "union", "fence", "grow", "8,8,20", "radius", "0.5", NULL), ==, 3);
  /* Across the block's sides the gradient is 1200 HU in two voxels of 0.5, 1 or 2 mm: growth reaches the
   * faces of the block, not its edges, which touch no voxel that may be passed. */
  g_assert_cmpint(run(&s, NULL, &e, "grow", "8,8,20", "range", "-2000:", NULL), ==, all);
  g_assert_cmpint(run(&s, NULL, &e, "grow", "8,8,20", "range", "-2000:", "barrier", "100", NULL), ==,
                  23 * 8 * 8 + 2 * (8 * 8 + 2 * 23 * 8));
  g_assert_no_error(e);
  g_assert_cmpint(run(&s, NULL, &e, "otsu", "-2000:", "classes", "5", NULL), ==, -1); /* four values */
  g_assert_error(e, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY);
  g_clear_error(&e);
  g_assert_cmpint(run(&s, NULL, &e, "otsu", "-2000:", "classes", "3", "class", "4", NULL), ==, -1);
  g_assert_error(e, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  g_clear_error(&e);
  g_assert_cmpint(run(&s, NULL, &e, "preset", "spleen", NULL), ==, -1);
  g_assert_error(e, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  g_assert_nonnull(strstr(e->message, "urine-excretory"));
  scene_clear(&s);
}

/* Later steps read the filtered copy, until another phase is chosen; what is made keeps its meaning. */
static void test_denoise(void)
{
  Scene s;
  scene_init(&s);
  g_autoptr(GError) e = NULL;
  const int64_t whole = 25 * 10 * 10, sharp = whole - 1;
  /* The hole of one voxel is filled by the median, but the block's edges and corners go: 12 edges (4 of 25 -
   * 2 and 8 of 10 - 2) and 8 corners. In the small block of 27 the 7 inside its edges stay. */
  const int64_t rounded = whole - 4 * 23 - 8 * 8 - 8;
  g_assert_cmpint(run(&s, NULL, &e, "denoise-median", "", "threshold", "190:", NULL), ==, rounded);
  g_assert_cmpint(run(&s, NULL, &e, "denoise-median", "", "threshold", "100:190", NULL), ==, 7);
  g_assert_cmpint(run(&s, NULL, &e, "denoise-median", "", "phase", "0", "threshold", "190:", NULL), ==,
                  sharp);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "190:", "denoise-median", "", NULL), ==, sharp);
  /* A setting makes no mask: the growth after it is not kept inside the (empty) structure. */
  g_assert_cmpint(run(&s, NULL, &e, "denoise-median", "", "grow", "8,8,20", "range", "190:", NULL), ==,
                  rounded);
  /* In the dark hole the Gaussian finds its surroundings; twice is smoother than once. */
  const int64_t once = run(&s, NULL, &e, "denoise-gaussian", "0.5", "threshold", "100:", NULL);
  g_assert_cmpint(once, >, 0);
  g_assert_cmpint(once, <, sharp);
  g_assert_cmpint(
      run(&s, NULL, &e, "denoise-gaussian", "0.5", "denoise-gaussian", "1.5", "threshold", "100:", NULL), <,
      once);
  g_assert_no_error(e);
  s.context.n_volumes = 0;
  g_assert_cmpint(run(&s, NULL, &e, "denoise-median", "", NULL), ==, -1);
  g_assert_error(e, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  scene_clear(&s);
}

/* The steps that make walls, fill between slices and part what touches; numbers counted by hand. */
static void test_run_shape(void)
{
  Scene s;
  scene_init(&s);
  g_autoptr(GError) e = NULL;
  const int64_t big = 25 * 10 * 10 - 1, small = 27, fence = 20 * 30 * 20;
  /* 0.5 x 1 x 2 mm: half a millimetre reaches one voxel along x only. The hole is filled from both sides. */
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "190:", "shell", "0.5", NULL), ==, 2 * 100 + 1);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "190:", "fill-holes", "", "hollow", "0.5", NULL), ==,
                  2 * 100);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "xor", "fence", NULL), ==,
                  fence + small + big - 2 * (15 * 100 - 1));
  /* By depth the two blocks are parts of their own, and so they are against each other. */
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "fill-holes", "", "part", "17,6,12", NULL), ==,
                  small);
  g_assert_cmpint(
      run(&s, NULL, &e, "threshold", "100:", "fill-holes", "", "part", "17,6,12", "against", "8,8,20", NULL),
      ==, small);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "fill-slices", "z", NULL), ==, big + small);
  /* Radii of 1, 2 and 2 mm are 2, 2 and 1 voxels; the big block is 25 x 10 x 10. */
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "190:", "fill-holes", "", "dilate", "2", "shape", "box",
                      "stretch", "0.5,1,1", NULL),
                  ==, 29 * 14 * 12);
  g_assert_cmpint(
      run(&s, NULL, &e, "threshold", "190:", "fill-holes", "", "erode", "1", "stretch", "0,0,2", NULL), ==,
      25 * 10 * 8);
  /* A box of 9 x 5 x 3 voxels goes everywhere but between the hole and the walls 5 and 4 voxels from it. */
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "open", "2", "shape", "box", NULL), ==,
                  2500 - 6 * 5);
  g_assert_no_error(e);
  g_assert_cmpint(run(&s, NULL, &e, "threshold", "100:", "part", "1,1,1", NULL), ==, -1);
  g_assert_error(e, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  HilumStep part, none;
  g_assert_true(parses("part", "1,2,3", NULL, &part));
  g_assert_true(parses("against", "1,2,3;4,5,6", &part, &none));
  g_assert_false(parses("against", "7,8,9", &part, &none));
  g_assert_true(parses("neck", "2.5", &part, &none));
  g_assert_true(part.neck_mm == 2.5 && part.against_mm->len == 2);
  hilum_step_clear(&part);
  g_assert_false(parses("fill-slices", "w", NULL, &none));
  scene_clear(&s);
}

static void test_run_errors(void)
{
  Scene s;
  scene_init(&s);
  const struct {
    const char *option, *value, *option2, *value2;
    int code;
    const char *says;
  } cases[] = {
      {"grow", "8,8,20", "range", "0:100", HILUM_SEGMENT_ERROR_SEED, "(8.0, 8.0, 20.0) mm"},
      {"grow", "8,8,20", "range", "0:100", HILUM_SEGMENT_ERROR_SEED, "value 200 HU"},
      {"grow", "8,8,200", "range", "0:100", HILUM_SEGMENT_ERROR_SEED, "outside the volume"},
      {"largest", "", "grow", "8,8,20", HILUM_SEGMENT_ERROR_SEED, "Step 2 (grow)"},
      {"largest", "", "keep", "8,8,20", HILUM_SEGMENT_ERROR_SEED, "Step 2 (keep)"},
      {"largest", "", "inside", "nobody", HILUM_SEGMENT_ERROR_INVALID, "“nobody”"},
      {"largest", "", "phase", "2", HILUM_SEGMENT_ERROR_INVALID, "no phase 2"},
      {"dilate", "2", "stretch", "0,0,0", HILUM_SEGMENT_ERROR_INVALID, "0,0,0"},
      {"erode", "2", "stretch", "1,-1,1", HILUM_SEGMENT_ERROR_INVALID, "1,-1,1"},
      {"close", "2", "stretch", "1,1,101", HILUM_SEGMENT_ERROR_INVALID, "200 mm"},
  };
  for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(
        run(&s, NULL, &error, cases[c].option, cases[c].value, cases[c].option2, cases[c].value2, NULL), ==,
        -1);
    g_assert_error(error, HILUM_SEGMENT_ERROR, cases[c].code);
    g_assert_nonnull(strstr(error->message, cases[c].says));
  }
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  const HilumStep step = {.op = hilum_step_op_find("largest")};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_steps_run(&s.context, &step, 1, NULL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  scene_clear(&s);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/step/refused", test_refused);
  g_test_add_func("/segment/step/accepted", test_accepted);
  g_test_add_func("/segment/step/table", test_table);
  g_test_add_func("/segment/step/recipe", test_recipe);
  g_test_add_func("/segment/step/run", test_run);
  g_test_add_func("/segment/step/run-more", test_run_more);
  g_test_add_func("/segment/step/run-ranges", test_run_ranges);
  g_test_add_func("/segment/step/made", test_made);
  g_test_add_func("/segment/step/denoise", test_denoise);
  g_test_add_func("/segment/step/run-shape", test_run_shape);
  g_test_add_func("/segment/step/errors", test_run_errors);
  return g_test_run();
}
