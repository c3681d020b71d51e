/* Print preparation: each thing does what was asked, measured here by other means, and is written down. */
#include "mesh_fixture.h"

#include "walls.h"

#include "hilum/mesh/distance.h"
#include "hilum/mesh/repair.h"
#include "hilum/mesh/verdict.h"

static HilumMesh *extract(const HilumGrid *grid, FixtureField field, const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumVolume) volume = fixture_volume(grid, field, data);
  HilumMesh *mesh = hilum_mesh_extract_iso(volume, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

static HilumMesh *ball(double radius, double spacing)
{
  const int32_t n = (int32_t)ceil(2 * radius / spacing) + 5;
  HilumGrid grid = hilum_grid_new(n, n, n, spacing, spacing, spacing);
  const FixtureShape s = {fixture_middle(&grid), radius, 0};
  return extract(&grid, fixture_shape, &s);
}

/* A vessel of radius 0.6 that leaves a ball of radius 6 along x. */
static double vessel(HilumVec3 p, const void *data)
{
  const double ball_mm = 6 - hilum_vec3_length(hilum_vec3_sub(p, hilum_vec3(8, 8, 8)));
  const double x = CLAMP(p.x, 8, 24);
  const double tube = 0.6 - hilum_vec3_distance(p, hilum_vec3(x, 8.3, 8.2));
  return 100 * fmax(ball_mm, tube);
}

static HilumMesh *prepare(HilumMesh *mesh, HilumPrepareOptions options, GArray **record)
{
  g_autoptr(GError) error = NULL;
  HilumMesh *result = hilum_mesh_prepare(mesh, &options, record, NULL, &error);
  g_assert_no_error(error);
  return result;
}

static HilumMesh *join(HilumMesh *const *parts, const HilumVec3 *shift, size_t n, uint32_t leave_out)
{
  g_autoptr(GError) error = NULL;
  uint32_t nv = 0, nt = 0, v0 = 0, t0 = 0;
  for (size_t k = 0; k < n; k++) {
    nv += hilum_mesh_get_vertex_count(parts[k]);
    nt += hilum_mesh_get_triangle_count(parts[k]);
  }
  float *p = hilum_big_alloc(12 * (size_t)nv, &error);
  uint32_t *i = hilum_big_alloc(12 * (size_t)nt, &error);
  for (size_t k = 0; k < n; k++) {
    for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(parts[k]); v++) {
      const float *q = hilum_mesh_get_positions(parts[k]) + 3 * (size_t)v;
      p[3 * (v0 + v)] = q[0] + (float)shift[k].x;
      p[3 * (v0 + v) + 1] = q[1] + (float)shift[k].y;
      p[3 * (v0 + v) + 2] = q[2] + (float)shift[k].z;
    }
    for (uint32_t c = 0; c < 3 * hilum_mesh_get_triangle_count(parts[k]); c++)
      i[3 * t0 + c] = hilum_mesh_get_indices(parts[k])[c] + v0;
    v0 += hilum_mesh_get_vertex_count(parts[k]);
    t0 += hilum_mesh_get_triangle_count(parts[k]);
  }
  HilumMesh *mesh = hilum_mesh_new_take(hilum_vec3(100, -50, 900), nv, p, NULL, nt - leave_out, i, &error);
  g_assert_no_error(error);
  return mesh;
}

/* By means of the tests' own. */
static WallReport walls_of(const HilumMesh *mesh, double limit, uint32_t samples)
{
  const uint32_t nt = hilum_mesh_get_triangle_count(mesh);
  const float *p = hilum_mesh_get_positions(mesh);
  const uint32_t *i = hilum_mesh_get_indices(mesh);
  Walls w = {g_malloc_n(nt, sizeof *w.v), nt};
  for (size_t c = 0; c < 9 * (size_t)nt; c++)
    w.v[c / 9][c / 3 % 3][c % 3] = (double)p[3 * i[c / 3] + c % 3];
  const WallReport r = walls_measure(&w, limit, 0.04, 0.03, 1 + nt / samples);
  g_test_message("asked for %g: ball %.4f, ray %.4f, %zu of %zu below", limit, r.ball, r.ray, r.below,
                 r.samples);
  g_free(w.v);
  return r;
}

