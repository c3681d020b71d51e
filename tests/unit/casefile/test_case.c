/* The case: every change undone and redone to the same state, names, locks, and what phases are refused. */
#include "fixture.h"

#include "hilum/casefile/error.h"

static void count(guint *calls)
{
  ++*calls;
}

static void test_kinds(void)
{
  const struct {
    const char *name;
    HilumStructureKind kind;
  } cases[] = {
      {"artery", HILUM_STRUCTURE_ARTERY},
      {"Arteries", HILUM_STRUCTURE_ARTERY},
      {"LEFT RENAL ARTERY", HILUM_STRUCTURE_ARTERY},
      {"aorta", HILUM_STRUCTURE_ARTERY},
      {"vein 2", HILUM_STRUCTURE_VEIN},
      {"vein2", HILUM_STRUCTURE_VEIN},
      {"Vena cava", HILUM_STRUCTURE_VEIN},
      {"Kidney", HILUM_STRUCTURE_PARENCHYMA},
      {"kidney tumor", HILUM_STRUCTURE_TUMOUR},
      {"Tumour", HILUM_STRUCTURE_TUMOUR},
      {"renal pelvis", HILUM_STRUCTURE_COLLECTING},
      {"bony pelvis", HILUM_STRUCTURE_BONE},
      {"ureter", HILUM_STRUCTURE_COLLECTING},
      {"renal sinus", HILUM_STRUCTURE_SINUS},
      {"Spine", HILUM_STRUCTURE_BONE},
      {"cysts", HILUM_STRUCTURE_CYST},
      {"spleen", HILUM_STRUCTURE_OTHER},
      {"", HILUM_STRUCTURE_OTHER},
      {"masseter", HILUM_STRUCTURE_OTHER},
      {"Niere", HILUM_STRUCTURE_OTHER},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_cmpint(hilum_structure_kind_from_name(cases[i].name), ==, cases[i].kind);
  for (int k = 0; k < HILUM_STRUCTURE_KINDS; k++) /* a kind's own name and word mean that kind */
    if (k != HILUM_STRUCTURE_OTHER) {
      g_assert_cmpint(hilum_structure_kind_from_name(hilum_structure_kind_name(k)), ==, k);
      g_assert_cmpint(hilum_structure_kind_from_name(hilum_structure_kind_id(k)), ==, k);
    }
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_PARENCHYMA, 3), ==, 185 << 16 | 102 << 8 | 83);
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_TUMOUR, 0), ==, 60 << 16 | 170 << 8 | 60);
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_CYST, 0), ==, 120 << 16 | 200 << 8 | 220);
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_ARTERY, 0), ==, 220 << 16 | 30 << 8 | 30);
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_VEIN, 0), ==, 0 << 16 | 110 << 8 | 220);
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_COLLECTING, 0), ==, 245 << 16 | 205 << 8 | 40);
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_SINUS, 0), ==, 230 << 16 | 220 << 8 | 70);
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_BONE, 0), ==, 241 << 16 | 214 << 8 | 145);
  g_assert_cmphex(hilum_structure_kind_color(HILUM_STRUCTURE_OTHER, 0), !=,
                  hilum_structure_kind_color(HILUM_STRUCTURE_OTHER, 1));
}

static void test_names(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumStructure *a = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  HilumStructure *b = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  g_assert_cmpstr(hilum_structure_get_name(a), ==, "Tumour");
  g_assert_cmpstr(hilum_structure_get_name(b), ==, "Tumour 2");
  g_assert_true(hilum_case_find_structure(c, "  tUmOuR ") == a);
  g_assert_null(hilum_case_find_structure(c, "tum"));
  g_autofree char *longest = g_strnfill(64, 'x'), *too_long = g_strnfill(65, 'x');
  const char *bad[] = {"", "   ", "TUMOUR", "a\nb", "\xff\xfe", too_long};
  for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_case_add_structure(c, HILUM_STRUCTURE_OTHER, bad[i], &error));
    g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_NAME);
    g_clear_error(&error);
    g_assert_false(hilum_case_rename_structure(c, b, bad[i], &error));
    g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_NAME);
  }
  g_assert_true(hilum_case_rename_structure(c, a, "TUMOUR", NULL)); /* its own name in capitals */
  g_assert_true(hilum_case_rename_structure(c, b, longest, NULL));
  g_assert_cmpuint(hilum_history_get_undo_depth(hilum_case_get_history(c)), ==, 4);
}

