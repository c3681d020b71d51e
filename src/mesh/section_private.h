/* What sections of planes and of spheres share: filling by bands, and what a sphere needs of its own. */
#pragma once

#include "hilum/mesh/section.h"

/* A side of a contour, from its lower end to its upper: along v, at u. */
typedef struct {
  double v0, u0, v1, u1;
  bool up; /* the contour goes up along it: material is on the side of the lesser u */
} HilumSide;

static inline double hilum_side_u(const HilumSide *s, double v)
{
  return s->u0 + (s->u1 - s->u0) * ((v - s->v0) / (s->v1 - s->v0));
}

/* Contours in a frame (u, v), to be filled. A band lies between the heights of two neighbouring corners, so
 * that no side ends in it; sides that span it, in their order, bound material in pairs (even-odd: holes
 * within holes need no tree). As for scan lines (J. Foley et al., Computer Graphics, 1990, 3.6), with
 * trapezoids in place of rows. Where u is an angle, the order has no first: material follows a side that goes
 * down, and a band without sides is material all round if the widest gap beside it is. */
typedef struct {
  HilumSide *sides; /* g_malloc(); level ones left out: they bound nothing above or below */
  size_t n_sides;
  double *levels; /* g_malloc(); heights of all corners, any order */
  size_t n_levels;
  double turn; /* u comes round after so much; 0: it does not */
  bool all;    /* without sides: all of it is material */
  /* One trapezoid, between u + shift at l and u at r. */
  void (*emit)(const HilumSide *l, const HilumSide *r, double shift, double v0, double v1, void *data);
  void (*ring)(double v0, double v1, void *data); /* all round; only with a turn */
  void *data;
} HilumSweep;

void hilum_sweep_run(HilumSweep *sweep);

/* Of a closed contour on a sphere (corners from its middle, joined by great arcs): what it encloses on its
 * left seen from outside, between minus and plus half of the sphere: below zero round a hole. */
double hilum_ball_contour_area(const HilumVec3 *points_mm, size_t n, HilumVec3 middle_mm, double radius_mm);
/* True if a point lies inside a closed surface; both relative to the mesh's origin (winding number, A. van
 * Oosterom, J. Strackee, The solid angle of a plane triangle, 1983). */
bool hilum_mesh_has_inside(const HilumMesh *mesh, HilumVec3 point);
/* What hilum_section_fill() is for spheres. */
HilumMesh *hilum_ball_fill(const HilumSection *section, const HilumCutter *cutter, GError **error);
/* Corners of triangles that share none: 3 floats a vertex, and their normals, at `origin_mm`. */
HilumMesh *hilum_fill_build(HilumVec3 origin_mm, const GArray *positions, const GArray *normals,
                            GError **error);
