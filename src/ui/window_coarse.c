/* What is seen of a study while it loads: coarse volumes in the panes, without a case, so that there is
 * nothing to draw on or to measure. The case that was open stays the window's case meanwhile, out of sight
 * and out of reach, and comes back as it was if the user gives up. */
#include "view_state.h"
#include "window_private.h"

#include <glib/gi18n.h>

/* Nearer than this, the user did not move it. */
#define TOUCHED_MM 1e-6

typedef struct {
  HilumMesh *mesh;
  HilumBvh *bvh;
  uint64_t label_serial;
} KeptMesh;

/* How the case was looked at. */
typedef struct {
  HilumSliceState slices[HILUM_SLICE_PLANES];
  HilumCamera camera;
  HilumVec3 cursor_mm;
  HilumWindowLevel window;
  HilumFusion fusion;
  size_t phase;
  uint8_t active, isolated;
  char *tool;
  KeptMesh meshes[HILUM_LABEL_COUNT];
} KeptView;

struct HilumCoarseView {
  gpointer token;
  KeptView kept;             /* of the case */
  HilumVec3 first_cursor_mm; /* as the coarse volume came up: what differs is the user's wish */
  HilumWindowLevel first_window;
};

/* --- the case's view, put away and back --- */

static void keep_view(HilumWindow *self, KeptView *kept)
{
  HilumWorkspace *workspace = self->workspace;
  /* The model pane frames anew what does not remember its camera. */
  if (self->the_case) hilum_view_state_store(workspace, self->the_case);
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    kept->slices[p] = *hilum_workspace_get_slice(workspace, (HilumSlicePlane)p);
  kept->camera = *hilum_workspace_get_camera(workspace);
  kept->cursor_mm = hilum_workspace_get_cursor_mm(workspace);
  kept->window = hilum_workspace_get_window(workspace);
  kept->fusion = *hilum_workspace_get_fusion(workspace);
  kept->phase = hilum_workspace_get_active_phase(workspace);
  kept->active = hilum_workspace_get_active(workspace);
  kept->isolated = hilum_workspace_get_isolated(workspace);
  kept->tool = g_strdup(hilum_toolbox_get_id(self->toolbox));
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    HilumMesh *mesh = hilum_workspace_get_mesh(workspace, (uint8_t)l);
    HilumBvh *bvh = hilum_workspace_get_bvh(workspace, (uint8_t)l);
    kept->meshes[l] =
        (KeptMesh){.mesh = mesh ? hilum_mesh_ref(mesh) : NULL,
                   .bvh = bvh ? hilum_bvh_ref(bvh) : NULL,
                   .label_serial = hilum_workspace_get_mesh_label_serial(workspace, (uint8_t)l)};
  }
}

static void kept_view_clear(KeptView *kept)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    g_clear_pointer(&kept->meshes[l].mesh, hilum_mesh_unref);
    g_clear_pointer(&kept->meshes[l].bvh, hilum_bvh_unref);
  }
  g_clear_pointer(&kept->tool, g_free);
}

static void put_back(HilumWindow *self, const KeptView *kept)
{
  HilumWorkspace *workspace = self->workspace;
  hilum_workspace_freeze(workspace);
  hilum_workspace_set_case(workspace, self->the_case);
  hilum_workspace_set_active_phase(workspace, kept->phase);
  hilum_workspace_set_active(workspace, kept->active);
  hilum_workspace_set_isolated(workspace, kept->isolated);
  hilum_workspace_set_fusion(workspace, &kept->fusion);
  hilum_workspace_set_window(workspace, kept->window);
  hilum_workspace_set_cursor_mm(workspace, kept->cursor_mm);
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    hilum_workspace_set_slice(workspace, &kept->slices[p]);
  hilum_workspace_set_camera(workspace, &kept->camera);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (kept->meshes[l].mesh)
      hilum_workspace_set_mesh(workspace, (uint8_t)l, kept->meshes[l].mesh, kept->meshes[l].bvh,
                               kept->meshes[l].label_serial);
  hilum_workspace_thaw(workspace);
  hilum_toolbox_choose(self->toolbox, kept->tool);
}

static void coarse_view_free(HilumCoarseView *coarse)
{
  kept_view_clear(&coarse->kept);
  g_free(coarse);
}

/* --- from one volume to the next finer one --- */

typedef struct {
  HilumSliceState slices[HILUM_SLICE_PLANES];
  HilumVec3 cursor_mm;
  HilumWindowLevel window;
  bool moved, windowed;
} Wish;

