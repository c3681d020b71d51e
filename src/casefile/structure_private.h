/* What only the case's commands may do to a structure. */
#pragma once

#include "hilum/casefile/structure.h"

/* Everything about a structure that a command may change, by value. */
typedef struct {
  char *name; /* owned */
  HilumStructureKind kind;
  uint32_t color;
  bool locked;
  HilumStructureBoundary boundary;
} HilumStructureTraits;

/* Longest name, in characters. */
#define HILUM_NAME_MAX_CHARS 64
/* NULL if `name`, less the blanks around it, may name a structure; else what is wrong with it. */
const char *hilum_structure_name_defect(const char *name);
/* Names are the same if their keys are. g_free(). */
char *hilum_structure_name_key(const char *name);

HilumStructureTraits hilum_structure_dup_traits(HilumStructure *self);
void hilum_structure_traits_clear(HilumStructureTraits *traits);

/* `traits` is copied. Visible, with the opacity of its kind. */
HilumStructure *hilum_structure_new(uint8_t label, const HilumStructureTraits *traits);
/* Each notifies what really changed; true if anything did. */
bool hilum_structure_set_traits(HilumStructure *self, const HilumStructureTraits *traits);
bool hilum_structure_set_visible(HilumStructure *self, bool visible);
bool hilum_structure_set_opacity(HilumStructure *self, double opacity);
bool hilum_structure_set_voxels(HilumStructure *self, uint64_t voxels, double voxel_mm3);
