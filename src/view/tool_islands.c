/* Islands: keep or remove the part that is clicked (in a slice or on the surface), make it a structure of its
 * own, keep the largest, drop the small, fill holes. Each is one job and one step. */
#include "tool_private.h"

typedef struct {
  HilumTool parent;
  HilumIslandsAction action;
  double min_ml;
  HilumVoxel seed;
} HilumIslandsTool;
typedef HilumToolClass HilumIslandsToolClass;

G_DEFINE_FINAL_TYPE(HilumIslandsTool, hilum_islands_tool, HILUM_TYPE_TOOL)

enum { PROP_0, PROP_ACTION, PROP_MIN_ML, N_PROPS };
static GParamSpec *properties[N_PROPS];

static bool needs_click(const HilumIslandsTool *self)
{
  return self->action == HILUM_ISLANDS_KEEP_CLICKED || self->action == HILUM_ISLANDS_REMOVE_CLICKED ||
         self->action == HILUM_ISLANDS_SPLIT_CLICKED;
}

static void refresh(HilumIslandsTool *self)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(HILUM_TOOL(self));
  bool ready = workspace && hilum_workspace_get_active(workspace) && hilum_workspace_get_labels(workspace);
  hilum_tool_set_can_apply(HILUM_TOOL(self),
                           ready && !needs_click(self) && !hilum_tool_get_busy(HILUM_TOOL(self)));
}

static bool commit(HilumTool *tool, HilumToolJob *job, HilumLabelDelta *delta, GError **error)
{
  if (job->islands == HILUM_ISLANDS_SPLIT_CLICKED) return hilum_tool_commit_into_new(tool, job, delta, error);
  return hilum_workspace_commit(hilum_tool_get_workspace(tool), job->title, delta, error);
}

static void start(HilumIslandsTool *self)
{
  static const char *const VERBS[][2] = {
      [HILUM_ISLANDS_KEEP_CLICKED] = {"Keeping one part of", "Keep part of"},
      [HILUM_ISLANDS_REMOVE_CLICKED] = {"Removing one part of", "Remove part of"},
      [HILUM_ISLANDS_KEEP_LARGEST] = {"Keeping the largest part of", "Keep largest part of"},
      [HILUM_ISLANDS_REMOVE_BELOW] = {"Removing small parts of", "Remove small parts of"},
      [HILUM_ISLANDS_SPLIT_CLICKED] = {"Splitting a part from", "Split part from"},
      [HILUM_ISLANDS_FILL_HOLES] = {"Filling holes in", "Fill holes in"},
  };
  HilumTool *tool = HILUM_TOOL(self);
  if (hilum_tool_get_busy(tool)) return;
  HilumToolJob *job = hilum_tool_job_new(tool, TOOL_WORK_ISLANDS, VERBS[self->action][0],
                                         VERBS[self->action][1], true, HILUM_LABEL_REPLACE);
  if (!job) return;
  job->islands = self->action;
  job->min_ml = self->min_ml;
  job->seed = self->seed;
  job->connectivity = HILUM_CONNECT_6;
  if (self->action == HILUM_ISLANDS_SPLIT_CLICKED && !hilum_tool_write_into_new(tool, job)) {
    hilum_tool_job_unref(job);
    return;
  }
  hilum_tool_set_can_apply(tool, false);
  hilum_tool_submit(tool, job);
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumIslandsTool *self = (HilumIslandsTool *)tool;
  if (event->type != HILUM_TOOL_PRESS)
    return event->plane < HILUM_SLICE_PLANES && event->type != HILUM_TOOL_HOVER;
  if (!event->inside) return event->plane < HILUM_SLICE_PLANES;
  if (!needs_click(self)) return false;
  self->seed = event->voxel;
  start(self);
  return true;
}

static void apply(HilumTool *tool)
{
  start((HilumIslandsTool *)tool);
}

static void changed(HilumTool *tool, unsigned changes)
{
  refresh((HilumIslandsTool *)tool);
}

static void previewed(HilumTool *tool, HilumToolJob *job)
{
  if (job->result) {
    char ml[48];
    hilum_tool_format_ml(tool, job->result->voxels, ml);
    hilum_tool_set_status(tool, job->islands == HILUM_ISLANDS_SPLIT_CLICKED ? "%s split off" : "%s kept", ml);
  }
  refresh((HilumIslandsTool *)tool);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumIslandsTool *self = (HilumIslandsTool *)object;
  if (id == PROP_ACTION)
    g_value_set_int(value, (int)self->action);
  else if (id == PROP_MIN_ML)
    g_value_set_double(value, self->min_ml);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumIslandsTool *self = (HilumIslandsTool *)object;
  if (id == PROP_ACTION)
    self->action = (HilumIslandsAction)g_value_get_int(value);
  else if (id == PROP_MIN_ML)
    self->min_ml = g_value_get_double(value);
  else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  refresh(self);
  g_object_notify_by_pspec(object, spec);
}

static void hilum_islands_tool_class_init(HilumIslandsToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_ACTION] =
      g_param_spec_int("action", NULL, NULL, 0, HILUM_ISLANDS_FILL_HOLES, HILUM_ISLANDS_KEEP_CLICKED, flags);
  properties[PROP_MIN_ML] = g_param_spec_double("min-ml", NULL, NULL, 0, 10000, 0.1, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_ISLANDS;
  klass->handle = handle;
  klass->apply = apply;
  klass->changed = changed;
  klass->previewed = previewed;
  klass->commit = commit;
}

static void hilum_islands_tool_init(HilumIslandsTool *self)
{
  self->min_ml = 0.1;
}
