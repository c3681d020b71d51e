/* The tools of one window. */
#include "toolbox.h"

#include "hilum/casefile/boundaries.h"

#include "hilum/casefile/case.h"
#include "hilum/casefile/error.h"
#include "hilum/segment/joint_smooth.h"
#include "tool_table.h"

#include <glib/gi18n.h>
#include <string.h>

struct _HilumToolbox {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  HilumTool **tools; /* of the tool table; made when first taken */
  int chosen;        /* index, -1: none */
  guint running;
};

enum { CHANGED, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumToolbox, hilum_toolbox, G_TYPE_OBJECT)

static void emit_failed(HilumToolbox *self, const char *sentence)
{
  g_signal_emit(self, signals[FAILED], 0, sentence);
}

static void emit_changed(HilumToolbox *self)
{
  g_signal_emit(self, signals[CHANGED], 0);
}

/* --- jobs of tools --- */

typedef struct {
  HilumToolbox *self;
  HilumToolJob *job;
} ToolRun;

static void tool_run_free(gpointer data)
{
  ToolRun *run = data;
  hilum_tool_job_unref(run->job);
  g_object_unref(run->self);
  g_free(run);
}

static gpointer tool_run_work(gpointer data, const HilumProgress *progress, GError **error)
{
  return hilum_tool_job_work(((ToolRun *)data)->job, progress, error);
}

static void tool_run_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  ToolRun *run = user_data;
  run->self->running--;
  hilum_tool_job_done(run->job, result, error);
  emit_changed(run->self);
}

static void tool_wants_job(HilumTool *tool, HilumToolJob *job, HilumToolbox *self)
{
  ToolRun *run = g_new0(ToolRun, 1);
  run->self = g_object_ref(self);
  run->job = hilum_tool_job_ref(job);
  self->running++;
  hilum_job_list_start(self->jobs, false, hilum_tool_job_get_label(job), tool_run_work, run, tool_run_free,
                       hilum_tool_job_free_result, tool_run_done, run);
}

static void tool_failed(HilumTool *tool, const char *sentence, HilumToolbox *self)
{
  emit_failed(self, sentence);
}

/* --- the tool in hand --- */

static HilumTool *make_tool(HilumToolbox *self, int index)
{
  const HilumToolEntry *entry = hilum_tool_table_get((size_t)index);
  HilumTool *tool = hilum_tool_new(self->workspace, (HilumToolKind)entry->kind);
  if (entry->prepare) entry->prepare(tool);
  g_signal_connect(tool, "job", G_CALLBACK(tool_wants_job), self);
  g_signal_connect(tool, "failed", G_CALLBACK(tool_failed), self);
  g_signal_connect_swapped(tool, "notify", G_CALLBACK(emit_changed), self);
  return tool;
}

bool hilum_toolbox_choose(HilumToolbox *self, const char *id)
{
  int chosen = hilum_tool_table_find(id);
  if (chosen < 0 && *id) return false;
  if (chosen == self->chosen) return true;
  self->chosen = chosen;
  HilumTool *tool = NULL;
  if (chosen >= 0 && hilum_tool_table_get((size_t)chosen)->kind >= 0) {
    if (!self->tools[chosen]) self->tools[chosen] = make_tool(self, chosen);
    tool = self->tools[chosen];
  }
  hilum_workspace_set_tool(self->workspace, tool);
  emit_changed(self);
  return true;
}

const char *hilum_toolbox_get_id(HilumToolbox *self)
{
  return self->chosen < 0 ? "" : hilum_tool_table_get((size_t)self->chosen)->id;
}

HilumTool *hilum_toolbox_get_tool(HilumToolbox *self)
{
  return self->chosen < 0 ? NULL : self->tools[self->chosen];
}

bool hilum_toolbox_is_busy(HilumToolbox *self)
{
  return self->running > 0;
}

void hilum_toolbox_reset(HilumToolbox *self)
{
  hilum_toolbox_choose(self, "");
  for (size_t n = 0; n < hilum_tool_table_get_count(); n++) {
    if (!self->tools[n]) continue;
    g_signal_handlers_disconnect_by_data(self->tools[n], self);
    g_clear_object(&self->tools[n]);
  }
}

