/* Grey values where a structure's own range of values defines its boundary: how much the structures hold.
 *
 * A surface through interpolated crossings encloses too little where it is convex: its chords cut corners,
 * the partial volume effect shifts the crossing inwards (by 1/12 of the mean curvature, in voxels), and so
 * does interpolation. All three are of second order and together 2.5 % of a ball of six voxels' radius. The
 * sum of the shares of the voxels has none of these errors. A voxel's share is 1/2 at the end of the range
 * and runs linearly to 1 at the level of the structure nearby and to 0 at that of its surroundings: the mean
 * of the pure voxels (all 26 neighbours on their side) within two voxels, on that side of the range. That is
 * right if the end of the range is half way between the two. The farther it is from there, the less it is
 * used, and voxels are counted.
 *
 * Noise: where it is a twentieth of the step between structure and surroundings or less, crossings are good
 * to a few hundredths of a voxel, and a light filter does; from a fifth on only the strong one takes it out.
 * It is measured by differences of pure voxels two apart, so that shading does not count.
 *
 * Only voxels at a boundary that values decide have shares: inside the range with a neighbour of another
 * label outside of it, or the other way round. What a structure gains there its neighbours lose, so that
 * structures that touch keep holding what they hold together. */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "joint_grey.h"
#include "joint_private.h"

#include <math.h>
#include <string.h>

enum { NEAR = 2, MARGIN = NEAR + 1 };
enum { OWN = 1, MIXED = 2 };

/* Means of pure voxels: the structure's, and what lies below and above its range. */
enum { INNER, BELOW, ABOVE, LEVELS };
typedef struct {
  double sum[LEVELS];
  double count[LEVELS];
  double square, pairs; /* of differences, inside */
} Levels;

/* Noise over step: of which crossings are trusted, and where that has ended. */
static const double QUIET = 0.05, LOUD = 0.2;

/* How far from half way the end of a range may lie for its voxels to have shares. */
static const double UNEVEN = 0.15;

typedef struct {
  const HilumSurfaceRange *ranges;
  uint8_t label;
  HilumGrid grid;
  int32_t lo[3], n[3]; /* the box, MARGIN around the structure's */
  uint8_t *labels;
  uint8_t *kind; /* per voxel of the box: OWN, MIXED (a neighbour is on the other side) */
  double level[LEVELS], noise;
  Levels *part;                      /* per slice */
  double (*gain)[HILUM_LABEL_COUNT]; /* per slice: in voxels, of each structure */
  const HilumProgress *progress;
} Shares;

static inline size_t box_at(const Shares *s, int32_t i, int32_t j, int32_t k)
{
  return ((size_t)k * (size_t)s->n[1] + (size_t)j) * (size_t)s->n[0] + (size_t)i;
}

/* Clamped to the grid: the image goes on as it ends. */
static inline HilumVoxel voxel_at(const Shares *s, int32_t i, int32_t j, int32_t k)
{
  return (HilumVoxel){CLAMP(i + s->lo[0], 0, s->grid.dims[0] - 1),
                      CLAMP(j + s->lo[1], 0, s->grid.dims[1] - 1),
                      CLAMP(k + s->lo[2], 0, s->grid.dims[2] - 1)};
}

static inline double value_at(const Shares *s, int32_t i, int32_t j, int32_t k)
{
  return hilum_volume_get_value(s->ranges[s->label].image, voxel_at(s, i, j, k));
}

/* --- which voxels are whole --- */

/* Whether some and whether all of the nine voxels around a place of a row, across it, are the structure's. */
static void look_across(const Shares *s, int32_t j, int32_t k, uint8_t *some, uint8_t *all)
{
  const size_t n = (size_t)s->n[0];
  memset(some, 0, n);
  memset(all, 1, n);
  for (int32_t z = MAX(k - 1, 0); z <= MIN(k + 1, s->n[2] - 1); z++)
    for (int32_t y = MAX(j - 1, 0); y <= MIN(j + 1, s->n[1] - 1); y++) {
      const uint8_t *row = s->labels + box_at(s, 0, y, z), label = s->label;
      for (size_t i = 0; i < n; i++) {
        const uint8_t own = row[i] == label;
        some[i] |= own;
        all[i] &= own;
      }
    }
}

