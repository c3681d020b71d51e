/* Verdicts on the surfaces of a case. */
#include "surface_checks.h"

#include "hilum/mesh/surface.h"

#include <glib/gi18n.h>
#include <string.h>

/* What a verdict is about: a surface on screen, or that of a state of the labels. */
typedef struct {
  HilumMesh *mesh;       /* referenced; NULL: of the labels */
  uint64_t label_serial; /* if there is no mesh */
  uint64_t set_serial;   /* which union; 0: of a structure */
  int smoothing;         /* if there is no mesh */
} Subject;

typedef struct {
  Subject subject;
  HilumMesh *made; /* of a hidden structure or a union, until all is known of it; or NULL */
  HilumSurfaceCheck check;
  bool stopped;
} Verdict;

typedef struct {
  HilumSurfaceChecks *owner;
  HilumMesh *mesh; /* NULL: to be made first */
  HilumLabelSnapshot *labels;
  HilumSurfaceRange *ranges; /* what places it */
  int smoothing;
  HilumSurfaceCheck check;        /* as it is known so far */
  uint8_t label;                  /* 0: of `set` */
  uint8_t set[HILUM_LABEL_COUNT]; /* as hilum_surface_union_new() */
} Request;

typedef struct {
  HilumMesh *mesh;
  HilumSurfaceCheck check;
} Outcome;

struct _HilumSurfaceChecks {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumSurfaces *surfaces;
  HilumJobList *jobs;
  bool wanted[HILUM_CHECKS_ASKERS][HILUM_LABEL_COUNT];
  uint8_t set[HILUM_LABEL_COUNT]; /* of the union */
  bool wants_union;
  uint64_t set_serial;
  Verdict *verdicts; /* by label: too much for an instance */
  HilumJob *running; /* referenced */
  uint8_t label;     /* that it is for */
};

enum { CHANGED, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumSurfaceChecks, hilum_surface_checks, G_TYPE_OBJECT)

static void request_free(gpointer data)
{
  Request *request = data;
  g_clear_pointer(&request->mesh, hilum_mesh_unref);
  hilum_label_snapshot_unref(request->labels);
  hilum_surface_ranges_free(request->ranges);
  g_object_unref(request->owner);
  g_free(request);
}

static void outcome_free(gpointer data)
{
  Outcome *outcome = data;
  g_clear_pointer(&outcome->mesh, hilum_mesh_unref);
  g_free(outcome);
}

static void verdict_clear(Verdict *verdict)
{
  g_clear_pointer(&verdict->subject.mesh, hilum_mesh_unref);
  g_clear_pointer(&verdict->made, hilum_mesh_unref);
  *verdict = (Verdict){.stopped = false};
}

/* Worker thread. */
static HilumMesh *make_surface(const Request *request, const HilumProgress *progress, GError **error)
{
  if (request->mesh) return hilum_mesh_ref(request->mesh);
  if (request->label == 0)
    return hilum_surface_union_new(request->labels, request->set, request->smoothing, progress, error);
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  wanted[request->label] = 1;
  g_autoptr(HilumJoint) joint = hilum_surface_joint_new_grey(request->labels, wanted, request->ranges,
                                                             request->smoothing, progress, error);
  return joint ? hilum_joint_split(joint, request->label, error) : NULL;
}

/* Worker thread. */
static gpointer make_check(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *request = data;
  const HilumProgress parts[2] = {hilum_progress_part(progress, 0, request->mesh ? 0 : 0.7, NULL),
                                  hilum_progress_part(progress, request->mesh ? 0 : 0.7, 1, NULL)};
  Outcome *outcome = g_new0(Outcome, 1);
  outcome->check = request->check;
  outcome->mesh = make_surface(request, &parts[0], error);
  if (outcome->mesh && hilum_surface_check_deepen(&outcome->check, outcome->mesh, &parts[1], error))
    return outcome;
  outcome_free(outcome);
  return NULL;
}

/* --- what is known --- */

