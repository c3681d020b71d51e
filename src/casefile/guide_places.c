/* What is left over and round. */
#include "hilum/casefile/guide_places.h"

#include "hilum/casefile/error.h"

#include <string.h>

struct HilumGuidePlaces {
  HilumVolume *volume;
  HilumLabelSnapshot *labels;
  uint8_t kidney;
};

HilumGuidePlaces *hilum_guide_places_new(HilumCase *the_case, const char *kidney, guint phase, GError **error)
{
  HilumStructure *structure = hilum_case_find_structure(the_case, kidney);
  if (!structure || hilum_structure_get_voxels(structure) == 0) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE,
                "%s has no voxels yet: go back and make it first.", kidney);
    return NULL;
  }
  HilumVolume *volume = hilum_case_require_volume(the_case, phase, error);
  if (!volume) return NULL;
  HilumGuidePlaces *self = g_new0(HilumGuidePlaces, 1);
  self->volume = hilum_volume_ref(volume);
  self->labels = hilum_case_dup_labels(the_case);
  self->kidney = hilum_structure_get_label(structure);
  return self;
}

void hilum_guide_places_free(HilumGuidePlaces *self)
{
  if (!self) return;
  hilum_volume_unref(self->volume);
  g_clear_pointer(&self->labels, hilum_label_snapshot_unref);
  g_free(self);
}

GArray *hilum_guide_places_run(const HilumGuidePlaces *self, const HilumProgress *progress, GError **error)
{
  uint8_t all[HILUM_LABEL_COUNT];
  memset(all, 1, sizeof all);
  all[0] = 0;
  g_autoptr(HilumMask) kidney = hilum_label_snapshot_dup_mask(self->labels, self->kidney, error);
  g_autoptr(HilumMask) taken = kidney ? hilum_label_snapshot_dup_mask_of_set(self->labels, all, error) : NULL;
  return taken ? hilum_kidney_find_candidates(self->volume, kidney, taken, progress, error) : NULL;
}
