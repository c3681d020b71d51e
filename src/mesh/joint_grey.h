/* Grey values on the joint surface. Private to src/mesh; what and why: joint_grey.c. */
#pragma once

#include "hilum/mesh/surface.h"

/* The bare joint of `labels` with its vertices moved along their edges to where the image's values say. The
 * image is on the labels' grid. Topology is unchanged: a vertex stays between its two voxels. */
HilumJoint *hilum_joint_place_grey(HilumJoint *joint, HilumLabelSnapshot *labels, const HilumVolume *image,
                                   const HilumSurfaceRange ranges[HILUM_LABEL_COUNT], GError **error);

/* What a structure holds, by the shares of its voxels; by their number, if it has no range or nowhere a pure
 * voxel. */
bool hilum_label_share_volume(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *image,
                              const HilumSurfaceRange *range, double *mm3, GError **error);
