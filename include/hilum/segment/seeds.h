/* Grow from seeds: strokes in several labels, background among them, become labels everywhere near them.
 *
 * Each label knows what its strokes look like in every phase given: a few modes, mean and standard deviation,
 * found in their voxels. Fronts leave all strokes at once, and each voxel goes to the front that gets there
 * at the least cost. A step costs its length in millimetres, more where the voxel looks unlike the label
 * (truncated, so that partial volume at a wall is a short bad stretch and not a barrier), and more across an
 * edge in the images. This is the cellular automaton of GrowCut (Vezhnevets and Konouchine 2005) solved
 * exactly as shortest paths (Zhu et al. 2014; the image foresting transform of Falcao, Stolfi and Lotufo
 * 2004), with the intensity models of geodesic segmentation (Criminisi, Sharp and Blake 2008). Costs are
 * whole numbers and ties go to the label that was drawn first, so that the answer is unique for what labels
 * are known to look like: it depends neither on the number of threads nor on how it was brought up to date.
 *
 * Any thread, but one at a time for one growth; all cores; cancellable. Memory: 4 bytes, 2 for each phase (4
 * for a while) and 1 for each label a voxel of the box around the strokes, and the queue of the front
 * besides. */
#pragma once

#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* A ball swept along a polyline. */
typedef struct {
  char *structure;   /* as files name it; NULL: background. Growing reads only `label` */
  uint8_t label;     /* 0: background */
  double radius_mm;  /* the voxels under the line itself always count */
  GArray *points_mm; /* HilumVec3, at least one */
} HilumStroke;

void hilum_stroke_clear(HilumStroke *stroke);
/* GLib key file, docs/segmentation.md: groups [stroke 1], [stroke 2] ... A GArray of HilumStroke with clear
 * function; labels are left 0. HILUM_SEGMENT_ERROR_SYNTAX names the group and what was not understood. */
GArray *hilum_strokes_load(const char *path, GError **error);

#define HILUM_SEED_MAX_PHASES 8

typedef struct {
  HilumVolume *const *volumes; /* 1 to HILUM_SEED_MAX_PHASES, on one grid; each adds a number to what a voxel
                                  looks like. A growth keeps references */
  size_t n_volumes;
  const HilumMask *inside; /* NULL: everywhere; else fronts stay inside, and strokes outside do not count:
                              how locked structures, an intensity range or a fence are kept. Copied */
  double margin_mm;        /* around all strokes; 0: 20; negative or infinite: the whole volume */
  double edge_weight;      /* 0: 1; negative: edges cost nothing, only likeness does */
} HilumSeedOptions;

typedef struct HilumSeedGrowth HilumSeedGrowth;

/* Grows. At least two labels (background counts) must have voxels: HILUM_SEGMENT_ERROR_SEED. Where strokes
 * cross, the later one wins. */
HilumSeedGrowth *hilum_seed_growth_new(const HilumSeedOptions *options, const HilumStroke *strokes,
                                       size_t n_strokes, const HilumProgress *progress, GError **error);
void hilum_seed_growth_free(HilumSeedGrowth *growth);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumSeedGrowth, hilum_seed_growth_free)

/* The strokes are now these: all of them, old ones left out being taken back. While the box stays and the
 * voxels that are new look like what their label knows already, only what the change reaches is grown again,
 * and the answer is the one of growing everything with the same looks; else everything is, with looks learned
 * anew. If the last strokes are taken back, the answer is bit for bit that of before they came, looks
 * included; that is grown again, too, if looks were learned since. *again (may be NULL) is set if everything
 * was grown. On failure or cancellation the growth may only be freed. */
bool hilum_seed_growth_update(HilumSeedGrowth *growth, const HilumStroke *strokes, size_t n_strokes,
                              bool *again, const HilumProgress *progress, GError **error);

/* What was looked at. */
HilumVoxelBox hilum_seed_growth_get_box(const HilumSeedGrowth *growth);
/* Label of a voxel of the grid; 0 outside the box, outside `inside` and for background. */
uint8_t hilum_seed_growth_at(const HilumSeedGrowth *growth, HilumVoxel voxel);
/* The voxels of a label over the whole grid. */
HilumMask *hilum_seed_growth_dup_mask(const HilumSeedGrowth *growth, uint8_t label, GError **error);
/* `base` with the answer written into it: labels that have strokes are replaced inside the box and `inside`
 * (elsewhere they stay), other structures give way only where a label grew, and voxels of locked labels never
 * change (index 0: nothing). */
HilumLabelSnapshot *hilum_seed_growth_dup_labels(const HilumSeedGrowth *growth, HilumLabelSnapshot *base,
                                                 const uint8_t locked[HILUM_LABEL_COUNT], GError **error);

G_END_DECLS
