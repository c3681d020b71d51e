/* Surfaces that follow the labels. Under the hand the pieces that a change can reach follow at once
 * (live_surfaces.c); a short delay gathers the changes of a brush stroke, so that the surfaces themselves are
 * made when the hand rests, and until then nothing else takes the processor. Which structures changed is read
 * off the bricks that differ between the last snapshot seen and the present one. One job makes them, and with
 * them those that touch them, because they share their boundary; a newer change supersedes it and takes over
 * what it had to do. Hidden structures wait until they are shown. Where much is to be made that nobody has
 * seen yet, a surface of half the resolution goes before. */
#include "surfaces.h"

#include "hilum/mesh/surface.h"
#include "hilum/view/picking.h"
#include "live_surfaces.h"

#include <glib/gi18n.h>
#include <string.h>

enum { GATHER_MS = 120, COARSE_FROM_VOXELS = 4000000 };

typedef struct {
  HilumMesh *mesh;
  HilumBvh *bvh;
  bool passed_over; /* it took part, but is hidden */
} Surface;

/* What one job carries. */
typedef struct {
  HilumSurfaces *owner;
  HilumLabelSnapshot *labels;
  HilumSurfaceRange *ranges; /* NULL: none */
  int smoothing;
  uint8_t wanted[HILUM_LABEL_COUNT];
  bool shown[HILUM_LABEL_COUNT];
  bool coarse; /* half the resolution, only to be looked at */
  guint generation;
} Request;

struct _HilumSurfaces {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  HilumLiveSurfaces *live;
  HilumLabelSnapshot *seen;  /* the labels that `dirty` is relative to */
  HilumSurfaceRange *ranges; /* likewise, what places the surfaces; NULL: none */
  int smoothing;             /* likewise */
  guint gather_id;
  guint generation;               /* another case: results of older ones are dropped */
  bool dirty[HILUM_LABEL_COUNT];  /* to be made anew */
  bool making[HILUM_LABEL_COUNT]; /* by the job that runs */
  bool coarse[HILUM_LABEL_COUNT]; /* a coarse surface has been there */
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
  hilum_surface_ranges_free(request->ranges);
  g_object_unref(request->owner);
  g_free(request);
}

/* Worker thread. */
static HilumJoint *make_joint(const Request *request, const HilumProgress *progress, GError **error)
{
  if (!request->coarse)
    return hilum_surface_joint_new_grey(request->labels, request->wanted, request->ranges, request->smoothing,
                                        progress, error);
  g_autoptr(HilumLabelSnapshot) half = hilum_label_snapshot_new_half(request->labels, progress, error);
  return half ? hilum_surface_joint_new(half, request->wanted, request->smoothing, progress, error) : NULL;
}

/* Worker thread. */
static gpointer make_surfaces(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *request = data;
  HilumProgress extracting = hilum_progress_part(progress, 0, 0.7, NULL);
  g_autoptr(HilumJoint) joint = make_joint(request, &extracting, error);
  if (!joint) return NULL;
  Surface *surface = g_new0(Surface, HILUM_LABEL_COUNT);
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    if (!hilum_joint_has(joint, (uint8_t)label)) continue;
    surface[label].passed_over = !request->shown[label];
    if (!request->shown[label]) continue;
    HilumProgress indexing = hilum_progress_part(progress, 0.7 + 0.3 * label / HILUM_LABEL_COUNT, 1, NULL);
    surface[label].mesh = hilum_joint_split(joint, (uint8_t)label, error);
    if (surface[label].mesh) surface[label].bvh = hilum_bvh_new(surface[label].mesh, &indexing, error);
    if (surface[label].bvh) continue;
    surfaces_free(surface);
    return NULL;
  }
  return surface;
}

/* Coarse ones stand for no state of the labels, and only where there is nothing better. */
static void take_coarse(HilumSurfaces *self, const Surface *surface)
{
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    if (!surface[label].mesh || hilum_workspace_get_mesh(self->workspace, (uint8_t)label)) continue;
    hilum_workspace_set_mesh(self->workspace, (uint8_t)label, surface[label].mesh, surface[label].bvh, 0);
  }
}

static void take_surfaces(HilumSurfaces *self, const Request *request, const Surface *surface)
{
  self->groups++;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    if (surface[label].passed_over) self->dirty[label] = true;
    if (!surface[label].mesh || self->dirty[label] || self->making[label]) continue;
    self->group[label] = self->groups;
    hilum_workspace_set_mesh(self->workspace, (uint8_t)label, surface[label].mesh, surface[label].bvh,
                             hilum_label_snapshot_get_serial(request->labels));
  }
}

static void start_job(HilumSurfaces *self);

