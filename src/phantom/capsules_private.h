/* A set of tapering capsules (vessel trees, tubes, ribs) with a distance that is fast thanks to a grid of
 * cells. Built once, then sealed and read by any thread. */
#pragma once

#include "shape_private.h"

#include <stdbool.h>

typedef struct {
  HilumVec3 a, b;
  double ra, rb;
  int32_t group; /* segments of one group are one tube */
} HilumCapsule;

typedef struct {
  GArray *items; /* HilumCapsule */
  double blend;  /* fillet width between capsules in mm; 0: none */
  HilumBox bounds;
  int32_t dims[3];
  uint32_t *first; /* per cell, into `list`; one more at the end */
  uint32_t *list;
  float *bound; /* per cell: no surface is nearer than this to any point of the cell */
} HilumCapsules;

/* Values up to this distance (mm) from the surface are exact; farther out they are lower bounds. */
#define HILUM_CAPSULES_REACH 4.0

HilumCapsules *hilum_capsules_new(double blend);
void hilum_capsules_free(HilumCapsules *capsules);
void hilum_capsules_add(HilumCapsules *capsules, HilumVec3 a, HilumVec3 b, double ra, double rb, int group);
/* A tube through n points with the radius running from ra to rb. */
void hilum_capsules_add_path(HilumCapsules *capsules, const HilumVec3 *points, size_t n, double ra, double rb,
                             int group);
void hilum_capsules_seal(HilumCapsules *capsules);
double hilum_capsules_distance(const HilumCapsules *capsules, HilumVec3 p);
/* Also the nearest capsule and the distance to the nearest capsule of another group. Both may be far (>
 * reach) with *nearest NULL. */
double hilum_capsules_nearest(const HilumCapsules *capsules, HilumVec3 p, const HilumCapsule **nearest,
                              double *other_group);
