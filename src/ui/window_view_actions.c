/* Acts on what is looked at: task, window presets, slices, 3D views, what is shown; help and about. */
#include "preferences_dialog.h"
#include "window_private.h"

#include <glib/gi18n.h>

static const char *const task_names[] = {"segment", "model", "plan", "review"};

static void change_task(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWindow *self = data;
  for (unsigned n = 0; n < G_N_ELEMENTS(task_names); n++)
    if (n != HILUM_TASK_PLAN && g_str_equal(task_names[n], g_variant_get_string(state, NULL))) {
      if (n != HILUM_TASK_SEGMENT) hilum_toolbox_choose(self->toolbox, "");
      hilum_workspace_set_task(self->workspace, (HilumTask)n);
    }
}

static void change_preset(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWindow *self = data;
  HilumWindowPreset preset;
  HilumVolume *volume = hilum_workspace_get_active_volume(self->workspace);
  if (volume && hilum_window_preset_find(volume, g_variant_get_string(state, NULL), &preset))
    hilum_workspace_set_window(self->workspace, preset.window);
}

/* Alt+digit: the presets that this volume has, in order. */
static void preset_number(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumWindowPreset presets[HILUM_WINDOW_MAX_PRESETS];
  HilumVolume *volume = hilum_workspace_get_active_volume(self->workspace);
  size_t n = volume ? hilum_window_presets(volume, presets) : 0;
  int number = g_variant_get_int32(parameter);
  if (number >= 1 && (size_t)number <= n)
    hilum_workspace_set_window(self->workspace, presets[number - 1].window);
}

/* --- slices: they act on the pane the hand is in --- */

static void slice_step(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumSlicePlane plane = hilum_four_up_get_current(self->four_up);
  if (plane == HILUM_SLICE_PLANES) return;
  HilumSliceState state = *hilum_workspace_get_slice(self->workspace, plane);
  if (hilum_slice_state_step(&state, g_variant_get_int32(parameter)))
    hilum_workspace_set_slice(self->workspace, &state);
}

static void slice_end(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumSlicePlane plane = hilum_four_up_get_current(self->four_up);
  if (plane == HILUM_SLICE_PLANES) return;
  HilumSliceState state = *hilum_workspace_get_slice(self->workspace, plane);
  if (hilum_slice_state_set_position(
          &state, g_variant_get_boolean(parameter) ? hilum_slice_state_count(&state) - 1 : 0))
    hilum_workspace_set_slice(self->workspace, &state);
}

static void fit_slices(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  for (unsigned plane = HILUM_SLICE_AXIAL; plane < HILUM_SLICE_PLANES; plane++) {
    HilumSliceState state = *hilum_workspace_get_slice(self->workspace, (HilumSlicePlane)plane);
    hilum_slice_state_fit(&state);
    hilum_workspace_set_slice(self->workspace, &state);
  }
}

static void crosshair_here(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumSlicePlane plane;
  HilumVec3 point_mm;
  if (hilum_workspace_get_pointer(self->workspace, &plane, &point_mm))
    hilum_workspace_set_cursor_mm(self->workspace, point_mm);
}

static void maximize_pane(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  hilum_four_up_toggle_maximized(self->four_up);
  hilum_window_update(self);
}

/* --- 3D --- */

static void view(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumStandardView standard;
  if (!hilum_standard_view_parse(g_variant_get_string(parameter, NULL), &standard)) return;
  HilumCamera camera = *hilum_workspace_get_camera(self->workspace);
  hilum_camera_set_view(&camera, standard);
  hilum_workspace_set_camera(self->workspace, &camera);
}

static void fit_model(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_model_pane_fit(hilum_four_up_get_model(((HilumWindow *)data)->four_up));
}

static void change_perspective(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWindow *self = data;
  HilumCamera camera = *hilum_workspace_get_camera(self->workspace);
  camera.orthographic = !g_variant_get_boolean(state);
  hilum_workspace_set_camera(self->workspace, &camera);
}

/* --- what is shown --- */

static void change_option(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWindow *self = data;
  const char *name = g_action_get_name(G_ACTION(action));
  bool on = g_variant_get_boolean(state);
  HilumViewOptions options = *hilum_workspace_get_options(self->workspace);
  if (g_str_equal(name, "show-overlay")) options.hide_overlay = !on;
  if (g_str_equal(name, "show-fill")) options.hide_fill = !on;
  if (g_str_equal(name, "show-crosshair")) options.hide_crosshair = !on;
  if (g_str_equal(name, "show-slice-planes")) options.slice_planes = on;
  hilum_workspace_set_options(self->workspace, &options);
}

/* Of the active structure. */
static void change_coloring(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWorkspace *workspace = ((HilumWindow *)data)->workspace;
  HilumColoring coloring;
  uint8_t label = hilum_workspace_get_active(workspace);
  if (label && hilum_coloring_parse(g_variant_get_string(state, NULL), &coloring))
    hilum_workspace_set_coloring(workspace, label, coloring);
}

