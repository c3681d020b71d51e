/* Phases on grids of their own: where their voxels come to lie, what is refused, undo, and what a case file
 * keeps of it; and that a file of version 1 still opens. */
#include "fixture.h"

#include "hilum/base/parallel.h"
#include "hilum/casefile/error.h"

#include <math.h>

static char *folder;

/* A smooth function of the place, in HU: what a resampled volume must show wherever it lies. */
static double field(HilumVec3 p)
{
  return 100 * sin(p.x / 17) + 80 * cos(p.y / 13 + 1) + 60 * sin(p.z / 19 + p.x / 40);
}

/* `transform` leads from the field's space into the volume's own: voxel v shows field(T^-1(v)). */
static HilumVolume *field_volume(const HilumGrid *grid, HilumRigid transform)
{
  const HilumRigid back = hilum_rigid_invert(transform);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(grid) * sizeof *voxels, NULL);
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const double hu = field(hilum_rigid_apply(back, hilum_grid_voxel_to_mm(grid, v)));
        voxels[hilum_grid_offset(grid, v)] = (int16_t)lround((hu + 1024) / 0.25);
      }
  HilumVolume *volume = hilum_volume_new_take(grid, voxels, 0.25, -1024, "HU", NULL);
  g_assert_nonnull(volume);
  return volume;
}

/* Other size, spacing and direction than the fixture's, around the same place. */
static HilumGrid other_grid(void)
{
  const HilumGrid first = fixture_grid();
  HilumGrid grid = hilum_grid_new(81, 90, 51, 0.9, 0.75, 1.5);
  const double c = cos(-0.2), s = sin(-0.2);
  grid.axes[1] = hilum_vec3(0, c, s);
  grid.axes[2] = hilum_vec3(0, -s, c);
  const HilumVec3 middle = hilum_grid_to_mm(&first, (HilumIndexPos){34, 22, 18});
  const HilumVec3 mine = hilum_grid_to_mm(&grid, (HilumIndexPos){40, 45, 25});
  grid.origin_mm = hilum_vec3_sub(middle, mine);
  return grid;
}

static HilumVec3 middle_mm(void)
{
  const HilumGrid grid = fixture_grid();
  return hilum_grid_to_mm(&grid, (HilumIndexPos){34.5, 22, 18});
}

static HilumRigid known_motion(void)
{
  const HilumVec3 axis = hilum_vec3_normalize(hilum_vec3(1, 2, -2));
  return hilum_rigid_from_parameters(
      (HilumRigidParameters){hilum_vec3(3, -2, 5), hilum_vec3_scale(axis, 3 * G_PI / 180)}, middle_mm());
}

/* Two phases: the field as it is, and moved on another grid. */
static HilumCase *two_phases(void)
{
  const HilumGrid a = fixture_grid(), b = other_grid();
  g_autoptr(HilumVolume) first = field_volume(&a, hilum_rigid_identity());
  g_autoptr(HilumVolume) second = field_volume(&b, known_motion());
  HilumCase *c = hilum_case_new();
  HilumSeriesInfo info = {.series_uid = "1.1", .frame_of_reference_uid = "1.7", .phase = "nephrographic"};
  info.window_center = info.window_width = (double)NAN;
  g_assert_nonnull(hilum_case_add_phase(c, &info, first, NULL));
  info.series_uid = "1.2";
  info.phase = "arterial";
  GError *error = NULL;
  g_assert_nonnull(hilum_case_add_phase(c, &info, second, &error));
  g_assert_no_error(error);
  return c;
}

/* Largest difference of what is shown from what should be, well inside both volumes. */
static double worst_difference(HilumVolume *shown, HilumRigid seen_through)
{
  const HilumGrid *grid = hilum_volume_get_grid(shown);
  double worst = 0;
  for (int32_t k = 8; k < grid->dims[2] - 8; k++)
    for (int32_t j = 8; j < grid->dims[1] - 8; j++)
      for (int32_t i = 10; i < grid->dims[0] - 10; i++) {
        const HilumVoxel v = {i, j, k};
        const HilumVec3 at = hilum_rigid_apply(seen_through, hilum_grid_voxel_to_mm(grid, v));
        worst = fmax(worst, fabs(hilum_volume_get_value(shown, v) - field(at)));
      }
  return worst;
}

static char *voxels_sum(HilumVolume *volume)
{
  return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)hilum_volume_get_voxels(volume),
                                     hilum_grid_count(hilum_volume_get_grid(volume)) * sizeof(int16_t));
}

