/* Real studies: what docs/dicom.md says of each folder of the public data set. Needs HILUM_TEST_DATA. */
#include "dicom_files.h"

#include <math.h>

typedef struct {
  const char *folder;
  const char *modality;
  int32_t dims[3];
  double spacing_mm[3];
  HilumVerdict verdict;
  const char *code; /* a finding that must be there, or NULL */
  double min, max;  /* of the values, where it loads; 0, 0: not checked */
} Expected;

static const Expected EXPECTED[] = {
    {"ct-abdomen-contrast", "CT", {512, 512, 119}, {0.743, 0.743, 1.6}, HILUM_VERDICT_OK, NULL, -1024, 1023},
    {"ct-petct", "CT", {512, 512, 99}, {0.976562, 0.976562, 4.25}, HILUM_VERDICT_OK, NULL, -1024, 1288},
    {"ct-jpegls", "CT", {512, 512, 135}, {0.976562, 0.976562, 3.27}, HILUM_VERDICT_OK, NULL, -3024, 1402},
    {"mr-coronal-haste", "MR", {256, 256, 30}, {1.5625, 1.5625, 8.75}, HILUM_VERDICT_OK, NULL, 0, 1382},
    {"geometry/ge-tilt-variable-gaps",
     "CT",
     {512, 548, 14},
     {0.488281, 0.488281, 4.0019},
     HILUM_VERDICT_WARNING,
     "gantry-tilt",
     0,
     0},
    {"geometry/dicom2nifti-failing/gantrytilting",
     "CT",
     {512, 521, 4},
     {0.417969, 0.417969, 4.8515},
     HILUM_VERDICT_WARNING,
     "gantry-tilt",
     0,
     0},
    {"geometry/dicom2nifti-failing/notavolume",
     "CT",
     {512, 512, 4},
     {0.544922, 0.544922, 0},
     HILUM_VERDICT_REFUSED,
     "duplicate-positions",
     0,
     0},
    {"geometry/dicom2nifti-failing/sliceincrement",
     "CT",
     {512, 512, 4},
     {0.429688, 0.429688, 6.66667},
     HILUM_VERDICT_REFUSED,
     "missing-slices",
     0,
     0},
    {"totalsegmentator/example_ct_dicom",
     "CT",
     {512, 512, 20},
     {0.976562, 0.976562, 2},
     HILUM_VERDICT_WARNING,
     "bad-uid",
     -1024,
     1839},
    {"enhanced/siemens_multiframe", "MR", {256, 256, 8}, {0.9375, 0.9375, 0.9}, HILUM_VERDICT_OK, NULL, 0, 0},
    {"enhanced/In/Philips", "MR", {64, 64, 32}, {4, 4, 4}, HILUM_VERDICT_OK, "series-split", 0, 0},
    {"enhanced/In/Siemens", "MR", {64, 64, 6}, {3.375, 3.375, 2.4}, HILUM_VERDICT_OK, "series-split", 0, 0},
    {"enhanced/philips/001_implicit", "MR", {256, 256, 8}, {0.9375, 0.9375, 1}, HILUM_VERDICT_OK, NULL, 0, 0},
    {"seg/data/segmentations/23x38x3/multiframe",
     "CT",
     {23, 38, 3},
     {0.7, 0.7, 2.5},
     HILUM_VERDICT_WARNING,
     "rescale-type",
     0,
     0},
    {"transfer-syntaxes/mr-generic/compressed_j2k",
     "MR",
     {256, 256, 4},
     {1, 1, 1},
     HILUM_VERDICT_OK,
     NULL,
     0,
     0},
};

static void test_folder(gconstpointer data)
{
  const Expected *e = data;
  const char *root = g_getenv("HILUM_TEST_DATA");
  g_autofree char *path = root ? g_build_filename(root, e->folder, NULL) : NULL;
  if (!path || !g_file_test(path, G_FILE_TEST_IS_DIR)) {
    g_test_skip("HILUM_TEST_DATA does not name a folder with this study");
    return;
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(path, &error);
  g_assert_no_error(error);
  const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, 0);
  g_assert_cmpstr(info->modality, ==, e->modality);
  g_assert_cmpint(info->verdict, ==, e->verdict);
  for (int a = 0; a < 3; a++) {
    g_assert_cmpint(info->grid.dims[a], ==, e->dims[a]);
    g_assert_cmpfloat(fabs(info->grid.spacing_mm[a] - e->spacing_mm[a]), <, 2e-4);
  }
  if (e->code) g_assert_nonnull(find_code(info->findings, info->n_findings, e->code));
  if (e->verdict == HILUM_VERDICT_REFUSED) return;
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, 0, NULL, &error);
  g_assert_no_error(error);
  if (e->min == 0 && e->max == 0) return;
  double min, max;
  hilum_volume_get_range(volume, &min, &max);
  if (e->min == e->max) return; /* compared with another reader in tests/integration/test_readers.py */
  g_assert_cmpfloat(min, ==, e->min);
  g_assert_cmpfloat(max, ==, e->max);
}

/* Everything at once: nothing crashes, and every file is accounted for. */
static void test_everything(void)
{
  const char *root = g_getenv("HILUM_TEST_DATA");
  if (!root || !g_file_test(root, G_FILE_TEST_IS_DIR)) {
    g_test_skip("HILUM_TEST_DATA is not set");
    return;
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(root, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_catalog_get_count(catalog), >, 40);
  for (size_t i = 0; i < hilum_catalog_get_count(catalog); i++) {
    const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, i);
    if (info->verdict == HILUM_VERDICT_REFUSED) {
      g_assert_cmpuint(info->n_findings, >, 0);
      continue;
    }
    g_autoptr(GError) failed = NULL;
    g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, i, NULL, &failed);
    g_assert_no_error(failed);
    g_assert_nonnull(volume);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
    g_autofree char *name = g_strconcat("/dicom/real/", EXPECTED[i].folder, NULL);
    g_test_add_data_func(name, &EXPECTED[i], test_folder);
  }
  g_test_add_func("/dicom/real/everything", test_everything);
  return g_test_run();
}
