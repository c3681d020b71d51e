/* Finding the images of a case again: where they were, moved with the case, moved elsewhere, incomplete,
 * exchanged. Real DICOM files, made here. */
#include "fixture.h"

#include "hilum/casefile/error.h"

static char *root;

static char *make_folder(const char *name)
{
  char *path = g_build_filename(root, name, NULL);
  g_mkdir_with_parents(path, 0777);
  return path;
}

static HilumVolume *write_study(const char *dir, uint64_t seed)
{
  HilumGrid grid = hilum_grid_new(24, 20, 6, 0.7, 0.7, 1.5);
  HilumVolume *volume = fixture_volume(&grid, seed);
  HilumCtMeta meta = {.patient_name = "Sample^Kidney",
                      .patient_id = "A1",
                      .birth_date = "19500101",
                      .sex = "F",
                      .study_date = "20240102",
                      .series_description = "Arterial",
                      .series_number = 2,
                      .uid_seed = 42};
  GError *error = NULL;
  hilum_dicom_write_ct(dir, "s", volume, &meta, NULL, &error);
  g_assert_no_error(error);
  return volume;
}

/* A case on the images in `dir`, saved in `folder`. */
static char *make_case(const char *dir, const char *folder)
{
  GError *error = NULL;
  g_autoptr(HilumCatalog) catalog = hilum_catalog_scan(&dir, 1, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 1);
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, 0, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumCase) c = hilum_case_new();
  hilum_case_add_phase(c, hilum_catalog_get_series(catalog, 0), volume, &error);
  g_assert_no_error(error);
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  g_assert_true(fixture_paint(c, s, fixture_box(2, 2, 2, 9, 9, 5), NULL));
  char *path = g_build_filename(folder, "x.hilum", NULL);
  g_assert_true(hilum_case_save(c, path, NULL, &error));
  return path;
}

static HilumCase *open_case(const char *path, const char *search, const char *expected_code)
{
  GError *error = NULL;
  GArray *findings = NULL;
  HilumCase *c = hilum_case_open(path, &search, search ? 1 : 0, &findings, NULL, &error);
  g_assert_no_error(error);
  if (expected_code) {
    g_assert_cmpuint(findings->len, ==, 1);
    g_assert_cmpstr(g_array_index(findings, HilumFinding, 0).code, ==, expected_code);
  } else {
    g_assert_cmpuint(findings->len, ==, 0);
  }
  g_array_unref(findings);
  g_assert_true((hilum_phase_get_volume(hilum_case_get_phase(c, 0)) != NULL) == (expected_code == NULL));
  g_assert_cmpuint(hilum_structure_get_voxels(hilum_case_get_structure(c, 1)), ==, 7 * 7 * 3);
  return c;
}

