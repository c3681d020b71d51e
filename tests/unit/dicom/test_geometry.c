/* Grids from positions, and every reason to refuse one. */
#include "geometry.h"
#include "slices.h"

static GArray *build(GPtrArray *slices, HilumGrid *grid)
{
  GArray *findings = hilum_findings_new();
  hilum_slices_sort(slices);
  hilum_slices_build_grid(slices, grid, findings);
  return findings;
}

/* The one finding, which must have the code, the verdict and the words. */
static void expect(GPtrArray *slices, HilumVerdict verdict, const char *code, const char *words)
{
  HilumGrid grid;
  g_autoptr(GArray) findings = build(slices, &grid);
  g_assert_cmpuint(findings->len, ==, 1);
  const HilumFinding *f = &g_array_index(findings, HilumFinding, 0);
  g_assert_cmpstr(f->code, ==, code);
  g_assert_cmpint(f->verdict, ==, verdict);
  if (!strstr(f->message, words)) g_error("“%s” does not hold “%s”", f->message, words);
}

static void test_axial(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  static const double Z[] = {12.5, 5, 10, 7.5, 15}; /* shuffled */
  for (size_t i = 0; i < G_N_ELEMENTS(Z); i++)
    slice_axial(slices, Z[i]);
  HilumGrid g;
  g_autoptr(GArray) findings = build(slices, &g);
  g_assert_cmpuint(findings->len, ==, 0);
  g_assert_cmpint(g.dims[0], ==, 6);
  g_assert_cmpint(g.dims[1], ==, 4);
  g_assert_cmpint(g.dims[2], ==, 5);
  /* PixelSpacing is row distance (y), then column distance (x). */
  g_assert_cmpfloat(g.spacing_mm[0], ==, 0.75);
  g_assert_cmpfloat(g.spacing_mm[1], ==, 0.5);
  g_assert_cmpfloat(g.spacing_mm[2], ==, 2.5);
  g_assert_cmpfloat(g.origin_mm.z, ==, 5);
  g_assert_cmpfloat(g.axes[2].z, ==, 1);
}

static void test_oblique(void)
{
  HilumVec3 row = hilum_vec3_normalize(hilum_vec3(0.8, 0.1, -0.59));
  HilumVec3 column = hilum_vec3_normalize(hilum_vec3_cross(hilum_vec3(0.3, -0.2, 0.9), row));
  HilumVec3 normal = hilum_vec3_cross(row, column);
  g_autoptr(GPtrArray) slices = slices_new();
  for (int i = 9; i >= 0; i--) /* written against the normal */
    g_ptr_array_add(slices,
                    slice_new("IM", hilum_vec3_madd(hilum_vec3(3, 4, 5), 3.3 * i, normal), row, column));
  HilumGrid g;
  g_autoptr(GArray) findings = build(slices, &g);
  g_assert_cmpuint(findings->len, ==, 0);
  HilumVec3 p = hilum_grid_voxel_to_mm(&g, (HilumVoxel){0, 0, 9});
  g_assert_cmpfloat(hilum_vec3_distance(p, hilum_vec3_madd(hilum_vec3(3, 4, 5), 29.7, normal)), <, 1e-9);
  g_assert_cmpint(hilum_grid_handedness(&g), ==, 1);
}

static void test_rounded_positions(void)
{
  /* 1/3 mm steps written with two decimals: the mean step is right where the median would drift. */
  g_autoptr(GPtrArray) slices = slices_new();
  for (int i = 0; i < 301; i++)
    slice_axial(slices, round(i * 100.0 / 3) / 100);
  HilumGrid g;
  g_autoptr(GArray) findings = build(slices, &g);
  g_assert_cmpuint(findings->len, ==, 0);
  g_assert_cmpfloat(fabs(g.spacing_mm[2] - 1.0 / 3), <, 1e-9);
}

static void test_missing(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  for (int i = 0; i < 20; i++)
    if (i != 7 && i != 8 && i != 15) slice_axial(slices, 100 + 1.5 * i);
  expect(slices, HILUM_VERDICT_REFUSED, "missing-slices",
         "3 slices are missing from even steps of 1.50 mm: 2 between slice 7 (“IM006”, 109.00 mm) and slice "
         "8 (“IM007”, "
         "113.50 mm), 1 between slice 13");
}

