/* The base of all tools: events, status, and the one job that a tool may have at a time. */
#include "tool_private.h"

#include "hilum/view/error.h"
#include "tool_queue.h"

#include <string.h>

typedef struct {
  HilumWorkspace *workspace; /* not referenced: it owns the tool */
  char *status, *badge, *obstacle;
  bool can_apply, busy;
  ToolQueue queue;
  uint64_t generation;
} HilumToolPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(HilumTool, hilum_tool, G_TYPE_OBJECT)

enum { PROP_0, PROP_STATUS, PROP_BADGE, PROP_CAN_APPLY, PROP_BUSY, N_PROPS };
static GParamSpec *properties[N_PROPS];
static unsigned signal_job, signal_failed;

static HilumToolPrivate *private_of(HilumTool *tool)
{
  return hilum_tool_get_instance_private(tool);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HilumToolPrivate *p = private_of(HILUM_TOOL(object));
  switch (id) {
  case PROP_STATUS:
    g_value_set_string(value, p->status);
    break;
  case PROP_BADGE:
    g_value_set_string(value, hilum_tool_get_badge(HILUM_TOOL(object)));
    break;
  case PROP_CAN_APPLY:
    g_value_set_boolean(value, p->can_apply);
    break;
  case PROP_BUSY:
    g_value_set_boolean(value, p->busy);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

static void finalize(GObject *object)
{
  HilumToolPrivate *p = private_of(HILUM_TOOL(object));
  g_free(p->status);
  g_free(p->badge);
  g_free(p->obstacle);
  G_OBJECT_CLASS(hilum_tool_parent_class)->finalize(object);
}

static void hilum_tool_class_init(HilumToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  klass->writes = true;
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  properties[PROP_STATUS] = g_param_spec_string("status", NULL, NULL, "", flags);
  properties[PROP_BADGE] = g_param_spec_string("badge", NULL, NULL, "", flags);
  properties[PROP_CAN_APPLY] = g_param_spec_boolean("can-apply", NULL, NULL, FALSE, flags);
  properties[PROP_BUSY] = g_param_spec_boolean("busy", NULL, NULL, FALSE, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  signal_job = g_signal_new("job", HILUM_TYPE_TOOL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                            g_cclosure_marshal_VOID__POINTER, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signal_failed = g_signal_new("failed", HILUM_TYPE_TOOL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               g_cclosure_marshal_VOID__STRING, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void hilum_tool_init(HilumTool *tool)
{
  private_of(tool)->status = g_strdup("");
  private_of(tool)->badge = g_strdup("");
  private_of(tool)->obstacle = g_strdup("");
}

static const struct {
  const char *id, *name;
  GType (*type)(void);
} KINDS[HILUM_TOOL_KINDS] = {
    [HILUM_TOOL_WINDOW] = {"window", "Window", hilum_window_tool_get_type},
    [HILUM_TOOL_THRESHOLD] = {"threshold", "Threshold", hilum_threshold_tool_get_type},
    [HILUM_TOOL_GROW] = {"grow", "Grow", hilum_grow_tool_get_type},
    [HILUM_TOOL_BRUSH] = {"brush", "Brush", hilum_brush_tool_get_type},
    [HILUM_TOOL_ERASE] = {"erase", "Erase", hilum_erase_tool_get_type},
    [HILUM_TOOL_ISLANDS] = {"islands", "Islands", hilum_islands_tool_get_type},
    [HILUM_TOOL_LASSO] = {"lasso", "Lasso", hilum_lasso_tool_get_type},
    [HILUM_TOOL_SCISSORS] = {"scissors", "Scissors", hilum_scissors_tool_get_type},
    [HILUM_TOOL_LEVEL_TRACE] = {"level-trace", "Level trace", hilum_trace_tool_get_type},
    [HILUM_TOOL_GUIDE] = {"guide", "Guide", hilum_guide_tool_get_type},
    [HILUM_TOOL_SEEDS] = {"seeds", "Seeds", hilum_seeds_tool_get_type},
    [HILUM_TOOL_VESSEL] = {"vessel", "Vessel", hilum_vessel_tool_get_type},
    [HILUM_TOOL_SPLIT] = {"split", "Split", hilum_split_tool_get_type},
};

const char *hilum_tool_kind_id(HilumToolKind kind)
{
  g_return_val_if_fail(kind < HILUM_TOOL_KINDS, "");
  return KINDS[kind].id;
}

const char *hilum_tool_kind_name(HilumToolKind kind)
{
  g_return_val_if_fail(kind < HILUM_TOOL_KINDS, "");
  return KINDS[kind].name;
}

HilumTool *hilum_tool_new(HilumWorkspace *workspace, HilumToolKind kind)
{
  g_return_val_if_fail(kind < HILUM_TOOL_KINDS, NULL);
  HilumTool *tool = g_object_new(KINDS[kind].type(), NULL);
  private_of(tool)->workspace = workspace;
  hilum_tool_workspace_changed(tool, HILUM_CHANGE_ALL);
  return tool;
}

HilumToolKind hilum_tool_get_kind(HilumTool *tool)
{
  return HILUM_TOOL_GET_CLASS(tool)->kind;
}

HilumWorkspace *hilum_tool_get_workspace(HilumTool *tool)
{
  return private_of(tool)->workspace;
}

/* --- events --- */

HilumToolEvent hilum_tool_event_at(HilumWorkspace *workspace, HilumToolEventType type, HilumSlicePlane plane,
                                   double x_px, double y_px, int width_px, int height_px, unsigned modifiers)
{
  HilumToolEvent e = {.type = type,
                      .plane = plane,
                      .x_px = x_px,
                      .y_px = y_px,
                      .width_px = width_px,
                      .height_px = height_px,
                      .modifiers = modifiers};
  HilumLabelMap *labels = hilum_workspace_get_labels(workspace);
  if (plane < HILUM_SLICE_PLANES) {
    const HilumSliceState *slice = hilum_workspace_get_slice(workspace, plane);
    e.point_mm = hilum_slice_state_widget_to_mm(slice, x_px, y_px);
    e.normal = hilum_slice_state_normal(slice);
    e.inside = true;
  } else {
    HilumRay ray = hilum_camera_ray(hilum_workspace_get_camera(workspace), x_px, y_px, width_px, height_px);
    HilumPick pick;
    e.normal = hilum_vec3_scale(ray.dir, -1);
    e.inside =
        hilum_workspace_pick(workspace, ray, 0.6, &pick) || hilum_workspace_pick(workspace, ray, 0, &pick);
    /* Half a voxel below the surface lies the structure that was clicked, not its neighbour. */
    if (e.inside) {
      const HilumGrid *g = labels ? hilum_label_map_get_grid(labels) : NULL;
      double depth = g ? 0.5 * MIN(g->spacing_mm[0], MIN(g->spacing_mm[1], g->spacing_mm[2])) : 0;
      e.point_mm = hilum_vec3_madd(pick.point_mm, -depth, pick.normal);
    }
  }
  if (e.inside && labels) {
    const HilumGrid *grid = hilum_label_map_get_grid(labels);
    e.voxel = hilum_grid_voxel_at_mm(grid, e.point_mm);
    e.inside = hilum_grid_contains(grid, e.voxel);
  }
  return e;
}

/* Ctrl+click takes the structure under the pointer, whatever the tool. */
static bool take_structure(HilumTool *tool, const HilumToolEvent *event)
{
  HilumWorkspace *workspace = private_of(tool)->workspace;
  HilumLabelMap *labels = hilum_workspace_get_labels(workspace);
  if (!labels || !event->inside) return true;
  uint8_t label = hilum_label_map_get(labels, event->voxel);
  if (label) hilum_workspace_set_active(workspace, label);
  return true;
}

bool hilum_tool_handle(HilumTool *tool, const HilumToolEvent *event)
{
  if (event->type == HILUM_TOOL_PRESS && event->modifiers & HILUM_MODIFIER_CONTROL)
    return take_structure(tool, event);
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  return klass->handle ? klass->handle(tool, event) : false;
}

void hilum_tool_apply(HilumTool *tool)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  if (klass->apply && private_of(tool)->can_apply) klass->apply(tool);
}

void hilum_tool_cancel(HilumTool *tool)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  private_of(tool)->generation++;
  hilum_tool_forget_requests(tool);
  if (klass->cancel) klass->cancel(tool);
}

bool hilum_tool_step_back(HilumTool *tool)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  return klass->step_back && klass->step_back(tool);
}

bool hilum_tool_has_own_steps(HilumTool *tool)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  return klass->has_own_steps && klass->has_own_steps(tool);
}

bool hilum_tool_back_out(HilumTool *tool)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  return klass->back_out && klass->back_out(tool);
}

bool hilum_tool_draws_in_3d(HilumTool *tool)
{
  return HILUM_TOOL_GET_CLASS(tool)->draws_in_3d;
}

bool hilum_tool_get_outline(HilumTool *tool, HilumSlicePlane plane, HilumToolOutline *outline)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  g_array_set_size(outline->points_px, 0);
  *outline = (HilumToolOutline){.points_px = outline->points_px};
  return klass->outline && klass->outline(tool, plane, outline);
}

