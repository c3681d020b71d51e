/* Smallest distance between two structures.
 *
 * Both are runs of voxels in rows. A row of one is compared with the rows of the other in rings of growing
 * distance across the rows, until no farther ring can beat what is found; rows that are farther than that
 * from the other's box are not looked at. The gap between two rows comes from one walk along their runs. All
 * in double and in a fixed order: of several pairs at the same distance, always the same one is named. */
#include "hilum/segment/statistics.h"

#include "hilum/segment/error.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  int32_t begin, end;
} Run;

typedef struct {
  HilumVoxelBox box;
  size_t *first; /* rows + 1 */
  GArray *runs;  /* Run */
} RunSet;

typedef struct {
  int32_t dj, dk;
  double across2; /* squared distance across the rows */
} Offset;

typedef struct {
  double distance2;
  HilumVoxel a, b;
} Closest;

static bool run_set_init(RunSet *set, HilumLabelSnapshot *labels, uint8_t label, GError **error)
{
  *set = (RunSet){.box = hilum_label_snapshot_bounds(labels, label)};
  if (hilum_voxel_box_is_empty(set->box)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
                        "A structure without voxels has no distance to another.");
    return false;
  }
  const HilumVoxelBox b = set->box;
  const size_t ni = (size_t)(b.hi[0] - b.lo[0]), nj = (size_t)(b.hi[1] - b.lo[1]);
  const size_t nk = (size_t)(b.hi[2] - b.lo[2]);
  set->first = g_new0(size_t, nj * nk + 1);
  set->runs = g_array_new(FALSE, FALSE, sizeof(Run));
  g_autofree uint8_t *slice = g_malloc(ni * nj);
  for (size_t k = 0; k < nk; k++) {
    HilumVoxelBox box = b;
    box.lo[2] = b.lo[2] + (int32_t)k;
    box.hi[2] = box.lo[2] + 1;
    hilum_label_snapshot_read_box(labels, box, slice, ni, ni * nj);
    for (size_t j = 0; j < nj; j++) {
      const uint8_t *row = slice + j * ni;
      for (size_t i = 0; i < ni; i++) {
        if (row[i] != label) continue;
        Run run = {.begin = b.lo[0] + (int32_t)i};
        while (i < ni && row[i] == label)
          i++;
        run.end = b.lo[0] + (int32_t)i;
        g_array_append_val(set->runs, run);
      }
      set->first[k * nj + j + 1] = set->runs->len;
    }
  }
  return true;
}

static void run_set_clear(RunSet *set)
{
  g_clear_pointer(&set->first, g_free);
  g_clear_pointer(&set->runs, g_array_unref);
}

/* Runs of a row, whatever row: outside the box there are none. */
static const Run *get_runs(const RunSet *set, int32_t j, int32_t k, size_t *n)
{
  *n = 0;
  if (j < set->box.lo[1] || j >= set->box.hi[1] || k < set->box.lo[2] || k >= set->box.hi[2]) return NULL;
  const size_t row =
      (size_t)(k - set->box.lo[2]) * (size_t)(set->box.hi[1] - set->box.lo[1]) + (size_t)(j - set->box.lo[1]);
  *n = set->first[row + 1] - set->first[row];
  return *n > 0 ? &g_array_index(set->runs, Run, set->first[row]) : NULL;
}

/* Smallest gap along x between two rows of runs; the voxels at its ends. */
static int32_t row_gap(const Run *a, size_t na, const Run *b, size_t nb, int32_t *at_a, int32_t *at_b)
{
  int32_t best = INT32_MAX;
  size_t m = 0, n = 0;
  while (m < na && n < nb) {
    int32_t gap, ia, ib;
    if (a[m].end <= b[n].begin) {
      ia = a[m].end - 1;
      ib = b[n].begin;
    } else if (b[n].end <= a[m].begin) {
      ia = a[m].begin;
      ib = b[n].end - 1;
    } else
      ia = ib = MAX(a[m].begin, b[n].begin);
    gap = abs(ia - ib);
    if (gap < best) {
      best = gap;
      *at_a = ia;
      *at_b = ib;
    }
    if (best == 0) break;
    if (a[m].end < b[n].end)
      m++;
    else
      n++;
  }
  return best;
}

static void compare_rows(const RunSet *a, const RunSet *b, int32_t j, int32_t k, const Offset *o, double sx,
                         Closest *closest)
{
  size_t na, nb;
  const Run *runs_a = get_runs(a, j, k, &na), *runs_b = get_runs(b, j + o->dj, k + o->dk, &nb);
  if (na == 0 || nb == 0) return;
  int32_t ia = 0, ib = 0;
  const double gap = row_gap(runs_a, na, runs_b, nb, &ia, &ib) * sx;
  const double distance2 = gap * gap + o->across2;
  if (!(distance2 < closest->distance2)) return;
  *closest = (Closest){distance2, {ia, j, k}, {ib, j + o->dj, k + o->dk}};
}

