/* The table of solids and how a point is looked up in it. The order is the priority: tumour, cyst, artery,
 * vein, collecting system, sinus, parenchyma, then the rest of the body from the bones outwards. */
#include "abdomen_private.h"

#include "vessels_private.h"

static double tumour(const HilumAbdomen *a, HilumVec3 p)
{
  HilumVec3 q = hilum_vec3_sub(p, a->tumour_mm);
  double d = hilum_vec3_length(hilum_vec3(q.x, q.y, q.z * 0.97)) - a->tumour_radius_mm;
  if (fabs(d) > 8) return d;
  double fade = 1 - shape_smoothstep(5, 8, fabs(d));
  return d + fade * (1.3 * shape_noise(a->seed + 11, q, 15) + 0.4 * shape_noise(a->seed + 12, q, 7));
}
static HilumTissue tumour_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  HilumVec3 q = hilum_vec3_sub(p, hilum_vec3_add(a->tumour_mm, hilum_vec3(1.5, -2, 1)));
  double d = shape_ellipsoid(q, 5.5, 4.0, 7.0) + 2.4 * shape_noise(a->seed + 13, q, 4.5);
  return d < 0 ? TISSUE_TUMOUR_NECROSIS : TISSUE_TUMOUR;
}
static double cyst(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_vec3_distance(p, a->cyst_mm) - a->cyst_radius_mm;
}
static double artery(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_capsules_distance(a->arteries, p);
}
static double renal_vein(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_capsules_distance(a->renal_veins, p);
}
static double cava(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_capsules_distance(a->cava, p);
}
static double left_collecting(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_kidney_collecting(&a->left, p);
}
static double left_sinus(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_kidney_sinus(&a->left, p);
}
static double left_hull(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_kidney_hull(&a->left, p);
}
static HilumTissue left_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_kidney_in_medulla(&a->left, p) ? TISSUE_MEDULLA : TISSUE_CORTEX;
}
static double right_collecting(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_kidney_collecting(&a->right, p);
}
static double right_sinus(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_kidney_sinus(&a->right, p);
}
static double right_hull(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_kidney_hull(&a->right, p);
}
static HilumTissue right_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_kidney_in_medulla(&a->right, p) ? TISSUE_OTHER_MEDULLA : TISSUE_OTHER_CORTEX;
}
/* Gerota's fascia: a thin leaf about 9 mm outside each kidney. */
static double fascia(const HilumAbdomen *a, HilumVec3 p)
{
  const HilumKidney *k = p.x > 0 ? &a->left : &a->right;
  double d = hilum_kidney_smooth(k, p);
  if (p.x > 0) d = shape_smooth_min(d, hilum_vec3_distance(p, a->tumour_mm) - a->tumour_radius_mm, 8);
  return fabs(d - 7.5) - 0.45;
}

const HilumSolid hilum_solids[] = {
    {tumour, tumour_tissue, TISSUE_TUMOUR, HILUM_PHANTOM_TUMOUR, 1.6},
    {cyst, NULL, TISSUE_CYST, HILUM_PHANTOM_CYST, 1.0},
    {artery, NULL, TISSUE_ARTERY, HILUM_PHANTOM_ARTERY, 1.2},
    {renal_vein, NULL, TISSUE_RENAL_VEIN, HILUM_PHANTOM_VEIN, 1.2},
    {cava, NULL, TISSUE_CAVA, HILUM_PHANTOM_VEIN, 1.2},
    {left_collecting, NULL, TISSUE_URINE, HILUM_PHANTOM_COLLECTING, 1.3},
    {left_sinus, NULL, TISSUE_SINUS_FAT, HILUM_PHANTOM_SINUS, 2.4},
    {left_hull, left_tissue, TISSUE_CORTEX, HILUM_PHANTOM_PARENCHYMA, 1.7},
    {right_collecting, NULL, TISSUE_OTHER_URINE, HILUM_PHANTOM_OTHER_KIDNEY, 1.3},
    {right_sinus, NULL, TISSUE_OTHER_SINUS_FAT, HILUM_PHANTOM_NOTHING, 2.4},
    {right_hull, right_tissue, TISSUE_OTHER_CORTEX, HILUM_PHANTOM_OTHER_KIDNEY, 1.7},
    {hilum_trunk_canal, NULL, TISSUE_CANAL, HILUM_PHANTOM_NOTHING, 1.2},
    {hilum_trunk_bone, hilum_trunk_bone_tissue, TISSUE_TRABECULAR_BONE, HILUM_PHANTOM_BONE, 1.4},
    {hilum_trunk_disc, NULL, TISSUE_DISC, HILUM_PHANTOM_NOTHING, 1.4},
    {hilum_organ_lung, NULL, TISSUE_LUNG, HILUM_PHANTOM_NOTHING, 1.5},
    {hilum_trunk_muscle, hilum_trunk_muscle_tissue, TISSUE_MUSCLE, HILUM_PHANTOM_MUSCLE, 1.4},
    {hilum_organ_gallbladder, NULL, TISSUE_GALLBLADDER, HILUM_PHANTOM_NOTHING, 1.4},
    {hilum_organ_liver, hilum_organ_liver_tissue, TISSUE_LIVER, HILUM_PHANTOM_LIVER, 1.7},
    {hilum_organ_spleen, NULL, TISSUE_SPLEEN, HILUM_PHANTOM_SPLEEN, 1.7},
    {hilum_organ_adrenal, NULL, TISSUE_ADRENAL, HILUM_PHANTOM_NOTHING, 1.3},
    {hilum_organ_pancreas, NULL, TISSUE_PANCREAS, HILUM_PHANTOM_NOTHING, 2.0},
    {hilum_organ_stomach, hilum_organ_stomach_tissue, TISSUE_BOWEL_WALL, HILUM_PHANTOM_NOTHING, 1.7},
    {hilum_organ_colon, hilum_organ_colon_tissue, TISSUE_BOWEL_WALL, HILUM_PHANTOM_NOTHING, 1.5},
    {hilum_organ_bowel, hilum_organ_bowel_tissue, TISSUE_BOWEL_WALL, HILUM_PHANTOM_NOTHING, 1.4},
    {fascia, NULL, TISSUE_FASCIA, HILUM_PHANTOM_NOTHING, 1.6},
    {hilum_trunk_under_skin, NULL, TISSUE_FAT, HILUM_PHANTOM_NOTHING, 1.35},
    {hilum_trunk_skin, NULL, TISSUE_SKIN, HILUM_PHANTOM_NOTHING, 1.35},
    {hilum_trunk_table, hilum_trunk_table_tissue, TISSUE_TABLE_FOAM, HILUM_PHANTOM_NOTHING, 1.6},
};
const size_t hilum_solids_count = G_N_ELEMENTS(hilum_solids);
G_STATIC_ASSERT(G_N_ELEMENTS(hilum_solids) <= HILUM_SOLIDS_MAX);

