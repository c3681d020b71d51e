/* How large a structure is, direction by direction. All in LPS millimetres, of voxel cells: what a caliper
 * laid around the voxels would read, so up to a voxel more than between voxel centres. Any thread, all cores,
 * the same bits with 1 and N. */
#pragma once

#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

/* Largest diameter within one slice, and across it, as radiologists measure a lesion: the long axis is the
 * largest distance between two points of the structure in a slice, over all slices of the plane (of equal
 * ones the first); the short axis is the longest chord at right angles to it in the same slice. Of the convex
 * outline of everything that the structure has in the slice. */
typedef struct {
  int32_t slice;      /* index along the grid axis that the slices stack along */
  double diameter_mm; /* long axis, from a to b */
  HilumVec3 a_mm, b_mm;
  double perpendicular_mm; /* short axis, from c to d */
  HilumVec3 c_mm, d_mm;
} HilumPlaneDiameter;

typedef enum {
  HILUM_SHAPE_AXIAL, /* slices along the grid axis closest to superior */
  HILUM_SHAPE_SAGITTAL,
  HILUM_SHAPE_CORONAL,
  HILUM_SHAPE_PLANES
} HilumShapePlane;

typedef struct {
  /* Axes of the covariance of the structure's cells, most spread first: unit, right-handed, the largest
   * component of the first two positive. A ball has no such axes; then they are whatever rounding made
   * them. */
  HilumVec3 axes[3];
  double extents_mm[3]; /* of the box along these axes that holds all cells */
  HilumPlaneDiameter planes[HILUM_SHAPE_PLANES];
} HilumStructureShape;

/* HILUM_SEGMENT_ERROR_EMPTY if the label has no voxel. Scratch: 8 bytes a row and column of the structure's
 * box. */
bool hilum_structure_shape(HilumLabelSnapshot *labels, uint8_t label, HilumStructureShape *shape,
                           const HilumProgress *progress, GError **error);

G_END_DECLS
