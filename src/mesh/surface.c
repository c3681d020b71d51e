/* One recipe for the surface of a structure. */
#include "hilum/mesh/surface.h"

HilumMesh *hilum_surface_new(HilumLabelSnapshot *labels, uint8_t label, int smoothing,
                             const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, smoothing > 0 ? 0.5 : 1, NULL);
  g_autoptr(HilumMesh) raw = hilum_mesh_extract_label(labels, label, NULL, &part, error);
  if (!raw || smoothing <= 0) return g_steal_pointer(&raw);

  const double *s = hilum_label_snapshot_get_grid(labels)->spacing_mm;
  HilumSmoothOptions options = {
      .iterations = smoothing, .max_move_mm = 0.5 * fmax(s[0], fmax(s[1], s[2])), .keep_volume = true};
  part = hilum_progress_part(progress, 0.5, 1, NULL);
  return hilum_mesh_smooth(raw, &options, &part, error);
}
