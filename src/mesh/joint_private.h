/* What the files of the joint surface share. */
#pragma once

#include "hilum/mesh/joint.h"

struct HilumJoint {
  gatomicrefcount refs;
  HilumMesh *mesh;
  HilumLabelPair *pairs; /* hilum_big_alloc() */
  bool present[HILUM_LABEL_COUNT];
};

/* Takes over both, also on failure. */
HilumJoint *hilum_joint_new_take(HilumMesh *mesh, HilumLabelPair *pairs);

/* The surface in a box of cells (a cell is named by its lowest voxel and may start at -1), left open where
 * the box ends inside the map. Origin and arithmetic depend on the grid alone, so that parts fit bit for bit.
 * `keep` (may be NULL) receives one byte a triangle: its cell lies in `core`; hilum_big_free(). A part
 * without triangles is a joint without triangles. */
HilumJoint *hilum_joint_new_part(HilumLabelSnapshot *labels, const uint8_t *wanted, HilumVoxelBox cells,
                                 HilumVoxelBox core, uint8_t **keep, GError **error);