static GPtrArray *at_depths(const double *z, size_t n)
{
  GPtrArray *slices = slices_new();
  for (size_t i = 0; i < n; i++)
    slice_axial(slices, z[i]);
  return slices;
}

/* Steps that differ become even planes, as close as the closest slices. */
static void test_uneven_steps(void)
{
  static const double Z[] = {0, 1, 2, 3.3, 4.3, 5.3};
  g_autoptr(GPtrArray) slices = at_depths(Z, G_N_ELEMENTS(Z));
  expect(
      slices, HILUM_VERDICT_WARNING, "uneven-spacing",
      "1.30 mm between slice 3 (“IM002”) and slice 4 (“IM003”); they were resampled to even steps of 0.88");
  /* Steps that grow little by little add up. */
  g_autoptr(GPtrArray) drifting = slices_new();
  for (int i = 0; i < 100; i++)
    slice_axial(drifting, i * 1.0 + i * i * 0.0002);
  expect(drifting, HILUM_VERDICT_WARNING, "uneven-spacing", "The slices are 1.00 to 1.04 mm apart");
}

/* A protocol that changes its step half way is one volume, whose planes hold every slice. */
static void test_two_protocols(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  double z = 0;
  for (int i = 0; i < 20; i++, z += i < 10 ? 2.5 : 5)
    slice_axial(slices, z);
  HilumGrid grid;
  HilumStackPlan plan;
  g_autoptr(GArray) findings = hilum_findings_new();
  hilum_slices_sort(slices);
  hilum_slices_plan(slices, false, &grid, &plan, findings);
  g_assert_cmpuint(findings->len, ==, 1);
  g_assert_cmpstr(g_array_index(findings, HilumFinding, 0).code, ==, "uneven-spacing");
  g_assert_cmpfloat(fabs(grid.spacing_mm[2] - 2.5), <, 1e-9);
  g_assert_true(plan.uneven && !plan.sheared);
  for (guint i = 0; i < plan.n; i++)
    g_assert_cmpfloat(fabs(plan.slices[i].k - round(plan.slices[i].k)), <, 1e-9);
  hilum_stack_plan_clear(&plan);
}

static void test_irregular(void)
{
  /* A gap that is no whole number of steps, and could hide more than a slice. */
  static const double WIDE[] = {0, 1, 2, 4.6, 5.6, 6.6};
  g_autoptr(GPtrArray) wide = at_depths(WIDE, G_N_ELEMENTS(WIDE));
  expect(wide, HILUM_VERDICT_REFUSED, "irregular-spacing", "2.60 mm between slice 3 (“IM002”)");
  static const double NEAR[] = {0, 1, 2, 2.1, 3, 4};
  g_autoptr(GPtrArray) near = at_depths(NEAR, G_N_ELEMENTS(NEAR));
  expect(near, HILUM_VERDICT_REFUSED, "irregular-spacing", "0.10 mm between slice 3 (“IM002”)");
  static const double COARSE[] = {0, 12, 24, 36};
  g_autoptr(GPtrArray) coarse = at_depths(COARSE, G_N_ELEMENTS(COARSE));
  expect(coarse, HILUM_VERDICT_REFUSED, "coarse-spacing", "12.00 mm apart");
}

/* Missing slices are bridged where the user says so, on the planes where they should have been. */
static void test_gaps_accepted(void)
{
  static const double Z[] = {0, 2, 4, 10, 12, 14, 16};
  g_autoptr(GPtrArray) slices = at_depths(Z, G_N_ELEMENTS(Z));
  HilumGrid grid;
  HilumStackPlan plan;
  g_autoptr(GArray) findings = hilum_findings_new();
  hilum_slices_sort(slices);
  hilum_slices_plan(slices, true, &grid, &plan, findings);
  g_assert_cmpuint(findings->len, ==, 1);
  const HilumFinding *f = &g_array_index(findings, HilumFinding, 0);
  g_assert_cmpstr(f->code, ==, "interpolated-gap");
  g_assert_cmpint(f->verdict, ==, HILUM_VERDICT_WARNING);
  g_assert_nonnull(strstr(f->message, "2 between slice 3 (“IM002”, 4.00 mm) and slice 4"));
  g_assert_cmpint(grid.dims[2], ==, 9);
  g_assert_cmpfloat(fabs(grid.spacing_mm[2] - 2), <, 1e-9);
  g_assert_cmpfloat(fabs(plan.slices[3].k - 5), <, 1e-9);
  hilum_stack_plan_clear(&plan);
  /* What is irregular as well stays refused. */
  static const double WORSE[] = {0, 2, 4, 10, 12, 17.1, 19.1};
  g_autoptr(GPtrArray) worse = at_depths(WORSE, G_N_ELEMENTS(WORSE));
  g_array_set_size(findings, 0);
  hilum_slices_plan(worse, true, &grid, &plan, findings);
  g_assert_cmpint(hilum_findings_verdict(findings), ==, HILUM_VERDICT_REFUSED);
  g_assert_null(plan.slices);
}

