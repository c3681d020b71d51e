/* One recipe for the surfaces of structures. */
#include "hilum/mesh/surface.h"

#include "hilum/mesh/error.h"

/* The bare surface cuts the corners of voxels and so encloses less than the label holds, 2 % less where a
 * structure is ten voxels thick. The label's volume is the one that is reported, so the smooth surface
 * encloses that. */
static HilumJoint *smooth(HilumJoint *bare, HilumLabelSnapshot *labels, int smoothing,
                          const HilumProgress *progress, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  HilumSmoothOptions options = {
      .iterations = smoothing, .leash_grid = grid, .keep_facing = true, .keep_volume = true};
  double mm3[HILUM_LABEL_COUNT];
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    mm3[l] = (double)hilum_label_snapshot_count(labels, (uint8_t)l) * hilum_grid_voxel_mm3(grid);
  return hilum_joint_smooth(bare, &options, mm3, progress, error);
}

HilumJoint *hilum_surface_joint_new(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                                    int smoothing, const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, smoothing > 0 ? 0.4 : 1, NULL);
  g_autoptr(HilumJoint) all = hilum_joint_new(labels, NULL, &part, error);
  g_autoptr(HilumJoint) bare = NULL;
  if (all && wanted) {
    uint8_t touching[HILUM_LABEL_COUNT];
    hilum_joint_find_touching(all, wanted, touching);
    bare = hilum_joint_restrict(all, touching, error);
  } else {
    bare = g_steal_pointer(&all);
  }
  if (!bare || smoothing <= 0) return g_steal_pointer(&bare);
  part = hilum_progress_part(progress, 0.4, 1, NULL);
  return smooth(bare, labels, smoothing, &part, error);
}

HilumMesh *hilum_surface_new(HilumLabelSnapshot *labels, uint8_t label, int smoothing,
                             const HilumProgress *progress, GError **error)
{
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  if (label == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "Voxels without a structure have no surface");
    return NULL;
  }
  wanted[label] = 1;
  g_autoptr(HilumJoint) joint = hilum_surface_joint_new(labels, wanted, smoothing, progress, error);
  return joint ? hilum_joint_split(joint, label, error) : NULL;
}
