/* The surfaces of all structures of a label map at once: one mesh in which every boundary between two labels
 * exists once, so that neighbours share it exactly, before and after smoothing. Each triangle knows the two
 * labels it divides; the surface of one structure is the triangles that have it on one side, and is a closed
 * 2-manifold by itself. Where three or more labels meet, their boundaries meet in common vertices: no gap and
 * no overlap (docs/meshing.md has the rules, decision 0006 the choice).
 *
 * A joint is immutable and reference counted. Pure functions: any thread; all cores are used; the same bits
 * with any number of threads. */
#pragma once

#include "hilum/mesh/mesh.h"
#include "hilum/mesh/smooth.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

typedef struct HilumJoint HilumJoint;

/* What a triangle divides. It is counter-clockwise seen from `outside`. `inside` is the lower of the two
 * labels that is not 0; label 0 and labels that were left out are one outside, 0. */
typedef struct {
  uint8_t inside, outside;
} HilumLabelPair;

/* Vertices half way between voxels of different labels, in the middles of voxel faces' duals where three or
 * four labels meet, and inside the cells where those meet. `wanted` (NULL: all): only labels l with wanted[l]
 * != 0 are structures, the rest is outside. The volume's border is closed. HILUM_MESH_ERROR_EMPTY if no voxel
 * belongs to a wanted structure. */
HilumJoint *hilum_joint_new(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                            const HilumProgress *progress, GError **error);
HilumJoint *hilum_joint_ref(HilumJoint *joint);
void hilum_joint_unref(HilumJoint *joint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumJoint, hilum_joint_unref)

/* All triangles. Where three labels meet, an edge has more than two triangles: the whole is no 2-manifold.
 * Borrowed. */
HilumMesh *hilum_joint_get_mesh(const HilumJoint *joint);
/* One a triangle. */
const HilumLabelPair *hilum_joint_get_pairs(const HilumJoint *joint);
/* True if the label bounds a triangle. */
bool hilum_joint_has(const HilumJoint *joint, uint8_t label);

/* The surface of one structure, outward, with the joint's origin, so that shared vertices have the same
 * floats in every structure's mesh; triangles and vertices keep the joint's order. HILUM_MESH_ERROR_EMPTY if
 * it has none. */
HilumMesh *hilum_joint_split(const HilumJoint *joint, uint8_t label, GError **error);

/* Marks in `touching` (cleared first) every label whose surface shares a vertex, by way of others or
 * directly, with that of a label in `wanted`, and those themselves: what smoothing moves together. */
void hilum_joint_find_touching(const HilumJoint *joint, const uint8_t wanted[HILUM_LABEL_COUNT],
                               uint8_t touching[HILUM_LABEL_COUNT]);
/* The triangles that have a label of the set on a side, with their vertices, in their order and about the
 * same origin. The same object if that is all. HILUM_MESH_ERROR_EMPTY if it is none. */
HilumJoint *hilum_joint_restrict(HilumJoint *joint, const uint8_t set[HILUM_LABEL_COUNT], GError **error);

/* The same triangles with their vertices moved: every shared vertex once. Vertices between two labels are
 * filtered over their ring, those where more meet along the lines in which they meet. keep_volume gives every
 * structure its volume: volumes_mm3[label], or what it encloses now where that is 0 or volumes_mm3 is NULL
 * (options->volume_mm3 is not used). keep_facing guards every piece of every structure, keep_apart all
 * of them from crossing themselves and each other. */
HilumJoint *hilum_joint_smooth(HilumJoint *joint, const HilumSmoothOptions *options,
                               const double volumes_mm3[HILUM_LABEL_COUNT], const HilumProgress *progress,
                               GError **error);

G_END_DECLS
