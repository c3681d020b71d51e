/* Arteries and veins, grown from the seed around two finished kidneys. */
#pragma once

#include "kidney_private.h"

typedef struct {
  double (*distance)(HilumVec3 p, const void *data); /* what vessels must not enter, LPS */
  const void *data;
} HilumVesselObstacle;

/* Aorta with the coeliac and superior mesenteric stubs and both renal arteries with segmental, interlobar and
 * arcuate branches. Sealed. */
HilumCapsules *hilum_vessels_new_arteries(const HilumKidney *left, const HilumKidney *right, uint64_t seed,
                                          const HilumVesselObstacle *obstacles, size_t n_obstacles);
/* Inferior vena cava, and renal veins with the branches of the sinus. Two sets: what is renal, and the cava.
 * Sealed. */
void hilum_vessels_new_veins(const HilumKidney *left, const HilumKidney *right, uint64_t seed,
                             const HilumVesselObstacle *obstacles, size_t n_obstacles, HilumCapsules **renal,
                             HilumCapsules **cava);
