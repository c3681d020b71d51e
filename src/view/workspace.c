/* The workspace: life, notification, phases, structures and surfaces. workspace_case.c follows a case,
 * workspace_view.c has the view state. */
#include "workspace_private.h"

#include "hilum/view/tool.h"

#include <string.h>

G_DEFINE_FINAL_TYPE(HilumWorkspace, hilum_workspace, G_TYPE_OBJECT)

static unsigned signal_changed;

static void clear_phase(gpointer data)
{
  WorkspacePhase *phase = data;
  g_free(phase->name);
  g_clear_pointer(&phase->volume, hilum_volume_unref);
}

GArray *hilum_workspace_phases_new(void)
{
  GArray *phases = g_array_new(FALSE, TRUE, sizeof(WorkspacePhase));
  g_array_set_clear_func(phases, clear_phase);
  return phases;
}

void hilum_workspace_clear_phases(HilumWorkspace *self)
{
  hilum_workspace_set_stand_in(self, NULL);
  g_array_set_size(self->phases, 0);
}

void hilum_workspace_clear_looks(HilumWorkspace *self)
{
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    g_free((char *)self->looks[l].name);
  memset(self->looks, 0, sizeof self->looks);
  self->n_order = 0;
}

static void clear_meshes(HilumWorkspace *self)
{
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    hilum_workspace_set_mesh(self, (uint8_t)l, NULL, NULL, 0);
  hilum_workspace_clear_pieces(self);
  hilum_workspace_clear_caps(self);
}

