/* What an edit may change, whatever the tool: only intensities in a range, only inside or only outside
 * another structure. (Locked structures are HilumLabelWrite's.) Any thread. */
#pragma once

#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef enum { HILUM_EDIT_ANYWHERE, HILUM_EDIT_INSIDE, HILUM_EDIT_OUTSIDE } HilumEditWhere;

/* All-zero: no limit. */
typedef struct {
  bool has_range;
  double lo, hi; /* real values (HU), inclusive */
  HilumEditWhere where;
  uint8_t other; /* the structure that `where` speaks of; 0: `where` is not looked at */
} HilumEditLimits;

/* Voxels that were taken out, and why; the range is asked first. */
typedef struct {
  uint64_t by_range, by_structure;
} HilumEditRefused;

static inline bool hilum_edit_limits_any(const HilumEditLimits *limits)
{
  return limits->has_range || (limits->where != HILUM_EDIT_ANYWHERE && limits->other != 0);
}

/* Clears from `mask`, within `box` (inside the grid), every voxel that may not be changed; what lies outside
 * the box is left alone. `volume`: the images that the range speaks of, on the grid of `labels`; NULL:
 * nothing is in the range. `refused` may be NULL. Cost: the box's set voxels; scratch: one slice of the box a
 * core. */
void hilum_edit_limits_apply(const HilumEditLimits *limits, const HilumVolume *volume,
                             const HilumLabelSnapshot *labels, HilumVoxelBox box, HilumMask *mask,
                             HilumEditRefused *refused);

/* The same for a mask that is to replace the voxels of `label` (HILUM_LABEL_REPLACE): where a voxel may not
 * be changed, the mask says afterwards what the label says already. False, with the mask undefined, if there
 * is no memory for a copy of the label. */
bool hilum_edit_limits_apply_replacing(const HilumEditLimits *limits, const HilumVolume *volume,
                                       const HilumLabelSnapshot *labels, uint8_t label, HilumVoxelBox box,
                                       HilumMask *mask, HilumEditRefused *refused, GError **error);

/* The same for a change of several structures: `after`, with every voxel that may not be changed as in
 * `before`. A new snapshot, or a reference to `after` if there is no limit. NULL if there is no memory: a bit
 * and two bytes a voxel of the grid. */
HilumLabelSnapshot *hilum_edit_limits_apply_labels(const HilumEditLimits *limits, const HilumVolume *volume,
                                                   HilumLabelSnapshot *before, HilumLabelSnapshot *after,
                                                   GError **error);

G_END_DECLS