static void test_uneven(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  for (int i = 0; i < 9; i++)
    slice_axial(slices, i * 2 + (i == 4 ? 0.05 : 0));
  expect(slices, HILUM_VERDICT_WARNING, "uneven-spacing", "0.050 mm");
}

static void test_duplicates(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  for (int i = 0; i < 6; i++)
    slice_axial(slices, i);
  slice_axial(slices, 3.004);
  expect(slices, HILUM_VERDICT_REFUSED, "duplicate-positions", "“IM003” and “IM006”");
  g_autoptr(GPtrArray) all = slices_new();
  slice_axial(all, 1);
  slice_axial(all, 1);
  expect(all, HILUM_VERDICT_REFUSED, "duplicate-positions", "1 slice lies at the same place");
}

/* The grid grows to hold every slice, and every slice lies in it where its position says. */
static void test_tilt(void)
{
  for (int direction = -1; direction <= 1; direction += 2) {
    g_autoptr(GPtrArray) slices = slices_new();
    for (int i = 0; i < 12; i++)
      slice_axial(slices, i * 2)->position_mm.y = -20 + direction * i * 2 * tan(18 * G_PI / 180);
    expect(slices, HILUM_VERDICT_WARNING, "gantry-tilt", "18.0 degrees: over 22.0 mm they drift 7.1 mm");
    HilumGrid grid;
    HilumStackPlan plan;
    g_autoptr(GArray) findings = hilum_findings_new();
    hilum_slices_plan(slices, false, &grid, &plan, findings);
    g_assert_true(plan.sheared && !plan.uneven);
    g_assert_cmpint(grid.dims[0], ==, 6);
    g_assert_cmpint(grid.dims[1], ==, 4 + 15);
    for (guint k = 0; k < plan.n; k++) {
      const HilumRecord *r = g_ptr_array_index(slices, k);
      g_assert_cmpfloat(hilum_vec3_distance(hilum_grid_to_mm(&grid, plan.slices[k]), r->position_mm), <,
                        1e-9);
      g_assert_cmpfloat(plan.slices[k].j, >=, -1e-9);
      g_assert_cmpfloat(plan.slices[k].j + plan.rows, <=, grid.dims[1] + 1e-9);
    }
    hilum_stack_plan_clear(&plan);
  }
  g_autoptr(GPtrArray) absurd = slices_new();
  for (int i = 0; i < 12; i++)
    slice_axial(absurd, i)->position_mm.y = i * 1.5;
  expect(absurd, HILUM_VERDICT_REFUSED, "gantry-tilt", "more than a tilted gantry explains");
}

static void test_shifted(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  for (int i = 0; i < 12; i++)
    slice_axial(slices, i * 2)->position_mm.x = i == 5 ? -9 : -10;
  expect(slices, HILUM_VERDICT_REFUSED, "shifted-slices", "slice 6 (“IM005”) by 1.00 mm");
}

static GPtrArray *three_slices(void)
{
  GPtrArray *slices = slices_new();
  for (int i = 0; i < 3; i++)
    slice_axial(slices, i);
  return slices;
}

static void test_single(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  slice_axial(slices, 1);
  expect(slices, HILUM_VERDICT_REFUSED, "single-slice", "“IM000”");
}

