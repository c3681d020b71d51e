/* A vessel tree from a click: growth at a brightness that follows the vessel, the watershed of thickness
 * against leaks, the wall (the header tells the order). That a leak shows as a front that widens is old in
 * airway trees (Schlathoelter et al., Proc. SPIE 4684, 2002); here the width is that of the largest ball, and
 * it is judged when all has grown, thick places first, so that the answer does not depend on which front came
 * where. */
#include "hilum/base/parallel.h"
#include "hilum/filter/components.h"
#include "hilum/filter/morphology.h"
#include "hilum/segment/error.h"
#include "hilum/segment/split.h"
#include "hilum/segment/threshold.h"
#include "seed_private.h"
#include "vessel_private.h"

#include <math.h>

#define FOLLOW_PER_MM 0.05
#define DRIFT 0.25
#define UPWARDS 2.0
#define NECK_MM 1.0
#define WIDENING 1.4
#define WALL_MM 1.2
#define DARKEST_MM 2.5

static const int8_t FACES[6][3] = {{-1, 0, 0}, {1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, -1}, {0, 0, 1}};

/* A voxel of the front, and how bright the vessel was on the way to it (stored values). */
typedef struct {
  HilumVoxel v;
  float lumen;
} Front;

typedef struct {
  const HilumVesselScene *scene;
  const int16_t *values;            /* calm, stored */
  float lumen, below, above, drift; /* stored values */
  HilumMask *grown, *calcium;       /* calcium: may be NULL */
} Tree;

static size_t offset_of(const Tree *t, HilumVoxel v)
{
  return hilum_grid_offset(t->scene->grid, v);
}

static HilumVoxel step_to(HilumVoxel v, int face)
{
  return (HilumVoxel){v.i + FACES[face][0], v.j + FACES[face][1], v.k + FACES[face][2]};
}

/* --- growth --- */

/* Pieces too bright for lumen and too small for bone. */
static bool find_calcium(Tree *t, const HilumProgress *progress, GError **error)
{
  const HilumVesselScene *scene = t->scene;
  if (scene->options.calcium_ml < 0) return true;
  const double above = scene->look.lumen + UPWARDS * scene->look.tolerance;
  g_autoptr(HilumMask) bright = hilum_threshold(scene->calm, above, INFINITY, NULL, error);
  g_autoptr(HilumComponents) pieces =
      bright != NULL ? hilum_components_new(bright, HILUM_CONNECT_26, progress, error) : NULL;
  if (pieces == NULL) return false;
  const double most = scene->options.calcium_ml * 1000 / hilum_grid_voxel_mm3(scene->grid);
  const uint32_t n = hilum_components_get_count(pieces);
  g_autofree uint8_t *keep = g_new0(uint8_t, (size_t)n + 1);
  for (uint32_t p = 0; p < n; p++)
    keep[p] = (double)hilum_components_get_size(pieces, p) <= most;
  hilum_components_filter(pieces, bright, keep);
  t->calcium = g_steal_pointer(&bright);
  return true;
}

static void offer(Tree *t, const Front *from, int face, GArray *next)
{
  const HilumVesselScene *scene = t->scene;
  const HilumVoxel to = step_to(from->v, face);
  if (!hilum_grid_contains(scene->grid, to) || hilum_mask_get(t->grown, to)) return;
  if (scene->options.inside != NULL && !hilum_mask_get(scene->options.inside, to)) return;
  const float off = (float)t->values[offset_of(t, to)] - from->lumen;
  Front front = {to, from->lumen};
  if (off >= -t->below && off <= t->above) {
    const double mm = scene->grid->spacing_mm[face / 2];
    front.lumen += off * (float)fmin(FOLLOW_PER_MM * mm, 1);
    front.lumen = CLAMP(front.lumen, t->lumen - t->drift, t->lumen + t->drift);
  } else if (t->calcium == NULL || !hilum_mask_get(t->calcium, to)) {
    return;
  }
  hilum_mask_set(t->grown, to);
  g_array_append_val(next, front);
}