static void test_all(void)
{
  g_autofree char *a = make_folder("a"), *dcm = make_folder("a/dcm"), *b = make_folder("b"),
                  *c = make_folder("c");
  g_autoptr(HilumVolume) volume = write_study(dcm, 1);
  g_autofree char *path = make_case(dcm, a);

  /* Where they were: the same voxels, and what the file does not hold of the patient is back. */
  g_autoptr(HilumCase) there = open_case(path, NULL, NULL);
  HilumVolume *back = hilum_phase_get_volume(hilum_case_get_phase(there, 0));
  g_assert_cmpfloat(hilum_volume_get_value(back, (HilumVoxel){3, 4, 5}), ==,
                    hilum_volume_get_value(volume, (HilumVoxel){3, 4, 5}));
  g_assert_cmpstr(hilum_case_get_patient(there)->birth_date, ==, "19500101");
  g_assert_false(hilum_case_get_modified(there));

  /* Moved together with the case. */
  g_autofree char *moved = g_build_filename(root, "moved", NULL),
                  *moved_case = g_build_filename(moved, "x.hilum", NULL);
  g_assert_cmpint(g_rename(a, moved), ==, 0);
  g_autoptr(HilumCase) together = open_case(moved_case, NULL, NULL);
  g_assert_true(hilum_case_get_modified(together)); /* the paths are new */

  /* Moved apart: missing, then found by pointing, at opening or later. */
  g_autofree char *apart = g_build_filename(b, "y.hilum", NULL);
  g_assert_cmpint(g_rename(moved_case, apart), ==, 0);
  g_autoptr(HilumCase) lost = open_case(apart, NULL, "images-missing");
  g_autoptr(HilumCase) wrong = open_case(apart, c, "images-missing");
  g_autoptr(HilumCase) pointed = open_case(apart, moved, NULL);
  g_assert_true(hilum_case_get_modified(pointed));
  g_autoptr(HilumCaseRecord) record = hilum_case_capture(lost, NULL);
  const char *search = moved;
  g_autoptr(HilumCaseImages) images = hilum_case_record_load_images(record, &search, 1, NULL, NULL);
  g_assert_cmpuint(hilum_case_images_get_missing(images), ==, 0);
  g_assert_cmpuint(hilum_case_attach_images(lost, images), ==, 1);
  g_assert_nonnull(hilum_case_require_volume(lost, 0, NULL));
  g_assert_true(hilum_case_save(lost, apart, NULL, NULL)); /* remembers the new place */
  g_autoptr(HilumCase) found = open_case(apart, NULL, NULL);

  /* Other pixels under the same UIDs. */
  g_autofree char *new_dcm = g_build_filename(moved, "dcm", NULL);
  g_autoptr(HilumVolume) other = write_study(new_dcm, 2);
  g_autoptr(HilumCase) exchanged = open_case(apart, NULL, "images-differ");

  /* One slice gone. */
  g_autoptr(HilumVolume) again = write_study(new_dcm, 1);
  g_autoptr(HilumCase) whole = open_case(apart, NULL, NULL);
  g_assert_cmpint(g_unlink(hilum_phase_get_file(hilum_case_get_phase(whole, 0), 3)), ==, 0);
  g_autoptr(HilumCase) incomplete = open_case(apart, NULL, "images-missing");
  g_autoptr(HilumCase) still = open_case(apart, moved, "images-missing");
}

/* A gap that the user accepted is accepted when the case opens again, and the phase stays marked. */
static void test_accepted_gap(void)
{
  g_autofree char *dcm = make_folder("gap"), *victim = g_build_filename(dcm, "s0003.dcm", NULL);
  g_autoptr(HilumVolume) whole = write_study(dcm, 3);
  g_assert_cmpint(g_unlink(victim), ==, 0);
  const char *paths[] = {dcm};
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = hilum_catalog_scan(paths, 1, NULL, &error);
  g_assert_no_error(error);
  g_assert_null(hilum_catalog_load(catalog, 0, NULL, NULL));
  g_assert_true(hilum_catalog_accept_gaps(catalog, 0, &error));
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, 0, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumCase) made = hilum_case_new();
  g_assert_nonnull(hilum_case_add_phase(made, hilum_catalog_get_series(catalog, 0), volume, &error));
  g_autofree char *path = g_build_filename(root, "gap.hilum", NULL);
  g_assert_true(hilum_case_save(made, path, NULL, &error));

  g_autoptr(HilumCase) opened = hilum_case_open(path, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumPhase *phase = hilum_case_get_phase(opened, 0);
  HilumVolume *back = hilum_phase_get_volume(phase);
  g_assert_nonnull(back);
  g_assert_cmpint(hilum_volume_get_grid(back)->dims[2], ==, 6);
  size_t n;
  const HilumFinding *findings = hilum_phase_get_findings(phase, &n);
  g_assert_nonnull(hilum_findings_mark_estimate(findings, n));
}

static void remove_tree(const char *path)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *inner = g_build_filename(path, name, NULL);
    if (g_file_test(inner, G_FILE_TEST_IS_DIR))
      remove_tree(inner);
    else
      g_unlink(inner);
  }
  g_rmdir(path);
}

