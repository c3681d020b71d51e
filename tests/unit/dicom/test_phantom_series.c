/* A known body written in every awkward geometry and read back: it must lie where it lay, and be as large as
 * it was, or the series must be refused for the right reason. */
#include "phantom_series.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/dicom/error.h"
#include "hilum/segment/threshold.h"

#define CENTROID_VOXELS 0.2
#define VOLUME_SHARE 0.01

/* --- stacks --- */

static PhantomSeries axial(double pixel_mm, double step_mm)
{
  PhantomSeries s = {.row = hilum_vec3(1, 0, 0), .column = hilum_vec3(0, 1, 0)};
  s.columns = (int32_t)(112 / pixel_mm);
  s.rows = s.columns + 3;
  s.column_mm = s.row_mm = pixel_mm;
  s.n = (int)(90 / step_mm) + 1;
  for (int i = 0; i < s.n; i++)
    s.depth_mm[i] = i * step_mm;
  return s;
}

static void leave_out(PhantomSeries *s, int first, int count)
{
  for (int i = first; i + count < s->n; i++)
    s->depth_mm[i] = s->depth_mm[i + count];
  s->n -= count;
}

static PhantomSeries make_axial(void)
{
  return axial(1, 1.5);
}

static PhantomSeries make_sagittal(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.row = hilum_vec3(0, 1, 0);
  s.column = hilum_vec3(0, 0, -1);
  return s;
}

static PhantomSeries make_coronal(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.column = hilum_vec3(0, 0, -1);
  return s;
}

static PhantomSeries make_oblique(void)
{
  PhantomSeries s = axial(0.9, 1.7);
  s.row = hilum_vec3_normalize(hilum_vec3(0.82, 0.21, -0.53));
  s.column = hilum_vec3_normalize(hilum_vec3_cross(hilum_vec3(0.3, -0.2, 0.93), s.row));
  return s;
}

static PhantomSeries make_reversed(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.reversed = true;
  return s;
}

/* Rows run to the patient's right: the normal points to the feet. */
static PhantomSeries make_feet_first(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.row = hilum_vec3(-1, 0, 0);
  s.reversed = true;
  return s;
}

static PhantomSeries make_anisotropic(void)
{
  return axial(0.7, 5);
}

static PhantomSeries make_pixels_not_square(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.row_mm = 1.3;
  s.rows = 88;
  return s;
}

static PhantomSeries make_rescaled(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.rescale_per_slice = true;
  return s;
}

static PhantomSeries make_misleading(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.misleading = true;
  return s;
}

static PhantomSeries make_tilted(void)
{
  PhantomSeries s = axial(0.8, 1.25);
  s.tilt_degrees = 18;
  s.misleading = true;
  return s;
}

static PhantomSeries make_tilted_back(void)
{
  PhantomSeries s = axial(1, 3);
  s.tilt_degrees = -22.5;
  s.reversed = true;
  return s;
}

static PhantomSeries make_tilted_oblique(void)
{
  PhantomSeries s = make_oblique();
  s.tilt_degrees = 10;
  return s;
}

/* Steps of 1.2 to 2.2 mm in no order. */
static PhantomSeries make_uneven(void)
{
  PhantomSeries s = axial(1, 1.7);
  static const double STEPS[] = {1.2, 1.7, 2.2, 1.5, 1.9, 1.3};
  for (int i = 1; i < s.n; i++)
    s.depth_mm[i] = s.depth_mm[i - 1] + STEPS[i % 6];
  return s;
}

/* Thick slices: 3 to 6 mm. */
static PhantomSeries make_uneven_thick(void)
{
  PhantomSeries s = axial(0.8, 4.5);
  static const double STEPS[] = {3, 5, 4, 6, 3.5};
  for (int i = 1; i < s.n; i++)
    s.depth_mm[i] = s.depth_mm[i - 1] + STEPS[i % 5];
  return s;
}

/* Steps of 1 mm, each place off by up to a third. */
static PhantomSeries make_jittered(void)
{
  PhantomSeries s = axial(1, 1);
  for (int i = 1; i + 1 < s.n; i++)
    s.depth_mm[i] += (i * 37 % 11 - 5) / 15.0;
  return s;
}