static bool has_finding(HilumPhase *phase, const char *code)
{
  size_t n;
  const HilumFinding *findings = hilum_phase_get_findings(phase, &n);
  for (size_t i = 0; i < n; i++)
    if (strcmp(findings[i].code, code) == 0) return true;
  return false;
}

static HilumAlignment registered(HilumRigid transform)
{
  HilumRegisterResult result = {
      .transform = transform, .metric = 0.75, .residual_mm = 0.4, .residual_worst_mm = 1.25};
  return hilum_alignment_from_result(&result, HILUM_REGISTER_MUTUAL_INFORMATION);
}

static void test_other_grid(void)
{
  g_autoptr(HilumCase) c = two_phases();
  HilumPhase *phase = hilum_case_get_phase(c, 1);
  const HilumGrid a = fixture_grid(), b = other_grid();
  /* Labels and everything shown are on the first phase's grid; the images stay what they were. */
  g_assert_true(hilum_grid_equal(hilum_volume_get_grid(hilum_phase_get_volume(phase)), &a, 0));
  g_assert_true(hilum_grid_equal(hilum_volume_get_grid(hilum_phase_get_original(phase)), &b, 0));
  g_assert_true(hilum_grid_equal(hilum_phase_get_grid(phase), &b, 0));
  g_assert_true(hilum_case_require_volume(c, 1, NULL) == hilum_phase_get_volume(phase));
  g_assert_true(has_finding(phase, "resampled"));
  g_assert_false(has_finding(phase, "frame-of-reference"));
  g_assert_cmpint(hilum_phase_get_verdict(phase), ==, HILUM_VERDICT_OK);
  g_assert_cmpfloat(hilum_phase_get_moved_mm(phase), ==, 0);
  /* By scanner coordinates the field is seen moved, and only once aligned in its place: to 2 HU of 480. */
  g_assert_cmpfloat(worst_difference(hilum_phase_get_volume(phase), hilum_rigid_identity()), >, 10);
  g_assert_cmpfloat(worst_difference(hilum_phase_get_volume(phase), hilum_rigid_invert(known_motion())), <,
                    2);
  const HilumAlignment alignment = registered(known_motion());
  g_assert_true(hilum_case_set_alignment(c, 1, &alignment, NULL, "Register", NULL));
  g_assert_cmpfloat(worst_difference(hilum_phase_get_volume(phase), hilum_rigid_identity()), <, 2);
  g_assert_true(hilum_phase_get_volume(hilum_case_get_phase(c, 0)) ==
                hilum_phase_get_original(hilum_case_get_phase(c, 0)));
}

static void test_same_grid_is_the_loaded_volume(void)
{
  const HilumGrid grid = fixture_grid();
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, 5);
  const HilumAlignment scanner = hilum_alignment_scanner();
  g_autoptr(HilumVolume) shown = hilum_alignment_resample("A", volume, &grid, &scanner, NULL, NULL);
  g_assert_true(shown == volume);
  const HilumRigidParameters push = {.translation_mm = {0.5, 0, 0}};
  const HilumAlignment nudged = hilum_alignment_nudged(&scanner, push, middle_mm());
  g_autoptr(HilumVolume) other = hilum_alignment_resample("A", volume, &grid, &nudged, NULL, NULL);
  g_assert_true(other != volume);
  const HilumAlignment back =
      hilum_alignment_nudged(&nudged, (HilumRigidParameters){.translation_mm = {-0.5, 0, 0}}, middle_mm());
  g_autoptr(HilumVolume) again = hilum_alignment_resample("A", volume, &grid, &back, NULL, NULL);
  g_assert_true(again == volume);
}

/* A nudge moves the picture, not the asking point: what was at p is seen at p + d. */
static void test_nudge_direction(void)
{
  const HilumGrid grid = fixture_grid();
  g_autoptr(HilumVolume) volume = field_volume(&grid, hilum_rigid_identity());
  const HilumAlignment start = registered(known_motion());
  const HilumRigidParameters move = {hilum_vec3(2, -1, 1.5), hilum_vec3(0, 0, 0.05)};
  const HilumAlignment nudged = hilum_alignment_nudged(&start, move, middle_mm());
  g_assert_cmpint(nudged.method, ==, HILUM_ALIGNMENT_MANUAL);
  g_assert_true(isnan(nudged.residual_mm));
  const HilumVec3 p = hilum_vec3_add(middle_mm(), hilum_vec3(4, 5, -6));
  const HilumVec3 moved = hilum_rigid_apply(hilum_rigid_from_parameters(move, middle_mm()), p);
  const HilumVec3 a = hilum_rigid_apply(start.transform, p), b = hilum_rigid_apply(nudged.transform, moved);
  g_assert_cmpfloat(hilum_vec3_distance(a, b), <, 1e-9);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_distance(p, moved), hilum_vec3_length(hilum_vec3(2, -1, 1.5)),
                                 0.5);
}

