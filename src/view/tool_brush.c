/* Brush and eraser. Each move sweeps the brush from the last point to this one, stages what changes as a
 * delta of the touched box, and shows it at once; all deltas of a stroke become one undoable step on release.
 * Stepping the slice or undoing in mid-stroke cannot split it: the stroke is aborted by cancel only. */
#include "tool_private.h"

#include "hilum/segment/brush.h"

#define MIN_RADIUS_MM 0.2
#define MAX_RADIUS_MM 50.0

typedef struct {
  HilumTool parent;
  double radius_mm;
  bool ball;
  bool painting;
  HilumVec3 last_mm;
  HilumLabelWrite write;
  HilumMask *mask; /* what this stroke has swept; kept between strokes, cleared where it was touched */
  HilumVoxelBox stroke_box;
  uint64_t changed;
} HilumBrushTool;
typedef HilumToolClass HilumBrushToolClass;

G_DEFINE_TYPE(HilumBrushTool, hilum_brush_tool, HILUM_TYPE_TOOL)

/* The eraser is the brush in another mode. */
typedef HilumBrushTool HilumEraseTool;
typedef HilumToolClass HilumEraseToolClass;
G_DEFINE_FINAL_TYPE(HilumEraseTool, hilum_erase_tool, hilum_brush_tool_get_type())

enum { PROP_0, PROP_RADIUS, PROP_BALL, N_PROPS };
static GParamSpec *properties[N_PROPS];

static bool erases(HilumBrushTool *self)
{
  return hilum_tool_get_kind(HILUM_TOOL(self)) == HILUM_TOOL_ERASE;
}

static void clear_mask(HilumBrushTool *self)
{
  HilumVoxelBox b = self->stroke_box;
  if (self->mask && !hilum_voxel_box_is_empty(b))
    for (int32_t k = b.lo[2]; k < b.hi[2]; k++)
      for (int32_t j = b.lo[1]; j < b.hi[1]; j++)
        hilum_mask_clear_span(self->mask, b.lo[0], b.hi[0], j, k);
  self->stroke_box = (HilumVoxelBox){{0}, {0}};
}

static bool ensure_mask(HilumBrushTool *self, const HilumGrid *grid)
{
  if (self->mask && (self->mask->dims[0] != grid->dims[0] || self->mask->dims[1] != grid->dims[1] ||
                     self->mask->dims[2] != grid->dims[2]))
    g_clear_pointer(&self->mask, hilum_mask_free);
  g_autoptr(GError) error = NULL;
  if (!self->mask) self->mask = hilum_mask_new(grid->dims, &error);
  if (error) hilum_tool_fail(HILUM_TOOL(self), error->message);
  return self->mask != NULL;
}

static void grow_box(HilumVoxelBox *box, const HilumVoxelBox *add)
{
  if (hilum_voxel_box_is_empty(*add)) return;
  bool empty = hilum_voxel_box_is_empty(*box);
  for (int a = 0; a < 3; a++) {
    box->lo[a] = empty ? add->lo[a] : MIN(box->lo[a], add->lo[a]);
    box->hi[a] = empty ? add->hi[a] : MAX(box->hi[a], add->hi[a]);
  }
}

/* One piece of the stroke, from last_mm to `to_mm`. False if it could not be written. */
static bool paint(HilumBrushTool *self, HilumVec3 to_mm, HilumVec3 normal)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(HILUM_TOOL(self));
  HilumLabelMap *labels = hilum_workspace_get_labels(workspace);
  HilumBrush brush = {.radius_mm = self->radius_mm, .ball = self->ball, .normal = normal};
  HilumVoxelBox touched = {{0}, {0}};
  hilum_brush_sweep(&brush, hilum_label_map_get_grid(labels), self->last_mm, to_mm, self->mask, &touched);
  self->last_mm = to_mm;
  if (hilum_voxel_box_is_empty(touched)) return true;
  grow_box(&self->stroke_box, &touched);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(labels);
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(snapshot, self->mask, &touched, &self->write, NULL, &error);
  if (delta && hilum_label_delta_is_empty(delta)) return true;
  if (!delta || !hilum_workspace_commit(workspace, "", delta, &error)) {
    hilum_tool_fail(HILUM_TOOL(self), error->message);
    return false;
  }
  self->changed += hilum_label_delta_get_changed(delta);
  return true;
}

