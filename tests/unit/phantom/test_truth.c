/* What the phantom says of itself: distances against its labels, volumes against counting, seeds, report. */
#include "hilum/phantom/phantom.h"

#include <math.h>

/* Around the kidneys. */
static HilumPhantom *make(void)
{
  HilumPhantomOptions o = {.dims = {200, 100, 100}, .spacing_mm = {1.25, 1.25, 1.5}};
  return hilum_phantom_new(&o, NULL);
}

/* Inside the label the distance is negative, outside positive; and next to a boundary it is as small as the
 * voxels say. */
static void test_distance(void)
{
  g_autoptr(HilumPhantom) p = make();
  g_autoptr(HilumLabelSnapshot) truth = hilum_phantom_truth(p, NULL, NULL);
  const HilumGrid *g = hilum_phantom_get_grid(p);
  size_t probed = 0;
  for (int s = HILUM_PHANTOM_PARENCHYMA; s <= HILUM_PHANTOM_OTHER_KIDNEY; s++) {
    HilumVoxelBox b = hilum_label_snapshot_bounds(truth, (uint8_t)s);
    for (int32_t k = MAX(b.lo[2], 1); k + 1 < b.hi[2]; k += 3)
      for (int32_t j = MAX(b.lo[1], 1); j + 1 < b.hi[1]; j += 3)
        for (int32_t i = MAX(b.lo[0], 1); i + 1 < b.hi[0]; i++) {
          bool in = hilum_label_snapshot_get(truth, (HilumVoxel){i, j, k}) == s;
          bool next = hilum_label_snapshot_get(truth, (HilumVoxel){i + 1, j, k}) == s;
          if (in == next && (i & 7)) continue;
          double d = hilum_phantom_distance_mm(p, (HilumPhantomStructure)s,
                                               hilum_grid_voxel_to_mm(g, (HilumVoxel){i, j, k}));
          g_assert_true(in ? d <= 0 : d >= 0);
          if (in != next) g_assert_cmpfloat(fabs(d), <=, g->spacing_mm[0] + 0.1);
          probed++;
        }
  }
  g_assert_cmpuint(probed, >, 2000);
}

/* Against a shape whose distance is known in closed form: the cyst is a ball where nothing cuts it. */
static void test_distance_of_ball(void)
{
  g_autoptr(HilumPhantom) p = make();
  HilumVec3 c = hilum_phantom_seed_mm(p, HILUM_PHANTOM_CYST);
  double r = -hilum_phantom_distance_mm(p, HILUM_PHANTOM_CYST, c);
  g_assert_cmpfloat(r, >, 7);
  g_assert_cmpfloat(r, <, 13);
  for (int n = 0; n < 200; n++) {
    HilumVec3 dir = hilum_vec3_normalize(hilum_vec3(cos(n * 1.7), sin(n * 2.3), cos(n * 0.9 + 1)));
    for (double off = -2; off <= 2; off += 0.5) {
      double d = hilum_phantom_distance_mm(p, HILUM_PHANTOM_CYST, hilum_vec3_madd(c, r + off, dir));
      g_assert_cmpfloat(fabs(d - off), <, 0.02);
    }
  }
}

static void test_seeds(void)
{
  g_autoptr(HilumPhantom) p = hilum_phantom_new(NULL, NULL);
  for (int s = 1; s < HILUM_PHANTOM_STRUCTURES; s++) {
    double d = hilum_phantom_distance_mm(p, (HilumPhantomStructure)s,
                                         hilum_phantom_seed_mm(p, (HilumPhantomStructure)s));
    g_test_message("%s: seed at %.2f mm", hilum_phantom_structure_name((HilumPhantomStructure)s), d);
    g_assert_cmpfloat(d, <, -1.5);
  }
}

static void test_report(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumPhantom) p = make();
  g_autoptr(HilumLabelSnapshot) truth = hilum_phantom_truth(p, NULL, NULL);
  HilumPhantomTruth r;
  g_assert_true(hilum_phantom_truth_report(p, truth, &r, NULL, &error));
  g_assert_no_error(error);
  for (int s = HILUM_PHANTOM_PARENCHYMA; s <= HILUM_PHANTOM_SINUS; s++) {
    const HilumPhantomTruthStructure *t = &r.structures[s];
    g_test_message("%s: %.2f ml, by voxels %.2f ml", hilum_phantom_structure_name((HilumPhantomStructure)s),
                   t->volume_ml, t->voxel_ml);
    g_assert_cmpfloat(fabs(t->voxel_ml / t->volume_ml - 1), <, 0.02);
    g_assert_cmpuint(t->voxels, ==, hilum_label_snapshot_count(truth, (uint8_t)s));
  }
  /* The cyst is a ball: its volume and diameter follow from its radius. */
  double radius = -hilum_phantom_distance_mm(p, HILUM_PHANTOM_CYST, r.structures[HILUM_PHANTOM_CYST].seed_mm);
  g_assert_cmpfloat(fabs(r.structures[HILUM_PHANTOM_CYST].volume_ml - 4.18879e-3 * radius * radius * radius),
                    <, 0.02);
  g_assert_cmpfloat(fabs(r.cyst_diameter_mm - 2 * radius), <, 1.5);
  g_assert_cmpfloat(
      fabs(hilum_phantom_volume_ml(p, HILUM_PHANTOM_CYST, NULL) - r.structures[HILUM_PHANTOM_CYST].volume_ml),
      <, 1e-9);
  g_assert_cmpfloat(r.tumour_diameter_mm, >, 31);
  g_assert_cmpfloat(r.tumour_diameter_mm, <, 40);
  g_assert_cmpfloat(r.tumour_exophytic, >, 0.1); /* partly */
  g_assert_cmpfloat(r.tumour_exophytic, <, 0.6);
  g_assert_cmpfloat(r.smallest_artery_radius_mm, >=, 1.2);
  for (int i = 0; i < HILUM_PHANTOM_TRUTH_DISTANCES; i++) {
    const HilumPhantomTruthDistance *d = &r.distances[i];
    g_test_message("tumour to %s: %.2f mm", hilum_phantom_structure_name(d->b), d->distance_mm);
    g_assert_cmpfloat(fabs(hilum_vec3_distance(d->point_a_mm, d->point_b_mm) - d->distance_mm), <, 1e-9);
    g_assert_cmpfloat(hilum_phantom_distance_mm(p, HILUM_PHANTOM_TUMOUR, d->point_a_mm), <=, 0);
    g_assert_cmpfloat(hilum_phantom_distance_mm(p, d->b, d->point_b_mm), <=, 0);
    if (d->b == HILUM_PHANTOM_SINUS) g_assert_cmpfloat(d->distance_mm, <, 2); /* reaches the sinus */
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/phantom/truth/distance", test_distance);
  g_test_add_func("/phantom/truth/ball", test_distance_of_ball);
  g_test_add_func("/phantom/truth/seeds", test_seeds);
  g_test_add_func("/phantom/truth/report", test_report);
  return g_test_run();
}
