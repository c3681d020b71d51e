/* Offscreen scenes against PNG references. A difference leaves NAME.out.png and NAME.diff.png in the build
 * folder. References change only on purpose: HILUM_UPDATE_REFERENCES=1 writes them, and somebody looks at
 * each. */
#include "scenes.h"

#include "hilum/base/memory.h"
#include "hilum/render/error.h"

#include <cairo.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 256
/* Drivers differ by rounding and by a pixel of an edge: so many steps a channel are no difference, and so
 * small a share of pixels may differ more. */
#define TOLERANCE 10
#define SHARE 0.006

static HilumOffscreen *offscreen;

static char *reference_path(const char *name)
{
  g_autofree char *file = g_strconcat(name, ".png", NULL);
  return g_test_build_filename(G_TEST_DIST, "references", file, NULL);
}

static char *output_path(const char *name, const char *kind)
{
  g_autofree char *file = g_strdup_printf("%s.%s.png", name, kind);
  return g_test_build_filename(G_TEST_BUILT, file, NULL);
}

static void write_png(const char *path, const uint8_t *rgba, int width, int height)
{
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  for (int y = 0; y < height; y++) {
    uint8_t *row =
        cairo_image_surface_get_data(surface) + (ptrdiff_t)y * cairo_image_surface_get_stride(surface);
    for (int x = 0; x < width; x++) {
      const uint8_t *p = rgba + 4 * ((size_t)y * (size_t)width + (size_t)x);
      uint32_t word = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
      memcpy(row + 4 * (ptrdiff_t)x, &word, 4);
    }
  }
  cairo_surface_mark_dirty(surface);
  g_assert_cmpint(cairo_surface_write_to_png(surface, path), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_destroy(surface);
}

/* RGBA of a PNG of the expected size, or NULL. */
static uint8_t *read_png(const char *path, int width, int height)
{
  cairo_surface_t *surface = cairo_image_surface_create_from_png(path);
  uint8_t *rgba = NULL;
  if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS &&
      cairo_image_surface_get_width(surface) == width && cairo_image_surface_get_height(surface) == height) {
    rgba = g_malloc((gsize)width * (gsize)height * 4);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        uint32_t word;
        memcpy(&word,
               cairo_image_surface_get_data(surface) +
                   (ptrdiff_t)y * cairo_image_surface_get_stride(surface) + 4 * (ptrdiff_t)x,
               4);
        uint8_t *p = rgba + 4 * ((size_t)y * (size_t)width + (size_t)x);
        p[0] = (uint8_t)(word >> 16);
        p[1] = (uint8_t)(word >> 8);
        p[2] = (uint8_t)word;
        p[3] = 255;
      }
  }
  cairo_surface_destroy(surface);
  return rgba;
}

/* Share of pixels that differ; `diff` gets their differences, amplified. */
static double compare(const uint8_t *a, const uint8_t *b, size_t pixels, uint8_t *diff)
{
  size_t different = 0;
  for (size_t i = 0; i < pixels; i++) {
    int most = 0;
    for (size_t c = 0; c < 3; c++) {
      int d = abs(a[4 * i + c] - b[4 * i + c]);
      diff[4 * i + c] = (uint8_t)MIN(255, 8 * d);
      most = MAX(most, d);
    }
    diff[4 * i + 3] = 255;
    different += most > TOLERANCE;
  }
  return (double)different / (double)pixels;
}

static uint8_t *draw(HilumWorkspace *workspace, HilumPictureLayout layout, int width, int height)
{
  HilumPictureOptions options = {.layout = layout, .width = width, .height = height};
  g_autoptr(GError) error = NULL;
  uint8_t *rgba = hilum_offscreen_draw(offscreen, workspace, &options, &error);
  g_assert_no_error(error);
  return rgba;
}

