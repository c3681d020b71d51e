/* Surfaces of the phantom's true label map: closed and clean, volume within 1 % of the label's, and 95 % of
 * the vertices within half a voxel of the analytic surface in LPS. */
#include "hilum/base/parallel.h"
#include "hilum/mesh/extract.h"
#include "hilum/mesh/measure.h"
#include "hilum/phantom/phantom.h"

#include <math.h>

typedef struct {
  const HilumPhantom *phantom;
  HilumPhantomStructure structure;
  HilumVec3 origin_mm;
  const float *positions;
  HilumBox inner; /* without the vertices on the volume's border, where a mesh is closed by a wall */
  size_t stride;
  double *distance; /* per probed vertex; NAN on the border */
} Probe;

static bool inside(HilumBox b, HilumVec3 p)
{
  return p.x > b.min.x && p.y > b.min.y && p.z > b.min.z && p.x < b.max.x && p.y < b.max.y && p.z < b.max.z;
}

static void probe(size_t begin, size_t end, unsigned worker, void *data)
{
  const Probe *q = data;
  for (size_t i = begin; i < end; i++) {
    HilumVec3 p = hilum_mesh_vertex_mm(q->origin_mm, q->positions, (uint32_t)(i * q->stride));
    q->distance[i] =
        inside(q->inner, p) ? fabs(hilum_phantom_distance_mm(q->phantom, q->structure, p)) : (double)NAN;
  }
}

static void check_structure(const HilumPhantom *phantom, HilumLabelSnapshot *truth, HilumPhantomStructure s)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid *grid = hilum_phantom_get_grid(phantom);
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_label(truth, (uint8_t)s, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumMeshReport report;
  g_assert_true(hilum_mesh_measure(mesh, &report, NULL, &error));
  g_assert_no_error(error);
  g_assert_true(hilum_mesh_report_is_clean(&report));
  const double label_mm3 = (double)hilum_label_snapshot_count(truth, (uint8_t)s) * hilum_grid_voxel_mm3(grid);
  const double off = report.volume_mm3 / label_mm3 - 1;

  HilumBox inner = hilum_grid_bounds_mm(grid);
  const double margin = 1.5;
  inner.min = hilum_vec3_add(inner.min, hilum_vec3(margin, margin, margin));
  inner.max = hilum_vec3_sub(inner.max, hilum_vec3(margin, margin, margin));
  const size_t stride = 7, n = hilum_mesh_get_vertex_count(mesh) / stride;
  g_autofree double *distance = g_new(double, n);
  Probe q = {phantom, s,       hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), inner,
             stride,  distance};
  hilum_parallel_for(n, 256, probe, &q);
  const double half_voxel_mm =
      0.5 * fmax(grid->spacing_mm[0], fmax(grid->spacing_mm[1], grid->spacing_mm[2]));
  size_t probed = 0, near = 0;
  for (size_t i = 0; i < n; i++) {
    if (isnan(distance[i])) continue;
    probed++;
    near += distance[i] <= half_voxel_mm;
  }
  const double share = (double)near / (double)probed;
  g_test_message("%s: mesh volume %+.3f %% of the label's, %.2f %% of %zu vertices within %.2f mm",
                 hilum_phantom_structure_name(s), 100 * off, 100 * share, probed, half_voxel_mm);
  g_assert_cmpuint(probed, >, 100);
  g_assert_cmpfloat(fabs(off), <=, 0.01);
  g_assert_cmpfloat(share, >=, 0.95);
}

static void test_surfaces(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumPhantom) phantom = hilum_phantom_new(NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumLabelSnapshot) truth = hilum_phantom_truth(phantom, NULL, &error);
  g_assert_no_error(error);
  for (int s = HILUM_PHANTOM_PARENCHYMA; s <= HILUM_PHANTOM_SINUS; s++)
    check_structure(phantom, truth, (HilumPhantomStructure)s);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/golden/surface/true-labels", test_surfaces);
  return g_test_run();
}
