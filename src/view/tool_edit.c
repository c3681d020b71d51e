/* What the drawing tools share: may they write, the jobs of outlines, and why nothing happened. */
#include "tool_private.h"

#include "hilum/casefile/case.h"
#include "hilum/casefile/error.h"

#include <math.h>
#include <string.h>

/* --- obstacles --- */

static const HilumStructureLook *active_look(HilumTool *tool)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  return hilum_workspace_get_look(workspace, hilum_workspace_get_active(workspace));
}

char *hilum_tool_dup_obstacle(HilumWorkspace *workspace)
{
  if (!hilum_workspace_get_labels(workspace)) return g_strdup("There are no images: open a study first.");
  const uint8_t active = hilum_workspace_get_active(workspace);
  const HilumStructureLook *look = hilum_workspace_get_look(workspace, active);
  if (active == 0) return g_strdup("No structure is selected: choose or add one on the left.");
  if (look->locked) return g_strdup_printf("%s is locked: unlock it to change it.", look->name);
  if (!hilum_workspace_is_shown(workspace, active))
    return g_strdup_printf("%s is hidden: show it to see what you do.", look->name);
  return NULL;
}

/* Scissors that cut all structures need no active one. */
static char *dup_obstacle(HilumTool *tool)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  if (!hilum_tool_scissors_cut_all(tool) || !hilum_workspace_get_labels(workspace))
    return hilum_tool_dup_obstacle(workspace);
  HilumLabelWrite write;
  g_autoptr(GError) error = NULL;
  return hilum_workspace_prepare_clear(workspace, &write, &error) ? NULL : g_strdup(error->message);
}

void hilum_tool_refresh_badge(HilumTool *tool)
{
  if (!hilum_tool_get_workspace(tool)) return;
  g_autofree char *obstacle = HILUM_TOOL_GET_CLASS(tool)->writes ? dup_obstacle(tool) : NULL;
  hilum_tool_set_obstacle(tool, obstacle ? obstacle : "");
}

void hilum_tool_badge_follow(HilumTool *tool, unsigned changes)
{
  const unsigned matters = HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_STRUCTURES |
                           HILUM_CHANGE_ACTIVE | HILUM_CHANGE_TOOL | HILUM_CHANGE_LIMITS;
  if (!(changes & matters)) return;
  hilum_tool_set_badge(tool, "");
  hilum_tool_refresh_badge(tool);
}

bool hilum_tool_may_write(HilumTool *tool)
{
  hilum_tool_set_badge(tool, "");
  hilum_tool_refresh_badge(tool);
  const char *obstacle = hilum_tool_get_obstacle(tool);
  if (*obstacle) hilum_tool_fail(tool, obstacle);
  return *obstacle == 0;
}

static char *dup_limit(HilumTool *tool, const HilumEditRefused *refused)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  const HilumEditLimits limits = hilum_workspace_get_limits(workspace);
  if (refused->by_range == 0 && refused->by_structure == 0) return NULL;
  if (refused->by_structure > refused->by_range)
    return g_strdup_printf("Nothing changed: edits are limited to what lies %s %s.",
                           limits.where == HILUM_EDIT_INSIDE ? "inside" : "outside",
                           hilum_workspace_get_look(workspace, limits.other)->name);
  HilumVolume *volume = hilum_workspace_get_active_volume(workspace);
  if (!volume)
    return g_strdup(
        "Nothing changed: edits are limited to a range, and the images of this phase are missing.");
  char lo[G_ASCII_DTOSTR_BUF_SIZE], hi[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(lo, sizeof lo, "%.0f", limits.lo);
  g_ascii_formatd(hi, sizeof hi, "%.0f", limits.hi);
  return g_strdup_printf("Nothing changed: this lies outside the editable range %s to %s %s.", lo, hi,
                         hilum_volume_get_unit(volume));
}

void hilum_tool_explain_nothing(HilumTool *tool, const HilumEditRefused *refused, uint64_t voxels,
                                bool removing)
{
  const HilumStructureLook *look = active_look(tool);
  g_autofree char *reason = dup_limit(tool, refused);
  if (!reason && hilum_tool_scissors_cut_all(tool))
    reason = g_strdup("Nothing changed: there is no structure there that is shown and not locked.");
  else if (!reason && removing)
    reason = g_strdup_printf("Nothing changed: there is no voxel of %s there.", look->name);
  else if (!reason && voxels == 0)
    reason = g_strdup("Nothing changed: no voxel has its centre there.");
  else if (!reason)
    reason = g_strdup_printf("Nothing changed: what is there is %s already, or locked.", look->name);
  hilum_tool_set_badge(tool, reason);
}

/* --- brushes --- */

bool hilum_tool_resize(HilumTool *tool, double radius_mm, const HilumToolEvent *event)
{
  if (event->type != HILUM_TOOL_RESIZE) return false;
  g_object_set(tool, "radius-mm",
               CLAMP(radius_mm * exp(0.1 * event->scroll), TOOL_MIN_RADIUS_MM, TOOL_MAX_RADIUS_MM), NULL);
  return true;
}

/* --- jobs --- */

static void set_polygon(HilumToolJob *job, const HilumPolygon *polygon)
{
  job->points = g_memdup2(polygon->points, polygon->n * sizeof *polygon->points);
  job->cut.polygon = *polygon;
  job->cut.polygon.points = job->points;
}

