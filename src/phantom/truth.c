/* Distances, volumes and seeds from the shapes themselves. Volumes: each voxel cell is divided by 2 along
 * every axis and the middle of each part is asked; blocks in one solid are counted whole. Distances: the
 * regions' implicit function, then Newton's method along its gradient to the surface, which removes the error
 * of functions that are only exact to first order. */
#include "truth_private.h"

#include <math.h>
#include <string.h>

/* Region of s: each of its solids less what comes before it in the table. */
static double region(const HilumAbdomen *a, HilumPhantomStructure s, HilumVec3 p)
{
  double before = INFINITY, d = INFINITY;
  for (size_t i = 0; i < hilum_solids_count; i++) {
    double di;
    if (hilum_solids[i].structure == s) {
      di = hilum_solids[i].distance(a, p);
      d = shape_min(d, shape_max(di, -before));
    } else if (before > -40) {
      di = hilum_solids[i].distance(a, p);
      before = shape_min(before, di);
    }
  }
  return d;
}

/* Central differences. */
static double region_gradient(const HilumAbdomen *a, HilumPhantomStructure s, HilumVec3 p,
                              HilumVec3 *gradient)
{
  const double h = 0.01;
  *gradient = hilum_vec3(
      (region(a, s, hilum_vec3(p.x + h, p.y, p.z)) - region(a, s, hilum_vec3(p.x - h, p.y, p.z))) / (2 * h),
      (region(a, s, hilum_vec3(p.x, p.y + h, p.z)) - region(a, s, hilum_vec3(p.x, p.y - h, p.z))) / (2 * h),
      (region(a, s, hilum_vec3(p.x, p.y, p.z + h)) - region(a, s, hilum_vec3(p.x, p.y, p.z - h))) / (2 * h));
  return region(a, s, p);
}

double hilum_truth_distance(const HilumAbdomen *a, HilumPhantomStructure s, HilumVec3 p)
{
  double first = region(a, s, p);
  if (fabs(first) > 3) return first;
  HilumVec3 q = p;
  double f = first;
  for (int i = 0; i < 6 && fabs(f) > 0.002; i++) {
    HilumVec3 g;
    f = region_gradient(a, s, q, &g);
    double g2 = hilum_vec3_dot(g, g);
    if (g2 < 0.04) return first;
    q = hilum_vec3_madd(q, -f / g2, g);
    f = region(a, s, q);
  }
  if (fabs(f) > 0.02) return first;
  double d = hilum_vec3_distance(p, q);
  return first < 0 ? -d : d;
}

/* The deepest point of a lattice around `centre`. */
static HilumVec3 deepest(const HilumAbdomen *a, HilumPhantomStructure s, HilumVec3 centre, HilumVec3 half,
                         double step)
{
  HilumVec3 best = centre;
  double depth = INFINITY;
  for (double z = -half.z; z <= half.z; z += step)
    for (double y = -half.y; y <= half.y; y += step)
      for (double x = -half.x; x <= half.x; x += step) {
        HilumVec3 p = hilum_vec3_add(centre, hilum_vec3(x, y, z));
        double d = region(a, s, p);
        if (d >= depth) continue;
        depth = d;
        best = p;
      }
  return best;
}

HilumVec3 hilum_truth_seed(const HilumAbdomen *a, HilumPhantomStructure s)
{
  switch (s) {
  case HILUM_PHANTOM_PARENCHYMA:
    return hilum_kidney_to_mm(&a->left, hilum_vec3(23, -2, 6));
  case HILUM_PHANTOM_TUMOUR: /* beside the necrosis */
    return hilum_vec3_add(a->tumour_mm, hilum_vec3(-2, 3, -11));
  case HILUM_PHANTOM_CYST:
    return a->cyst_mm;
  case HILUM_PHANTOM_ARTERY:
    return hilum_vec3(9.8, 6.6, 14);
  case HILUM_PHANTOM_VEIN:
    return hilum_vec3(-20, 5, 4);
  case HILUM_PHANTOM_COLLECTING:
  case HILUM_PHANTOM_SINUS:
    return deepest(a, s, hilum_kidney_to_mm(&a->left, hilum_vec3(-12, -2, 0)), hilum_vec3(20, 14, 26), 2);
  case HILUM_PHANTOM_OTHER_KIDNEY:
    return hilum_kidney_to_mm(&a->right, hilum_vec3(23, -2, 6));
  case HILUM_PHANTOM_BONE:
    return hilum_vec3(0, 36, 6);
  case HILUM_PHANTOM_LIVER:
    return hilum_vec3(-75, -20, 50);
  case HILUM_PHANTOM_SPLEEN:
    return deepest(a, s, hilum_vec3(88, 12, 76), hilum_vec3(24, 32, 28), 4);
  case HILUM_PHANTOM_MUSCLE:
    return hilum_vec3(37, 40, -60);
  case HILUM_PHANTOM_NOTHING:
  case HILUM_PHANTOM_STRUCTURES:
    break;
  }
  return hilum_vec3(0, 0, 0);
}

