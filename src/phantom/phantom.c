/* The public face of the sample kidney: options, the tissue map made once on first use, phases and truth. */
#include "hilum/phantom/phantom.h"

#include "hilum/phantom/error.h"

#include "render_private.h"
#include "report_private.h"

#include "hilum/base/memory.h"

struct HilumPhantom {
  HilumGrid grid;
  uint64_t seed;
  double noise_hu;
  HilumAbdomen *abdomen;
  GMutex lock;
  HilumTissueMap *map; /* under the lock until made, then immutable */
};

static const char *const structure_names[HILUM_PHANTOM_STRUCTURES] = {
    "Nothing", "Parenchyma",   "Tumour", "Cyst",  "Arteries", "Veins", "Collecting system",
    "Sinus",   "Right kidney", "Bone",   "Liver", "Spleen",   "Muscle"};
static const char *const phase_names[HILUM_PHANTOM_PHASES] = {"Arterial", "Nephrographic", "Excretory"};

HilumPhantom *hilum_phantom_new(const HilumPhantomOptions *options, GError **error)
{
  static const HilumPhantomOptions none = {0};
  const HilumPhantomOptions *o = options != NULL ? options : &none;
  bool sized = o->dims[0] != 0 || o->dims[1] != 0 || o->dims[2] != 0;
  bool spaced = o->spacing_mm[0] != 0 || o->spacing_mm[1] != 0 || o->spacing_mm[2] != 0;
  const int32_t *dims = sized ? o->dims : (const int32_t[]){384, 384, 240};
  const double *mm = spaced ? o->spacing_mm : (const double[]){0.8, 0.8, 1.0};
  HilumGrid grid = hilum_grid_new(dims[0], dims[1], dims[2], mm[0], mm[1], mm[2]);
  grid.origin_mm = hilum_vec3(-0.5 * (dims[0] - 1.0) * mm[0], -0.5 * (dims[1] - 1.0) * mm[1],
                              -0.5 * (dims[2] - 1.0) * mm[2]);
  if (!hilum_grid_validate(&grid, error)) return NULL;
  if (!isfinite(o->noise_hu) || o->noise_hu > 500) {
    g_set_error_literal(error, HILUM_PHANTOM_ERROR, HILUM_PHANTOM_ERROR_INVALID,
                        "The sample kidney's noise must be a number up to 500 HU.");
    return NULL;
  }
  HilumPhantom *p = g_new0(HilumPhantom, 1);
  p->grid = grid;
  p->seed = o->seed != 0 ? o->seed : 1;
  p->noise_hu = o->noise_hu != 0 ? o->noise_hu : 10;
  p->abdomen = hilum_abdomen_new(p->seed);
  g_mutex_init(&p->lock);
  return p;
}

void hilum_phantom_free(HilumPhantom *p)
{
  if (p == NULL) return;
  hilum_tissue_map_free(p->map);
  hilum_abdomen_free(p->abdomen);
  g_mutex_clear(&p->lock);
  g_free(p);
}

const HilumGrid *hilum_phantom_get_grid(const HilumPhantom *p)
{
  return &p->grid;
}

const char *hilum_phantom_structure_name(HilumPhantomStructure s)
{
  g_return_val_if_fail(s < HILUM_PHANTOM_STRUCTURES, NULL);
  return structure_names[s];
}

const char *hilum_phantom_phase_name(HilumPhantomPhase phase)
{
  g_return_val_if_fail(phase < HILUM_PHANTOM_PHASES, NULL);
  return phase_names[phase];
}

double hilum_phantom_hu(HilumPhantomStructure s, HilumPhantomPhase phase)
{
  static const HilumTissue main_tissue[HILUM_PHANTOM_STRUCTURES] = {
      TISSUE_FAT,        TISSUE_CORTEX, TISSUE_TUMOUR,    TISSUE_CYST,         TISSUE_ARTERY,
      TISSUE_RENAL_VEIN, TISSUE_URINE,  TISSUE_SINUS_FAT, TISSUE_OTHER_CORTEX, TISSUE_TRABECULAR_BONE,
      TISSUE_LIVER,      TISSUE_SPLEEN, TISSUE_MUSCLE};
  g_return_val_if_fail(s < HILUM_PHANTOM_STRUCTURES && phase < HILUM_PHANTOM_PHASES, NAN);
  return (double)hilum_tissue_info[main_tissue[s]].hu[phase];
}

/* Makes the map on first use. A cancelled making leaves none, and the next caller starts again. The map is a
 * cache: the phantom stays logically const. */
static const HilumTissueMap *get_map(const HilumPhantom *phantom, const HilumProgress *progress,
                                     GError **error)
{
  HilumPhantom *p = (HilumPhantom *)phantom;
  g_mutex_lock(&p->lock);
  if (p->map == NULL) p->map = hilum_tissue_map_new(p->abdomen, &p->grid, progress, error);
  const HilumTissueMap *map = p->map;
  g_mutex_unlock(&p->lock);
  return map;
}

HilumVolume *hilum_phantom_render(const HilumPhantom *p, HilumPhantomPhase phase,
                                  const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(phase < HILUM_PHANTOM_PHASES, NULL);
  HilumProgress first = hilum_progress_part(progress, 0, 0.6, NULL);
  const HilumTissueMap *map = get_map(p, &first, error);
  if (map == NULL) return NULL;
  HilumProgress second = hilum_progress_part(progress, 0.6, 1, NULL);
  return hilum_render_phase(map, phase, p->noise_hu, p->seed, &second, error);
}

HilumLabelSnapshot *hilum_phantom_truth(const HilumPhantom *p, const HilumProgress *progress, GError **error)
{
  const HilumTissueMap *map = get_map(p, progress, error);
  if (map == NULL) return NULL;
  size_t n = hilum_grid_count(&p->grid);
  uint8_t *labels = hilum_big_alloc(n, error);
  if (labels == NULL) return NULL;
  for (size_t i = 0; i < n; i++)
    labels[i] = (uint8_t)hilum_tissue_info[map->tissue[i]].structure;
  HilumLabelSnapshot *snapshot = hilum_label_snapshot_new_from_dense(&p->grid, labels, error);
  hilum_big_free(labels);
  return snapshot;
}

double hilum_phantom_distance_mm(const HilumPhantom *p, HilumPhantomStructure s, HilumVec3 point_mm)
{
  return hilum_truth_distance(p->abdomen, s, point_mm);
}

double hilum_phantom_volume_ml(const HilumPhantom *p, HilumPhantomStructure s, const HilumProgress *progress)
{
  g_return_val_if_fail(s > HILUM_PHANTOM_NOTHING && s < HILUM_PHANTOM_STRUCTURES, NAN);
  bool wanted[HILUM_PHANTOM_STRUCTURES] = {false};
  wanted[s] = true;
  HilumTruthVolumes volumes;
  return hilum_truth_volumes(p->abdomen, &p->grid, wanted, &volumes, progress) ? volumes.volume_ml[s] : NAN;
}

HilumVec3 hilum_phantom_seed_mm(const HilumPhantom *p, HilumPhantomStructure s)
{
  return hilum_truth_seed(p->abdomen, s);
}

bool hilum_phantom_truth_report(const HilumPhantom *p, HilumLabelSnapshot *labels, HilumPhantomTruth *report,
                                const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(hilum_grid_equal(&p->grid, hilum_label_snapshot_get_grid(labels), 1e-6), false);
  return hilum_report_fill(p->abdomen, &p->grid, labels, report, progress, error);
}