static void test_undo(void)
{
  g_autoptr(HilumCase) c = two_phases();
  HilumPhase *phase = hilum_case_get_phase(c, 1);
  HilumHistory *history = hilum_case_get_history(c);
  g_autofree char *at_first = voxels_sum(hilum_phase_get_volume(phase));
  const HilumAlignment alignment = registered(known_motion());
  g_autoptr(HilumVolume) made =
      hilum_alignment_resample("Arterial", hilum_phase_get_original(phase),
                               hilum_phase_get_grid(hilum_case_get_phase(c, 0)), &alignment, NULL, NULL);
  g_assert_true(hilum_case_set_alignment(c, 1, &alignment, made, "Register Arterial to Nephrographic", NULL));
  g_assert_true(hilum_phase_get_volume(phase) == made); /* nothing computed twice */
  g_assert_cmpstr(hilum_history_get_undo_label(history), ==, "Register Arterial to Nephrographic");
  g_assert_true(has_finding(phase, "registered"));
  g_assert_cmpfloat_with_epsilon(hilum_phase_get_moved_mm(phase), sqrt(9 + 4 + 25), 1e-9);
  g_autofree char *moved = voxels_sum(made);
  g_assert_cmpstr(moved, !=, at_first);
  for (int n = 0; n < 2; n++) {
    g_assert_true(hilum_history_undo(history, NULL));
    g_autofree char *undone = voxels_sum(hilum_phase_get_volume(phase));
    g_assert_cmpstr(undone, ==, at_first);
    g_assert_cmpint(hilum_phase_get_alignment(phase)->method, ==, HILUM_ALIGNMENT_SCANNER);
    g_assert_cmpfloat(hilum_phase_get_moved_mm(phase), ==, 0);
    g_assert_false(has_finding(phase, "registered"));
    g_assert_true(hilum_history_redo(history, NULL));
    g_autofree char *redone = voxels_sum(hilum_phase_get_volume(phase));
    g_assert_cmpstr(redone, ==, moved);
  }
  /* A row of nudges is one step, and does not run into the registration. */
  const size_t depth = hilum_history_get_undo_depth(history);
  for (int n = 0; n < 5; n++) {
    const HilumAlignment next = hilum_alignment_nudged(
        hilum_phase_get_alignment(phase), (HilumRigidParameters){.translation_mm = {0, 0.5, 0}}, middle_mm());
    g_assert_true(hilum_case_set_alignment(c, 1, &next, NULL, "Nudge Arterial", NULL));
  }
  g_assert_cmpuint(hilum_history_get_undo_depth(history), ==, depth + 1);
  g_assert_true(has_finding(phase, "aligned-by-hand"));
  g_assert_cmpint(hilum_phase_get_verdict(phase), ==, HILUM_VERDICT_WARNING);
  g_assert_true(hilum_history_undo(history, NULL));
  g_autofree char *undone = voxels_sum(hilum_phase_get_volume(phase));
  g_assert_cmpstr(undone, ==, moved);
}

static void count_call(gpointer data)
{
  ++*(int *)data;
}

