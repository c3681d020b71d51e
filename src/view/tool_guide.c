/* The pointer of the kidney guide: one point, set by a click in any slice and moved by the next. It writes
 * nothing; what becomes of the point is for the guide. */
#include "tool_private.h"

#include <math.h>

/* The mark: a ring with four spikes, as one closed line. */
enum { SPIKES = 4, ARC_STEPS = 6 };
#define RING_PX 7.0
#define SPIKE_PX 13.0

typedef struct {
  HilumTool parent;
  bool wanted, placed, dragging;
  HilumVec3 point_mm;
} HilumGuideTool;
typedef HilumToolClass HilumGuideToolClass;

G_DEFINE_FINAL_TYPE(HilumGuideTool, hilum_guide_tool, HILUM_TYPE_TOOL)

enum { PROP_0, PROP_WANTED, PROP_PLACED, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void point_changed(HilumGuideTool *self)
{
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PLACED]);
  hilum_workspace_outline_changed(hilum_tool_get_workspace(HILUM_TOOL(self)));
}

void hilum_tool_guide_set_point(HilumTool *tool, const HilumVec3 *point_mm)
{
  HilumGuideTool *self = (HilumGuideTool *)tool;
  g_return_if_fail(hilum_tool_get_kind(tool) == HILUM_TOOL_GUIDE);
  self->placed = point_mm != NULL;
  if (point_mm) self->point_mm = *point_mm;
  point_changed(self);
}

bool hilum_tool_guide_get_point(HilumTool *tool, HilumVec3 *point_mm)
{
  const HilumGuideTool *self = (HilumGuideTool *)tool;
  g_return_val_if_fail(hilum_tool_get_kind(tool) == HILUM_TOOL_GUIDE, false);
  if (self->placed) *point_mm = self->point_mm;
  return self->placed;
}

/* The crosshair goes along, so that the other planes show what was hit. */
static void place(HilumGuideTool *self, const HilumToolEvent *event)
{
  HilumTool *tool = HILUM_TOOL(self);
  hilum_tool_set_badge(tool, event->inside ? "" : "Nothing is there: click inside the images.");
  if (!event->inside) return;
  hilum_workspace_set_cursor_mm(hilum_tool_get_workspace(tool), event->point_mm);
  hilum_tool_guide_set_point(tool, &event->point_mm);
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumGuideTool *self = (HilumGuideTool *)tool;
  if (event->plane >= HILUM_SLICE_PLANES || !self->wanted) return false;
  switch (event->type) {
  case HILUM_TOOL_PRESS:
    self->dragging = true;
    place(self, event);
    return true;
  case HILUM_TOOL_DRAG:
    if (self->dragging) place(self, event);
    return self->dragging;
  case HILUM_TOOL_RELEASE:
    self->dragging = false;
    return true;
  default:
    return false;
  }
}

/* Within half a slice; of two slices that are as near, both show it. */
static bool lies_in(const HilumSliceState *slice, double distance_mm)
{
  return fabs(distance_mm) <= 0.5 * slice->grid.spacing_mm[slice->n_axis] + 1e-6;
}

static bool outline(HilumTool *tool, HilumSlicePlane plane, HilumToolOutline *out)
{
  HilumGuideTool *self = (HilumGuideTool *)tool;
  if (!self->placed || !self->wanted || plane >= HILUM_SLICE_PLANES) return false;
  const HilumSliceState *slice = hilum_workspace_get_slice(hilum_tool_get_workspace(tool), plane);
  double x, y, distance_mm;
  hilum_slice_state_mm_to_widget(slice, self->point_mm, &x, &y, &distance_mm);
  if (!lies_in(slice, distance_mm)) return false;
  for (int n = 0; n < SPIKES * ARC_STEPS; n++) {
    const double angle = 2 * G_PI * n / (SPIKES * ARC_STEPS);
    const HilumPoint2 ring = {x + RING_PX * cos(angle), y + RING_PX * sin(angle)};
    const HilumPoint2 tip = {x + SPIKE_PX * cos(angle), y + SPIKE_PX * sin(angle)};
    g_array_append_val(out->points_px, ring);
    if (n % ARC_STEPS != 0) continue;
    g_array_append_val(out->points_px, tip);
    g_array_append_val(out->points_px, ring);
  }
  out->closed = true;
  return true;
}

/* The point stays: undo and other tools have nothing to do with it. */
static void cancel(HilumTool *tool)
{
  ((HilumGuideTool *)tool)->dragging = false;
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumGuideTool *self = (HilumGuideTool *)tool;
  if (!(changes & HILUM_CHANGE_CASE) || !self->placed) return;
  self->placed = self->dragging = false;
  point_changed(self);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  const HilumGuideTool *self = (HilumGuideTool *)object;
  g_value_set_boolean(value, id == PROP_WANTED ? self->wanted : self->placed);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumGuideTool *self = (HilumGuideTool *)object;
  const bool wanted = g_value_get_boolean(value);
  if (wanted == self->wanted) return;
  self->wanted = wanted;
  self->dragging = false;
  g_object_notify_by_pspec(object, spec);
  hilum_workspace_outline_changed(hilum_tool_get_workspace(HILUM_TOOL(self)));
}

static void hilum_guide_tool_class_init(HilumGuideToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  const GParamFlags flags = G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  properties[PROP_WANTED] = g_param_spec_boolean("wanted", NULL, NULL, TRUE, G_PARAM_READWRITE | flags);
  properties[PROP_PLACED] = g_param_spec_boolean("placed", NULL, NULL, FALSE, G_PARAM_READABLE | flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_GUIDE;
  klass->handle = handle;
  klass->outline = outline;
  klass->cancel = cancel;
  klass->changed = changed;
}

static void hilum_guide_tool_init(HilumGuideTool *self)
{
  self->wanted = true;
}
