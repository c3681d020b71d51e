/* What the window looks at, kept in the case as lists of numbers in the C locale. The file may come from
 * anywhere, so every number is checked before it is believed. */
#include "view_state.h"

#include <math.h>
#include <string.h>

static void store(HilumCase *the_case, const char *key, const double *numbers, size_t n)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (size_t i = 0; i < n; i++) {
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(text, "%s%s", i ? " " : "", g_ascii_dtostr(buffer, sizeof buffer, numbers[i]));
  }
  hilum_case_set_view_value(the_case, key, text->str);
}

static bool fetch(HilumCase *the_case, const char *key, double *numbers, size_t n)
{
  const char *text = hilum_case_get_view_value(the_case, key);
  if (!text) return false;
  for (size_t i = 0; i < n; i++) {
    char *end;
    numbers[i] = g_ascii_strtod(text, &end);
    if (end == text || !isfinite(numbers[i]) || fabs(numbers[i]) > 1e6) return false;
    text = end;
  }
  return true;
}

/* Where the models are cut open. */
static void store_cut(HilumWorkspace *workspace, HilumCase *the_case)
{
  const HilumClip *c = hilum_workspace_get_clip(workspace);
  if (c->kind == HILUM_CLIP_NONE)
    hilum_case_set_view_value(the_case, "cut", NULL);
  else
    store(the_case, "cut",
          (double[]){c->kind, c->plane, c->other_side, c->point_mm.x, c->point_mm.y, c->point_mm.z,
                     c->normal.x, c->normal.y, c->normal.z, c->radius_mm},
          10);
}

static void restore_cut(HilumWorkspace *workspace, const double *n)
{
  if (!(n[0] >= 0 && n[0] < HILUM_CLIP_KINDS && n[1] >= 0 && n[1] < HILUM_SLICE_PLANES)) return;
  HilumClip clip = {.kind = (HilumClipKind)n[0],
                    .plane = (HilumSlicePlane)n[1],
                    .other_side = n[2] != 0,
                    .point_mm = {n[3], n[4], n[5]},
                    .normal = {n[6], n[7], n[8]},
                    .radius_mm = n[9]};
  hilum_workspace_set_clip(workspace, &clip); /* which drops what makes no sense */
}

/* What the surfaces' colours mean: "label meaning" by blanks, for those that do not have their own. */
static void store_colorings(HilumWorkspace *workspace, HilumCase *the_case)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const HilumColoring coloring = hilum_workspace_get_coloring(workspace, (uint8_t)l);
    if (coloring != HILUM_COLORING_OWN && hilum_case_get_structure(the_case, (uint8_t)l))
      g_string_append_printf(text, "%s%d %s", text->len ? " " : "", l, hilum_coloring_id(coloring));
  }
  hilum_case_set_view_value(the_case, "surface-colors", text->len ? text->str : NULL);
  store(the_case, "thin-mm", (double[]){hilum_workspace_get_thin_mm(workspace)}, 1);
}

static void restore_colorings(HilumWorkspace *workspace, HilumCase *the_case)
{
  const char *text = hilum_case_get_view_value(the_case, "surface-colors");
  double thin_mm;
  if (fetch(the_case, "thin-mm", &thin_mm, 1)) hilum_workspace_set_thin_mm(workspace, thin_mm);
  g_auto(GStrv) words = g_strsplit(text ? text : "", " ", -1);
  for (size_t w = 0; words[w] && words[w + 1]; w += 2) {
    gint64 label;
    HilumColoring coloring;
    if (g_ascii_string_to_signed(words[w], 10, 1, HILUM_LABEL_COUNT - 1, &label, NULL) &&
        hilum_coloring_parse(words[w + 1], &coloring) && hilum_case_get_structure(the_case, (uint8_t)label))
      hilum_workspace_set_coloring(workspace, (uint8_t)label, coloring);
  }
}

void hilum_view_state_store(HilumWorkspace *workspace, HilumCase *the_case)
{
  store_cut(workspace, the_case);
  store_colorings(workspace, the_case);
  HilumVec3 cursor = hilum_workspace_get_cursor_mm(workspace);
  HilumWindowLevel window = hilum_workspace_get_window(workspace);
  const HilumCamera *camera = hilum_workspace_get_camera(workspace);
  store(the_case, "cursor-mm", (double[]){cursor.x, cursor.y, cursor.z}, 3);
  store(the_case, "window", (double[]){window.width, window.level}, 2);
  store(the_case, "phase", (double[]){(double)hilum_workspace_get_active_phase(workspace)}, 1);
  store(the_case, "structure", (double[]){hilum_workspace_get_active(workspace)}, 1);
  store(the_case, "camera",
        (double[]){camera->target_mm.x, camera->target_mm.y, camera->target_mm.z, camera->right.x,
                   camera->right.y, camera->right.z, camera->up.x, camera->up.y, camera->up.z,
                   camera->distance_mm},
        10);
}

static void restore_camera(HilumWorkspace *workspace, const double *n)
{
  HilumCamera camera = *hilum_workspace_get_camera(workspace);
  HilumVec3 right = {n[3], n[4], n[5]}, up = {n[6], n[7], n[8]};
  bool frame = fabs(hilum_vec3_length(right) - 1) < 1e-3 && fabs(hilum_vec3_length(up) - 1) < 1e-3 &&
               fabs(hilum_vec3_dot(right, up)) < 1e-3;
  if (!frame || n[9] < 1 || n[9] > 1e5) return;
  camera.target_mm = (HilumVec3){n[0], n[1], n[2]};
  camera.back = hilum_vec3_normalize(hilum_vec3_cross(right, up));
  camera.right = hilum_vec3_normalize(right);
  camera.up = hilum_vec3_cross(camera.back, camera.right);
  camera.distance_mm = n[9];
  hilum_workspace_set_camera(workspace, &camera);
}

void hilum_view_state_restore(HilumWorkspace *workspace, HilumCase *the_case)
{
  double numbers[10];
  hilum_workspace_freeze(workspace);
  if (fetch(the_case, "phase", numbers, 1) && numbers[0] >= 0 &&
      numbers[0] < (double)hilum_workspace_get_phase_count(workspace))
    hilum_workspace_set_active_phase(workspace, (size_t)numbers[0]);
  if (fetch(the_case, "structure", numbers, 1) && numbers[0] >= 1 && numbers[0] < HILUM_LABEL_COUNT &&
      hilum_case_get_structure(the_case, (uint8_t)numbers[0]))
    hilum_workspace_set_active(workspace, (uint8_t)numbers[0]);
  if (fetch(the_case, "window", numbers, 2) && numbers[0] > 0)
    hilum_workspace_set_window(workspace, hilum_window_clamp(hilum_workspace_get_active_volume(workspace),
                                                             (HilumWindowLevel){numbers[0], numbers[1]}));
  if (fetch(the_case, "cursor-mm", numbers, 3))
    hilum_workspace_set_cursor_mm(workspace, (HilumVec3){numbers[0], numbers[1], numbers[2]});
  if (fetch(the_case, "camera", numbers, 10)) restore_camera(workspace, numbers);
  if (fetch(the_case, "cut", numbers, 10)) restore_cut(workspace, numbers);
  restore_colorings(workspace, the_case);
  hilum_workspace_thaw(workspace);
}
