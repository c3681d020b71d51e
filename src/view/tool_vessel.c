/* Vessels: a course from a root to tips that follows the pointer before the tip is set, a tree from one
 * click, and two vessels parted by points in both. Every point renews the preview by one job at a time; Enter
 * writes it as one step. */
#include "tool_vessel_private.h"

#include <math.h>

#define NEAR_MM 4.0 /* points so far from a slice are shown in it */
#define POINT_PX 7.0
#define COURSE_PX 2.0
#define STEP_PX 2.0 /* between places of a course that are drawn */

typedef struct {
  HilumTool parent;
  HilumVesselAction action;
  double widest_mm, tolerance;
  GArray *points;      /* ToolVesselPoint */
  GPtrArray *branches; /* GArray of HilumVec3: what has been traced */
  HilumVesselMap *map; /* from what has been traced; NULL: not there yet */
  GArray *course;      /* HilumVec3, to where the pointer is; NULL: none */
  HilumVoxel pointer;
  bool previewed; /* the preview shows what Apply would do */
} HilumVesselTool;
typedef HilumToolClass HilumVesselToolClass;

G_DEFINE_FINAL_TYPE(HilumVesselTool, hilum_vessel_tool, HILUM_TYPE_TOOL)

enum { PROP_0, PROP_FOLLOW, PROP_WIDEST, PROP_TOLERANCE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static HilumWorkspace *workspace_of(HilumVesselTool *self)
{
  return hilum_tool_get_workspace(HILUM_TOOL(self));
}

static guint count_points(HilumVesselTool *self, bool other)
{
  guint n = 0;
  for (guint p = 0; p < self->points->len; p++)
    n += g_array_index(self->points, ToolVesselPoint, p).other == other;
  return n;
}

/* Are there points enough for a mask? */
static bool is_ready(HilumVesselTool *self)
{
  switch (self->action) {
  case HILUM_VESSEL_COURSE:
    return self->points->len >= 2;
  case HILUM_VESSEL_TREE:
    return self->points->len >= 1;
  case HILUM_VESSEL_APART:
    return count_points(self, false) > 0 && count_points(self, true) > 0;
  }
  g_return_val_if_reached(false);
}

static void say_what_next(HilumVesselTool *self)
{
  static const char *const SENTENCES[][2] = {
      [HILUM_VESSEL_COURSE] = {"Click the root of a vessel, then its tip.",
                               "Point at the tip: the course follows. A click sets it."},
      [HILUM_VESSEL_TREE] = {"Click in the widest part of a vessel: its tree grows from there.", ""},
      [HILUM_VESSEL_APART] = {
          "Click in the vessel that stays in the structure, Shift+click in the other one.",
          "Now a point in the other vessel (Shift+click), or in the one that stays."}};
  hilum_tool_set_status(HILUM_TOOL(self), "%s", SENTENCES[self->action][self->points->len > 0]);
}

static void drop_course(HilumVesselTool *self)
{
  g_clear_pointer(&self->course, g_array_unref);
  hilum_workspace_outline_changed(workspace_of(self));
}

static void drop_map(HilumVesselTool *self)
{
  g_clear_pointer(&self->map, hilum_vessel_map_free);
  drop_course(self);
}

static void drop_preview(HilumVesselTool *self)
{
  self->previewed = false;
  g_ptr_array_set_size(self->branches, 0);
  hilum_workspace_clear_preview(workspace_of(self));
  hilum_tool_set_can_apply(HILUM_TOOL(self), false);
}

/* --- jobs --- */

static ToolVessel *vessel_new(HilumVesselTool *self, bool map)
{
  ToolVessel *vessel = hilum_tool_vessel_new(self->action, map);
  vessel->options = (HilumVesselOptions){.max_radius_mm = self->widest_mm, .tolerance = self->tolerance};
  g_array_append_vals(vessel->points, self->points->data, self->points->len);
  for (guint b = 0; map && b < self->branches->len; b++) {
    const GArray *branch = self->branches->pdata[b];
    g_array_append_vals(vessel->sources_mm, branch->data, branch->len);
  }
  return vessel;
}

static void submit(HilumVesselTool *self, bool map, bool final)
{
  static const char *const VERBS[][2] = {[HILUM_VESSEL_COURSE] = {"Tracing", "Trace"},
                                         [HILUM_VESSEL_TREE] = {"Growing vessels into", "Grow vessels into"},
                                         [HILUM_VESSEL_APART] = {"Parting vessels of", "Part a vessel from"}};
  HilumTool *tool = HILUM_TOOL(self);
  HilumToolJob *job = hilum_tool_job_new(tool, TOOL_WORK_VESSEL, VERBS[self->action][0],
                                         VERBS[self->action][1], final, HILUM_LABEL_ADD);
  if (!job) return;
  job->extra = vessel_new(self, map);
  job->free_extra = hilum_tool_vessel_free;
  if (final && self->action == HILUM_VESSEL_APART && !hilum_tool_write_into_new(tool, job)) {
    hilum_tool_job_unref(job);
    return;
  }
  if (final) hilum_tool_set_can_apply(tool, false);
  hilum_tool_submit(tool, job);
}

/* What the points ask for next: a mask, or ways for the pointer to follow. */
static void start(HilumTool *tool, bool final)
{
  HilumVesselTool *self = (HilumVesselTool *)tool;
  if (self->points->len == 0) return;
  if (!hilum_workspace_get_active_volume(workspace_of(self))) {
    hilum_tool_set_badge(tool, "The images are missing: there is no vessel to follow.");
    return;
  }
  const bool wants_map = self->action == HILUM_VESSEL_COURSE && !self->map;
  if (is_ready(self) && (final || !self->previewed))
    submit(self, false, final);
  else if (wants_map)
    submit(self, true, false);
}

/* Something that the preview hangs on is another. */
static void renew(HilumVesselTool *self)
{
  drop_map(self);
  if (!is_ready(self)) {
    drop_preview(self);
    say_what_next(self);
  }
  self->previewed = false;
  hilum_tool_request(HILUM_TOOL(self), false);
}

static void forget(HilumVesselTool *self)
{
  hilum_tool_forget_requests(HILUM_TOOL(self));
  g_array_set_size(self->points, 0);
  drop_map(self);
  drop_preview(self);
  say_what_next(self);
}

/* --- results --- */

static void say_course(HilumVesselTool *self, const ToolVessel *vessel, const char *ml)
{
  char length[G_ASCII_DTOSTR_BUF_SIZE], mean[G_ASCII_DTOSTR_BUF_SIZE], least[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(length, sizeof length, "%.0f", vessel->length_mm);
  g_ascii_formatd(mean, sizeof mean, "%.1f", vessel->mean_diameter_mm);
  g_ascii_formatd(least, sizeof least, "%.1f", vessel->least_diameter_mm);
  hilum_tool_set_status(HILUM_TOOL(self), "%s mm long · %s mm wide, at least %s mm · %s", length, mean, least,
                        ml);
}

static void say_tree(HilumVesselTool *self, const HilumToolJob *job, const ToolVessel *vessel, const char *ml)
{
  const HilumVesselLook *look = &vessel->tree.look;
  char lumen[G_ASCII_DTOSTR_BUF_SIZE], below[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(lumen, sizeof lumen, "%.0f", look->lumen);
  g_ascii_formatd(below, sizeof below, "%.0f", look->tolerance);
  hilum_tool_set_status(HILUM_TOOL(self), "%s · lumen %s %s less %s · %u leaks cut off", ml, lumen,
                        hilum_volume_get_unit(job->volume), below, vessel->tree.leaks);
}

static void say_result(HilumVesselTool *self, const HilumToolJob *job)
{
  const ToolVessel *vessel = job->extra;
  char ml[48];
  hilum_tool_format_ml(HILUM_TOOL(self), job->result->voxels, ml);
  if (self->action == HILUM_VESSEL_COURSE)
    say_course(self, vessel, ml);
  else if (self->action == HILUM_VESSEL_TREE)
    say_tree(self, job, vessel, ml);
  else
    hilum_tool_set_status(HILUM_TOOL(self),
                          job->write_delta ? "%s split off" : "%s would become a structure of its own", ml);
}

static void written(HilumVesselTool *self, const HilumToolJob *job)
{
  const ToolResult *result = job->result;
  g_autofree char *status = NULL;
  say_result(self, job);
  status = g_strdup(hilum_tool_get_status(HILUM_TOOL(self)));
  forget(self);
  hilum_tool_set_status(HILUM_TOOL(self), "%s", status);
  if (hilum_label_delta_is_empty(result->delta))
    hilum_tool_explain_nothing(HILUM_TOOL(self), &result->refused, result->voxels, false);
}

static void show(HilumVesselTool *self, HilumToolJob *job)
{
  HilumTool *tool = HILUM_TOOL(self);
  ToolResult *result = (ToolResult *)job->result;
  ToolVessel *vessel = job->extra;
  if (vessel->wants_map) {
    g_clear_pointer(&self->map, hilum_vessel_map_free);
    self->map = g_steal_pointer(&vessel->map);
    return;
  }
  if (job->write_delta) {
    written(self, job);
    return;
  }
  say_result(self, job);
  if (result->voxels == 0) hilum_tool_explain_nothing(tool, &result->refused, 0, false);
  g_ptr_array_unref(self->branches);
  self->branches = g_ptr_array_ref(vessel->branches);
  hilum_tool_set_can_apply(tool, result->voxels > 0 && hilum_workspace_get_active(workspace_of(self)) != 0);
  hilum_workspace_set_preview_mask(workspace_of(self), g_steal_pointer(&result->mask));
  self->previewed = true;
  drop_map(self);
}

/* A point that nothing can be made of goes, so that the next click may be a better one. */
static void take_last_back(HilumVesselTool *self)
{
  if (self->points->len == 0) return;
  g_array_set_size(self->points, self->points->len - 1);
  if (self->points->len == 0)
    forget(self);
  else
    renew(self);
}

static void previewed(HilumTool *tool, HilumToolJob *job)
{
  HilumVesselTool *self = (HilumVesselTool *)tool;
  const bool asked_again = hilum_tool_is_asked_again(tool);
  if (job->result && (!asked_again || job->write_delta))
    show(self, job);
  else if (!job->result && !asked_again && !job->write_delta && hilum_tool_job_is_current(job))
    take_last_back(self);
  hilum_tool_request(tool, false); /* after a mask the ways from it */
}

/* --- events --- */

static void set_point(HilumVesselTool *self, const HilumToolEvent *event)
{
  const bool shift = event->modifiers & HILUM_MODIFIER_SHIFT;
  const ToolVesselPoint point = {event->point_mm, self->action == HILUM_VESSEL_APART && shift};
  if (self->action == HILUM_VESSEL_TREE && !shift) g_array_set_size(self->points, 0);
  if (self->points->len == TOOL_MAX_SEEDS) g_array_set_size(self->points, TOOL_MAX_SEEDS - 1);
  g_array_append_val(self->points, point);
  renew(self);
}

static void follow(HilumVesselTool *self, const HilumToolEvent *event)
{
  const HilumVoxel v = event->voxel, old = self->pointer;
  if (!self->map || (self->course && v.i == old.i && v.j == old.j && v.k == old.k)) return;
  self->pointer = v;
  g_clear_pointer(&self->course, g_array_unref);
  if (event->inside) self->course = hilum_vessel_map_dup_course(self->map, event->point_mm);
  hilum_workspace_outline_changed(workspace_of(self));
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumVesselTool *self = (HilumVesselTool *)tool;
  if (event->plane >= HILUM_SLICE_PLANES) return false;
  switch (event->type) {
  case HILUM_TOOL_PRESS:
    if (event->inside && hilum_tool_may_write(tool)) set_point(self, event);
    return true;
  case HILUM_TOOL_HOVER:
    follow(self, event);
    return true;
  case HILUM_TOOL_LEAVE:
    drop_course(self);
    return true;
  case HILUM_TOOL_DRAG:
  case HILUM_TOOL_RELEASE:
    return true;
  default:
    return false;
  }
}

static void apply(HilumTool *tool)
{
  hilum_tool_request(tool, true);
}

static void cancel(HilumTool *tool)
{
  forget((HilumVesselTool *)tool);
}

static bool step_back(HilumTool *tool)
{
  HilumVesselTool *self = (HilumVesselTool *)tool;
  if (self->points->len == 0) return false;
  hilum_tool_set_badge(tool, "");
  take_last_back(self);
  return true;
}

static bool back_out(HilumTool *tool)
{
  HilumVesselTool *self = (HilumVesselTool *)tool;
  if (self->points->len == 0) return false;
  hilum_tool_cancel(tool); /* a job in flight is too late, too */
  return true;
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumVesselTool *self = (HilumVesselTool *)tool;
  if (changes & HILUM_CHANGE_CASE)
    forget(self);
  else if (changes & (HILUM_CHANGE_PHASE | HILUM_CHANGE_LIMITS) && self->points->len > 0)
    renew(self);
  else if (changes & HILUM_CHANGE_ACTIVE && self->points->len > 0) {
    if (self->action == HILUM_VESSEL_APART)
      renew(self);
    else
      hilum_tool_set_can_apply(tool, self->previewed && hilum_workspace_get_active(workspace_of(self)) != 0);
  }
}

/* --- what panes show: points near the slice, and courses wherever they run --- */

static void add_piece(GArray *out, HilumPoint2 a, HilumPoint2 b, double width_px, uint8_t label)
{
  const HilumToolStroke piece = {a, b, width_px, label};
  g_array_append_val(out, piece);
}

static void add_course(GArray *out, const HilumSliceState *slice, const GArray *course, uint8_t label)
{
  HilumPoint2 last = {0, 0};
  for (guint n = 0; n < course->len; n++) {
    HilumPoint2 px;
    hilum_slice_state_mm_to_widget(slice, g_array_index(course, HilumVec3, n), &px.x, &px.y, NULL);
    if (n > 0 && n + 1 < course->len && hypot(px.x - last.x, px.y - last.y) < STEP_PX) continue;
    if (n > 0) add_piece(out, last, px, COURSE_PX, label);
    last = px;
  }
}

static void strokes(HilumTool *tool, HilumSlicePlane plane, GArray *out)
{
  HilumVesselTool *self = (HilumVesselTool *)tool;
  HilumWorkspace *workspace = workspace_of(self);
  const HilumSliceState *slice = hilum_workspace_get_slice(workspace, plane);
  const uint8_t label = hilum_workspace_get_active(workspace);
  for (guint b = 0; b < self->branches->len; b++)
    add_course(out, slice, self->branches->pdata[b], label);
  if (self->course) add_course(out, slice, self->course, label);
  for (guint p = 0; p < self->points->len; p++) {
    const ToolVesselPoint *point = &g_array_index(self->points, ToolVesselPoint, p);
    HilumPoint2 px;
    double distance_mm;
    hilum_slice_state_mm_to_widget(slice, point->at_mm, &px.x, &px.y, &distance_mm);
    if (fabs(distance_mm) <= NEAR_MM) add_piece(out, px, px, POINT_PX, point->other ? 0 : label);
  }
}

/* --- settings --- */

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  const HilumVesselTool *self = (HilumVesselTool *)object;
  if (id == PROP_FOLLOW)
    g_value_set_int(value, (int)self->action);
  else
    g_value_set_double(value, id == PROP_WIDEST ? self->widest_mm : self->tolerance);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumVesselTool *self = (HilumVesselTool *)object;
  if (id == PROP_FOLLOW) {
    const HilumVesselAction action = (HilumVesselAction)g_value_get_int(value);
    if (action == self->action) return;
    self->action = action;
    hilum_tool_cancel(HILUM_TOOL(self)); /* points mean something else now */
  } else if (id == PROP_WIDEST)
    self->widest_mm = g_value_get_double(value);
  else
    self->tolerance = g_value_get_double(value);
  g_object_notify_by_pspec(object, spec);
  if (self->points->len > 0) renew(self);
}

static bool commit(HilumTool *tool, HilumToolJob *job, HilumLabelDelta *delta, GError **error)
{
  if (((const ToolVessel *)job->extra)->action == HILUM_VESSEL_APART)
    return hilum_tool_commit_into_new(tool, job, delta, error);
  return hilum_workspace_commit(hilum_tool_get_workspace(tool), job->title, delta, error);
}

static void finalize(GObject *object)
{
  HilumVesselTool *self = (HilumVesselTool *)object;
  g_array_unref(self->points);
  g_ptr_array_unref(self->branches);
  g_clear_pointer(&self->map, hilum_vessel_map_free);
  g_clear_pointer(&self->course, g_array_unref);
  G_OBJECT_CLASS(hilum_vessel_tool_parent_class)->finalize(object);
}

static void hilum_vessel_tool_class_init(HilumVesselToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_FOLLOW] =
      g_param_spec_int("follow", NULL, NULL, 0, HILUM_VESSEL_APART, HILUM_VESSEL_COURSE, flags);
  properties[PROP_WIDEST] = g_param_spec_double("widest-mm", NULL, NULL, 0.5, 100, 20, flags);
  properties[PROP_TOLERANCE] = g_param_spec_double("tolerance", NULL, NULL, 0, 10000, 0, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_VESSEL;
  klass->handle = handle;
  klass->apply = apply;
  klass->cancel = cancel;
  klass->changed = changed;
  klass->step_back = step_back;
  klass->back_out = back_out;
  klass->strokes = strokes;
  klass->previewed = previewed;
  klass->start = start;
  klass->commit = commit;
}

static void hilum_vessel_tool_init(HilumVesselTool *self)
{
  self->widest_mm = 20;
  self->points = g_array_new(FALSE, FALSE, sizeof(ToolVesselPoint));
  self->branches = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
}
