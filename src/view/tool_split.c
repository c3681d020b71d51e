/* Split: parts of a structure become structures of their own, as one step: what touches by clicks, one a
 * part, or into so many parts at the thinnest necks, and what does not touch by its largest pieces. The
 * preview shows every part; the first keeps the structure. */
#include "tool_private.h"

#include "hilum/casefile/case.h"
#include "hilum/casefile/error.h"
#include "hilum/segment/error.h"
#include "hilum/segment/split.h"

#include <string.h>

#define MAX_PARTS 20
#define DOT_PX 9.0

typedef struct {
  HilumSplitSeed seed;
  HilumVec3 point_mm;
} Click;

typedef struct {
  HilumTool parent;
  HilumSplitMethod method;
  int parts;
  GArray *clicks;  /* Click, all in one structure */
  uint8_t clicked; /* that structure */
} HilumSplitTool;
typedef HilumToolClass HilumSplitToolClass;

G_DEFINE_FINAL_TYPE(HilumSplitTool, hilum_split_tool, HILUM_TYPE_TOOL)

enum { PROP_0, PROP_METHOD, PROP_PARTS, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* What a job needs. */
typedef struct {
  HilumLabelSplit split;
  HilumSplitSeed seeds[TOOL_MAX_SEEDS];
  uint8_t fresh[MAX_PARTS];
  size_t made;  /* by the worker: parts that have voxels, besides the first */
  bool limited; /* by the worker: there were more than the edit limits leave */
} SplitExtra;

static HilumWorkspace *workspace_of(HilumSplitTool *self)
{
  return hilum_tool_get_workspace(HILUM_TOOL(self));
}

static Click *click_at(HilumSplitTool *self, guint n)
{
  return &g_array_index(self->clicks, Click, n);
}

static uint8_t last_group(HilumSplitTool *self)
{
  uint8_t last = 0;
  for (guint n = 0; n < self->clicks->len; n++)
    last = MAX(last, click_at(self, n)->seed.group);
  return last;
}

/* --- jobs --- */

static HilumLabelSnapshot *relabel(const HilumToolJob *job, HilumVoxelBox *box, const HilumProgress *progress,
                                   GError **error)
{
  SplitExtra *extra = job->extra;
  *box = hilum_label_snapshot_bounds(job->labels, job->structure);
  g_autoptr(HilumLabelSnapshot) parted =
      hilum_labels_split(job->labels, job->structure, &extra->split, &extra->made, progress, error);
  if (!parted && g_error_matches(*error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY)) {
    g_clear_error(error); /* one part: the badge says so */
    return hilum_label_snapshot_ref(job->labels);
  }
  if (!parted) return NULL;
  HilumLabelSnapshot *after =
      hilum_edit_limits_apply_labels(&job->limits, job->volume, job->labels, parted, error);
  const size_t made = extra->made;
  while (after && extra->made > 0 && hilum_label_snapshot_count(after, extra->fresh[extra->made - 1]) == 0)
    extra->made--;
  extra->limited = extra->made < made;
  return after;
}

/* The labels that the case will give to the next structures, in order. */
static size_t find_fresh(HilumSplitTool *self, size_t wanted, uint8_t fresh[MAX_PARTS])
{
  size_t n = 0;
  for (int l = 1; l < HILUM_LABEL_COUNT && n < wanted; l++)
    if (!hilum_workspace_get_look(workspace_of(self), (uint8_t)l)->used) fresh[n++] = (uint8_t)l;
  return n;
}

static SplitExtra *make_extra(HilumSplitTool *self)
{
  SplitExtra *extra = g_new0(SplitExtra, 1);
  const bool points = self->method == HILUM_SPLIT_POINTS;
  for (guint n = 0; points && n < self->clicks->len; n++)
    extra->seeds[n] = click_at(self, n)->seed;
  extra->split = (HilumLabelSplit){.method = self->method,
                                   .n = (uint32_t)self->parts,
                                   .seeds = extra->seeds,
                                   .n_seeds = points ? self->clicks->len : 0,
                                   .fresh = extra->fresh};
  extra->split.n_fresh =
      find_fresh(self, (points ? (size_t)last_group(self) : (size_t)self->parts) - 1, extra->fresh);
  return extra;
}

static bool is_ready(HilumSplitTool *self)
{
  HilumWorkspace *workspace = workspace_of(self);
  const uint8_t active = hilum_workspace_get_active(workspace);
  HilumLabelMap *labels = hilum_workspace_get_labels(workspace);
  if (!labels || active == 0 || *hilum_tool_get_obstacle(HILUM_TOOL(self))) return false;
  if (hilum_label_map_count(labels, active) == 0) {
    hilum_tool_set_badge(HILUM_TOOL(self), "This structure has no voxels: there is nothing to split.");
    return false;
  }
  return self->method != HILUM_SPLIT_POINTS || last_group(self) >= 2;
}

static void show_nothing(HilumSplitTool *self)
{
  hilum_workspace_clear_preview(workspace_of(self));
  hilum_tool_set_can_apply(HILUM_TOOL(self), false);
  hilum_tool_set_status(HILUM_TOOL(self), self->method != HILUM_SPLIT_POINTS ? ""
                                          : self->clicks->len == 0
                                              ? "Click in each part of what touches."
                                              : "Now click in another part; Shift+click: the same "
                                                "part again.");
}

static void start(HilumTool *tool, bool final)
{
  HilumSplitTool *self = (HilumSplitTool *)tool;
  if (!is_ready(self)) {
    show_nothing(self);
    return;
  }
  HilumToolJob *job = hilum_tool_relabel_job_new(tool, "Splitting", "Split", final);
  if (!job) return;
  g_free(job->title);
  job->title = hilum_tool_dup_title(tool, "Split");
  job->relabel = relabel;
  job->extra = make_extra(self);
  job->free_extra = g_free;
  if (final) hilum_tool_set_can_apply(tool, false);
  hilum_tool_submit(tool, job);
}

/* Structures for the parts. False with the error set. */
static bool add_structures(HilumCase *the_case, const HilumToolJob *job, GError **error)
{
  const SplitExtra *extra = job->extra;
  HilumStructure *from = hilum_case_get_structure(the_case, job->structure);
  bool as_before = from != NULL;
  for (size_t n = 0; as_before && n < extra->made; n++) {
    HilumStructure *part = hilum_case_add_structure(the_case, hilum_structure_get_kind(from), NULL, error);
    if (!part) return false;
    as_before = hilum_structure_get_label(part) == extra->fresh[n];
  }
  if (!as_before)
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STALE,
                        "The structures changed while this step was computed; do it again.");
  return as_before;
}