static void preferences(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_preferences_dialog_show(GTK_WINDOW(data), ((HilumWindow *)data)->workspace);
}

static void help(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *uri = g_filename_to_uri(HILUM_GUIDE_PATH, NULL, NULL);
  if (g_file_test(HILUM_GUIDE_PATH, G_FILE_TEST_EXISTS) && uri)
    gtk_show_uri(GTK_WINDOW(data), uri, GDK_CURRENT_TIME);
  else
    hilum_window_show_message(
        data, false, _("The user guide is docs/user-guide.md of the source; Ctrl+? shows the keys."));
}

static void about(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  const char *gpu = hilum_four_up_get_gpu_description(self->four_up);
  g_autofree char *comments = g_strdup_printf(_("From CT and MR images to a surface model of one "
                                                "kidney.\n\nPlanning aid. Not for diagnosis. Not a medical "
                                                "device.\n\n%s"),
                                              gpu ? gpu : "");
  gtk_show_about_dialog(GTK_WINDOW(self), "program-name", "Hilum", "version", HILUM_VERSION, "comments",
                        comments, "logo-icon-name", "org.hilum.Hilum", "license-type", GTK_LICENSE_APACHE_2_0,
                        NULL);
}

/* --- keeping up --- */

void hilum_window_update_view_actions(HilumWindow *self)
{
  static const char *const on_case[] = {"task",      "window-preset", "preset-number",  "slice-step",
                                        "slice-end", "fit-slices",    "crosshair-here", "maximize-pane",
                                        "view",      "fit-model",     "perspective",    "surface-color"};
  HilumWorkspace *workspace = self->workspace;
  for (size_t n = 0; n < G_N_ELEMENTS(on_case); n++)
    hilum_window_enable(self, on_case[n], hilum_window_get_shown_case(self) != NULL);
  HilumTask task = hilum_workspace_get_task(workspace);
  hilum_window_set_state(self, "task", g_variant_new_string(task_names[task]));
  if (g_strcmp0(gtk_stack_get_visible_child_name(self->task_pages), task_names[task]) != 0)
    gtk_stack_set_visible_child_name(self->task_pages, task_names[task]);
  HilumVolume *volume = hilum_workspace_get_active_volume(workspace);
  const char *preset =
      volume ? hilum_window_preset_matching(volume, hilum_workspace_get_window(workspace)) : NULL;
  hilum_window_set_state(self, "window-preset", g_variant_new_string(preset ? preset : ""));
  const HilumViewOptions *options = hilum_workspace_get_options(workspace);
  hilum_window_set_state(self, "show-overlay", g_variant_new_boolean(!options->hide_overlay));
  hilum_window_set_state(self, "show-fill", g_variant_new_boolean(!options->hide_fill));
  hilum_window_set_state(self, "show-crosshair", g_variant_new_boolean(!options->hide_crosshair));
  hilum_window_set_state(self, "show-slice-planes", g_variant_new_boolean(options->slice_planes));
  HilumColoring coloring = hilum_workspace_get_coloring(workspace, hilum_workspace_get_active(workspace));
  hilum_window_set_state(self, "surface-color", g_variant_new_string(hilum_coloring_id(coloring)));
  hilum_window_set_state(self, "perspective",
                         g_variant_new_boolean(!hilum_workspace_get_camera(workspace)->orthographic));
}

void hilum_window_add_view_actions(HilumWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "task", .parameter_type = "s", .state = "'segment'", .change_state = change_task},
      {.name = "window-preset", .parameter_type = "s", .state = "''", .change_state = change_preset},
      {.name = "preset-number", .activate = preset_number, .parameter_type = "i"},
      {.name = "slice-step", .activate = slice_step, .parameter_type = "i"},
      {.name = "slice-end", .activate = slice_end, .parameter_type = "b"},
      {.name = "fit-slices", .activate = fit_slices},
      {.name = "crosshair-here", .activate = crosshair_here},
      {.name = "maximize-pane", .activate = maximize_pane},
      {.name = "view", .activate = view, .parameter_type = "s"},
      {.name = "fit-model", .activate = fit_model},
      {.name = "perspective", .state = "true", .change_state = change_perspective},
      {.name = "surface-color", .parameter_type = "s", .state = "'own'", .change_state = change_coloring},
      {.name = "show-overlay", .state = "true", .change_state = change_option},
      {.name = "show-fill", .state = "true", .change_state = change_option},
      {.name = "show-crosshair", .state = "true", .change_state = change_option},
      {.name = "show-slice-planes", .state = "false", .change_state = change_option},
      {.name = "preferences", .activate = preferences},
      {.name = "help", .activate = help},
      {.name = "about", .activate = about},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
}