static WallReport walls(const HilumMesh *mesh, double limit)
{
  return walls_of(mesh, limit, 4000);
}

/* The measure itself: a ball is as thick as its diameter, a vessel is what it is. */
static void test_walls(void)
{
  g_autoptr(HilumMesh) sphere = ball(2, 0.3);
  const WallReport r = walls(sphere, 6);
  g_assert_cmpfloat_with_epsilon(r.ball, 4, 0.12);
  HilumGrid grid = hilum_grid_new(62, 36, 36, 0.45, 0.45, 0.45);
  g_autoptr(HilumMesh) thin = extract(&grid, vessel, NULL);
  const WallReport v = walls(thin, 2.4);
  g_assert_cmpfloat(v.ball, >, 0.5);
  g_assert_cmpfloat(v.ball, <, 1.25);
  g_assert_cmpfloat(v.ray, <, 1.25);
  g_assert_cmpuint(v.below, >, v.samples / 30);
}

static void test_holes(void)
{
  g_autoptr(HilumMesh) sphere = ball(6, 0.7);
  const HilumVec3 none = {0, 0, 0};
  for (uint32_t holes = 1; holes <= 41; holes += 20) {
    g_autoptr(HilumMesh) open = join(&sphere, &none, 1, holes);
    g_autoptr(GArray) record = NULL;
    g_assert_false(fixture_report(open).closed);
    g_autoptr(HilumMesh) closed = prepare(open, (HilumPrepareOptions){.fill_holes = true}, &record);
    const HilumMeshReport r = fixture_report(closed);
    g_assert_true(r.closed && r.oriented && r.outward);
    g_assert_cmpfloat_with_epsilon(r.volume_mm3 / fixture_report(sphere).volume_mm3, 1, 0.01);
    g_assert_cmpuint(record->len, ==, 1);
    const HilumModification *m = &g_array_index(record, HilumModification, 0);
    g_assert_cmpstr(m->op, ==, "fill-holes");
    g_assert_cmpuint(m->count, >=, 1);
    g_assert_cmpfloat_with_epsilon(m->volume_change_mm3, r.volume_mm3 - fixture_report(open).volume_mm3,
                                   1e-6);
  }
}

static void test_shells(void)
{
  g_autoptr(HilumMesh) big = ball(6, 0.7);
  g_autoptr(HilumMesh) small = ball(1.5, 0.5);
  HilumMesh *parts[3] = {big, small, small};
  const HilumVec3 shift[3] = {{0, 0, 0}, {20, 0, 0}, {0, 20, 0}};
  g_autoptr(HilumMesh) all = join(parts, shift, 3, 0);
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) one = prepare(all, (HilumPrepareOptions){.remove_below_mm3 = 20}, &record);
  g_assert_cmpuint(fixture_report(one).shells, ==, 1);
  g_assert_cmpuint(g_array_index(record, HilumModification, 0).count, ==, 2);
  fixture_assert_clean(one);
  g_autoptr(GArray) nothing = NULL;
  g_autoptr(HilumMesh) same =
      prepare(one, (HilumPrepareOptions){.remove_below_mm3 = 20, .fill_holes = true}, &nothing);
  g_assert_cmpuint(nothing->len, ==, 0); /* nothing was to be done, and nothing is claimed */
  g_assert_true(same == one);
}

/* Two balls that overlap become one piece with the union's volume. */
static void test_resolve(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) sphere = ball(5, 0.6);
  HilumMesh *parts[2] = {sphere, sphere};
  const HilumVec3 shift[2] = {{0, 0, 0}, {5, 0, 0}};
  g_autoptr(HilumMesh) both = join(parts, shift, 2, 0);
  uint64_t pairs;
  g_assert_true(hilum_mesh_self_intersections(both, &pairs, NULL, NULL, &error));
  g_assert_cmpuint(pairs, >, 50);
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) one =
      prepare(both, (HilumPrepareOptions){.resolve = true, .resolution_mm = 0.3}, &record);
  fixture_assert_clean(one);
  g_assert_true(hilum_mesh_self_intersections(one, &pairs, NULL, NULL, &error));
  g_assert_cmpuint(pairs, ==, 0);
  g_assert_cmpuint(fixture_report(one).shells, ==, 1);
  const double r = 5, d = 5, lens = G_PI * (4 * r + d) * (2 * r - d) * (2 * r - d) / 12;
  g_assert_cmpfloat_with_epsilon(fixture_report(one).volume_mm3 / (2 * 4.0 / 3 * G_PI * r * r * r - lens), 1,
                                 0.01);
  g_assert_cmpfloat(g_array_index(record, HilumModification, 0).deviation_mm, <, 0.3);
}

