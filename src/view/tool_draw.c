/* What lasso and scissors share: an outline drawn by clicks or by dragging, with Backspace, Esc and four ways
 * to close it. In a slice the points are kept in the slice's own coordinates, so that panning and zooming do
 * not move them over the anatomy; in 3D they are pixels of the view that they were set in: turning the camera
 * forgets an open outline; a closed one goes on to mean that view. */
#include "tool_draw_private.h"

/* Pixels: closes on the first point; a second click on the last one; a drag begins; between points of a drag.
 */
#define NEAR_FIRST_PX 8.0
#define SAME_PX 3.0
#define DRAG_PX 5.0
#define STEP_PX 2.0

typedef struct {
  GArray *points; /* HilumPoint2 */
  HilumSlicePlane plane;
  int32_t slice;
  int width_px, height_px;       /* of the pane, 3D only */
  HilumCamera camera;            /* 3D */
  bool closed, turned;           /* turned: the camera is another one now */
  bool pressed, freehand, fresh; /* fresh: the outline began with this press */
  HilumPoint2 press_px, pointer_px;
  bool pointer_inside;
} Draft;

typedef struct {
  Draft draft;
} HilumDrawToolPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(HilumDrawTool, hilum_draw_tool, HILUM_TYPE_TOOL)

static Draft *draft_of(HilumDrawTool *self)
{
  return &((HilumDrawToolPrivate *)hilum_draw_tool_get_instance_private(self))->draft;
}

static const HilumSliceState *slice_of(HilumDrawTool *self)
{
  return hilum_workspace_get_slice(hilum_tool_get_workspace(HILUM_TOOL(self)), draft_of(self)->plane);
}

/* --- places --- */

HilumPoint2 hilum_slice_point_at_px(const HilumSliceState *slice, double x_px, double y_px)
{
  const HilumIndexPos p = hilum_slice_state_widget_to_index(slice, x_px, y_px);
  const double at[3] = {p.i, p.j, p.k};
  return (HilumPoint2){at[hilum_slice_x_axis(slice->n_axis)], at[hilum_slice_y_axis(slice->n_axis)]};
}

HilumPoint2 hilum_slice_point_to_px(const HilumSliceState *slice, HilumPoint2 point)
{
  double at[3] = {0, 0, 0};
  HilumPoint2 px;
  at[hilum_slice_x_axis(slice->n_axis)] = point.x;
  at[hilum_slice_y_axis(slice->n_axis)] = point.y;
  hilum_slice_state_index_to_widget(slice, (HilumIndexPos){at[0], at[1], at[2]}, &px.x, &px.y);
  return px;
}

static HilumPoint2 to_px(HilumDrawTool *self, HilumPoint2 point)
{
  return draft_of(self)->plane < HILUM_SLICE_PLANES ? hilum_slice_point_to_px(slice_of(self), point) : point;
}

static HilumPoint2 point_px(HilumDrawTool *self, guint n)
{
  return to_px(self, g_array_index(draft_of(self)->points, HilumPoint2, n));
}

static double distance(HilumPoint2 a, HilumPoint2 b)
{
  return hypot(a.x - b.x, a.y - b.y);
}

/* --- the outline --- */

static void changed_outline(HilumDrawTool *self)
{
  Draft *d = draft_of(self);
  hilum_tool_set_can_apply(HILUM_TOOL(self), d->points->len >= 3);
  hilum_workspace_outline_changed(hilum_tool_get_workspace(HILUM_TOOL(self)));
}

void hilum_draw_tool_forget(HilumDrawTool *self)
{
  Draft *d = draft_of(self);
  const bool any = d->points->len > 0;
  g_array_set_size(d->points, 0);
  d->closed = d->pressed = d->freehand = d->turned = false;
  HilumDrawToolClass *klass = HILUM_DRAW_TOOL_GET_CLASS(self);
  if (any && klass->forgotten) klass->forgotten(self);
  if (any) changed_outline(self);
}

