/* Surfaces brick by brick. A brick owns the cells whose lowest voxel it holds, the first brick of a row also
 * those that start one voxel before. It is extracted with a margin of cells all round, filtered with the
 * margin, and cut down to its own triangles: a pass of the filter carries what it sees one ring, that is one
 * cell, so that with a margin wider than the passes nothing of the margin's torn rim arrives. Order and
 * arithmetic of hilum_joint_new_part() and of the filter do not depend on where a part begins; hence the same
 * bits. */
#include "hilum/mesh/live.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "joint_private.h"
#include "mesh_private.h"

#include <string.h>

enum {
  EDGE = HILUM_BRICK_EDGE,
  MARGIN = HILUM_LIVE_PASSES + 2, /* and a ring for the normals */
  ROW = EDGE,
  LAYER = EDGE * EDGE
};

typedef struct {
  HilumLivePiece *piece;
  size_t n;
} Brick;

struct HilumLive {
  uint8_t wanted[HILUM_LABEL_COUNT];
  HilumLabelSnapshot *labels; /* NULL: nothing seen yet */
  int32_t dims[3];            /* in bricks */
  size_t n_bricks;
  Brick *brick;
};

typedef struct {
  const HilumLive *live;
  HilumLabelSnapshot *labels;
  const int32_t *dirty;
  Brick *made; /* per dirty brick */
  GError **errors;
  const HilumProgress *progress;
} Update;

HilumLive *hilum_live_new(const uint8_t wanted[HILUM_LABEL_COUNT])
{
  HilumLive *live = g_new0(HilumLive, 1);
  if (wanted)
    memcpy(live->wanted, wanted, sizeof live->wanted);
  else
    memset(live->wanted, 1, sizeof live->wanted);
  live->wanted[0] = 0;
  return live;
}

static void brick_clear(Brick *b)
{
  for (size_t p = 0; p < b->n; p++)
    hilum_mesh_unref(b->piece[p].mesh);
  g_free(b->piece);
  *b = (Brick){NULL, 0};
}

static void live_clear(HilumLive *live)
{
  for (size_t b = 0; b < live->n_bricks; b++)
    brick_clear(&live->brick[b]);
  g_clear_pointer(&live->brick, g_free);
  g_clear_pointer(&live->labels, hilum_label_snapshot_unref);
  live->n_bricks = 0;
}

void hilum_live_free(HilumLive *live)
{
  if (!live) return;
  live_clear(live);
  g_free(live);
}

/* The cells a brick owns. */
static HilumVoxelBox core_of(HilumLabelSnapshot *labels, int32_t brick)
{
  HilumVoxelBox box = hilum_label_snapshot_brick_box(labels, brick);
  for (int a = 0; a < 3; a++)
    if (box.lo[a] == 0) box.lo[a] = -1;
  return box;
}

/* With the margin, as far as there are cells. */
static HilumVoxelBox widened(HilumLabelSnapshot *labels, HilumVoxelBox box)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  for (int a = 0; a < 3; a++) {
    box.lo[a] = MAX(box.lo[a] - MARGIN, -1);
    box.hi[a] = MIN(box.hi[a] + MARGIN, grid->dims[a]);
  }
  return box;
}

/* True if all voxels a brick's own cells look at are of one kind: it has no triangles. */
static bool is_dull(const Update *u, int32_t brick)
{
  const int32_t *dims = u->live->dims;
  int32_t at[3] = {brick % dims[0], brick / dims[0] % dims[1], brick / (dims[0] * dims[1])};
  uint8_t first = 0;
  hilum_label_snapshot_get_brick(u->labels, brick, &first);
  first = u->live->wanted[first] ? first : 0;
  for (int n = 0; n < 8; n++) {
    uint8_t label = 0; /* beyond the map */
    int32_t b[3];
    bool there = true;
    for (int a = 0; a < 3; a++) {
      b[a] = at[a] + (n >> a & 1);
      there &= b[a] < dims[a];
      if (at[a] == 0 && first != 0) return false; /* against the border */
    }
    if (there && hilum_label_snapshot_get_brick(u->labels, (b[2] * dims[1] + b[1]) * dims[0] + b[0], &label))
      return false;
    if ((u->live->wanted[label] ? label : 0) != first) return false;
  }
  return true;
}

