/* What smoothing and its guard share. */
#pragma once

#include "hilum/mesh/smooth.h"
#include "mesh_private.h"

/* Four lanes, so that a vertex is one aligned load; the last is not used. */
typedef float HilumLanes __attribute__((vector_size(16)));

/* Smoothing under way. `from` holds the surface as it stands, `to` is the other buffer. */
typedef struct {
  HilumMesh *mesh; /* borrowed */
  uint32_t n, n_triangles;
  const float *start;
  const uint32_t *indices;
  uint8_t *fixed;        /* per vertex: stays where it is */
  HilumLanes *from, *to; /* n, and zeros */
  /* The vertices around v, size[v] of them, none where v is fixed: the first eight at eight[8 v], where
   * missing ones are n, which is where the zeros are; all, if there are more, at ring.corner[ring.first[v]].
   */
  HilumCorners ring;
  uint32_t *eight;
  uint8_t *size;
  HilumVec3 leash[3]; /* rows of a matrix that maps the leash to the unit ball; all zero: no leash */
} HilumSmoothing;

static inline void hilum_smoothing_swap(HilumSmoothing *s)
{
  HilumLanes *t = s->from;
  s->from = s->to;
  s->to = t;
}

/* Enters the ring of v, n vertices, which may stand in the place of its corners already. More than
 * HILUM_RING_MOST or none: v is fixed. */
enum { HILUM_RING_MOST = UINT8_MAX };
void hilum_smoothing_set_ring(HilumSmoothing *s, size_t v, const uint32_t *ring, uint32_t n);
/* Checks the options, allocates, and finds the corners of each vertex into `ring`, which the caller turns
 * into rings by hilum_smoothing_set_ring(). Clear also after failure. */
bool hilum_smoothing_init(HilumSmoothing *s, HilumMesh *mesh, const HilumSmoothOptions *options,
                          GError **error);
void hilum_smoothing_clear_rings(HilumSmoothing *s);
void hilum_smoothing_clear(HilumSmoothing *s);
/* A pass over vertices [begin, end): a pure function of what the pass before made of them and of their rings,
 * into the place of what the one before that did. On any thread. */
typedef void (*HilumSmoothingPass)(int pass, size_t begin, size_t end, void *data);
/* Passes 0..passes - 1 over all vertices, as if one after the other. */
bool hilum_smoothing_run_passes(const HilumSmoothing *s, int passes, HilumSmoothingPass pass, void *data,
                                const HilumProgress *progress, GError **error);
/* The filtered surface into `from`; `to` is scratch. The rings stay; hilum_smoothing_clear_rings() when there
 * are no more filters. */
bool hilum_smoothing_filter(HilumSmoothing *s, const HilumSmoothOptions *options,
                            const HilumProgress *progress, GError **error);
/* A mesh with the positions of `from`. */
HilumMesh *hilum_smoothing_finish(const HilumSmoothing *s, GError **error);
/* Pulls every vertex of `from` back to its leash. */
void hilum_smoothing_leash(HilumSmoothing *s);
/* Sums over the triangles of `from`, in double and in a fixed order. */
void hilum_smoothing_area_and_volume(const HilumSmoothing *s, double *area, double *volume);
/* The start into p. */
void hilum_smoothing_load(const HilumSmoothing *s, HilumLanes *p);
/* Packs p to three floats a vertex. */
void hilum_smoothing_store(const HilumSmoothing *s, const HilumLanes *p, float *out);

struct HilumGuard;
/* Takes back from `from` what the guard does not allow, on the way from the start to here. `base` is scratch.
 */
void hilum_smoothing_hold_facing(HilumSmoothing *s, struct HilumGuard *guard, HilumLanes *base);
/* Offsets `from` until it encloses the target, as far as leash and guard (may be NULL) allow. */
bool hilum_smoothing_keep_volume(HilumSmoothing *s, struct HilumGuard *guard, HilumLanes *base, double target,
                                 GError **error);

/* Keeps a moving surface from turning over. Every vertex has a level: it makes the whole of its move at level
 * 0, then a half, a quarter, and none at the last. */
enum { HILUM_GUARD_LEVELS = 3 };
static inline float hilum_guard_share(uint8_t level)
{
  static const float share[HILUM_GUARD_LEVELS + 1] = {1, 0.5f, 0.25f, 0};
  return share[level];
}

/* The pieces a triangle belongs to: the one it faces out of, and the one it faces into, or none. */
typedef struct {
  uint32_t of, into;
} HilumPieces;
#define HILUM_NO_PIECE UINT32_MAX

typedef struct HilumGuard {
  uint32_t n_vertices, n_triangles, n_shells;
  const uint32_t *indices;
  bool closed;               /* shells have volumes */
  uint32_t *shell;           /* per vertex; NULL if there are pieces */
  const HilumPieces *pieces; /* per triangle; NULL: a triangle's piece is its first vertex's shell */
  uint8_t *level;            /* per vertex */
  uint8_t *bad;              /* per triangle */
  uint8_t *touched;          /* per vertex, in one check */
  double *base_mm3, *now_mm3, *part;
} HilumGuard;

bool hilum_guard_init(HilumGuard *guard, uint32_t n_vertices, uint32_t n_triangles, const uint32_t *indices,
                      bool closed, GError **error);
/* The same for a surface whose triangles have pieces on both sides (all closed). `pieces` is borrowed. */
bool hilum_guard_init_pieces(HilumGuard *guard, uint32_t n_vertices, uint32_t n_triangles,
                             const uint32_t *indices, const HilumPieces *pieces, uint32_t n_pieces,
                             GError **error);
void hilum_guard_clear(HilumGuard *guard);

/* A new base: all levels 0. */
void hilum_guard_set_base(HilumGuard *guard, const HilumLanes *base);
/* Compares `now` with `base` and raises the levels of vertices whose triangles or pieces have gone wrong;
 * with `whole`, of all vertices of the pieces that such triangles belong to, to the last. True if all is
 * well. */
bool hilum_guard_check(HilumGuard *guard, const HilumLanes *base, const HilumLanes *now, bool whole);