static void check(const char *name, const uint8_t *rgba, int width, int height)
{
  g_autofree char *reference = reference_path(name);
  if (g_getenv("HILUM_UPDATE_REFERENCES")) {
    write_png(reference, rgba, width, height);
    g_test_message("wrote %s", reference);
    return;
  }
  g_autofree uint8_t *expected = read_png(reference, width, height);
  g_autofree char *out = output_path(name, "out"), *diff_path = output_path(name, "diff");
  if (!expected) {
    write_png(out, rgba, width, height);
    g_test_fail_printf("%s: no reference of that size; the picture is %s", name, out);
    return;
  }
  g_autofree uint8_t *diff = g_malloc((gsize)width * (gsize)height * 4);
  double share = compare(rgba, expected, (size_t)width * (size_t)height, diff);
  if (share <= SHARE) return;
  write_png(out, rgba, width, height);
  write_png(diff_path, diff, width, height);
  g_test_fail_printf("%s: %.2f %% of the pixels differ; see %s and %s", name, 100 * share, out, diff_path);
}

static bool ready(void)
{
  if (!offscreen) g_test_skip("no EGL context can be made on this machine, so nothing can be drawn");
  return offscreen != NULL;
}

static const uint8_t *pixel(const uint8_t *rgba, int x, int y)
{
  return rgba + 4 * ((size_t)y * SIZE + (size_t)x);
}

/* --- slices --- */

static void test_slice(gconstpointer data)
{
  if (!ready()) return;
  HilumPictureLayout layout = (HilumPictureLayout)GPOINTER_TO_INT(data);
  Scene scene = scene_slices(0);
  g_autofree uint8_t *rgba = draw(scene.workspace, layout, SIZE, SIZE);
  check(hilum_slice_plane_name((HilumSlicePlane)layout), rgba, SIZE, SIZE);
  scene_clear(&scene);
}

/* The bright ball lies to the patient's left, anterior and superior: the picture must say so without a
 * reference. */
static void test_convention(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(0);
  HilumViewOptions options = *hilum_workspace_get_options(scene.workspace);
  options.hide_crosshair = options.hide_overlay = true;
  hilum_workspace_set_options(scene.workspace, &options);
  hilum_workspace_set_cursor_mm(scene.workspace, hilum_vec3(22, -14, 15));
  for (int layout = 0; layout < 3; layout++) {
    g_autofree uint8_t *rgba = draw(scene.workspace, (HilumPictureLayout)layout, SIZE, SIZE);
    double sum = 0, x = 0, y = 0;
    for (int v = 24; v < SIZE - 24; v++)
      for (int u = 24; u < SIZE - 24; u++)
        if (pixel(rgba, u, v)[0] > 240) {
          sum++;
          x += u;
          y += v;
        }
    g_assert_cmpfloat(sum, >, 50);
    x /= sum;
    y /= sum;
    if (layout == HILUM_PICTURE_SAGITTAL)
      g_assert_cmpfloat(x, <, SIZE / 2); /* anterior is left */
    else
      g_assert_cmpfloat(x, >, SIZE / 2); /* patient left is screen right */
    g_assert_cmpfloat(y, <, SIZE / 2);   /* anterior in axial, superior in the others: up */
  }
  scene_clear(&scene);
}

static void test_oblique(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(20);
  g_autofree uint8_t *rgba = draw(scene.workspace, HILUM_PICTURE_CORONAL, SIZE, SIZE);
  check("coronal-oblique", rgba, SIZE, SIZE);
  scene_clear(&scene);
}

