/* The search for courses: Dijkstra's algorithm (Numer. Math. 1:269, 1959) over the 26 neighbours of a box, at
 * a cost a millimetre that is least in the vessel. One core: the heap orders voxels by cost, then by index,
 * so that the answer is always the same. */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/filter/vesselness.h"
#include "hilum/segment/error.h"
#include "vessel_private.h"

#include <math.h>
#include <string.h>

#define MAX_VOXELS (64u * 1024 * 1024)
#define MAP_MARGIN_MM 80.0
#define MAP_VOXELS (2u * 1000 * 1000)
#define LEAST_SCALE_MM 1.0
#define LARGEST_SCALE_MM 4.0
#define N_SCALES 4
#define FULL_TUBE 0.15      /* vesselness of a tube, of its contrast */
#define BRIGHT_LIKENESS 0.4 /* of calcium, and of bone */
#define HARDEST 0.03
#define SOURCE 13 /* of the 27 places round a voxel its own */

struct HilumVesselMap {
  HilumGrid grid;
  HilumVoxelBox box;
  size_t size[3], count;
  float *per_mm; /* cost of a millimetre */
  float *cost;   /* from the sources; infinite: not reached */
  uint8_t *from; /* which of the 27 places the way came from */
  uint8_t *settled;
};

/* --- cost --- */

typedef struct {
  HilumVesselMap *map;
  const HilumVesselScene *scene;
  const float *vesselness;
} Costs;

/* 1 at the lumen's brightness and up to the bound above it. */
static double likeness(const HilumVesselLook *look, double value)
{
  const double off = (value - look->lumen) / look->tolerance;
  if (off > 2) return BRIGHT_LIKENESS;
  return off >= 0 ? 1 : exp(-off * off / 2);
}

static void cost_body(size_t begin, size_t end, unsigned worker, void *data)
{
  const Costs *c = data;
  HilumVesselMap *m = c->map;
  const HilumVesselLook *look = &c->scene->look;
  const HilumMask *inside = c->scene->options.inside;
  const int16_t *values = hilum_volume_get_voxels(c->scene->calm);
  const double slope = hilum_volume_get_slope(c->scene->calm),
               intercept = hilum_volume_get_intercept(c->scene->calm);
  const double full = FULL_TUBE * (look->lumen - look->floor);
  for (size_t row = begin; row < end; row++) {
    const int32_t j = m->box.lo[1] + (int32_t)(row % m->size[1]),
                  k = m->box.lo[2] + (int32_t)(row / m->size[1]);
    for (size_t i = 0; i < m->size[0]; i++) {
      const HilumVoxel v = {m->box.lo[0] + (int32_t)i, j, k};
      const size_t at = row * m->size[0] + i;
      const double value = slope * values[hilum_grid_offset(&m->grid, v)] + intercept;
      double p = likeness(look, value);
      if (value <= look->lumen + 2 * look->tolerance) p = fmax(p, fmin(c->vesselness[at] / full, 1));
      m->per_mm[at] =
          inside != NULL && !hilum_mask_get(inside, v) ? INFINITY : (float)(1 / (HARDEST + p * p));
    }
  }
}

static bool find_costs(HilumVesselMap *m, const HilumVesselScene *scene, const HilumProgress *progress,
                       GError **error)
{
  HilumVesselnessOptions options = {.measure = HILUM_VESSELNESS_SATO, .box = m->box};
  const double *spacing = m->grid.spacing_mm;
  const double coarsest = fmax(spacing[0], fmax(spacing[1], spacing[2]));
  const double first = fmax(LEAST_SCALE_MM, 0.6 * coarsest);
  hilum_vesselness_scales(&options, first, fmax(LARGEST_SCALE_MM, first), N_SCALES);
  float *vesselness = hilum_volume_vesselness(scene->volume, &options, progress, error);
  if (vesselness == NULL) return false;
  Costs costs = {m, scene, vesselness};
  hilum_parallel_for(m->size[1] * m->size[2], 64, cost_body, &costs);
  hilum_big_free(vesselness);
  return true;
}

/* --- heap: cheapest first, of equal ones the first in the box --- */

typedef struct {
  float cost;
  uint32_t at;
} Waiting;

static bool comes_before(Waiting a, Waiting b)
{
  return a.cost < b.cost || (a.cost == b.cost && a.at < b.at);
}

static void heap_push(GArray *heap, Waiting item)
{
  g_array_append_val(heap, item);
  Waiting *h = (Waiting *)(void *)heap->data;
  guint n = heap->len - 1;
  for (; n > 0 && comes_before(item, h[(n - 1) / 2]); n = (n - 1) / 2)
    h[n] = h[(n - 1) / 2];
  h[n] = item;
}