static void append(HilumDrawTool *self, HilumPoint2 px)
{
  Draft *d = draft_of(self);
  const HilumPoint2 point =
      d->plane < HILUM_SLICE_PLANES ? hilum_slice_point_at_px(slice_of(self), px.x, px.y) : px;
  g_array_append_val(d->points, point);
}

static void close_outline(HilumDrawTool *self)
{
  Draft *d = draft_of(self);
  d->pressed = d->freehand = false;
  if (d->points->len < 3) return;
  d->closed = true;
  changed_outline(self);
  HILUM_DRAW_TOOL_GET_CLASS(self)->finished(self);
}

bool hilum_draw_tool_get(HilumDrawTool *self, HilumOutlineDraft *out)
{
  const Draft *d = draft_of(self);
  *out = (HilumOutlineDraft){.points = (const HilumPoint2 *)(const void *)d->points->data,
                             .n = d->points->len,
                             .plane = d->plane,
                             .slice = d->slice,
                             .width_px = d->width_px,
                             .height_px = d->height_px,
                             .camera = d->camera,
                             .closed = d->closed};
  return d->points->len > 0;
}

static void begin(HilumDrawTool *self, const HilumToolEvent *event)
{
  Draft *d = draft_of(self);
  hilum_draw_tool_forget(self);
  d->plane = event->plane;
  d->slice = event->plane < HILUM_SLICE_PLANES ? slice_of(self)->slice : 0;
  d->width_px = event->width_px;
  d->height_px = event->height_px;
  d->camera = *hilum_workspace_get_camera(hilum_tool_get_workspace(HILUM_TOOL(self)));
  d->fresh = true;
}

static bool is_elsewhere(HilumDrawTool *self, const HilumToolEvent *event)
{
  const Draft *d = draft_of(self);
  if (event->plane != d->plane) return true;
  return d->plane < HILUM_SLICE_PLANES ? slice_of(self)->slice != d->slice
                                       : event->width_px != d->width_px || event->height_px != d->height_px;
}

static void press(HilumDrawTool *self, const HilumToolEvent *event)
{
  Draft *d = draft_of(self);
  const HilumPoint2 px = {event->x_px, event->y_px};
  d->press_px = d->pointer_px = px;
  d->pointer_inside = true;
  const guint n = d->points->len;
  if (n == 0 || d->closed || is_elsewhere(self, event)) {
    begin(self, event);
  } else {
    d->fresh = false;
    if (distance(px, point_px(self, n - 1)) <= SAME_PX) { /* the second click of two */
      close_outline(self);
      return;
    }
    if (n >= 3 && distance(px, point_px(self, 0)) <= NEAR_FIRST_PX) {
      close_outline(self);
      return;
    }
  }
  d->pressed = true;
  d->freehand = false;
  append(self, px);
  changed_outline(self);
}

static void drag(HilumDrawTool *self, const HilumToolEvent *event)
{
  Draft *d = draft_of(self);
  const HilumPoint2 px = {event->x_px, event->y_px};
  d->pointer_px = px;
  if (!d->pressed || d->points->len == 0) return;
  if (!d->freehand && distance(px, d->press_px) < DRAG_PX) return;
  d->freehand = true;
  if (distance(px, point_px(self, d->points->len - 1)) < STEP_PX) return;
  append(self, px);
  changed_outline(self);
}

static void release(HilumDrawTool *self)
{
  Draft *d = draft_of(self);
  const bool loop = d->pressed && d->freehand && d->fresh;
  d->pressed = d->freehand = false;
  if (loop) close_outline(self);
}

