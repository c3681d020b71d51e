/* A ball in millimetres as rows of voxels: the structuring element of morphology. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The row of the ball at (dj, dk) spans di = -reach..reach. */
typedef struct {
  int32_t dj, dk;
  int32_t reach;
  uint32_t width; /* index of `reach` in widths[] */
} HilumBallRow;

typedef struct {
  int32_t radius_vox[3];
  HilumBallRow *rows; /* sorted by dk, then reach, then dj */
  size_t n_rows;
  size_t *first;   /* 2 * radius_vox[2] + 2: rows of dk begin at first[dk + radius_vox[2]] */
  int32_t *widths; /* distinct reaches, ascending */
  size_t n_widths;
} HilumBall;

/* Squared radius against which squared distances are compared: a hair more than the square, so that a radius
 * that is a multiple of the spacing holds its last voxel whatever the rounding. */
double hilum_ball_limit_mm2(double radius_mm);

/* Is the voxel at that offset inside? The one test that every way of computing must agree with. */
static inline bool hilum_ball_contains(const double spacing_mm[3], double limit_mm2, int32_t di, int32_t dj,
                                       int32_t dk)
{
  double x = di * spacing_mm[0], y = dj * spacing_mm[1], z = dk * spacing_mm[2];
  return (x * x + y * y) + z * z <= limit_mm2;
}

/* Largest n with n voxels of that spacing inside the radius, at most `cap`. */
int32_t hilum_ball_extent(double spacing_mm, double limit_mm2, int32_t cap);

/* Reaches beyond dims change nothing and are cut. */
void hilum_ball_init(HilumBall *ball, const double spacing_mm[3], double radius_mm, const int32_t dims[3]);
void hilum_ball_clear(HilumBall *ball);

/* Two ways to spread `src` by the ball into `dst` (clear, same dims), with the same bits. Row by row: the
 * cost grows with the square of the radius. Rows of `dst` that are empty in `wanted` may be left out; NULL:
 * all rows. */
bool hilum_ball_spread_rows(const HilumBall *ball, const HilumMask *src, HilumMask *dst,
                            const HilumMask *wanted, const HilumProgress *progress, GError **error);
/* By distance (ball_distance.c): the cost is that of the distance transform, whatever the radius. Memory: 4
 * bytes a voxel. `ball` must be that of spacing and radius. */
bool hilum_ball_spread_far(const HilumBall *ball, const HilumMask *src, HilumMask *dst,
                           const double spacing_mm[3], double radius_mm, const HilumProgress *progress,
                           GError **error);
