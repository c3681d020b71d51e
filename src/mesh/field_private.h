/* Signed distances of a surface on a grid, for what is easier done to a solid than to triangles. One owner;
 * all cores; the same bits with any number of threads. Places are relative to the mesh's origin. */
#pragma once

#include "hilum/mesh/mesh.h"

typedef struct {
  double h, lo[3]; /* spacing; first grid point */
  int32_t n[3];
  float *d;    /* x fastest; negative inside */
  double band; /* deeper distances are only known to be that, and are -band; outside the same with 3 h */
} HilumField;

static inline size_t hilum_field_index(const HilumField *f, int32_t i, int32_t j, int32_t k)
{
  return ((size_t)k * (size_t)f->n[1] + (size_t)j) * (size_t)f->n[0] + (size_t)i;
}

static inline size_t hilum_field_points(const HilumField *f)
{
  return (size_t)f->n[0] * (size_t)f->n[1] * (size_t)f->n[2];
}

/* The sign is the winding number's: along each row of the grid the crossings with all triangles are summed
 * with their direction, so overlapping pieces become one and what crosses itself is resolved (A. Jacobson, L.
 * Kavan, O. Sorkine, Robust inside-outside segmentation using generalized winding numbers, SIGGRAPH 2013, on
 * closed meshes). Sizes are hilum_field_distances()'s; `exact_at` as there. The grid reaches `margin` beyond
 * the mesh. HILUM_MESH_ERROR_LIMIT if it would have more than hilum_field_most() points. */
bool hilum_field_init(HilumField *field, const HilumMesh *mesh, double h, double margin, double band,
                      double exact_at, const HilumProgress *progress, GError **error);
void hilum_field_clear(HilumField *field);
/* 400 million, or as many as hilum_memory_budget() holds with all that is made of them. */
double hilum_field_most(void);
/* Points of the grid that hilum_field_init() would make of a mesh with these bounds. */
double hilum_field_count(HilumBox bounds_mm, double h, double margin);

/* What hilum_field_distances() is asked for. */
typedef struct {
  const float *where; /* distances are wanted where this lies within [from, to] */
  double from, to;
  double within, without; /* and go up to this: where it is negative, and elsewhere */
  double exact_at;        /* less than two spacings from this distance they are exact, too; NAN: nowhere */
} HilumFieldAsk;

/* Distances from the points of the grid to a surface: the size of `out` gets smaller, its sign stays. `out`
 * holds +-(at most what is asked for) before. Exact (nearest triangle, in double, rounded once) within a
 * spacing of the surface. Farther away each point tries the triangles that are nearest to its neighbours, and
 * from the best of them those around it until none is nearer (closest points carried from neighbour to
 * neighbour: P. Danielsson, Euclidean distance mapping, 1980): the distance to a triangle of the surface,
 * never less than the exact one, and on surfaces that are smooth on the scale of the spacing the same. */
bool hilum_field_distances(const HilumField *field, HilumVec3 origin_mm, const HilumMesh *surface,
                           const HilumFieldAsk *ask, float *out, const HilumProgress *progress,
                           GError **error);

typedef struct {
  double c[3], r;
} HilumBall;

/* The union of what `d` is negative in (a field's own, or another on its grid) with balls. */
void hilum_field_add_balls(const HilumField *field, float *d, const HilumBall *balls, size_t n);
/* `d` between the points of the grid; the nearest point's outside of it. */
double hilum_field_at(const HilumField *field, const float *d, const double p[3]);

/* The surface of { max(d, -d - hollow) <= level }, by marching cubes: without `hollow` (0) the surface where
 * d is `level`. Places are rounded to h / 8192. Empty: HILUM_MESH_ERROR_EMPTY. */
HilumMesh *hilum_field_extract(const HilumField *field, const float *d, HilumVec3 origin_mm, double level,
                               double hollow, const HilumProgress *progress, GError **error);
