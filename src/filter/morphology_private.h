/* The two ways of spreading a mask by a ball, apart, so that the tests can hold them against each other. */
#pragma once

#include "ball_private.h"
#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

/* dst (clear, same dims as src) becomes src dilated by the ball. Slices where `wanted` (may be NULL) is empty
 * may be left out. */
bool hilum_ball_spread_rows(const HilumMask *src, HilumMask *dst, const HilumMask *wanted,
                            const HilumBall *ball, const HilumProgress *progress, GError **error);
/* The same by exact distance: its cost does not depend on the radius. */
bool hilum_ball_spread_distance(const HilumMask *src, HilumMask *dst, const double spacing_mm[3],
                                double radius_mm, const HilumProgress *progress, GError **error);
