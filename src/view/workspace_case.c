/* The workspace follows a case: phases, labels, structures, and writes labels as steps of its history.
 * Without a case, writes go straight to the map and cannot be undone. */
#include "workspace_private.h"

#include "hilum/casefile/boundaries.h"
#include "hilum/casefile/error.h"
#include "hilum/view/error.h"

/* A phase that was moved, or whose images came, keeps the window that the user gave it. */
static void keep_window(WorkspacePhase *phase, const GArray *before)
{
  for (guint i = 0; i < before->len; i++) {
    const WorkspacePhase *old = &g_array_index(before, WorkspacePhase, i);
    if (!old->own_window || g_strcmp0(old->name, phase->name) != 0) continue;
    phase->own_window = true;
    phase->window = old->window;
  }
}

static void load_phases(HilumWorkspace *self)
{
  g_autoptr(GArray) before = self->phases;
  self->phases = hilum_workspace_phases_new();
  guint n = hilum_case_get_phase_count(self->the_case);
  for (guint i = 0; i < n; i++) {
    HilumPhase *from = hilum_case_get_phase(self->the_case, i);
    HilumVolume *volume = hilum_phase_get_volume(from);
    WorkspacePhase phase = {.name = g_strdup(hilum_phase_get_name(from)),
                            .volume = volume ? hilum_volume_ref(volume) : NULL};
    hilum_phase_get_window(from, &phase.file_center, &phase.file_width);
    keep_window(&phase, before);
    g_array_append_val(self->phases, phase);
  }
  if (self->active_phase >= n) self->active_phase = 0;
  if (self->fusion.phase >= n) self->fusion.mode = HILUM_FUSION_OFF;
}

static void load_structures(HilumWorkspace *self)
{
  hilum_workspace_clear_looks(self);
  GListModel *list = hilum_case_get_structures(self->the_case);
  guint n = g_list_model_get_n_items(list);
  for (guint i = 0; i < n; i++) {
    g_autoptr(HilumStructure) s = g_list_model_get_item(list, i);
    uint32_t color = hilum_structure_get_color(s);
    uint8_t label = hilum_structure_get_label(s);
    self->order[self->n_order++] = label;
    self->looks[label] = (HilumStructureLook){
        .used = true,
        .visible = hilum_structure_get_visible(s),
        .locked = hilum_structure_get_locked(s),
        .outline = hilum_structure_get_kind(s) == HILUM_STRUCTURE_TUMOUR,
        .rgb = {(uint8_t)(color >> 16), (uint8_t)(color >> 8), (uint8_t)color},
        .opacity = hilum_structure_get_opacity(s),
        .name = g_strdup(hilum_structure_get_name(s)),
    };
  }
  if (self->active && !self->looks[self->active].used) self->active = 0;
  if (!self->active && self->n_order) self->active = self->order[0];
  if (self->isolated && !self->looks[self->isolated].used) self->isolated = 0;
  self->look_serial = hilum_workspace_next_serial();
}

void hilum_workspace_reload_case(HilumWorkspace *self, unsigned what)
{
  uint8_t active = self->active;
  if (what & HILUM_CHANGE_PHASE) load_phases(self);
  if (what & HILUM_CHANGE_STRUCTURES) load_structures(self);
  hilum_workspace_take_labels(self, hilum_case_get_label_map(self->the_case));
  hilum_workspace_place_views(self);
  hilum_workspace_changed(self, what | (active != self->active ? HILUM_CHANGE_ACTIVE : 0));
}

static void on_labels_changed(HilumWorkspace *self)
{
  hilum_workspace_changed(self, HILUM_CHANGE_LABELS);
}
static void on_images_changed(HilumWorkspace *self)
{
  hilum_workspace_reload_case(self, HILUM_CHANGE_PHASE);
}
static void on_structure_changed(HilumWorkspace *self)
{
  hilum_workspace_reload_case(self, HILUM_CHANGE_STRUCTURES);
}

void hilum_workspace_set_case(HilumWorkspace *self, HilumCase *the_case)
{
  if (the_case == self->the_case) return;
  hilum_workspace_freeze(self);
  hilum_workspace_set_tool(self, NULL);
  hilum_workspace_clear_preview(self);
  if (self->the_case) {
    g_signal_handlers_disconnect_by_data(self->the_case, self);
    g_signal_handlers_disconnect_by_data(hilum_case_get_structures(self->the_case), self);
    g_clear_object(&self->the_case);
  }
  hilum_workspace_clear_phases(self);
  hilum_workspace_clear_looks(self);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    hilum_workspace_set_mesh(self, (uint8_t)l, NULL, NULL, 0);
  hilum_workspace_clear_pieces(self);
  hilum_workspace_clear_colorings(self);
  hilum_workspace_clear_caps(self);
  self->clip = (HilumClip){0};
  self->span = (HilumSpan){0};
  hilum_workspace_take_labels(self, NULL);
  self->placed = false;
  self->active = self->isolated = 0;
  self->active_phase = 0;
  self->fusion.mode = HILUM_FUSION_OFF;
  self->limits = (HilumEditLimits){0};
  self->look_serial = hilum_workspace_next_serial();
  if (the_case) {
    self->the_case = g_object_ref(the_case);
    g_signal_connect_swapped(the_case, "labels-changed", G_CALLBACK(on_labels_changed), self);
    g_signal_connect_swapped(the_case, "images-changed", G_CALLBACK(on_images_changed), self);
    g_signal_connect_swapped(the_case, "structure-changed", G_CALLBACK(on_structure_changed), self);
    g_signal_connect_swapped(hilum_case_get_structures(the_case), "items-changed",
                             G_CALLBACK(on_structure_changed), self);
    hilum_workspace_reload_case(self, HILUM_CHANGE_PHASE | HILUM_CHANGE_STRUCTURES);
  }
  hilum_workspace_changed(self, HILUM_CHANGE_ALL);
  hilum_workspace_thaw(self);
}

