/* Surfaces that follow the labels. A short delay gathers the changes of a brush stroke, so that the surfaces
 * are made when the hand rests; which structures changed is read off the bricks that differ between the last
 * snapshot seen and the present one. One job makes them, and with them those that touch them, because they
 * share their boundary; a newer change supersedes it and takes over what it had to do. */
#include "surfaces.h"

#include "hilum/mesh/surface.h"
#include "hilum/view/picking.h"

#include <glib/gi18n.h>
#include <string.h>

enum { GATHER_MS = 120 };

typedef struct {
  HilumMesh *mesh;
  HilumBvh *bvh;
} Surface;

/* What one job carries. */
typedef struct {
  HilumSurfaces *owner;
  HilumLabelSnapshot *labels;
  uint8_t wanted[HILUM_LABEL_COUNT];
  guint generation;
} Request;

struct _HilumSurfaces {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  HilumLabelSnapshot *seen; /* the labels that `dirty` is relative to */
  guint gather_id;
  guint generation;               /* another case: results of older ones are dropped */
  bool dirty[HILUM_LABEL_COUNT];  /* to be made anew */
  bool making[HILUM_LABEL_COUNT]; /* by the job that runs */
  guint group[HILUM_LABEL_COUNT]; /* made together, last time: equal numbers; 0: not made */
  guint groups;
  HilumJob *running; /* referenced */
};

enum { CHANGED, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumSurfaces, hilum_surfaces, G_TYPE_OBJECT)

/* By label; of those that were not made, NULL. */
static void surfaces_free(gpointer data)
{
  Surface *surface = data;
  for (int label = 0; label < HILUM_LABEL_COUNT; label++) {
    g_clear_pointer(&surface[label].mesh, hilum_mesh_unref);
    g_clear_pointer(&surface[label].bvh, hilum_bvh_unref);
  }
  g_free(surface);
}

static void request_free(gpointer data)
{
  Request *request = data;
  hilum_label_snapshot_unref(request->labels);
  g_object_unref(request->owner);
  g_free(request);
}

/* Worker thread. */
static gpointer make_surfaces(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *request = data;
  HilumProgress extracting = hilum_progress_part(progress, 0, 0.7, NULL);
  g_autoptr(HilumJoint) joint =
      hilum_surface_joint_new(request->labels, request->wanted, HILUM_SURFACE_SMOOTHING, &extracting, error);
  if (!joint) return NULL;
  Surface *surface = g_new0(Surface, HILUM_LABEL_COUNT);
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    if (!hilum_joint_has(joint, (uint8_t)label)) continue;
    HilumProgress indexing = hilum_progress_part(progress, 0.7 + 0.3 * label / HILUM_LABEL_COUNT, 1, NULL);
    surface[label].mesh = hilum_joint_split(joint, (uint8_t)label, error);
    if (surface[label].mesh) surface[label].bvh = hilum_bvh_new(surface[label].mesh, &indexing, error);
    if (surface[label].bvh) continue;
    surfaces_free(surface);
    return NULL;
  }
  return surface;
}

static void surfaces_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Request *request = user_data;
  HilumSurfaces *self = request->owner;
  if (self->running == job) {
    g_clear_object(&self->running);
    memset(self->making, 0, sizeof self->making);
  }
  Surface *surface = result;
  if (surface) self->groups++;
  for (int label = 1; surface && request->generation == self->generation && label < HILUM_LABEL_COUNT;
       label++)
    if (surface[label].mesh && !self->dirty[label] && !self->making[label]) {
      self->group[label] = self->groups;
      hilum_workspace_set_mesh(self->workspace, (uint8_t)label, surface[label].mesh, surface[label].bvh,
                               hilum_label_snapshot_get_serial(request->labels));
    }
  if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit(self, signals[FAILED], 0, error->message);
  if (result) surfaces_free(result);
  g_signal_emit(self, signals[CHANGED], 0);
}

/* What touched a changed structure may not do so any more, and then has a boundary of its own again. */
static void add_former_neighbours(HilumSurfaces *self)
{
  bool dirty[HILUM_LABEL_COUNT];
  memcpy(dirty, self->dirty, sizeof dirty);
  for (int label = 1; label < HILUM_LABEL_COUNT; label++)
    for (int other = 1; other < HILUM_LABEL_COUNT && dirty[label] && self->group[label]; other++)
      if (self->group[other] == self->group[label]) self->dirty[other] = true;
}

static void start_job(HilumSurfaces *self)
{
  add_former_neighbours(self);
  Request *request = g_new0(Request, 1);
  bool any = false;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    if (!self->dirty[label] && !self->making[label]) continue;
    self->dirty[label] = self->making[label] = false;
    if (hilum_label_snapshot_count(self->seen, (uint8_t)label) == 0) {
      hilum_workspace_set_mesh(self->workspace, (uint8_t)label, NULL, NULL,
                               hilum_label_snapshot_get_serial(self->seen));
      continue;
    }
    self->making[label] = any = true;
    request->wanted[label] = 1;
  }
  if (self->running) {
    hilum_job_cancel(self->running);
    g_clear_object(&self->running);
  }
  request->owner = g_object_ref(self);
  request->labels = hilum_label_snapshot_ref(self->seen);
  request->generation = self->generation;
  if (any)
    self->running =
        g_object_ref(hilum_job_list_start(self->jobs, true, _("Updating surface…"), make_surfaces, request,
                                          request_free, surfaces_free, surfaces_done, request));
  else
    request_free(request);
}