/* --- look-up --- */

HilumSolidList hilum_abdomen_all_solids(void)
{
  HilumSolidList list = {.count = (uint8_t)hilum_solids_count};
  for (size_t i = 0; i < hilum_solids_count; i++)
    list.solid[i] = (uint8_t)i;
  return list;
}

HilumSolidList hilum_abdomen_prune(const HilumAbdomen *a, const HilumSolidList *list, HilumVec3 centre,
                                   double radius)
{
  HilumSolidList out = {.count = 0};
  for (int i = 0; i < list->count; i++) {
    const HilumSolid *s = &hilum_solids[list->solid[i]];
    double d = s->distance(a, centre);
    if (d > radius * s->lipschitz) continue;
    out.solid[out.count++] = list->solid[i];
    out.filled = d < -radius * s->lipschitz;
    if (out.filled) break;
  }
  return out;
}

HilumTissue hilum_abdomen_tissue(const HilumAbdomen *a, const HilumSolidList *list, HilumVec3 p)
{
  for (int i = 0; i < list->count; i++) {
    const HilumSolid *s = &hilum_solids[list->solid[i]];
    if (s->distance(a, p) < 0) return s->material != NULL ? s->material(a, p) : s->tissue;
  }
  return TISSUE_AIR;
}

/* --- making --- */

static double lesion_obstacle(HilumVec3 p, const void *data)
{
  const HilumAbdomen *a = data;
  return shape_min(tumour(a, p), cyst(a, p));
}
static double left_collecting_obstacle(HilumVec3 p, const void *data)
{
  return hilum_kidney_collecting(data, p);
}
static double capsules_obstacle(HilumVec3 p, const void *data)
{
  return hilum_capsules_distance(data, p);
}
static double spine_obstacle(HilumVec3 p, const void *data)
{
  return shape_ellipse(p.x, p.y - 39, 22.5, 16.5, 0.35);
}

HilumAbdomen *hilum_abdomen_new(uint64_t seed)
{
  HilumAbdomen *a = g_new0(HilumAbdomen, 1);
  a->seed = seed;
  hilum_kidney_init(&a->left, hilum_vec3(65, 18, 6), +1, seed + 100);
  hilum_kidney_init(&a->right, hilum_vec3(-65, 18, -6), -1, seed + 200);
  a->tumour_mm = hilum_kidney_to_mm(&a->left, hilum_vec3(11, 15, -20));
  a->tumour_radius_mm = 17.2;
  a->cyst_mm = hilum_kidney_to_mm(&a->left, hilum_vec3(22, -9, 26));
  a->cyst_radius_mm = 9.5;
  hilum_kidney_add_collecting(&a->left, +1, -126, lesion_obstacle, a);
  hilum_kidney_add_collecting(&a->right, -1, -126, NULL, NULL);
  HilumVesselObstacle obstacles[6] = {{lesion_obstacle, a},
                                      {left_collecting_obstacle, &a->left},
                                      {left_collecting_obstacle, &a->right},
                                      {spine_obstacle, NULL}};
  a->arteries = hilum_vessels_new_arteries(&a->left, &a->right, seed + 300, obstacles, 4);
  obstacles[4] = (HilumVesselObstacle){capsules_obstacle, a->arteries};
  hilum_vessels_new_veins(&a->left, &a->right, seed + 400, obstacles, 5, &a->renal_veins, &a->cava);
  hilum_organs_init(&a->organs, seed);
  return a;
}

void hilum_abdomen_free(HilumAbdomen *a)
{
  if (a == NULL) return;
  hilum_kidney_clear(&a->left);
  hilum_kidney_clear(&a->right);
  hilum_capsules_free(a->arteries);
  hilum_capsules_free(a->renal_veins);
  hilum_capsules_free(a->cava);
  hilum_organs_clear(&a->organs);
  g_free(a);
}