static void find_kinds(size_t begin, size_t end, unsigned worker, void *data)
{
  Shares *s = data;
  const size_t n = (size_t)s->n[0];
  g_autofree uint8_t *some = g_malloc(2 * n);
  uint8_t *all = some + n;
  for (int32_t k = (int32_t)begin; k < (int32_t)end; k++) {
    if (hilum_progress_cancelled(s->progress)) return;
    for (int32_t j = 0; j < s->n[1]; j++) {
      const uint8_t *row = s->labels + box_at(s, 0, j, k);
      uint8_t *kind = s->kind + box_at(s, 0, j, k);
      look_across(s, j, k, some, all);
      for (size_t i = 0; i < n; i++) {
        const size_t before = i > 0 ? i - 1 : i, after = i + 1 < n ? i + 1 : i;
        const uint8_t any = some[before] | some[i] | some[after], every = all[before] & all[i] & all[after];
        kind[i] = (uint8_t)((row[i] == s->label ? OWN : 0) | (any != every ? MIXED : 0));
      }
    }
  }
}

/* --- what whole voxels are like --- */

static inline void add_value(const HilumSurfaceRange *r, bool own, double value, Levels *to)
{
  const int side = value < r->lo ? BELOW : value > r->hi ? ABOVE : INNER;
  if (own != (side == INNER)) return; /* not as the range says: drawn by hand */
  to->sum[side] += value;
  to->count[side] += 1;
}

/* Two pure voxels of the structure, inside its range, with one between them. */
static void add_difference(const Shares *s, int32_t i, int32_t j, int32_t k, Levels *to)
{
  const HilumSurfaceRange *r = &s->ranges[s->label];
  const uint8_t *kind = s->kind + box_at(s, i, j, k);
  if (i + 2 >= s->n[0] || kind[0] != OWN || kind[1] != OWN || kind[2] != OWN) return;
  const double a = value_at(s, i, j, k), b = value_at(s, i + 2, j, k);
  if (fmin(a, b) < r->lo || fmax(a, b) > r->hi) return;
  to->square += (a - b) * (a - b);
  to->pairs += 1;
}

static void sum_levels(size_t begin, size_t end, unsigned worker, void *data)
{
  Shares *s = data;
  for (int32_t k = (int32_t)begin; k < (int32_t)end; k++) {
    s->part[k] = (Levels){.square = 0};
    if (hilum_progress_cancelled(s->progress)) return;
    for (int32_t j = 0; j < s->n[1]; j++)
      for (int32_t i = 0; i < s->n[0]; i++) {
        const uint8_t kind = s->kind[box_at(s, i, j, k)];
        if (kind & MIXED) continue;
        add_value(&s->ranges[s->label], kind & OWN, value_at(s, i, j, k), &s->part[k]);
        add_difference(s, i, j, k, &s->part[k]);
      }
  }
}

/* Levels of the whole structure. One without a pure voxel is too thin for shares: false. */
static bool find_levels(Shares *s)
{
  Levels all = {.square = 0};
  hilum_parallel_for((size_t)s->n[2], 1, sum_levels, s);
  for (int32_t k = 0; k < s->n[2]; k++) {
    for (int l = 0; l < LEVELS; l++) {
      all.sum[l] += s->part[k].sum[l];
      all.count[l] += s->part[k].count[l];
    }
    all.square += s->part[k].square;
    all.pairs += s->part[k].pairs;
  }
  const HilumSurfaceRange *r = &s->ranges[s->label];
  const double none[LEVELS] = {NAN, r->lo, r->hi};
  for (int l = 0; l < LEVELS; l++)
    s->level[l] = all.count[l] > 0 ? all.sum[l] / all.count[l] : none[l];
  s->noise = all.pairs > 0 ? sqrt(all.square / all.pairs / 2) : 0;
  return all.count[INNER] > 0 && all.count[BELOW] + all.count[ABOVE] > 0;
}

static float trust_in(const Shares *s, int side)
{
  const double step = fabs(s->level[INNER] - s->level[side]);
  return step > 0 ? (float)CLAMP((LOUD - s->noise / step) / (LOUD - QUIET), 0, 1) : 0;
}

