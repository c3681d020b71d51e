/* Scissors: an outline drawn in 3D or in a slice cuts through the active structure, or all that are shown and
 * not locked, along the viewing direction. What would go is shown first; Apply cuts. */
#include "tool_draw_private.h"

typedef struct {
  HilumDrawTool parent;
  bool outside, all;
  HilumCutReach reach;
  double depth_mm;
  HilumFillRule rule;
  bool previewed; /* the preview shows what Apply would do */
} HilumScissorsTool;
typedef HilumDrawToolClass HilumScissorsToolClass;

G_DEFINE_FINAL_TYPE(HilumScissorsTool, hilum_scissors_tool, HILUM_TYPE_DRAW_TOOL)

enum { PROP_0, PROP_OUTSIDE, PROP_ALL, PROP_REACH, PROP_DEPTH, PROP_RULE, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* --- the cut --- */

/* A slice's own coordinates as a screen: parallel, along its normal. */
static HilumMat4 slice_screen(const HilumGrid *g, int n_axis)
{
  const int a = hilum_slice_x_axis(n_axis), b = hilum_slice_y_axis(n_axis);
  HilumMat4 r = hilum_mat4_from_rows(hilum_vec3_scale(g->axes[a], 1 / g->spacing_mm[a]),
                                     hilum_vec3_scale(g->axes[b], 1 / g->spacing_mm[b]), g->axes[n_axis]);
  return hilum_mat4_mul(r, hilum_mat4_translation(hilum_vec3_scale(g->origin_mm, -1)));
}

static void set_depth(HilumScissors *cut, HilumVec3 axis, HilumVec3 middle_mm, double depth_mm)
{
  const double at = hilum_vec3_dot(axis, middle_mm);
  cut->has_depth = true;
  cut->depth_axis = axis;
  cut->depth_lo = at - depth_mm / 2;
  cut->depth_hi = at + depth_mm / 2;
}

static HilumScissors make_cut(HilumScissorsTool *self, const HilumOutlineDraft *draft)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(HILUM_TOOL(self));
  HilumScissors cut = {.polygon = {draft->points, draft->n, self->rule}, .outside = self->outside};
  if (draft->plane >= HILUM_SLICE_PLANES) {
    cut.to_screen = hilum_camera_screen_matrix(&draft->camera, draft->width_px, draft->height_px);
    if (self->reach == HILUM_CUT_DEPTH)
      set_depth(&cut, draft->camera.back, hilum_workspace_get_cursor_mm(workspace), self->depth_mm);
    return cut;
  }
  HilumSliceState slice = *hilum_workspace_get_slice(workspace, draft->plane);
  slice.slice = draft->slice;
  const HilumGrid *grid = hilum_label_map_get_grid(hilum_workspace_get_labels(workspace));
  const HilumPlane plane = hilum_slice_state_plane(&slice);
  cut.to_screen = slice_screen(grid, slice.n_axis);
  /* Half a voxel is the slice alone, whatever the rounding. */
  if (self->reach != HILUM_CUT_THROUGH)
    set_depth(&cut, plane.normal, hilum_vec3_scale(plane.normal, plane.offset),
              self->reach == HILUM_CUT_SLICE ? grid->spacing_mm[slice.n_axis] / 2 : self->depth_mm);
  return cut;
}

static void start(HilumTool *tool, bool final)
{
  HilumScissorsTool *self = (HilumScissorsTool *)tool;
  HilumOutlineDraft draft;
  if (!hilum_draw_tool_get(HILUM_DRAW_TOOL(self), &draft) || !draft.closed) return;
  if (draft.plane >= HILUM_SLICE_PLANES && self->reach == HILUM_CUT_SLICE) {
    hilum_tool_set_badge(
        tool, "This cut reaches through one slice only: draw it in a slice, or choose another depth.");
    hilum_draw_tool_forget(HILUM_DRAW_TOOL(self));
    return;
  }
  const HilumScissors cut = make_cut(self, &draft);
  HilumToolJob *job = hilum_tool_cut_job_new(tool, &cut, self->all, final);
  if (!job) {
    hilum_draw_tool_forget(HILUM_DRAW_TOOL(self));
    return;
  }
  self->previewed = false;
  hilum_tool_set_can_apply(tool, false);
  hilum_tool_submit(tool, job);
}

static void finished(HilumDrawTool *draw)
{
  hilum_tool_request(HILUM_TOOL(draw), false);
}

static void forgotten(HilumDrawTool *draw)
{
  HilumScissorsTool *self = (HilumScissorsTool *)draw;
  hilum_tool_forget_requests(HILUM_TOOL(self));
  self->previewed = false;
  hilum_workspace_clear_preview(hilum_tool_get_workspace(HILUM_TOOL(self)));
}

