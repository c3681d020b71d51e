/* The volumes that registration compares: a crop of the original, its values companded to bins, smoothed and
 * thinned to one level of the pyramid. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* Bins of the joint histogram along either axis. Companded values lie in [BIN_LOWEST, BIN_HIGHEST], so that
 * the four bins under a cubic B-spline always exist. */
enum { BINS = 32 };
#define BIN_LOWEST 1.0f
#define BIN_HIGHEST 28.999f

/* Stored value -> bin position, piecewise linear; 65,536 entries, index = stored + 32768. */
typedef struct {
  float position[65536];
} Compander;

/* Bins as wide as the values are rare: density of bins ~ cube root of the density of values (Panter and Dite
 * 1951: the least mean square error for a number of bins), over the voxels of `box`. NULL if the box holds
 * one value only. Free with g_free(). */
Compander *compander_new_for_box(const HilumVolume *volume, HilumVoxelBox box);
/* Linear between two real values, clipped. Free with g_free(). */
Compander *compander_new_linear(const HilumVolume *volume, double lo, double hi);
/* Real values below which the shares `lo` and `hi` of the box's voxels lie. */
void box_quantiles(const HilumVolume *volume, HilumVoxelBox box, double lo, double hi, double *at_lo,
                   double *at_hi);

typedef struct {
  HilumGrid grid;
  float *values; /* x fastest, hilum_big_alloc() */
} Level;

/* Companded crop, thinned so that no axis is sampled finer than `target_mm` where a whole number of voxels
 * allows it: thick slices stay as they are while the plane is thinned. */
Level *level_new(const HilumVolume *volume, HilumVoxelBox box, const Compander *compander, double target_mm,
                 const HilumProgress *progress, GError **error);
/* A coarser level from a finer one. */
Level *level_new_coarser(const Level *finer, double target_mm, const HilumProgress *progress, GError **error);
void level_free(Level *level);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Level, level_free)

G_END_DECLS
