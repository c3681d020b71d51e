/* Distances between surfaces. */
#include "gaps.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  HilumGaps *owner;
  HilumMesh *from;
  HilumMesh *others[HILUM_LABEL_COUNT]; /* referenced; NULL: not asked */
  int n;
} Request;

typedef struct {
  bool known[HILUM_LABEL_COUNT];
  HilumSurfaceGap gap[HILUM_LABEL_COUNT];
} Answer;

struct _HilumGaps {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  HilumJob *running; /* referenced */
  uint8_t from;
  uint64_t serials[HILUM_LABEL_COUNT]; /* of the surfaces that were asked about; 0: none */
  Answer answer;
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumGaps, hilum_gaps, G_TYPE_OBJECT)

static void request_free(gpointer data)
{
  Request *request = data;
  hilum_mesh_unref(request->from);
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    g_clear_pointer(&request->others[l], hilum_mesh_unref);
  g_object_unref(request->owner);
  g_free(request);
}

/* Worker thread. */
static gpointer measure(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *request = data;
  g_autofree Answer *answer = g_new0(Answer, 1);
  int done = 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    if (!request->others[l]) continue;
    const HilumProgress part =
        hilum_progress_part(progress, (double)done / request->n, (done + 1.0) / request->n, NULL);
    if (!hilum_mesh_gap(request->from, request->others[l], &answer->gap[l], &part, error)) return NULL;
    answer->known[l] = true;
    done++;
  }
  return g_steal_pointer(&answer);
}

static void measured(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  HilumGaps *self = ((Request *)user_data)->owner;
  const bool latest = self->running == job;
  if (latest) g_clear_object(&self->running);
  if (result && latest && self->workspace) {
    self->answer = *(Answer *)result;
    g_signal_emit(self, signals[CHANGED], 0);
  }
  g_free(result);
}

static void stop(HilumGaps *self)
{
  if (self->running) hilum_job_cancel(self->running);
  g_clear_object(&self->running);
}

/* Which surfaces there are, by serial; how many besides the one asked from. */
static int list_surfaces(HilumGaps *self, uint64_t serials[HILUM_LABEL_COUNT])
{
  int n = 0;
  memset(serials, 0, HILUM_LABEL_COUNT * sizeof *serials);
  if (!self->from || !hilum_workspace_get_mesh(self->workspace, self->from)) return 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    HilumMesh *mesh = hilum_workspace_get_mesh(self->workspace, (uint8_t)l);
    if (!mesh || hilum_mesh_get_triangle_count(mesh) == 0) continue;
    serials[l] = hilum_workspace_get_mesh_serial(self->workspace, (uint8_t)l);
    n += l != self->from;
  }
  return serials[self->from] ? n : 0;
}

/* Asks anew if the surfaces are not those that were asked about. */
static void look(HilumGaps *self, bool anew)
{
  uint64_t serials[HILUM_LABEL_COUNT];
  const int n = list_surfaces(self, serials);
  if (!anew && memcmp(serials, self->serials, sizeof serials) == 0) return;
  stop(self);
  memcpy(self->serials, serials, sizeof serials);
  memset(self->answer.known, 0, sizeof self->answer.known);
  g_signal_emit(self, signals[CHANGED], 0);
  if (n == 0) return;
  Request *request = g_new0(Request, 1);
  request->owner = g_object_ref(self);
  request->from = hilum_mesh_ref(hilum_workspace_get_mesh(self->workspace, self->from));
  request->n = n;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (serials[l] && l != self->from)
      request->others[l] = hilum_mesh_ref(hilum_workspace_get_mesh(self->workspace, (uint8_t)l));
  self->running = g_object_ref(hilum_job_list_start(self->jobs, true, _("Measuring distances…"), measure,
                                                    request, request_free, g_free, measured, request));
}

void hilum_gaps_set_from(HilumGaps *self, uint8_t label)
{
  if (self->from == label) return;
  self->from = label;
  look(self, true);
}

bool hilum_gaps_get(HilumGaps *self, uint8_t other, HilumSurfaceGap *gap)
{
  *gap = self->answer.gap[other];
  return self->answer.known[other];
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumGaps *self)
{
  if (self->from && changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_MESHES)) look(self, false);
}

static void hilum_gaps_dispose(GObject *object)
{
  HilumGaps *self = HILUM_GAPS(object);
  stop(self);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
  G_OBJECT_CLASS(hilum_gaps_parent_class)->dispose(object);
}

static void hilum_gaps_class_init(HilumGapsClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_gaps_dispose;
  signals[CHANGED] =
      g_signal_new("changed", HILUM_TYPE_GAPS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void hilum_gaps_init(HilumGaps *self) {}

HilumGaps *hilum_gaps_new(HilumWorkspace *workspace, HilumJobList *jobs)
{
  HilumGaps *self = g_object_new(HILUM_TYPE_GAPS, NULL);
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  return self;
}
