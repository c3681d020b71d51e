/* Brush and eraser. Each move sweeps the brush from the last point to this one, stages what changes as a
 * delta of the touched box, and shows it at once; all deltas of a stroke become one undoable step on release.
 * Stepping the slice or undoing in mid-stroke cannot split it: the stroke is aborted by cancel only. Cost per
 * event: the box that it sweeps, not the volume. */
#include "tool_private.h"

#include "hilum/segment/brush.h"

#define DEFAULT_SD 3.0
#define DEFAULT_TOLERANCE 40.0

typedef struct {
  HilumTool parent;
  double radius_mm;
  bool ball;
  HilumSmartBrush smart;
  double smart_sd, tolerance;
  bool painting;
  HilumVec3 last_mm;
  HilumLabelWrite write;
  HilumEditLimits limits;
  double lo, hi;   /* what a smart stroke keeps to */
  HilumMask *mask; /* what one event sweeps; kept, and clear between events */
  uint64_t changed, swept;
  HilumEditRefused refused;
} HilumBrushTool;
typedef HilumToolClass HilumBrushToolClass;

G_DEFINE_TYPE(HilumBrushTool, hilum_brush_tool, HILUM_TYPE_TOOL)

/* The eraser is the brush in another mode. */
typedef HilumBrushTool HilumEraseTool;
typedef HilumToolClass HilumEraseToolClass;
G_DEFINE_FINAL_TYPE(HilumEraseTool, hilum_erase_tool, hilum_brush_tool_get_type())

enum { PROP_0, PROP_RADIUS, PROP_BALL, PROP_SMART, PROP_SMART_SD, PROP_TOLERANCE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static bool erases(HilumBrushTool *self)
{
  return hilum_tool_get_kind(HILUM_TOOL(self)) == HILUM_TOOL_ERASE;
}

static void clear_box(HilumMask *mask, HilumVoxelBox b)
{
  for (int32_t k = b.lo[2]; k < b.hi[2]; k++)
    for (int32_t j = b.lo[1]; j < b.hi[1]; j++)
      hilum_mask_clear_span(mask, b.lo[0], b.hi[0], j, k);
}

static uint64_t count_box(const HilumMask *mask, HilumVoxelBox b)
{
  uint64_t n = 0;
  for (int32_t k = b.lo[2]; k < b.hi[2]; k++)
    for (int32_t j = b.lo[1]; j < b.hi[1]; j++)
      for (int32_t w = b.lo[0] >> 6; w <= (b.hi[0] - 1) >> 6; w++) /* clear outside the box */
        n += (uint64_t)__builtin_popcountll(hilum_mask_row(mask, j, k)[w]);
  return n;
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

/* What the stroke keeps to, from where it begins. False without images. */
static bool set_range(HilumBrushTool *self, HilumVoxel center)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(hilum_tool_get_workspace(HILUM_TOOL(self)));
  if (self->smart == HILUM_SMART_OFF) return true;
  if (!volume) {
    hilum_tool_set_badge(HILUM_TOOL(self),
                         "The images of this phase are missing: the brush cannot keep to an intensity.");
    return false;
  }
  double mean = 0, sd = 0;
  if (hilum_grid_contains(hilum_volume_get_grid(volume), center))
    hilum_neighbourhood_stats(volume, center, 1, &mean, &sd);
  const double reach = self->smart == HILUM_SMART_SD
                           ? MAX(self->smart_sd * sd, hilum_volume_get_slope(volume))
                           : self->tolerance;
  self->lo = mean - reach;
  self->hi = mean + reach;
  return true;
}

/* Takes out of what was swept all that may not be changed. */
static void restrict_sweep(HilumBrushTool *self, HilumLabelSnapshot *snapshot, HilumVec3 center_mm,
                           HilumVoxelBox box)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(hilum_tool_get_workspace(HILUM_TOOL(self)));
  if (self->smart != HILUM_SMART_OFF && volume)
    hilum_brush_keep_to_range(volume, self->lo, self->hi,
                              hilum_grid_voxel_at_mm(hilum_volume_get_grid(volume), center_mm), box,
                              self->mask);
  HilumEditRefused refused = {0, 0};
  hilum_edit_limits_apply(&self->limits, volume, snapshot, box, self->mask, &refused);
  self->refused.by_range += refused.by_range;
  self->refused.by_structure += refused.by_structure;
  self->swept += count_box(self->mask, box);
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
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(labels);
  restrict_sweep(self, snapshot, to_mm, touched);
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(snapshot, self->mask, &touched, &self->write, NULL, &error);
  clear_box(self->mask, touched);
  if (delta && hilum_label_delta_is_empty(delta)) return true;
  if (!delta || !hilum_workspace_commit(workspace, "", delta, &error)) {
    hilum_tool_fail(HILUM_TOOL(self), error->message);
    return false;
  }
  self->changed += hilum_label_delta_get_changed(delta);
  return true;
}