static void surfaces_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Request *request = user_data;
  HilumSurfaces *self = request->owner;
  const bool latest = self->running == job;
  if (latest) {
    g_clear_object(&self->running);
    for (int label = 1; request->coarse && label < HILUM_LABEL_COUNT; label++)
      self->dirty[label] |= self->making[label]; /* the fine ones are still to be made */
    memset(self->making, 0, sizeof self->making);
  }
  if (result && request->generation == self->generation) {
    if (request->coarse)
      take_coarse(self, result);
    else
      take_surfaces(self, request, result);
  }
  if (latest && request->coarse)
    start_job(self);
  else if (latest && !error) /* the processor is free: be ready for the next stroke */
    hilum_live_surfaces_follow(self->live, request->labels, NULL);
  if (error && !request->coarse && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
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

/* Takes what is to be made into the request; false if nothing is. */
static bool choose(HilumSurfaces *self, Request *request)
{
  uint64_t unseen = 0;
  bool any = false;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    request->shown[label] = hilum_workspace_is_shown(self->workspace, (uint8_t)label);
    self->dirty[label] |= self->making[label];
    self->making[label] = false;
    if (!self->dirty[label]) continue;
    uint64_t voxels = hilum_label_snapshot_count(self->seen, (uint8_t)label);
    if (voxels == 0) {
      self->dirty[label] = false;
      hilum_workspace_set_mesh(self->workspace, (uint8_t)label, NULL, NULL,
                               hilum_label_snapshot_get_serial(self->seen));
    } else if (request->shown[label]) {
      self->dirty[label] = false;
      self->making[label] = any = true;
      request->wanted[label] = 1;
      if (!self->coarse[label] && !hilum_workspace_get_mesh(self->workspace, (uint8_t)label))
        unseen += voxels;
    }
  }
  request->coarse = unseen >= COARSE_FROM_VOXELS;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++)
    self->coarse[label] |= request->wanted[label];
  return any;
}

static void stop_job(HilumSurfaces *self)
{
  if (self->running) hilum_job_cancel(self->running);
  g_clear_object(&self->running);
}

static void start_job(HilumSurfaces *self)
{
  add_former_neighbours(self);
  Request *request = g_new0(Request, 1);
  bool any = choose(self, request);
  stop_job(self);
  request->owner = g_object_ref(self);
  request->labels = hilum_label_snapshot_ref(self->seen);
  request->ranges = hilum_surface_ranges_copy(self->ranges);
  request->smoothing = self->smoothing;
  request->generation = self->generation;
  if (any)
    self->running =
        g_object_ref(hilum_job_list_start(self->jobs, true, _("Updating surface…"), make_surfaces, request,
                                          request_free, surfaces_free, surfaces_done, request));
  else
    request_free(request);
}

/* Which structures gained or lost voxels in one brick; a NULL brick is uniform. */
static void compare_voxels(bool *changed, const uint8_t *was, uint8_t was_uniform, const uint8_t *is,
                           uint8_t is_uniform)
{
  enum { BRICK_VOXELS = HILUM_BRICK_EDGE * HILUM_BRICK_EDGE * HILUM_BRICK_EDGE };
  for (int v = 0; v < BRICK_VOXELS; v++) {
    uint8_t a = was ? was[v] : was_uniform, b = is ? is[v] : is_uniform;
    if (a != b) changed[a] = changed[b] = true;
  }
}

/* Marks the structures whose voxels differ between two states of the same grid: exactly while few bricks do
 * (a stroke leaves the kidney under it alone), else all that the bricks hold, which costs a surface too many
 * but no time here. */
