/* A block of tiles of a live surface: extracted with a margin of cells all round, filtered with the margin,
 * and shared out to its tiles. A pass of the filter carries what it sees one ring, that is one cell, so that
 * with a margin wider than the passes nothing of the margin's torn rim arrives. Order and arithmetic of
 * hilum_joint_new_part(), of the filter and of the normals do not depend on where a part begins; hence the
 * same bits whatever is made together. */
#include "live_private.h"

#include "hilum/base/memory.h"
#include "joint_grey.h"
#include "joint_private.h"
#include "mesh_private.h"

#include <math.h>
#include <string.h>

enum { EDGE = HILUM_LIVE_EDGE, MAX_TILES = HILUM_LIVE_TOGETHER * HILUM_LIVE_TOGETHER * HILUM_LIVE_TOGETHER };

/* A filtered block being shared out. Arrays over triangles are of the structure at hand. */
typedef struct {
  uint32_t nv, nt;
  const uint32_t *indices;
  const float *positions;
  const HilumLabelPair *pair;
  const uint8_t *tile; /* per triangle */
  HilumVec3 origin_mm;
  uint32_t *order;   /* triangles, tile by tile */
  float *normal;     /* per vertex: sums, then units */
  uint32_t *id;      /* per vertex: its number in the piece that `stamp` names */
  uint32_t *stamp;   /* per vertex */
  uint32_t *used;    /* vertices of a piece in their order */
  uint32_t n_pieces; /* so far */
} Sharing;

void hilum_live_tile_clear(HilumLiveTile *tile)
{
  for (size_t p = 0; p < tile->n; p++)
    hilum_mesh_unref(tile->piece[p].mesh);
  g_free(tile->piece);
  *tile = (HilumLiveTile){NULL, 0};
}

/* The cells a block owns: the first tile of a row also those that start one voxel before. */
static HilumVoxelBox core_of(const HilumGrid *grid, const HilumLiveBlock *block)
{
  HilumVoxelBox box;
  for (int a = 0; a < 3; a++) {
    box.lo[a] = block->lo[a] > 0 ? block->lo[a] * EDGE : -1;
    box.hi[a] = MIN((block->lo[a] + block->n[a]) * EDGE, grid->dims[a]);
  }
  return box;
}

/* With the margin, as far as there are cells. */
static HilumVoxelBox widened(const HilumGrid *grid, HilumVoxelBox box, int32_t margin)
{
  for (int a = 0; a < 3; a++) {
    box.lo[a] = MAX(box.lo[a] - margin, -1);
    box.hi[a] = MIN(box.hi[a] + margin, grid->dims[a]);
  }
  return box;
}

static bool sharing_init(Sharing *s, HilumJoint *joint, const uint8_t *tile, GError **error)
{
  const HilumMesh *mesh = hilum_joint_get_mesh(joint);
  *s = (Sharing){.nv = hilum_mesh_get_vertex_count(mesh),
                 .nt = hilum_mesh_get_triangle_count(mesh),
                 .indices = hilum_mesh_get_indices(mesh),
                 .positions = hilum_mesh_get_positions(mesh),
                 .pair = hilum_joint_get_pairs(joint),
                 .tile = tile,
                 .origin_mm = hilum_mesh_get_origin_mm(mesh)};
  s->order = hilum_big_alloc((size_t)s->nt * sizeof *s->order, error);
  s->normal = s->order ? hilum_big_alloc(3 * (size_t)s->nv * sizeof *s->normal, error) : NULL;
  s->id = s->normal ? hilum_big_alloc((size_t)s->nv * sizeof *s->id, error) : NULL;
  s->used = s->id ? hilum_big_alloc((size_t)s->nv * sizeof *s->used, error) : NULL;
  s->stamp = s->used ? hilum_big_alloc0((size_t)s->nv * sizeof *s->stamp, error) : NULL;
  return s->stamp != NULL;
}

static void sharing_clear(Sharing *s)
{
  hilum_big_free(s->order);
  hilum_big_free(s->normal);
  hilum_big_free(s->id);
  hilum_big_free(s->used);
  hilum_big_free(s->stamp);
}

