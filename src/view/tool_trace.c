/* Level tracing: the contour through the value under the pointer follows it; a click fills it. The contour is
 * found within the frame, only when the pointer comes to another voxel. */
#include "tool_draw_private.h"

#include "hilum/segment/level_trace.h"

typedef struct {
  HilumTool parent;
  HilumTraceSide side;
  HilumDrawMode mode;
  GArray *outline; /* HilumPoint2 in the slice's coordinates; NULL: none */
  HilumSlicePlane plane;
  HilumVoxel voxel;
  bool pointed; /* the pointer is over `plane`, at x_px, y_px */
  double x_px, y_px, level;
} HilumTraceTool;
typedef HilumToolClass HilumTraceToolClass;

G_DEFINE_FINAL_TYPE(HilumTraceTool, hilum_trace_tool, HILUM_TYPE_TOOL)

enum { PROP_0, PROP_DARK, PROP_MODE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static const HilumSliceState *slice_of(HilumTraceTool *self)
{
  return hilum_workspace_get_slice(hilum_tool_get_workspace(HILUM_TOOL(self)), self->plane);
}

static void drop(HilumTraceTool *self)
{
  if (!self->outline) return;
  g_clear_pointer(&self->outline, g_array_unref);
  hilum_workspace_outline_changed(hilum_tool_get_workspace(HILUM_TOOL(self)));
}

static void say_level(HilumTraceTool *self, HilumVolume *volume)
{
  char level[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(level, sizeof level, "%.0f", self->level);
  hilum_tool_set_status(HILUM_TOOL(self), "Contour at %s %s", level, hilum_volume_get_unit(volume));
}

/* The contour for where the pointer is. */
static void follow(HilumTraceTool *self, bool anew)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(HILUM_TOOL(self));
  HilumVolume *volume = hilum_workspace_get_active_volume(workspace);
  HilumVoxel voxel;
  if (!volume || !self->pointed ||
      !hilum_slice_state_widget_to_voxel(slice_of(self), self->x_px, self->y_px, &voxel)) {
    drop(self);
    return;
  }
  if (!anew && self->outline && voxel.i == self->voxel.i && voxel.j == self->voxel.j &&
      voxel.k == self->voxel.k)
    return;
  g_clear_pointer(&self->outline, g_array_unref);
  self->voxel = voxel;
  self->outline = hilum_level_trace(volume, voxel, slice_of(self)->n_axis, self->side, &self->level, NULL);
  if (self->outline) say_level(self, volume);
  hilum_workspace_outline_changed(workspace);
}

static void point_at(HilumTraceTool *self, const HilumToolEvent *event)
{
  const bool anew = event->plane != self->plane;
  self->plane = event->plane;
  self->x_px = event->x_px;
  self->y_px = event->y_px;
  self->pointed = true;
  follow(self, anew);
}

static void fill(HilumTraceTool *self)
{
  HilumTool *tool = HILUM_TOOL(self);
  if (!self->outline || hilum_tool_get_busy(tool)) return;
  const HilumPolygon polygon = {(const HilumPoint2 *)(void *)self->outline->data, self->outline->len,
                                HILUM_FILL_EVEN_ODD};
  const HilumSliceState *slice = slice_of(self);
  HilumToolJob *job =
      hilum_tool_draw_job_new(tool, &polygon, slice->n_axis, slice->slice, self->mode, "Level trace");
  if (job) hilum_tool_submit(tool, job);
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumTraceTool *self = (HilumTraceTool *)tool;
  if (event->plane >= HILUM_SLICE_PLANES) return false;
  switch (event->type) {
  case HILUM_TOOL_PRESS:
    point_at(self, event);
    if (hilum_tool_may_write(tool)) fill(self);
    return true;
  case HILUM_TOOL_HOVER:
    point_at(self, event);
    return true;
  case HILUM_TOOL_LEAVE:
    self->pointed = false;
    drop(self);
    return true;
  case HILUM_TOOL_DRAG:
  case HILUM_TOOL_RELEASE:
    return true;
  default:
    return false;
  }
}

static bool outline(HilumTool *tool, HilumSlicePlane plane, HilumToolOutline *out)
{
  HilumTraceTool *self = (HilumTraceTool *)tool;
  if (!self->outline || plane != self->plane) return false;
  const HilumSliceState *slice = slice_of(self);
  for (guint n = 0; n < self->outline->len; n++) {
    const HilumPoint2 px = hilum_slice_point_to_px(slice, g_array_index(self->outline, HilumPoint2, n));
    g_array_append_val(out->points_px, px);
  }
  out->closed = true;
  return true;
}

static void cancel(HilumTool *tool)
{
  HilumTraceTool *self = (HilumTraceTool *)tool;
  self->pointed = false;
  drop(self);
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumTraceTool *self = (HilumTraceTool *)tool;
  if (changes & HILUM_CHANGE_CASE) {
    self->pointed = false;
    drop(self);
  } else if (self->pointed && changes & (HILUM_CHANGE_PHASE | HILUM_CHANGE_AXIAL << self->plane)) {
    follow(self, (changes & HILUM_CHANGE_PHASE) != 0);
  }
}

static void previewed(HilumTool *tool, HilumToolJob *job)
{
  hilum_tool_draw_job_report(tool, job);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumTraceTool *self = (HilumTraceTool *)object;
  if (id == PROP_DARK)
    g_value_set_boolean(value, self->side == HILUM_TRACE_DARK);
  else if (id == PROP_MODE)
    g_value_set_int(value, (int)self->mode);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumTraceTool *self = (HilumTraceTool *)object;
  if (id == PROP_DARK)
    self->side = g_value_get_boolean(value) ? HILUM_TRACE_DARK : HILUM_TRACE_BRIGHT;
  else if (id == PROP_MODE)
    self->mode = (HilumDrawMode)g_value_get_int(value);
  else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  if (self->pointed) follow(self, true);
  g_object_notify_by_pspec(object, spec);
}

static void finalize(GObject *object)
{
  g_clear_pointer(&((HilumTraceTool *)object)->outline, g_array_unref);
  G_OBJECT_CLASS(hilum_trace_tool_parent_class)->finalize(object);
}

static void hilum_trace_tool_class_init(HilumTraceToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_DARK] = g_param_spec_boolean("dark", NULL, NULL, FALSE, flags);
  properties[PROP_MODE] =
      g_param_spec_int("mode", NULL, NULL, HILUM_DRAW_ADD, HILUM_DRAW_REPLACE, HILUM_DRAW_ADD, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_LEVEL_TRACE;
  klass->writes = true;
  klass->handle = handle;
  klass->outline = outline;
  klass->cancel = cancel;
  klass->changed = changed;
  klass->previewed = previewed;
}

static void hilum_trace_tool_init(HilumTraceTool *self) {}