static void dispose(GObject *object)
{
  HilumWorkspace *self = HILUM_WORKSPACE(object);
  hilum_workspace_freeze(self); /* nobody is told any more */
  hilum_workspace_set_tool(self, NULL);
  hilum_workspace_clear_preview(self);
  hilum_workspace_set_case(self, NULL);
  clear_meshes(self);
  hilum_workspace_clear_looks(self);
  hilum_workspace_clear_phases(self);
  G_OBJECT_CLASS(hilum_workspace_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
  HilumWorkspace *self = HILUM_WORKSPACE(object);
  g_array_unref(self->phases);
  g_ptr_array_unref(self->stroke);
  G_OBJECT_CLASS(hilum_workspace_parent_class)->finalize(object);
}

static void hilum_workspace_class_init(HilumWorkspaceClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = dispose;
  G_OBJECT_CLASS(klass)->finalize = finalize;
  signal_changed = g_signal_new("changed", HILUM_TYPE_WORKSPACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                g_cclosure_marshal_VOID__UINT, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void hilum_workspace_init(HilumWorkspace *self)
{
  self->phases = hilum_workspace_phases_new();
  self->stroke = g_ptr_array_new_with_free_func((GDestroyNotify)hilum_label_delta_unref);
  self->camera = hilum_camera_new();
  self->window = (HilumWindowLevel){350, 40};
  self->options.smooth = true;
  self->thin_mm = 2;
  self->last_radius_mm = 20;
  self->fusion = (HilumFusion){.blend = 0.5, .square_mm = 20};
  HilumGrid unit = hilum_grid_new(1, 1, 1, 1, 1, 1);
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    hilum_slice_state_init(&self->slices[p], (HilumSlicePlane)p, &unit);
}

HilumWorkspace *hilum_workspace_new(void)
{
  return g_object_new(HILUM_TYPE_WORKSPACE, NULL);
}

/* --- notification --- */

uint64_t hilum_workspace_next_serial(void)
{
  static uint64_t serial;
  return ++serial;
}

void hilum_workspace_take_labels(HilumWorkspace *self, HilumLabelMap *labels)
{
  if (labels == self->labels) return;
  self->labels = labels;
  self->labels_identity = hilum_workspace_next_serial();
}

uint64_t hilum_workspace_get_labels_identity(HilumWorkspace *self)
{
  return self->labels_identity;
}

void hilum_workspace_changed(HilumWorkspace *self, unsigned changes)
{
  self->pending |= changes;
  if (self->frozen || !self->pending) return;
  unsigned now = self->pending;
  self->pending = 0;
  g_object_ref(self);
  if (self->tool) hilum_tool_workspace_changed(self->tool, now);
  g_signal_emit(self, signal_changed, 0, now);
  g_object_unref(self);
}

void hilum_workspace_freeze(HilumWorkspace *self)
{
  self->frozen++;
}

void hilum_workspace_thaw(HilumWorkspace *self)
{
  g_return_if_fail(self->frozen > 0);
  self->frozen--;
  hilum_workspace_changed(self, 0);
}

/* --- phases and labels --- */

void hilum_workspace_set_phases(HilumWorkspace *self, HilumVolume *const *volumes, const char *const *names,
                                size_t n)
{
  g_return_if_fail(!self->the_case);
  hilum_workspace_clear_phases(self);
  for (size_t i = 0; i < n; i++) {
    WorkspacePhase phase = {.name = g_strdup(names ? names[i] : NULL),
                            .volume = hilum_volume_ref(volumes[i]),
                            .file_center = NAN,
                            .file_width = NAN};
    g_array_append_val(self->phases, phase);
  }
  self->active_phase = 0;
  self->placed = false;
  hilum_workspace_place_views(self);
  hilum_workspace_changed(self, HILUM_CHANGE_ALL);
}

void hilum_workspace_set_labels(HilumWorkspace *self, HilumLabelMap *labels)
{
  g_return_if_fail(!self->the_case);
  hilum_workspace_take_labels(self, NULL);
  hilum_workspace_take_labels(self, labels);
  hilum_workspace_place_views(self);
  hilum_workspace_changed(self, HILUM_CHANGE_LABELS);
}

static WorkspacePhase *phase_at(HilumWorkspace *self, size_t index)
{
  return index < self->phases->len ? &g_array_index(self->phases, WorkspacePhase, index) : NULL;
}

size_t hilum_workspace_get_phase_count(HilumWorkspace *self)
{
  return self->phases->len;
}

const char *hilum_workspace_get_phase_name(HilumWorkspace *self, size_t index)
{
  WorkspacePhase *phase = phase_at(self, index);
  return phase && phase->name ? phase->name : "";
}

HilumVolume *hilum_workspace_get_volume(HilumWorkspace *self, size_t index)
{
  WorkspacePhase *phase = phase_at(self, index);
  return phase ? phase->volume : NULL;
}

size_t hilum_workspace_get_active_phase(HilumWorkspace *self)
{
  return self->active_phase;
}

HilumVolume *hilum_workspace_get_active_volume(HilumWorkspace *self)
{
  return hilum_workspace_get_volume(self, self->active_phase);
}

void hilum_workspace_set_stand_in(HilumWorkspace *self, HilumVolume *coarse)
{
  if (coarse) hilum_volume_ref(coarse);
  g_clear_pointer(&self->stand_in, hilum_volume_unref);
  self->stand_in = coarse;
  self->stood_for = coarse ? hilum_workspace_get_active_volume(self) : NULL;
}

HilumVolume *hilum_workspace_get_stand_in(HilumWorkspace *self)
{
  return self->stand_in && self->stood_for == hilum_workspace_get_active_volume(self) ? self->stand_in : NULL;
}

HilumLabelMap *hilum_workspace_get_labels(HilumWorkspace *self)
{
  return self->labels;
}

void hilum_workspace_labels_changed(HilumWorkspace *self)
{
  hilum_workspace_changed(self, HILUM_CHANGE_LABELS);
}

/* --- structures --- */

const HilumStructureLook *hilum_workspace_get_look(HilumWorkspace *self, uint8_t label)
{
  return &self->looks[label];
}

static void rebuild_order(HilumWorkspace *self)
{
  self->n_order = 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (self->looks[l].used) self->order[self->n_order++] = (uint8_t)l;
}

void hilum_workspace_set_look(HilumWorkspace *self, uint8_t label, const HilumStructureLook *look)
{
  g_return_if_fail(!self->the_case && label > 0);
  char *name = look->used ? g_strdup(look->name ? look->name : "") : NULL;
  g_free((char *)self->looks[label].name);
  self->looks[label] = *look;
  self->looks[label].name = name;
  rebuild_order(self);
  self->look_serial = hilum_workspace_next_serial();
  hilum_workspace_changed(self, HILUM_CHANGE_STRUCTURES);
}

bool hilum_workspace_is_shown(HilumWorkspace *self, uint8_t label)
{
  const HilumStructureLook *look = &self->looks[label];
  if (!look->used) return false;
  return self->isolated ? label == self->isolated : look->visible;
}

void hilum_workspace_set_isolated(HilumWorkspace *self, uint8_t label)
{
  if (label == self->isolated) return;
  self->isolated = label;
  self->look_serial = hilum_workspace_next_serial();
  hilum_workspace_changed(self, HILUM_CHANGE_STRUCTURES);
}

uint8_t hilum_workspace_get_isolated(HilumWorkspace *self)
{
  return self->isolated;
}

uint8_t hilum_workspace_get_active(HilumWorkspace *self)
{
  return self->active;
}

void hilum_workspace_set_active(HilumWorkspace *self, uint8_t label)
{
  if (label && !self->looks[label].used) return;
  if (label == self->active) return;
  self->active = label;
  self->look_serial = hilum_workspace_next_serial();
  hilum_workspace_changed(self, HILUM_CHANGE_ACTIVE);
}

uint8_t hilum_workspace_next_structure(HilumWorkspace *self, int direction)
{
  if (self->n_order == 0) return 0;
  size_t n = self->n_order;
  for (size_t i = 0; i < n; i++)
    if (self->order[i] == self->active) return self->order[(i + (direction > 0 ? 1 : n - 1)) % n];
  return self->order[direction > 0 ? 0 : n - 1];
}

uint64_t hilum_workspace_get_look_serial(HilumWorkspace *self)
{
  return self->look_serial;
}

/* --- surfaces --- */

void hilum_workspace_set_mesh(HilumWorkspace *self, uint8_t label, HilumMesh *mesh, HilumBvh *bvh,
                              uint64_t label_serial)
{
  WorkspaceMesh *slot = &self->meshes[label];
  if (!mesh && !slot->mesh) {
    slot->label_serial = label_serial;
    return;
  }
  if (mesh) hilum_mesh_ref(mesh);
  if (bvh) hilum_bvh_ref(bvh);
  if (mesh != slot->mesh) hilum_workspace_drop_values(self, label);
  g_clear_pointer(&slot->mesh, hilum_mesh_unref);
  g_clear_pointer(&slot->bvh, hilum_bvh_unref);
  slot->mesh = mesh;
  slot->bvh = bvh;
  slot->label_serial = label_serial;
  slot->serial = hilum_workspace_next_serial();
  hilum_workspace_changed(self, HILUM_CHANGE_MESHES);
}

HilumMesh *hilum_workspace_get_mesh(HilumWorkspace *self, uint8_t label)
{
  return self->meshes[label].mesh;
}

HilumBvh *hilum_workspace_get_bvh(HilumWorkspace *self, uint8_t label)
{
  return self->meshes[label].bvh;
}

uint64_t hilum_workspace_get_mesh_serial(HilumWorkspace *self, uint8_t label)
{
  return self->meshes[label].serial;
}

uint64_t hilum_workspace_get_mesh_label_serial(HilumWorkspace *self, uint8_t label)
{
  return self->meshes[label].label_serial;
}

uint64_t hilum_workspace_count_structure_triangles(HilumWorkspace *self, uint8_t label)
{
  if (hilum_workspace_shows_pieces(self, label)) return hilum_workspace_count_pieces(self, label)->triangles;
  HilumMesh *mesh = self->meshes[label].mesh;
  return mesh ? hilum_mesh_get_triangle_count(mesh) : 0;
}

uint64_t hilum_workspace_count_triangles(HilumWorkspace *self)
{
  uint64_t n = 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (hilum_workspace_is_shown(self, (uint8_t)l))
      n += hilum_workspace_count_structure_triangles(self, (uint8_t)l);
  return n;
}

HilumBox hilum_workspace_get_scene_bounds(HilumWorkspace *self)
{
  HilumBox box = hilum_box_empty();
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    if (!hilum_workspace_is_shown(self, (uint8_t)l)) continue;
    if (hilum_workspace_shows_pieces(self, (uint8_t)l))
      box = hilum_box_union(box, hilum_workspace_count_pieces(self, (uint8_t)l)->bounds_mm);
    HilumMesh *mesh = self->meshes[l].mesh; /* until the pieces are on the screen, it is */
    if (mesh) box = hilum_box_union(box, hilum_mesh_get_bounds_mm(mesh));
  }
  HilumVolume *volume = hilum_workspace_get_active_volume(self);
  if (hilum_box_is_empty(box) && volume) box = hilum_grid_bounds_mm(hilum_volume_get_grid(volume));
  return box;
}
