/* The whole abdomen as an ordered table of solids: the first solid that holds a point decides what it is made
 * of. Built once from a seed, then read by any thread. */
#pragma once

#include "kidney_private.h"

typedef struct HilumAbdomen HilumAbdomen;

/* Body parts that are not kidneys or vessels; built by organs.c. */
typedef struct {
  HilumCapsules *bowel, *colon, *ribs, *adrenals, *pancreas, *portal;
} HilumOrgans;

struct HilumAbdomen {
  uint64_t seed;
  HilumKidney left, right;
  HilumVec3 tumour_mm, cyst_mm;
  double tumour_radius_mm, cyst_radius_mm;
  HilumCapsules *arteries, *renal_veins, *cava;
  HilumOrgans organs;
};

typedef struct {
  /* Negative inside. */
  double (*distance)(const HilumAbdomen *abdomen, HilumVec3 p);
  /* What the solid is made of at a point inside it; NULL: `tissue` throughout. */
  HilumTissue (*material)(const HilumAbdomen *abdomen, HilumVec3 p);
  HilumTissue tissue;
  HilumPhantomStructure structure;
  /* |distance| never exceeds this times the true distance to the surface, within the body. */
  double lipschitz;
} HilumSolid;

extern const HilumSolid hilum_solids[];
extern const size_t hilum_solids_count;
#define HILUM_SOLIDS_MAX 48

HilumAbdomen *hilum_abdomen_new(uint64_t seed);
void hilum_abdomen_free(HilumAbdomen *abdomen);

/* A shortlist of solids that matter in some region, in order; the last may fill it. */
typedef struct {
  uint8_t count;
  bool filled; /* the last of them holds the whole region */
  uint8_t solid[HILUM_SOLIDS_MAX];
} HilumSolidList;
HilumSolidList hilum_abdomen_all_solids(void);
/* Those of `list` that reach into the ball, cut off after one that fills it. */
HilumSolidList hilum_abdomen_prune(const HilumAbdomen *abdomen, const HilumSolidList *list, HilumVec3 centre,
                                   double radius);
HilumTissue hilum_abdomen_tissue(const HilumAbdomen *abdomen, const HilumSolidList *list, HilumVec3 p);

/* organs.c */
void hilum_organs_init(HilumOrgans *organs, uint64_t seed);
void hilum_organs_clear(HilumOrgans *organs);
double hilum_organ_lung(const HilumAbdomen *a, HilumVec3 p);
double hilum_organ_liver(const HilumAbdomen *a, HilumVec3 p);
double hilum_organ_gallbladder(const HilumAbdomen *a, HilumVec3 p);
double hilum_organ_spleen(const HilumAbdomen *a, HilumVec3 p);
double hilum_organ_pancreas(const HilumAbdomen *a, HilumVec3 p);
double hilum_organ_adrenal(const HilumAbdomen *a, HilumVec3 p);
double hilum_organ_stomach(const HilumAbdomen *a, HilumVec3 p);
double hilum_organ_colon(const HilumAbdomen *a, HilumVec3 p);
double hilum_organ_bowel(const HilumAbdomen *a, HilumVec3 p);
HilumTissue hilum_organ_liver_tissue(const HilumAbdomen *a, HilumVec3 p);
HilumTissue hilum_organ_stomach_tissue(const HilumAbdomen *a, HilumVec3 p);
HilumTissue hilum_organ_colon_tissue(const HilumAbdomen *a, HilumVec3 p);
HilumTissue hilum_organ_bowel_tissue(const HilumAbdomen *a, HilumVec3 p);

/* trunk.c */
double hilum_trunk_skin(const HilumAbdomen *a, HilumVec3 p);
double hilum_trunk_under_skin(const HilumAbdomen *a, HilumVec3 p);
double hilum_trunk_cavity(HilumVec3 p); /* inner surface of the abdominal wall */
double hilum_trunk_muscle(const HilumAbdomen *a, HilumVec3 p);
double hilum_trunk_bone(const HilumAbdomen *a, HilumVec3 p);
double hilum_trunk_disc(const HilumAbdomen *a, HilumVec3 p);
double hilum_trunk_canal(const HilumAbdomen *a, HilumVec3 p);
double hilum_trunk_table(const HilumAbdomen *a, HilumVec3 p);
HilumTissue hilum_trunk_muscle_tissue(const HilumAbdomen *a, HilumVec3 p);
HilumTissue hilum_trunk_bone_tissue(const HilumAbdomen *a, HilumVec3 p);
HilumTissue hilum_trunk_table_tissue(const HilumAbdomen *a, HilumVec3 p);