/* The corners of a triangle as the structure sees it: from inside out. */
static inline void corners_of(const Sharing *s, size_t t, uint8_t label, uint32_t out[3])
{
  const uint32_t *i = s->indices + 3 * t;
  bool turn = s->pair[t].inside != label;
  out[0] = i[0];
  out[1] = i[turn ? 2 : 1];
  out[2] = i[turn ? 1 : 2];
}

/* Normals of a structure's vertices: the sums of hilum_mesh_compute_normals(), in its order. */
static void sum_normals(Sharing *s, uint8_t label)
{
  memset(s->normal, 0, 3 * (size_t)s->nv * sizeof *s->normal);
  for (size_t t = 0; t < s->nt; t++) {
    if (s->pair[t].inside != label && s->pair[t].outside != label) continue;
    uint32_t i[3];
    corners_of(s, t, label, i);
    for (int c = 0; c < 3; c++) {
      const float *p = s->positions + 3 * (size_t)i[c], *a = s->positions + 3 * (size_t)i[(c + 1) % 3],
                  *b = s->positions + 3 * (size_t)i[(c + 2) % 3];
      float *n = s->normal + 3 * (size_t)i[c];
      float u[3] = {a[0] - p[0], a[1] - p[1], a[2] - p[2]}, w[3] = {b[0] - p[0], b[1] - p[1], b[2] - p[2]};
      n[0] += u[1] * w[2] - u[2] * w[1];
      n[1] += u[2] * w[0] - u[0] * w[2];
      n[2] += u[0] * w[1] - u[1] * w[0];
    }
  }
}

static void unit_normal(const float *sum, float *out)
{
  double l = sqrt((double)sum[0] * (double)sum[0] + (double)sum[1] * (double)sum[1] +
                  (double)sum[2] * (double)sum[2]);
  for (size_t a = 0; a < 3; a++)
    out[a] = l > 0 ? (float)((double)sum[a] / l) : a == 2 ? 1.0f : 0.0f;
}

/* The structure's triangles into `order`, those of a tile one behind the other; first[tile] is where. */
static void sort_by_tile(Sharing *s, uint8_t label, uint32_t first[MAX_TILES + 2])
{
  memset(first, 0, (MAX_TILES + 2) * sizeof *first);
  for (size_t t = 0; t < s->nt; t++)
    if (s->pair[t].inside == label || s->pair[t].outside == label) first[s->tile[t] + 1]++;
  first[1] = 0; /* in no tile */
  for (int i = 1; i <= MAX_TILES; i++)
    first[i + 1] += first[i];
  uint32_t at[MAX_TILES + 1];
  memcpy(at, first, sizeof at);
  for (size_t t = 0; t < s->nt; t++)
    if (s->tile[t] && (s->pair[t].inside == label || s->pair[t].outside == label))
      s->order[at[s->tile[t]]++] = (uint32_t)t;
}

/* A piece of n triangles. Vertices are numbered as they come. */
static HilumMesh *new_piece(Sharing *s, uint8_t label, const uint32_t *triangle, uint32_t n, GError **error)
{
  uint32_t *out = hilum_big_alloc(3 * (size_t)n * sizeof *out, error), nv = 0;
  if (!out) return NULL;
  s->n_pieces++;
  for (size_t t = 0; t < n; t++) {
    uint32_t i[3];
    corners_of(s, triangle[t], label, i);
    for (size_t c = 0; c < 3; c++) {
      if (s->stamp[i[c]] != s->n_pieces) {
        s->stamp[i[c]] = s->n_pieces;
        s->id[i[c]] = nv;
        s->used[nv++] = i[c];
      }
      out[3 * t + c] = s->id[i[c]];
    }
  }
  float *positions = hilum_big_alloc(3 * (size_t)nv * sizeof *positions, error);
  float *normals = positions ? hilum_big_alloc(3 * (size_t)nv * sizeof *normals, error) : NULL;
  if (!normals) {
    hilum_big_free(positions);
    hilum_big_free(out);
    return NULL;
  }
  for (size_t v = 0; v < nv; v++) {
    memcpy(positions + 3 * v, s->positions + 3 * (size_t)s->used[v], 3 * sizeof *positions);
    unit_normal(s->normal + 3 * (size_t)s->used[v], normals + 3 * v);
  }
  return hilum_mesh_new_trusted(s->origin_mm, nv, positions, normals, n, out);
}

