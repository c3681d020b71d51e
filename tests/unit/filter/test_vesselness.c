/* Vesselness on tubes, plates and balls whose answer is known, and its independence of box, tiles, threads
 * and processor. */
#include "hilum/filter/vesselness.h"

#include "grey.h"
#include "hilum/filter/error.h"

#include <math.h>

/* A tube of Gaussian profile round a tilted line: HU 200 on its axis. */
typedef struct {
  HilumVec3 through_mm, along;
  double radius_mm;
  const double *spacing;
} Tube;

static double distance_to(const Tube *t, int32_t i, int32_t j, int32_t k)
{
  const HilumVec3 p = {i * t->spacing[0], j * t->spacing[1], k * t->spacing[2]};
  const HilumVec3 d = hilum_vec3_sub(p, t->through_mm);
  const double along = hilum_vec3_dot(d, t->along);
  return sqrt(fmax(hilum_vec3_dot(d, d) - along * along, 0));
}

static double tube(int32_t i, int32_t j, int32_t k, const void *data)
{
  const Tube *t = data;
  const double d = distance_to(t, i, j, k);
  return 200 * exp(-0.5 * d * d / (t->radius_mm * t->radius_mm));
}

static Tube make_tube(double radius_mm, const double spacing[3], const int32_t dims[3])
{
  const HilumVec3 tilted = {0.3, -0.2, 1};
  return (Tube){{dims[0] / 2 * spacing[0], dims[1] / 2 * spacing[1], dims[2] / 2 * spacing[2]},
                hilum_vec3_scale(tilted, 1 / sqrt(hilum_vec3_dot(tilted, tilted))),
                radius_mm,
                spacing};
}

static float *run(const HilumVolume *volume, HilumVesselnessMeasure measure, double first, double last,
                  size_t n)
{
  HilumVesselnessOptions options = {.measure = measure};
  hilum_vesselness_scales(&options, first, last, n);
  g_autoptr(GError) error = NULL;
  float *out = hilum_volume_vesselness(volume, &options, NULL, &error);
  g_assert_no_error(error);
  return out;
}

/* In every slice the maximum lies on the axis, within a voxel; far from it there is nothing. */
static void test_axis(void)
{
  const int32_t dims[3] = {71, 61, 31};
  const double s[3] = {0.7, 0.8, 1.1};
  const Tube t = make_tube(1.8, s, dims);
  g_autoptr(HilumVolume) volume = grey_volume(dims, s, 1, 0, tube, &t);
  for (int measure = 0; measure < 2; measure++) {
    float *out = run(volume, (HilumVesselnessMeasure)measure, 1, 3, 3);
    for (int32_t k = 0; k < dims[2]; k++) {
      const float *slice = out + (size_t)k * 71 * 61;
      size_t best = 0;
      for (size_t v = 0; v < 71 * 61; v++)
        if (slice[v] > slice[best]) best = v;
      g_assert_cmpfloat(distance_to(&t, (int32_t)(best % 71), (int32_t)(best / 71), k), <, 0.6);
      g_assert_cmpfloat((double)slice[best], >, measure ? 40 : 0.15);
      for (size_t v = 0; v < 71 * 61; v++)
        if (distance_to(&t, (int32_t)(v % 71), (int32_t)(v / 71), k) > 9)
          g_assert_cmpfloat((double)slice[v], <, (double)slice[best] / 50);
    }
    hilum_big_free(out);
  }
}

/* On the axis of a Gaussian tube of radius r both curvatures are -A r^2 s^2 / (r^2 + s^2)^2 at scale s: the
 * closed form, greatest at s = r. Sato's measure is this number. */
static void test_scales(void)
{
  const int32_t dims[3] = {81, 81, 31};
  const double s[3] = {0.7, 0.7, 0.7}, r = 2;
  const Tube t = make_tube(r, s, dims);
  g_autoptr(HilumVolume) volume = grey_volume(dims, s, 1, 0, tube, &t);
  const size_t centre = ((size_t)15 * 81 + 40) * 81 + 40;
  double at[7];
  for (int n = 0; n < 7; n++) {
    const double scale = 1 + 0.5 * n;
    float *out = run(volume, HILUM_VESSELNESS_SATO, scale, scale, 1);
    at[n] = (double)out[centre];
    const double exact = 200 * r * r * scale * scale / pow(r * r + scale * scale, 2);
    /* Sampling, the border along the tube and the rounding of the phantom to integers. */
    g_assert_cmpfloat(fabs(at[n] - exact), <, 0.02 * exact + 0.3);
    hilum_big_free(out);
  }
  for (int n = 0; n < 7; n++)
    g_assert_true(n == 2 || at[n] < at[2]); /* 2 mm */
}

static double shape(int32_t i, int32_t j, int32_t k, const void *data)
{
  const double x = (i - 25) * 0.8, y = (j - 25) * 0.8, z = (k - 25) * 0.8;
  switch (*(const int *)data) {
  case 0:
    return 200 * exp(-0.5 * (x * x + y * y) / 4); /* tube */
  case 1:
    return 200 * exp(-0.5 * x * x / 4); /* plate */
  case 2:
    return 200 * exp(-0.5 * (x * x + y * y + z * z) / 4); /* ball */
  case 3:
    return 300 - 200 * exp(-0.5 * (x * x + y * y) / 4); /* dark tube */
  default:
    return -700;
  }
}