/* The triangles of a structure that are to be kept, with the normals they have among all. */
static HilumMesh *crop(HilumMesh *mesh, const uint8_t *keep, GError **error)
{
  uint32_t nv = hilum_mesh_get_vertex_count(mesh), nt = hilum_mesh_get_triangle_count(mesh), vertices = 0,
           triangles = 0;
  const uint32_t *indices = hilum_mesh_get_indices(mesh);
  const float *positions = hilum_mesh_get_positions(mesh), *normals = hilum_mesh_get_normals(mesh);
  g_autofree uint32_t *id = g_new0(uint32_t, nv);
  for (size_t t = 0; t < nt; t++) {
    triangles += keep[t];
    for (size_t c = 0; c < 3 && keep[t]; c++)
      id[indices[3 * t + c]] = 1;
  }
  for (uint32_t v = 0; v < nv; v++)
    if (id[v]) id[v] = ++vertices;
  float *p = hilum_big_alloc(3 * (size_t)vertices * sizeof *p, error);
  float *n = p ? hilum_big_alloc(3 * (size_t)vertices * sizeof *n, error) : NULL;
  uint32_t *out = n ? hilum_big_alloc(3 * (size_t)triangles * sizeof *out, error) : NULL;
  if (!out) {
    hilum_big_free(p);
    hilum_big_free(n);
    return NULL;
  }
  for (size_t v = 0; v < nv; v++)
    if (id[v]) {
      memcpy(p + 3 * ((size_t)id[v] - 1), positions + 3 * v, 3 * sizeof *p);
      memcpy(n + 3 * ((size_t)id[v] - 1), normals + 3 * v, 3 * sizeof *n);
    }
  for (size_t t = 0, at = 0; t < nt; t++)
    for (size_t c = 0; c < 3 && keep[t]; c++)
      out[at++] = id[indices[3 * t + c]] - 1;
  return hilum_mesh_new_trusted(hilum_mesh_get_origin_mm(mesh), vertices, p, n, triangles, out);
}

static bool make_piece(const HilumJoint *joint, const uint8_t *keep, uint8_t label, Brick *out,
                       GError **error)
{
  g_autoptr(HilumMesh) mesh = hilum_joint_split(joint, label, error);
  if (!mesh) return false;
  const HilumLabelPair *pair = hilum_joint_get_pairs(joint);
  size_t nt = hilum_mesh_get_triangle_count(hilum_joint_get_mesh((HilumJoint *)joint)), at = 0;
  g_autofree uint8_t *part = g_new(uint8_t, hilum_mesh_get_triangle_count(mesh));
  for (size_t t = 0; t < nt; t++)
    if (pair[t].inside == label || pair[t].outside == label) part[at++] = keep[t];
  HilumMesh *piece = crop(mesh, part, error);
  if (piece) out->piece[out->n++] = (HilumLivePiece){label, piece};
  return piece != NULL;
}

static bool make_pieces(HilumJoint *joint, const uint8_t *keep, Brick *out, GError **error)
{
  bool own[HILUM_LABEL_COUNT] = {false};
  size_t nt = hilum_mesh_get_triangle_count(hilum_joint_get_mesh(joint)), n = 0;
  const HilumLabelPair *pair = hilum_joint_get_pairs(joint);
  for (size_t t = 0; t < nt; t++)
    if (keep[t]) own[pair[t].inside] = own[pair[t].outside] = true;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    n += own[l];
  out->piece = g_new0(HilumLivePiece, n);
  bool ok = true;
  for (int l = 1; l < HILUM_LABEL_COUNT && ok; l++)
    if (own[l]) ok = make_piece(joint, keep, (uint8_t)l, out, error);
  return ok;
}

static bool make_brick(const Update *u, int32_t brick, Brick *out, GError **error)
{
  if (is_dull(u, brick)) return true;
  HilumVoxelBox core = core_of(u->labels, brick);
  uint8_t *keep = NULL;
  g_autoptr(HilumJoint) bare =
      hilum_joint_new_part(u->labels, u->live->wanted, widened(u->labels, core), core, &keep, error);
  if (!bare) return false;
  size_t nt = hilum_mesh_get_triangle_count(hilum_joint_get_mesh(bare));
  bool ok = true;
  if (nt > 0 && memchr(keep, 1, nt)) {
    HilumSmoothOptions options = {.iterations = HILUM_LIVE_PASSES,
                                  .leash_grid = hilum_label_snapshot_get_grid(u->labels)};
    g_autoptr(HilumJoint) smooth = hilum_joint_smooth(bare, &options, NULL, NULL, error);
    ok = smooth && make_pieces(smooth, keep, out, error);
  }
  hilum_big_free(keep);
  return ok;
}

