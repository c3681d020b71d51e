/* The proposal for a kidney: a range by Otsu's threshold on calmed values, the smallest ball that parts it
 * from what it touches, then its own wall (hilum/segment/kidney.h tells the order). */
#include "hilum/segment/kidney.h"

#include "hilum/filter/gaussian.h"
#include "hilum/filter/morphology.h"
#include "hilum/segment/brush.h"
#include "hilum/segment/error.h"
#include "hilum/segment/range.h"
#include "hilum/segment/threshold.h"
#include "seed_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FAT_HU (-100.0)
#define SHARE_TO_FAT 0.6
#define NEAR_MM 12.0
#define LOCAL_MM 60.0
#define LEAST_ML 20.0
#define MOST_ML 450.0
#define MOST_EXTENT_MM 170.0
#define CALM_MM 1.2
#define CLOSE_MM 7.0
#define STUMP_MM 4.0
#define WALL_MM 1.6
#define SNAP_MM 8.0 /* the piece may lie so far from the click: fat and vessels lie between */

static const double BALLS_MM[] = {2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8};

typedef struct {
  const HilumVolume *volume; /* without its noise */
  const HilumGrid *grid;
  HilumVoxel click;
  HilumVec3 click_mm;
  double ml_per_voxel;
  HilumKidneyReport report;
} Kidney;

static bool is_relative(const HilumVolume *volume)
{
  return strcmp(hilum_volume_get_unit(volume), "HU") != 0;
}

static double fat_value(const HilumVolume *volume)
{
  return is_relative(volume) ? 0 : FAT_HU;
}

static HilumMask *ball_around(const Kidney *n, double radius_mm, GError **error)
{
  HilumMask *mask = hilum_mask_new(n->grid->dims, error);
  const HilumBrush brush = {.radius_mm = radius_mm, .ball = true};
  if (mask != NULL) hilum_brush_sweep(&brush, n->grid, n->click_mm, n->click_mm, mask, NULL);
  return mask;
}

/* --- the range --- */

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* How bright the kidney is here: the value that three quarters of the voxels within NEAR_MM lie below. A
 * click that met a pyramid has cortex around it. */
static bool measure_click(Kidney *n, double *bright, GError **error)
{
  g_autoptr(HilumMask) near = ball_around(n, NEAR_MM, error);
  if (near == NULL) return false;
  g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));
  const HilumVoxelBox box = hilum_mask_bounds(near);
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      for (int32_t i = box.lo[0]; i < box.hi[0]; i++) {
        const HilumVoxel v = {i, j, k};
        if (!hilum_mask_get(near, v)) continue;
        const double value = hilum_volume_get_value(n->volume, v);
        g_array_append_val(values, value);
      }
  qsort(values->data, values->len, sizeof(double), by_value);
  *bright = g_array_index(values, double, values->len * 4 / 5);
  return true;
}

static bool choose_range(Kidney *n, GError **error)
{
  double bright;
  if (!measure_click(n, &bright, error)) return false;
  const double above_fat = bright - fat_value(n->volume);
  if (!(above_fat > 0)) {
    g_autofree char *where = hilum_seed_describe(n->grid, n->click);
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                "The point %s lies on nothing bright: click in the cortex of the kidney.", where);
    return false;
  }
  n->report.bright = bright;
  n->report.hi = bright + 0.4 * above_fat;
  g_autoptr(HilumMask) local = ball_around(n, LOCAL_MM, error);
  if (local == NULL) return false;
  double lo = bright - SHARE_TO_FAT * above_fat, hi;
  for (int round = 0; round < 2; round++)
    if (!hilum_otsu_range(n->volume, local, lo, n->report.hi, 2, 2, &lo, &hi, NULL, error)) return false;
  /* Never so high that the kidney itself would fall apart. */
  n->report.lo = fmin(lo, bright - 0.1 * above_fat);
  return true;
}

/* --- the ball that parts it --- */