/* Levels of the pure voxels within NEAR of a place. */
static void look_near(const Shares *s, int32_t i, int32_t j, int32_t k, double level[LEVELS])
{
  Levels near = {.square = 0};
  for (int32_t z = MAX(k - NEAR, 0); z <= MIN(k + NEAR, s->n[2] - 1); z++)
    for (int32_t y = MAX(j - NEAR, 0); y <= MIN(j + NEAR, s->n[1] - 1); y++) {
      const uint8_t *kind = s->kind + box_at(s, 0, y, z);
      for (int32_t x = MAX(i - NEAR, 0); x <= MIN(i + NEAR, s->n[0] - 1); x++)
        if (!(kind[x] & MIXED)) add_value(&s->ranges[s->label], kind[x] & OWN, value_at(s, x, y, z), &near);
    }
  for (int l = 0; l < LEVELS; l++)
    level[l] = near.count[l] > 0 ? near.sum[l] / near.count[l] : s->level[l];
}

/* --- shares --- */

/* The neighbours across the boundary that the structure's range decides: how many of each label, how many
 * above the range, and how many in all. */
typedef struct {
  uint8_t of[26];
  int n, above;
} Across;

static void look_round(const Shares *s, int32_t i, int32_t j, int32_t k, Across *across)
{
  const uint8_t own = s->labels[box_at(s, i, j, k)];
  const HilumVoxel here = voxel_at(s, i, j, k);
  across->n = across->above = 0;
  for (int32_t z = MAX(k - 1, 0); z <= MIN(k + 1, s->n[2] - 1); z++)
    for (int32_t y = MAX(j - 1, 0); y <= MIN(j + 1, s->n[1] - 1); y++)
      for (int32_t x = MAX(i - 1, 0); x <= MIN(i + 1, s->n[0] - 1); x++) {
        const uint8_t other = s->labels[box_at(s, x, y, z)];
        if ((own == s->label) == (other == s->label)) continue;
        const HilumVoxel there = voxel_at(s, x, y, z);
        if (hilum_grey_decides(s->ranges, own, here, other, there) != s->label) continue;
        across->of[across->n++] = other;
        across->above += value_at(s, x, y, z) > s->ranges[s->label].hi;
      }
}

/* How much of a voxel between two levels is the structure's. What lies within the noise of a level is whole
 * or empty: there are more voxels around a structure than at its rim, and noise would make it larger. */
static double share(double value, double cut, double inner, double outer, double noise)
{
  const bool over = (value - cut) * (inner - cut) >= 0; /* on the structure's side */
  const double pure = over ? inner : outer, margin = fmin(1.5 * noise, 0.5 * fabs(pure - cut));
  const double reach = fabs(pure - cut) - margin;
  const double f = reach > 0 ? CLAMP(fabs(value - cut) / reach, 0, 1) : 1;
  return over ? 0.5 + 0.5 * f : 0.5 - 0.5 * f;
}

/* How much a share counts. If the end of the range is not half way between the two levels (`at`), the
 * structure's voxels at the boundary are fewer than the others, or more; weighed like this, what they lose is
 * what the others gain on the whole: voxels that are as full as they are empty. Far from half way what is
 * lost and gained is more noise than shares, and voxels are counted. */
static double weight_of(bool own, double cut, double inner, double outer)
{
  const double at = inner != outer ? (cut - outer) / (inner - outer) : 0;
  return CLAMP(1 - fabs(at - 0.5) / UNEVEN, 0, 1) * 2 * (own ? at : 1 - at);
}

static void add_share(Shares *s, int32_t i, int32_t j, int32_t k)
{
  const HilumSurfaceRange *r = &s->ranges[s->label];
  const uint8_t label = s->labels[box_at(s, i, j, k)];
  const bool own = label == s->label;
  const double value = value_at(s, i, j, k);
  if (own != (value >= r->lo && value <= r->hi)) return;
  Across across;
  look_round(s, i, j, k, &across);
  if (across.n == 0) return;
  double level[LEVELS];
  look_near(s, i, j, k, level);
  const bool above = own ? 2 * across.above > across.n : value > r->hi;
  const double cut = above ? r->hi : r->lo, outer = level[above ? ABOVE : BELOW];
  const double part = share(value, cut, level[INNER], outer, s->noise),
               weight = weight_of(own, cut, level[INNER], outer);
  s->gain[k][s->label] += weight * (own ? part - 1 : part);
  for (int n = 0; own && n < across.n; n++)
    s->gain[k][across.of[n]] += weight * (1 - part) / across.n;
  if (!own) s->gain[k][label] -= weight * part;
}

