/* Polygon and lasso: what the closed outline covers in its slice is added, erased, or becomes all that the
 * structure has there. Each outline is one job and one step. */
#include "tool_draw_private.h"

typedef struct {
  HilumDrawTool parent;
  HilumDrawMode mode;
  HilumFillRule rule;
} HilumLassoTool;
typedef HilumDrawToolClass HilumLassoToolClass;

G_DEFINE_FINAL_TYPE(HilumLassoTool, hilum_lasso_tool, HILUM_TYPE_DRAW_TOOL)

enum { PROP_0, PROP_MODE, PROP_RULE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void start(HilumTool *tool, bool final)
{
  HilumLassoTool *self = (HilumLassoTool *)tool;
  HilumOutlineDraft draft;
  if (!hilum_draw_tool_get(HILUM_DRAW_TOOL(self), &draft)) return;
  const HilumSliceState *slice = hilum_workspace_get_slice(hilum_tool_get_workspace(tool), draft.plane);
  const HilumPolygon polygon = {draft.points, draft.n, self->rule};
  HilumToolJob *job =
      hilum_tool_draw_job_new(tool, &polygon, slice->n_axis, draft.slice, self->mode, "Lasso");
  if (job)
    hilum_tool_submit(tool, job);
  else
    hilum_draw_tool_forget(HILUM_DRAW_TOOL(self));
}

/* There is no preview: closing it writes. */
static void finished(HilumDrawTool *draw)
{
  hilum_tool_request(HILUM_TOOL(draw), true);
}

static void forgotten(HilumDrawTool *draw)
{
  hilum_tool_forget_requests(HILUM_TOOL(draw));
}

/* An outline that was closed meanwhile stays for the next job. */
static void previewed(HilumTool *tool, HilumToolJob *job)
{
  hilum_tool_draw_job_report(tool, job);
  if (job->result && !hilum_tool_is_asked_again(tool)) hilum_draw_tool_forget(HILUM_DRAW_TOOL(tool));
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumLassoTool *self = (HilumLassoTool *)object;
  if (id == PROP_MODE)
    g_value_set_int(value, (int)self->mode);
  else if (id == PROP_RULE)
    g_value_set_int(value, (int)self->rule);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumLassoTool *self = (HilumLassoTool *)object;
  if (id == PROP_MODE)
    self->mode = (HilumDrawMode)g_value_get_int(value);
  else if (id == PROP_RULE)
    self->rule = (HilumFillRule)g_value_get_int(value);
  else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  g_object_notify_by_pspec(object, spec);
}

static void hilum_lasso_tool_class_init(HilumLassoToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  HilumToolClass *tool = HILUM_TOOL_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_MODE] =
      g_param_spec_int("mode", NULL, NULL, HILUM_DRAW_ADD, HILUM_DRAW_REPLACE, HILUM_DRAW_ADD, flags);
  properties[PROP_RULE] = g_param_spec_int("fill-rule", NULL, NULL, HILUM_FILL_EVEN_ODD, HILUM_FILL_NONZERO,
                                           HILUM_FILL_EVEN_ODD, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  tool->kind = HILUM_TOOL_LASSO;
  tool->previewed = previewed;
  tool->start = start;
  klass->finished = finished;
  klass->forgotten = forgotten;
}

static void hilum_lasso_tool_init(HilumLassoTool *self) {}