static bool grow(Tree *t, const HilumVec3 *points_mm, size_t n, const HilumProgress *progress, GError **error)
{
  g_autoptr(GArray) front = g_array_new(FALSE, FALSE, sizeof(Front));
  g_autoptr(GArray) next = g_array_new(FALSE, FALSE, sizeof(Front));
  const size_t count = hilum_grid_count(t->scene->grid);
  size_t done = 0;
  for (size_t p = 0; p < n; p++) {
    const Front seed = {hilum_grid_voxel_at_mm(t->scene->grid, points_mm[p]), t->lumen};
    hilum_mask_set(t->grown, seed.v);
    g_array_append_val(front, seed);
  }
  while (front->len > 0) {
    for (guint f = 0; f < front->len; f++)
      for (int face = 0; face < 6; face++)
        offer(t, &g_array_index(front, Front, f), face, next);
    done += front->len;
    if (!hilum_progress_step(progress, fmin((double)done / (double)count * 8, 1))) break;
    g_array_set_size(front, 0);
    GArray *swap = front;
    front = next;
    next = swap;
  }
  return !hilum_progress_fail(progress, error);
}

/* --- leaks --- */

static void fail_wide(const Tree *t, HilumVoxel root, GError **error)
{
  g_autofree char *where = hilum_seed_describe(t->scene->grid, root);
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
              "What is joined to the point at %s is wider than a vessel of %.1f mm radius: allow a larger "
              "radius, narrow the tolerance, or choose another point.",
              where, t->scene->options.max_radius_mm);
}

/* Other parts that the tree touches. */
static guint count_leaks(const HilumSplit *split, const uint8_t *keep, const HilumMask *mask)
{
  g_autofree uint8_t *touched = g_new0(uint8_t, (size_t)hilum_split_get_count(split) + 1);
  const HilumVoxelBox box = hilum_mask_bounds(mask);
  guint n = 0;
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      for (int32_t i = box.lo[0]; i < box.hi[0]; i++) {
        const HilumVoxel v = {i, j, k};
        for (int face = 0; face < 6 && hilum_mask_get(mask, v); face++) {
          const uint32_t part = hilum_split_at(split, step_to(v, face));
          if (part == 0 || keep[part] || touched[part]) continue;
          touched[part] = 1;
          n++;
        }
      }
  return n;
}

/* The parts that hold the points. */
static HilumMask *cut_leaks(Tree *t, const HilumVec3 *points_mm, size_t n, HilumVesselTreeReport *report,
                            const HilumProgress *progress, GError **error)
{
  const HilumVesselScene *scene = t->scene;
  const HilumSplitOptions options = {.depth_mm = NECK_MM, .widening = WIDENING};
  /* Noise leaves holes in the lumen, and they would make it thin. */
  if (!hilum_mask_fill_holes(t->grown, NULL, error)) return NULL;
  g_autoptr(HilumSplit) split = hilum_split_new(t->grown, scene->grid->spacing_mm, &options, progress, error);
  if (split == NULL) return NULL;
  g_autofree uint8_t *keep = g_new0(uint8_t, (size_t)hilum_split_get_count(split) + 1);
  for (size_t p = 0; p < n; p++) {
    const uint32_t part = hilum_split_at(split, hilum_grid_voxel_at_mm(scene->grid, points_mm[p]));
    report->widest_mm = fmax(report->widest_mm, hilum_split_get_widest_mm(split, part));
    keep[part] = 1;
  }
  HilumMask *tree = hilum_split_dup_mask(split, keep, error);
  if (tree == NULL) return NULL;
  report->leaks = count_leaks(split, keep, tree);
  return tree;
}