/* --- single steps --- */

typedef struct {
  HilumToolbox *self;
  HilumCase *the_case;
  HilumStep step;
  char *title;
  HilumVolume **volumes;
  size_t n_volumes;
  HilumLabelSnapshot *labels;
  HilumLabelWrite write;
  HilumEditLimits limits;
  uint8_t other;   /* label of step.name */
  double joint_mm; /* above 0: structures of `joint` are smoothed together, in place of the step */
  uint8_t joint[HILUM_LABEL_COUNT];
  size_t phase;   /* that the volume is of */
  HilumMade made; /* by the job */
} StepRun;

static void step_run_free(gpointer data)
{
  StepRun *run = data;
  for (size_t n = 0; n < run->n_volumes; n++)
    hilum_volume_unref(run->volumes[n]);
  g_free(run->volumes);
  g_clear_pointer(&run->labels, hilum_label_snapshot_unref);
  hilum_step_clear(&run->step);
  g_free(run->title);
  g_clear_object(&run->the_case);
  g_clear_object(&run->self);
  g_free(run);
}

static uint8_t find_label(const char *name, void *data)
{
  return ((const StepRun *)data)->other;
}

static HilumVolume *step_volume(const StepRun *run)
{
  return run->n_volumes ? run->volumes[0] : NULL;
}

/* Worker thread. */
static HilumLabelDelta *joint_work(StepRun *run, const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumLabelSnapshot) smooth =
      hilum_labels_smooth_jointly(run->labels, run->joint, run->joint_mm, progress, error);
  if (!smooth) return NULL;
  g_autoptr(HilumLabelSnapshot) after =
      hilum_edit_limits_apply_labels(&run->limits, step_volume(run), run->labels, smooth, error);
  return after ? hilum_label_delta_new_from_snapshots(run->labels, after, error) : NULL;
}

/* Worker thread: the mask that the step makes, as a change of the labels. */
static gpointer step_work(gpointer data, const HilumProgress *progress, GError **error)
{
  StepRun *run = data;
  if (run->joint_mm > 0) return joint_work(run, progress, error);
  HilumStepContext context = {.volumes = run->volumes,
                              .n_volumes = run->n_volumes,
                              .labels = run->labels,
                              .label = run->write.label,
                              .find_label = find_label,
                              .find_data = run,
                              .made = &run->made};
  HilumProgress stepping = hilum_progress_part(progress, 0, 0.85, NULL);
  g_autoptr(HilumMask) mask = hilum_steps_run(&context, &run->step, 1, NULL, &stepping, error);
  if (!mask) return NULL;
  run->made.phase = run->phase;
  const int32_t *dims = mask->dims;
  const HilumVoxelBox all = {{0, 0, 0}, {dims[0], dims[1], dims[2]}};
  if (!hilum_edit_limits_apply_replacing(&run->limits, step_volume(run), run->labels, run->write.label, all,
                                         mask, NULL, error))
    return NULL;
  HilumProgress writing = hilum_progress_part(progress, 0.85, 1, NULL);
  return hilum_label_delta_new_from_mask(run->labels, mask, NULL, &run->write, &writing, error);
}

static void free_delta(gpointer data)
{
  hilum_label_delta_unref(data);
}

static void step_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  StepRun *run = user_data;
  HilumToolbox *self = run->self;
  g_autoptr(HilumLabelDelta) delta = result;
  g_autoptr(GError) failure = NULL;
  self->running--;
  if (error) {
    if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) emit_failed(self, error->message);
  } else if (delta && hilum_workspace_get_case(self->workspace) == run->the_case) {
    if (hilum_label_delta_is_empty(delta))
      emit_failed(self,
                  hilum_edit_limits_any(&run->limits)
                      ? _("Nothing changed: there was nothing for this step to do within the edit limits.")
                      : _("Nothing changed: there was nothing for this step to do."));
    else if (!hilum_case_apply_found_labels(run->the_case, run->title, delta, &run->write, &run->made,
                                            &failure))
      emit_failed(self, failure->message);
  }
  emit_changed(self);
}

