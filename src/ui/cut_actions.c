/* The acts on where models are cut open. */
#include "cut_actions.h"

#include "window_private.h"

#include <glib/gi18n.h>

static const char *const slice_names[HILUM_SLICE_PLANES] = {"axial", "sagittal", "coronal"};

static const char *name_of(const HilumClip *clip)
{
  return clip->kind == HILUM_CLIP_SLICE    ? slice_names[clip->plane]
         : clip->kind == HILUM_CLIP_PLANE  ? "plane"
         : clip->kind == HILUM_CLIP_SPHERE ? "sphere"
                                           : "none";
}

static void change_cut(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWorkspace *workspace = ((HilumWindow *)data)->workspace;
  const char *name = g_variant_get_string(state, NULL);
  if (g_str_equal(name, name_of(hilum_workspace_get_clip(workspace)))) return;
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    if (g_str_equal(name, slice_names[p])) hilum_workspace_clip_towards_eye(workspace, (HilumSlicePlane)p);
  if (g_str_equal(name, "plane")) hilum_workspace_clip_freely(workspace, HILUM_CLIP_PLANE);
  if (g_str_equal(name, "sphere")) hilum_workspace_clip_freely(workspace, HILUM_CLIP_SPHERE);
  if (g_str_equal(name, "none")) hilum_workspace_set_clip(workspace, &(HilumClip){.kind = HILUM_CLIP_NONE});
}

static void change_cut_side(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWorkspace *workspace = ((HilumWindow *)data)->workspace;
  HilumClip clip = *hilum_workspace_get_clip(workspace);
  clip.other_side = g_variant_get_boolean(state);
  hilum_workspace_set_clip(workspace, &clip);
}

static void face(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWorkspace *workspace = ((HilumWindow *)data)->workspace;
  const HilumClip *clip = hilum_workspace_get_clip(workspace);
  const HilumClip facing = hilum_clip_facing(hilum_workspace_get_camera(workspace), clip->point_mm);
  hilum_workspace_set_clip(workspace, &facing);
}

static void to_crosshair(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWorkspace *workspace = ((HilumWindow *)data)->workspace;
  HilumClip clip = *hilum_workspace_get_clip(workspace);
  clip.point_mm = hilum_workspace_get_cursor_mm(workspace);
  hilum_workspace_set_clip(workspace, &clip);
}

static void about_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWorkspace *workspace = ((HilumWindow *)data)->workspace;
  if (!hilum_workspace_clip_about(workspace, hilum_workspace_get_active(workspace),
                                  g_variant_get_double(parameter)))
    hilum_window_show_message(data, true, _("The active structure has no surface to cut around."));
}

static void step(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWorkspace *workspace = ((HilumWindow *)data)->workspace;
  const char *way = g_variant_get_string(parameter, NULL);
  HilumClip clip = *hilum_workspace_get_clip(workspace);
  const int right = g_str_has_prefix(way, "right") - g_str_has_prefix(way, "left");
  const int up = g_str_has_prefix(way, "up") - g_str_has_prefix(way, "down");
  const int deeper = g_str_has_prefix(way, "farther") - g_str_has_prefix(way, "nearer");
  hilum_clip_step(&clip, hilum_workspace_get_camera(workspace), right, up, deeper,
                  g_str_has_suffix(way, "-fine"));
  hilum_workspace_set_clip(workspace, &clip);
}

static void copy_sections(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  g_autofree char *text = hilum_workspace_dup_sections(self->workspace);
  if (!text) return;
  gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)), text);
  hilum_window_show_message(self, false, _("The sections are on the clipboard, ready for a spreadsheet."));
}

void hilum_cut_actions_update(HilumWindow *self)
{
  HilumWorkspace *workspace = self->workspace;
  const HilumClip *clip = hilum_workspace_get_clip(workspace);
  const bool shown = hilum_window_get_shown_case(self) != NULL;
  const bool plane = shown && clip->kind == HILUM_CLIP_PLANE;
  const bool anywhere = plane || (shown && clip->kind == HILUM_CLIP_SPHERE);
  const uint8_t active = hilum_workspace_get_active(workspace);
  g_autofree char *sections = hilum_workspace_dup_sections(workspace);
  hilum_window_enable(self, "cut-models", shown);
  hilum_window_enable(self, "cut-other-side", shown && clip->kind != HILUM_CLIP_NONE);
  hilum_window_enable(self, "cut-facing", plane);
  hilum_window_enable(self, "cut-to-crosshair", anywhere);
  hilum_window_enable(self, "cut-about-structure", shown && hilum_workspace_get_mesh(workspace, active));
  hilum_window_enable(self, "cut-step",
                      anywhere && hilum_four_up_get_current(self->four_up) == HILUM_SLICE_PLANES);
  hilum_window_enable(self, "copy-sections", shown && sections);
  hilum_window_set_state(self, "cut-models", g_variant_new_string(name_of(clip)));
  hilum_window_set_state(self, "cut-other-side", g_variant_new_boolean(clip->other_side));
}

void hilum_cut_actions_add(HilumWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "cut-models", .parameter_type = "s", .state = "'none'", .change_state = change_cut},
      {.name = "cut-other-side", .state = "false", .change_state = change_cut_side},
      {.name = "cut-facing", .activate = face},
      {.name = "cut-to-crosshair", .activate = to_crosshair},
      {.name = "cut-about-structure", .activate = about_structure, .parameter_type = "d"},
      {.name = "cut-step", .activate = step, .parameter_type = "s"},
      {.name = "copy-sections", .activate = copy_sections},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
}
