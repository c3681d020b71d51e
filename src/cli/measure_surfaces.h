/* The surfaces of a case, for `measure`: their numbers, and how far two of them lie apart. */
#pragma once

#include "surface_numbers.h"

#include "hilum/volume/label_map.h"

typedef struct {
  HilumMesh *mesh[HILUM_LABEL_COUNT]; /* by label; NULL: none was made */
  CliSurfaceNumbers *numbers[HILUM_LABEL_COUNT];
} CliCaseSurfaces;

typedef struct {
  HilumStructure *a, *b; /* borrowed */
  HilumSurfaceGap gap;
  HilumSurfaceDistance a_to_b, b_to_a, both;
} CliBetween;

/* Surfaces of all structures with voxels, smoothed as exports are, and their numbers; of the wanted labels
 * alone and without numbers if `wanted` is given. */
bool cli_case_surfaces(HilumCase *self, const uint8_t *wanted, CliCaseSurfaces *surfaces,
                       const HilumProgress *progress, GError **error);
void cli_case_surfaces_clear(CliCaseSurfaces *surfaces);
/* Every --between A,B of the arguments, as CliBetween whose structures are found and have voxels; NULL on
 * error. */
GArray *cli_between_parse(const CliArgs *args, HilumCase *self, GError **error);
bool cli_between_measure(GArray *pairs, const CliCaseSurfaces *surfaces, const HilumProgress *progress,
                         GError **error);
/* between[], or lines if `b` is NULL. */
void cli_between_report(JsonBuilder *b, const GArray *pairs);