/* --- volumes --- */

#define PARTS 2

typedef struct {
  uint64_t count[HILUM_PHANTOM_STRUCTURES];
} Tally;

typedef struct {
  const HilumAbdomen *abdomen;
  const HilumGrid *grid; /* of the parts */
  const bool *wanted;
  Tally *tally; /* per chunk, combined in order */
} Census;

static bool wants(const HilumVoxelBox *box, const HilumSolidList *list, void *data)
{
  const Census *c = data;
  for (int i = 0; i < list->count; i++)
    if (c->wanted[hilum_solids[list->solid[i]].structure]) return true;
  return false;
}

static HilumPhantomStructure structure_at(const HilumAbdomen *a, const HilumSolidList *list, HilumVec3 p)
{
  for (int i = 0; i < list->count; i++) {
    const HilumSolid *s = &hilum_solids[list->solid[i]];
    if (s->distance(a, p) >= 0) continue;
    /* Only muscle holds something that is not muscle. */
    return s->structure == HILUM_PHANTOM_MUSCLE ? hilum_tissue_info[s->material(a, p)].structure
                                                : s->structure;
  }
  return HILUM_PHANTOM_NOTHING;
}

static void tally_block(const HilumTissueBlock *block, void *data)
{
  const Census *c = data;
  Tally *t = &c->tally[block->chunk];
  const HilumVoxelBox *b = &block->box;
  const HilumSolid *only =
      block->list.count == 1 && block->list.filled ? &hilum_solids[block->list.solid[0]] : NULL;
  if (only != NULL && only->structure != HILUM_PHANTOM_MUSCLE) {
    uint64_t n = 1;
    for (int a = 0; a < 3; a++)
      n *= (uint64_t)(b->hi[a] - b->lo[a]);
    t->count[only->structure] += n;
    return;
  }
  for (int32_t k = b->lo[2]; k < b->hi[2]; k++)
    for (int32_t j = b->lo[1]; j < b->hi[1]; j++)
      for (int32_t i = b->lo[0]; i < b->hi[0]; i++) {
        HilumVec3 p = hilum_grid_voxel_to_mm(c->grid, (HilumVoxel){i, j, k});
        HilumPhantomStructure s = structure_at(c->abdomen, &block->list, p);
        t->count[s]++;
      }
}

bool hilum_truth_volumes(const HilumAbdomen *abdomen, const HilumGrid *grid,
                         const bool wanted[HILUM_PHANTOM_STRUCTURES], HilumTruthVolumes *out,
                         const HilumProgress *progress)
{
  HilumGrid parts = *grid;
  for (int a = 0; a < 3; a++) {
    parts.dims[a] *= PARTS;
    parts.spacing_mm[a] /= PARTS;
    parts.origin_mm =
        hilum_vec3_madd(parts.origin_mm, -0.5 * (grid->spacing_mm[a] - parts.spacing_mm[a]), grid->axes[a]);
  }
  size_t chunks = hilum_tissue_chunks(&parts);
  g_autofree Tally *tally = g_new0(Tally, chunks);
  Census census = {abdomen, &parts, wanted, tally};
  if (!hilum_tissue_walk(abdomen, &parts, wants, tally_block, &census, progress)) return false;
  Tally total;
  memset(&total, 0, sizeof total);
  for (size_t c = 0; c < chunks; c++)
    for (int s = 0; s < HILUM_PHANTOM_STRUCTURES; s++)
      total.count[s] += tally[c].count[s];
  *out = (HilumTruthVolumes){0};
  for (int s = 1; s < HILUM_PHANTOM_STRUCTURES; s++)
    if (wanted[s]) out->volume_ml[s] = (double)total.count[s] * hilum_grid_voxel_mm3(&parts) / 1000;
  return true;
}
