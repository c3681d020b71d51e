/* Window/level by dragging: what the left button also does without a tool. */
#include "tool_private.h"

typedef struct {
  HilumTool parent;
  bool dragging;
  double x_px, y_px;
  HilumWindowLevel start;
} HilumWindowTool;
typedef HilumToolClass HilumWindowToolClass;

G_DEFINE_FINAL_TYPE(HilumWindowTool, hilum_window_tool, HILUM_TYPE_TOOL)

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumWindowTool *self = (HilumWindowTool *)tool;
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  if (event->plane >= HILUM_SLICE_PLANES) return false;
  switch (event->type) {
  case HILUM_TOOL_PRESS:
    self->dragging = true;
    self->x_px = event->x_px;
    self->y_px = event->y_px;
    self->start = hilum_workspace_get_window(workspace);
    return true;
  case HILUM_TOOL_DRAG:
    if (!self->dragging) return false;
    hilum_workspace_set_window(workspace,
                               hilum_window_drag(hilum_workspace_get_active_volume(workspace), self->start,
                                                 event->x_px - self->x_px, event->y_px - self->y_px));
    return true;
  case HILUM_TOOL_RELEASE:
    self->dragging = false;
    return true;
  default:
    return false;
  }
}

static void cancel(HilumTool *tool)
{
  HilumWindowTool *self = (HilumWindowTool *)tool;
  if (self->dragging) hilum_workspace_set_window(hilum_tool_get_workspace(tool), self->start);
  self->dragging = false;
}

static void hilum_window_tool_class_init(HilumWindowToolClass *klass)
{
  klass->kind = HILUM_TOOL_WINDOW;
  klass->writes = false;
  klass->handle = handle;
  klass->cancel = cancel;
}

static void hilum_window_tool_init(HilumWindowTool *self) {}