static void test_nearest(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(0);
  HilumViewOptions options = *hilum_workspace_get_options(scene.workspace);
  options.smooth = false;
  options.hide_fill = true;
  hilum_workspace_set_options(scene.workspace, &options);
  g_autofree uint8_t *rgba = draw(scene.workspace, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  check("axial-nearest", rgba, SIZE, SIZE);
  scene_clear(&scene);
}

static void test_preview(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(0);
  hilum_workspace_set_cursor_mm(scene.workspace, hilum_vec3(22, -14, 15));
  hilum_workspace_set_preview_range(scene.workspace, 150, 300);
  g_autofree uint8_t *by_range = draw(scene.workspace, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  check("axial-preview", by_range, SIZE, SIZE);
  /* The same region as a mask must give the same picture. */
  HilumVolume *volume = hilum_workspace_get_active_volume(scene.workspace);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  HilumMask *mask = hilum_mask_new(grid->dims, NULL);
  for (HilumVoxel v = {0, 0, 0}; v.k < grid->dims[2]; v.k++)
    for (v.j = 0; v.j < grid->dims[1]; v.j++)
      for (v.i = 0; v.i < grid->dims[0]; v.i++)
        if (hilum_volume_get_value(volume, v) >= 150) hilum_mask_set(mask, v);
  hilum_workspace_set_preview_mask(scene.workspace, mask);
  g_autofree uint8_t *by_mask = draw(scene.workspace, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  g_assert_cmpmem(by_range, SIZE * SIZE * 4, by_mask, SIZE * SIZE * 4);
  scene_clear(&scene);
}

/* A stroke must reach the texture by its bricks alone: same picture as a fresh upload of the same labels. */
static void test_label_update(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(0);
  g_autofree uint8_t *before = draw(scene.workspace, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  const HilumGrid *grid = hilum_label_map_get_grid(scene.labels);
  g_autoptr(HilumMask) mask = hilum_mask_new(grid->dims, NULL);
  HilumVoxel at = hilum_grid_voxel_at_mm(grid, hilum_vec3(20, 10, 1));
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = at.j - 4; j < at.j + 4; j++)
      hilum_mask_set_span(mask, at.i - 4, at.i + 4, j, k);
  HilumLabelWrite write = {.label = 3, .mode = HILUM_LABEL_ADD};
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(scene.labels);
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(snapshot, mask, NULL, &write, NULL, NULL);
  g_assert_true(hilum_label_map_apply(scene.labels, delta, true));
  g_autofree uint8_t *updated = draw(scene.workspace, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  g_assert_cmpint(memcmp(before, updated, SIZE * SIZE * 4), !=, 0);
  hilum_workspace_set_labels(scene.workspace, scene.labels); /* another identity: all of it anew */
  g_autofree uint8_t *fresh = draw(scene.workspace, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  g_assert_cmpmem(updated, SIZE * SIZE * 4, fresh, SIZE * SIZE * 4);
  scene_clear(&scene);
}

/* --- two phases --- */

static HilumVolume *constant(int16_t value)
{
  const HilumGrid grid = hilum_grid_new(100, 100, 8, 1, 1, 1);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (size_t i = 0; i < hilum_grid_count(&grid); i++)
    voxels[i] = value;
  return hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
}

/* The red of the axial picture where a point of the patient is seen. */
static int shade_at(HilumWorkspace *workspace, const uint8_t *rgba, double x_mm, double y_mm)
{
  double x, y;
  hilum_slice_state_mm_to_widget(hilum_workspace_get_slice(workspace, HILUM_SLICE_AXIAL),
                                 hilum_vec3(x_mm, y_mm, 4), &x, &y, NULL);
  return rgba[4 * ((size_t)y * SIZE + (size_t)x)];
}

static void test_fusion(void)
{
  if (!ready()) return;
  g_autoptr(HilumVolume) black = constant(0), white = constant(100);
  HilumVolume *volumes[] = {black, white};
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  hilum_workspace_set_phases(w, volumes, NULL, 2);
  hilum_workspace_set_window(w, (HilumWindowLevel){100, 50});
  HilumViewOptions options = *hilum_workspace_get_options(w);
  options.hide_crosshair = true;
  hilum_workspace_set_options(w, &options);
  HilumFusion fusion = {HILUM_FUSION_BLEND, 1, 0.25, 20};
  hilum_workspace_set_fusion(w, &fusion);
  g_autofree uint8_t *blend = draw(w, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  g_assert_cmpint(ABS(shade_at(w, blend, 50, 50) - 64), <=, 2);
  hilum_workspace_set_phase_window(w, 1, (HilumWindowLevel){200, 100}); /* its own: 100 HU is mid grey */
  g_autofree uint8_t *own = draw(w, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  g_assert_cmpint(ABS(shade_at(w, own, 50, 50) - 32), <=, 2);
  hilum_workspace_set_phase_window(w, 1, (HilumWindowLevel){100, 50});

  /* Squares of 20 mm from the image's corner, wherever the pane is moved to. */
  fusion.mode = HILUM_FUSION_CHECKER;
  hilum_workspace_set_fusion(w, &fusion);
  g_autofree uint8_t *checker = draw(w, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  for (int j = 1; j < 4; j++)
    for (int i = 0; i < 5; i++) {
      const int here = shade_at(w, checker, 20 * i + 10, 20 * j + 10);
      const int next = shade_at(w, checker, 20 * i + 10, 20 * j + 30);
      g_assert_true(here <= 2 || here >= 253);
      if (j < 3) g_assert_cmpint(ABS(here - next), >=, 250);
      if (i > 0) g_assert_cmpint(ABS(here - shade_at(w, checker, 20 * i - 10, 20 * j + 10)), >=, 250);
      g_assert_cmpint(here, ==, shade_at(w, checker, 20 * i + 3, 20 * j + 17)); /* one square is one shade */
    }
  fusion.mode = HILUM_FUSION_OFF;
  hilum_workspace_set_fusion(w, &fusion);
  g_autofree uint8_t *off = draw(w, HILUM_PICTURE_AXIAL, SIZE, SIZE);
  g_assert_cmpint(shade_at(w, off, 50, 50), <=, 2);
}

/* --- surfaces --- */

static const struct {
  const char *name;
  HilumStandardView view;
} SURFACE_VIEWS[] = {{"surfaces-anterior", HILUM_VIEW_ANTERIOR}, {"surfaces-superior", HILUM_VIEW_SUPERIOR}};

static void test_surfaces(gconstpointer data)
{
  if (!ready()) return;
  int v = GPOINTER_TO_INT(data);
  Scene scene = scene_surfaces();
  HilumCamera camera = hilum_camera_new();
  hilum_camera_set_view(&camera, SURFACE_VIEWS[v].view);
  hilum_workspace_set_camera(scene.workspace, &camera);
  g_autofree uint8_t *rgba = draw(scene.workspace, HILUM_PICTURE_3D, SIZE, SIZE);
  check(SURFACE_VIEWS[v].name, rgba, SIZE, SIZE);
  scene_clear(&scene);
}

/* Translucency by peeling does not depend on which structure has the lower label. */
static void test_order_independent(void)
{
  if (!ready()) return;
  uint8_t *pictures[2];
  for (int swap = 0; swap < 2; swap++) {
    Scene scene = {hilum_workspace_new(), NULL};
    const HilumStructureLook looks[2] = {
        {.used = true, .visible = true, .rgb = {220, 60, 60}, .opacity = 0.4, .name = "a"},
        {.used = true, .visible = true, .rgb = {60, 90, 230}, .opacity = 0.6, .name = "b"}};
    for (int i = 0; i < 2; i++) {
      g_autoptr(HilumMesh) mesh = scene_mesh(hilum_vec3(i ? 15 : -15, i ? 8 : -8, 0), 30, 0);
      uint8_t label = (uint8_t)(1 + (i ^ swap));
      hilum_workspace_set_look(scene.workspace, label, &looks[i]);
      hilum_workspace_set_mesh(scene.workspace, label, mesh, NULL, 0);
    }
    pictures[swap] = draw(scene.workspace, HILUM_PICTURE_3D, SIZE, SIZE);
    scene_clear(&scene);
  }
  g_assert_cmpmem(pictures[0], SIZE * SIZE * 4, pictures[1], SIZE * SIZE * 4);
  g_free(pictures[0]);
  g_free(pictures[1]);
}

/* An opaque thing behind a translucent one shows through; before it, it does not change. */
static void test_depth(void)
{
  if (!ready()) return;
  const HilumStructureLook skin = {
      .used = true, .visible = true, .rgb = {60, 90, 230}, .opacity = 0.4, .name = "s"};
  const HilumStructureLook core = {
      .used = true, .visible = true, .rgb = {220, 30, 30}, .opacity = 1, .name = "c"};
  uint8_t middle[3][3];
  for (int what = 0; what < 3; what++) { /* core alone, inside the skin, before the skin */
    Scene scene = {hilum_workspace_new(), NULL};
    g_autoptr(HilumMesh) outer = scene_mesh(hilum_vec3(0, what == 2 ? 60 : 0, 0), 30, 0);
    g_autoptr(HilumMesh) inner = scene_mesh(hilum_vec3(0, 0, 0), 10, 0);
    hilum_workspace_set_look(scene.workspace, 1, &skin);
    hilum_workspace_set_look(scene.workspace, 2, &core);
    if (what) hilum_workspace_set_mesh(scene.workspace, 1, outer, NULL, 0);
    hilum_workspace_set_mesh(scene.workspace, 2, inner, NULL, 0);
    HilumCamera camera = hilum_camera_new();
    HilumPictureOptions options = {
        .layout = HILUM_PICTURE_3D, .width = SIZE, .height = SIZE, .keep_view = true};
    hilum_workspace_set_camera(scene.workspace, &camera);
    g_autoptr(GError) error = NULL;
    g_autofree uint8_t *rgba = hilum_offscreen_draw(offscreen, scene.workspace, &options, &error);
    g_assert_no_error(error);
    memcpy(middle[what], pixel(rgba, SIZE / 2, SIZE / 2), 3);
    scene_clear(&scene);
  }
  g_assert_cmpint(middle[1][2], >, middle[0][2] + 20); /* blue skin over it */
  g_assert_cmpint(middle[1][0], >, 60);                /* red still seen */
  for (int c = 0; c < 3; c++)
    g_assert_cmpint(abs(middle[2][c] - middle[0][c]), <=, 2);
}

/* A surface has the colour of its values, in the middle of the picture, and says so in the corner. */
static void test_coloring(void)
{
  if (!ready()) return;
  const HilumStructureLook green = {
      .used = true, .visible = true, .rgb = {30, 190, 40}, .opacity = 1, .name = "g"};
  g_autoptr(HilumMesh) mesh = scene_mesh(hilum_vec3(0, 0, 0), 30, 0);
  const size_t n = hilum_mesh_get_vertex_count(mesh);
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  hilum_workspace_set_look(w, 1, &green);
  hilum_workspace_set_mesh(w, 1, mesh, NULL, 0);
  g_autofree uint8_t *own = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
  uint8_t seen[4][3];
  for (int what = 0; what < 4; what++) { /* inside and outside of the label; thin, thick */
    HilumColoring coloring = what < 2 ? HILUM_COLORING_DEVIATION : HILUM_COLORING_THICKNESS;
    float *mm = hilum_big_alloc(n * sizeof *mm, NULL);
    for (size_t v = 0; v < n; v++)
      mm[v] = (float[]){-0.5f, 0.5f, 0.1f, 2.5f}[what];
    hilum_workspace_set_coloring(w, 1, coloring);
    g_assert_true(hilum_workspace_set_values(w, 1, mesh, coloring, mm));
    g_autofree uint8_t *rgba = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
    memcpy(seen[what], pixel(rgba, SIZE / 2, SIZE / 2), 3);
    int other = 0; /* the legend */
    for (int y = SIZE - 80; y < SIZE - 30; y++)
      for (int x = 0; x < 60; x++)
        other += memcmp(pixel(rgba, x, y), pixel(own, x, y), 3) != 0;
    g_assert_cmpint(other, >, 500);
  }
  g_assert_cmpint(seen[0][2], >, seen[0][0] + 40);
  g_assert_cmpint(seen[1][0], >, seen[1][2] + 40);
  g_assert_cmpint(seen[2][0], >, 150);
  g_assert_cmpmem(seen[3], 3, pixel(own, SIZE / 2, SIZE / 2), 3);
  hilum_workspace_set_coloring(w, 1, HILUM_COLORING_OWN);
  g_autofree uint8_t *again = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
  g_assert_cmpmem(again, SIZE * SIZE * 4, own, SIZE * SIZE * 4);
}

/* A ball within a ball, cut open: rings of both colours where there was one skin, nothing of what is taken
 * away, and whole again. */
static void test_cut(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(0);
  HilumWorkspace *w = scene.workspace;
  const HilumStructureLook
      red = {.used = true, .visible = true, .rgb = {220, 30, 30}, .opacity = 1, .name = "r"},
      blue = {.used = true, .visible = true, .rgb = {40, 60, 220}, .opacity = 1, .name = "b"};
  const HilumVec3 middle = hilum_workspace_get_cursor_mm(w);
  g_autoptr(HilumMesh) outer = scene_mesh(middle, 20, 0), inner = scene_mesh(middle, 10, 0);
  hilum_workspace_set_look(w, 1, &red);
  hilum_workspace_set_look(w, 2, &blue);
  hilum_workspace_set_mesh(w, 1, outer, NULL, 0);
  hilum_workspace_set_mesh(w, 2, inner, NULL, 0);
  HilumCamera camera = hilum_camera_new();
  hilum_camera_set_view(&camera, HILUM_VIEW_SUPERIOR);
  hilum_workspace_set_camera(w, &camera);
  g_autofree uint8_t *whole = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
  const uint8_t *p = pixel(whole, SIZE / 2, SIZE / 2);
  g_assert_cmpint(p[0], >, p[2] + 60); /* the outer skin is before */
  hilum_workspace_clip_towards_eye(w, HILUM_SLICE_AXIAL);
  HilumCutter cutter;
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_workspace_get_wanted_cut(w, &cutter));
  g_assert_false(
      hilum_workspace_get_cut(w, &(HilumCut){.caps_lag = false})); /* nothing was made yet: whole */
  g_assert_cmpfloat(hilum_vec3_dot(cutter.normal, hilum_workspace_get_camera(w)->back), >, 0.9);
  HilumMesh *meshes[HILUM_LABEL_COUNT] = {[1] = outer, [2] = inner};
  g_autoptr(HilumCaps) caps = hilum_caps_new(meshes, &cutter, NULL, &error);
  g_assert_no_error(error);
  hilum_workspace_set_cut(w, &cutter, caps);
  g_autofree uint8_t *open = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
  int red_disc = 0, red_ball = 0;
  for (int i = 0; i < SIZE * SIZE; i++) {
    red_disc += open[4 * i] > open[4 * i + 2] + 60;
    red_ball += whole[4 * i] > whole[4 * i + 2] + 60;
  }
  g_assert_cmpint(red_disc, >, red_ball / 2);
  g_assert_cmpint(memcmp(open, whole, SIZE * SIZE * 4), !=, 0);
  const int off = SIZE / 5; /* flat: the disc has one shade where the ball was round */
  for (int c = 0; c < 3; c++)
    g_assert_cmpint(abs(pixel(open, SIZE / 2 + off, SIZE / 2)[c] - pixel(open, SIZE / 2, SIZE / 2 + off)[c]),
                    <=, 3);
  hilum_workspace_set_clip(w, &(HilumClip){.kind = HILUM_CLIP_NONE});
  g_autofree uint8_t *again = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
  int other = 0; /* the camera is fitted anew, which may move an edge by a rounding */
  for (int i = 0; i < SIZE * SIZE * 4; i++)
    other += abs(again[i] - whole[i]) > 8;
  g_assert_cmpint(other, <, 40);
  scene_clear(&scene);
}

/* A blue ball within a red one, and a sphere about their middle between the two: kept, it shows the sphere's
 * own skin, translucent as the red one is, and the blue through it; taken away, there is a hole of its size
 * with a red wall, and nothing blue. Before the caps are there the surfaces are cut all the same. */
static void test_cut_by_sphere(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(0);
  HilumWorkspace *w = scene.workspace;
  HilumStructureLook red = {.used = true, .visible = true, .rgb = {220, 30, 30}, .opacity = 1, .name = "r"},
                     blue = {.used = true, .visible = true, .rgb = {40, 60, 220}, .opacity = 1, .name = "b"};
  const HilumVec3 middle = hilum_workspace_get_cursor_mm(w);
  g_autoptr(HilumMesh) outer = scene_mesh(middle, 20, 0), inner = scene_mesh(middle, 6, 0);
  hilum_workspace_set_look(w, 1, &red);
  hilum_workspace_set_look(w, 2, &blue);
  hilum_workspace_set_mesh(w, 1, outer, NULL, 0);
  hilum_workspace_set_mesh(w, 2, inner, NULL, 0);
  const HilumVec3 eye_ward = hilum_workspace_get_camera(w)->back;
  HilumClip clip = {.kind = HILUM_CLIP_SPHERE,
                    .point_mm = hilum_vec3_madd(middle, 14, eye_ward),
                    .radius_mm = 12,
                    .other_side = true};
  hilum_workspace_set_clip(w, &clip);
  g_autofree uint8_t *hole = draw(w, HILUM_PICTURE_3D, SIZE, SIZE); /* and through it: no caps yet */
  const uint8_t *p = pixel(hole, SIZE / 2, SIZE / 2);
  g_assert_cmpint(p[2], >, p[0] + 60);
  HilumCutter cutter;
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_workspace_get_wanted_cut(w, &cutter));
  HilumMesh *meshes[HILUM_LABEL_COUNT] = {[1] = outer, [2] = inner};
  g_autoptr(HilumCaps) caps = hilum_caps_new(meshes, &cutter, NULL, &error);
  g_assert_no_error(error);
  g_assert_nonnull(caps->fill[1]);
  hilum_workspace_set_cut(w, &cutter, caps);
  g_autofree uint8_t *bowl = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
  p = pixel(bowl, SIZE / 2, SIZE / 2 + SIZE / 9); /* the wall, beside where the blue ball reaches in */
  g_assert_cmpint(p[0], >, p[2] + 60);
  int other = 0;
  for (int i = 0; i < SIZE * SIZE * 4; i++)
    other += abs(bowl[i] - hole[i]) > 8;
  g_assert_cmpint(other, >, 500);
  /* Kept. */
  clip.other_side = false;
  hilum_workspace_set_clip(w, &clip);
  g_autofree uint8_t *ball = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
  int red_whole = 0, red_ball = 0;
  for (int i = 0; i < SIZE * SIZE; i++) {
    red_whole += bowl[4 * i] > bowl[4 * i + 2] + 60;
    red_ball += ball[4 * i] > ball[4 * i + 2] + 60;
  }
  g_assert_cmpint(red_ball, >, red_whole / 6); /* closed by the sphere where that is in the material */
  g_assert_cmpint(red_ball, <, red_whole * 2 / 3);
  red.opacity = 0.3;
  hilum_workspace_set_look(w, 1, &red);
  g_autofree uint8_t *through = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
  g_assert_cmpint(pixel(through, SIZE / 2, SIZE / 2)[2], >, pixel(ball, SIZE / 2, SIZE / 2)[2] + 30);
  scene_clear(&scene);
}

static void follow(HilumLive *live, HilumWorkspace *w, HilumLabelMap *map)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_map_snapshot(map);
  g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(int32_t));
  g_assert_true(hilum_live_update(live, labels, changed, NULL, &error));
  int32_t dims[3];
  hilum_live_get_dims(live, dims);
  for (guint t = 0; t < changed->len; t++) {
    size_t n;
    int32_t tile = g_array_index(changed, int32_t, t);
    const HilumLivePiece *piece = hilum_live_get_pieces(live, tile, &n);
    hilum_workspace_set_tile(w, (size_t)(dims[0] * dims[1] * dims[2]), tile, piece, n);
  }
  for (uint8_t l = 1; l <= 2; l++)
    hilum_workspace_show_pieces(w, l, hilum_label_snapshot_get_serial(labels));
}

/* The picture of the pieces is that of one mesh with the same triangles, also after strokes that make pieces
 * grow, move and vanish; and a mesh that is as new takes their place. */
static void test_pieces(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(0);
  HilumWorkspace *w = scene.workspace;
  const HilumGrid *grid = hilum_label_map_get_grid(scene.labels);
  g_autoptr(HilumLive) live = hilum_live_new(NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = hilum_mask_new(grid->dims, &error);
  HilumCamera camera = hilum_camera_new();
  hilum_workspace_set_camera(w, &camera);
  for (int32_t stroke = 0; stroke < 5; stroke++) {
    follow(live, w, scene.labels);
    g_autofree uint8_t *pieces = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
    uint64_t n = hilum_workspace_count_triangles(w);
    for (uint8_t l = 1; l <= 2; l++) {
      g_autoptr(HilumMesh) whole = hilum_live_join(live, l, NULL);
      hilum_workspace_set_mesh(w, l, whole, NULL, hilum_label_map_get_serial(scene.labels));
    }
    g_assert_cmpuint(hilum_workspace_count_triangles(w), ==, n);
    g_autofree uint8_t *mesh = draw(w, HILUM_PICTURE_3D, SIZE, SIZE);
    g_test_message("stroke %d", stroke);
    g_assert_cmpmem(pieces, SIZE * SIZE * 4, mesh, SIZE * SIZE * 4);
    for (uint8_t l = 1; l <= 2; l++) /* the frame is that of the pieces again */
      hilum_workspace_set_mesh(w, l, NULL, NULL, 0);
    hilum_mask_fill(mask, false);
    for (int32_t k = 0; k < grid->dims[2]; k++)
      for (int32_t j = 4 * stroke; j < 4 * stroke + 9; j++)
        hilum_mask_set_span(mask, 2 * stroke, grid->dims[0] - 5, j, k);
    g_autoptr(HilumLabelSnapshot) before = hilum_label_map_snapshot(scene.labels);
    HilumLabelWrite write = {.label = 1, .mode = stroke == 3 ? HILUM_LABEL_CLEAR : HILUM_LABEL_ADD};
    g_autoptr(HilumLabelDelta) delta =
        hilum_label_delta_new_from_mask(before, mask, NULL, &write, NULL, &error);
    g_assert_true(hilum_label_map_apply(scene.labels, delta, true));
  }
  scene_clear(&scene);
}

static void test_four_up(void)
{
  if (!ready()) return;
  Scene scene = scene_slices(0);
  HilumViewOptions options = *hilum_workspace_get_options(scene.workspace);
  options.slice_planes = true;
  hilum_workspace_set_options(scene.workspace, &options);
  g_autoptr(HilumMesh) outer = scene_mesh(hilum_vec3(-8, 0, 0), 18, 0);
  g_autoptr(HilumMesh) inner = scene_mesh(hilum_vec3(-14, 4, 0), 9, 0);
  hilum_workspace_set_mesh(scene.workspace, 1, outer, NULL, 0);
  hilum_workspace_set_mesh(scene.workspace, 2, inner, NULL, 0);
  HilumCamera camera = hilum_camera_new();
  hilum_camera_rotate(&camera, HILUM_ORBIT_TURNTABLE, 0, 0, 40, 30, SIZE, SIZE);
  hilum_workspace_set_camera(scene.workspace, &camera);
  g_autofree uint8_t *rgba = draw(scene.workspace, HILUM_PICTURE_FOUR_UP, 2 * SIZE, 2 * SIZE);
  check("four-up", rgba, 2 * SIZE, 2 * SIZE);
  scene_clear(&scene);
}

static void test_empty(void)
{
  if (!ready()) return;
  g_autoptr(HilumWorkspace) workspace = hilum_workspace_new();
  g_autofree uint8_t *four = draw(workspace, HILUM_PICTURE_FOUR_UP, 64, 48);
  g_assert_nonnull(four);
  HilumPictureOptions tiny = {.layout = HILUM_PICTURE_3D, .width = 1, .height = 9000};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_offscreen_draw(offscreen, workspace, &tiny, &error));
  g_assert_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_LIMIT);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autoptr(GError) error = NULL;
  offscreen = hilum_offscreen_new(&error);
  if (offscreen)
    g_test_message("%s", hilum_offscreen_get_description(offscreen));
  else
    g_test_message("%s", error->message);
  g_test_add_data_func("/render/axial", GINT_TO_POINTER(HILUM_PICTURE_AXIAL), test_slice);
  g_test_add_data_func("/render/sagittal", GINT_TO_POINTER(HILUM_PICTURE_SAGITTAL), test_slice);
  g_test_add_data_func("/render/coronal", GINT_TO_POINTER(HILUM_PICTURE_CORONAL), test_slice);
  g_test_add_func("/render/convention", test_convention);
  g_test_add_func("/render/oblique", test_oblique);
  g_test_add_func("/render/nearest", test_nearest);
  g_test_add_func("/render/preview", test_preview);
  g_test_add_func("/render/label-update", test_label_update);
  g_test_add_func("/render/fusion", test_fusion);
  for (size_t v = 0; v < G_N_ELEMENTS(SURFACE_VIEWS); v++) {
    g_autofree char *path = g_strconcat("/render/", SURFACE_VIEWS[v].name, NULL);
    g_test_add_data_func(path, GINT_TO_POINTER((int)v), test_surfaces);
  }
  g_test_add_func("/render/order-independent", test_order_independent);
  g_test_add_func("/render/depth", test_depth);
  g_test_add_func("/render/coloring", test_coloring);
  g_test_add_func("/render/cut", test_cut);
  g_test_add_func("/render/cut-by-sphere", test_cut_by_sphere);
  g_test_add_func("/render/pieces", test_pieces);
  g_test_add_func("/render/four-up", test_four_up);
  g_test_add_func("/render/empty", test_empty);
  int result = g_test_run();
  hilum_offscreen_free(offscreen);
  return result;
}