void hilum_tool_get_strokes(HilumTool *tool, HilumSlicePlane plane, GArray *strokes)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  if (klass->strokes && plane < HILUM_SLICE_PLANES) klass->strokes(tool, plane, strokes);
}

void hilum_tool_workspace_changed(HilumTool *tool, unsigned changes)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  hilum_tool_badge_follow(tool, changes);
  if (klass->changed) klass->changed(tool, changes);
}

double hilum_tool_get_ring_mm(HilumTool *tool)
{
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  return klass->ring ? klass->ring(tool) : 0;
}

/* --- status --- */

void hilum_tool_set_status(HilumTool *tool, const char *format, ...)
{
  HilumToolPrivate *p = private_of(tool);
  va_list args;
  va_start(args, format);
  g_autofree char *status = g_strdup_vprintf(format, args);
  va_end(args);
  if (strcmp(status, p->status) == 0) return;
  g_free(p->status);
  p->status = g_steal_pointer(&status);
  g_object_notify_by_pspec(G_OBJECT(tool), properties[PROP_STATUS]);
}

/* Either of the two reasons that the badge shows. */
static void set_reason(HilumTool *tool, char **reason, const char *text)
{
  if (strcmp(*reason, text) == 0) return;
  g_free(*reason);
  *reason = g_strdup(text);
  g_object_notify_by_pspec(G_OBJECT(tool), properties[PROP_BADGE]);
  HilumWorkspace *workspace = private_of(tool)->workspace;
  if (workspace && hilum_workspace_get_tool(workspace) == tool) hilum_workspace_outline_changed(workspace);
}