static void test_full(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  for (int l = 1; l <= 255; l++) {
    HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_OTHER, NULL, NULL);
    g_assert_nonnull(s);
    g_assert_cmpuint(hilum_structure_get_label(s), ==, l);
  }
  g_autoptr(GError) error = NULL;
  g_assert_cmpuint(hilum_case_get_free_label(c), ==, 0);
  g_assert_null(hilum_case_add_structure(c, HILUM_STRUCTURE_OTHER, NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE);
  g_assert_true(hilum_case_remove_structure(c, hilum_case_get_structure(c, 77), NULL));
  g_assert_cmpuint(hilum_case_get_free_label(c), ==, 77);
}

static void test_delete_brings_back(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumStructure *kidney = hilum_case_add_structure(c, HILUM_STRUCTURE_PARENCHYMA, NULL, NULL);
  HilumStructure *tumour = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  hilum_case_add_structure(c, HILUM_STRUCTURE_VEIN, NULL, NULL);
  g_assert_true(fixture_paint(c, kidney, fixture_box(0, 0, 0, 70, 45, 37), NULL));
  g_assert_true(fixture_paint(c, tumour, fixture_box(10, 10, 10, 20, 20, 20), NULL));
  g_assert_cmpuint(hilum_structure_get_voxels(tumour), ==, 1000);
  g_assert_cmpuint(hilum_structure_get_voxels(kidney), ==, 70 * 45 * 37 - 1000);
  g_assert_cmpfloat_with_epsilon(hilum_structure_get_volume_ml(tumour), 0.7, 1e-9);
  g_autofree char *before = fixture_state(c);
  const size_t depth = hilum_history_get_undo_depth(hilum_case_get_history(c));

  g_assert_true(hilum_case_remove_structure(c, tumour, NULL));
  g_assert_cmpuint(hilum_history_get_undo_depth(hilum_case_get_history(c)), ==, depth + 1);
  g_assert_cmpstr(hilum_history_get_undo_label(hilum_case_get_history(c)), ==, "Delete Tumour");
  g_assert_null(hilum_case_find_structure(c, "tumour"));
  g_assert_cmpuint(hilum_label_map_count(hilum_case_get_label_map(c), 2), ==, 0);
  g_autofree char *after = fixture_state(c);
  g_assert_cmpstr(before, !=, after);

  for (int round = 0; round < 3; round++) {
    g_assert_true(hilum_history_undo(hilum_case_get_history(c), NULL));
    g_autofree char *undone = fixture_state(c); /* same place in the list, same voxels */
    g_assert_cmpstr(undone, ==, before);
    g_assert_true(hilum_case_get_structure(c, 2) == tumour);
    g_assert_true(hilum_history_redo(hilum_case_get_history(c), NULL));
    g_autofree char *redone = fixture_state(c);
    g_assert_cmpstr(redone, ==, after);
  }
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_case_rename_structure(c, tumour, "Ghost", &error)); /* not in the case any more */
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE);
}