static PhantomSeries make_two_steps(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.n = 46;
  for (int i = 1; i < s.n; i++)
    s.depth_mm[i] = s.depth_mm[i - 1] + (i < 31 ? 1.5 : 3);
  return s;
}

static PhantomSeries make_uneven_tilted(void)
{
  PhantomSeries s = make_uneven();
  s.tilt_degrees = -12;
  return s;
}

static PhantomSeries make_duplicated(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.duplicated = 17;
  return s;
}

static PhantomSeries make_conflicting(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.duplicated = 17;
  s.conflicting = true;
  return s;
}

static PhantomSeries make_gapped(void)
{
  PhantomSeries s = axial(1, 1.5);
  leave_out(&s, 40, 1);
  leave_out(&s, 20, 2);
  return s;
}

static PhantomSeries make_gapped_tilted(void)
{
  PhantomSeries s = axial(1, 1.5);
  leave_out(&s, 25, 1);
  s.tilt_degrees = 18;
  return s;
}

static PhantomSeries make_shifted(void)
{
  PhantomSeries s = axial(1, 1.5);
  s.shifted = 20;
  return s;
}

/* --- reading back --- */

static void measure(const HilumVolume *volume, double *volume_mm3, HilumIndexPos *centroid)
{
  const HilumGrid *g = hilum_volume_get_grid(volume);
  HilumVoxel seed = hilum_grid_voxel_at_mm(g, phantom_center_mm());
  HilumGrowOptions options = {.seeds = &seed, .n_seeds = 1, .lo = 120, .hi = INFINITY};
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = hilum_grow(volume, &options, NULL, NULL, NULL, &error);
  g_assert_no_error(error);
  double n = 0;
  HilumIndexPos sum = {0, 0, 0};
  for (int32_t k = 0; k < g->dims[2]; k++)
    for (int32_t j = 0; j < g->dims[1]; j++)
      for (int32_t i = 0; i < g->dims[0]; i++)
        if (hilum_mask_get(mask, (HilumVoxel){i, j, k})) {
          n++;
          sum = (HilumIndexPos){sum.i + i, sum.j + j, sum.k + k};
        }
  g_assert_cmpfloat(n, >, 0);
  *centroid = (HilumIndexPos){sum.i / n, sum.j / n, sum.k / n};
  *volume_mm3 = n * hilum_grid_voxel_mm3(g);
}

static void check_body(const HilumVolume *volume, double volume_share)
{
  const HilumGrid *g = hilum_volume_get_grid(volume);
  g_assert_cmpint(hilum_grid_handedness(g), ==, 1);
  double size;
  HilumIndexPos found, truth = hilum_grid_from_mm(g, phantom_center_mm());
  measure(volume, &size, &found);
  double share = size / phantom_volume_mm3() - 1;
  double off[3] = {found.i - truth.i, found.j - truth.j, found.k - truth.k};
  g_test_message("volume %+.3f %%, centroid %+.3f %+.3f %+.3f voxels, %d x %d x %d", 100 * share, off[0],
                 off[1], off[2], g->dims[0], g->dims[1], g->dims[2]);
  g_assert_cmpfloat(fabs(share), <, volume_share);
  for (int a = 0; a < 3; a++)
    g_assert_cmpfloat(fabs(off[a]), <, CENTROID_VOXELS);
}

typedef struct {
  const char *name;
  PhantomSeries (*make)(void);
  HilumVerdict verdict;
  const char *code; /* the finding that must be there; NULL: none may */
} Case;