/* A body with a thin plate on it, which tapers to nothing. */
static double fin(HilumVec3 p, const void *data)
{
  const double body = 5 - hilum_vec3_length(hilum_vec3_sub(p, hilum_vec3(8, 8, 8)));
  const double plate = fmin(0.5 - 0.03 * (p.x - 8) - fabs(p.y - 8.2), fmin(4 - fabs(p.z - 8), p.x - 8));
  return 100 * fmax(body, plate);
}

/* Everything of the thin solid is in the thick one, which is nowhere thinner than asked. */
static void check_thick(HilumMesh *thin, double diameter, double resolution, double tolerance)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) thick =
      prepare(thin, (HilumPrepareOptions){.min_diameter_mm = diameter, .resolution_mm = resolution}, &record);
  fixture_assert_clean(thick);
  const WallReport r = walls(thick, diameter);
  g_assert_cmpfloat(r.ball, >=, diameter - tolerance);
  g_assert_cmpfloat(r.ray, >=, diameter - tolerance);
  const HilumModification *m = &g_array_index(record, HilumModification, 0);
  g_assert_cmpstr(m->op, ==, "thicken");
  g_assert_cmpuint(m->count, >, 100);
  g_assert_cmpfloat(m->deviation_mm, >, 0.3 * diameter / 2);
  g_assert_cmpfloat(m->deviation_mm, <, diameter);
  g_assert_cmpfloat(m->volume_change_mm3, >, 10);
  g_assert_cmpuint(m->below, ==, 0);
  g_assert_cmpfloat(m->least_mm, >=, diameter - 2 * m->tolerance_mm);
  g_assert_cmpfloat_with_epsilon(m->tolerance_mm, resolution / 8, 1e-9);
}

static void test_thicken(void)
{
  HilumGrid grid = hilum_grid_new(62, 36, 36, 0.45, 0.45, 0.45);
  g_autoptr(HilumMesh) tube = extract(&grid, vessel, NULL);
  check_thick(tube, 2.4, 0.25, 0.05);
  check_thick(tube, 2.4, 0.4, 0.05);
  g_autoptr(HilumMesh) plate = extract(&grid, fin, NULL);
  check_thick(plate, 2, 0.3, 0.05);
}

/* A ball (data: its radius) with holes, pits and specks of a voxel all through it, as noise leaves them in a
 * label. */
static double sponge(HilumVec3 p, const void *data)
{
  const double *radius = data;
  const double d = *radius - hilum_vec3_length(hilum_vec3_sub(p, hilum_vec3(9, 9, 9)));
  const int32_t at[3] = {(int32_t)lrint(p.x / 0.6), (int32_t)lrint(p.y / 0.6), (int32_t)lrint(p.z / 0.6)};
  uint32_t hash = (uint32_t)at[0] * 73856093u ^ (uint32_t)at[1] * 19349663u ^ (uint32_t)at[2] * 83492791u;
  hash = (hash ^ hash >> 15) * 2246822519u;
  hash ^= hash >> 13;
  const double noise = (hash & 0xffff) / 65536.0; /* only near the surface is there enough to matter */
  return d + 2.2 * (noise - 0.5) > 0 && noise > 0.12 ? 100 : -100;
}

/* Everywhere thick by the tests' own measure, and the record says how thick. */
static void test_rough(void)
{
  HilumGrid grid = hilum_grid_new(31, 31, 31, 0.6, 0.6, 0.6);
  const double radius = 5;
  g_autoptr(HilumMesh) rough = extract(&grid, sponge, &radius);
  const WallReport before = walls_of(rough, 2, 100);
  g_assert_cmpuint(before.below, >, before.samples / 4);
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) thick = prepare(rough, (HilumPrepareOptions){.min_diameter_mm = 2}, &record);
  fixture_assert_clean(thick);
  const HilumModification *m = &g_array_index(record, HilumModification, 0);
  g_assert_cmpuint(m->below, ==, 0);
  g_assert_cmpfloat(m->least_mm, >, 1.9);
  const WallReport after = walls_of(thick, 2, 12000);
  g_assert_cmpuint(after.below, ==, 0);
  g_assert_cmpuint(after.short_rays, ==, 0);
}