/* Borrowed. False while the surface is older than the labels. */
static bool find_subject(HilumSurfaceChecks *self, uint8_t label, Subject *subject)
{
  HilumLabelMap *labels = hilum_workspace_get_labels(self->workspace);
  *subject = (Subject){NULL, labels ? hilum_label_map_get_serial(labels) : 0,
                       label == 0 ? self->set_serial : 0, hilum_workspace_get_smoothing(self->workspace)};
  if (label == 0) return labels && self->wants_union;
  if (!labels || !hilum_workspace_is_shown(self->workspace, label)) return labels != NULL;
  subject->mesh = hilum_workspace_get_mesh(self->workspace, label);
  return subject->mesh && !hilum_surfaces_is_busy(self->surfaces);
}

static bool same_subject(const Subject *a, const Subject *b)
{
  return a->mesh == b->mesh && a->set_serial == b->set_serial &&
         (a->mesh || (a->label_serial == b->label_serial && a->smoothing == b->smoothing));
}

static bool is_wanted(HilumSurfaceChecks *self, uint8_t label)
{
  if (label == 0) return self->wants_union;
  for (int asker = 0; asker < HILUM_CHECKS_ASKERS; asker++)
    if (self->wanted[asker][label]) return true;
  return false;
}

/* Drops a verdict that is about another surface. */
static void refresh(HilumSurfaceChecks *self, uint8_t label, const Subject *subject)
{
  Verdict *verdict = &self->verdicts[label];
  if (same_subject(&verdict->subject, subject)) return;
  verdict_clear(verdict);
  verdict->subject = *subject;
  if (subject->mesh) hilum_mesh_ref(subject->mesh);
}

const HilumSurfaceCheck *hilum_surface_checks_get(HilumSurfaceChecks *self, uint8_t label)
{
  static const HilumSurfaceCheck unknown = {.depth = HILUM_SURFACE_UNKNOWN};
  Subject subject;
  const Verdict *verdict = &self->verdicts[label];
  if (!self->workspace || !find_subject(self, label, &subject)) return &unknown;
  return same_subject(&verdict->subject, &subject) ? &verdict->check : &unknown;
}

bool hilum_surface_checks_is_stopped(HilumSurfaceChecks *self, uint8_t label)
{
  return self->verdicts[label].stopped;
}

/* --- jobs --- */

static void look(HilumSurfaceChecks *self);

static void check_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Request *request = user_data;
  HilumSurfaceChecks *self = request->owner;
  Outcome *outcome = result;
  const bool latest = self->running == job;
  Verdict *verdict = &self->verdicts[request->label];
  if (latest) {
    g_clear_object(&self->running);
    if (outcome) {
      verdict->check = outcome->check;
      g_clear_pointer(&verdict->made, hilum_mesh_unref);
      if (!verdict->subject.mesh && verdict->check.depth < HILUM_SURFACE_CHECKED)
        verdict->made = g_steal_pointer(&outcome->mesh);
    }
    verdict->stopped = error != NULL;
    if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_signal_emit(self, signals[FAILED], 0, error->message);
    look(self);
    g_signal_emit(self, signals[CHANGED], 0);
  }
  if (outcome) outcome_free(outcome);
}

static void start_job(HilumSurfaceChecks *self, uint8_t label)
{
  const Verdict *verdict = &self->verdicts[label];
  HilumMesh *mesh = verdict->subject.mesh ? verdict->subject.mesh : verdict->made;
  Request *request = g_new0(Request, 1);
  request->owner = g_object_ref(self);
  request->mesh = mesh ? hilum_mesh_ref(mesh) : NULL;
  request->labels = hilum_label_map_snapshot(hilum_workspace_get_labels(self->workspace));
  request->ranges = hilum_workspace_dup_surface_ranges(self->workspace);
  request->smoothing = verdict->subject.smoothing;
  request->check = verdict->check;
  request->label = label;
  memcpy(request->set, self->set, sizeof request->set);
  self->label = label;
  self->running =
      g_object_ref(hilum_job_list_start(self->jobs, true, _("Measuring surfaces…"), make_check, request,
                                        request_free, outcome_free, check_done, request));
}

static void stop_job(HilumSurfaceChecks *self)
{
  if (self->running) hilum_job_cancel(self->running);
  g_clear_object(&self->running);
}