static Waiting heap_pop(GArray *heap)
{
  Waiting *h = (Waiting *)(void *)heap->data;
  const Waiting first = h[0], last = h[heap->len - 1];
  g_array_set_size(heap, heap->len - 1);
  guint n = 0;
  for (guint child = 1; child < heap->len; child = 2 * n + 1) {
    if (child + 1 < heap->len && comes_before(h[child + 1], h[child])) child++;
    if (!comes_before(h[child], last)) break;
    h[n] = h[child];
    n = child;
  }
  if (heap->len > 0) h[n] = last;
  return first;
}

/* --- search --- */

static size_t place_of(const HilumVesselMap *m, HilumVoxel v)
{
  return ((size_t)(v.k - m->box.lo[2]) * m->size[1] + (size_t)(v.j - m->box.lo[1])) * m->size[0] +
         (size_t)(v.i - m->box.lo[0]);
}

static HilumVoxel voxel_of(const HilumVesselMap *m, size_t at)
{
  return (HilumVoxel){m->box.lo[0] + (int32_t)(at % m->size[0]),
                      m->box.lo[1] + (int32_t)(at / m->size[0] % m->size[1]),
                      m->box.lo[2] + (int32_t)(at / (m->size[0] * m->size[1]))};
}

static bool in_map(const HilumVesselMap *m, HilumVoxel v)
{
  return hilum_voxel_box_contains(m->box, v.i, v.j, v.k);
}

static HilumVoxel place_round(HilumVoxel v, int n)
{
  return (HilumVoxel){v.i + n % 3 - 1, v.j + n / 3 % 3 - 1, v.k + n / 9 - 1};
}

static void settle(HilumVesselMap *m, GArray *heap, size_t at, const double length_mm[27])
{
  const HilumVoxel v = voxel_of(m, at);
  m->settled[at] = 1;
  for (int n = 0; n < 27; n++) {
    const HilumVoxel w = place_round(v, n);
    if (n == SOURCE || !in_map(m, w)) continue;
    const size_t to = place_of(m, w);
    if (m->settled[to]) continue;
    const float cost = m->cost[at] + (float)(length_mm[n] / 2) * (m->per_mm[at] + m->per_mm[to]);
    if (!(cost < m->cost[to])) continue;
    m->cost[to] = cost;
    m->from[to] = (uint8_t)(26 - n); /* the way back */
    heap_push(heap, (Waiting){cost, (uint32_t)to});
  }
}

static bool run(HilumVesselMap *m, GArray *heap, const HilumVoxel *tip, size_t most,
                const HilumProgress *progress, GError **error)
{
  double length_mm[27];
  for (int n = 0; n < 27; n++) {
    const HilumVoxel step = place_round((HilumVoxel){0, 0, 0}, n);
    length_mm[n] = hypot(step.i * m->grid.spacing_mm[0],
                         hypot(step.j * m->grid.spacing_mm[1], step.k * m->grid.spacing_mm[2]));
  }
  const size_t end = tip != NULL ? place_of(m, *tip) : SIZE_MAX;
  size_t done = 0;
  while (heap->len > 0 && done < most) {
    const Waiting next = heap_pop(heap);
    if (m->settled[next.at]) continue;
    if (next.at == end) {
      m->settled[next.at] = 1;
      break;
    }
    settle(m, heap, next.at, length_mm);
    if (++done % 16384 == 0 && !hilum_progress_step(progress, (double)done / (double)MIN(most, m->count)))
      break;
  }
  return !hilum_progress_fail(progress, error);
}

static bool allocate(HilumVesselMap *m, GError **error)
{
  m->per_mm = hilum_big_alloc(m->count * sizeof *m->per_mm, error);
  m->cost = m->per_mm != NULL ? hilum_big_alloc(m->count * sizeof *m->cost, error) : NULL;
  m->from = m->cost != NULL ? hilum_big_alloc(m->count, error) : NULL;
  m->settled = m->from != NULL ? hilum_big_alloc0(m->count, error) : NULL;
  for (size_t at = 0; m->settled != NULL && at < m->count; at++)
    m->cost[at] = INFINITY;
  return m->settled != NULL;
}

