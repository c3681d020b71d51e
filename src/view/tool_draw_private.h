/* The base of tools that draw an outline; shared by tool_draw.c, tool_lasso.c, tool_scissors.c and
 * tool_trace.c. */
#pragma once

#include "tool_private.h"

#define HILUM_TYPE_DRAW_TOOL hilum_draw_tool_get_type()
G_DECLARE_DERIVABLE_TYPE(HilumDrawTool, hilum_draw_tool, HILUM, DRAW_TOOL, HilumTool)

struct _HilumDrawToolClass {
  HilumToolClass parent_class;
  /* The outline, of at least three points, was closed. It stays until hilum_draw_tool_forget(). */
  void (*finished)(HilumDrawTool *self);
  void (*forgotten)(HilumDrawTool *self); /* may be NULL */
};

typedef struct {
  const HilumPoint2 *points; /* slice coordinates (segment/polygon.h); pixels in 3D */
  size_t n;
  HilumSlicePlane plane;
  int32_t slice;
  int width_px, height_px; /* of the pane, in 3D */
  HilumCamera camera;      /* in 3D */
  bool closed;
} HilumOutlineDraft;

/* Borrowed until the next event; false if nothing is drawn. */
bool hilum_draw_tool_get(HilumDrawTool *self, HilumOutlineDraft *out);
void hilum_draw_tool_forget(HilumDrawTool *self);

/* A pane's pixels in the slice's coordinates, and back. */
HilumPoint2 hilum_slice_point_at_px(const HilumSliceState *slice, double x_px, double y_px);
HilumPoint2 hilum_slice_point_to_px(const HilumSliceState *slice, HilumPoint2 point);