/* Hollowing leaves what is thin: that is found and said. What nobody asked about is not. */
static void test_said(void)
{
  HilumGrid grid = hilum_grid_new(62, 36, 36, 0.45, 0.45, 0.45);
  g_autoptr(HilumMesh) thin = extract(&grid, vessel, NULL);
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) shell = prepare(
      thin, (HilumPrepareOptions){.hollow_mm = 2, .resolution_mm = 0.4, .decimate_error_mm = 0.05}, &record);
  g_assert_cmpuint(record->len, ==, 2);
  const HilumModification *m = &g_array_index(record, HilumModification, 0);
  g_assert_cmpstr(m->op, ==, "hollow");
  g_assert_cmpuint(m->below, >, 50);
  const WallReport r = walls_of(shell, 2, 1000);
  g_assert_cmpuint(r.below, >, 10);
  g_assert_cmpfloat(m->least_mm, <,
                    MIN(r.ball, r.ray) + 2 * m->tolerance_mm); /* corners are looked at, too */
  g_assert_cmpfloat(m->least_mm, >, 0.1);
  g_assert_true(isnan(g_array_index(record, HilumModification, 1).least_mm));
}

/* With a least diameter, what hollowing leaves thin is mended, and both records say so. */
static void test_hollow_and_thick(void)
{
  HilumGrid grid = hilum_grid_new(62, 36, 36, 0.45, 0.45, 0.45);
  g_autoptr(HilumMesh) thin = extract(&grid, vessel, NULL);
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) shell = prepare(
      thin, (HilumPrepareOptions){.min_diameter_mm = 2, .hollow_mm = 1.5, .resolution_mm = 0.3}, &record);
  static const char *const ops[] = {"thicken", "hollow", "thicken"};
  g_assert_cmpuint(record->len, ==, G_N_ELEMENTS(ops));
  for (guint i = 0; i < record->len; i++) {
    const HilumModification *m = &g_array_index(record, HilumModification, i);
    g_assert_cmpstr(m->op, ==, ops[i]);
    g_assert_cmpuint(m->below, ==, 0);
    g_assert_cmpfloat(m->least_mm, >, m->value - 2 * m->tolerance_mm);
  }
  g_assert_cmpfloat(g_array_index(record, HilumModification, 2).value, ==, 1.5);
  fixture_assert_clean(shell);
  g_assert_cmpuint(g_array_index(record, HilumModification, 2).shells_after, >=, 2);
  const WallReport r = walls_of(shell, 1.5, 4000);
  g_assert_cmpuint(r.below, ==, 0);
  g_assert_cmpuint(r.short_rays, ==, 0);
}

/* A surface too large for the spacing that would be chosen gets the finest that fits; one that is asked for
 * is kept or refused. */
static void test_large(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) small = ball(1.5, 0.5);
  HilumMesh *parts[2] = {small, small};
  GArray *none = NULL;
  const HilumVec3 apart[2] = {{0, 0, 0}, {30, 30, 30}}, far[2] = {{0, 0, 0}, {80, 80, 80}};
  g_autoptr(HilumMesh) wide = join(parts, apart, 2, 0);
  g_autoptr(HilumMesh) wider = join(parts, far, 2, 0);
  g_autoptr(GArray) record = NULL;
  const HilumPrepareOptions chosen = {.min_diameter_mm = 1.2},
                            asked = {.min_diameter_mm = 1.2, .resolution_mm = 0.2};
  hilum_memory_set_budget(64 << 20); /* for a grid of four million points */
  g_autoptr(HilumMesh) thick = prepare(wide, chosen, &record);
  const HilumModification *m = &g_array_index(record, HilumModification, 0);
  g_assert_cmpfloat(m->resolution_mm, >, 0.22);
  g_assert_cmpfloat(m->resolution_mm, <, 0.3);
  g_assert_cmpuint(m->below, ==, 0);
  g_assert_null(hilum_mesh_prepare(wider, &chosen, &none, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT);
  g_clear_error(&error);
  g_assert_null(hilum_mesh_prepare(wide, &asked, &none, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT);
  hilum_memory_set_budget(0);
}

/* Where all is thick, little is done: no vertex moves by more than the grid's rounding. */
static void test_thick_stays(void)
{
  g_autoptr(HilumMesh) sphere = ball(6, 0.5);
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) same =
      prepare(sphere, (HilumPrepareOptions){.min_diameter_mm = 2, .resolution_mm = 0.3}, &record);
  fixture_assert_clean(same);
  g_assert_cmpfloat(g_array_index(record, HilumModification, 0).deviation_mm, <, 0.05);
  g_assert_cmpfloat_with_epsilon(fixture_report(same).volume_mm3 / fixture_report(sphere).volume_mm3, 1,
                                 0.005);
}