/* The new structures and their voxels are one step. */
static bool commit(HilumTool *tool, HilumToolJob *job, HilumLabelDelta *delta, GError **error)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  HilumCase *the_case = hilum_workspace_get_case(workspace);
  if (!the_case) return hilum_workspace_commit(workspace, job->title, delta, error);
  HilumHistory *history = hilum_case_get_history(the_case);
  hilum_history_begin_group(history, job->title);
  const bool done =
      add_structures(the_case, job, error) && hilum_case_apply_labels(the_case, job->title, delta, error);
  if (done)
    hilum_history_end_group(history);
  else
    hilum_history_abort_group(history);
  return done;
}

/* "3 parts: 120.1 ml, 20.3 ml, 3.0 ml" */
static void show_parts(HilumSplitTool *self, const HilumToolJob *job)
{
  const SplitExtra *extra = job->extra;
  g_autoptr(GString) text = g_string_new(NULL);
  for (size_t n = 0; n <= extra->made; n++) {
    char ml[48];
    const uint8_t label = n == 0 ? job->structure : extra->fresh[n - 1];
    hilum_tool_format_ml(HILUM_TOOL(self), hilum_label_snapshot_count(job->result->after, label), ml);
    g_string_append_printf(text, "%s%s", n ? ", " : "", ml);
  }
  hilum_tool_set_status(HILUM_TOOL(self), "%u parts: %s", (unsigned)extra->made + 1, text->str);
}

