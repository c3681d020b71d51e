/* The truth as numbers: volumes from the shapes, counts, boxes, diameters and distances from the label map.
 * Distances are searched over surface voxels, exactly. */
#include "report_private.h"

#include "hilum/base/parallel.h"

#include <math.h>

/* Voxels of a label that have a 6-neighbour of another. */
static GArray *surface_voxels(HilumLabelSnapshot *labels, uint8_t label)
{
  const HilumGrid *g = hilum_label_snapshot_get_grid(labels);
  HilumVoxelBox b = hilum_voxel_box_grow(hilum_label_snapshot_bounds(labels, label), 1, g->dims);
  GArray *out = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  if (hilum_voxel_box_is_empty(b)) return out;
  size_t nx = (size_t)(b.hi[0] - b.lo[0]), ny = (size_t)(b.hi[1] - b.lo[1]), nz = (size_t)(b.hi[2] - b.lo[2]);
  g_autofree uint8_t *v = g_malloc(nx * ny * nz);
  hilum_label_snapshot_read_box(labels, b, v, nx, nx * ny);
  const size_t step[3] = {1, nx, nx * ny}, n[3] = {nx, ny, nz};
  for (size_t at = 0; at < nx * ny * nz; at++) {
    if (v[at] != label) continue;
    size_t c[3] = {at % nx, at / nx % ny, at / (nx * ny)};
    bool surface = false;
    for (int a = 0; a < 3 && !surface; a++)
      surface = c[a] == 0 || c[a] + 1 == n[a] || v[at - step[a]] != label || v[at + step[a]] != label;
    if (!surface) continue;
    HilumVec3 p = hilum_grid_voxel_to_mm(
        g, (HilumVoxel){b.lo[0] + (int32_t)c[0], b.lo[1] + (int32_t)c[1], b.lo[2] + (int32_t)c[2]});
    g_array_append_val(out, p);
  }
  return out;
}

typedef struct {
  const HilumVec3 *a, *b;
  size_t nb;
  bool largest;
  double *best; /* per point of a, squared */
  size_t *with;
} Pairs;

static void search_pairs(size_t begin, size_t end, unsigned worker, void *data)
{
  const Pairs *s = data;
  for (size_t i = begin; i < end; i++) {
    double best = s->largest ? -1 : INFINITY;
    for (size_t j = 0; j < s->nb; j++) {
      HilumVec3 d = hilum_vec3_sub(s->a[i], s->b[j]);
      double d2 = hilum_vec3_dot(d, d);
      if (s->largest ? d2 > best : d2 < best) {
        best = d2;
        s->with[i] = j;
      }
    }
    s->best[i] = best;
  }
}

/* The nearest or farthest pair of two point sets; NAN if either is empty. */
static double extreme_pair(const GArray *a, const GArray *b, bool largest, HilumVec3 *pa, HilumVec3 *pb)
{
  if (a->len == 0 || b->len == 0) return NAN;
  g_autofree double *best = g_new(double, a->len);
  g_autofree size_t *with = g_new0(size_t, a->len);
  Pairs s = {
      (const HilumVec3 *)(void *)a->data, (const HilumVec3 *)(void *)b->data, b->len, largest, best, with};
  hilum_parallel_for(a->len, 64, search_pairs, &s);
  size_t found = 0;
  for (size_t i = 1; i < a->len; i++)
    if (largest ? best[i] > best[found] : best[i] < best[found]) found = i;
  *pa = s.a[found];
  *pb = s.b[with[found]];
  return sqrt(best[found]);
}

static HilumBox cells_box(const HilumGrid *g, HilumVoxelBox b)
{
  if (hilum_voxel_box_is_empty(b)) return hilum_box_empty();
  HilumBox box = hilum_box_empty();
  for (int c = 0; c < 8; c++) {
    HilumIndexPos p = {(c & 1 ? b.hi[0] : b.lo[0]) - 0.5, (c & 2 ? b.hi[1] : b.lo[1]) - 0.5,
                       (c & 4 ? b.hi[2] : b.lo[2]) - 0.5};
    box = hilum_box_include(box, hilum_grid_to_mm(g, p));
  }
  return box;
}

/* Share of the tumour's voxels outside the outline that the kidney would have without it. */
static double exophytic_share(const HilumAbdomen *a, HilumLabelSnapshot *labels)
{
  const HilumGrid *g = hilum_label_snapshot_get_grid(labels);
  HilumVoxelBox b = hilum_label_snapshot_bounds(labels, HILUM_PHANTOM_TUMOUR);
  uint64_t all = 0, outside = 0;
  for (int32_t k = b.lo[2]; k < b.hi[2]; k++)
    for (int32_t j = b.lo[1]; j < b.hi[1]; j++)
      for (int32_t i = b.lo[0]; i < b.hi[0]; i++) {
        HilumVoxel v = {i, j, k};
        if (hilum_label_snapshot_get(labels, v) != HILUM_PHANTOM_TUMOUR) continue;
        all++;
        outside += hilum_kidney_hull(&a->left, hilum_grid_voxel_to_mm(g, v)) > 0;
      }
  return all > 0 ? (double)outside / (double)all : NAN;
}

