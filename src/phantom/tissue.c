/* HU of every tissue by phase: arterial (corticomedullary), nephrographic, excretory. The renal rows lie in
 * the ranges of the clinical table that docs/sample-kidney.md cites; the rest are design choices or plain
 * physics. */
#include "tissue_private.h"

#include "shape_private.h"

const HilumTissueInfo hilum_tissue_info[TISSUE_COUNT] = {
    [TISSUE_AIR] = {HILUM_PHANTOM_NOTHING, {-1000, -1000, -1000}, 0},
    [TISSUE_TABLE_SHELL] = {HILUM_PHANTOM_NOTHING, {-250, -250, -250}, 0},
    [TISSUE_TABLE_FOAM] = {HILUM_PHANTOM_NOTHING, {-920, -920, -920}, 6},
    [TISSUE_SKIN] = {HILUM_PHANTOM_NOTHING, {25, 30, 30}, 6},
    [TISSUE_FAT] = {HILUM_PHANTOM_NOTHING, {-102, -102, -102}, 9},
    [TISSUE_FASCIA] = {HILUM_PHANTOM_NOTHING, {-40, -38, -38}, 6},
    [TISSUE_MUSCLE] = {HILUM_PHANTOM_MUSCLE, {56, 62, 62}, 9},
    [TISSUE_LUNG] = {HILUM_PHANTOM_NOTHING, {-850, -845, -845}, 40},
    [TISSUE_CORTICAL_BONE] = {HILUM_PHANTOM_BONE, {640, 640, 640}, 70},
    [TISSUE_TRABECULAR_BONE] = {HILUM_PHANTOM_BONE, {210, 220, 220}, 55},
    [TISSUE_DISC] = {HILUM_PHANTOM_NOTHING, {82, 85, 85}, 8},
    [TISSUE_CANAL] = {HILUM_PHANTOM_NOTHING, {22, 24, 24}, 10},
    [TISSUE_LIVER] = {HILUM_PHANTOM_LIVER, {72, 108, 92}, 5},
    [TISSUE_LIVER_VESSEL] = {HILUM_PHANTOM_LIVER, {88, 152, 105}, 3},
    [TISSUE_GALLBLADDER] = {HILUM_PHANTOM_NOTHING, {10, 10, 12}, 2},
    [TISSUE_SPLEEN] = {HILUM_PHANTOM_SPLEEN, {112, 122, 98}, 12},
    [TISSUE_PANCREAS] = {HILUM_PHANTOM_NOTHING, {92, 88, 75}, 14},
    [TISSUE_ADRENAL] = {HILUM_PHANTOM_NOTHING, {62, 70, 55}, 3},
    [TISSUE_BOWEL_WALL] = {HILUM_PHANTOM_NOTHING, {82, 88, 78}, 8},
    [TISSUE_BOWEL_FLUID] = {HILUM_PHANTOM_NOTHING, {18, 18, 18}, 14},
    [TISSUE_STOOL] = {HILUM_PHANTOM_NOTHING, {10, 10, 10}, 90},
    [TISSUE_GAS] = {HILUM_PHANTOM_NOTHING, {-980, -980, -980}, 0},
    [TISSUE_TUMOUR] = {HILUM_PHANTOM_TUMOUR, {140, 108, 88}, 10},
    [TISSUE_TUMOUR_NECROSIS] = {HILUM_PHANTOM_TUMOUR, {58, 62, 60}, 8},
    [TISSUE_CYST] = {HILUM_PHANTOM_CYST, {8, 8, 8}, 1},
    [TISSUE_ARTERY] = {HILUM_PHANTOM_ARTERY, {370, 148, 100}, 2},
    [TISSUE_RENAL_VEIN] = {HILUM_PHANTOM_VEIN, {180, 162, 104}, 2},
    [TISSUE_CAVA] = {HILUM_PHANTOM_VEIN, {150, 158, 104}, 6},
    [TISSUE_URINE] = {HILUM_PHANTOM_COLLECTING, {10, 14, 780}, 4},
    [TISSUE_SINUS_FAT] = {HILUM_PHANTOM_SINUS, {-98, -98, -98}, 10},
    [TISSUE_CORTEX] = {HILUM_PHANTOM_PARENCHYMA, {165, 172, 125}, 5},
    [TISSUE_MEDULLA] = {HILUM_PHANTOM_PARENCHYMA, {76, 172, 128}, 5},
    [TISSUE_OTHER_URINE] = {HILUM_PHANTOM_OTHER_KIDNEY, {10, 14, 740}, 4},
    [TISSUE_OTHER_SINUS_FAT] = {HILUM_PHANTOM_NOTHING, {-98, -98, -98}, 10},
    [TISSUE_OTHER_CORTEX] = {HILUM_PHANTOM_OTHER_KIDNEY, {165, 172, 125}, 5},
    [TISSUE_OTHER_MEDULLA] = {HILUM_PHANTOM_OTHER_KIDNEY, {76, 172, 128}, 5},
};

double hilum_tissue_hu(HilumTissue tissue, HilumPhantomPhase phase, double z_mm)
{
  double hu = (double)hilum_tissue_info[tissue].hu[phase];
  if (tissue == TISSUE_CAVA && phase == HILUM_PHANTOM_ARTERIAL) hu -= 80 * shape_smoothstep(45, -25, z_mm);
  return hu;
}