static void end_stroke(HilumBrushTool *self, bool keep)
{
  if (!self->painting) return;
  self->painting = false;
  HilumWorkspace *workspace = hilum_tool_get_workspace(HILUM_TOOL(self));
  if (keep)
    hilum_workspace_end_stroke(workspace);
  else
    hilum_workspace_abort_stroke(workspace);
  clear_mask(self);
  char ml[48];
  hilum_tool_format_ml(HILUM_TOOL(self), keep ? self->changed : 0, ml);
  hilum_tool_set_status(HILUM_TOOL(self), "%s %s", ml, erases(self) ? "erased" : "painted");
}

static void begin_stroke(HilumBrushTool *self, const HilumToolEvent *event)
{
  HilumTool *tool = HILUM_TOOL(self);
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  HilumLabelMap *labels = hilum_workspace_get_labels(workspace);
  g_autoptr(GError) error = NULL;
  if (!hilum_workspace_prepare_write(workspace, erases(self) ? HILUM_LABEL_REMOVE : HILUM_LABEL_ADD,
                                     &self->write, &error)) {
    hilum_tool_fail(tool, error->message);
    return;
  }
  if (!ensure_mask(self, hilum_label_map_get_grid(labels))) return;
  g_autofree char *title = hilum_tool_dup_title(tool, erases(self) ? "Erase" : "Brush");
  hilum_workspace_begin_stroke(workspace, title);
  self->painting = true;
  self->changed = 0;
  self->last_mm = event->point_mm;
  if (!paint(self, event->point_mm, event->normal)) end_stroke(self, false);
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumBrushTool *self = (HilumBrushTool *)tool;
  if (event->type == HILUM_TOOL_RESIZE) {
    g_object_set(tool, "radius-mm",
                 CLAMP(self->radius_mm * exp(0.1 * event->scroll), MIN_RADIUS_MM, MAX_RADIUS_MM), NULL);
    return true;
  }
  if (event->plane >= HILUM_SLICE_PLANES) return false;
  switch (event->type) {
  case HILUM_TOOL_PRESS:
    end_stroke(self, true); /* a release that never came */
    begin_stroke(self, event);
    return true;
  case HILUM_TOOL_DRAG:
    if (!self->painting) return true;
    if (!paint(self, event->point_mm, event->normal)) end_stroke(self, false);
    return true;
  case HILUM_TOOL_RELEASE:
    end_stroke(self, true);
    return true;
  default:
    return false;
  }
}

static void cancel(HilumTool *tool)
{
  end_stroke((HilumBrushTool *)tool, false);
}

static double ring(HilumTool *tool)
{
  return ((HilumBrushTool *)tool)->radius_mm;
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumBrushTool *self = (HilumBrushTool *)object;
  if (id == PROP_RADIUS)
    g_value_set_double(value, self->radius_mm);
  else if (id == PROP_BALL)
    g_value_set_boolean(value, self->ball);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumBrushTool *self = (HilumBrushTool *)object;
  if (id == PROP_RADIUS) {
    self->radius_mm = CLAMP(g_value_get_double(value), MIN_RADIUS_MM, MAX_RADIUS_MM);
    HilumWorkspace *workspace = hilum_tool_get_workspace(HILUM_TOOL(self));
    HilumSlicePlane plane;
    HilumVec3 point;
    if (workspace && hilum_workspace_get_pointer(workspace, &plane, &point))
      hilum_workspace_set_pointer(workspace, plane, point, true); /* redraw the ring */
  } else if (id == PROP_BALL) {
    self->ball = g_value_get_boolean(value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  g_object_notify_by_pspec(object, spec);
}

static void finalize(GObject *object)
{
  g_clear_pointer(&((HilumBrushTool *)object)->mask, hilum_mask_free);
  G_OBJECT_CLASS(hilum_brush_tool_parent_class)->finalize(object);
}

static void hilum_brush_tool_class_init(HilumBrushToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_RADIUS] =
      g_param_spec_double("radius-mm", NULL, NULL, MIN_RADIUS_MM, MAX_RADIUS_MM, 4, flags);
  properties[PROP_BALL] = g_param_spec_boolean("ball", NULL, NULL, FALSE, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_BRUSH;
  klass->handle = handle;
  klass->cancel = cancel;
  klass->ring = ring;
}

static void hilum_brush_tool_init(HilumBrushTool *self)
{
  self->radius_mm = 4;
}

static void hilum_erase_tool_class_init(HilumEraseToolClass *klass)
{
  klass->kind = HILUM_TOOL_ERASE;
}

static void hilum_erase_tool_init(HilumEraseTool *self) {}