static void sum_shares(size_t begin, size_t end, unsigned worker, void *data)
{
  Shares *s = data;
  for (int32_t k = (int32_t)begin; k < (int32_t)end; k++) {
    memset(s->gain[k], 0, sizeof *s->gain);
    if (hilum_progress_cancelled(s->progress)) return;
    for (int32_t j = 0; j < s->n[1]; j++)
      for (int32_t i = 0; i < s->n[0]; i++)
        if (s->kind[box_at(s, i, j, k)] & MIXED) add_share(s, i, j, k);
  }
}

/* Adds what one structure's range moves between the structures, in voxels. */
static bool add_structure(Shares *s, HilumLabelSnapshot *labels, double gain[HILUM_LABEL_COUNT],
                          HilumGreyTrust *trust, GError **error)
{
  HilumVoxelBox box = hilum_label_snapshot_bounds(labels, s->label);
  if (hilum_voxel_box_is_empty(box)) return true;
  for (int a = 0; a < 3; a++) {
    s->lo[a] = box.lo[a] -= MARGIN;
    s->n[a] = (box.hi[a] += MARGIN) - box.lo[a];
  }
  const size_t n = (size_t)s->n[0] * (size_t)s->n[1] * (size_t)s->n[2], slices = (size_t)s->n[2];
  s->labels = hilum_big_alloc(n, error);
  s->kind = s->labels ? hilum_big_alloc(n, error) : NULL;
  const bool ok = s->kind != NULL;
  if (ok) {
    hilum_label_snapshot_read_box(labels, box, s->labels, (size_t)s->n[0], (size_t)s->n[0] * (size_t)s->n[1]);
    s->part = g_new(Levels, slices);
    s->gain = g_malloc(slices * sizeof *s->gain);
    hilum_parallel_for(slices, 1, find_kinds, s);
    *trust = (HilumGreyTrust){1, 1}; /* too thin to be filtered */
    if (find_levels(s)) {
      *trust = (HilumGreyTrust){trust_in(s, BELOW), trust_in(s, ABOVE)};
      hilum_parallel_for(slices, 1, sum_shares, s);
      for (size_t k = 0; k < slices; k++)
        for (int l = 0; l < HILUM_LABEL_COUNT; l++)
          gain[l] += s->gain[k][l];
    }
  }
  g_clear_pointer(&s->part, g_free);
  g_clear_pointer(&s->gain, g_free);
  g_clear_pointer(&s->labels, hilum_big_free);
  g_clear_pointer(&s->kind, hilum_big_free);
  return ok;
}

bool hilum_joint_share_volumes(const HilumJoint *joint, HilumLabelSnapshot *labels,
                               const HilumSurfaceRange ranges[HILUM_LABEL_COUNT],
                               double mm3[HILUM_LABEL_COUNT], HilumGreyTrust trust[HILUM_LABEL_COUNT],
                               const HilumProgress *progress, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  double gain[HILUM_LABEL_COUNT] = {0};
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    Shares s = {.ranges = ranges, .label = (uint8_t)l, .grid = *grid, .progress = progress};
    trust[l] = (HilumGreyTrust){0, 0};
    if (!joint->present[l] || !hilum_surface_range_in_use(&ranges[l])) continue;
    if (!add_structure(&s, labels, gain, &trust[l], error) || hilum_progress_fail(progress, error))
      return false;
  }
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const double voxels = (double)hilum_label_snapshot_count(labels, (uint8_t)l);
    /* Never nothing: what is there keeps a tenth of its voxels at least. */
    mm3[l] = joint->present[l] ? fmax(voxels + gain[l], 0.1 * voxels) * hilum_grid_voxel_mm3(grid) : 0;
  }
  mm3[0] = 0;
  return true;
}