/* Takes out what is wider than the largest radius, and what hangs on that alone. */
static bool cut_wide(Tree *t, HilumMask *tree, const HilumVec3 *points_mm, size_t n,
                     HilumVesselTreeReport *report, const HilumProgress *progress, GError **error)
{
  const HilumVesselScene *scene = t->scene;
  if (report->widest_mm <= scene->options.max_radius_mm) return true;
  g_autoptr(HilumMask) wide = hilum_mask_copy(tree, error);
  if (wide == NULL ||
      !hilum_mask_open(wide, scene->grid->spacing_mm, scene->options.max_radius_mm, progress, error))
    return false;
  g_autofree HilumVoxel *roots = g_new(HilumVoxel, n);
  for (size_t p = 0; p < n; p++) {
    roots[p] = hilum_grid_voxel_at_mm(scene->grid, points_mm[p]);
    if (!hilum_mask_get(wide, roots[p])) continue;
    fail_wide(t, roots[p], error);
    return false;
  }
  hilum_mask_and_not(tree, wide);
  size_t reached;
  g_autoptr(HilumMask) joined = hilum_mask_flood(tree, roots, n, HILUM_CONNECT_26, &reached, progress, error);
  if (joined == NULL) return false;
  hilum_mask_and(tree, joined);
  report->leaks++;
  report->widest_mm = scene->options.max_radius_mm;
  return true;
}

/* --- the wall --- */

/* Mean of what is lumen among the 26 neighbours, in stored values; false without any. */
static bool lumen_beside(const Tree *t, const HilumMask *tree, HilumVoxel v, float *mean)
{
  float sum = 0;
  int n = 0;
  for (int m = 0; m < 27; m++) {
    const HilumVoxel w = {v.i + m % 3 - 1, v.j + m / 3 % 3 - 1, v.k + m / 9 - 1};
    if (!hilum_grid_contains(t->scene->grid, w) || !hilum_mask_get(tree, w)) continue;
    sum += fminf(t->values[offset_of(t, w)], t->lumen + t->above); /* calcium would raise it */
    n++;
  }
  *mean = n > 0 ? sum / (float)n : 0;
  return n > 0;
}

static float darkest_near(const Tree *t, HilumVoxel v)
{
  const HilumGrid *grid = t->scene->grid;
  int32_t reach[3];
  for (int a = 0; a < 3; a++)
    reach[a] = (int32_t)(DARKEST_MM / grid->spacing_mm[a]);
  float darkest = INFINITY;
  for (int32_t c = -reach[2]; c <= reach[2]; c++)
    for (int32_t b = -reach[1]; b <= reach[1]; b++)
      for (int32_t a = -reach[0]; a <= reach[0]; a++) {
        const HilumVoxel w = {v.i + a, v.j + b, v.k + c};
        const double mm =
            hypot(a * grid->spacing_mm[0], hypot(b * grid->spacing_mm[1], c * grid->spacing_mm[2]));
        if (mm <= DARKEST_MM && hilum_grid_contains(grid, w))
          darkest = fminf(darkest, t->values[offset_of(t, w)]);
      }
  return darkest;
}

typedef struct {
  const Tree *tree;
  const HilumMask *lumen;
  HilumMask *wall;
  HilumVoxelBox box;
} Ring;

static bool touches(const HilumMask *mask, HilumVoxel v)
{
  for (int face = 0; face < 6; face++) {
    const HilumVoxel w = step_to(v, face);
    if (w.i >= 0 && w.j >= 0 && w.k >= 0 && w.i < mask->dims[0] && w.j < mask->dims[1] &&
        w.k < mask->dims[2] && hilum_mask_get(mask, w))
      return true;
  }
  return false;
}

static void ring_body(size_t begin, size_t end, unsigned worker, void *data)
{
  const Ring *r = data;
  const Tree *t = r->tree;
  const HilumMask *inside = t->scene->options.inside;
  for (int32_t k = r->box.lo[2] + (int32_t)begin; k < r->box.lo[2] + (int32_t)end; k++)
    for (int32_t j = r->box.lo[1]; j < r->box.hi[1]; j++)
      for (int32_t i = r->box.lo[0]; i < r->box.hi[0]; i++) {
        const HilumVoxel v = {i, j, k};
        float lumen;
        /* What has grown and does not belong to the tree was cut off. */
        if (hilum_mask_get(r->lumen, v) || hilum_mask_get(t->grown, v) || !touches(r->lumen, v)) continue;
        if ((inside != NULL && !hilum_mask_get(inside, v)) || !lumen_beside(t, r->lumen, v, &lumen)) continue;
        const float value = t->values[offset_of(t, v)];
        if (value <= lumen + t->above && value >= (lumen + darkest_near(t, v)) / 2)
          hilum_mask_set(r->wall, v);
      }
}

