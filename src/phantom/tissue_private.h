/* Tissues: what a point of the phantom is made of, its truth label, and its HU by phase.
 * docs/sample-kidney.md gives the source of every number. */
#pragma once

#include "hilum/phantom/phantom.h"

typedef enum {
  TISSUE_AIR,
  TISSUE_TABLE_SHELL,
  TISSUE_TABLE_FOAM,
  TISSUE_SKIN,
  TISSUE_FAT,
  TISSUE_FASCIA,
  TISSUE_MUSCLE,
  TISSUE_LUNG,
  TISSUE_CORTICAL_BONE,
  TISSUE_TRABECULAR_BONE,
  TISSUE_DISC,
  TISSUE_CANAL,
  TISSUE_LIVER,
  TISSUE_LIVER_VESSEL,
  TISSUE_GALLBLADDER,
  TISSUE_SPLEEN,
  TISSUE_PANCREAS,
  TISSUE_ADRENAL,
  TISSUE_BOWEL_WALL,
  TISSUE_BOWEL_FLUID,
  TISSUE_STOOL,
  TISSUE_GAS,
  TISSUE_TUMOUR,
  TISSUE_TUMOUR_NECROSIS,
  TISSUE_CYST,
  TISSUE_ARTERY,
  TISSUE_RENAL_VEIN,
  TISSUE_CAVA,
  TISSUE_URINE,
  TISSUE_SINUS_FAT,
  TISSUE_CORTEX,
  TISSUE_MEDULLA,
  TISSUE_OTHER_URINE,
  TISSUE_OTHER_SINUS_FAT,
  TISSUE_OTHER_CORTEX,
  TISSUE_OTHER_MEDULLA,
  TISSUE_COUNT
} HilumTissue;

typedef struct {
  HilumPhantomStructure structure;
  float hu[HILUM_PHANTOM_PHASES];
  float texture_hu; /* amplitude of the smooth texture, added to every phase */
} HilumTissueInfo;

extern const HilumTissueInfo hilum_tissue_info[TISSUE_COUNT];
/* HU of a tissue at a height: the cava carries unopacified blood below the renal veins in the arterial phase.
 */
double hilum_tissue_hu(HilumTissue tissue, HilumPhantomPhase phase, double z_mm);