static void make_bricks(size_t begin, size_t end, unsigned worker, void *data)
{
  Update *u = data;
  for (size_t d = begin; d < end; d++) {
    if (hilum_progress_cancelled(u->progress)) return;
    make_brick(u, u->dirty[d], &u->made[d], &u->errors[d]);
  }
}

/* The box of voxels in which a brick differs between two states; empty if it does not. */
static HilumVoxelBox changed_box(HilumLabelSnapshot *before, HilumLabelSnapshot *after, int32_t brick)
{
  uint8_t was = 0, is = 0;
  const uint8_t *a = hilum_label_snapshot_get_brick(before, brick, &was);
  const uint8_t *b = hilum_label_snapshot_get_brick(after, brick, &is);
  HilumVoxelBox box = hilum_label_snapshot_brick_box(after, brick),
                out = {{INT32_MAX, INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN, INT32_MIN}};
  if (a == b && (a || was == is)) return (HilumVoxelBox){{0, 0, 0}, {0, 0, 0}};
  for (int32_t k = 0; k < box.hi[2] - box.lo[2]; k++)
    for (int32_t j = 0; j < box.hi[1] - box.lo[1]; j++)
      for (int32_t i = 0; i < box.hi[0] - box.lo[0]; i++) {
        size_t at = (size_t)(k * LAYER + j * ROW + i);
        if ((a ? a[at] : was) == (b ? b[at] : is)) continue;
        const int32_t v[3] = {box.lo[0] + i, box.lo[1] + j, box.lo[2] + k};
        for (int c = 0; c < 3; c++) {
          out.lo[c] = MIN(out.lo[c], v[c]);
          out.hi[c] = MAX(out.hi[c], v[c] + 1);
        }
      }
  return out.lo[0] == INT32_MAX ? (HilumVoxelBox){{0, 0, 0}, {0, 0, 0}} : out;
}

/* Marks the bricks that see a changed box: cells of their margin end one voxel behind it. */
static void mark_bricks(const HilumLive *live, HilumVoxelBox box, uint8_t *dirty)
{
  int32_t lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = MAX((box.lo[a] - 1 - MARGIN) / EDGE, 0);
    hi[a] = MIN((box.hi[a] - 1 + MARGIN) / EDGE, live->dims[a] - 1);
  }
  for (int32_t k = lo[2]; k <= hi[2]; k++)
    for (int32_t j = lo[1]; j <= hi[1]; j++)
      for (int32_t i = lo[0]; i <= hi[0]; i++)
        dirty[(k * live->dims[1] + j) * live->dims[0] + i] = 1;
}

static GArray *find_dirty(const HilumLive *live, HilumLabelSnapshot *labels)
{
  g_autofree uint8_t *dirty = g_malloc0(live->n_bricks);
  if (!live->labels)
    memset(dirty, 1, live->n_bricks);
  else
    for (size_t b = 0; b < live->n_bricks; b++) {
      HilumVoxelBox box = changed_box(live->labels, labels, (int32_t)b);
      if (!hilum_voxel_box_is_empty(box)) mark_bricks(live, box, dirty);
    }
  GArray *out = g_array_new(FALSE, FALSE, sizeof(int32_t));
  for (size_t b = 0; b < live->n_bricks; b++)
    if (dirty[b]) {
      int32_t brick = (int32_t)b;
      g_array_append_val(out, brick);
    }
  return out;
}

static void start_anew(HilumLive *live, HilumLabelSnapshot *labels)
{
  live_clear(live);
  hilum_label_snapshot_brick_dims(labels, live->dims);
  live->n_bricks = (size_t)live->dims[0] * (size_t)live->dims[1] * (size_t)live->dims[2];
  live->brick = g_new0(Brick, live->n_bricks);
}

