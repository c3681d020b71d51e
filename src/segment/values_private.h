/* Shared by what reads the values of a structure. */
#pragma once

#include "hilum/segment/values.h"

/* The structure's box; fails as hilum_structure_values() says. */
bool hilum_values_check(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                        HilumVoxelBox *box, GError **error);
/* From 65,536 counts; without a voxel all is zero. */
void hilum_values_from_counts(const uint64_t *counts, double slope, double intercept,
                              HilumStructureValues *values);
