/* Convex outlines of corners of voxels: Andrew's monotone chain (Inf. Process. Lett. 9:216, 1979) in exact
 * integers, for corners that come row by row. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
  int32_t x, y; /* corners: voxel i spans i..i + 1 */
} HilumCorner;

/* Twice the signed area of a, b, c. */
static inline int64_t hilum_corner_turn(HilumCorner a, HilumCorner b, HilumCorner c)
{
  return (int64_t)(b.x - a.x) * (c.y - a.y) - (int64_t)(b.y - a.y) * (c.x - a.x);
}

/* Adds a corner to a chain that turns only one way (`sign`); returns its new length. */
static inline size_t hilum_chain_push(HilumCorner *chain, size_t n, HilumCorner c, int sign)
{
  while (n >= 2 && sign * hilum_corner_turn(chain[n - 2], chain[n - 1], c) <= 0)
    n--;
  chain[n] = c;
  return n + 1;
}