static void compare_bricks(bool *changed, HilumLabelSnapshot *before, HilumLabelSnapshot *after)
{
  enum { EXACT_BRICKS = 96 };
  int32_t dims[3];
  int bricks = 0;
  hilum_label_snapshot_brick_dims(after, dims);
  for (int32_t brick = 0; brick < dims[0] * dims[1] * dims[2]; brick++) {
    uint8_t was_uniform = 0, is_uniform = 0;
    const uint8_t *was = hilum_label_snapshot_get_brick(before, brick, &was_uniform);
    const uint8_t *is = hilum_label_snapshot_get_brick(after, brick, &is_uniform);
    if (was == is && (was || was_uniform == is_uniform)) continue;
    if (++bricks <= EXACT_BRICKS) {
      compare_voxels(changed, was, was_uniform, is, is_uniform);
      continue;
    }
    for (int label = 1; label < HILUM_LABEL_COUNT; label++)
      if (hilum_label_snapshot_brick_has(before, brick, (uint8_t)label) ||
          hilum_label_snapshot_brick_has(after, brick, (uint8_t)label))
        changed[label] = true;
  }
  changed[0] = false;
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

/* A structure that waited was shown. */
static bool any_wait(HilumSurfaces *self)
{
  for (int label = 1; label < HILUM_LABEL_COUNT; label++)
    if (self->dirty[label] && hilum_workspace_is_shown(self->workspace, (uint8_t)label)) return true;
  return false;
}

static void gather_soon(HilumSurfaces *self)
{
  if (self->gather_id) g_source_remove(self->gather_id);
  self->gather_id = g_timeout_add(GATHER_MS, gather, self);
}

static bool same_range(const HilumSurfaceRange *a, const HilumSurfaceRange *b)
{
  const bool in_use = hilum_surface_range_in_use(a);
  if (in_use != hilum_surface_range_in_use(b)) return false;
  return !in_use || (a->image == b->image && a->lo == b->lo && a->hi == b->hi);
}

/* Takes what places and smooths the surfaces now; marks the structures for which that is something else. */
static bool take_manner(HilumSurfaces *self)
{
  static const HilumSurfaceRange none = {0, 0, NULL};
  HilumSurfaceRange *ranges = hilum_workspace_dup_surface_ranges(self->workspace);
  const int smoothing = hilum_workspace_get_smoothing(self->workspace);
  bool any = false;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    if (smoothing == self->smoothing &&
        same_range(self->ranges ? &self->ranges[label] : &none, ranges ? &ranges[label] : &none))
      continue;
    if (!self->seen || hilum_label_snapshot_count(self->seen, (uint8_t)label) == 0) continue;
    self->dirty[label] = any = true;
  }
  hilum_surface_ranges_free(self->ranges);
  self->ranges = ranges;
  self->smoothing = smoothing;
  return any;
}

void hilum_surfaces_update(HilumSurfaces *self)
{
  HilumLabelMap *map = hilum_workspace_get_labels(self->workspace);
  if (!map) {
    hilum_surfaces_clear(self);
    return;
  }
  const bool moved = take_manner(self);
  HilumLabelSnapshot *present = hilum_label_map_snapshot(map);
  if (present == self->seen) {
    hilum_label_snapshot_unref(present);
    if (moved || (!self->gather_id && any_wait(self))) gather_soon(self);
    return;
  }
  bool changed[HILUM_LABEL_COUNT] = {false}, same = same_grid(self->seen, present);
  if (same)
    compare_bricks(changed, self->seen, present);
  else
    for (int label = 1; label < HILUM_LABEL_COUNT; label++)
      changed[label] = hilum_label_snapshot_count(present, (uint8_t)label) > 0;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++)
    self->dirty[label] |= changed[label];
  g_clear_pointer(&self->seen, hilum_label_snapshot_unref);
  self->seen = present;
  if (same && memchr(changed, true, sizeof changed)) {
    stop_job(self);
    hilum_live_surfaces_follow(self->live, present, changed);
  }
  gather_soon(self);
}

bool hilum_surfaces_is_busy(HilumSurfaces *self)
{
  return self->gather_id || self->running || hilum_live_surfaces_is_busy(self->live);
}

HilumLiveSurfaces *hilum_surfaces_get_live(HilumSurfaces *self)
{
  return self->live;
}

void hilum_surfaces_clear(HilumSurfaces *self)
{
  self->generation++;
  g_clear_handle_id(&self->gather_id, g_source_remove);
  memset(self->dirty, 0, sizeof self->dirty);
  memset(self->making, 0, sizeof self->making);
  memset(self->group, 0, sizeof self->group);
  memset(self->coarse, 0, sizeof self->coarse);
  stop_job(self);
  if (self->live) hilum_live_surfaces_clear(self->live);
  g_clear_pointer(&self->seen, hilum_label_snapshot_unref);
  g_clear_pointer(&self->ranges, hilum_surface_ranges_free);
}

static void hilum_surfaces_dispose(GObject *object)
{
  HilumSurfaces *self = HILUM_SURFACES(object);
  hilum_surfaces_clear(self);
  if (self->live) g_signal_handlers_disconnect_by_data(self->live, self);
  g_clear_object(&self->live);
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

static void live_changed(HilumLiveSurfaces *live, HilumSurfaces *self)
{
  g_signal_emit(self, signals[CHANGED], 0);
}

static void live_failed(HilumLiveSurfaces *live, const char *sentence, HilumSurfaces *self)
{
  g_signal_emit(self, signals[FAILED], 0, sentence);
}

HilumSurfaces *hilum_surfaces_new(HilumWorkspace *workspace, HilumJobList *jobs)
{
  HilumSurfaces *self = g_object_new(HILUM_TYPE_SURFACES, NULL);
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  self->live = hilum_live_surfaces_new(workspace);
  g_signal_connect(self->live, "changed", G_CALLBACK(live_changed), self);
  g_signal_connect(self->live, "failed", G_CALLBACK(live_failed), self);
  return self;
}
