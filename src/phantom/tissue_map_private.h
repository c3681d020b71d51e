/* The abdomen sampled on a grid: the tissue at each voxel's centre, and eight samples for each voxel near a
 * boundary. Made once, shaded once per phase. Immutable. */
#pragma once

#include "abdomen_private.h"

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

typedef struct {
  HilumGrid grid;
  uint8_t *tissue;   /* HilumTissue of the centre, x fastest */
  HilumMask *mixed;  /* voxels with a neighbour of another tissue */
  size_t *row_first; /* per row (k * ny + j): index of its first mixed voxel in `samples` */
  uint8_t *samples;  /* 8 tissues per mixed voxel, in row order */
} HilumTissueMap;

HilumTissueMap *hilum_tissue_map_new(const HilumAbdomen *abdomen, const HilumGrid *grid,
                                     const HilumProgress *progress, GError **error);
void hilum_tissue_map_free(HilumTissueMap *map);

/* Visits the grid by blocks. `visit` gets a block of at most 4 voxels an edge with the solids that matter in
 * it, or a larger block in one tissue. Blocks of one chunk (a brick of 32 voxels an edge) come from one
 * thread. False if cancelled. */
typedef struct {
  HilumVoxelBox box;
  HilumSolidList list;
  bool uniform;
  HilumTissue tissue; /* if uniform */
  size_t chunk;
} HilumTissueBlock;
typedef bool (*HilumTissueFilter)(const HilumVoxelBox *box, const HilumSolidList *list, void *data);
typedef void (*HilumTissueVisit)(const HilumTissueBlock *block, void *data);
size_t hilum_tissue_chunks(const HilumGrid *grid);
bool hilum_tissue_walk(const HilumAbdomen *abdomen, const HilumGrid *grid, HilumTissueFilter filter,
                       HilumTissueVisit visit, void *data, const HilumProgress *progress);
