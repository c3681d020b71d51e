/* What the files of the joint surface share. */
#pragma once

#include "hilum/mesh/joint.h"

struct HilumJoint {
  gatomicrefcount refs;
  HilumMesh *mesh;
  HilumLabelPair *pairs; /* hilum_big_alloc() */
  bool present[HILUM_LABEL_COUNT];
};

/* hilum_joint_smooth() with two filters: that of `options` where weight[vertex] is 0, that of `light` (its
 * iterations and pass band) where it is 1, a mix in between. The border between them is softened by two
 * rings. */
HilumJoint *hilum_joint_smooth_mixed(HilumJoint *joint, const HilumSmoothOptions *options,
                                     const HilumSmoothOptions *light, const float *weight,
                                     const double volumes_mm3[HILUM_LABEL_COUNT],
                                     const HilumProgress *progress, GError **error);

/* Takes over both, also on failure. */
HilumJoint *hilum_joint_new_take(HilumMesh *mesh, HilumLabelPair *pairs);

/* The surface in a box of cells (a cell is named by its lowest voxel and may start at -1), left open where
 * the box ends inside the map. Origin and arithmetic depend on the grid alone, so that parts fit bit for bit.
 * `tiles` (may be NULL) receives one byte a triangle: which tile of the box of cells `core` its cell lies in,
 * from 1, x fastest, or 0 if in none; hilum_big_free(). Tiles are cubes of `edge` cells, at most 255 of them;
 * cells that start at -1 belong to those that start at 0. A part without triangles is a joint without
 * triangles. */
HilumJoint *hilum_joint_new_part(HilumLabelSnapshot *labels, const uint8_t *wanted, HilumVoxelBox cells,
                                 HilumVoxelBox core, int32_t edge, uint8_t **tiles, GError **error);
