/* One recipe for the surface of a structure. */
#include "hilum/mesh/surface.h"

HilumMesh *hilum_surface_new(HilumLabelSnapshot *labels, uint8_t label, int smoothing,
                             const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, smoothing > 0 ? 0.5 : 1, NULL);
  g_autoptr(HilumMesh) raw = hilum_mesh_extract_label(labels, label, NULL, &part, error);
  if (!raw || smoothing <= 0) return g_steal_pointer(&raw);

  /* The bare surface cuts the corners of voxels and so encloses less than the label holds, 2 % less where a
   * structure is ten voxels thick. The label's volume is the one that is reported, so the smooth surface
   * encloses that. */
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  HilumSmoothOptions options = {.iterations = smoothing,
                                .leash_grid = grid,
                                .keep_facing = true,
                                .keep_volume = true,
                                .volume_mm3 = (double)hilum_label_snapshot_count(labels, label) *
                                              hilum_grid_voxel_mm3(grid)};
  part = hilum_progress_part(progress, 0.5, 1, NULL);
  return hilum_mesh_smooth(raw, &options, &part, error);
}
