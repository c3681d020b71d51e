/* Smooths several structures together: every voxel of theirs goes to the one whose Gaussian is largest there,
 * so that neither gaps nor overlaps appear between them. Pure; any thread; all cores; cancellable. */
#pragma once

#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

/* Labels l with set[l] != 0 take part; voxels of all others, locked ones among them, stay as they are and
 * count for nobody. If set[0], what belongs to no structure takes part too and outer walls are smoothed; else
 * the union of the structures keeps its voxels exactly. Of equal values the present label stays, then the
 * lowest. sigma_mm above 0. Memory: 8 bytes a voxel of the structures' box. */
HilumLabelSnapshot *hilum_labels_smooth_jointly(HilumLabelSnapshot *labels,
                                                const uint8_t set[HILUM_LABEL_COUNT], double sigma_mm,
                                                const HilumProgress *progress, GError **error);

G_END_DECLS