static void test_locks(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumStructure *a = hilum_case_add_structure(c, HILUM_STRUCTURE_ARTERY, NULL, NULL);
  HilumStructure *v = hilum_case_add_structure(c, HILUM_STRUCTURE_VEIN, NULL, NULL);
  g_assert_true(fixture_paint(c, a, fixture_box(0, 0, 0, 10, 10, 10), NULL));
  g_assert_true(hilum_case_lock_structure(c, a, true, NULL));
  g_autoptr(GError) error = NULL;
  g_assert_false(fixture_paint(c, a, fixture_box(20, 0, 0, 30, 10, 10), &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_LOCKED);
  g_clear_error(&error);
  g_assert_false(hilum_case_remove_structure(c, a, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_LOCKED);
  g_clear_error(&error);
  g_assert_true(fixture_paint(c, v, fixture_box(5, 0, 0, 15, 10, 10), NULL));
  g_assert_cmpuint(hilum_structure_get_voxels(a), ==, 1000);
  g_assert_cmpuint(hilum_structure_get_voxels(v), ==, 500);

  /* An import may not touch a locked structure either. */
  g_autoptr(HilumLabelMap) empty =
      hilum_label_map_new(hilum_phase_get_grid(hilum_case_get_phase(c, 0)), NULL);
  g_autoptr(HilumLabelSnapshot) nothing = hilum_label_map_snapshot(empty);
  g_assert_false(hilum_case_import_labels(c, "Import", nothing, NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_LOCKED);
  g_assert_true(hilum_case_lock_structure(c, a, false, NULL));
  g_assert_true(hilum_case_import_labels(c, "Import", nothing, NULL, NULL));
  g_assert_cmpuint(hilum_structure_get_voxels(v), ==, 0);
}

static void test_stale(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_ARTERY, NULL, NULL);
  g_autoptr(HilumLabelSnapshot) old = hilum_case_dup_labels(c);
  g_autoptr(HilumMask) mask = hilum_mask_new(hilum_label_snapshot_get_grid(old)->dims, NULL);
  hilum_mask_set_span(mask, 0, 20, 3, 3);
  HilumLabelWrite write;
  g_assert_true(hilum_case_prepare_write(c, s, HILUM_LABEL_ADD, &write, NULL));
  g_autoptr(HilumLabelDelta) late = hilum_label_delta_new_from_mask(old, mask, NULL, &write, NULL, NULL);
  g_assert_true(fixture_paint(c, s, fixture_box(0, 0, 0, 5, 5, 5), NULL));
  g_autofree char *before = fixture_state(c);
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_case_apply_labels(c, "Late", late, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STALE);
  g_autofree char *after = fixture_state(c);
  g_assert_cmpstr(before, ==, after);
}

static void test_recolour_is_one_step(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_ARTERY, NULL, NULL);
  for (uint32_t color = 1; color <= 100; color++)
    g_assert_true(hilum_case_recolor_structure(c, s, color, NULL));
  g_assert_cmpuint(hilum_history_get_undo_depth(hilum_case_get_history(c)), ==, 2);
  g_assert_true(hilum_history_undo(hilum_case_get_history(c), NULL));
  g_assert_cmphex(hilum_structure_get_color(s), ==, 0xDC1E1E);
  g_assert_true(hilum_history_redo(hilum_case_get_history(c), NULL));
  g_assert_cmphex(hilum_structure_get_color(s), ==, 100);
}

static void test_phases(void)
{
  g_autoptr(HilumCase) c = hilum_case_new();
  g_assert_null(hilum_case_get_label_map(c));
  g_assert_null(hilum_case_dup_labels(c));
  HilumGrid grid = fixture_grid();
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, 1);
  const char *files[] = {"/nowhere/1", "/nowhere/2"}, *uids[] = {"1.2.3.1", "1.2.3.2"};
  HilumSeriesInfo info = {.patient_name = "Sample^Kidney",
                          .patient_id = "A1",
                          .birth_date = "19500101",
                          .study_date = "20240102",
                          .series_uid = "1.2.3",
                          .frame_of_reference_uid = "1.9",
                          .modality = "CT",
                          .phase = "arterial",
                          .series_description = "Abdomen",
                          .series_number = 3,
                          .window_center = (double)NAN,
                          .window_width = (double)NAN,
                          .n_files = 2,
                          .files = files,
                          .sop_uids = uids};
  HilumPhase *phase = hilum_case_add_phase(c, &info, volume, NULL);
  g_assert_nonnull(phase);
  g_assert_cmpstr(hilum_phase_get_name(phase), ==, "Arterial");
  g_assert_cmpstr(hilum_case_get_patient(c)->id, ==, "A1");
  g_assert_true(hilum_case_get_modified(c));
  double center, width;
  hilum_phase_get_window(phase, &center, &width);
  g_assert_cmpfloat(width, ==, 350);

  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_case_add_phase(c, &info, volume, &error)); /* there already */
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN);
  g_clear_error(&error);
  HilumSeriesInfo other = info;
  other.patient_id = "B2";
  other.series_uid = "1.2.4";
  g_assert_null(hilum_case_add_phase(c, &other, volume, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_PATIENT);
  g_assert_null(strstr(error->message, "B2")); /* no identity in messages */
  g_assert_null(strstr(error->message, "A1"));
  g_clear_error(&error);

  HilumGrid shifted = grid; /* beside the first, by a hair less than all of it */
  shifted.origin_mm = hilum_vec3_madd(grid.origin_mm, 70 * 0.7, grid.axes[0]);
  g_autoptr(HilumVolume) elsewhere = fixture_volume(&shifted, 2);
  other.patient_id = "A1";
  g_assert_null(hilum_case_add_phase(c, &other, elsewhere, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_GRID);
  g_assert_nonnull(strstr(error->message, "49 mm apart"));
  g_assert_cmpuint(hilum_case_get_phase_count(c), ==, 1);

  other.frame_of_reference_uid = "1.10";
  HilumPhase *second = hilum_case_add_phase(c, &other, volume, NULL);
  g_assert_cmpstr(hilum_phase_get_name(second), ==, "Arterial 2");
  size_t n;
  const HilumFinding *findings = hilum_phase_get_findings(second, &n);
  size_t about_frame = 0;
  for (size_t f = 0; f < n; f++)
    about_frame += strcmp(findings[f].code, "frame-of-reference") == 0;
  g_assert_cmpuint(about_frame, ==, 1);
  g_assert_cmpint(hilum_phase_get_verdict(second), ==, HILUM_VERDICT_WARNING);
}

static void test_import(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  hilum_case_add_structure(c, HILUM_STRUCTURE_OTHER, "Artery", NULL); /* label 1 has the name of label 4 */
  HilumGrid grid = fixture_grid();
  g_autofree uint8_t *dense = g_malloc0(hilum_grid_count(&grid));
  dense[5] = 1;
  dense[6] = 4;
  dense[7] = 200;
  const char *names[256] = {NULL};
  names[4] = "Artery";
  names[200] = "bad\nname";
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, dense, NULL);
  g_autofree char *before = fixture_state(c);
  GError *error = NULL;
  g_assert_true(hilum_case_import_labels(c, "Import labels", labels, names, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(hilum_structure_get_name(hilum_case_get_structure(c, 4)), ==, "Artery (label 4)");
  g_assert_cmpstr(hilum_structure_get_name(hilum_case_get_structure(c, 200)), ==, "Structure 200");
  g_assert_cmpuint(hilum_structure_get_voxels(hilum_case_get_structure(c, 200)), ==, 1);
  g_autofree char *hash = hilum_label_snapshot_hash(labels), *ours = fixture_hash(c);
  g_assert_cmpstr(hash, ==, ours);
  g_assert_true(hilum_history_undo(hilum_case_get_history(c), NULL)); /* all in one step */
  g_autofree char *after = fixture_state(c);
  g_assert_cmpstr(before, ==, after);
}

static void count_call(gpointer data)
{
  ++*(int *)data;
}

static void test_signals(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  int labels = 0, structures = 0, modified = 0;
  g_signal_connect_swapped(c, "labels-changed", G_CALLBACK(count_call), &labels);
  g_signal_connect_swapped(c, "structure-changed", G_CALLBACK(count_call), &structures);
  g_signal_connect_swapped(c, "notify::modified", G_CALLBACK(count_call), &modified);
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_ARTERY, NULL, NULL);
  g_assert_true(fixture_paint(c, s, fixture_box(0, 0, 0, 2, 2, 2), NULL));
  g_assert_cmpint(labels, ==, 1);
  g_assert_cmpint(structures, ==, 1); /* its voxels */
  g_assert_true(
      fixture_paint(c, s, fixture_box(0, 0, 0, 2, 2, 2), NULL)); /* nothing new: no step, no signal */
  g_assert_cmpint(labels, ==, 1);
  hilum_case_set_structure_visible(c, s, false);
  hilum_case_set_structure_visible(c, s, false);
  g_assert_cmpint(structures, ==, 2);
  hilum_history_undo(hilum_case_get_history(c), NULL);
  g_assert_cmpint(labels, ==, 2);
  g_assert_false(hilum_structure_get_visible(s)); /* not a step */
}

/* Random work on a real case: each undo leads to the state before, each redo to the state after. */
static void test_random(void)
{
  for (uint64_t seed = 1; seed <= 4; seed++) {
    g_autoptr(HilumCase) c = fixture_case();
    HilumHistory *history = hilum_case_get_history(c);
    g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(states, fixture_state(c));
    guint at = 0;
    for (uint64_t i = 0; i < 60; i++) {
      const uint64_t r = hilum_random_u64(seed, i);
      GListModel *list = hilum_case_get_structures(c);
      const guint n = g_list_model_get_n_items(list);
      g_autoptr(HilumStructure) s = n ? g_list_model_get_item(list, (guint)(r >> 20) % n) : NULL;
      const size_t depth = hilum_history_get_undo_depth(history);
      const int lo = (int)(r >> 40 & 15);
      switch (r % 9) {
      case 0:
      case 1:
        hilum_case_add_structure(c, (HilumStructureKind)(r >> 8 & 7), NULL, NULL);
        break;
      case 2:
        if (s) hilum_case_remove_structure(c, s, NULL);
        break;
      case 3:
        if (s) hilum_case_lock_structure(c, s, r >> 50 & 1, NULL);
        break;
      case 4:
        hilum_case_set_side(c, (HilumSide)(r >> 8 & 3));
        break;
      case 5:
        if (hilum_history_undo(history, NULL)) at--;
        break;
      case 6:
        if (hilum_history_redo(history, NULL)) at++;
        break;
      default:
        if (s) fixture_paint(c, s, fixture_box(lo, lo, lo, lo + 20, lo + 15, lo + 10), NULL);
      }
      if (r % 9 != 5 && r % 9 != 6 && hilum_history_get_undo_depth(history) > depth) {
        g_ptr_array_set_size(states, (int)at + 1);
        g_ptr_array_add(states, fixture_state(c));
        at++;
      }
      g_autofree char *state = fixture_state(c);
      g_assert_cmpstr(state, ==, g_ptr_array_index(states, at));
    }
    while (hilum_history_undo(history, NULL)) {
    }
    g_autofree char *state = fixture_state(c);
    g_assert_cmpstr(state, ==, g_ptr_array_index(states, 0));
  }
}

/* A range is remembered by the case, step by step, and belongs to a phase that is there. */
static void test_boundary(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  g_autoptr(GError) error = NULL;
  HilumHistory *history = hilum_case_get_history(c);
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_PARENCHYMA, NULL, NULL);
  const HilumStructureBoundary from = {135, 300, 0}, above = {120, INFINITY, 0}, none = {0, 0, 0},
                               nowhere = {1, 2, 1}, all = {-INFINITY, INFINITY, 0}, turned = {5, 4, 0};
  g_assert_false(hilum_structure_boundary_is_range(hilum_structure_get_boundary(s)));
  g_assert_false(hilum_structure_boundary_is_range(&all));
  g_assert_false(hilum_structure_boundary_is_range(&turned));
  guint notified = 0;
  g_signal_connect_swapped(s, "notify::boundary", G_CALLBACK(count), &notified);
  const size_t before = hilum_history_get_undo_depth(history);
  g_assert_true(hilum_case_set_structure_boundary(c, s, &from, &error));
  g_assert_true(hilum_case_set_structure_boundary(c, s, &from, &error)); /* the same: no step */
  g_assert_true(hilum_case_set_structure_boundary(c, s, &above, &error));
  g_assert_cmpuint(hilum_history_get_undo_depth(history), ==, before + 2);
  g_assert_cmpuint(notified, ==, 2);
  g_assert_cmpstr(hilum_history_get_undo_label(history), ==, "Surface of Parenchyma");
  g_assert_false(hilum_case_set_structure_boundary(c, s, &nowhere, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE);
  g_clear_error(&error);
  g_assert_true(hilum_case_set_structure_boundary(c, s, &turned, &error)); /* no range: labels */
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(s), &none));
  g_assert_true(hilum_case_rename_structure(c, s, "Kidney", NULL)); /* nothing else loses it */
  g_assert_true(hilum_history_undo(history, NULL));
  g_assert_true(hilum_history_undo(history, NULL));
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(s), &above));
  g_assert_true(hilum_case_rename_structure(c, s, "Kidney", NULL));
  g_assert_true(hilum_case_remove_structure(c, s, NULL));
  g_assert_true(hilum_history_undo(history, NULL));
  s = hilum_case_find_structure(c, "Kidney");
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(s), &above));
}

