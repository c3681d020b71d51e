/* Region growing: a click sets the seed, dragging up widens the tolerance, the preview follows by one job at
 * a time. Apply grows once more on the labels as they are then and writes. */
#include "tool_private.h"

typedef struct {
  HilumTool parent;
  double lo, hi, tolerance;
  bool use_tolerance, only_inside;
  int connectivity;
  HilumLabelMode mode;
  bool has_seed;
  HilumVoxel seed;
  HilumVec3 seed_mm;
  bool dragging, stale, apply_next; /* stale: settings changed since the job in flight was made */
  double start_y_px, start_tolerance;
} HilumGrowTool;
typedef HilumToolClass HilumGrowToolClass;

G_DEFINE_FINAL_TYPE(HilumGrowTool, hilum_grow_tool, HILUM_TYPE_TOOL)

enum {
  PROP_0,
  PROP_LO,
  PROP_HI,
  PROP_USE_TOLERANCE,
  PROP_TOLERANCE,
  PROP_CONNECTIVITY,
  PROP_ONLY_INSIDE,
  PROP_MODE,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

static void request(HilumGrowTool *self, bool final)
{
  HilumTool *tool = HILUM_TOOL(self);
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  if (!self->has_seed || !workspace || !hilum_workspace_get_active_volume(workspace) ||
      !hilum_workspace_get_labels(workspace))
    return;
  if (hilum_tool_get_busy(tool)) {
    self->stale = true;
    self->apply_next |= final;
    return;
  }
  self->stale = false;
  HilumToolJob *job = hilum_tool_job_new(tool, TOOL_WORK_GROW, "Growing", "Grow", final, self->mode);
  if (!job) return;
  job->seed = self->seed;
  job->lo = self->lo;
  job->hi = self->hi;
  job->tolerance = self->use_tolerance ? self->tolerance : 0;
  job->connectivity = (HilumConnectivity)self->connectivity;
  job->only_inside = self->only_inside;
  if (final) hilum_tool_set_can_apply(tool, false);
  hilum_tool_submit(tool, job);
}

static void set_tolerance(HilumGrowTool *self, double tolerance)
{
  tolerance = CLAMP(tolerance, 0.1, 10000);
  if (tolerance == self->tolerance) return;
  self->tolerance = tolerance;
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_TOLERANCE]);
  request(self, false);
}

static void place_seed(HilumGrowTool *self, const HilumToolEvent *event)
{
  self->has_seed = true;
  self->seed = event->voxel;
  self->seed_mm = event->point_mm;
  request(self, false);
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumGrowTool *self = (HilumGrowTool *)tool;
  if (event->plane >= HILUM_SLICE_PLANES) return false;
  switch (event->type) {
  case HILUM_TOOL_PRESS:
    if (!event->inside) return true;
    self->dragging = true;
    self->start_y_px = event->y_px;
    self->start_tolerance = self->tolerance;
    place_seed(self, event);
    return true;
  case HILUM_TOOL_DRAG:
    /* A few pixels of slack, so that a click stays a click. */
    if (!self->dragging) return false;
    if (self->use_tolerance && fabs(event->y_px - self->start_y_px) > 3)
      set_tolerance(self, self->start_tolerance * exp((self->start_y_px - event->y_px) / 120));
    return true;
  case HILUM_TOOL_RELEASE:
    self->dragging = false;
    return true;
  default:
    return false;
  }
}

static void apply(HilumTool *tool)
{
  request((HilumGrowTool *)tool, true);
}

static void forget(HilumGrowTool *self)
{
  self->has_seed = self->dragging = self->stale = self->apply_next = false;
  hilum_workspace_clear_preview(hilum_tool_get_workspace(HILUM_TOOL(self)));
  hilum_tool_set_can_apply(HILUM_TOOL(self), false);
  hilum_tool_set_status(HILUM_TOOL(self),
                        "Click inside the structure to set the seed; drag up or down to widen or "
                        "narrow the range.");
}

static void cancel(HilumTool *tool)
{
  forget((HilumGrowTool *)tool);
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumGrowTool *self = (HilumGrowTool *)tool;
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  if (changes & HILUM_CHANGE_CASE) forget(self);
  if (changes & HILUM_CHANGE_PHASE) request(self, false);
  if (changes & HILUM_CHANGE_ACTIVE && self->has_seed)
    hilum_tool_set_can_apply(tool, hilum_workspace_get_preview(workspace)->kind == HILUM_PREVIEW_MASK &&
                                       hilum_workspace_get_active(workspace) != 0);
}

