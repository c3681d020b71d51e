/* Values for surfaces that are coloured by numbers. */
#include "colorings.h"

#include "hilum/base/memory.h"
#include "hilum/mesh/surface.h"

#include <glib/gi18n.h>

typedef struct {
  HilumColorings *owner;
  HilumMesh *mesh;
  HilumLabelSnapshot *labels;
  HilumColoring coloring;
  uint8_t label;
} Request;

struct _HilumColorings {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  HilumJob *running;      /* referenced */
  const Request *request; /* of the job that runs; the job's */
};

static guint signal_failed;

G_DEFINE_FINAL_TYPE(HilumColorings, hilum_colorings, G_TYPE_OBJECT)

static void request_free(gpointer data)
{
  Request *request = data;
  hilum_mesh_unref(request->mesh);
  hilum_label_snapshot_unref(request->labels);
  g_object_unref(request->owner);
  g_free(request);
}

/* Worker thread. */
static gpointer make_values(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *r = data;
  return hilum_surface_values_new(r->labels, r->label, r->mesh, r->coloring == HILUM_COLORING_THICKNESS,
                                  progress, error);
}

static void look(HilumColorings *self);

static void values_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Request *request = user_data;
  HilumColorings *self = request->owner;
  const bool latest = self->running == job;
  if (latest) {
    g_clear_object(&self->running);
    self->request = NULL;
  }
  if (result && self->workspace)
    hilum_workspace_set_values(self->workspace, request->label, request->mesh, request->coloring, result);
  else
    hilum_big_free(result);
  if (!latest || !self->workspace) return;
  if (error) hilum_workspace_set_coloring(self->workspace, request->label, HILUM_COLORING_OWN);
  if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit(self, signal_failed, 0, error->message);
  look(self);
}

static void start_job(HilumColorings *self, uint8_t label)
{
  Request *request = g_new0(Request, 1);
  request->owner = g_object_ref(self);
  request->mesh = hilum_mesh_ref(hilum_workspace_get_mesh(self->workspace, label));
  request->labels = hilum_label_map_snapshot(hilum_workspace_get_labels(self->workspace));
  request->coloring = hilum_workspace_get_coloring(self->workspace, label);
  request->label = label;
  self->request = request;
  self->running =
      g_object_ref(hilum_job_list_start(self->jobs, false, _("Measuring the surface…"), make_values, request,
                                        request_free, hilum_big_free, values_done, request));
}

/* Ends what nobody wants any more and starts what is missing. */
static void look(HilumColorings *self)
{
  const Request *r = self->request;
  if (r && (hilum_workspace_get_mesh(self->workspace, r->label) != r->mesh ||
            hilum_workspace_get_coloring(self->workspace, r->label) != r->coloring)) {
    hilum_job_cancel(self->running);
    g_clear_object(&self->running);
    self->request = NULL;
  }
  for (int label = 1; label < HILUM_LABEL_COUNT && !self->running; label++)
    if (hilum_workspace_needs_values(self->workspace, (uint8_t)label) &&
        hilum_workspace_get_labels(self->workspace))
      start_job(self, (uint8_t)label);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumColorings *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_MESHES | HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_COLORING))
    look(self);
}

static void hilum_colorings_dispose(GObject *object)
{
  HilumColorings *self = HILUM_COLORINGS(object);
  if (self->running) hilum_job_cancel(self->running);
  g_clear_object(&self->running);
  self->request = NULL;
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
  G_OBJECT_CLASS(hilum_colorings_parent_class)->dispose(object);
}

static void hilum_colorings_class_init(HilumColoringsClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_colorings_dispose;
  signal_failed = g_signal_new("failed", HILUM_TYPE_COLORINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void hilum_colorings_init(HilumColorings *self) {}

HilumColorings *hilum_colorings_new(HilumWorkspace *workspace, HilumJobList *jobs)
{
  HilumColorings *self = g_object_new(HILUM_TYPE_COLORINGS, NULL);
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  return self;
}