/* The piece of `mask` at the click, or nearest to it within SNAP_MM; an empty mask if there is none. */
static HilumMask *piece_at_click(const Kidney *n, const HilumMask *mask, GError **error)
{
  const HilumIndexPos at = {n->click.i, n->click.j, n->click.k};
  HilumVoxel nearest = n->click;
  double best = INFINITY;
  int32_t reach[3];
  for (int a = 0; a < 3; a++)
    reach[a] = (int32_t)(SNAP_MM / n->grid->spacing_mm[a]);
  for (int32_t k = MAX(n->click.k - reach[2], 0); k <= MIN(n->click.k + reach[2], mask->dims[2] - 1); k++)
    for (int32_t j = MAX(n->click.j - reach[1], 0); j <= MIN(n->click.j + reach[1], mask->dims[1] - 1); j++)
      for (int32_t i = MAX(n->click.i - reach[0], 0); i <= MIN(n->click.i + reach[0], mask->dims[0] - 1);
           i++) {
        if (!hilum_mask_get(mask, (HilumVoxel){i, j, k})) continue;
        const double d =
            hypot(hypot((i - at.i) * n->grid->spacing_mm[0], (j - at.j) * n->grid->spacing_mm[1]),
                  (k - at.k) * n->grid->spacing_mm[2]);
        if (d >= best || d > SNAP_MM) continue;
        best = d;
        nearest = (HilumVoxel){i, j, k};
      }
  size_t reached = 0;
  return hilum_mask_flood(mask, &nearest, 1, HILUM_CONNECT_6, &reached, NULL, error);
}

/* What a ball of this radius leaves at the click, dilated back. */
static HilumMask *part_by_ball(const Kidney *n, const HilumMask *range, double radius_mm, GError **error)
{
  g_autoptr(HilumMask) eroded = hilum_mask_copy(range, error);
  if (eroded == NULL || !hilum_mask_erode(eroded, n->grid->spacing_mm, radius_mm, NULL, error)) return NULL;
  g_autoptr(HilumMask) piece = piece_at_click(n, eroded, error);
  if (piece == NULL || !hilum_mask_dilate(piece, n->grid->spacing_mm, radius_mm, NULL, error)) return NULL;
  return g_steal_pointer(&piece);
}

static bool is_plausible(const Kidney *n, const HilumMask *piece, double ml)
{
  if (ml < LEAST_ML || ml > MOST_ML) return false;
  const HilumVoxelBox box = hilum_mask_bounds(piece);
  for (int a = 0; a < 3; a++)
    if ((box.hi[a] - box.lo[a]) * n->grid->spacing_mm[a] > MOST_EXTENT_MM) return false;
  return true;
}

/* --- the wall --- */

/* Voxels above half-way to fat that touch the kidney and are next to fat: the range was made to tell the
 * kidney from its neighbours, and ends too early where there is only fat. */
static bool move_wall_to_fat(const Kidney *n, HilumMask *kidney, const HilumMask *soft, GError **error)
{
  const double *spacing = n->grid->spacing_mm;
  g_autoptr(HilumMask) rim = hilum_mask_copy(kidney, error);
  if (rim == NULL || !hilum_mask_dilate(rim, spacing, WALL_MM, NULL, error)) return false;
  g_autoptr(HilumMask) fat = hilum_mask_copy(rim, error);
  if (fat == NULL || !hilum_mask_dilate(fat, spacing, WALL_MM, NULL, error)) return false;
  hilum_mask_and_not(fat, soft);
  if (!hilum_mask_dilate(fat, spacing, WALL_MM, NULL, error)) return false;
  hilum_mask_and(rim, soft);
  hilum_mask_and(rim, fat);
  hilum_mask_or(kidney, rim);
  return true;
}