static void show(HilumGrowTool *self, HilumToolJob *job)
{
  HilumTool *tool = HILUM_TOOL(self);
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  ToolResult *result = (ToolResult *)job->result;
  char ml[48], lo[G_ASCII_DTOSTR_BUF_SIZE], hi[G_ASCII_DTOSTR_BUF_SIZE];
  hilum_tool_format_ml(tool, result->voxels, ml);
  g_ascii_formatd(lo, sizeof lo, "%.0f", result->lo);
  g_ascii_formatd(hi, sizeof hi, "%.0f", result->hi);
  hilum_tool_set_status(tool, "%s · range %s to %s %s", ml, lo, hi, hilum_volume_get_unit(job->volume));
  if (job->write_delta) {
    hilum_workspace_clear_preview(workspace);
    self->has_seed = false;
    return;
  }
  hilum_workspace_set_preview_mask(workspace, g_steal_pointer(&result->mask));
  hilum_tool_set_can_apply(tool, hilum_workspace_get_active(workspace) != 0);
}

static void previewed(HilumTool *tool, HilumToolJob *job)
{
  HilumGrowTool *self = (HilumGrowTool *)tool;
  if (job->result)
    show(self, job);
  else if (self->has_seed && !self->stale) {
    hilum_workspace_clear_preview(hilum_tool_get_workspace(tool));
    hilum_tool_set_can_apply(tool, false);
  }
  if (!self->stale || !self->has_seed) return;
  bool final = self->apply_next;
  self->stale = self->apply_next = false;
  request(self, final);
}

bool hilum_tool_grow_get_seed(HilumTool *tool, HilumVec3 *seed_mm)
{
  if (hilum_tool_get_kind(tool) != HILUM_TOOL_GROW) return false;
  HilumGrowTool *self = (HilumGrowTool *)tool;
  if (self->has_seed && seed_mm) *seed_mm = self->seed_mm;
  return self->has_seed;
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumGrowTool *self = (HilumGrowTool *)object;
  switch (id) {
  case PROP_LO:
    g_value_set_double(value, self->lo);
    break;
  case PROP_HI:
    g_value_set_double(value, self->hi);
    break;
  case PROP_USE_TOLERANCE:
    g_value_set_boolean(value, self->use_tolerance);
    break;
  case PROP_TOLERANCE:
    g_value_set_double(value, self->tolerance);
    break;
  case PROP_CONNECTIVITY:
    g_value_set_int(value, self->connectivity);
    break;
  case PROP_ONLY_INSIDE:
    g_value_set_boolean(value, self->only_inside);
    break;
  case PROP_MODE:
    g_value_set_int(value, (int)self->mode);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumGrowTool *self = (HilumGrowTool *)object;
  switch (id) {
  case PROP_LO:
    self->lo = g_value_get_double(value);
    self->hi = MAX(self->hi, self->lo);
    break;
  case PROP_HI:
    self->hi = g_value_get_double(value);
    self->lo = MIN(self->lo, self->hi);
    break;
  case PROP_USE_TOLERANCE:
    self->use_tolerance = g_value_get_boolean(value);
    break;
  case PROP_TOLERANCE:
    set_tolerance(self, g_value_get_double(value));
    return;
  case PROP_CONNECTIVITY:
    self->connectivity = g_value_get_int(value) == 26 ? 26 : 6;
    break;
  case PROP_ONLY_INSIDE:
    self->only_inside = g_value_get_boolean(value);
    break;
  case PROP_MODE:
    self->mode = g_value_get_int(value) == HILUM_LABEL_REPLACE ? HILUM_LABEL_REPLACE : HILUM_LABEL_ADD;
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  g_object_notify_by_pspec(object, spec);
  request(self, false);
}

static void hilum_grow_tool_class_init(HilumGrowToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_LO] = g_param_spec_double("lo", NULL, NULL, -1e6, 1e6, 0, flags);
  properties[PROP_HI] = g_param_spec_double("hi", NULL, NULL, -1e6, 1e6, 0, flags);
  properties[PROP_USE_TOLERANCE] = g_param_spec_boolean("use-tolerance", NULL, NULL, TRUE, flags);
  properties[PROP_TOLERANCE] = g_param_spec_double("tolerance", NULL, NULL, 0.1, 10000, 50, flags);
  properties[PROP_CONNECTIVITY] = g_param_spec_int("connectivity", NULL, NULL, 6, 26, 6, flags);
  properties[PROP_ONLY_INSIDE] = g_param_spec_boolean("only-inside", NULL, NULL, FALSE, flags);
  properties[PROP_MODE] = g_param_spec_int("mode", NULL, NULL, 0, 1, HILUM_LABEL_ADD, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_GROW;
  klass->handle = handle;
  klass->apply = apply;
  klass->cancel = cancel;
  klass->changed = changed;
  klass->previewed = previewed;
}

static void hilum_grow_tool_init(HilumGrowTool *self)
{
  self->use_tolerance = true;
  self->tolerance = 50;
  self->lo = -1000;
  self->hi = 3071;
  self->connectivity = 6;
}