static void forget_clicks(HilumSplitTool *self)
{
  if (self->clicks->len == 0) return;
  g_array_set_size(self->clicks, 0);
  hilum_workspace_outline_changed(workspace_of(self));
}

static bool is_one_part(const HilumToolJob *job)
{
  return ((const SplitExtra *)job->extra)->made == 0;
}

static void previewed(HilumTool *tool, HilumToolJob *job)
{
  HilumSplitTool *self = (HilumSplitTool *)tool;
  if (job->result && is_one_part(job)) {
    show_nothing(self);
    hilum_tool_set_badge(tool, ((const SplitExtra *)job->extra)->limited
                                   ? "The edit limits let no part change."
                                   : "The structure is one part: there is nothing to split off.");
  } else if (job->result && job->write_delta) {
    forget_clicks(self);
    hilum_workspace_clear_preview(workspace_of(self));
    show_parts(self, job);
  } else if (job->result) {
    hilum_workspace_set_preview_labels(workspace_of(self), job->result->after, job->result->box);
    show_parts(self, job);
    hilum_tool_set_can_apply(tool, true);
  } else if (!hilum_tool_is_asked_again(tool)) {
    hilum_workspace_clear_preview(workspace_of(self));
    hilum_tool_set_can_apply(tool, false);
  }
}

/* --- clicks --- */

static void place_click(HilumSplitTool *self, const HilumToolEvent *event)
{
  HilumTool *tool = HILUM_TOOL(self);
  HilumWorkspace *workspace = workspace_of(self);
  if (!hilum_tool_may_write(tool)) return;
  const uint8_t active = hilum_workspace_get_active(workspace);
  if (hilum_label_map_get(hilum_workspace_get_labels(workspace), event->voxel) != active) {
    g_autofree char *reason = g_strdup_printf("There is no voxel of %s where you clicked.",
                                              hilum_workspace_get_look(workspace, active)->name);
    hilum_tool_set_badge(tool, reason);
    return;
  }
  const uint8_t last = last_group(self);
  const bool again = event->modifiers & HILUM_MODIFIER_SHIFT && last > 0;
  if (self->clicks->len >= TOOL_MAX_SEEDS || (!again && last >= MAX_PARTS)) {
    hilum_tool_set_badge(tool, "No more parts can be split at once: press Enter, then go on.");
    return;
  }
  const Click click = {.seed = {event->voxel, again ? last : (uint8_t)(last + 1)},
                       .point_mm = event->point_mm};
  self->clicked = active;
  g_array_append_val(self->clicks, click);
  hilum_workspace_outline_changed(workspace);
  hilum_tool_request(HILUM_TOOL(self), false);
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumSplitTool *self = (HilumSplitTool *)tool;
  const bool slice = event->plane < HILUM_SLICE_PLANES;
  if (self->method != HILUM_SPLIT_POINTS) return false;
  if (event->type != HILUM_TOOL_PRESS) return slice && event->type != HILUM_TOOL_HOVER;
  if (event->inside) place_click(self, event);
  return slice || event->inside;
}

static bool step_back(HilumTool *tool)
{
  HilumSplitTool *self = (HilumSplitTool *)tool;
  if (self->clicks->len == 0) return false;
  g_array_set_size(self->clicks, self->clicks->len - 1);
  hilum_tool_set_badge(tool, "");
  hilum_workspace_outline_changed(workspace_of(self));
  hilum_tool_request(HILUM_TOOL(self), false);
  return true;
}

static bool has_own_steps(HilumTool *tool)
{
  return ((HilumSplitTool *)tool)->clicks->len > 0;
}

