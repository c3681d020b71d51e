/* Grey values on the joint surface. Private to src/mesh; what and why: joint_grey.c, joint_share.c. */
#pragma once

#include "hilum/mesh/surface.h"

/* HILUM_MESH_ERROR_INVALID if the image of a range (`ranges` may be NULL) is not on the labels' grid. *used:
 * there is a range. */
bool hilum_grey_check(const HilumSurfaceRange *ranges, const HilumGrid *grid, bool *used, GError **error);

/* The structure, la or lb, whose range decides where the boundary between the voxel a (of la) and its
 * neighbour b (of lb) lies: the one that has its own voxel inside its range and the other outside of it. If
 * both do, the lower label that is not 0. 0: neither; it lies where the labels say. */
uint8_t hilum_grey_decides(const HilumSurfaceRange ranges[HILUM_LABEL_COUNT], uint8_t la, HilumVoxel a,
                           uint8_t lb, HilumVoxel b);

/* How far the values may be trusted with the position of a structure's boundary below and above its range: 1
 * where noise is small beside the step there, 0 where the strong filter is needed (joint_share.c). */
typedef struct {
  float below, above;
} HilumGreyTrust;

/* The bare joint of `labels` with its vertices moved along their edges to where the images' values say. The
 * images are on the labels' grid. Topology is unchanged: a vertex stays between its two voxels.
 * weight[vertex] (may be NULL) becomes the trust (by label; not read then) where a value placed it, 0 where
 * the labels did, and the mean of what it is joined to for middles and apexes. What becomes of a vertex
 * depends on the labels and values within two voxels of its edge, for middles and apexes one ring farther,
 * and not on what part `joint` is. */
HilumJoint *hilum_joint_place_grey(HilumJoint *joint, HilumLabelSnapshot *labels,
                                   const HilumSurfaceRange ranges[HILUM_LABEL_COUNT],
                                   const HilumGreyTrust *trust, float *weight, GError **error);

/* `placed`, with vertices taken back to where they are in `bare`, whose place it has, wherever triangles cross
 * or touch (joint_uncross.c); their weight becomes 0. */
HilumJoint *hilum_joint_uncross(HilumJoint *placed, const HilumJoint *bare, float *weight,
                                const HilumProgress *progress, GError **error);

/* What each structure of the joint holds, in mm3: its voxels, with those at a boundary that values decide by
 * their shares. What one structure gains there another loses. 0 for labels that the joint does not have. And
 * how far its values may be trusted; not at all without a range. */
bool hilum_joint_share_volumes(const HilumJoint *joint, HilumLabelSnapshot *labels,
                               const HilumSurfaceRange ranges[HILUM_LABEL_COUNT],
                               double mm3[HILUM_LABEL_COUNT], HilumGreyTrust trust[HILUM_LABEL_COUNT],
                               const HilumProgress *progress, GError **error);
