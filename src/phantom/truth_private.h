/* What is true of the abdomen, asked of the shapes and not of an image. */
#pragma once

#include "tissue_map_private.h"

/* Signed distance to one structure's region, priorities applied. */
double hilum_truth_distance(const HilumAbdomen *abdomen, HilumPhantomStructure structure, HilumVec3 p);
HilumVec3 hilum_truth_seed(const HilumAbdomen *abdomen, HilumPhantomStructure structure);

typedef struct {
  double volume_ml[HILUM_PHANTOM_STRUCTURES];
} HilumTruthVolumes;
/* Of the structures with wanted[s], inside the grid's cells; false if cancelled. */
bool hilum_truth_volumes(const HilumAbdomen *abdomen, const HilumGrid *grid,
                         const bool wanted[HILUM_PHANTOM_STRUCTURES], HilumTruthVolumes *out,
                         const HilumProgress *progress);
