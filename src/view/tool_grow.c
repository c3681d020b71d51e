/* Region growing: a click sets the seed, Shift+click adds one, dragging up widens the tolerance, the preview
 * follows by one job at a time. Apply grows once more on the labels as they are then and writes. */
#include "tool_private.h"

#include <string.h>

typedef struct {
  HilumTool parent;
  double lo, hi, tolerance, confidence, barrier, radius_mm;
  gboolean use_tolerance, use_confidence, only_inside;
  int connectivity, mode;
  HilumVoxel seeds[TOOL_MAX_SEEDS];
  size_t n_seeds;
  HilumVec3 seed_mm; /* the first */
  bool dragging;
  double start_y_px, start_tolerance;
} HilumGrowTool;
typedef HilumToolClass HilumGrowToolClass;

G_DEFINE_FINAL_TYPE(HilumGrowTool, hilum_grow_tool, HILUM_TYPE_TOOL)

enum {
  PROP_0,
  PROP_LO,
  PROP_HI,
  PROP_TOLERANCE,
  PROP_CONFIDENCE,
  PROP_BARRIER,
  PROP_RADIUS_MM,
  PROP_USE_TOLERANCE,
  PROP_USE_CONFIDENCE,
  PROP_ONLY_INSIDE,
  PROP_CONNECTIVITY,
  PROP_MODE,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

static void start(HilumTool *tool, bool final)
{
  HilumGrowTool *self = (HilumGrowTool *)tool;
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  if (self->n_seeds == 0 || !workspace || !hilum_workspace_get_active_volume(workspace) ||
      !hilum_workspace_get_labels(workspace))
    return;
  HilumToolJob *job =
      hilum_tool_job_new(tool, TOOL_WORK_GROW, "Growing", "Grow", final, (HilumLabelMode)self->mode);
  if (!job) return;
  memcpy(job->seeds, self->seeds, sizeof job->seeds);
  job->n_seeds = self->n_seeds;
  job->lo = self->lo;
  job->hi = self->hi;
  job->confidence = self->use_confidence ? self->confidence : 0;
  job->tolerance = self->use_tolerance && !self->use_confidence ? self->tolerance : 0;
  job->barrier = self->barrier;
  job->radius_mm = self->radius_mm;
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
  hilum_tool_request(HILUM_TOOL(self), false);
}

/* Shift adds a seed; beyond the last there is room for, it takes the place of the last. */
static void place_seed(HilumGrowTool *self, const HilumToolEvent *event)
{
  if (!(event->modifiers & HILUM_MODIFIER_SHIFT)) self->n_seeds = 0;
  self->n_seeds = MIN(self->n_seeds, TOOL_MAX_SEEDS - 1);
  if (self->n_seeds == 0) self->seed_mm = event->point_mm;
  self->seeds[self->n_seeds++] = event->voxel;
  hilum_tool_request(HILUM_TOOL(self), false);
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
    if (self->use_tolerance && !self->use_confidence && fabs(event->y_px - self->start_y_px) > 3)
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
  hilum_tool_request(tool, true);
}

static void forget(HilumGrowTool *self)
{
  self->n_seeds = 0;
  self->dragging = false;
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
  if (changes & HILUM_CHANGE_PHASE) hilum_tool_request(HILUM_TOOL(self), false);
  if (changes & HILUM_CHANGE_ACTIVE && self->n_seeds > 0)
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
    self->n_seeds = 0;
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
  else if (self->n_seeds > 0 && !hilum_tool_is_asked_again(tool)) {
    hilum_workspace_clear_preview(hilum_tool_get_workspace(tool));
    hilum_tool_set_can_apply(tool, false);
  }
}

bool hilum_tool_grow_get_seed(HilumTool *tool, HilumVec3 *seed_mm)
{
  if (hilum_tool_get_kind(tool) != HILUM_TOOL_GROW) return false;
  HilumGrowTool *self = (HilumGrowTool *)tool;
  if (self->n_seeds > 0 && seed_mm) *seed_mm = self->seed_mm;
  return self->n_seeds > 0;
}

/* Doubles first, then booleans, then integers: as in the enum. */
static double *double_of(HilumGrowTool *self, guint id)
{
  double *const fields[] = {&self->lo,         &self->hi,      &self->tolerance,
                            &self->confidence, &self->barrier, &self->radius_mm};
  return id <= PROP_RADIUS_MM ? fields[id - PROP_LO] : NULL;
}

static gboolean *boolean_of(HilumGrowTool *self, guint id)
{
  gboolean *const fields[] = {&self->use_tolerance, &self->use_confidence, &self->only_inside};
  return id >= PROP_USE_TOLERANCE && id <= PROP_ONLY_INSIDE ? fields[id - PROP_USE_TOLERANCE] : NULL;
}

static int *int_of(HilumGrowTool *self, guint id)
{
  int *const fields[] = {&self->connectivity, &self->mode};
  return id >= PROP_CONNECTIVITY ? fields[id - PROP_CONNECTIVITY] : NULL;
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumGrowTool *self = (HilumGrowTool *)object;
  if (double_of(self, id))
    g_value_set_double(value, *double_of(self, id));
  else if (boolean_of(self, id))
    g_value_set_boolean(value, *boolean_of(self, id));
  else
    g_value_set_int(value, *int_of(self, id));
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumGrowTool *self = (HilumGrowTool *)object;
  if (id == PROP_TOLERANCE) {
    set_tolerance(self, g_value_get_double(value));
    return;
  }
  if (double_of(self, id))
    *double_of(self, id) = g_value_get_double(value);
  else if (boolean_of(self, id))
    *boolean_of(self, id) = g_value_get_boolean(value);
  else
    *int_of(self, id) = g_value_get_int(value);
  if (id == PROP_LO) self->hi = MAX(self->hi, self->lo);
  if (id == PROP_HI) self->lo = MIN(self->lo, self->hi);
  if (id == PROP_CONNECTIVITY && self->connectivity != 26) self->connectivity = 6;
  if (id == PROP_MODE && self->mode != HILUM_LABEL_REPLACE) self->mode = HILUM_LABEL_ADD;
  g_object_notify_by_pspec(object, spec);
  hilum_tool_request(HILUM_TOOL(self), false);
}

static void hilum_grow_tool_class_init(HilumGrowToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const struct {
    const char *name;
    double min, max, initial;
  } doubles[] = {{"lo", -1e6, 1e6, 0},         {"hi", -1e6, 1e6, 0},     {"tolerance", 0.1, 10000, 50},
                 {"confidence", 0.1, 20, 2.5}, {"barrier", 0, 65536, 0}, {"radius-mm", 0, 200, 0}};
  static const char *const booleans[] = {"use-tolerance", "use-confidence", "only-inside"};
  for (guint n = 0; n < G_N_ELEMENTS(doubles); n++)
    properties[PROP_LO + n] = g_param_spec_double(doubles[n].name, NULL, NULL, doubles[n].min, doubles[n].max,
                                                  doubles[n].initial, flags);
  for (guint n = 0; n < G_N_ELEMENTS(booleans); n++)
    properties[PROP_USE_TOLERANCE + n] = g_param_spec_boolean(booleans[n], NULL, NULL, FALSE, flags);
  properties[PROP_CONNECTIVITY] = g_param_spec_int("connectivity", NULL, NULL, 6, 26, 6, flags);
  properties[PROP_MODE] = g_param_spec_int("mode", NULL, NULL, 0, 1, HILUM_LABEL_ADD, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_GROW;
  klass->handle = handle;
  klass->apply = apply;
  klass->cancel = cancel;
  klass->changed = changed;
  klass->previewed = previewed;
  klass->start = start;
}

static void hilum_grow_tool_init(HilumGrowTool *self)
{
  self->use_tolerance = TRUE;
  self->tolerance = 50;
  self->confidence = 2.5;
  self->lo = -1000;
  self->hi = 3071;
  self->connectivity = 6;
}