HilumCase *hilum_workspace_get_case(HilumWorkspace *self)
{
  return self->the_case;
}

HilumSurfaceRange *hilum_workspace_dup_surface_ranges(HilumWorkspace *self)
{
  return self->the_case ? hilum_case_dup_surface_ranges(self->the_case) : NULL;
}

int hilum_workspace_get_smoothing(HilumWorkspace *self)
{
  return self->the_case ? hilum_case_get_smoothing(self->the_case) : HILUM_SURFACE_SMOOTHING;
}

void hilum_workspace_set_smoothing(HilumWorkspace *self, int passes)
{
  passes = CLAMP(passes, 0, HILUM_CASE_MOST_SMOOTHING);
  if (!self->the_case || passes == hilum_case_get_smoothing(self->the_case)) return;
  hilum_case_set_smoothing(self->the_case, passes);
  hilum_workspace_changed(self, HILUM_CHANGE_SMOOTHING);
}

/* --- writing labels --- */

bool hilum_workspace_prepare_write(HilumWorkspace *self, HilumLabelMode mode, HilumLabelWrite *write,
                                   GError **error)
{
  if (!self->labels || !self->active) {
    g_set_error_literal(error, HILUM_VIEW_ERROR, HILUM_VIEW_ERROR_INVALID,
                        "Choose or add a structure first; there is nothing to write into.");
    return false;
  }
  if (self->the_case) {
    HilumStructure *structure = hilum_case_get_structure(self->the_case, self->active);
    return hilum_case_prepare_write(self->the_case, structure, mode, write, error);
  }
  if (self->looks[self->active].locked) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_LOCKED, "%s is locked; unlock it first.",
                self->looks[self->active].name);
    return false;
  }
  *write = (HilumLabelWrite){.label = self->active, .mode = mode};
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    write->locked[l] = self->looks[l].used && self->looks[l].locked;
  return true;
}

bool hilum_workspace_prepare_clear(HilumWorkspace *self, HilumLabelWrite *write, GError **error)
{
  *write = (HilumLabelWrite){.mode = HILUM_LABEL_CLEAR};
  bool any = false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const HilumStructureLook *look = &self->looks[l];
    write->locked[l] = !look->used || look->locked || !hilum_workspace_is_shown(self, (uint8_t)l);
    any |= !write->locked[l];
  }
  if (!any)
    g_set_error_literal(error, HILUM_VIEW_ERROR, HILUM_VIEW_ERROR_INVALID,
                        "Every structure is hidden or locked; there is nothing to cut.");
  return any;
}

bool hilum_workspace_commit(HilumWorkspace *self, const char *title, HilumLabelDelta *delta, GError **error)
{
  if (self->the_case) return hilum_case_apply_labels(self->the_case, title, delta, error);
  if (!self->labels || !hilum_label_map_apply(self->labels, delta, true)) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STALE,
                        "The labels changed while this step was computed; do it again.");
    return false;
  }
  if (self->in_stroke) g_ptr_array_add(self->stroke, hilum_label_delta_ref(delta));
  hilum_workspace_changed(self, HILUM_CHANGE_LABELS);
  return true;
}

bool hilum_workspace_commit_found(HilumWorkspace *self, const char *title, HilumLabelDelta *delta,
                                  const HilumLabelWrite *write, const HilumMade *made, GError **error)
{
  return self->the_case ? hilum_case_apply_found_labels(self->the_case, title, delta, write, made, error)
                        : hilum_workspace_commit(self, title, delta, error);
}

void hilum_workspace_begin_stroke(HilumWorkspace *self, const char *title)
{
  g_return_if_fail(!self->in_stroke);
  self->in_stroke = true;
  if (self->the_case) hilum_history_begin_group(hilum_case_get_history(self->the_case), title);
}

void hilum_workspace_end_stroke(HilumWorkspace *self)
{
  g_return_if_fail(self->in_stroke);
  self->in_stroke = false;
  g_ptr_array_set_size(self->stroke, 0);
  if (self->the_case) hilum_history_end_group(hilum_case_get_history(self->the_case));
  hilum_workspace_changed(self, HILUM_CHANGE_OPTIONS); /* what was drawn in haste is drawn again */
}

void hilum_workspace_abort_stroke(HilumWorkspace *self)
{
  g_return_if_fail(self->in_stroke);
  self->in_stroke = false;
  if (self->the_case) {
    hilum_history_abort_group(hilum_case_get_history(self->the_case));
    hilum_workspace_changed(self, HILUM_CHANGE_OPTIONS);
    return;
  }
  for (guint i = self->stroke->len; i > 0; i--)
    hilum_label_map_apply(self->labels, g_ptr_array_index(self->stroke, i - 1), false);
  g_ptr_array_set_size(self->stroke, 0);
  hilum_workspace_changed(self, HILUM_CHANGE_LABELS | HILUM_CHANGE_OPTIONS);
}

bool hilum_workspace_is_in_stroke(HilumWorkspace *self)
{
  return self->in_stroke;
}