static void test_refused(void)
{
  g_autoptr(HilumCase) c = two_phases();
  g_autoptr(GError) error = NULL;
  const HilumAlignment scanner = hilum_alignment_scanner();
  g_assert_false(hilum_case_set_alignment(c, 0, &scanner, NULL, "Nudge", &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_GRID);
  g_assert_nonnull(strstr(error->message, "“Nephrographic” cannot be moved"));
  g_clear_error(&error);
  g_assert_false(hilum_case_set_alignment(c, 2, &scanner, NULL, "Nudge", &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES);
  g_clear_error(&error);

  HilumPhase *phase = hilum_case_get_phase(c, 1);
  HilumVolume *before = hilum_phase_get_volume(phase);
  int moved = 0;
  g_signal_connect_swapped(phase, "notify::moved-mm", G_CALLBACK(count_call), &moved);
  HilumAlignment bad[3] = {scanner, scanner, scanner};
  bad[0].transform.translation_mm = hilum_vec3(0, 400, 0); /* beside the reference */
  bad[1].transform.rotation.w = 0.5;
  bad[2].transform.translation_mm.x = (double)NAN;
  for (int n = 0; n < 3; n++) {
    g_assert_false(hilum_case_set_alignment(c, 1, &bad[n], NULL, "Nudge", &error));
    g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_GRID);
    g_assert_nonnull(strstr(error->message, "“Arterial”"));
    g_clear_error(&error);
  }
  g_assert_true(hilum_phase_get_volume(phase) == before);
  g_assert_cmpint(moved, ==, 0);
  g_assert_false(hilum_history_can_undo(hilum_case_get_history(c)));
  const HilumAlignment good = registered(known_motion());
  g_assert_true(hilum_case_set_alignment(c, 1, &good, NULL, "Register", NULL));
  g_assert_cmpint(moved, ==, 1);
}

/* Boxes whose bounds overlap though they do not: only an edge pair tells. */
static void test_overlap_is_exact(void)
{
  const HilumGrid a = hilum_grid_new(100, 100, 4, 1, 1, 1);
  HilumGrid b = a;
  const double s = sqrt(0.5);
  b.axes[0] = hilum_vec3(s, s, 0);
  b.axes[1] = hilum_vec3(-s, s, 0);
  g_autoptr(HilumVolume) volume = NULL;
  for (int meets = 0; meets < 2; meets++) {
    b.origin_mm = hilum_vec3(meets ? 130 : 145, meets ? 60 : 75, 0); /* corner towards a's far corner */
    g_clear_pointer(&volume, hilum_volume_unref);
    volume = fixture_volume(&b, 3);
    g_autoptr(GError) error = NULL;
    const HilumAlignment scanner = hilum_alignment_scanner();
    g_autoptr(HilumVolume) shown = hilum_alignment_resample("B", volume, &a, &scanner, NULL, &error);
    g_assert_true((shown != NULL) == meets);
    if (!meets) g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_GRID);
  }
}

static void test_threads(void)
{
  const HilumGrid a = fixture_grid(), b = other_grid();
  g_autoptr(HilumVolume) volume = field_volume(&b, known_motion());
  const HilumAlignment alignment = registered(known_motion());
  char *sums[3] = {NULL};
  const unsigned threads[] = {1, 2, 7};
  for (int n = 0; n < 3; n++) {
    hilum_parallel_set_threads(threads[n]);
    g_autoptr(HilumVolume) shown = hilum_alignment_resample("A", volume, &a, &alignment, NULL, NULL);
    sums[n] = voxels_sum(shown);
  }
  hilum_parallel_set_threads(0);
  g_assert_cmpstr(sums[0], ==, sums[1]);
  g_assert_cmpstr(sums[0], ==, sums[2]);
  for (int n = 0; n < 3; n++)
    g_free(sums[n]);
}