static void test_hollow(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) sphere = ball(8, 0.6);
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) shell =
      prepare(sphere, (HilumPrepareOptions){.hollow_mm = 2, .resolution_mm = 0.4}, &record);
  fixture_assert_clean(shell);
  g_assert_cmpuint(fixture_report(shell).shells, ==, 2);
  const WallReport wall = walls(shell, 2);
  g_assert_cmpfloat(wall.ball, >=, 1.95);
  g_assert_cmpfloat(wall.ray, >=, 1.95);
  g_assert_cmpfloat(walls_of(shell, 3, 50).ray, <, 2.25);
  g_assert_cmpfloat_with_epsilon(fixture_report(shell).volume_mm3 / (4.0 / 3 * G_PI * (512 - 216)), 1, 0.06);
  HilumThickness t;
  g_assert_true(hilum_mesh_thickness(shell, &t, NULL, NULL, NULL, NULL, &error));
  g_assert_cmpfloat_with_epsilon(t.min_ray_mm, 2, 0.25);
}

static void check_threads(HilumMesh *mesh, HilumPrepareOptions options, guint steps)
{
  HilumMesh *result[2];
  for (unsigned k = 0; k < 2; k++) {
    g_autoptr(GArray) record = NULL;
    hilum_parallel_set_threads(k ? 4 : 1);
    result[k] = prepare(mesh, options, &record);
    g_assert_cmpuint(record->len, ==, steps);
  }
  hilum_parallel_set_threads(0);
  fixture_assert_same_bits(result[0], result[1]);
  hilum_mesh_unref(result[0]);
  hilum_mesh_unref(result[1]);
}

static void test_threads(void)
{
  HilumGrid grid = hilum_grid_new(62, 36, 36, 0.45, 0.45, 0.45),
            small = hilum_grid_new(31, 31, 31, 0.6, 0.6, 0.6);
  const double radius = 3;
  g_autoptr(HilumMesh) thin = extract(&grid, vessel, NULL);
  g_autoptr(HilumMesh) rough = extract(&small, sponge, &radius);
  check_threads(thin,
                (HilumPrepareOptions){
                    .min_diameter_mm = 2, .hollow_mm = 1, .resolution_mm = 0.4, .decimate_error_mm = 0.1},
                4);
  check_threads(rough, (HilumPrepareOptions){.min_diameter_mm = 2}, 1);
}

