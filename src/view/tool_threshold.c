/* Threshold: the preview is decided per pixel on the GPU and the volume read off the histogram, so both
 * follow the sliders at once; only Apply visits the voxels. A click takes the range around the voxel,
 * Shift+click the tissue that it lies in. */
#include "tool_private.h"

#include "hilum/segment/range.h"

typedef struct {
  HilumTool parent;
  double lo, hi;
  bool placed; /* lo and hi were set by somebody */
} HilumThresholdTool;
typedef HilumToolClass HilumThresholdToolClass;

G_DEFINE_FINAL_TYPE(HilumThresholdTool, hilum_threshold_tool, HILUM_TYPE_TOOL)

enum { PROP_0, PROP_LO, PROP_HI, N_PROPS };
static GParamSpec *properties[N_PROPS];

static uint64_t voxels_in_range(HilumVolume *volume, double lo, double hi)
{
  int16_t a, b;
  if (!hilum_volume_stored_range(volume, lo, hi, &a, &b)) return 0;
  const uint64_t *histogram = hilum_volume_get_histogram(volume);
  uint64_t n = 0;
  for (int v = a; v <= b; v++)
    n += histogram[v + 32768];
  return n;
}

static void refresh(HilumThresholdTool *self)
{
  HilumTool *tool = HILUM_TOOL(self);
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  HilumVolume *volume = workspace ? hilum_workspace_get_active_volume(workspace) : NULL;
  if (!volume) {
    hilum_tool_set_can_apply(tool, false);
    return;
  }
  hilum_workspace_set_preview_range(workspace, self->lo, self->hi);
  uint64_t voxels = voxels_in_range(volume, self->lo, self->hi);
  char ml[48];
  hilum_tool_format_ml(tool, voxels, ml);
  hilum_tool_set_status(tool, "%s in range", ml);
  hilum_tool_set_can_apply(tool, voxels > 0 && hilum_workspace_get_active(workspace) != 0 &&
                                     !hilum_tool_get_busy(tool));
}

static void set_range(HilumThresholdTool *self, double lo, double hi)
{
  self->placed = true;
  g_object_freeze_notify(G_OBJECT(self));
  if (lo != self->lo) g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_LO]);
  if (hi != self->hi) g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_HI]);
  self->lo = lo;
  self->hi = hi;
  refresh(self);
  g_object_thaw_notify(G_OBJECT(self));
}

void hilum_tool_set_range_from_voxel(HilumTool *tool, HilumVoxel voxel)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(hilum_tool_get_workspace(tool));
  if (!volume || !hilum_grid_contains(hilum_volume_get_grid(volume), voxel)) return;
  double mean, sd;
  hilum_neighbourhood_stats(volume, voxel, 2, &mean, &sd);
  double reach = MAX(2.5 * sd, hilum_volume_get_slope(volume));
  g_object_set(tool, "lo", round(mean - reach), "hi", round(mean + reach), NULL);
}

void hilum_tool_set_range(HilumTool *tool, double lo, double hi)
{
  GObject *object = G_OBJECT(tool);
  g_object_freeze_notify(object);
  if (hilum_tool_get_kind(tool) == HILUM_TOOL_GROW)
    g_object_set(tool, "use-tolerance", FALSE, "use-confidence", FALSE, NULL);
  /* The upper bound first where the range moves up, so that neither pushes the other. */
  g_object_set(tool, "hi", MAX(lo, hi), "lo", lo, "hi", hi, NULL);
  g_object_thaw_notify(object);
}

bool hilum_tool_suggest_range(HilumTool *tool, HilumVoxel voxel)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(hilum_tool_get_workspace(tool));
  if (!volume || !hilum_grid_contains(hilum_volume_get_grid(volume), voxel)) return false;
  double lo, hi;
  hilum_suggest_range(volume, voxel, 0, &lo, &hi, NULL);
  hilum_tool_set_range(tool, round(lo), round(hi));
  return true;
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  if (event->type != HILUM_TOOL_PRESS || event->plane >= HILUM_SLICE_PLANES)
    return event->plane < HILUM_SLICE_PLANES &&
           (event->type == HILUM_TOOL_DRAG || event->type == HILUM_TOOL_RELEASE);
  if (event->inside && event->modifiers & HILUM_MODIFIER_SHIFT)
    hilum_tool_suggest_range(tool, event->voxel);
  else if (event->inside)
    hilum_tool_set_range_from_voxel(tool, event->voxel);
  return true;
}

static void apply(HilumTool *tool)
{
  HilumThresholdTool *self = (HilumThresholdTool *)tool;
  HilumToolJob *job =
      hilum_tool_job_new(tool, TOOL_WORK_THRESHOLD, "Thresholding", "Threshold", true, HILUM_LABEL_REPLACE);
  if (!job) return;
  job->lo = self->lo;
  job->hi = self->hi;
  hilum_tool_set_can_apply(tool, false);
  hilum_tool_submit(tool, job);
}

static void cancel(HilumTool *tool)
{
  hilum_workspace_clear_preview(hilum_tool_get_workspace(tool));
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumThresholdTool *self = (HilumThresholdTool *)tool;
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  if (!(changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_ACTIVE | HILUM_CHANGE_TOOL))) return;
  if (!self->placed && hilum_workspace_get_active_volume(workspace)) {
    HilumWindowLevel w = hilum_workspace_get_window(workspace); /* the brighter half of what is seen */
    self->lo = round(w.level);
    self->hi = round(w.level + w.width / 2);
  }
  if (hilum_workspace_get_tool(workspace) == tool) refresh(self);
}

static void previewed(HilumTool *tool, HilumToolJob *job)
{
  refresh((HilumThresholdTool *)tool);
  if (job->result) {
    hilum_workspace_clear_preview(hilum_tool_get_workspace(tool));
    char ml[48];
    hilum_tool_format_ml(tool, job->result->voxels, ml);
    hilum_tool_set_status(tool, "%s written", ml);
  } else if (hilum_workspace_get_tool(hilum_tool_get_workspace(tool)) != tool) {
    hilum_workspace_clear_preview(hilum_tool_get_workspace(tool));
  }
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumThresholdTool *self = (HilumThresholdTool *)object;
  if (id == PROP_LO)
    g_value_set_double(value, self->lo);
  else if (id == PROP_HI)
    g_value_set_double(value, self->hi);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumThresholdTool *self = (HilumThresholdTool *)object;
  double v = g_value_get_double(value);
  if (id == PROP_LO)
    set_range(self, v, MAX(v, self->hi));
  else if (id == PROP_HI)
    set_range(self, MIN(v, self->lo), v);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void hilum_threshold_tool_class_init(HilumThresholdToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_LO] = g_param_spec_double("lo", NULL, NULL, -1e6, 1e6, 0, flags);
  properties[PROP_HI] = g_param_spec_double("hi", NULL, NULL, -1e6, 1e6, 0, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_THRESHOLD;
  klass->handle = handle;
  klass->apply = apply;
  klass->cancel = cancel;
  klass->changed = changed;
  klass->previewed = previewed;
}

static void hilum_threshold_tool_init(HilumThresholdTool *self) {}
