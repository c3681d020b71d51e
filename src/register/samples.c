/* The points at which two volumes are compared. Hashed places in a regular lattice: nothing depends on time,
 * on threads or on the order of the points. Off-lattice points keep the interpolation artefacts of mutual
 * information away: Thevenaz, Bierlaire and Unser, "Halton sampling for image registration based on mutual
 * information", Sampling Theory in Signal and Image Processing 7, 2008. */
#include "metric_private.h"

#include "hilum/base/random.h"
#include "hilum/register/error.h"

#include "affine_private.h"

#include <math.h>

static const uint64_t SEED = UINT64_C(0x48696C756D); /* any number; it is part of the result's definition */

static bool in_region(const Region *region, HilumVec3 p)
{
  const HilumBox *b = &region->box_mm;
  if (p.x < b->min.x || p.y < b->min.y || p.z < b->min.z || p.x > b->max.x || p.y > b->max.y ||
      p.z > b->max.z)
    return false;
  HilumVoxel v = hilum_grid_voxel_at_mm(region->grid, p);
  if (!hilum_grid_contains(region->grid, v)) return false;
  return !region->mask || hilum_mask_get(region->mask, v);
}

static Samples *samples_alloc(size_t capacity)
{
  Samples *s = g_new0(Samples, 1);
  s->x = g_new(float, capacity);
  s->y = g_new(float, capacity);
  s->z = g_new(float, capacity);
  s->value = g_new(float, capacity);
  return s;
}

/* Fixed values at one level; a point in the outermost half voxel of it takes part no longer. */
static void read_fixed(Samples *s, const Level *fixed)
{
  size_t kept = 0;
  for (size_t n = 0; n < s->count; n++) {
    HilumVec3 p = hilum_vec3_add(s->centre_mm, hilum_vec3(s->x[n], s->y[n], s->z[n]));
    HilumIndexPos at = hilum_grid_from_mm(&fixed->grid, p);
    float value;
    if (!level_sample(fixed, (float)at.i, (float)at.j, (float)at.k, &value, NULL)) continue;
    s->x[kept] = s->x[n], s->y[kept] = s->y[n], s->z[kept] = s->z[n], s->value[kept] = value;
    kept++;
  }
  s->count = kept;
}

static GArray *region_points(const Region *region, double cell_mm, const HilumProgress *progress)
{
  GArray *points = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  const HilumVec3 lo = region->box_mm.min, size = hilum_vec3_sub(region->box_mm.max, lo);
  const int64_t nx = (int64_t)(size.x / cell_mm) + 1, ny = (int64_t)(size.y / cell_mm) + 1,
                nz = (int64_t)(size.z / cell_mm) + 1;
  uint64_t counter = 0;
  for (int64_t k = 0; k < nz; k++) {
    if (hilum_progress_cancelled(progress)) break;
    for (int64_t j = 0; j < ny; j++)
      for (int64_t i = 0; i < nx; i++, counter += 3) {
        HilumVec3 p = {lo.x + cell_mm * ((double)i + hilum_random_uniform(SEED, counter)),
                       lo.y + cell_mm * ((double)j + hilum_random_uniform(SEED, counter + 1)),
                       lo.z + cell_mm * ((double)k + hilum_random_uniform(SEED, counter + 2))};
        if (in_region(region, p)) g_array_append_val(points, p);
      }
  }
  return points;
}

Samples *samples_new(const Region *region, const Level *fixed, size_t wanted, const HilumProgress *progress,
                     GError **error)
{
  const double cell_mm = cbrt(region->volume_mm3 / (double)wanted);
  g_autoptr(GArray) points = region_points(region, cell_mm, progress);
  if (hilum_progress_fail(progress, error)) return NULL;
  g_autoptr(Samples) s = samples_alloc(MAX(points->len, 1));
  s->count = points->len;
  s->spacing_mm = cell_mm;
  HilumVec3 sum = {0, 0, 0};
  for (size_t n = 0; n < s->count; n++)
    sum = hilum_vec3_add(sum, g_array_index(points, HilumVec3, n));
  s->centre_mm = hilum_vec3_scale(sum, 1.0 / (double)MAX(s->count, 1));
  double square = 0;
  for (size_t n = 0; n < s->count; n++) {
    HilumVec3 r = hilum_vec3_sub(g_array_index(points, HilumVec3, n), s->centre_mm);
    s->x[n] = (float)r.x, s->y[n] = (float)r.y, s->z[n] = (float)r.z;
    square += hilum_vec3_dot(r, r);
  }
  s->radius_mm = sqrt(square / (double)MAX(s->count, 1));
  read_fixed(s, fixed);
  if (s->count < MIN_SAMPLES) {
    g_set_error_literal(error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_REGION,
                        "The region to be aligned holds too little of the fixed series; make it larger");
    return NULL;
  }
  return g_steal_pointer(&s);
}

Samples *samples_new_thinned(const Samples *samples, const Level *fixed, size_t wanted)
{
  const size_t step = wanted < samples->count ? samples->count / wanted : 1;
  Samples *s = samples_alloc(samples->count / step + 1);
  s->centre_mm = samples->centre_mm;
  s->radius_mm = samples->radius_mm;
  s->spacing_mm = samples->spacing_mm * cbrt((double)step);
  /* one at a hashed place in every run of `step`, lest a stride falls into step with the lattice */
  for (size_t begin = 0; begin + step <= samples->count; begin += step) {
    size_t n = begin + hilum_random_u64(SEED + 1, begin) % step;
    s->x[s->count] = samples->x[n], s->y[s->count] = samples->y[n], s->z[s->count] = samples->z[n];
    s->count++;
  }
  read_fixed(s, fixed);
  return s;
}

Samples *samples_new_inside(const Samples *samples, const Level *moving, HilumRigid rigid, double margin_mm)
{
  const HilumGrid *grid = &moving->grid;
  const IndexMap map = index_map_make(grid, rigid, samples->centre_mm);
  Samples *s = samples_alloc(samples->count);
  s->centre_mm = samples->centre_mm;
  s->radius_mm = samples->radius_mm;
  s->spacing_mm = samples->spacing_mm;
  double low[3], high[3];
  for (int a = 0; a < 3; a++) {
    low[a] = margin_mm / grid->spacing_mm[a];
    high[a] = grid->dims[a] - 1 - low[a];
  }
  for (size_t n = 0; n < samples->count; n++) {
    const HilumIndexPos p = index_map_apply(&map, hilum_vec3(samples->x[n], samples->y[n], samples->z[n]));
    if (p.i < low[0] || p.j < low[1] || p.k < low[2] || p.i > high[0] || p.j > high[1] || p.k > high[2])
      continue;
    s->x[s->count] = samples->x[n], s->y[s->count] = samples->y[n], s->z[s->count] = samples->z[n];
    s->value[s->count++] = samples->value[n];
  }
  return s;
}

void samples_free(Samples *samples)
{
  if (!samples) return;
  g_free(samples->x);
  g_free(samples->y);
  g_free(samples->z);
  g_free(samples->value);
  g_free(samples);
}
