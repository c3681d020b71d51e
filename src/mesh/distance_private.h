/* Certified distances, for what must promise them. */
#pragma once

#include "bvh_private.h"

/* Greatest distance from any point of a triangle to the surface in `bvh`. The triangle is halved along its
 * sides until each part is known to lie no farther than `enough` (mm), or no farther than `tolerance` beyond
 * what was found. With `enough` above zero, INFINITY as soon as a point lies farther than that. *found (in
 * and out) is the greatest distance seen at a point; returns a bound that no point of the triangle exceeds.
 * corner[] in the tree's frame. */
double hilum_bound_triangle(const HilumBvh *bvh, double corner[3][3], double enough, double tolerance,
                            double *found);
