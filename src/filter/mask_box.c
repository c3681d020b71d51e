/* Crops of masks along whole words, and the check of a width that several filters share. */
#include "mask_box_private.h"

#include "hilum/filter/error.h"

#include <math.h>
#include <string.h>

HilumVoxelBox hilum_filter_grow_box(HilumVoxelBox box, const int32_t margin[3], const int32_t dims[3])
{
  for (int a = 0; a < 3; a++) {
    box.lo[a] = box.lo[a] < margin[a] ? 0 : box.lo[a] - margin[a];
    box.hi[a] = dims[a] - box.hi[a] < margin[a] ? dims[a] : box.hi[a] + margin[a];
  }
  return box;
}

HilumMask *hilum_filter_crop(const HilumMask *mask, HilumVoxelBox *box, GError **error)
{
  box->lo[0] &= ~63;
  int64_t end = ((int64_t)box->hi[0] + 63) & ~(int64_t)63;
  box->hi[0] = end > mask->dims[0] ? mask->dims[0] : (int32_t)end;
  const int32_t dims[3] = {box->hi[0] - box->lo[0], box->hi[1] - box->lo[1], box->hi[2] - box->lo[2]};
  HilumMask *crop = hilum_mask_new(dims, error);
  if (crop == NULL) return NULL;
  for (int32_t k = 0; k < dims[2]; k++)
    for (int32_t j = 0; j < dims[1]; j++)
      memcpy(hilum_mask_row(crop, j, k),
             hilum_mask_row(mask, j + box->lo[1], k + box->lo[2]) + (box->lo[0] >> 6),
             crop->row_words * sizeof(uint64_t));
  return crop;
}

void hilum_filter_paste(HilumMask *mask, const HilumMask *crop, HilumVoxelBox box)
{
  for (int32_t k = 0; k < crop->dims[2]; k++)
    for (int32_t j = 0; j < crop->dims[1]; j++)
      memcpy(hilum_mask_row(mask, j + box.lo[1], k + box.lo[2]) + (box.lo[0] >> 6),
             hilum_mask_row(crop, j, k), crop->row_words * sizeof(uint64_t));
}

bool hilum_filter_check_sigma(double sigma_mm, const double spacing_mm[3], int max_vox, GError **error)
{
  if (!isfinite(sigma_mm) || sigma_mm < 0) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID,
                        "The width of smoothing must be a number of millimetres that is not negative.");
    return false;
  }
  for (int a = 0; a < 3; a++)
    if (sigma_mm / spacing_mm[a] > max_vox) {
      g_set_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID,
                  "Smoothing by %g mm is more than %d voxels wide.", sigma_mm, max_vox);
      return false;
    }
  return true;
}