static int compare_offsets(const void *pa, const void *pb)
{
  const Offset *a = pa, *b = pb;
  if (a->across2 != b->across2) return a->across2 < b->across2 ? -1 : 1;
  if (a->dk != b->dk) return a->dk < b->dk ? -1 : 1;
  return a->dj < b->dj ? -1 : a->dj > b->dj;
}

/* All offsets between a row of one box and a row of the other, nearest first. */
static GArray *make_offsets(const RunSet *a, const RunSet *b, const double s[3])
{
  GArray *offsets = g_array_new(FALSE, FALSE, sizeof(Offset));
  for (int32_t dk = b->box.lo[2] - a->box.hi[2] + 1; dk < b->box.hi[2] - a->box.lo[2]; dk++)
    for (int32_t dj = b->box.lo[1] - a->box.hi[1] + 1; dj < b->box.hi[1] - a->box.lo[1]; dj++) {
      const Offset o = {dj, dk, dj * s[1] * (dj * s[1]) + dk * s[2] * (dk * s[2])};
      g_array_append_val(offsets, o);
    }
  g_array_sort(offsets, compare_offsets);
  return offsets;
}

static double outside_interval(int32_t at, int32_t lo, int32_t hi, double spacing)
{
  return (at < lo ? lo - at : at >= hi ? at - hi + 1 : 0) * spacing;
}

/* Squared distance of a row of `a` to the box of `b`: a lower bound. */
static double row_to_box2(const RunSet *a, const RunSet *b, int32_t j, int32_t k, const double s[3])
{
  const double y = outside_interval(j, b->box.lo[1], b->box.hi[1], s[1]);
  const double z = outside_interval(k, b->box.lo[2], b->box.hi[2], s[2]);
  size_t n;
  const Run *runs = get_runs(a, j, k, &n);
  double x = 0;
  if (n > 0 && runs[0].begin >= b->box.hi[0]) x = (runs[0].begin - b->box.hi[0] + 1) * s[0];
  if (n > 0 && runs[n - 1].end <= b->box.lo[0]) x = (b->box.lo[0] - runs[n - 1].end + 1) * s[0];
  return x * x + y * y + z * z;
}

static bool find_closest(const RunSet *a, const RunSet *b, const double s[3], Closest *closest,
                         const HilumProgress *progress, GError **error)
{
  g_autoptr(GArray) offsets = make_offsets(a, b, s);
  const HilumVoxelBox box = a->box;
  /* Coarse first: a few rows give a bound that lets most others be left out early. */
  for (int pass = 0; pass < 2; pass++) {
    const int32_t step = pass == 0 ? 8 : 1;
    for (int32_t k = box.lo[2]; k < box.hi[2]; k += step) {
      if (hilum_progress_fail(progress, error)) return false;
      for (int32_t j = box.lo[1]; j < box.hi[1]; j += step) {
        size_t n;
        if (get_runs(a, j, k, &n) == NULL || row_to_box2(a, b, j, k, s) >= closest->distance2) continue;
        for (guint o = 0; o < offsets->len; o++) {
          const Offset *offset = &g_array_index(offsets, Offset, o);
          if (offset->across2 >= closest->distance2) break;
          compare_rows(a, b, j, k, offset, s[0], closest);
        }
      }
    }
  }
  return true;
}

bool hilum_structure_distance(HilumLabelSnapshot *labels, uint8_t a, uint8_t b, double *distance_mm,
                              HilumVec3 *point_a_mm, HilumVec3 *point_b_mm, const HilumProgress *progress,
                              GError **error)
{
  g_return_val_if_fail(labels != NULL && a != 0 && b != 0, false);
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  RunSet set_a = {0}, set_b = {0};
  Closest closest = {.distance2 = INFINITY};
  const bool ok = run_set_init(&set_a, labels, a, error) && run_set_init(&set_b, labels, b, error) &&
                  find_closest(&set_a, &set_b, grid->spacing_mm, &closest, progress, error);
  run_set_clear(&set_a);
  run_set_clear(&set_b);
  if (!ok) return false;
  if (distance_mm != NULL) *distance_mm = sqrt(closest.distance2);
  if (point_a_mm != NULL) *point_a_mm = hilum_grid_voxel_to_mm(grid, closest.a);
  if (point_b_mm != NULL) *point_b_mm = hilum_grid_voxel_to_mm(grid, closest.b);
  return true;
}
