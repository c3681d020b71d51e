/* Typical HU of the kidney and its neighbours by phase. A row is here only if it has a source, or says that
 * it has none. */
#include "hilum/segment/range.h"

#include <string.h>

#define UNSOURCED "common experience, no published source"
#define NORMAL "seekhealthz.com, normal appearance of the kidneys"
#define CLEAR_CELL "10.5301/uj.5000256: mean and one standard deviation, clear cell carcinoma up to 4 cm"
#define PAPILLARY "GWU Himmelfarb repository, smhs_rad_facpubs 990: papillary carcinoma"

static const HilumRangePreset PRESETS[] = {
    {"cortex-unenhanced", "parenchyma", "unenhanced", "Kidney", 30, 50, NORMAL},
    {"cortex-arterial", "parenchyma", "arterial", "Renal cortex", 140, 200, UNSOURCED},
    {"medulla-arterial", "parenchyma", "arterial", "Renal medulla", 50, 90, UNSOURCED},
    {"cortex-nephrographic", "parenchyma", "nephrographic", "Kidney", 120, 180, UNSOURCED},
    {"cortex-excretory", "parenchyma", "excretory", "Kidney", 100, 140, UNSOURCED},
    {"clear-cell-unenhanced", "tumour", "unenhanced", "Clear cell carcinoma", 27, 41, CLEAR_CELL},
    {"clear-cell-arterial", "tumour", "arterial", "Clear cell carcinoma", 128, 218, CLEAR_CELL},
    {"clear-cell-nephrographic", "tumour", "nephrographic", "Clear cell carcinoma", 115, 183, CLEAR_CELL},
    {"clear-cell-excretory", "tumour", "excretory", "Clear cell carcinoma", 62, 134, CLEAR_CELL},
    {"papillary-unenhanced", "tumour", "unenhanced", "Papillary carcinoma", 15, 51, PAPILLARY},
    {"papillary-arterial", "tumour", "arterial", "Papillary carcinoma", 32, 100, PAPILLARY},
    {"papillary-nephrographic", "tumour", "nephrographic", "Papillary carcinoma", 18, 91, PAPILLARY},
    {"papillary-excretory", "tumour", "excretory", "Papillary carcinoma", 18, 73, PAPILLARY},
    {"fat-unenhanced", "tumour", "unenhanced", "Fat in an angiomyolipoma", -80, -20, UNSOURCED},
    {"cyst-unenhanced", "cyst", "unenhanced", "Simple cyst", 0, 20, UNSOURCED},
    {"cyst-arterial", "cyst", "arterial", "Simple cyst (unenhanced values)", 0, 20, UNSOURCED},
    {"cyst-nephrographic", "cyst", "nephrographic", "Simple cyst (unenhanced values)", 0, 20, UNSOURCED},
    {"cyst-excretory", "cyst", "excretory", "Simple cyst (unenhanced values)", 0, 20, UNSOURCED},
    {"artery-unenhanced", "artery", "unenhanced", "Blood", 35, 50, UNSOURCED},
    {"artery-arterial", "artery", "arterial", "Arteries", 200, 400, UNSOURCED},
    {"artery-nephrographic", "artery", "nephrographic", "Arteries", 120, 180, UNSOURCED},
    {"artery-excretory", "artery", "excretory", "Arteries", 80, 120, UNSOURCED},
    {"vein-unenhanced", "vein", "unenhanced", "Blood", 35, 50, UNSOURCED},
    {"vein-arterial", "vein", "arterial", "Renal vein (the vena cava mixes)", 150, 280, UNSOURCED},
    {"vein-nephrographic", "vein", "nephrographic", "Renal vein, vena cava", 130, 180, UNSOURCED},
    {"urine-unenhanced", "collecting", "unenhanced", "Urine", 0, 20, UNSOURCED},
    {"urine-arterial", "collecting", "arterial", "Urine", 0, 20, UNSOURCED},
    {"urine-nephrographic", "collecting", "nephrographic", "Urine", 0, 50, UNSOURCED},
    {"urine-excretory", "collecting", "excretory", "Contrast in urine", 300, 3071, UNSOURCED},
};

const HilumRangePreset *hilum_range_preset_at(size_t n)
{
  return n < G_N_ELEMENTS(PRESETS) ? &PRESETS[n] : NULL;
}

const HilumRangePreset *hilum_range_preset_find(const char *id)
{
  g_return_val_if_fail(id != NULL, NULL);
  for (size_t n = 0; n < G_N_ELEMENTS(PRESETS); n++)
    if (strcmp(PRESETS[n].id, id) == 0) return &PRESETS[n];
  return NULL;
}
