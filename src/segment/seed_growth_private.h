/* Grow from seeds: the state, and what its files ask of each other. */
#pragma once

#include "hilum/segment/seeds.h"

#include <stdatomic.h>

/* A voxel's state in one number, so that the least is what wins: cost << 8 | place of the label in `labels`.
 * Place 0 is no label: state 0 is a voxel that no front may enter, and the frame of one voxel around the box
 * is made of them. Cost 0 is a seed. */
#define HILUM_SEED_BLOCKED 0u
#define HILUM_SEED_UNSET UINT32_MAX
#define HILUM_SEED_MAX_COST 0xfffffeu
/* Cost of a step along the finest axis where nothing is amiss; no step is cheaper. */
#define HILUM_SEED_UNIT 16u

#define HILUM_SEED_MAX_MODES 32

typedef struct {
  float mean[HILUM_SEED_MAX_PHASES];  /* stored values */
  float scale[HILUM_SEED_MAX_PHASES]; /* 1 / standard deviation */
} HilumSeedMode;

typedef struct {
  uint8_t label;
  unsigned n_modes;
  HilumSeedMode modes[HILUM_SEED_MAX_MODES];
} HilumSeedModel;

typedef struct HilumSeedLooks HilumSeedLooks; /* seed_looks_private.h */

struct HilumSeedGrowth {
  HilumGrid grid;
  HilumVolume *volumes[HILUM_SEED_MAX_PHASES];
  size_t n_volumes;
  HilumMask *inside;
  double margin_mm;
  double edge_weight;

  HilumVoxelBox box;
  size_t dims[3]; /* of the box with its frame */
  size_t count;
  _Atomic uint32_t *state;
  int16_t *look;      /* the box with its frame in every phase, noise taken out */
  uint32_t step[3];   /* cost of a step along each axis where nothing is amiss */
  ptrdiff_t along[3]; /* to the next voxel along each axis */

  float raw_noise[HILUM_SEED_MAX_PHASES]; /* standard deviation, before it is taken out */
  float noise[HILUM_SEED_MAX_PHASES], per_noise[HILUM_SEED_MAX_PHASES]; /* what is left of it; 1 / it */
  unsigned n_models;                                                    /* place 0 is empty */
  GPtrArray *kept;        /* HilumSeedLooks, the last learned last; NULL: none yet */
  HilumSeedLooks *looks;  /* of these, what `models` are; or NULL */
  HilumSeedModel *models; /* 256 */
  uint8_t *unlike;        /* penalties of every place of `models` but 0, the box one behind the other */
};

/* A voxel of a stroke: its place in the box with its frame, and the place of its label in `models`. */
typedef struct {
  uint32_t at;
  uint8_t place;
} HilumSeed;

static inline size_t hilum_seed_growth_place(const HilumSeedGrowth *g, int32_t i, int32_t j, int32_t k)
{
  return ((size_t)(k - g->box.lo[2] + 1) * g->dims[1] + (size_t)(j - g->box.lo[1] + 1)) * g->dims[0] +
         (size_t)(i - g->box.lo[0] + 1);
}

/* seed_strokes.c: voxels of the strokes that lie in the volume, later strokes over earlier ones, in the order
 * of their places; and the box around them. */
bool hilum_seed_strokes_box(const HilumSeedGrowth *growth, const HilumStroke *strokes, size_t n_strokes,
                            HilumVoxelBox *box, GError **error);
/* Labels that no model stands for yet get an empty one. HilumSeed; NULL with an error. */
GArray *hilum_seed_strokes_voxels(HilumSeedGrowth *growth, const HilumStroke *strokes, size_t n_strokes,
                                  GError **error);

/* seed_models.c: looks of all labels from the seeds; or as they are, with their noise. `look` is as gathered.
 */
bool hilum_seed_models_learn(HilumSeedGrowth *growth, GArray *seeds, GError **error);
bool hilum_seed_models_recall(HilumSeedGrowth *growth, GError **error);
/* seed_smooth.c: takes the noise out of `look`; its frame is then undefined. */
bool hilum_seed_smooth_look(HilumSeedGrowth *growth, GError **error);
/* Of a step from one voxel to the next, in steps. */
uint32_t hilum_seed_models_edge(const HilumSeedGrowth *growth, size_t from, size_t to);
/* The largest that both penalties can be together. */
uint32_t hilum_seed_models_max(void);
/* Most of the seeds that are new look like what their label knows. */
bool hilum_seed_models_know(const HilumSeedGrowth *growth, GArray *fresh);

/* What a voxel costs a label for not looking like it, in steps. */
static inline uint32_t hilum_seed_growth_unlike(const HilumSeedGrowth *g, unsigned place, size_t at)
{
  return g->unlike[(size_t)(place - 1) * g->count + at];
}

static inline uint32_t hilum_seed_step_cost(const HilumSeedGrowth *g, int axis, size_t from, size_t to,
                                            unsigned place)
{
  return g->step[axis] * (1 + hilum_seed_growth_unlike(g, place, to) + hilum_seed_models_edge(g, from, to));
}

/* seed_front.c: spreads from the voxels in `from` (places in the box whose state is set) until nothing
 * changes. `changed` (may be NULL) receives the places that had a label and got another. */
bool hilum_seed_front_run(HilumSeedGrowth *growth, GArray *from, GArray *changed,
                          const HilumProgress *progress, GError **error);