static void apply(HilumTool *tool)
{
  HilumOutlineDraft draft;
  if (hilum_draw_tool_get(HILUM_DRAW_TOOL(tool), &draft) && draft.closed)
    hilum_tool_request(tool, true);
  else
    HILUM_TOOL_CLASS(hilum_scissors_tool_parent_class)->apply(tool);
}

static void show(HilumScissorsTool *self, HilumToolJob *job)
{
  HilumTool *tool = HILUM_TOOL(self);
  ToolResult *result = (ToolResult *)job->result;
  char ml[48];
  hilum_tool_format_ml(tool, result->voxels, ml);
  if (job->write_delta) {
    hilum_draw_tool_forget(HILUM_DRAW_TOOL(self));
    hilum_tool_set_status(tool, "%s cut away", ml);
    return;
  }
  hilum_tool_set_status(tool, "%s would go. Enter cuts, Esc keeps it.", ml);
  if (result->voxels == 0) hilum_tool_explain_nothing(tool, &result->refused, 0, true);
  hilum_workspace_set_preview_mask(hilum_tool_get_workspace(tool), g_steal_pointer(&result->mask));
  self->previewed = true;
  hilum_tool_set_can_apply(tool, result->voxels > 0);
}

static void previewed(HilumTool *tool, HilumToolJob *job)
{
  if (job->result && !hilum_tool_is_asked_again(tool)) show((HilumScissorsTool *)tool, job);
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumScissorsTool *self = (HilumScissorsTool *)tool;
  HILUM_TOOL_CLASS(hilum_scissors_tool_parent_class)->changed(tool, changes);
  const unsigned matters =
      HILUM_CHANGE_ACTIVE | HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_LABELS | HILUM_CHANGE_LIMITS;
  if (changes & matters && self->previewed) hilum_tool_request(HILUM_TOOL(self), false);
}

/* --- settings --- */

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumScissorsTool *self = (HilumScissorsTool *)object;
  switch (id) {
  case PROP_OUTSIDE:
    g_value_set_boolean(value, self->outside);
    break;
  case PROP_ALL:
    g_value_set_boolean(value, self->all);
    break;
  case PROP_REACH:
    g_value_set_int(value, (int)self->reach);
    break;
  case PROP_DEPTH:
    g_value_set_double(value, self->depth_mm);
    break;
  case PROP_RULE:
    g_value_set_int(value, (int)self->rule);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumScissorsTool *self = (HilumScissorsTool *)object;
  switch (id) {
  case PROP_OUTSIDE:
    self->outside = g_value_get_boolean(value);
    break;
  case PROP_ALL:
    self->all = g_value_get_boolean(value);
    hilum_tool_refresh_badge(HILUM_TOOL(self));
    break;
  case PROP_REACH:
    self->reach = (HilumCutReach)g_value_get_int(value);
    break;
  case PROP_DEPTH:
    self->depth_mm = g_value_get_double(value);
    break;
  case PROP_RULE:
    self->rule = (HilumFillRule)g_value_get_int(value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  hilum_tool_request(HILUM_TOOL(self), false);
  g_object_notify_by_pspec(object, spec);
}

bool hilum_tool_scissors_cut_all(HilumTool *tool)
{
  return hilum_tool_get_kind(tool) == HILUM_TOOL_SCISSORS && ((HilumScissorsTool *)tool)->all;
}

static void hilum_scissors_tool_class_init(HilumScissorsToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  HilumToolClass *tool = HILUM_TOOL_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_OUTSIDE] = g_param_spec_boolean("outside", NULL, NULL, FALSE, flags);
  properties[PROP_ALL] = g_param_spec_boolean("all", NULL, NULL, FALSE, flags);
  properties[PROP_REACH] =
      g_param_spec_int("reach", NULL, NULL, HILUM_CUT_THROUGH, HILUM_CUT_DEPTH, HILUM_CUT_THROUGH, flags);
  properties[PROP_DEPTH] = g_param_spec_double("depth-mm", NULL, NULL, 0.1, 2000, 20, flags);
  properties[PROP_RULE] = g_param_spec_int("fill-rule", NULL, NULL, HILUM_FILL_EVEN_ODD, HILUM_FILL_NONZERO,
                                           HILUM_FILL_EVEN_ODD, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  tool->kind = HILUM_TOOL_SCISSORS;
  tool->draws_in_3d = true;
  tool->apply = apply;
  tool->changed = changed;
  tool->previewed = previewed;
  tool->start = start;
  klass->finished = finished;
  klass->forgotten = forgotten;
}

static void hilum_scissors_tool_init(HilumScissorsTool *self)
{
  self->depth_mm = 20;
}