/* New bricks in the place of old ones, or thrown away. */
static bool finish(HilumLive *live, Update *u, GArray *dirty, GError **error)
{
  bool good = !hilum_progress_fail(u->progress, error);
  for (guint d = 0; d < dirty->len; d++)
    if (u->errors[d] && good) {
      g_propagate_error(error, g_steal_pointer(&u->errors[d]));
      good = false;
    }
  for (guint d = 0; d < dirty->len; d++) {
    Brick *old = &live->brick[u->dirty[d]];
    brick_clear(good ? old : &u->made[d]);
    if (good) *old = u->made[d];
    g_clear_error(&u->errors[d]);
  }
  return good;
}

bool hilum_live_update(HilumLive *live, HilumLabelSnapshot *labels, GArray *changed,
                       const HilumProgress *progress, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  if (!hilum_grid_validate(grid, error)) return false;
  if (!live->labels || !hilum_grid_equal(grid, hilum_label_snapshot_get_grid(live->labels), 0))
    start_anew(live, labels);
  g_autoptr(GArray) dirty = find_dirty(live, labels);
  Update u = {.live = live,
              .labels = labels,
              .dirty = (const int32_t *)(void *)dirty->data,
              .made = g_new0(Brick, dirty->len),
              .errors = g_new0(GError *, dirty->len),
              .progress = progress};
  hilum_parallel_for(dirty->len, 1, make_bricks, &u);
  bool good = finish(live, &u, dirty, error);
  if (good) {
    hilum_label_snapshot_ref(labels);
    g_clear_pointer(&live->labels, hilum_label_snapshot_unref);
    live->labels = labels;
    if (changed) g_array_append_vals(changed, dirty->data, dirty->len);
  }
  g_free(u.made);
  g_free(u.errors);
  return good;
}

const HilumLivePiece *hilum_live_get_pieces(const HilumLive *live, int32_t brick, size_t *n)
{
  bool there = brick >= 0 && (size_t)brick < live->n_bricks;
  *n = there ? live->brick[brick].n : 0;
  return there ? live->brick[brick].piece : NULL;
}

static HilumMesh *piece_of(const Brick *b, uint8_t label)
{
  for (size_t p = 0; p < b->n; p++)
    if (b->piece[p].label == label) return b->piece[p].mesh;
  return NULL;
}

HilumMesh *hilum_live_join(const HilumLive *live, uint8_t label, GError **error)
{
  uint64_t nv = 0, nt = 0;
  HilumVec3 origin = {0, 0, 0};
  for (size_t b = 0; b < live->n_bricks; b++) {
    const HilumMesh *mesh = piece_of(&live->brick[b], label);
    if (!mesh) continue;
    nv += hilum_mesh_get_vertex_count(mesh);
    nt += hilum_mesh_get_triangle_count(mesh);
    origin = hilum_mesh_get_origin_mm(mesh);
  }
  if (nt == 0 || nv > UINT32_MAX || nt > UINT32_MAX) {
    g_set_error_literal(error, HILUM_MESH_ERROR, nt ? HILUM_MESH_ERROR_LIMIT : HILUM_MESH_ERROR_EMPTY,
                        nt ? "The surface has more triangles than a mesh can hold"
                           : "There is no surface to make: no voxel belongs to the structure");
    return NULL;
  }
  float *p = hilum_big_alloc(3 * nv * sizeof *p, error);
  float *n = p ? hilum_big_alloc(3 * nv * sizeof *n, error) : NULL;
  uint32_t *out = n ? hilum_big_alloc(3 * nt * sizeof *out, error) : NULL;
  if (!out) {
    hilum_big_free(p);
    hilum_big_free(n);
    return NULL;
  }
  size_t v = 0, t = 0;
  for (size_t b = 0; b < live->n_bricks; b++) {
    HilumMesh *mesh = piece_of(&live->brick[b], label);
    if (!mesh) continue;
    size_t mv = hilum_mesh_get_vertex_count(mesh), mt = hilum_mesh_get_triangle_count(mesh);
    memcpy(p + 3 * v, hilum_mesh_get_positions(mesh), 3 * mv * sizeof *p);
    memcpy(n + 3 * v, hilum_mesh_get_normals(mesh), 3 * mv * sizeof *n);
    for (size_t i = 0; i < 3 * mt; i++)
      out[3 * t + i] = hilum_mesh_get_indices(mesh)[i] + (uint32_t)v;
    v += mv;
    t += mt;
  }
  return hilum_mesh_new_trusted(origin, (uint32_t)nv, p, n, (uint32_t)nt, out);
}