static const Case CASES[] = {
    {"axial", make_axial, HILUM_VERDICT_OK, NULL},
    {"sagittal", make_sagittal, HILUM_VERDICT_OK, NULL},
    {"coronal", make_coronal, HILUM_VERDICT_OK, NULL},
    {"oblique", make_oblique, HILUM_VERDICT_OK, NULL},
    {"reversed", make_reversed, HILUM_VERDICT_OK, NULL},
    {"feet-first", make_feet_first, HILUM_VERDICT_OK, NULL},
    {"anisotropic", make_anisotropic, HILUM_VERDICT_OK, NULL},
    {"pixels-not-square", make_pixels_not_square, HILUM_VERDICT_OK, NULL},
    {"rescaled", make_rescaled, HILUM_VERDICT_WARNING, "rescale-varies"},
    {"misleading", make_misleading, HILUM_VERDICT_OK, NULL},
    {"tilted", make_tilted, HILUM_VERDICT_WARNING, "gantry-tilt"},
    {"tilted-back", make_tilted_back, HILUM_VERDICT_WARNING, "gantry-tilt"},
    {"tilted-oblique", make_tilted_oblique, HILUM_VERDICT_WARNING, "gantry-tilt"},
    {"uneven", make_uneven, HILUM_VERDICT_WARNING, "uneven-spacing"},
    {"uneven-thick", make_uneven_thick, HILUM_VERDICT_WARNING, "uneven-spacing"},
    {"jittered", make_jittered, HILUM_VERDICT_WARNING, "uneven-spacing"},
    {"two-steps", make_two_steps, HILUM_VERDICT_WARNING, "uneven-spacing"},
    {"uneven-tilted", make_uneven_tilted, HILUM_VERDICT_WARNING, "gantry-tilt"},
    {"duplicated", make_duplicated, HILUM_VERDICT_WARNING, "duplicate-slices"},
    {"conflicting", make_conflicting, HILUM_VERDICT_REFUSED, "duplicate-positions"},
    {"gapped", make_gapped, HILUM_VERDICT_REFUSED, "missing-slices"},
    {"gapped-tilted", make_gapped_tilted, HILUM_VERDICT_REFUSED, "missing-slices"},
    {"shifted", make_shifted, HILUM_VERDICT_REFUSED, "shifted-slices"},
};

/* A gap costs accuracy, and the volume says so; 1.5 mm slices with one or two missing stay within 1 %. */
static void check_refused(HilumCatalog *catalog, const Case *c)
{
  const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, 0);
  g_autoptr(GError) refused = NULL, why = NULL;
  g_assert_null(hilum_catalog_load(catalog, 0, NULL, &refused));
  g_assert_error(refused, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_REFUSED);
  bool accepted = hilum_catalog_accept_gaps(catalog, 0, &why);
  g_assert_cmpint(accepted, ==, strcmp(c->code, "missing-slices") == 0);
  if (!accepted) {
    g_assert_error(why, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_REFUSED);
    g_assert_cmpstr(why->message, ==, refused->message);
    return;
  }
  g_assert_cmpint(info->verdict, ==, HILUM_VERDICT_WARNING);
  g_assert_nonnull(hilum_findings_mark_estimate(info->findings, info->n_findings));
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, 0, NULL, &why);
  g_assert_no_error(why);
  check_body(volume, VOLUME_SHARE);
}

static void test_case(gconstpointer data)
{
  const Case *c = data;
  PhantomSeries s = c->make();
  g_autoptr(TestFolder) dir = folder_new();
  phantom_write(&s, dir);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 1);
  const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, 0);
  for (size_t i = 0; i < info->n_findings; i++)
    g_test_message("%s: %s", info->findings[i].code, info->findings[i].message);
  g_assert_cmpint(info->verdict, ==, c->verdict);
  if (c->code) {
    g_assert_nonnull(find_code(info->findings, info->n_findings, c->code));
  } else
    g_assert_cmpuint(info->n_findings, ==, 0);
  if (c->verdict == HILUM_VERDICT_REFUSED) {
    check_refused(catalog, c);
    return;
  }
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, 0, NULL, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_grid_equal(&info->grid, hilum_volume_get_grid(volume), 0));
  check_body(volume, VOLUME_SHARE);
  g_autoptr(GArray) values = hilum_findings_new();
  hilum_dicom_check_values(info, volume, values);
  g_assert_cmpuint(values->len, ==, 0);
}