/* Sums of indices per label, in one pass over the map. */
static void sum_indices(HilumLabelSnapshot *labels, double sum[HILUM_PHANTOM_STRUCTURES][3])
{
  const HilumGrid *g = hilum_label_snapshot_get_grid(labels);
  const size_t nx = (size_t)g->dims[0], ny = (size_t)g->dims[1];
  g_autofree uint8_t *slice = g_malloc(nx * ny);
  for (int32_t k = 0; k < g->dims[2]; k++) {
    hilum_label_snapshot_read_box(labels, (HilumVoxelBox){{0, 0, k}, {g->dims[0], g->dims[1], k + 1}}, slice,
                                  nx, nx * ny);
    for (size_t at = 0; at < nx * ny; at++) {
      if (slice[at] == 0 || slice[at] >= HILUM_PHANTOM_STRUCTURES) continue;
      double *s = sum[slice[at]];
      s[0] += (double)(at % nx);
      s[1] += (double)(at / nx);
      s[2] += k;
    }
  }
}

static void fill_structures(const HilumTruthVolumes *volumes, const HilumAbdomen *abdomen,
                            HilumLabelSnapshot *labels, HilumPhantomTruth *report)
{
  const HilumGrid *g = hilum_label_snapshot_get_grid(labels);
  double sum[HILUM_PHANTOM_STRUCTURES][3] = {{0}};
  sum_indices(labels, sum);
  for (int s = 1; s < HILUM_PHANTOM_STRUCTURES; s++) {
    HilumPhantomTruthStructure *out = &report->structures[s];
    const double n = (double)(out->voxels = hilum_label_snapshot_count(labels, (uint8_t)s));
    out->voxel_ml = n * hilum_grid_voxel_mm3(g) / 1000;
    out->volume_ml = s <= HILUM_PHANTOM_SINUS ? volumes->volume_ml[s] : out->voxel_ml;
    if (n > 0)
      out->centroid_mm = hilum_grid_to_mm(g, (HilumIndexPos){sum[s][0] / n, sum[s][1] / n, sum[s][2] / n});
    out->bounds_mm = cells_box(g, hilum_label_snapshot_bounds(labels, (uint8_t)s));
    out->seed_mm = hilum_truth_seed(abdomen, (HilumPhantomStructure)s);
  }
}

bool hilum_report_fill(const HilumAbdomen *abdomen, const HilumGrid *grid, HilumLabelSnapshot *labels,
                       HilumPhantomTruth *report, const HilumProgress *progress, GError **error)
{
  static const HilumPhantomStructure near[HILUM_PHANTOM_TRUTH_DISTANCES] = {
      HILUM_PHANTOM_ARTERY, HILUM_PHANTOM_VEIN, HILUM_PHANTOM_COLLECTING, HILUM_PHANTOM_SINUS,
      HILUM_PHANTOM_CYST};
  bool wanted[HILUM_PHANTOM_STRUCTURES];
  for (int s = 0; s < HILUM_PHANTOM_STRUCTURES; s++)
    wanted[s] = s >= HILUM_PHANTOM_PARENCHYMA && s <= HILUM_PHANTOM_SINUS;
  *report = (HilumPhantomTruth){0};
  HilumTruthVolumes volumes;
  HilumProgress part = hilum_progress_part(progress, 0, 0.8, NULL);
  if (!hilum_truth_volumes(abdomen, grid, wanted, &volumes, &part))
    return !hilum_progress_fail(progress, error);
  fill_structures(&volumes, abdomen, labels, report);
  g_autoptr(GArray) tumour = surface_voxels(labels, HILUM_PHANTOM_TUMOUR);
  g_autoptr(GArray) cyst = surface_voxels(labels, HILUM_PHANTOM_CYST);
  HilumVec3 p, q;
  report->tumour_diameter_mm = extreme_pair(tumour, tumour, true, &p, &q);
  report->cyst_diameter_mm = extreme_pair(cyst, cyst, true, &p, &q);
  report->tumour_exophytic = exophytic_share(abdomen, labels);
  for (int i = 0; i < HILUM_PHANTOM_TRUTH_DISTANCES; i++) {
    if (hilum_progress_fail(progress, error)) return false;
    HilumPhantomTruthDistance *d = &report->distances[i];
    g_autoptr(GArray) other = surface_voxels(labels, (uint8_t)near[i]);
    d->a = HILUM_PHANTOM_TUMOUR;
    d->b = near[i];
    d->distance_mm = extreme_pair(tumour, other, false, &d->point_a_mm, &d->point_b_mm);
    hilum_progress_step(progress, 0.8 + 0.2 * (i + 1) / HILUM_PHANTOM_TRUTH_DISTANCES);
  }
  report->smallest_artery_radius_mm = INFINITY;
  const GArray *arteries = abdomen->arteries->items;
  for (guint i = 0; i < arteries->len; i++)
    report->smallest_artery_radius_mm =
        shape_min(report->smallest_artery_radius_mm, g_array_index(arteries, HilumCapsule, i).rb);
  report->ureter_radius_mm = g_array_index(abdomen->left.ureter->items, HilumCapsule, 0).ra;
  return true;
}