/* Adds a structure's pieces to the tiles. */
static bool share_structure(Sharing *s, uint8_t label, HilumLiveTile *const *out, GError **error)
{
  uint32_t first[MAX_TILES + 2];
  sort_by_tile(s, label, first);
  if (first[MAX_TILES + 1] == 0) return true; /* only in the margin */
  sum_normals(s, label);
  for (int i = 1; i <= MAX_TILES; i++) {
    uint32_t n = first[i + 1] - first[i];
    if (n == 0 || !out[i - 1]) continue;
    HilumLiveTile *tile = out[i - 1];
    HilumMesh *mesh = new_piece(s, label, s->order + first[i], n, error);
    if (!mesh) return false;
    tile->piece = g_renew(HilumLivePiece, tile->piece, tile->n + 1);
    tile->piece[tile->n++] = (HilumLivePiece){label, mesh};
  }
  return true;
}

static bool share_out(HilumJoint *joint, const uint8_t *tile, HilumLiveTile *const *out, GError **error)
{
  Sharing s;
  bool ok = sharing_init(&s, joint, tile, error);
  for (int l = 1; l < HILUM_LABEL_COUNT && ok; l++)
    if (hilum_joint_has(joint, (uint8_t)l)) ok = share_structure(&s, (uint8_t)l, out, error);
  sharing_clear(&s);
  return ok;
}

HilumJoint *hilum_live_finish(HilumJoint *bare, HilumLabelSnapshot *labels, const HilumSurfaceRange *ranges,
                              GError **error)
{
  const HilumSmoothOptions options = {.iterations = HILUM_LIVE_PASSES,
                                      .pass_band = HILUM_LIVE_PASS_BAND,
                                      .leash_grid = hilum_label_snapshot_get_grid(labels)},
                           light = {.iterations = HILUM_LIVE_PASSES, .pass_band = HILUM_LIVE_GREY_PASS_BAND};
  if (!ranges) return hilum_joint_smooth(bare, &options, NULL, NULL, error);
  const size_t n = hilum_mesh_get_vertex_count(hilum_joint_get_mesh(bare));
  float *weight = hilum_big_alloc(n * sizeof *weight, error);
  g_autoptr(HilumJoint) placed =
      weight ? hilum_joint_place_grey(bare, labels, ranges, NULL, weight, error) : NULL;
  HilumJoint *smooth =
      placed ? hilum_joint_smooth_mixed(placed, &options, &light, weight, NULL, NULL, error) : NULL;
  hilum_big_free(weight);
  return smooth;
}

bool hilum_live_make_block(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                           const HilumSurfaceRange *ranges, const HilumLiveBlock *block,
                           HilumLiveTile *const *out, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  HilumVoxelBox core = core_of(grid, block);
  HilumLiveTile *to[MAX_TILES] = {NULL};
  for (int t = 0; t < block->n[0] * block->n[1] * block->n[2]; t++)
    to[t] = out[t];
  uint8_t *tile = NULL;
  const HilumVoxelBox box = widened(grid, core, ranges ? HILUM_LIVE_GREY_MARGIN : HILUM_LIVE_MARGIN);
  g_autoptr(HilumJoint) bare = hilum_joint_new_part(labels, wanted, box, core, EDGE, &tile, error);
  if (!bare) return false;
  uint32_t nt = hilum_mesh_get_triangle_count(hilum_joint_get_mesh(bare));
  bool any = false, ok = true;
  for (uint32_t t = 0; t < nt && !any; t++)
    any = tile[t] != 0;
  if (any) {
    g_autoptr(HilumJoint) smooth = hilum_live_finish(bare, labels, ranges, error);
    ok = smooth && share_out(smooth, tile, to, error);
  }
  hilum_big_free(tile);
  return ok;
}