static HilumLabelDelta *box_delta(HilumCase *c, HilumStructure *s, HilumLabelMode mode, HilumVoxelBox box,
                                  HilumLabelWrite *write)
{
  g_assert_true(hilum_case_prepare_write(c, s, mode, write, NULL));
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(c);
  g_autoptr(HilumMask) mask = hilum_mask_new(hilum_label_snapshot_get_grid(labels)->dims, NULL);
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      hilum_mask_set_span(mask, box.lo[0], box.hi[0], j, k);
  return hilum_label_delta_new_from_mask(labels, mask, NULL, write, NULL, NULL);
}

/* Voxels and the range that made them come and go together. */
static void test_made(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumHistory *history = hilum_case_get_history(c);
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  const HilumStructureBoundary made = {3, 140, 0};
  HilumLabelWrite write;
  g_autoptr(HilumLabelDelta) first = box_delta(c, s, HILUM_LABEL_ADD, fixture_box(3, 3, 3, 9, 9, 9), &write);
  g_assert_true(hilum_case_is_made_by(c, &write));
  const size_t before = hilum_history_get_undo_depth(history);
  g_assert_true(hilum_case_apply_made_labels(c, "Threshold Tumour", first, s, &made, NULL));
  g_assert_cmpuint(hilum_history_get_undo_depth(history), ==, before + 1);
  g_assert_cmpstr(hilum_history_get_undo_label(history), ==, "Threshold Tumour");
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(s), &made));
  g_assert_true(hilum_history_undo(history, NULL));
  g_assert_false(hilum_structure_boundary_is_range(hilum_structure_get_boundary(s)));
  g_assert_cmpuint(hilum_structure_get_voxels(s), ==, 0);
  g_assert_true(hilum_history_redo(history, NULL));
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(s), &made));
  g_assert_cmpuint(hilum_structure_get_voxels(s), ==, 216);
  g_autoptr(HilumLabelDelta) more =
      box_delta(c, s, HILUM_LABEL_ADD, fixture_box(8, 8, 8, 12, 12, 12), &write);
  g_assert_false(hilum_case_is_made_by(c, &write)); /* there is something of it: the range stays */
  g_assert_true(hilum_case_apply_labels(c, "Brush", more, NULL));
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(s), &made));
  g_autoptr(HilumLabelDelta) other =
      box_delta(c, s, HILUM_LABEL_REPLACE, fixture_box(1, 1, 1, 4, 4, 4), &write);
  g_assert_true(hilum_case_is_made_by(c, &write));
  g_assert_true(hilum_case_apply_made_labels(c, "Vessel", other, s, NULL, NULL)); /* by no range */
  g_assert_false(hilum_structure_boundary_is_range(hilum_structure_get_boundary(s)));
  /* A delta of another state changes neither. */
  g_assert_false(hilum_case_apply_made_labels(c, "Threshold Tumour", more, s, &made, NULL));
  g_assert_false(hilum_structure_boundary_is_range(hilum_structure_get_boundary(s)));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/case/kinds", test_kinds);
  g_test_add_func("/case/names", test_names);
  g_test_add_func("/case/full", test_full);
  g_test_add_func("/case/delete-brings-back", test_delete_brings_back);
  g_test_add_func("/case/locks", test_locks);
  g_test_add_func("/case/stale", test_stale);
  g_test_add_func("/case/recolour", test_recolour_is_one_step);
  g_test_add_func("/case/phases", test_phases);
  g_test_add_func("/case/import", test_import);
  g_test_add_func("/case/signals", test_signals);
  g_test_add_func("/case/boundary", test_boundary);
  g_test_add_func("/case/made", test_made);
  g_test_add_func("/case/random", test_random);
  return g_test_run();
}
