/* Gaussian smoothing of grey values in tiles that stream along z: what gaussian.c, gradient.c and
 * vesselness.c share.
 *
 * A tile is a block of columns and rows through all slices. Slice by slice it is smoothed along y and x into
 * a ring that holds what the z filter reaches, and the caller takes finished slices in ascending order. A
 * value depends on the voxels round it and on nothing else: the tiling cannot be seen in the result. Beyond
 * the volume's border the nearest voxel goes on, and smoothed values there are what that continuation gives:
 * tiles may reach over the border. */
#pragma once

#include "hilum/kernels/gauss.h"
#include "hilum/volume/volume.h"

/* Symmetric weights, from the centre outwards, that sum to 1. */
typedef struct {
  size_t radius;
  float *weights; /* radius + 1 */
} HilumGaussWeights;

/* Sampled Gaussian, cut off at `reach` sigma; sigma 0: the voxel alone. g_free() the weights. */
HilumGaussWeights hilum_gauss_weights(double sigma_vox, double reach);

/* Largest sigma, in voxels, for hilum_filter_check_sigma(). */
#define HILUM_GAUSS_MAX_VOX 100

/* How a box of a volume is cut into tiles for one sigma. */
typedef struct {
  const int16_t *voxels;
  int32_t dims[3];
  HilumVoxelBox box;
  int32_t halo;     /* columns, rows and slices that are smoothed besides on every side */
  int32_t width[2]; /* columns and rows of a tile, without halo */
  int32_t tiles[2];
  HilumGaussWeights w[3];
  size_t ring_slices, row_floats, slice_floats; /* of smoothed slices, halo included */
  size_t scratch_floats;                        /* a tile at work */
  HilumGaussKernels kernels;
} HilumGaussPlan;

/* `box` must lie in the volume. hilum_gauss_plan_clear() is due. */
void hilum_gauss_plan_init(HilumGaussPlan *plan, const HilumVolume *volume, HilumVoxelBox box,
                           double sigma_mm, double reach, int32_t halo);
void hilum_gauss_plan_clear(HilumGaussPlan *plan);

static inline size_t hilum_gauss_plan_tiles(const HilumGaussPlan *plan)
{
  return (size_t)plan->tiles[0] * (size_t)plan->tiles[1];
}

typedef struct {
  const HilumGaussPlan *plan;
  int32_t lo[2], hi[2]; /* columns and rows, without halo */
  int32_t ready;        /* slices below are in the ring, or will not be needed */
  float *ring, *source, *across;
  const float **rows;
} HilumGaussTile;

/* `scratch` holds plan->scratch_floats, 64-byte aligned, and belongs to the tile until its last slice. */
void hilum_gauss_tile_init(HilumGaussTile *tile, const HilumGaussPlan *plan, size_t index, float *scratch);
/* Slice k of the tile with its halo: rows of plan->row_floats. k must not descend, and lies at most `halo`
 * beyond the box. */
void hilum_gauss_tile_slice(HilumGaussTile *tile, int32_t k, float *out);

/* Value (i, j) of a slice that hilum_gauss_tile_slice() made. */
static inline const float *hilum_gauss_tile_at(const HilumGaussTile *tile, const float *slice, int32_t i,
                                               int32_t j)
{
  const HilumGaussPlan *plan = tile->plan;
  return slice + (size_t)(j - tile->lo[1] + plan->halo) * plan->row_floats +
         (size_t)(i - tile->lo[0] + plan->halo);
}

/* A tile (of a plan with halo 2) with the slices that five-point differences need. */
typedef struct {
  HilumGaussTile tile;
  float *slices[5]; /* k - 2 .. k + 2 of the slice moved to */
} HilumGaussStencil;

static inline size_t hilum_gauss_stencil_floats(const HilumGaussPlan *plan)
{
  return plan->scratch_floats + 5 * plan->slice_floats;
}

/* `scratch` holds hilum_gauss_stencil_floats(), 64-byte aligned. Slices follow one by one. */
void hilum_gauss_stencil_init(HilumGaussStencil *stencil, const HilumGaussPlan *plan, size_t index,
                              float *scratch);
void hilum_gauss_stencil_move(HilumGaussStencil *stencil, int32_t k);
