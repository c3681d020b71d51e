/* What the files of decimation share: quadrics, and one block of the mesh with its own queue. */
#pragma once

#include "mesh_private.h"

#include <math.h>

/* Squared distance to planes, weighted by area, about the vertex's own place: x'Ax + 2b'x + c for x relative
 * to the vertex. About the place itself the numbers stay small and floats suffice. */
typedef struct {
  float a[6]; /* xx xy xz yy yz zz */
  float b[3], c;
  float weight; /* area */
  float limit2; /* mm2: no collapse here whose mean squared distance is greater */
} HilumQuadric;

/* Collapses of one spatial block: a copy of its part of the mesh, small enough for a core's own cache.
 * Vertices that a triangle beyond the block uses are locked. */
typedef struct HilumDecimateBlock HilumDecimateBlock;

/* The whole mesh between phases. */
typedef struct {
  uint32_t nv, nt;
  float *positions;       /* 3 nv */
  HilumQuadric *quadrics; /* nv */
  uint32_t *indices;      /* 3 nt; compacted after each phase */
  bool *fixed;            /* nv: in no case moved */
} HilumDecimateMesh;

enum { HILUM_DECIMATE_BUCKETS = 256 };

/* Block of `nv` vertices (global numbers, ascending) and `nt` triangles (places in indices). `local` gives
 * each of the vertices its place in the list. `add_planes`: the triangles' planes are still to be added to
 * the quadrics. `seam` marks vertices (global) that triangles of no block use. */
HilumDecimateBlock *hilum_decimate_block_new(HilumDecimateMesh *mesh, const uint32_t *vertices, uint32_t nv,
                                             const uint32_t *triangles, uint32_t nt, const uint32_t *local,
                                             const bool *seam, bool add_planes);
/* Collapses what costs no more than bucket `last`, at most `budget` edges; returns how many. */
uint32_t hilum_decimate_block_run(HilumDecimateBlock *block, unsigned last, uint32_t budget);
/* Edges waiting in buckets up to `last` (some may be stale). */
uint32_t hilum_decimate_block_waiting(const HilumDecimateBlock *block, unsigned last);
uint32_t hilum_decimate_block_triangles(const HilumDecimateBlock *block);
/* Writes places and quadrics back to the mesh, and the triangles that are left (global numbers) to `indices`.
 */
void hilum_decimate_block_store(const HilumDecimateBlock *block, uint32_t *indices);
void hilum_decimate_block_free(HilumDecimateBlock *block);

/* One decimation without judgement. `limit`: per vertex, mm, the allowed root mean square distance to the
 * planes, 0: fixed; NULL: any. */
HilumMesh *hilum_decimate_collapse(HilumMesh *mesh, uint32_t target, const float *limit,
                                   const HilumProgress *progress, GError **error);

/* Area-weighted planes of one triangle, which pass through its corners: only A changes. */
static inline void hilum_quadric_planes(const float *p0, const float *p1, const float *p2, float a[6],
                                        float *area)
{
  const float u[3] = {p1[0] - p0[0], p1[1] - p0[1], p1[2] - p0[2]};
  const float v[3] = {p2[0] - p0[0], p2[1] - p0[1], p2[2] - p0[2]};
  const float n[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
  const float length = sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
  const float scale = length > 0 ? 0.5f / length : 0; /* area * n n' / |n|^2 */
  *area = 0.5f * length;
  a[0] = n[0] * n[0] * scale;
  a[1] = n[0] * n[1] * scale;
  a[2] = n[0] * n[2] * scale;
  a[3] = n[1] * n[1] * scale;
  a[4] = n[1] * n[2] * scale;
  a[5] = n[2] * n[2] * scale;
}

static inline void hilum_quadric_add_planes(HilumQuadric *q, const float a[6], float area)
{
  for (int i = 0; i < 6; i++)
    q->a[i] += a[i];
  q->weight += area;
}