static void test_refusals(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) sphere = ball(8, 0.6);
  GArray *record = NULL;
  const HilumPrepareOptions negative = {.hollow_mm = -1}, fine = {.resolve = true, .resolution_mm = 0.001},
                            all = {.remove_below_mm3 = 1e9};
  g_assert_null(hilum_mesh_prepare(sphere, &negative, &record, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
  g_clear_error(&error);
  g_assert_null(hilum_mesh_prepare(sphere, &fine, &record, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT);
  g_clear_error(&error);
  g_assert_null(hilum_mesh_prepare(sphere, &all, &record, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
}

static GArray *objections_to(const HilumMesh *mesh, const HilumPrepareOptions *options)
{
  g_autoptr(GError) error = NULL;
  const HilumMeshReport report = fixture_report(mesh);
  HilumMeshBeyond beyond;
  g_assert_true(hilum_mesh_look_beyond(mesh, &report, &beyond, NULL, &error));
  return hilum_mesh_dup_objections(hilum_mesh_get_bounds_mm(mesh), &report, &beyond, options);
}

/* What is said beforehand is what happens: refused or not, and a cavity or not, on either side of every
 * limit.
 */
static void test_foreseen(void)
{
  g_autoptr(HilumMesh) sphere = ball(4, 0.5); /* encloses 0.268 ml */
  for (int i = 0; i < 14; i++) {
    HilumPrepareOptions o = {.resolution_mm = 0.5};
    if (i < 2)
      o.remove_below_mm3 = i ? 290 : 240;
    else if (i < 4)
      o = (HilumPrepareOptions){.resolve = true, .resolution_mm = i == 3 ? 0.012 : 0.5};
    else if (i < 6)
      o = (HilumPrepareOptions){.min_diameter_mm = 2, .resolution_mm = i == 5 ? 0.012 : 0.5};
    else if (i < 13)
      o.hollow_mm = 1 + 0.75 * (i - 6); /* up to 5.5 */
    else
      o = (HilumPrepareOptions){.hollow_mm = 5, .min_diameter_mm = 12, .resolution_mm = 0.5};
    g_autoptr(GArray) objections = objections_to(sphere, &o), record = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumMesh) result = hilum_mesh_prepare(sphere, &o, &record, NULL, &error);
    const HilumObjection *objection = objections->len ? &g_array_index(objections, HilumObjection, 0) : NULL;
    g_test_message("%d: %s / %s", i, objection ? objection->sentence : "-", error ? error->message : "done");
    g_assert_cmpint(result == NULL, ==, objection && objection->refused);
    if (!result || !record->len) continue;
    const HilumModification *last = &g_array_index(record, HilumModification, record->len - 1);
    if (o.hollow_mm > 0) g_assert_cmpint(last->shells_after == 1, ==, objection != NULL);
    if (o.resolve) g_assert_cmpstr(objection->op, ==, "resolve"); /* a ball has nothing to be resolved */
  }
}

/* A record in words has what a user asks for, and no number that is not there. */
static void test_words(void)
{
  const HilumModification thick = {.op = "thicken",
                                   .value = 2,
                                   .count = 812,
                                   .volume_before_mm3 = 10000,
                                   .volume_change_mm3 = 310,
                                   .shells_before = 1,
                                   .shells_after = 1,
                                   .deviation_mm = 0.62};
  g_autofree char *text = hilum_modification_dup_text(&thick);
  g_assert_cmpstr(
      text, ==,
      "thickened to 2 mm with 812 balls, volume +0.310 ml (+3.1 %), no point farther than 0.620 mm "
      "from before");
  HilumModification hollow = {
      .op = "hollow", .value = 5, .shells_before = 1, .shells_after = 1, .deviation_mm = NAN};
  g_autofree char *solid = hilum_modification_dup_text(&hollow);
  g_assert_cmpstr(solid, ==, "not deep enough for walls of 5 mm, volume +0.000 ml");
  hollow.shells_after = 2;
  g_autofree char *hollowed = hilum_modification_dup_text(&hollow);
  g_assert_cmpstr(hollowed, ==, "hollowed, with walls of 5 mm, volume +0.000 ml, 2 pieces after 1");
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/repair/holes", test_holes);
  g_test_add_func("/mesh/repair/shells", test_shells);
  g_test_add_func("/mesh/repair/resolve", test_resolve);
  g_test_add_func("/mesh/repair/walls", test_walls);
  g_test_add_func("/mesh/repair/thicken", test_thicken);
  g_test_add_func("/mesh/repair/rough", test_rough);
  g_test_add_func("/mesh/repair/said", test_said);
  g_test_add_func("/mesh/repair/hollow-and-thick", test_hollow_and_thick);
  g_test_add_func("/mesh/repair/large", test_large);
  g_test_add_func("/mesh/repair/thick-stays", test_thick_stays);
  g_test_add_func("/mesh/repair/hollow", test_hollow);
  g_test_add_func("/mesh/repair/threads", test_threads);
  g_test_add_func("/mesh/repair/refusals", test_refusals);
  g_test_add_func("/mesh/repair/foreseen", test_foreseen);
  g_test_add_func("/mesh/repair/words", test_words);
  return g_test_run();
}
