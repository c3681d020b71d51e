/* Models cut open. */
#include "cuts.h"

#include "hilum/base/job.h"
#include "hilum/view/caps.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  HilumCuts *owner;
  HilumCutter cutter;
  HilumMesh *meshes[HILUM_LABEL_COUNT]; /* referenced; of what is shown */
  uint64_t serials[HILUM_LABEL_COUNT];  /* theirs */
} Request;

struct _HilumCuts {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumJob *running; /* referenced */
  /* What the workspace's cut was made of. */
  bool made;
  HilumCutter cutter;
  uint64_t serials[HILUM_LABEL_COUNT];
};

G_DEFINE_FINAL_TYPE(HilumCuts, hilum_cuts, G_TYPE_OBJECT)

static void look(HilumCuts *self);

static void request_free(gpointer data)
{
  Request *request = data;
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    g_clear_pointer(&request->meshes[l], hilum_mesh_unref);
  g_object_unref(request->owner);
  g_free(request);
}

/* Worker thread. */
static gpointer make_caps(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *request = data;
  return hilum_caps_new(request->meshes, &request->cutter, progress, error);
}

static void caps_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Request *request = user_data;
  HilumCuts *self = request->owner;
  HilumCaps *caps = result;
  const bool latest = self->running == job;
  if (latest) g_clear_object(&self->running);
  if (caps && latest && self->workspace) {
    self->made = true;
    self->cutter = request->cutter;
    memcpy(self->serials, request->serials, sizeof self->serials);
    hilum_workspace_set_cut(self->workspace, &request->cutter, caps);
  }
  if (caps) hilum_caps_free(caps);
  if (latest && self->workspace && !error) look(self);
}

/* Starts a job if the cut is not the one that is wanted. */
static void look(HilumCuts *self)
{
  HilumCutter wanted;
  if (!hilum_workspace_get_wanted_cut(self->workspace, &wanted)) {
    if (self->running) hilum_job_cancel(self->running);
    g_clear_object(&self->running);
    self->made = false;
    return;
  }
  if (self->running) return;
  uint64_t serials[HILUM_LABEL_COUNT] = {0};
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (hilum_workspace_is_shown(self->workspace, (uint8_t)l) &&
        hilum_workspace_get_mesh(self->workspace, (uint8_t)l))
      serials[l] = hilum_workspace_get_mesh_serial(self->workspace, (uint8_t)l);
  if (self->made && hilum_cutter_equal(&wanted, &self->cutter) &&
      memcmp(serials, self->serials, sizeof serials) == 0)
    return;
  Request *request = g_new0(Request, 1);
  request->owner = g_object_ref(self);
  request->cutter = wanted;
  memcpy(request->serials, serials, sizeof serials);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (serials[l])
      request->meshes[l] = hilum_mesh_ref(hilum_workspace_get_mesh(self->workspace, (uint8_t)l));
  self->running = g_object_ref(hilum_job_start(_("Cutting surfaces"), make_caps, request, request_free,
                                               (GDestroyNotify)hilum_caps_free, caps_done, request));
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumCuts *self)
{
  const unsigned concerned = HILUM_CHANGE_CASE | HILUM_CHANGE_MESHES | HILUM_CHANGE_STRUCTURES |
                             HILUM_CHANGE_CLIP | HILUM_CHANGE_AXIAL | HILUM_CHANGE_SAGITTAL |
                             HILUM_CHANGE_CORONAL;
  if (changes & concerned) look(self);
}

static void hilum_cuts_dispose(GObject *object)
{
  HilumCuts *self = HILUM_CUTS(object);
  if (self->running) hilum_job_cancel(self->running);
  g_clear_object(&self->running);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_cuts_parent_class)->dispose(object);
}

static void hilum_cuts_class_init(HilumCutsClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_cuts_dispose;
}

static void hilum_cuts_init(HilumCuts *self) {}

HilumCuts *hilum_cuts_new(HilumWorkspace *workspace)
{
  HilumCuts *self = g_object_new(HILUM_TYPE_CUTS, NULL);
  self->workspace = g_object_ref(workspace);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  return self;
}