static void test_missing_attributes(void)
{
  static const struct {
    size_t offset;
    const char *code;
  } CASES[] = {{offsetof(HilumRecord, has_position), "missing-position"},
               {offsetof(HilumRecord, has_orientation), "missing-orientation"},
               {offsetof(HilumRecord, has_spacing), "missing-spacing"}};
  for (size_t c = 0; c < G_N_ELEMENTS(CASES); c++) {
    g_autoptr(GPtrArray) slices = three_slices();
    memset((char *)g_ptr_array_index(slices, 1) + CASES[c].offset, 0, sizeof(bool));
    expect(slices, HILUM_VERDICT_REFUSED, CASES[c].code, "1 of 3 slices");
  }
}

static void test_orientation(void)
{
  static const struct {
    HilumVec3 row, column;
    HilumVerdict verdict;
    const char *code;
  } CASES[] = {
      {{1, 0, 0}, {0.01, 1, 0}, HILUM_VERDICT_REFUSED, "orientation-not-orthonormal"},
      {{1, 0, 0}, {1, 0, 0}, HILUM_VERDICT_REFUSED, "orientation-not-orthonormal"},
      {{0, 0, 0}, {0, 1, 0}, HILUM_VERDICT_REFUSED, "orientation-not-orthonormal"},
      {{2, 0, 0}, {0, 1, 0}, HILUM_VERDICT_REFUSED, "orientation-not-orthonormal"},
      {{1, 0, 0}, {0.0005, 1, 0}, HILUM_VERDICT_WARNING, "orientation-adjusted"},
  };
  for (size_t c = 0; c < G_N_ELEMENTS(CASES); c++) {
    g_autoptr(GPtrArray) slices = three_slices();
    for (guint i = 0; i < 3; i++) {
      HilumRecord *r = g_ptr_array_index(slices, i);
      r->row = CASES[c].row;
      r->column = CASES[c].column;
    }
    expect(slices, CASES[c].verdict, CASES[c].code, "orientation");
  }
}

static void test_spacing(void)
{
  static const double BAD[] = {0, -0.7, 1e-9, 1000};
  for (size_t c = 0; c < G_N_ELEMENTS(BAD); c++) {
    g_autoptr(GPtrArray) slices = three_slices();
    for (guint i = 0; i < 3; i++)
      ((HilumRecord *)g_ptr_array_index(slices, i))->row_spacing_mm = BAD[c];
    expect(slices, HILUM_VERDICT_REFUSED, "bad-spacing", "mm");
  }
}

static void test_decimals(void)
{
  double v[3] = {0};
  g_assert_cmpint(hilum_parse_decimals("1\\-2.5\\ 3e2 ", v, 3), ==, 3);
  g_assert_cmpfloat(v[1], ==, -2.5);
  g_assert_cmpfloat(v[2], ==, 300);
  g_assert_cmpint(hilum_parse_decimals("1\\2\\3\\4", v, 3), ==, 4);
  static const char *const BAD[] = {"nan", "inf", "1\\", "\\1", "0x10", "1,5", "1e999", "", " ", "1 2"};
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++)
    g_assert_cmpint(hilum_parse_decimals(BAD[i], v, 3), ==, -1);
  g_assert_cmpint(hilum_parse_decimals(NULL, v, 3), ==, 0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/geometry/axial", test_axial);
  g_test_add_func("/dicom/geometry/oblique", test_oblique);
  g_test_add_func("/dicom/geometry/rounded-positions", test_rounded_positions);
  g_test_add_func("/dicom/geometry/missing", test_missing);
  g_test_add_func("/dicom/geometry/uneven-steps", test_uneven_steps);
  g_test_add_func("/dicom/geometry/two-protocols", test_two_protocols);
  g_test_add_func("/dicom/geometry/irregular", test_irregular);
  g_test_add_func("/dicom/geometry/gaps-accepted", test_gaps_accepted);
  g_test_add_func("/dicom/geometry/uneven", test_uneven);
  g_test_add_func("/dicom/geometry/duplicates", test_duplicates);
  g_test_add_func("/dicom/geometry/tilt", test_tilt);
  g_test_add_func("/dicom/geometry/shifted", test_shifted);
  g_test_add_func("/dicom/geometry/single", test_single);
  g_test_add_func("/dicom/geometry/missing-attributes", test_missing_attributes);
  g_test_add_func("/dicom/geometry/orientation", test_orientation);
  g_test_add_func("/dicom/geometry/spacing", test_spacing);
  g_test_add_func("/dicom/geometry/decimals", test_decimals);
  return g_test_run();
}