static bool back_out(HilumTool *tool)
{
  HilumSplitTool *self = (HilumSplitTool *)tool;
  if (self->clicks->len == 0) return false;
  hilum_tool_cancel(tool); /* a job in flight is too late, too */
  return true;
}

static void apply(HilumTool *tool)
{
  hilum_tool_request(tool, true);
}

static void cancel(HilumTool *tool)
{
  HilumSplitTool *self = (HilumSplitTool *)tool;
  forget_clicks(self);
  show_nothing(self);
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumSplitTool *self = (HilumSplitTool *)tool;
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  const unsigned matters = HILUM_CHANGE_CASE | HILUM_CHANGE_LABELS | HILUM_CHANGE_ACTIVE | HILUM_CHANGE_TOOL |
                           HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_LIMITS;
  if (!(changes & matters) || hilum_tool_is_writing(tool) || hilum_workspace_get_tool(workspace) != tool)
    return;
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_LABELS) ||
      self->clicked != hilum_workspace_get_active(workspace))
    forget_clicks(self);
  hilum_tool_request(HILUM_TOOL(self), false);
}

/* Dots where the clicks are, in the colours of nobody but the first's. */
static void strokes(HilumTool *tool, HilumSlicePlane plane, GArray *out)
{
  HilumSplitTool *self = (HilumSplitTool *)tool;
  const HilumSliceState *slice = hilum_workspace_get_slice(hilum_tool_get_workspace(tool), plane);
  for (guint n = 0; n < self->clicks->len; n++) {
    const Click *click = click_at(self, n);
    HilumToolStroke dot = {.width_px = DOT_PX, .label = click->seed.group == 1 ? self->clicked : 0};
    double distance_mm;
    hilum_slice_state_mm_to_widget(slice, click->point_mm, &dot.a.x, &dot.a.y, &distance_mm);
    dot.b = dot.a;
    if (fabs(distance_mm) <= 0.5 * slice->grid.spacing_mm[slice->n_axis] + 1e-6) g_array_append_val(out, dot);
  }
}

/* --- settings --- */

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  const HilumSplitTool *self = (HilumSplitTool *)object;
  g_value_set_int(value, id == PROP_METHOD ? (int)self->method : self->parts);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumSplitTool *self = (HilumSplitTool *)object;
  if (id == PROP_METHOD)
    self->method = (HilumSplitMethod)g_value_get_int(value);
  else
    self->parts = g_value_get_int(value);
  g_object_notify_by_pspec(object, spec);
  hilum_tool_set_badge(HILUM_TOOL(self), "");
  if (self->method != HILUM_SPLIT_POINTS) forget_clicks(self);
  hilum_tool_request(HILUM_TOOL(self), false);
}

static void finalize(GObject *object)
{
  g_array_unref(((HilumSplitTool *)object)->clicks);
  G_OBJECT_CLASS(hilum_split_tool_parent_class)->finalize(object);
}

static void hilum_split_tool_class_init(HilumSplitToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_METHOD] = g_param_spec_int("method", NULL, NULL, HILUM_SPLIT_POINTS, HILUM_SPLIT_ISLANDS,
                                             HILUM_SPLIT_POINTS, flags);
  properties[PROP_PARTS] = g_param_spec_int("parts", NULL, NULL, 2, MAX_PARTS, 2, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_SPLIT;
  klass->handle = handle;
  klass->apply = apply;
  klass->cancel = cancel;
  klass->changed = changed;
  klass->step_back = step_back;
  klass->has_own_steps = has_own_steps;
  klass->back_out = back_out;
  klass->strokes = strokes;
  klass->previewed = previewed;
  klass->start = start;
  klass->commit = commit;
}

static void hilum_split_tool_init(HilumSplitTool *self)
{
  self->parts = 2;
  self->clicks = g_array_new(FALSE, TRUE, sizeof(Click));
}
