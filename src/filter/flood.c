/* Flood from seeds: the components of the domain that hold one. A scanline fill that walks from row to row
 * was tried first: in noisy images it came back to the same rows so often that labelling all runs once is ten
 * times as fast (512x512x400, contrast-filled vessels and bone). */
#include "hilum/filter/components.h"

#include "hilum/base/memory.h"

static bool in_domain(const HilumMask *domain, HilumVoxel v)
{
  return v.i >= 0 && v.j >= 0 && v.k >= 0 && v.i < domain->dims[0] && v.j < domain->dims[1] &&
         v.k < domain->dims[2] && hilum_mask_get(domain, v);
}

HilumMask *hilum_mask_flood(const HilumMask *domain, const HilumVoxel *seeds, size_t n_seeds,
                            HilumConnectivity connectivity, size_t *reached, const HilumProgress *progress,
                            GError **error)
{
  g_return_val_if_fail(domain != NULL && (seeds != NULL || n_seeds == 0), NULL);
  size_t inside = 0;
  for (size_t s = 0; s < n_seeds; s++)
    inside += in_domain(domain, seeds[s]);
  if (reached != NULL) *reached = inside;
  if (inside == 0) return hilum_progress_fail(progress, error) ? NULL : hilum_mask_new(domain->dims, error);

  g_autoptr(HilumComponents) components = hilum_components_new(domain, connectivity, progress, error);
  g_autoptr(HilumMask) result = components != NULL ? hilum_mask_copy(domain, error) : NULL;
  if (result == NULL) return NULL;
  uint8_t *keep = hilum_big_alloc0(hilum_components_get_count(components), error);
  if (keep == NULL) return NULL;
  for (size_t s = 0; s < n_seeds; s++)
    if (in_domain(domain, seeds[s])) keep[hilum_components_at(components, seeds[s])] = 1;
  hilum_components_filter(components, result, keep);
  hilum_big_free(keep);
  return g_steal_pointer(&result);
}