static void test_shapes(void)
{
  const int32_t dims[3] = {51, 51, 51};
  const double s[3] = {0.8, 0.8, 0.8};
  const size_t centre = (25 * 51 + 25) * 51 + 25;
  double frangi[5], sato[5];
  for (int n = 0; n < 5; n++) {
    g_autoptr(HilumVolume) volume = grey_volume(dims, s, 1, 0, shape, &n);
    float *a = run(volume, HILUM_VESSELNESS_FRANGI, 2, 2, 1);
    float *b = run(volume, HILUM_VESSELNESS_SATO, 2, 2, 1);
    frangi[n] = (double)a[centre];
    sato[n] = (double)b[centre];
    if (n == 4)
      for (size_t v = 0; v < 51 * 51 * 51; v++) /* nothing comes of nothing */
        g_assert_true(a[v] == 0 && b[v] == 0);
    hilum_big_free(a);
    hilum_big_free(b);
  }
  /* A tube at its own scale: l2 = l3 = -50, so (1 - exp(-2)) (1 - exp(-5000 / 20000)). */
  g_assert_cmpfloat(fabs(frangi[0] - (1 - exp(-2)) * (1 - exp(-0.25))), <, 0.005);
  g_assert_cmpfloat(frangi[1], <, 0.02 * frangi[0]);
  g_assert_cmpfloat(frangi[2], <, 0.35 * frangi[0]);
  g_assert_true(frangi[3] == 0 && sato[3] == 0);
  g_assert_cmpfloat(sato[1], <, 0.05 * sato[0]);
  g_assert_cmpfloat(sato[2], <, 0.35 * sato[0]);
}

/* A box gives what the whole volume gives there; so do scales in another order. */
static void test_box(void)
{
  const int32_t dims[3] = {90, 45, 24};
  const uint64_t seed = 3;
  g_autoptr(HilumVolume) volume = grey_volume(dims, grey_spacings[1], 0.01, 0, grey_noise, &seed);
  HilumVesselnessOptions options = {.scales_mm = {1, 2.2}, .n_scales = 2};
  float *all = hilum_volume_vesselness(volume, &options, NULL, NULL);
  static const HilumVoxelBox boxes[] = {{{0, 0, 0}, {1, 1, 1}},
                                        {{10, 7, 3}, {83, 40, 20}},
                                        {{88, 44, 23}, {90, 45, 24}},
                                        {{0, 20, 0}, {90, 21, 24}}};
  for (size_t b = 0; b < G_N_ELEMENTS(boxes); b++) {
    HilumVesselnessOptions part = {.scales_mm = {2.2, 1}, .n_scales = 2, .box = boxes[b]};
    float *out = hilum_volume_vesselness(volume, &part, NULL, NULL);
    size_t n = 0;
    for (int32_t k = boxes[b].lo[2]; k < boxes[b].hi[2]; k++)
      for (int32_t j = boxes[b].lo[1]; j < boxes[b].hi[1]; j++)
        for (int32_t i = boxes[b].lo[0]; i < boxes[b].hi[0]; i++) {
          const size_t at = ((size_t)k * 45 + (size_t)j) * 90 + (size_t)i;
          g_assert_cmpmem(&out[n], sizeof *out, &all[at], sizeof *all);
          n++;
        }
    hilum_big_free(out);
  }
  hilum_big_free(all);
}

static void *run_default(const HilumVolume *volume, const HilumProgress *progress, size_t *bytes,
                         GError **error)
{
  const HilumVesselnessOptions options = {0};
  *bytes = hilum_grid_count(hilum_volume_get_grid(volume)) * sizeof(float);
  return hilum_volume_vesselness(volume, &options, progress, error);
}

static void test_same(void)
{
  const int32_t dims[3] = {140, 41, 9};
  const uint64_t seed = 8;
  g_autoptr(HilumVolume) volume = grey_volume(dims, grey_spacings[2], 0.02, 0, grey_noise, &seed);
  grey_check_same(volume, run_default);
  grey_check_cancel(volume, run_default);
  for (size_t d = 0; d < G_N_ELEMENTS(grey_dims); d++) { /* volumes that are nothing but border */
    g_autoptr(HilumVolume) odd = grey_volume(grey_dims[d], grey_spacings[d % 3], 1e30, 0, grey_noise, &seed);
    size_t bytes;
    float *out = run_default(odd, NULL, &bytes, NULL);
    for (size_t v = 0; v < bytes / sizeof *out; v++)
      g_assert_true(out[v] >= 0 && out[v] <= 1);
    hilum_big_free(out);
  }
}

static void test_refusals(void)
{
  const int any = 4;
  g_autoptr(HilumVolume) volume = grey_volume(grey_dims[7], grey_spacings[0], 1, 0, shape, &any);
  const HilumVesselnessOptions bad[] = {{.n_scales = 1, .scales_mm = {0}},
                                        {.n_scales = 2, .scales_mm = {1, -1}},
                                        {.n_scales = 1, .scales_mm = {NAN}},
                                        {.n_scales = 1, .scales_mm = {200}},
                                        {.n_scales = HILUM_VESSELNESS_MAX_SCALES + 1},
                                        {.alpha = -1},
                                        {.c = NAN},
                                        {.box = {{0, 0, 0}, {34, 18, 21}}},
                                        {.box = {{-1, 0, 0}, {3, 3, 3}}}};
  for (size_t b = 0; b < G_N_ELEMENTS(bad); b++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_volume_vesselness(volume, &bad[b], NULL, &error));
    g_assert_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/filter/vesselness/axis", test_axis);
  g_test_add_func("/filter/vesselness/scales", test_scales);
  g_test_add_func("/filter/vesselness/shapes", test_shapes);
  g_test_add_func("/filter/vesselness/box", test_box);
  g_test_add_func("/filter/vesselness/same", test_same);
  g_test_add_func("/filter/vesselness/refusals", test_refusals);
  return g_test_run();
}