static void hover(HilumDrawTool *self, const HilumToolEvent *event)
{
  Draft *d = draft_of(self);
  const bool inside = event->type == HILUM_TOOL_HOVER && !is_elsewhere(self, event);
  d->pointer_px = (HilumPoint2){event->x_px, event->y_px};
  if (d->points->len == 0 || d->closed || (!inside && !d->pointer_inside)) return;
  d->pointer_inside = inside;
  hilum_workspace_outline_changed(hilum_tool_get_workspace(HILUM_TOOL(self)));
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumDrawTool *self = HILUM_DRAW_TOOL(tool);
  if (event->plane >= HILUM_SLICE_PLANES && !hilum_tool_draws_in_3d(tool)) return false;
  switch (event->type) {
  case HILUM_TOOL_PRESS:
    if (!hilum_tool_may_write(tool)) return true;
    press(self, event);
    return true;
  case HILUM_TOOL_DRAG:
    drag(self, event);
    return true;
  case HILUM_TOOL_RELEASE:
    release(self);
    return true;
  case HILUM_TOOL_HOVER:
  case HILUM_TOOL_LEAVE:
    hover(self, event);
    return true;
  default:
    return false;
  }
}

static bool step_back(HilumTool *tool)
{
  HilumDrawTool *self = HILUM_DRAW_TOOL(tool);
  Draft *d = draft_of(self);
  if (d->points->len == 0 || d->closed) return false;
  g_array_set_size(d->points, d->points->len - 1);
  d->pressed = d->freehand = false;
  changed_outline(self);
  return true;
}

static bool back_out(HilumTool *tool)
{
  HilumDrawTool *self = HILUM_DRAW_TOOL(tool);
  if (draft_of(self)->points->len == 0) return false;
  hilum_tool_cancel(tool);
  return true;
}

static void cancel(HilumTool *tool)
{
  hilum_draw_tool_forget(HILUM_DRAW_TOOL(tool));
}

static void apply(HilumTool *tool)
{
  HilumDrawTool *self = HILUM_DRAW_TOOL(tool);
  if (!draft_of(self)->closed) close_outline(self);
}

static bool outline(HilumTool *tool, HilumSlicePlane plane, HilumToolOutline *out)
{
  HilumDrawTool *self = HILUM_DRAW_TOOL(tool);
  const Draft *d = draft_of(self);
  if (d->points->len == 0 || plane != d->plane || d->turned) return false;
  if (plane < HILUM_SLICE_PLANES && slice_of(self)->slice != d->slice) return false;
  for (guint n = 0; n < d->points->len; n++) {
    const HilumPoint2 px = point_px(self, n);
    g_array_append_val(out->points_px, px);
  }
  out->closed = d->closed;
  out->marks = true;
  if (!d->closed && !d->pressed && d->pointer_inside) {
    g_array_append_val(out->points_px, d->pointer_px);
    out->loose_end = true;
  }
  return true;
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumDrawTool *self = HILUM_DRAW_TOOL(tool);
  Draft *d = draft_of(self);
  const bool turned = changes & HILUM_CHANGE_CAMERA && d->plane == HILUM_SLICE_PLANES && d->points->len > 0;
  if (changes & HILUM_CHANGE_CASE || (turned && !d->closed))
    hilum_draw_tool_forget(self);
  else if (turned && !d->turned) {
    d->turned = true;
    changed_outline(self);
  }
}

static void finalize(GObject *object)
{
  g_array_unref(draft_of(HILUM_DRAW_TOOL(object))->points);
  G_OBJECT_CLASS(hilum_draw_tool_parent_class)->finalize(object);
}

static void hilum_draw_tool_class_init(HilumDrawToolClass *klass)
{
  HilumToolClass *tool = HILUM_TOOL_CLASS(klass);
  G_OBJECT_CLASS(klass)->finalize = finalize;
  tool->writes = true;
  tool->handle = handle;
  tool->step_back = step_back;
  tool->back_out = back_out;
  tool->cancel = cancel;
  tool->apply = apply;
  tool->outline = outline;
  tool->changed = changed;
}

static void hilum_draw_tool_init(HilumDrawTool *self)
{
  draft_of(self)->points = g_array_new(FALSE, FALSE, sizeof(HilumPoint2));
}
