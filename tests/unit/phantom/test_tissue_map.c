/* The pruned look-up against asking every solid: at random voxels, and at all voxels with a neighbour of
 * another tissue in a slab, where a wrong bound would show first. */
#include "phantom/tissue_map_private.h"

static void test_against_brute_force(void)
{
  HilumAbdomen *abdomen = hilum_abdomen_new(3);
  HilumGrid grid = hilum_grid_new(190, 189, 61, 1.6, 1.6, 4.0);
  grid.origin_mm = hilum_vec3(-151, -150, -120);
  HilumTissueMap *map = hilum_tissue_map_new(abdomen, &grid, NULL, NULL);
  g_assert_nonnull(map);
  const HilumSolidList all = hilum_abdomen_all_solids();
  size_t probed = 0, wrong = 0;
  for (size_t n = 0; n < hilum_grid_count(&grid); n++) {
    HilumVoxel v = {(int32_t)(n % 190), (int32_t)(n / 190 % 189), (int32_t)(n / (190 * 189))};
    bool near = hilum_mask_get(map->mixed, v);
    if (hilum_random_uniform(77, n) > (near ? 0.35 : 0.05)) continue;
    probed++;
    HilumTissue t = hilum_abdomen_tissue(abdomen, &all, hilum_grid_voxel_to_mm(&grid, v));
    if (t == (HilumTissue)map->tissue[n]) continue;
    if (wrong++ < 5)
      g_test_message("at %d %d %d: map says %d, the solids %d", v.i, v.j, v.k, map->tissue[n], (int)t);
  }
  g_test_message("%zu voxels, %zu wrong", probed, wrong);
  g_assert_cmpuint(probed, >, 50000);
  g_assert_cmpuint(wrong, ==, 0);
  hilum_tissue_map_free(map);
  hilum_abdomen_free(abdomen);
}

/* Samples stand at a quarter of the voxel around its centre, for exactly the mixed voxels, in row order. */
static void test_samples(void)
{
  HilumAbdomen *abdomen = hilum_abdomen_new(1);
  HilumGrid grid = hilum_grid_new(70, 41, 9, 1.1, 1.3, 1.7);
  grid.origin_mm = hilum_vec3(20, -10, -5);
  HilumTissueMap *map = hilum_tissue_map_new(abdomen, &grid, NULL, NULL);
  const HilumSolidList all = hilum_abdomen_all_solids();
  size_t at = 0;
  for (int32_t k = 0; k < 9; k++)
    for (int32_t j = 0; j < 41; j++) {
      g_assert_cmpuint(map->row_first[k * 41 + j], ==, at);
      for (int32_t i = 0; i < 70; i++) {
        if (!hilum_mask_get(map->mixed, (HilumVoxel){i, j, k})) continue;
        for (int s = 0; s < 8; s++) {
          HilumIndexPos q = {i + (s & 1 ? 0.25 : -0.25), j + (s & 2 ? 0.25 : -0.25),
                             k + (s & 4 ? 0.25 : -0.25)};
          g_assert_cmpint(map->samples[8 * at + (size_t)s], ==,
                          hilum_abdomen_tissue(abdomen, &all, hilum_grid_to_mm(&grid, q)));
        }
        at++;
      }
    }
  g_assert_cmpuint(at, >, 500);
  hilum_tissue_map_free(map);
  hilum_abdomen_free(abdomen);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/phantom/tissue-map/brute-force", test_against_brute_force);
  g_test_add_func("/phantom/tissue-map/samples", test_samples);
  return g_test_run();
}
