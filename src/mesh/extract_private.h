/* The core that grey-value and label extraction share: bit rows in, mesh out. */
#pragma once

#include "hilum/kernels/mc.h"
#include "hilum/mesh/extract.h"

/* A box of voxels as padded bit rows: row (j, k), 0 <= j < n[1] + 2, 0 <= k < n[2] + 2, bit p. The outermost
 * rows, slices and bits are the outside. Voxel (i, j, k) of the grid is point (i - lo[0] + 1, ...). */
typedef struct {
  HilumGrid grid;
  int32_t lo[3], n[3];
  bool open_lo[3], open_hi[3]; /* per side: no surface towards the padding */
  size_t words;
  uint64_t *bits;
  HilumMcKernels kernels;

  const int16_t *voxels; /* grey values of the whole grid (then lo is 0 and n is dims), or NULL: t = 1/2 */
  double iso_stored;
  bool normals;

  const HilumProgress *progress;
} HilumExtraction;

/* Sets up the box and allocates the bits: padding rows zero, the rest left to the caller. */
bool hilum_extraction_init(HilumExtraction *x, const HilumGrid *grid, HilumVoxelBox box,
                           const HilumExtractOptions *options, const HilumProgress *progress, GError **error);
void hilum_extraction_clear(HilumExtraction *x);
HilumMesh *hilum_extraction_run(HilumExtraction *x, GError **error);

static inline uint64_t *hilum_extraction_row(const HilumExtraction *x, int32_t j, int32_t k)
{
  return x->bits + ((size_t)k * ((size_t)x->n[1] + 2) + (size_t)j) * x->words;
}

/* Gradient normals of n vertices: slots p[] of the edge row that starts at point (j, k) and runs along `axis`
 * (0..2), at parameters t. */
void hilum_extraction_normals(const HilumExtraction *x, float *out, const uint32_t *p, const double *t,
                              size_t n, int32_t j, int32_t k, int axis);