HilumVesselMap *hilum_vessel_map_search(const HilumVesselScene *scene, HilumVoxelBox box,
                                        const HilumVec3 *sources_mm, size_t n_sources, const HilumVoxel *tip,
                                        size_t most, const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumVesselMap) m = g_new0(HilumVesselMap, 1);
  m->grid = *scene->grid;
  m->box = box;
  m->count = 1;
  for (int a = 0; a < 3; a++)
    m->count *= m->size[a] = (size_t)(box.hi[a] - box.lo[a]);
  HilumProgress part = hilum_progress_part(progress, 0, 0.3, NULL);
  if (!allocate(m, error) || !find_costs(m, scene, &part, error)) return NULL;
  g_autoptr(GArray) heap = g_array_new(FALSE, FALSE, sizeof(Waiting));
  for (size_t s = 0; s < n_sources; s++) {
    const HilumVoxel v = hilum_grid_voxel_at_mm(&m->grid, sources_mm[s]);
    if (!in_map(m, v) || m->cost[place_of(m, v)] == 0) continue;
    m->cost[place_of(m, v)] = 0;
    m->from[place_of(m, v)] = SOURCE;
    heap_push(heap, (Waiting){0, (uint32_t)place_of(m, v)});
  }
  part = hilum_progress_part(progress, 0.3, 1, NULL);
  return run(m, heap, tip, most, &part, error) ? g_steal_pointer(&m) : NULL;
}

bool hilum_vessel_scene_box(const HilumVesselScene *scene, const HilumVec3 *points_mm, size_t n_points,
                            double margin_mm, HilumVoxelBox *box, GError **error)
{
  const HilumGrid *grid = scene->grid;
  size_t count = 1;
  for (int a = 0; a < 3; a++) {
    int32_t lo = INT32_MAX, hi = 0;
    for (size_t p = 0; p < n_points; p++) {
      const HilumVoxel v = hilum_grid_voxel_at_mm(grid, points_mm[p]);
      const int32_t at = a == 0 ? v.i : a == 1 ? v.j : v.k;
      lo = MIN(lo, at);
      hi = MAX(hi, at);
    }
    const int32_t margin = (int32_t)ceil(margin_mm / grid->spacing_mm[a]);
    box->lo[a] = MAX(lo - margin, 0);
    box->hi[a] = MIN(hi + margin + 1, grid->dims[a]);
    if (!hilum_size_mul(count, (size_t)(box->hi[a] - box->lo[a]), &count)) count = SIZE_MAX;
  }
  if (count <= MAX_VOXELS) return true;
  g_set_error_literal(
      error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
      "The points lie too far apart to search for a vessel between them: set points in between.");
  return false;
}

HilumVesselMap *hilum_vessel_map_new(const HilumVolume *volume, const HilumVec3 *points_mm, size_t n_points,
                                     const HilumVesselOptions *options, const HilumProgress *progress,
                                     GError **error)
{
  g_return_val_if_fail(volume != NULL && (points_mm != NULL || n_points == 0), NULL);
  HilumVesselScene scene;
  HilumVoxelBox box;
  HilumVesselMap *map = NULL;
  HilumProgress part = hilum_progress_part(progress, 0, 0.1, NULL);
  if (hilum_vessel_scene_init(&scene, volume, points_mm, n_points, options, &part, error) &&
      hilum_vessel_scene_box(&scene, points_mm, n_points, MAP_MARGIN_MM, &box, error)) {
    part = hilum_progress_part(progress, 0.1, 1, NULL);
    map = hilum_vessel_map_search(&scene, box, points_mm, n_points, NULL, MAP_VOXELS, &part, error);
  }
  hilum_vessel_scene_clear(&scene);
  if (map != NULL) g_clear_pointer(&map->per_mm, hilum_big_free); /* looked up no more */
  return map;
}

void hilum_vessel_map_free(HilumVesselMap *m)
{
  if (m == NULL) return;
  hilum_big_free(m->per_mm);
  hilum_big_free(m->cost);
  hilum_big_free(m->from);
  hilum_big_free(m->settled);
  g_free(m);
}

GArray *hilum_vessel_map_dup_course(const HilumVesselMap *m, HilumVec3 place_mm)
{
  g_return_val_if_fail(m != NULL, NULL);
  HilumVoxel v = hilum_grid_voxel_at_mm(&m->grid, place_mm);
  if (!in_map(m, v) || !m->settled[place_of(m, v)]) return NULL;
  GArray *course = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  for (;;) {
    const HilumVec3 at = hilum_grid_voxel_to_mm(&m->grid, v);
    g_array_append_val(course, at);
    const int from = m->from[place_of(m, v)];
    if (from == SOURCE) break;
    v = place_round(v, from);
  }
  HilumVec3 *points = (HilumVec3 *)(void *)course->data;
  for (guint n = 0; n < course->len / 2; n++) {
    const HilumVec3 swap = points[n];
    points[n] = points[course->len - 1 - n];
    points[course->len - 1 - n] = swap;
  }
  return course;
}