HilumToolJob *hilum_tool_draw_job_new(HilumTool *tool, const HilumPolygon *polygon, int n_axis, int32_t slice,
                                      HilumDrawMode mode, const char *verb)
{
  static const HilumLabelMode MODES[] = {
      [HILUM_DRAW_ADD] = HILUM_LABEL_ADD,
      [HILUM_DRAW_ERASE] = HILUM_LABEL_REMOVE,
      [HILUM_DRAW_REPLACE] = HILUM_LABEL_REPLACE,
  };
  g_autofree char *title = g_strconcat(verb, mode == HILUM_DRAW_ERASE ? " erase" : "", NULL);
  HilumToolJob *job = hilum_tool_job_new(tool, TOOL_WORK_DRAW, "Drawing", title, true, MODES[mode]);
  if (!job) return NULL;
  set_polygon(job, polygon);
  job->n_axis = n_axis;
  job->slice = slice;
  return job;
}

void hilum_tool_draw_job_report(HilumTool *tool, const HilumToolJob *job)
{
  const ToolResult *result = job->result;
  if (!result) return;
  const bool removing = job->write.mode == HILUM_LABEL_REMOVE;
  const uint64_t changed = hilum_label_delta_get_changed(result->delta);
  char ml[48];
  hilum_tool_format_ml(tool, changed, ml);
  hilum_tool_set_status(tool,
                        job->write.mode == HILUM_LABEL_REPLACE ? "%s changed"
                        : removing                             ? "%s erased"
                                                               : "%s added",
                        ml);
  if (changed == 0) hilum_tool_explain_nothing(tool, &result->refused, result->voxels, removing);
}

static bool set_targets(HilumTool *tool, HilumToolJob *job, bool all, GError **error)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  if (!all) {
    job->targets[job->structure] = job->structure != 0;
    return hilum_workspace_prepare_write(workspace, HILUM_LABEL_REMOVE, &job->write, error);
  }
  if (!hilum_workspace_prepare_clear(workspace, &job->write, error)) return false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    job->targets[l] = !job->write.locked[l];
  return true;
}

HilumToolJob *hilum_tool_cut_job_new(HilumTool *tool, const HilumScissors *cut, bool all, bool final)
{
  HilumToolJob *job = hilum_tool_job_new(tool, TOOL_WORK_CUT, "Cutting", "Cut", false, HILUM_LABEL_REMOVE);
  g_autoptr(GError) error = NULL;
  if (!job) return NULL;
  if (!set_targets(tool, job, all, &error)) {
    hilum_tool_fail(tool, error->message);
    hilum_tool_job_unref(job);
    return NULL;
  }
  if (all) {
    g_free(job->title);
    job->title = g_strdup("Cut structures");
  }
  job->cut = *cut;
  set_polygon(job, &cut->polygon);
  job->write_delta = final;
  return job;
}

/* --- several structures at once --- */

void hilum_tool_find_locked(HilumTool *tool, uint8_t locked[HILUM_LABEL_COUNT])
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  for (int l = 0; l < HILUM_LABEL_COUNT; l++) {
    const HilumStructureLook *look = hilum_workspace_get_look(workspace, (uint8_t)l);
    locked[l] = l > 0 && look->used && look->locked;
  }
}

HilumToolJob *hilum_tool_relabel_job_new(HilumTool *tool, const char *label, const char *title, bool final)
{
  HilumToolJob *job = hilum_tool_job_new(tool, TOOL_WORK_RELABEL, label, title, false, HILUM_LABEL_REPLACE);
  if (!job) return NULL;
  g_free(job->label);
  g_free(job->title);
  job->label = g_strdup(label);
  job->title = g_strdup(title);
  hilum_tool_find_locked(tool, job->write.locked);
  job->write_delta = final;
  return job;
}

/* --- a part that becomes a structure of its own --- */

bool hilum_tool_write_into_new(HilumTool *tool, HilumToolJob *job)
{
  HilumCase *the_case = hilum_workspace_get_case(hilum_tool_get_workspace(tool));
  job->write.label = the_case ? hilum_case_get_free_label(the_case) : 0;
  job->write.mode = HILUM_LABEL_ADD;
  if (job->write.label == 0) hilum_tool_fail(tool, "There is no room for another structure in this case.");
  return job->write.label != 0;
}

bool hilum_tool_commit_into_new(HilumTool *tool, HilumToolJob *job, HilumLabelDelta *delta, GError **error)
{
  HilumCase *the_case = hilum_workspace_get_case(hilum_tool_get_workspace(tool));
  HilumHistory *history = hilum_case_get_history(the_case);
  HilumStructure *from = hilum_case_get_structure(the_case, job->structure);
  if (!from || hilum_case_get_free_label(the_case) != job->write.label) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STALE,
                        "The structures changed while this step was computed; do it again.");
    return false;
  }
  hilum_history_begin_group(history, job->title);
  bool done = hilum_case_add_structure(the_case, hilum_structure_get_kind(from), NULL, error) &&
              hilum_case_apply_labels(the_case, job->title, delta, error);
  if (done)
    hilum_history_end_group(history);
  else
    hilum_history_abort_group(history);
  return done;
}
