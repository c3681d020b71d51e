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
