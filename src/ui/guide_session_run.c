/* The jobs of the guide: a stage, and what is left over. */
#include "guide_session_private.h"

#include <glib/gi18n.h>

typedef struct {
  HilumGuideSession *self;
  HilumCase *the_case;
  HilumGuideStage *stage;   /* either this */
  HilumGuidePlaces *places; /* or that */
  size_t index;
  guint generation;
} Run;

static void run_free(gpointer data)
{
  Run *run = data;
  hilum_guide_stage_free(run->stage);
  hilum_guide_places_free(run->places);
  g_object_unref(run->the_case);
  g_object_unref(run->self);
  g_free(run);
}

static Run *run_new(HilumGuideSession *self, HilumGuideStage *stage, HilumGuidePlaces *places)
{
  Run *run = g_new0(Run, 1);
  *run = (Run){g_object_ref(self),
               g_object_ref(hilum_workspace_get_case(self->workspace)),
               stage,
               places,
               self->state.stage,
               self->generation};
  return run;
}

/* The guide that began this is still led, on the same case. */
static bool run_ends(Run *run)
{
  HilumGuideSession *self = run->self;
  if (run->generation != self->generation) return false;
  g_clear_object(&self->job);
  return self->protocol && hilum_workspace_get_case(self->workspace) == run->the_case;
}

/* What a stage brings. */
typedef struct {
  HilumLabelDelta *delta;
  HilumMade made;
} Found;

static void found_free(gpointer data)
{
  Found *found = data;
  if (!found) return;
  hilum_label_delta_unref(found->delta);
  g_free(found);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Found, found_free)

static gpointer stage_work(gpointer data, const HilumProgress *progress, GError **error)
{
  g_autoptr(Found) found = g_new0(Found, 1);
  found->delta = hilum_guide_stage_run(((Run *)data)->stage, NULL, &found->made, progress, error);
  return found->delta ? g_steal_pointer(&found) : NULL;
}

/* No step is made of nothing. */
static void settle_same(const Run *run)
{
  HilumGuideSession *self = run->self;
  const HilumStage *stage = hilum_protocol_get_stage(self->protocol, run->index);
  HilumStructure *structure = hilum_case_find_structure(run->the_case, stage->structure);
  if (!structure || hilum_structure_get_voxels(structure) == 0) {
    hilum_guide_session_fail(self, _("Nothing was found there: move the point and apply again."));
    return;
  }
  self->moved[run->index] = false;
  self->same[run->index] = true;
  hilum_guide_session_progressed(self);
}

static void stage_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Run *run = user_data;
  HilumGuideSession *self = run->self;
  g_autoptr(Found) found = result;
  g_autoptr(GError) failure = NULL;
  if (!run_ends(run)) return;
  if (error) {
    if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      hilum_guide_session_fail(self, error->message);
  } else if (hilum_label_delta_is_empty(found->delta)) {
    settle_same(run);
  } else if (!hilum_guide_commit(run->the_case, run->stage, found->delta, &found->made, &failure)) {
    hilum_guide_session_fail(self, failure->message);
  } else {
    self->moved[run->index] = false;
    hilum_guide_session_progressed(self);
  }
  hilum_guide_session_changed(self);
}

static void start_stage(HilumGuideSession *self)
{
  g_autoptr(GError) error = NULL;
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  HilumGuideStage *stage = NULL;
  if (hilum_guide_add_structures(the_case, self->protocol, &error))
    stage = hilum_guide_prepare(the_case, self->protocol, self->state.stage, self->state.clicks_mm,
                                self->state.clicked, &error);
  if (!stage) {
    hilum_guide_session_fail(self, error->message);
    return;
  }
  g_autofree char *title = hilum_guide_dup_title(self->protocol, self->state.stage);
  g_autofree char *label = g_strdup_printf("%s…", title);
  Run *run = run_new(self, stage, NULL);
  self->job = g_object_ref(
      hilum_job_list_start(self->jobs, false, label, stage_work, run, run_free, found_free, stage_done, run));
}

static gpointer places_work(gpointer data, const HilumProgress *progress, GError **error)
{
  return hilum_guide_places_run(((Run *)data)->places, progress, error);
}

static void free_places(gpointer data)
{
  g_array_unref(data);
}

static void places_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Run *run = user_data;
  HilumGuideSession *self = run->self;
  g_autoptr(GArray) places = result;
  if (!run_ends(run)) return;
  if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    hilum_guide_session_fail(self, error->message);
  if (places) {
    g_clear_pointer(&self->places, g_array_unref);
    self->places = g_steal_pointer(&places);
    hilum_guide_session_progressed(self);
  }
  hilum_guide_session_changed(self);
}

static void start_places(HilumGuideSession *self)
{
  g_autoptr(GError) error = NULL;
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  HilumGuidePlaces *places = NULL;
  guint phase = 0;
  if (hilum_guide_find_phase(the_case, self->protocol, 0, &phase, &error))
    places = hilum_guide_places_new(the_case, hilum_protocol_get_stage(self->protocol, 0)->structure, phase,
                                    &error);
  if (!places) {
    hilum_guide_session_fail(self, error->message);
    return;
  }
  Run *run = run_new(self, NULL, places);
  self->job = g_object_ref(hilum_job_list_start(self->jobs, false, _("Looking for what is left over…"),
                                                places_work, run, run_free, free_places, places_done, run));
}

bool hilum_guide_session_can_apply(HilumGuideSession *self)
{
  if (!self->protocol || !hilum_workspace_get_case(self->workspace) || self->job) return false;
  const HilumStage *shown = hilum_guide_session_get_shown(self);
  return !shown || shown->click == HILUM_CLICK_NONE || self->state.clicked[self->state.stage];
}

void hilum_guide_session_apply(HilumGuideSession *self)
{
  if (!hilum_guide_session_can_apply(self)) return;
  if (hilum_guide_session_at_end(self))
    start_places(self);
  else
    start_stage(self);
  hilum_guide_session_changed(self);
}