void hilum_tool_set_badge(HilumTool *tool, const char *reason)
{
  set_reason(tool, &private_of(tool)->badge, reason);
}

void hilum_tool_set_obstacle(HilumTool *tool, const char *reason)
{
  set_reason(tool, &private_of(tool)->obstacle, reason);
}

const char *hilum_tool_get_obstacle(HilumTool *tool)
{
  return private_of(tool)->obstacle;
}

const char *hilum_tool_get_badge(HilumTool *tool)
{
  HilumToolPrivate *p = private_of(tool);
  return *p->obstacle ? p->obstacle : p->badge;
}

void hilum_tool_set_can_apply(HilumTool *tool, bool can_apply)
{
  HilumToolPrivate *p = private_of(tool);
  if (p->can_apply == can_apply) return;
  p->can_apply = can_apply;
  g_object_notify_by_pspec(G_OBJECT(tool), properties[PROP_CAN_APPLY]);
}

static void set_busy(HilumTool *tool, bool busy)
{
  HilumToolPrivate *p = private_of(tool);
  if (p->busy == busy) return;
  p->busy = busy;
  g_object_notify_by_pspec(G_OBJECT(tool), properties[PROP_BUSY]);
}

const char *hilum_tool_get_status(HilumTool *tool)
{
  return private_of(tool)->status;
}

bool hilum_tool_get_can_apply(HilumTool *tool)
{
  return private_of(tool)->can_apply;
}

bool hilum_tool_get_busy(HilumTool *tool)
{
  return private_of(tool)->busy;
}

void hilum_tool_fail(HilumTool *tool, const char *message)
{
  g_signal_emit(tool, signal_failed, 0, message);
}

char *hilum_tool_dup_title(HilumTool *tool, const char *verb)
{
  HilumWorkspace *workspace = private_of(tool)->workspace;
  const HilumStructureLook *look = hilum_workspace_get_look(workspace, hilum_workspace_get_active(workspace));
  return look->used ? g_strdup_printf("%s %s", verb, look->name) : g_strdup(verb);
}

void hilum_tool_format_ml(HilumTool *tool, uint64_t voxels, char out[48])
{
  HilumLabelMap *labels = hilum_workspace_get_labels(private_of(tool)->workspace);
  double ml = labels ? (double)voxels * hilum_grid_voxel_mm3(hilum_label_map_get_grid(labels)) / 1000 : 0;
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(number, sizeof number, "%.1f", ml);
  g_snprintf(out, 48, "%s ml", number);
}

/* --- jobs --- */

