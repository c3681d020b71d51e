/* The exact placement of voxels in the patient: LPS millimetres, double. Nothing assumes that axes are axial
 * or isotropic. axes[a] is the unit direction in which index a grows; the three are orthonormal, and may be
 * left-handed when slices run towards the feet. Voxel (0,0,0)'s centre is origin_mm; index space has voxel
 * centres at integers. */
#pragma once

#include "hilum/geom/box.h"
#include "hilum/geom/vec3.h"

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  int32_t dims[3];
  HilumVec3 origin_mm;
  HilumVec3 axes[3];
  double spacing_mm[3];
} HilumGrid;

/* A voxel (integer index) and a position in index space (continuous). Distinct types from HilumVec3, so that
 * mixing voxels and millimetres does not compile. */
typedef struct {
  int32_t i, j, k;
} HilumVoxel;
typedef struct {
  double i, j, k;
} HilumIndexPos;

/* Axis-aligned LPS grid, as tests and the phantom use. */
HilumGrid hilum_grid_new(int32_t nx, int32_t ny, int32_t nz, double sx, double sy, double sz);

/* dims in 1..32767, product within size_t, spacing finite and in (0, 100] mm, axes unit and mutually
 * orthogonal to 1e-4, origin finite. Sets HILUM_VOLUME_ERROR_INVALID naming the defect. */
bool hilum_grid_validate(const HilumGrid *grid, GError **error);
bool hilum_grid_equal(const HilumGrid *a, const HilumGrid *b, double tolerance_mm);

static inline size_t hilum_grid_count(const HilumGrid *g)
{
  return (size_t)g->dims[0] * (size_t)g->dims[1] * (size_t)g->dims[2];
}
static inline double hilum_grid_voxel_mm3(const HilumGrid *g)
{
  return g->spacing_mm[0] * g->spacing_mm[1] * g->spacing_mm[2];
}
/* Linear index into a dense x-fastest array. */
static inline size_t hilum_grid_offset(const HilumGrid *g, HilumVoxel v)
{
  return ((size_t)v.k * (size_t)g->dims[1] + (size_t)v.j) * (size_t)g->dims[0] + (size_t)v.i;
}
static inline bool hilum_grid_contains(const HilumGrid *g, HilumVoxel v)
{
  return v.i >= 0 && v.j >= 0 && v.k >= 0 && v.i < g->dims[0] && v.j < g->dims[1] && v.k < g->dims[2];
}
static inline HilumVec3 hilum_grid_to_mm(const HilumGrid *g, HilumIndexPos p)
{
  HilumVec3 r = g->origin_mm;
  r = hilum_vec3_madd(r, p.i * g->spacing_mm[0], g->axes[0]);
  r = hilum_vec3_madd(r, p.j * g->spacing_mm[1], g->axes[1]);
  return hilum_vec3_madd(r, p.k * g->spacing_mm[2], g->axes[2]);
}
static inline HilumIndexPos hilum_grid_from_mm(const HilumGrid *g, HilumVec3 p)
{
  HilumVec3 d = hilum_vec3_sub(p, g->origin_mm);
  return (HilumIndexPos){hilum_vec3_dot(d, g->axes[0]) / g->spacing_mm[0],
                         hilum_vec3_dot(d, g->axes[1]) / g->spacing_mm[1],
                         hilum_vec3_dot(d, g->axes[2]) / g->spacing_mm[2]};
}
static inline HilumVec3 hilum_grid_voxel_to_mm(const HilumGrid *g, HilumVoxel v)
{
  return hilum_grid_to_mm(g, (HilumIndexPos){(double)v.i, (double)v.j, (double)v.k});
}
/* The voxel whose cell contains the point; may lie outside the grid. Far-away and non-finite points clamp to
 * int32. */
HilumVoxel hilum_grid_voxel_at_mm(const HilumGrid *grid, HilumVec3 point_mm);
/* +1 right-handed, -1 left-handed axes: triangle winding must follow it. */
int hilum_grid_handedness(const HilumGrid *grid);
/* Box around all voxel cells (half a voxel beyond the outermost centres). */
HilumBox hilum_grid_bounds_mm(const HilumGrid *grid);
/* Which grid axis runs closest to patient x (left), y (posterior), z (superior): a permutation. */
void hilum_grid_anatomical_axes(const HilumGrid *grid, int axis_of[3]);

/* "L", "R", "A", "P", "S", "I" and for oblique directions up to three letters in order of weight ("LPS");
 * components below `threshold` (cosine, 0.1 is usual) are left out. `out` holds 4 bytes. */
void hilum_orientation_letters(HilumVec3 direction, double threshold, char out[4]);

G_END_DECLS
