/* hilum-bench: a brush stroke, and the surface that follows it. One repetition is one pointer event: the next
 * stretch of the stroke becomes a mask, a delta, a new state of the label map, and new pieces of surface with
 * normals for every tile that the stroke reached, which are copied to where a graphics driver would take them
 * from. The stroke winds round the structure's box, adding and taking away in turn. */
#include "bench.h"

#include "hilum/base/memory.h"
#include "hilum/mesh/live.h"
#include "hilum/segment/brush.h"

#include <math.h>

typedef struct {
  HilumGrid grid;
  HilumLabelMap *map;
  HilumLive *live;
  HilumMask *mask;
  HilumBrush brush;
  uint8_t label;
  HilumVec3 middle, reach, last; /* of the structure, mm; where the pointer was */
  double step;                   /* radians an event */
  int event;
  GByteArray *staging; /* stands for the buffers of gpu_pieces.c */
} LiveState;

static void live_free(gpointer data)
{
  LiveState *s = data;
  if (s->map) hilum_label_map_free(s->map);
  hilum_live_free(s->live);
  if (s->mask) hilum_mask_free(s->mask);
  g_byte_array_unref(s->staging);
  g_free(s);
}

static HilumVec3 pointer_at(const LiveState *s, int event)
{
  double turn = event * s->step, rise = 0.6 * sin(turn / 11);
  return hilum_vec3(s->middle.x + s->reach.x * cos(turn) * cos(rise),
                    s->middle.y + s->reach.y * sin(turn) * cos(rise), s->middle.z + s->reach.z * sin(rise));
}

static bool fill_map(LiveState *s, const uint8_t *voxels, GError **error)
{
  s->map = hilum_label_map_new(&s->grid, error);
  if (!s->map) return false;
  g_autoptr(HilumLabelSnapshot) before = hilum_label_map_snapshot(s->map);
  g_autoptr(HilumLabelSnapshot) after = hilum_label_snapshot_new_from_dense(&s->grid, voxels, error);
  g_autoptr(HilumLabelDelta) delta =
      after ? hilum_label_delta_new_from_snapshots(before, after, error) : NULL;
  return delta && hilum_label_map_apply(s->map, delta, true);
}

static bool set_stroke(LiveState *s, const BenchArgs *args, GError **error)
{
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_map_snapshot(s->map);
  HilumVoxelBox box = hilum_label_snapshot_bounds(labels, s->label);
  if (hilum_voxel_box_is_empty(box)) {
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "the map has no voxel of label %u", s->label);
    return false;
  }
  HilumVec3 lo = hilum_grid_voxel_to_mm(&s->grid, (HilumVoxel){box.lo[0], box.lo[1], box.lo[2]});
  HilumVec3 hi = hilum_grid_voxel_to_mm(&s->grid, (HilumVoxel){box.hi[0], box.hi[1], box.hi[2]});
  s->middle = hilum_vec3_scale(hilum_vec3_add(lo, hi), 0.5);
  s->reach = hilum_vec3_scale(hilum_vec3_sub(hi, lo), 0.45);
  s->brush = (HilumBrush){.radius_mm = bench_number(args, "radius", 5), .ball = true, .normal = {0, 0, 1}};
  s->step = bench_number(args, "step", 2) / fmax(s->reach.x, s->reach.y);
  s->last = pointer_at(s, 0);
  return hilum_live_update(s->live, labels, NULL, NULL, error);
}

static gpointer prepare_live(const BenchArgs *args, GError **error)
{
  LiveState *s = g_new0(LiveState, 1);
  s->grid = hilum_grid_new(args->dims[0], args->dims[1], args->dims[2], args->spacing_mm[0],
                           args->spacing_mm[1], args->spacing_mm[2]);
  s->label = (uint8_t)bench_number(args, "label", 2);
  s->live = hilum_live_new(NULL);
  s->staging = g_byte_array_new();
  uint8_t *voxels = bench_load(args, 1, error);
  s->mask = voxels ? hilum_mask_new(s->grid.dims, error) : NULL;
  bool ok = s->mask && fill_map(s, voxels, error) && set_stroke(s, args, error);
  hilum_big_free(voxels);
  if (ok) return s;
  live_free(s);
  return NULL;
}

static void clear_box(HilumMask *mask, HilumVoxelBox box)
{
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      hilum_mask_clear_span(mask, box.lo[0], box.hi[0], j, k);
}

/* What the window uploads: positions, normals and triangles of the pieces of the tiles that changed. */
static void hand_over(LiveState *s, const GArray *changed)
{
  g_byte_array_set_size(s->staging, 0);
  for (guint t = 0; t < changed->len; t++) {
    size_t n;
    const HilumLivePiece *piece = hilum_live_get_pieces(s->live, g_array_index(changed, int32_t, t), &n);
    for (size_t p = 0; p < n; p++) {
      HilumMesh *mesh = piece[p].mesh;
      guint v = 12 * hilum_mesh_get_vertex_count(mesh), i = 12 * hilum_mesh_get_triangle_count(mesh);
      g_byte_array_append(s->staging, (const guint8 *)hilum_mesh_get_positions(mesh), v);
      g_byte_array_append(s->staging, (const guint8 *)hilum_mesh_get_normals(mesh), v);
      g_byte_array_append(s->staging, (const guint8 *)hilum_mesh_get_indices(mesh), i);
    }
  }
}

static bool run_live(gpointer data, BenchResult *result, GError **error)
{
  LiveState *s = data;
  HilumVec3 here = pointer_at(s, ++s->event);
  HilumVoxelBox touched = {{0, 0, 0}, {0, 0, 0}};
  hilum_brush_sweep(&s->brush, &s->grid, s->last, here, s->mask, &touched);
  s->last = here;
  HilumLabelWrite write = {.label = s->label,
                           .mode = s->event / 40 % 2 ? HILUM_LABEL_REMOVE : HILUM_LABEL_ADD};
  g_autoptr(HilumLabelSnapshot) before = hilum_label_map_snapshot(s->map);
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(before, s->mask, &touched, &write, NULL, error);
  clear_box(s->mask, touched);
  if (!delta || !hilum_label_map_apply(s->map, delta, true)) return false;
  g_autoptr(HilumLabelSnapshot) after = hilum_label_map_snapshot(s->map);
  g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(int32_t));
  if (!hilum_live_update(s->live, after, changed, NULL, error)) return false;
  hand_over(s, changed);
  result->count = MAX(result->count, (int64_t)changed->len); /* the most tiles of one event */
  return true;
}

const BenchOp bench_live_ops[] = {
    {"live",
     "surface following a brush stroke on a uint8 label map, an event a repetition: --label L --radius "
     "MM --step MM",
     prepare_live, run_live, live_free, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL}};