/* Which structures gained or lost voxels in one brick; a NULL brick is uniform. */
static void compare_voxels(bool *dirty, const uint8_t *was, uint8_t was_uniform, const uint8_t *is,
                           uint8_t is_uniform)
{
  enum { BRICK_VOXELS = HILUM_BRICK_EDGE * HILUM_BRICK_EDGE * HILUM_BRICK_EDGE };
  for (int v = 0; v < BRICK_VOXELS; v++) {
    uint8_t a = was ? was[v] : was_uniform, b = is ? is[v] : is_uniform;
    if (a != b) dirty[a] = dirty[b] = true;
  }
}

/* Marks the structures whose voxels differ between two states of the same grid: exactly while few bricks do
 * (a stroke leaves the kidney under it alone), else all that the bricks hold, which costs a surface too many
 * but no time here. */
static void compare_bricks(HilumSurfaces *self, HilumLabelSnapshot *before, HilumLabelSnapshot *after)
{
  enum { EXACT_BRICKS = 96 };
  int32_t dims[3];
  int changed = 0;
  hilum_label_snapshot_brick_dims(after, dims);
  for (int32_t brick = 0; brick < dims[0] * dims[1] * dims[2]; brick++) {
    uint8_t was_uniform = 0, is_uniform = 0;
    const uint8_t *was = hilum_label_snapshot_get_brick(before, brick, &was_uniform);
    const uint8_t *is = hilum_label_snapshot_get_brick(after, brick, &is_uniform);
    if (was == is && (was || was_uniform == is_uniform)) continue;
    if (++changed <= EXACT_BRICKS) {
      compare_voxels(self->dirty, was, was_uniform, is, is_uniform);
      continue;
    }
    for (int label = 1; label < HILUM_LABEL_COUNT; label++)
      if (hilum_label_snapshot_brick_has(before, brick, (uint8_t)label) ||
          hilum_label_snapshot_brick_has(after, brick, (uint8_t)label))
        self->dirty[label] = true;
  }
  self->dirty[0] = false;
}

static bool same_grid(HilumLabelSnapshot *a, HilumLabelSnapshot *b)
{
  return a && b && hilum_grid_equal(hilum_label_snapshot_get_grid(a), hilum_label_snapshot_get_grid(b), 0);
}

static gboolean gather(gpointer data)
{
  HilumSurfaces *self = data;
  self->gather_id = 0;
  start_job(self);
  g_signal_emit(self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

void hilum_surfaces_update(HilumSurfaces *self)
{
  HilumLabelMap *map = hilum_workspace_get_labels(self->workspace);
  if (!map) {
    hilum_surfaces_clear(self);
    return;
  }
  HilumLabelSnapshot *present = hilum_label_map_snapshot(map);
  if (present == self->seen) {
    hilum_label_snapshot_unref(present);
    return;
  }
  if (same_grid(self->seen, present))
    compare_bricks(self, self->seen, present);
  else
    for (int label = 1; label < HILUM_LABEL_COUNT; label++)
      self->dirty[label] = hilum_label_snapshot_count(present, (uint8_t)label) > 0;
  g_clear_pointer(&self->seen, hilum_label_snapshot_unref);
  self->seen = present;
  /* A surface of labels that are gone must not stay while the hand rests. */
  if (self->gather_id) g_source_remove(self->gather_id);
  self->gather_id = g_timeout_add(GATHER_MS, gather, self);
}

bool hilum_surfaces_is_busy(HilumSurfaces *self)
{
  return self->gather_id || self->running;
}

void hilum_surfaces_clear(HilumSurfaces *self)
{
  self->generation++;
  g_clear_handle_id(&self->gather_id, g_source_remove);
  memset(self->dirty, 0, sizeof self->dirty);
  memset(self->making, 0, sizeof self->making);
  memset(self->group, 0, sizeof self->group);
  if (self->running) hilum_job_cancel(self->running);
  g_clear_object(&self->running);
  g_clear_pointer(&self->seen, hilum_label_snapshot_unref);
}

static void hilum_surfaces_dispose(GObject *object)
{
  HilumSurfaces *self = HILUM_SURFACES(object);
  hilum_surfaces_clear(self);
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
  G_OBJECT_CLASS(hilum_surfaces_parent_class)->dispose(object);
}

static void hilum_surfaces_class_init(HilumSurfacesClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_surfaces_dispose;
  signals[CHANGED] =
      g_signal_new("changed", HILUM_TYPE_SURFACES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_SURFACES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void hilum_surfaces_init(HilumSurfaces *self) {}

HilumSurfaces *hilum_surfaces_new(HilumWorkspace *workspace, HilumJobList *jobs)
{
  HilumSurfaces *self = g_object_new(HILUM_TYPE_SURFACES, NULL);
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  return self;
}