static void explain_nothing(HilumBrushTool *self)
{
  HilumTool *tool = HILUM_TOOL(self);
  const bool refused = self->refused.by_range > 0 || self->refused.by_structure > 0;
  if (self->smart != HILUM_SMART_OFF && !refused && self->swept == 0) {
    char lo[G_ASCII_DTOSTR_BUF_SIZE], hi[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(lo, sizeof lo, "%.0f", self->lo);
    g_ascii_formatd(hi, sizeof hi, "%.0f", self->hi);
    g_autofree char *reason = g_strdup_printf("Nothing changed: the voxel under the pointer is not within %s "
                                              "to %s, the intensity where the stroke began.",
                                              lo, hi);
    hilum_tool_set_badge(tool, reason);
    return;
  }
  hilum_tool_explain_nothing(tool, &self->refused, self->swept, erases(self));
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
  char ml[48];
  hilum_tool_format_ml(HILUM_TOOL(self), keep ? self->changed : 0, ml);
  hilum_tool_set_status(HILUM_TOOL(self), "%s %s", ml, erases(self) ? "erased" : "painted");
  if (keep && self->changed == 0) explain_nothing(self);
}

static void begin_stroke(HilumBrushTool *self, const HilumToolEvent *event)
{
  HilumTool *tool = HILUM_TOOL(self);
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  HilumLabelMap *labels = hilum_workspace_get_labels(workspace);
  g_autoptr(GError) error = NULL;
  if (!hilum_tool_may_write(tool)) return;
  if (!hilum_workspace_prepare_write(workspace, erases(self) ? HILUM_LABEL_REMOVE : HILUM_LABEL_ADD,
                                     &self->write, &error)) {
    hilum_tool_fail(tool, error->message);
    return;
  }
  if (!ensure_mask(self, hilum_label_map_get_grid(labels)) || !set_range(self, event->voxel)) return;
  g_autofree char *title = hilum_tool_dup_title(tool, erases(self) ? "Erase" : "Brush");
  hilum_workspace_begin_stroke(workspace, title);
  self->painting = true;
  self->changed = self->swept = 0;
  self->refused = (HilumEditRefused){0, 0};
  self->limits = hilum_workspace_get_limits(workspace);
  self->last_mm = event->point_mm;
  if (!paint(self, event->point_mm, event->normal)) end_stroke(self, false);
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumBrushTool *self = (HilumBrushTool *)tool;
  if (hilum_tool_resize(tool, self->radius_mm, event)) return true;
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
  else if (id == PROP_SMART)
    g_value_set_int(value, (int)self->smart);
  else if (id == PROP_SMART_SD)
    g_value_set_double(value, self->smart_sd);
  else if (id == PROP_TOLERANCE)
    g_value_set_double(value, self->tolerance);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumBrushTool *self = (HilumBrushTool *)object;
  if (id == PROP_RADIUS) {
    self->radius_mm = CLAMP(g_value_get_double(value), TOOL_MIN_RADIUS_MM, TOOL_MAX_RADIUS_MM);
    HilumWorkspace *workspace = hilum_tool_get_workspace(HILUM_TOOL(self));
    HilumSlicePlane plane;
    HilumVec3 point;
    if (workspace && hilum_workspace_get_pointer(workspace, &plane, &point))
      hilum_workspace_set_pointer(workspace, plane, point, true); /* redraw the ring */
  } else if (id == PROP_BALL) {
    self->ball = g_value_get_boolean(value);
  } else if (id == PROP_SMART) {
    self->smart = (HilumSmartBrush)g_value_get_int(value);
  } else if (id == PROP_SMART_SD) {
    self->smart_sd = g_value_get_double(value);
  } else if (id == PROP_TOLERANCE) {
    self->tolerance = g_value_get_double(value);
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
      g_param_spec_double("radius-mm", NULL, NULL, TOOL_MIN_RADIUS_MM, TOOL_MAX_RADIUS_MM, 4, flags);
  properties[PROP_BALL] = g_param_spec_boolean("ball", NULL, NULL, FALSE, flags);
  properties[PROP_SMART] =
      g_param_spec_int("smart", NULL, NULL, HILUM_SMART_OFF, HILUM_SMART_TOLERANCE, HILUM_SMART_OFF, flags);
  properties[PROP_SMART_SD] = g_param_spec_double("smart-sd", NULL, NULL, 0.1, 20, DEFAULT_SD, flags);
  properties[PROP_TOLERANCE] =
      g_param_spec_double("tolerance", NULL, NULL, 0.1, 10000, DEFAULT_TOLERANCE, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_BRUSH;
  klass->handle = handle;
  klass->cancel = cancel;
  klass->ring = ring;
}

static void hilum_brush_tool_init(HilumBrushTool *self)
{
  self->radius_mm = 4;
  self->smart_sd = DEFAULT_SD;
  self->tolerance = DEFAULT_TOLERANCE;
}

static void hilum_erase_tool_class_init(HilumEraseToolClass *klass)
{
  klass->kind = HILUM_TOOL_ERASE;
}

static void hilum_erase_tool_init(HilumEraseTool *self) {}