/* Ends what nobody wants any more, or what is about another surface by now, and starts what is missing. */
static void look(HilumSurfaceChecks *self)
{
  if (!self->workspace) return;
  Subject subject;
  if (self->running && (!is_wanted(self, self->label) || !find_subject(self, self->label, &subject) ||
                        !same_subject(&subject, &self->verdicts[self->label].subject)))
    stop_job(self);
  for (int depth = HILUM_SURFACE_UNKNOWN; depth < HILUM_SURFACE_CHECKED; depth++)
    for (int l = 0; l < HILUM_LABEL_COUNT && !self->running; l++) {
      const uint8_t label = (uint8_t)l;
      if (!is_wanted(self, label) || !find_subject(self, label, &subject)) continue;
      refresh(self, label, &subject);
      const Verdict *verdict = &self->verdicts[label];
      if ((int)verdict->check.depth == depth && !verdict->stopped) start_job(self, label);
    }
}

void hilum_surface_checks_want(HilumSurfaceChecks *self, HilumChecksAsker asker,
                               const bool wanted[HILUM_LABEL_COUNT])
{
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    const bool wants = wanted && wanted[label];
    if (wants && !self->wanted[asker][label]) self->verdicts[label].stopped = false;
    self->wanted[asker][label] = wants;
  }
  look(self);
}

void hilum_surface_checks_want_union(HilumSurfaceChecks *self, const bool set[HILUM_LABEL_COUNT])
{
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  for (int label = 1; set && label < HILUM_LABEL_COUNT; label++)
    wanted[label] = set[label];
  if (memcmp(self->set, wanted, sizeof wanted) == 0 && self->wants_union == (set != NULL)) return;
  memcpy(self->set, wanted, sizeof wanted);
  self->wants_union = set != NULL;
  self->set_serial++;
  look(self);
}

static void changed(HilumSurfaceChecks *self)
{
  look(self);
  g_signal_emit(self, signals[CHANGED], 0);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumSurfaceChecks *self)
{
  if (changes & HILUM_CHANGE_CASE) {
    stop_job(self);
    for (int label = 0; label < HILUM_LABEL_COUNT; label++)
      verdict_clear(&self->verdicts[label]);
  }
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_MESHES | HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_LABELS))
    changed(self);
}

static void hilum_surface_checks_dispose(GObject *object)
{
  HilumSurfaceChecks *self = HILUM_SURFACE_CHECKS(object);
  stop_job(self);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  if (self->surfaces) g_signal_handlers_disconnect_by_data(self->surfaces, self);
  for (int label = 0; label < HILUM_LABEL_COUNT; label++)
    verdict_clear(&self->verdicts[label]);
  g_clear_object(&self->workspace);
  g_clear_object(&self->surfaces);
  g_clear_object(&self->jobs);
  G_OBJECT_CLASS(hilum_surface_checks_parent_class)->dispose(object);
}

static void hilum_surface_checks_finalize(GObject *object)
{
  g_free(HILUM_SURFACE_CHECKS(object)->verdicts);
  G_OBJECT_CLASS(hilum_surface_checks_parent_class)->finalize(object);
}

static void hilum_surface_checks_class_init(HilumSurfaceChecksClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_surface_checks_dispose;
  G_OBJECT_CLASS(klass)->finalize = hilum_surface_checks_finalize;
  signals[CHANGED] = g_signal_new("changed", HILUM_TYPE_SURFACE_CHECKS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_SURFACE_CHECKS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void hilum_surface_checks_init(HilumSurfaceChecks *self)
{
  self->verdicts = g_new0(Verdict, HILUM_LABEL_COUNT);
}

HilumSurfaceChecks *hilum_surface_checks_new(HilumWorkspace *workspace, HilumSurfaces *surfaces,
                                             HilumJobList *jobs)
{
  HilumSurfaceChecks *self = g_object_new(HILUM_TYPE_SURFACE_CHECKS, NULL);
  self->workspace = g_object_ref(workspace);
  self->surfaces = g_object_ref(surfaces);
  self->jobs = g_object_ref(jobs);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  g_signal_connect_swapped(surfaces, "changed", G_CALLBACK(changed), self);
  return self;
}