/* A whole study copied twice into one heap: copies are left out before phases are told apart. */
static void test_copied_phases(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  for (int copy = 0; copy < 2; copy++)
    for (int phase = 0; phase < 2; phase++)
      for (int k = 0; k < 5; k++) {
        char uid[40], position[40], name[40], time[16];
        (void)g_snprintf(uid, sizeof uid, "1.2.3.4.%d.%d", phase + 1, k + 1);
        (void)g_snprintf(position, sizeof position, "0\\0\\%d", 2 * k);
        (void)g_snprintf(name, sizeof name, "%d-%d-%d", k, copy, phase);
        (void)g_snprintf(time, sizeof time, "1015%02d", phase * 30);
        FileAttributes a = file_attributes(uid, position);
        file_set(&a, 0x0008, 0x0032, "TM", time);
        file_write(dir, name, &a, NULL); /* the phases have the same pixels, as empty slices do */
      }
  g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
  g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 2);
  for (size_t i = 0; i < 2; i++) {
    const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, i);
    g_assert_cmpuint(info->n_files, ==, 5);
    g_assert_cmpint(info->verdict, ==, HILUM_VERDICT_WARNING);
    g_assert_nonnull(find_code(info->findings, info->n_findings, "duplicate-slices"));
  }
}

/* Resampled voxels are the same whatever the number of threads, and none is left when it is cancelled. */
static void test_threads_and_cancel(void)
{
  PhantomSeries s = make_uneven_tilted();
  g_autoptr(TestFolder) dir = folder_new();
  phantom_write(&s, dir);
  g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
  hilum_parallel_set_threads(1);
  g_autoptr(HilumVolume) one = hilum_catalog_load(catalog, 0, NULL, NULL);
  hilum_parallel_set_threads(3);
  g_autoptr(HilumVolume) three = hilum_catalog_load(catalog, 0, NULL, NULL);
  hilum_parallel_set_threads(0);
  size_t n = hilum_grid_count(hilum_volume_get_grid(one));
  g_assert_cmpmem(hilum_volume_get_voxels(one), n * sizeof(int16_t), hilum_volume_get_voxels(three),
                  n * sizeof(int16_t));
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_catalog_load(catalog, 0, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Values that are not HU, although the file says so, are found out by their air. */
static void test_not_hu(void)
{
  PhantomSeries s = axial(2, 3);
  g_autoptr(TestFolder) dir = folder_new();
  phantom_write(&s, dir);
  g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, 0, NULL, NULL);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  size_t bytes = hilum_grid_count(grid) * sizeof(int16_t);
  static const struct {
    double slope, intercept;
    const char *unit, *words;
  } WRONG[] = {{1, -824, "HU", "reads -800 HU instead of -1050 to -900"},
               {1, 0, "HU", "No air was found"},
               {0.5, -512, "HU", "reads -500 HU"},
               {1, -1024, "", "do not say"}};
  for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
    g_autoptr(GError) error = NULL;
    int16_t *voxels = hilum_big_alloc(bytes, &error);
    g_assert_no_error(error);
    const int16_t *from = hilum_volume_get_voxels(volume);
    /* Back to what the files store. */
    for (size_t v = 0; v < bytes / sizeof(int16_t); v++)
      voxels[v] = (int16_t)lround(
          hilum_stored_to_real(hilum_volume_get_slope(volume), hilum_volume_get_intercept(volume), from[v]) +
          1024);
    g_autoptr(HilumVolume) wrong =
        hilum_volume_new_take(grid, voxels, WRONG[i].slope, WRONG[i].intercept, WRONG[i].unit, &error);
    g_assert_no_error(error);
    g_autoptr(GArray) findings = hilum_findings_new();
    hilum_dicom_check_values(hilum_catalog_get_series(catalog, 0), wrong, findings);
    g_assert_cmpuint(findings->len, ==, 1);
    const HilumFinding *f = &g_array_index(findings, HilumFinding, 0);
    g_assert_cmpstr(f->code, ==, "hu-not-verified");
    if (!strstr(f->message, WRONG[i].words)) g_error("“%s” does not hold “%s”", f->message, WRONG[i].words);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *name = g_strconcat("/dicom/phantom-series/", CASES[i].name, NULL);
    g_test_add_data_func(name, &CASES[i], test_case);
  }
  g_test_add_func("/dicom/phantom-series/threads-and-cancel", test_threads_and_cancel);
  g_test_add_func("/dicom/phantom-series/copied-phases", test_copied_phases);
  g_test_add_func("/dicom/phantom-series/not-hu", test_not_hu);
  return g_test_run();
}
