/* Four boxes at a time: what the files that ask the tree share. */
#pragma once

#include "bvh_private.h"

#include <string.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

typedef float Four __attribute__((vector_size(16)));
typedef int32_t FourFlags __attribute__((vector_size(16)));

static inline Four four_of(const float *p)
{
  Four v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* Greater and less: the second if either is no number. A bit a lane. The compiler sees the instructions in
 * plain loops, but not reliably. */
#ifdef __SSE2__
static inline Four four_max(Four a, Four b)
{
  return (Four)_mm_max_ps((__m128)a, (__m128)b);
}

static inline Four four_min(Four a, Four b)
{
  return (Four)_mm_min_ps((__m128)a, (__m128)b);
}

static inline unsigned four_bits(FourFlags flags)
{
  return (unsigned)_mm_movemask_ps((__m128)flags);
}
#else
static inline Four four_max(Four a, Four b)
{
  Four c;
  for (int i = 0; i < HILUM_BVH_WIDTH; i++)
    c[i] = a[i] > b[i] ? a[i] : b[i];
  return c;
}

static inline Four four_min(Four a, Four b)
{
  Four c;
  for (int i = 0; i < HILUM_BVH_WIDTH; i++)
    c[i] = a[i] < b[i] ? a[i] : b[i];
  return c;
}

static inline unsigned four_bits(FourFlags flags)
{
  unsigned bits = 0;
  for (int i = 0; i < HILUM_BVH_WIDTH; i++)
    bits |= (flags[i] != 0 ? 1u : 0u) << i;
  return bits;
}
#endif

static inline unsigned used_lanes(const HilumBvh *bvh, int level, uint32_t node)
{
  return (1u << hilum_bvh_lanes(bvh, level, node)) - 1;
}

/* A float that is not less. */
static inline float rounded_up(double x)
{
  return (float)(x * (1 + 0x1p-20));
}