/* A phase on another grid, moved: its images come back where they lay, bit for bit. */
static void test_moved_phase(void)
{
  g_autofree char *dir = make_folder("two"), *first_dir = g_build_filename(dir, "a", NULL),
                  *second_dir = g_build_filename(dir, "b", NULL);
  g_assert_cmpint(g_mkdir(first_dir, 0777), ==, 0);
  g_assert_cmpint(g_mkdir(second_dir, 0777), ==, 0);
  g_autoptr(HilumVolume) unused = write_study(first_dir, 1);
  HilumGrid other = hilum_grid_new(20, 18, 9, 0.8, 0.8, 1.25);
  other.origin_mm = hilum_vec3(0.4, -0.3, -1);
  g_autoptr(HilumVolume) second = fixture_volume(&other, 2);
  const HilumCtMeta meta = {
      .patient_id = "A1", .series_description = "Venous", .series_number = 3, .uid_seed = 43};
  GError *error = NULL;
  hilum_dicom_write_ct(second_dir, "s", second, &meta, NULL, &error);
  g_assert_no_error(error);
  g_autofree char *path = make_case(first_dir, dir);
  g_autoptr(HilumCase) c = open_case(path, NULL, NULL);
  g_autoptr(HilumCatalog) catalog = hilum_catalog_scan((const char *const[]){second_dir}, 1, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumVolume) loaded = hilum_catalog_load(catalog, 0, NULL, &error);
  g_assert_no_error(error);
  g_assert_nonnull(hilum_case_add_phase(c, hilum_catalog_get_series(catalog, 0), loaded, &error));
  const HilumAlignment scanner = hilum_alignment_scanner();
  const HilumRigidParameters by = {hilum_vec3(1.5, -0.7, 0.4), hilum_vec3(0, 0.02, 0.03)};
  const HilumAlignment moved = hilum_alignment_nudged(&scanner, by, hilum_vec3(8, 8, 4));
  g_assert_true(hilum_case_set_alignment(c, 1, &moved, NULL, "Nudge", &error));
  g_assert_true(hilum_case_save(c, path, NULL, &error));

  g_autoptr(HilumCase) d = open_case(path, NULL, NULL);
  HilumVolume *was = hilum_case_require_volume(c, 1, NULL), *is = hilum_case_require_volume(d, 1, NULL);
  g_assert_nonnull(is);
  const HilumGrid *grid = hilum_volume_get_grid(is),
                  *labels = hilum_phase_get_grid(hilum_case_get_phase(d, 0));
  g_assert_true(hilum_grid_equal(grid, labels, 0));
  const size_t bytes = hilum_grid_count(grid) * sizeof(int16_t);
  g_assert_cmpmem(hilum_volume_get_voxels(was), bytes, hilum_volume_get_voxels(is), bytes);
  g_assert_cmpmem(hilum_volume_get_voxels(hilum_phase_get_original(hilum_case_get_phase(d, 1))),
                  hilum_grid_count(&other) * sizeof(int16_t), hilum_volume_get_voxels(loaded),
                  hilum_grid_count(&other) * sizeof(int16_t));
  /* And it can be put back there. */
  g_assert_true(hilum_case_set_alignment(d, 1, &scanner, NULL, "Put back", &error));
  g_assert_true(hilum_history_undo(hilum_case_get_history(d), &error));
  is = hilum_case_require_volume(d, 1, NULL);
  g_assert_cmpmem(hilum_volume_get_voxels(was), bytes, hilum_volume_get_voxels(is), bytes);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  root = g_dir_make_tmp("hilum-images-XXXXXX", NULL);
  g_test_add_func("/images/all", test_all);
  g_test_add_func("/images/accepted-gap", test_accepted_gap);
  g_test_add_func("/images/moved-phase", test_moved_phase);
  int result = g_test_run();
  remove_tree(root);
  g_free(root);
  return result;
}
