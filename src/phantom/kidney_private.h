/* The shape of one kidney in its own frame: u lateral (away from the hilum), v anterior, w superior, in mm
 * from its centre. Built once, then read by any thread. */
#pragma once

#include "capsules_private.h"
#include "tissue_private.h"

#define HILUM_KIDNEY_PYRAMIDS 12

/* A medullary pyramid, local frame: from the papilla's tip in the sinus along dir to the cortex. */
typedef struct {
  HilumVec3 tip, dir, base;
} HilumPyramid;

typedef struct {
  HilumVec3 centre, axis[3]; /* LPS */
  uint64_t seed;
  HilumPyramid pyramid[HILUM_KIDNEY_PYRAMIDS];
  HilumCapsules *calyces; /* LPS: cups, infundibula, pelvis, blended */
  HilumCapsules *ureter;  /* LPS */
  HilumBox bounds;        /* LPS, of parenchyma and sinus */
} HilumKidney;

/* `lateral` is +1 for the left kidney, -1 for the right. `skip` (may be NULL) says where no calyx may lie:
 * negative inside, LPS. The ureter runs to z = z_end_mm. */
typedef double (*HilumKidneyObstacle)(HilumVec3 p, const void *data);
void hilum_kidney_init(HilumKidney *kidney, HilumVec3 centre, double lateral, uint64_t seed);
void hilum_kidney_add_collecting(HilumKidney *kidney, double lateral, double z_end_mm,
                                 HilumKidneyObstacle skip, const void *data);
void hilum_kidney_clear(HilumKidney *kidney);

HilumVec3 hilum_kidney_to_mm(const HilumKidney *kidney, HilumVec3 local);
HilumVec3 hilum_kidney_from_mm(const HilumKidney *kidney, HilumVec3 p);
/* Signed distances, all from LPS points. */
double hilum_kidney_hull(const HilumKidney *kidney, HilumVec3 p);   /* outline, with the notch of the hilum */
double hilum_kidney_smooth(const HilumKidney *kidney, HilumVec3 p); /* outline, without notch or lobes */
double hilum_kidney_sinus(const HilumKidney *kidney, HilumVec3 p);  /* with everything that lies in it */
double hilum_kidney_collecting(const HilumKidney *kidney, HilumVec3 p);
/* Cortex or medulla at a point of the parenchyma. */
bool hilum_kidney_in_medulla(const HilumKidney *kidney, HilumVec3 p);