static void step_take_inputs(StepRun *run)
{
  HilumWorkspace *workspace = run->self->workspace;
  run->limits = hilum_workspace_get_limits(workspace);
  run->labels = hilum_case_dup_labels(run->the_case);
  run->phase = hilum_workspace_get_active_phase(workspace);
  run->volumes = g_new0(HilumVolume *, 1);
  HilumVolume *volume = hilum_workspace_get_active_volume(workspace);
  if (volume) run->volumes[run->n_volumes++] = hilum_volume_ref(volume);
}

static bool step_prepare(StepRun *run, GError **error)
{
  HilumWorkspace *workspace = run->self->workspace;
  HilumStructure *structure = hilum_case_get_structure(run->the_case, hilum_workspace_get_active(workspace));
  if (!structure) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE,
                        _("Choose a structure first."));
    return false;
  }
  if (!hilum_case_prepare_write(run->the_case, structure, HILUM_LABEL_REPLACE, &run->write, error))
    return false;
  HilumStructure *other = run->step.name ? hilum_case_find_structure(run->the_case, run->step.name) : NULL;
  if (other) run->other = hilum_structure_get_label(other);
  return true;
}

static bool joint_prepare(StepRun *run, bool outer, GError **error)
{
  if (!hilum_workspace_prepare_clear(run->self->workspace, &run->write, error)) return false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    run->joint[l] = !run->write.locked[l];
  run->joint[0] = outer;
  return true;
}

static StepRun *step_run_new(HilumToolbox *self, const char *title)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  if (!the_case) {
    emit_failed(self, _("Open a study first."));
    return NULL;
  }
  StepRun *run = g_new0(StepRun, 1);
  run->self = g_object_ref(self);
  run->the_case = g_object_ref(the_case);
  run->title = g_strdup(title);
  return run;
}

/* Takes the run over. `ready`: it may start; else the error says why not. */
static void step_start(StepRun *run, bool ready, const GError *error)
{
  HilumToolbox *self = run->self;
  if (!ready) {
    emit_failed(self, error->message);
    step_run_free(run);
    return;
  }
  step_take_inputs(run);
  self->running++;
  hilum_job_list_start(self->jobs, false, run->title, step_work, run, step_run_free, free_delta, step_done,
                       run);
  emit_changed(self);
}

void hilum_toolbox_run_step(HilumToolbox *self, HilumStep *step, const char *title)
{
  g_autoptr(GError) error = NULL;
  StepRun *run = step_run_new(self, title);
  if (!run) {
    hilum_step_clear(step);
    return;
  }
  run->step = *step;
  *step = (HilumStep){0};
  step_start(run, step_prepare(run, &error), error);
}

void hilum_toolbox_smooth_jointly(HilumToolbox *self, double sigma_mm, bool outer)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *title = g_strdup_printf(_("Smooth structures together by %.1f mm"), sigma_mm);
  StepRun *run = step_run_new(self, title);
  if (!run) return;
  run->joint_mm = sigma_mm;
  step_start(run, joint_prepare(run, outer, &error), error);
}

/* --- life --- */

static void hilum_toolbox_dispose(GObject *object)
{
  HilumToolbox *self = HILUM_TOOLBOX(object);
  if (self->workspace) hilum_toolbox_reset(self);
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
  G_OBJECT_CLASS(hilum_toolbox_parent_class)->dispose(object);
}

static void hilum_toolbox_finalize(GObject *object)
{
  g_free(HILUM_TOOLBOX(object)->tools);
  G_OBJECT_CLASS(hilum_toolbox_parent_class)->finalize(object);
}

static void hilum_toolbox_class_init(HilumToolboxClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_toolbox_dispose;
  G_OBJECT_CLASS(klass)->finalize = hilum_toolbox_finalize;
  signals[CHANGED] =
      g_signal_new("changed", HILUM_TYPE_TOOLBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_TOOLBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void hilum_toolbox_init(HilumToolbox *self)
{
  self->chosen = -1;
  self->tools = g_new0(HilumTool *, hilum_tool_table_get_count());
}

HilumToolbox *hilum_toolbox_new(HilumWorkspace *workspace, HilumJobList *jobs)
{
  HilumToolbox *self = g_object_new(HILUM_TYPE_TOOLBOX, NULL);
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  return self;
}