HilumToolJob *hilum_tool_job_new(HilumTool *tool, ToolWork work, const char *label_verb,
                                 const char *title_verb, bool final, HilumLabelMode mode)
{
  HilumToolPrivate *p = private_of(tool);
  HilumLabelMap *labels = hilum_workspace_get_labels(p->workspace);
  HilumVolume *volume = hilum_workspace_get_active_volume(p->workspace);
  HilumLabelWrite write = {0};
  g_autoptr(GError) error = NULL;
  if (final && !hilum_workspace_prepare_write(p->workspace, mode, &write, &error)) {
    hilum_tool_fail(tool, error->message);
    return NULL;
  }
  HilumToolJob *job = g_new0(HilumToolJob, 1);
  g_atomic_ref_count_init(&job->refs);
  job->tool = g_object_ref(tool);
  job->generation = p->generation;
  job->label = hilum_tool_dup_title(tool, label_verb);
  job->title = hilum_tool_dup_title(tool, title_verb);
  job->work = work;
  job->volume = volume ? hilum_volume_ref(volume) : NULL;
  job->phase = hilum_workspace_get_active_phase(p->workspace);
  job->labels = labels ? hilum_label_map_snapshot(labels) : NULL;
  job->structure = hilum_workspace_get_active(p->workspace);
  job->limits = hilum_workspace_get_limits(p->workspace);
  job->write_delta = final;
  job->write = write;
  return job;
}

const char *hilum_tool_job_get_label(const HilumToolJob *job)
{
  return job->label;
}

HilumToolJob *hilum_tool_job_ref(HilumToolJob *job)
{
  g_atomic_ref_count_inc(&job->refs);
  return job;
}

void hilum_tool_job_unref(gpointer data)
{
  HilumToolJob *job = data;
  if (!g_atomic_ref_count_dec(&job->refs)) return;
  g_clear_pointer(&job->volume, hilum_volume_unref);
  g_clear_pointer(&job->labels, hilum_label_snapshot_unref);
  g_object_unref(job->tool);
  if (job->free_extra) job->free_extra(job->extra);
  g_free(job->points);
  g_free(job->label);
  g_free(job->title);
  g_free(job);
}

void hilum_tool_submit(HilumTool *tool, HilumToolJob *job)
{
  ToolQueue *queue = &private_of(tool)->queue;
  g_return_if_fail(!queue->running);
  tool_queue_started(queue, job->write_delta);
  set_busy(tool, true);
  g_signal_emit(tool, signal_job, 0, job);
  hilum_tool_job_unref(job);
}

void hilum_tool_request(HilumTool *tool, bool final)
{
  if (tool_queue_request(&private_of(tool)->queue, final)) HILUM_TOOL_GET_CLASS(tool)->start(tool, final);
}

void hilum_tool_forget_requests(HilumTool *tool)
{
  tool_queue_forget(&private_of(tool)->queue);
}

bool hilum_tool_is_asked_again(HilumTool *tool)
{
  return private_of(tool)->queue.again;
}

bool hilum_tool_is_writing(HilumTool *tool)
{
  return private_of(tool)->queue.writes;
}

gpointer hilum_tool_job_work(gpointer job, const HilumProgress *progress, GError **error)
{
  return hilum_tool_work_run(job, progress, error);
}

void hilum_tool_job_free_result(gpointer result)
{
  hilum_tool_result_free(result);
}

bool hilum_tool_job_is_current(const HilumToolJob *job)
{
  return job->generation == private_of(job->tool)->generation;
}

void hilum_tool_job_done(HilumToolJob *job, gpointer data, const GError *error)
{
  ToolResult *result = data;
  HilumTool *tool = g_object_ref(job->tool);
  HilumToolPrivate *p = private_of(tool);
  HilumToolClass *klass = HILUM_TOOL_GET_CLASS(tool);
  bool current = hilum_tool_job_is_current(job);
  set_busy(tool, false);
  if (error && current && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    hilum_tool_fail(tool, error->message);
  if (result && current && job->write_delta) {
    g_autoptr(GError) failure = NULL;
    bool written = klass->commit ? klass->commit(tool, job, result->delta, &failure)
                                 : hilum_workspace_commit_found(p->workspace, job->title, result->delta,
                                                                &job->write, &result->made, &failure);
    if (!written) hilum_tool_fail(tool, failure->message);
  }
  job->result = current ? result : NULL;
  if (klass->previewed) klass->previewed(tool, job);
  job->result = NULL;
  hilum_tool_result_free(result);
  const ToolNext next = tool_queue_finished(&p->queue);
  if (next != TOOL_NEXT_NOTHING && hilum_workspace_get_tool(p->workspace) == tool)
    hilum_tool_request(tool, next == TOOL_NEXT_APPLY);
  g_object_unref(tool);
}

void hilum_tool_job_run(HilumToolJob *job)
{
  g_autoptr(GError) error = NULL;
  gpointer result = hilum_tool_job_work(job, NULL, &error);
  hilum_tool_job_done(job, result, error);
}
