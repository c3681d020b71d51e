/* Numbers about structures: what `measure` prints and the structure list shows. Any thread. */
#pragma once

#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef struct {
  uint64_t voxels;
  double volume_ml; /* voxels times voxel volume */
  HilumVec3 centroid_mm;
  HilumBox bounds_mm;     /* of voxel cells */
  double max_diameter_mm; /* largest distance between two corners of the structure's surface voxels' cells */
  double mean, sd;        /* real values (HU) over the voxels; NAN without a volume */
} HilumStructureStats;

/* `volume` may be NULL. HILUM_SEGMENT_ERROR_EMPTY if the label has no voxel. */
bool hilum_structure_stats(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                           HilumStructureStats *stats, const HilumProgress *progress, GError **error);

/* Smallest distance between the voxel centres of two structures, with the two points, exact. */
bool hilum_structure_distance(HilumLabelSnapshot *labels, uint8_t a, uint8_t b, double *distance_mm,
                              HilumVec3 *point_a_mm, HilumVec3 *point_b_mm, const HilumProgress *progress,
                              GError **error);

G_END_DECLS