/* Rings of voxels that touch by a face, as many as fit into WALL_MM. */
static bool reach_wall(Tree *t, HilumMask *tree, const HilumProgress *progress, GError **error)
{
  const double *spacing = t->scene->grid->spacing_mm;
  const int rings = (int)fmax(WALL_MM / fmin(spacing[0], fmin(spacing[1], spacing[2])), 1);
  for (int n = 0; n < rings; n++) {
    g_autoptr(HilumMask) wall = hilum_mask_new(tree->dims, error);
    if (wall == NULL) return false;
    Ring ring = {t, tree, wall, hilum_voxel_box_grow(hilum_mask_bounds(tree), 1, tree->dims)};
    hilum_parallel_for((size_t)(ring.box.hi[2] - ring.box.lo[2]), 4, ring_body, &ring);
    hilum_mask_or(tree, wall);
    if (!hilum_progress_step(progress, (n + 1.0) / (rings + 1))) break;
  }
  return !hilum_progress_fail(progress, error) && hilum_mask_fill_holes(tree, NULL, error) &&
         (t->scene->options.inside == NULL || (hilum_mask_and(tree, t->scene->options.inside), true));
}

static HilumMask *make_tree(Tree *t, const HilumVec3 *points_mm, size_t n, HilumVesselTreeReport *report,
                            const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0.1, 0.3, NULL);
  if (!find_calcium(t, &part, error)) return NULL;
  part = hilum_progress_part(progress, 0.3, 0.5, NULL);
  t->grown = hilum_mask_new(t->scene->grid->dims, error);
  if (t->grown == NULL || !grow(t, points_mm, n, &part, error)) return NULL;
  part = hilum_progress_part(progress, 0.5, 0.9, NULL);
  g_autoptr(HilumMask) tree = cut_leaks(t, points_mm, n, report, &part, error);
  if (tree == NULL || !cut_wide(t, tree, points_mm, n, report, &part, error)) return NULL;
  part = hilum_progress_part(progress, 0.9, 1, NULL);
  if (!reach_wall(t, tree, &part, error)) return NULL;
  report->voxels = hilum_mask_count(tree);
  return g_steal_pointer(&tree);
}

HilumMask *hilum_vessel_tree(const HilumVolume *volume, const HilumVec3 *points_mm, size_t n_points,
                             const HilumVesselOptions *options, HilumVesselTreeReport *report,
                             const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(volume != NULL && (points_mm != NULL || n_points == 0), NULL);
  HilumVesselScene scene;
  HilumVesselTreeReport own = {0};
  HilumMask *mask = NULL;
  HilumProgress part = hilum_progress_part(progress, 0, 0.1, NULL);
  if (hilum_vessel_scene_init(&scene, volume, points_mm, n_points, options, &part, error)) {
    const double slope = hilum_volume_get_slope(volume), contrast = scene.look.lumen - scene.look.floor;
    Tree tree = {.scene = &scene,
                 .values = hilum_volume_get_voxels(scene.calm),
                 .lumen = (float)((scene.look.lumen - hilum_volume_get_intercept(volume)) / slope),
                 .below = (float)(scene.look.tolerance / slope),
                 .above = (float)(UPWARDS * scene.look.tolerance / slope),
                 .drift = (float)(DRIFT * contrast / slope)};
    own.look = scene.look;
    mask = make_tree(&tree, points_mm, n_points, &own, progress, error);
    hilum_mask_free(tree.grown);
    hilum_mask_free(tree.calcium);
  }
  hilum_vessel_scene_clear(&scene);
  if (mask != NULL && report != NULL) *report = own;
  return mask;
}