static Wish take_wish(HilumWindow *self)
{
  const HilumCoarseView *coarse = self->coarse;
  Wish wish = {.cursor_mm = hilum_workspace_get_cursor_mm(self->workspace),
               .window = hilum_workspace_get_window(self->workspace)};
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    wish.slices[p] = *hilum_workspace_get_slice(self->workspace, (HilumSlicePlane)p);
  wish.moved = hilum_vec3_distance(wish.cursor_mm, coarse->first_cursor_mm) > TOUCHED_MM;
  wish.windowed =
      wish.window.width != coarse->first_window.width || wish.window.level != coarse->first_window.level;
  return wish;
}

static void apply_wish(HilumWindow *self, const Wish *wish)
{
  HilumWorkspace *workspace = self->workspace;
  for (int p = 0; p < HILUM_SLICE_PLANES; p++) {
    const HilumSliceState *fresh = hilum_workspace_get_slice(workspace, (HilumSlicePlane)p);
    HilumSliceState state = wish->slices[p];
    hilum_slice_state_set_grid(&state, &fresh->grid);
    if (!wish->moved) hilum_slice_state_set_slice(&state, fresh->slice);
    hilum_workspace_set_slice(workspace, &state);
  }
  if (wish->moved) hilum_workspace_set_cursor_mm(workspace, wish->cursor_mm);
  if (wish->windowed) hilum_workspace_set_window(workspace, wish->window);
}

/* --- for the opener --- */

void hilum_window_show_coarse(HilumWindow *self, HilumVolume *volume, const char *name, gpointer token)
{
  HilumWorkspace *workspace = self->workspace;
  Wish wish;
  const bool follows = self->coarse && self->coarse->token == token;
  hilum_workspace_freeze(workspace);
  if (!self->coarse) {
    self->coarse = g_new0(HilumCoarseView, 1);
    keep_view(self, &self->coarse->kept);
    hilum_toolbox_reset(self->toolbox);
    hilum_surfaces_clear(self->surfaces);
    hilum_message_bar_dismiss(self->messages);
    hilum_workspace_set_case(workspace, NULL);
  }
  HilumVolume *shown = follows ? hilum_workspace_get_active_volume(workspace) : NULL;
  g_autoptr(HilumVolume) before = shown ? hilum_volume_ref(shown) : NULL;
  if (follows) wish = take_wish(self);
  hilum_workspace_set_phases(workspace, &volume, &name, 1);
  hilum_workspace_set_stand_in(workspace, before);
  self->coarse->token = token;
  self->coarse->first_cursor_mm = hilum_workspace_get_cursor_mm(workspace);
  self->coarse->first_window = hilum_workspace_get_window(workspace);
  if (follows) apply_wish(self, &wish);
  hilum_workspace_thaw(workspace);
  hilum_four_up_set_note(self->four_up, _("A coarse picture while the images load"));
  if (!follows) {
    gtk_stack_set_visible_child_name(self->pages, "work");
    gtk_widget_grab_focus(hilum_four_up_get_area(self->four_up, HILUM_SLICE_AXIAL));
  }
  hilum_window_update(self);
}

void hilum_window_end_coarse(HilumWindow *self, gpointer token)
{
  if (!self->coarse || (token && self->coarse->token != token)) return;
  HilumCoarseView *coarse = g_steal_pointer(&self->coarse);
  hilum_four_up_set_note(self->four_up, NULL);
  hilum_workspace_set_phases(self->workspace, NULL, NULL, 0);
  if (self->the_case) {
    put_back(self, &coarse->kept);
    hilum_surfaces_update(self->surfaces);
  }
  gtk_stack_set_visible_child_name(self->pages, self->the_case ? "work" : "empty");
  coarse_view_free(coarse);
  hilum_window_update(self);
}

void hilum_window_replace_coarse(HilumWindow *self, HilumCase *the_case)
{
  if (!self->coarse) {
    hilum_workspace_set_case(self->workspace, the_case);
    return;
  }
  const Wish wish = take_wish(self);
  HilumVolume *shown = hilum_workspace_get_active_volume(self->workspace);
  g_autoptr(HilumVolume) before = shown ? hilum_volume_ref(shown) : NULL;
  coarse_view_free(g_steal_pointer(&self->coarse));
  hilum_four_up_set_note(self->four_up, NULL);
  hilum_workspace_freeze(self->workspace);
  hilum_workspace_set_case(self->workspace, the_case);
  if (the_case && hilum_workspace_get_active_volume(self->workspace)) {
    apply_wish(self, &wish);
    hilum_workspace_set_stand_in(self->workspace, before);
  }
  hilum_workspace_thaw(self->workspace);
}

void hilum_window_drop_coarse(HilumWindow *self)
{
  g_clear_pointer(&self->coarse, coarse_view_free);
}