/* Medulla and what the erosion took come back by closing; the stumps of vessels go by opening. */
static bool finish(const Kidney *n, HilumMask *body, const HilumMask *allowed, GError **error)
{
  const double *spacing = n->grid->spacing_mm;
  const double half = (n->report.bright + fat_value(n->volume)) / 2;
  g_autoptr(HilumMask) soft = hilum_threshold(n->volume, half, n->report.hi, NULL, error);
  if (soft == NULL) return false;
  hilum_mask_and(soft, allowed);
  if (!hilum_mask_close(body, spacing, CLOSE_MM, NULL, error) || !hilum_mask_fill_holes(body, NULL, error) ||
      !hilum_mask_open(body, spacing, STUMP_MM, NULL, error) ||
      !hilum_mask_dilate(body, spacing, 1, NULL, error))
    return false;
  hilum_mask_and(body, soft);
  if (!hilum_mask_open(body, spacing, 1.6, NULL, error)) return false;
  g_autoptr(HilumMask) piece = piece_at_click(n, body, error);
  if (piece == NULL || !move_wall_to_fat(n, piece, soft, error) || !hilum_mask_fill_holes(piece, NULL, error))
    return false;
  hilum_mask_and(piece, allowed);
  hilum_mask_fill(body, false);
  hilum_mask_or(body, piece);
  return true;
}

/* --- the smallest ball that does --- */

static double volume_ml(const Kidney *n, const HilumMask *mask)
{
  return (double)hilum_mask_count(mask) * n->ml_per_voxel;
}

/* A piece that may be a kidney, before and after its wall was made. */
static HilumMask *find_kidney(Kidney *n, const HilumMask *range, const HilumMask *allowed,
                              const HilumProgress *progress, GError **error)
{
  for (size_t b = 0; b < G_N_ELEMENTS(BALLS_MM); b++) {
    if (!hilum_progress_step(progress, (double)b / G_N_ELEMENTS(BALLS_MM))) break;
    g_autoptr(HilumMask) piece = part_by_ball(n, range, BALLS_MM[b], error);
    if (piece == NULL) return NULL;
    if (!is_plausible(n, piece, volume_ml(n, piece))) continue;
    if (!finish(n, piece, allowed, error)) return NULL;
    if (!is_plausible(n, piece, volume_ml(n, piece))) continue;
    n->report.ball_mm = BALLS_MM[b];
    return g_steal_pointer(&piece);
  }
  if (!hilum_progress_fail(progress, error))
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
                        "No kidney stands out around the point: try a phase with contrast, click in the "
                        "cortex, or draw it.");
  return NULL;
}

HilumMask *hilum_kidney_from_click(const HilumVolume *volume, HilumVoxel click, const HilumMask *inside,
                                   HilumKidneyReport *report, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(volume != NULL, NULL);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  Kidney n = {.grid = grid, .click = click};
  if (!hilum_grid_contains(grid, click)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                        "The point lies outside the images.");
    return NULL;
  }
  n.click_mm = hilum_grid_voxel_to_mm(grid, click);
  n.ml_per_voxel = hilum_grid_voxel_mm3(grid) / 1000;
  const HilumProgress smoothing = hilum_progress_part(progress, 0, 0.3, NULL);
  g_autoptr(HilumVolume) calm = hilum_volume_gaussian(volume, CALM_MM, &smoothing, error);
  if (calm == NULL) return NULL;
  n.volume = calm;
  if (!choose_range(&n, error)) return NULL;
  g_autoptr(HilumMask) allowed = ball_around(&n, HILUM_KIDNEY_REACH_MM, error);
  g_autoptr(HilumMask) range = hilum_threshold(calm, n.report.lo, n.report.hi, NULL, error);
  if (allowed == NULL || range == NULL) return NULL;
  if (inside != NULL) hilum_mask_and(allowed, inside);
  hilum_mask_and(range, allowed);
  const HilumProgress search = hilum_progress_part(progress, 0.3, 0.9, NULL);
  g_autoptr(HilumMask) body = find_kidney(&n, range, allowed, &search, error);
  if (body == NULL) return NULL;
  if (hilum_progress_fail(progress, error)) return NULL;
  if (report != NULL) *report = n.report;
  return g_steal_pointer(&body);
}
