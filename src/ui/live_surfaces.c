/* Surfaces under the brush. The cache of pieces (HilumLive) belongs to the job while one runs, and to the
 * main thread in between. */
#include "live_surfaces.h"

#include "hilum/base/job.h"

#include <glib/gi18n.h>
#include <string.h>

/* What one job carries. */
typedef struct {
  HilumLiveSurfaces *owner;
  HilumLive *live;
  HilumLabelSnapshot *labels;
  uint8_t wanted[HILUM_LABEL_COUNT];
  bool changed[HILUM_LABEL_COUNT];
  guint generation;
} Request;

/* What it brings: the tiles that were made, and what each of them holds now. */
typedef struct {
  GArray *tiles;  /* int32_t */
  GArray *ends;   /* guint: of a tile's pieces */
  GArray *pieces; /* HilumLivePiece, meshes referenced */
  size_t n_tiles; /* of the grid */
} Pieces;

struct _HilumLiveSurfaces {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumLive *live;                 /* NULL: not made yet, or with the job */
  HilumLabelSnapshot *newest;      /* to be followed next, or NULL */
  bool changed[HILUM_LABEL_COUNT]; /* to show their pieces after that */
  guint generation;                /* another case: results of older ones are dropped */
  HilumJob *running;               /* referenced */
};

enum { CHANGED, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumLiveSurfaces, hilum_live_surfaces, G_TYPE_OBJECT)

static void start_job(HilumLiveSurfaces *self);

static void clear_piece(gpointer data)
{
  hilum_mesh_unref(((HilumLivePiece *)data)->mesh);
}

static void pieces_free(gpointer data)
{
  Pieces *pieces = data;
  g_array_unref(pieces->tiles);
  g_array_unref(pieces->ends);
  g_array_unref(pieces->pieces);
  g_free(pieces);
}

static void request_free(gpointer data)
{
  Request *request = data;
  hilum_live_free(request->live);
  hilum_label_snapshot_unref(request->labels);
  g_object_unref(request->owner);
  g_free(request);
}

/* Worker thread. */
static gpointer make_pieces(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *request = data;
  Pieces *made = g_new0(Pieces, 1);
  made->tiles = g_array_new(FALSE, FALSE, sizeof(int32_t));
  made->ends = g_array_new(FALSE, FALSE, sizeof(guint));
  made->pieces = g_array_new(FALSE, FALSE, sizeof(HilumLivePiece));
  g_array_set_clear_func(made->pieces, clear_piece);
  hilum_live_set_wanted(request->live, request->wanted);
  if (!hilum_live_update(request->live, request->labels, made->tiles, progress, error)) {
    pieces_free(made);
    return NULL;
  }
  for (guint t = 0; t < made->tiles->len; t++) {
    size_t n;
    const HilumLivePiece *piece =
        hilum_live_get_pieces(request->live, g_array_index(made->tiles, int32_t, t), &n);
    for (size_t p = 0; p < n; p++)
      hilum_mesh_ref(piece[p].mesh);
    if (n > 0) g_array_append_vals(made->pieces, piece, (guint)n);
    g_array_append_val(made->ends, made->pieces->len);
  }
  int32_t dims[3];
  hilum_live_get_dims(request->live, dims);
  made->n_tiles = (size_t)dims[0] * (size_t)dims[1] * (size_t)dims[2];
  return made;
}

static void hand_over(HilumLiveSurfaces *self, const Request *request, const Pieces *made)
{
  guint begin = 0;
  hilum_workspace_freeze(self->workspace);
  for (guint t = 0; t < made->tiles->len; t++) {
    guint end = g_array_index(made->ends, guint, t);
    hilum_workspace_set_tile(self->workspace, made->n_tiles, g_array_index(made->tiles, int32_t, t),
                             (const HilumLivePiece *)(const void *)made->pieces->data + begin, end - begin);
    begin = end;
  }
  for (int label = 1; label < HILUM_LABEL_COUNT; label++)
    if (request->changed[label] && request->wanted[label])
      hilum_workspace_show_pieces(self->workspace, (uint8_t)label,
                                  hilum_label_snapshot_get_serial(request->labels));
  hilum_workspace_thaw(self->workspace);
}

static void pieces_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Request *request = user_data;
  HilumLiveSurfaces *self = request->owner;
  if (request->generation == self->generation) {
    g_clear_object(&self->running);
    self->live = g_steal_pointer(&request->live);
    if (result) hand_over(self, request, result);
    if (self->newest) start_job(self);
    if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_signal_emit(self, signals[FAILED], 0, error->message);
    g_signal_emit(self, signals[CHANGED], 0);
  }
  if (result) pieces_free(result);
}

static void start_job(HilumLiveSurfaces *self)
{
  Request *request = g_new0(Request, 1);
  request->owner = g_object_ref(self);
  request->live = self->live ? g_steal_pointer(&self->live) : hilum_live_new(NULL);
  request->labels = g_steal_pointer(&self->newest);
  HilumSurfaceRange *ranges = hilum_workspace_dup_surface_ranges(self->workspace);
  hilum_live_set_ranges(request->live, ranges);
  hilum_surface_ranges_free(ranges);
  request->generation = self->generation;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++)
    request->wanted[label] = hilum_workspace_is_shown(self->workspace, (uint8_t)label);
  memcpy(request->changed, self->changed, sizeof self->changed);
  memset(self->changed, 0, sizeof self->changed);
  self->running = g_object_ref(hilum_job_start(_("Following the brush"), make_pieces, request, request_free,
                                               pieces_free, pieces_done, request));
}

void hilum_live_surfaces_follow(HilumLiveSurfaces *self, HilumLabelSnapshot *labels,
                                const bool changed[HILUM_LABEL_COUNT])
{
  for (int label = 1; changed && label < HILUM_LABEL_COUNT; label++)
    self->changed[label] |= changed[label];
  hilum_label_snapshot_ref(labels);
  g_clear_pointer(&self->newest, hilum_label_snapshot_unref);
  self->newest = labels;
  if (!self->running) start_job(self);
}

bool hilum_live_surfaces_is_ready(HilumLiveSurfaces *self)
{
  return self->live && !self->running;
}

bool hilum_live_surfaces_is_busy(HilumLiveSurfaces *self)
{
  return self->newest && memchr(self->changed, true, sizeof self->changed);
}

void hilum_live_surfaces_clear(HilumLiveSurfaces *self)
{
  self->generation++;
  if (self->running) hilum_job_cancel(self->running);
  g_clear_object(&self->running);
  g_clear_pointer(&self->live, hilum_live_free);
  g_clear_pointer(&self->newest, hilum_label_snapshot_unref);
  memset(self->changed, 0, sizeof self->changed);
}

static void hilum_live_surfaces_dispose(GObject *object)
{
  HilumLiveSurfaces *self = HILUM_LIVE_SURFACES(object);
  hilum_live_surfaces_clear(self);
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_live_surfaces_parent_class)->dispose(object);
}

static void hilum_live_surfaces_class_init(HilumLiveSurfacesClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_live_surfaces_dispose;
  signals[CHANGED] = g_signal_new("changed", HILUM_TYPE_LIVE_SURFACES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_LIVE_SURFACES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void hilum_live_surfaces_init(HilumLiveSurfaces *self) {}

HilumLiveSurfaces *hilum_live_surfaces_new(HilumWorkspace *workspace)
{
  HilumLiveSurfaces *self = g_object_new(HILUM_TYPE_LIVE_SURFACES, NULL);
  self->workspace = g_object_ref(workspace);
  return self;
}
