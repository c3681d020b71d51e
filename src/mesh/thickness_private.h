/* Inscribed balls, for what else needs them. */
#pragma once

#include "bvh_private.h"

/* Radius of the ball that touches p from inside, where the surface has the outward normal n, up to `most`;
 * c gets its middle, `depth` how deep that lies: less than the radius where a corner was let stand. Shrinks
 * from `most`, where its middle must still be inside, until nothing but corners lies in it (thickness.c). */
double hilum_inscribed_ball(const HilumBvh *bvh, const double p[3], const double n[3], double most,
                            double c[3], double *depth);