static void test_cancelled(void)
{
  const HilumGrid a = fixture_grid(), b = other_grid();
  g_autoptr(HilumVolume) volume = field_volume(&b, known_motion());
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  const HilumAlignment scanner = hilum_alignment_scanner();
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_alignment_resample("A", volume, &a, &scanner, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void test_region(void)
{
  g_autoptr(HilumCase) c = two_phases();
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_PARENCHYMA, NULL, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) none = hilum_case_dup_labels(c);
  g_assert_null(hilum_alignment_region(none, 1, 5, NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE);
  g_assert_true(fixture_paint(c, s, fixture_box(20, 20, 15, 30, 30, 20), NULL));
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(c);
  g_autoptr(HilumMask) mask = hilum_alignment_region(labels, 1, 5, NULL, NULL);
  const HilumVoxelBox box = hilum_mask_bounds(mask);
  g_assert_cmpint(box.lo[0], ==, 20 - 7); /* 5 mm in steps of 0.7, 0.8 and 1.25 mm */
  g_assert_cmpint(box.hi[1], ==, 30 + 6);
  g_assert_cmpint(box.hi[2], ==, 20 + 4);
}

static void test_saved(void)
{
  g_autoptr(HilumCase) c = two_phases();
  HilumPhase *phase = hilum_case_get_phase(c, 1);
  HilumAlignment alignment = registered(known_motion());
  alignment.verdict = HILUM_REGISTER_NO_MATCH;
  g_assert_true(hilum_case_set_alignment(c, 1, &alignment, NULL, "Register", NULL));
  g_assert_true(has_finding(phase, "registration-unreliable"));
  g_autofree char *path = g_build_filename(folder, "moved.hilum", NULL);
  GError *error = NULL;
  hilum_case_save(c, path, NULL, &error);
  g_assert_no_error(error);
  g_assert_false(hilum_case_get_modified(c));

  g_autoptr(HilumCase) d = hilum_case_open(path, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumPhase *again = hilum_case_get_phase(d, 1);
  const HilumAlignment *was = hilum_phase_get_alignment(phase), *is = hilum_phase_get_alignment(again);
  g_assert_cmpmem(&was->transform, sizeof was->transform, &is->transform,
                  sizeof is->transform); /* every bit */
  g_assert_cmpint(is->method, ==, HILUM_ALIGNMENT_REGISTERED);
  g_assert_cmpint(is->verdict, ==, HILUM_REGISTER_NO_MATCH);
  g_assert_cmpfloat(is->similarity, ==, 0.75);
  g_assert_cmpfloat(is->residual_mm, ==, 0.4);
  g_assert_cmpfloat(is->residual_worst_mm, ==, 1.25);
  g_assert_true(has_finding(again, "registration-unreliable"));
  g_assert_cmpint(hilum_phase_get_verdict(again), ==, HILUM_VERDICT_WARNING);
  g_assert_cmpfloat(hilum_phase_get_moved_mm(again), ==, hilum_phase_get_moved_mm(phase));
  const HilumGrid b = other_grid();
  g_assert_true(hilum_grid_equal(hilum_phase_get_grid(again), &b, 0));
  g_assert_null(hilum_phase_get_volume(again)); /* it came from no file */
  g_assert_false(hilum_case_set_alignment(d, 1, is, NULL, "Register", &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES);
  g_clear_error(&error);
}

/* Written by the first version there was, before phases could lie apart: never to be made again. */
static void test_version_1(void)
{
  g_autofree char *path = g_test_build_filename(G_TEST_DIST, "version-1.hilum", NULL);
  g_autofree char *copy = g_build_filename(folder, "version-1.hilum", NULL), *data = NULL;
  gsize bytes;
  GError *error = NULL;
  g_assert_true(g_file_get_contents(path, &data, &bytes, NULL));
  g_assert_true(g_file_set_contents(copy, data, (gssize)bytes, NULL));
  g_autoptr(HilumCase) first = hilum_case_open(copy, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_case_save(first, copy, NULL, NULL)); /* and again, in the present version */
  g_autoptr(HilumCase) second = hilum_case_open(copy, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumCase *both[] = {first, second};
  for (int n = 0; n < 2; n++) {
    HilumCase *c = both[n];
    g_autofree char *state = fixture_state(c);
    g_assert_cmpstr(
        state, ==,
        "1|Parenchyma|parenchyma|b96653|0|71505|0:0@0\n2|Tumour élevé|tumour|3caa3c|1|7695|0:0@0\n"
        "797ca249f1d7a2fae16e0f9881c55716d4af8fd7ace2dcbd1137fb4bec8efced left");
    g_assert_cmpuint(hilum_case_get_phase_count(c), ==, 2);
    HilumPhase *phase = hilum_case_get_phase(c, 1);
    g_assert_cmpstr(hilum_phase_get_name(phase), ==, "Arterial");
    g_assert_cmpint(hilum_phase_get_alignment(phase)->method, ==, HILUM_ALIGNMENT_SCANNER);
    size_t findings;
    hilum_phase_get_findings(phase, &findings);
    g_assert_cmpuint(findings, ==, 1); /* what the file says of it, and what is found anew, is said once */
    g_assert_true(has_finding(phase, "frame-of-reference"));
    g_assert_cmpint(hilum_phase_get_verdict(phase), ==, HILUM_VERDICT_WARNING);
    g_assert_cmpstr(hilum_phase_get_file(phase, 1), ==, "/hilum-sample/arterial/2.dcm");
    g_assert_cmpstr(hilum_case_get_view_value(c, "camera"), ==, "1 2 3");
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  folder = g_dir_make_tmp("hilum-alignment-XXXXXX", NULL);
  g_test_add_func("/alignment/other-grid", test_other_grid);
  g_test_add_func("/alignment/same-grid", test_same_grid_is_the_loaded_volume);
  g_test_add_func("/alignment/nudge-direction", test_nudge_direction);
  g_test_add_func("/alignment/undo", test_undo);
  g_test_add_func("/alignment/refused", test_refused);
  g_test_add_func("/alignment/overlap", test_overlap_is_exact);
  g_test_add_func("/alignment/threads", test_threads);
  g_test_add_func("/alignment/cancelled", test_cancelled);
  g_test_add_func("/alignment/region", test_region);
  g_test_add_func("/alignment/saved", test_saved);
  g_test_add_func("/alignment/version-1", test_version_1);
  const int status = g_test_run();
  const char *names[] = {"moved.hilum", "version-1.hilum"};
  for (gsize n = 0; n < G_N_ELEMENTS(names); n++) {
    g_autofree char *path = g_build_filename(folder, names[n], NULL);
    g_remove(path);
  }
  g_rmdir(folder);
  g_free(folder);
  return status;
}
