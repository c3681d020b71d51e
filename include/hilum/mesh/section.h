/* Where a plane or a sphere meets a surface: contours, and the surface on one side of it. Corners of contours
 * lie on edges of the surface, computed in double; between them they run straight across triangles, so that
 * the section of a plane is exact for the surface as it is. A vertex that lies on the plane or sphere counts
 * as above or outside, for all of its triangles: contours of a closed surface close, and where they would
 * touch a vertex or run along an edge they do not fall apart. Where a sphere enters a triangle between its
 * corners without reaching one, it is not seen. Any thread. */
#pragma once

#include "hilum/mesh/mesh.h"

G_BEGIN_DECLS

typedef struct {
  enum { HILUM_CUTTER_PLANE, HILUM_CUTTER_SPHERE } kind;
  HilumVec3 point_mm; /* on the plane, or the sphere's middle; LPS */
  HilumVec3 normal;   /* of the plane, towards above; any length */
  double radius_mm;   /* of the sphere */
} HilumCutter;

static inline bool hilum_cutter_equal(const HilumCutter *a, const HilumCutter *b)
{
  return a->kind == b->kind && hilum_vec3_distance(a->point_mm, b->point_mm) == 0 &&
         hilum_vec3_distance(a->normal, b->normal) == 0 && a->radius_mm == b->radius_mm;
}

typedef struct {
  size_t first, n;  /* of its points; no two neighbours are equal */
  bool closed;      /* the last joins the first; else it ends at a border of the surface */
  double length_mm; /* perimeter, if closed */
  /* Of a closed contour: what it encloses, above zero if material lies inside (counter-clockwise seen from
   * above or outside), below zero round a hole; 0 of an open one. On a sphere corners are joined by great
   * arcs, and of the two parts that a contour bounds the smaller counts. */
  double area_mm2;
} HilumContour;

typedef struct {
  HilumVec3 *points_mm; /* LPS, contour after contour */
  size_t n_points;
  HilumContour *contours;
  size_t n_contours;
  double length_mm, area_mm2; /* of all: the section of the material, on a sphere the part that lies in it */
  bool all_inside;            /* of a sphere that meets nothing: it lies in the material */
} HilumSection;

void hilum_section_free(HilumSection *section);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumSection, hilum_section_free)

/* The contours; without any if they do not meet. HILUM_MESH_ERROR_INVALID for a cutter without a normal or a
 * radius, or that is not finite. */
HilumSection *hilum_mesh_section(const HilumMesh *mesh, const HilumCutter *cutter,
                                 const HilumProgress *progress, GError **error);
/* The part of the surface that is above the plane or outside the sphere, or (`below`) the other; open along
 * the contours, whose corners are its border's vertices to single precision. HILUM_MESH_ERROR_EMPTY if
 * nothing is left. */
HilumMesh *hilum_mesh_cut(const HilumMesh *mesh, const HilumCutter *cutter, bool below,
                          const HilumProgress *progress, GError **error);
/* What the closed contours of a plane enclose, by even and odd, or the part of a sphere that lies in the
 * material (all of it if it lies inside), as triangles that face above or outside, with normals; to be looked
 * at: triangles share no vertices, and on a sphere of radius r they lie within r / 1600 of it. Its origin is
 * cutter->point_mm. HILUM_MESH_ERROR_EMPTY if there is nothing to fill. */
HilumMesh *hilum_section_fill(const HilumSection *section, const HilumCutter *cutter, GError **error);

G_END_DECLS
