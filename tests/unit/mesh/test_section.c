/* Sections against shapes whose sections are known, on ties, and on noise: what closes must close. */
#include "mesh_fixture.h"

#include "hilum/mesh/error.h"
#include "hilum/mesh/extract.h"
#include "hilum/mesh/measure.h"
#include "hilum/mesh/section.h"

static HilumMesh *shape_mesh(const FixtureShape *shape, double reach, double spacing)
{
  g_autoptr(GError) error = NULL;
  const int32_t n = (int32_t)ceil(2 * reach / spacing) + 5;
  HilumGrid grid = hilum_grid_new(n, n, n, spacing, spacing, spacing);
  grid.origin_mm = hilum_vec3_madd(shape->center, -0.5 * (n - 1) * spacing, hilum_vec3(1, 1, 1));
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, shape);
  HilumMesh *mesh = hilum_mesh_extract_iso(volume, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

static double solid_angle(const HilumVec3 p[3])
{
  const double across = hilum_vec3_dot(p[0], hilum_vec3_cross(p[1], p[2]));
  return 2 * atan2(across,
                   1 + hilum_vec3_dot(p[0], p[1]) + hilum_vec3_dot(p[1], p[2]) + hilum_vec3_dot(p[2], p[0]));
}

/* The filling of a sphere: on it, facing outside, each part once, as large as the section says. */
static void check_ball_fill(const HilumSection *section, const HilumCutter *cutter)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) fill = hilum_section_fill(section, cutter, &error);
  double area = 0;
  if (!fill) {
    g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
    g_assert_cmpfloat(section->area_mm2, ==, 0);
    return;
  }
  for (size_t t = 0; t < hilum_mesh_get_triangle_count(fill); t++) {
    HilumVec3 p[3];
    for (size_t c = 0; c < 3; c++) {
      p[c] =
          hilum_vec3_sub(hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(fill), hilum_mesh_get_positions(fill),
                                              hilum_mesh_get_indices(fill)[3 * t + c]),
                         cutter->point_mm);
      g_assert_cmpfloat_with_epsilon(hilum_vec3_length(p[c]), cutter->radius_mm, 1e-4 * cutter->radius_mm);
      p[c] = hilum_vec3_normalize(p[c]);
    }
    const double part = solid_angle(p) * cutter->radius_mm * cutter->radius_mm;
    g_assert_cmpfloat(part, >, -0.02); /* in a belt flatter than its chords are bent, they fold a little */
    area += part;
  }
  g_assert_cmpfloat_with_epsilon(area, section->area_mm2, 1e-3 + 2e-3 * section->area_mm2);
}

static HilumSection *section_of(const HilumMesh *mesh, const HilumCutter *cutter)
{
  g_autoptr(GError) error = NULL;
  HilumSection *section = hilum_mesh_section(mesh, cutter, NULL, &error);
  g_assert_no_error(error);
  if (cutter->kind == HILUM_CUTTER_SPHERE) check_ball_fill(section, cutter);
  /* filled, it covers what the contours enclose, and faces above */
  g_autoptr(HilumMesh) fill =
      cutter->kind == HILUM_CUTTER_PLANE ? hilum_section_fill(section, cutter, &error) : NULL;
  double area = 0;
  for (size_t t = 0; fill && t < hilum_mesh_get_triangle_count(fill); t++) {
    HilumVec3 p[3];
    for (size_t c = 0; c < 3; c++)
      p[c] = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(fill), hilum_mesh_get_positions(fill),
                                  hilum_mesh_get_indices(fill)[3 * t + c]);
    HilumVec3 twice = hilum_vec3_cross(hilum_vec3_sub(p[1], p[0]), hilum_vec3_sub(p[2], p[0]));
    double part = 0.5 * hilum_vec3_dot(twice, hilum_vec3_normalize(cutter->normal));
    g_assert_cmpfloat(part, >, -1e-4);
    area += part;
  }
  if (cutter->kind == HILUM_CUTTER_PLANE) {
    if (section->area_mm2 == 0) g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
    g_assert_cmpfloat_with_epsilon(area, section->area_mm2, 1e-3 + 1e-5 * area);
    g_clear_error(&error);
  }
  for (size_t c = 0; c < section->n_contours; c++)
    for (size_t i = 0; i < section->contours[c].n; i++) { /* every corner lies on the cutter */
      HilumVec3 d = hilum_vec3_sub(section->points_mm[section->contours[c].first + i], cutter->point_mm);
      double off = cutter->kind == HILUM_CUTTER_SPHERE
                       ? hilum_vec3_length(d) - cutter->radius_mm
                       : hilum_vec3_dot(d, hilum_vec3_normalize(cutter->normal));
      g_assert_cmpfloat(fabs(off), <, 1e-9);
    }
  return section;
}

/* Planes through a ball: circles, and nothing beyond. */
static void test_ball(void)
{
  const FixtureShape shape = {hilum_vec3(30, -20, 10), 12, 0};
  g_autoptr(HilumMesh) mesh = shape_mesh(&shape, 12, 0.5);
  const HilumVec3 normal = hilum_vec3_normalize(hilum_vec3(1, 2, -2));
  for (double h = -13; h <= 13; h += 1.3) {
    HilumCutter cutter = {.point_mm = hilum_vec3_madd(shape.center, h, normal),
                          .normal = hilum_vec3_scale(normal, 7)};
    g_autoptr(HilumSection) s = section_of(mesh, &cutter);
    double r2 = 12 * 12 - h * h;
    if (r2 <= 0) {
      g_assert_cmpuint(s->n_contours, ==, 0);
      continue;
    }
    g_assert_cmpuint(s->n_contours, ==, 1);
    g_assert_true(s->contours[0].closed);
    g_assert_cmpfloat_with_epsilon(s->area_mm2, G_PI * r2, 0.01 * G_PI * r2 + 0.6);
    g_assert_cmpfloat_with_epsilon(s->length_mm, 2 * G_PI * sqrt(r2), 0.02 * 2 * G_PI * sqrt(r2) + 0.1);
  }
}

/* A torus cut along its middle: a ring, that is an outer contour and a hole; across: two discs. */
static void test_torus(void)
{
  const FixtureShape shape = {hilum_vec3(0, 0, 0), 12, 4};
  g_autoptr(HilumMesh) mesh = shape_mesh(&shape, 17, 0.5);
  const HilumVec3 axis = {0, 0, 1}, across = {1, 0, 0};
  HilumCutter cutter = {.normal = axis};
  g_autoptr(HilumSection) ring = section_of(mesh, &cutter);
  g_assert_cmpuint(ring->n_contours, ==, 2);
  double a = ring->contours[0].area_mm2, b = ring->contours[1].area_mm2;
  g_assert_cmpfloat_with_epsilon(MAX(a, b), G_PI * 16 * 16, 6);
  g_assert_cmpfloat_with_epsilon(MIN(a, b), -G_PI * 8 * 8, 4);
  g_assert_cmpfloat_with_epsilon(ring->area_mm2, G_PI * (16 * 16 - 8 * 8), 10);
  cutter.normal = across;
  g_autoptr(HilumSection) discs = section_of(mesh, &cutter);
  g_assert_cmpuint(discs->n_contours, ==, 2);
  g_assert_cmpfloat_with_epsilon(discs->contours[0].area_mm2, G_PI * 16, 0.6);
  g_assert_cmpfloat_with_epsilon(discs->contours[1].area_mm2, G_PI * 16, 0.6);
  cutter.normal = hilum_vec3_scale(across, -1); /* seen from the other side it is the same material */
  g_autoptr(HilumSection) back = section_of(mesh, &cutter);
  g_assert_cmpfloat_with_epsilon(back->area_mm2, discs->area_mm2, 1e-9);
}

/* A ball cut out of a ball: the contour is a circle on both. */
static void test_sphere(void)
{
  const FixtureShape shape = {hilum_vec3(0, 0, 0), 12, 0};
  g_autoptr(HilumMesh) mesh = shape_mesh(&shape, 12, 0.5);
  HilumCutter cutter = {.kind = HILUM_CUTTER_SPHERE, .point_mm = {10, 0, 0}, .radius_mm = 8};
  g_autoptr(HilumSection) s = section_of(mesh, &cutter);
  double x = (100 + 144 - 64) / 20.0, r = sqrt(144 - x * x);
  g_assert_cmpuint(s->n_contours, ==, 1);
  g_assert_true(s->contours[0].closed);
  g_assert_cmpfloat_with_epsilon(s->length_mm, 2 * G_PI * r, 0.3);
  /* of the cutter, what lies in the ball: up to the plane of the circle */
  g_assert_cmpfloat_with_epsilon(s->area_mm2, 2 * G_PI * 8 * (8 - (10 - x)), 4);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) in = hilum_mesh_cut(mesh, &cutter, true, NULL, &error),
                       out = hilum_mesh_cut(mesh, &cutter, false, NULL, &error);
  HilumMeshReport whole, inside, outside;
  g_assert_true(hilum_mesh_measure(mesh, &whole, NULL, &error) &&
                hilum_mesh_measure(in, &inside, NULL, &error) &&
                hilum_mesh_measure(out, &outside, NULL, &error));
  g_assert_cmpfloat_with_epsilon(inside.area_mm2, 2 * G_PI * 12 * (12 - x), 4); /* a cap */
  g_assert_cmpfloat_with_epsilon(inside.area_mm2 + outside.area_mm2, whole.area_mm2, 1e-3);
  g_assert_false(inside.closed);
  g_assert_cmpuint(inside.boundary_edges, ==, outside.boundary_edges);
  cutter.radius_mm = 1;
  cutter.point_mm = hilum_vec3(0, 0, 0);
  g_assert_null(hilum_mesh_cut(mesh, &cutter, true, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
}

/* Spheres that lie in the material as a whole, or but for holes; beside it; and along a torus, of which they
 * hold a belt. */
static void test_sphere_parts(void)
{
  const FixtureShape ball = {hilum_vec3(3, -2, 1), 12, 0}, torus = {hilum_vec3(0, 0, 0), 12, 4};
  g_autoptr(HilumMesh) mesh = shape_mesh(&ball, 12, 0.5), ring = shape_mesh(&torus, 17, 0.5);
  HilumCutter cutter = {.kind = HILUM_CUTTER_SPHERE, .point_mm = {4, -2, 1}, .radius_mm = 7};
  g_autoptr(HilumSection) inside = section_of(mesh, &cutter);
  g_assert_true(inside->all_inside);
  g_assert_cmpfloat_with_epsilon(inside->area_mm2, 4 * G_PI * 49, 1e-9);
  cutter.point_mm.x = 30; /* beside */
  g_autoptr(HilumSection) beside = section_of(mesh, &cutter);
  g_assert_false(beside->all_inside);
  g_assert_cmpfloat(beside->area_mm2, ==, 0);
  cutter = (HilumCutter){.kind = HILUM_CUTTER_SPHERE, .point_mm = {3, -2, 4}, .radius_mm = 11};
  g_autoptr(HilumSection) hole = section_of(mesh, &cutter); /* more than half of it lies inside */
  const double h = (9.0 + 121 - 144) / (2 * 3.0 * 11);      /* cosine, about the line of the middles */
  g_assert_cmpuint(hole->n_contours, ==, 1);
  g_assert_cmpfloat_with_epsilon(hole->area_mm2, 2 * G_PI * 121 * (1 - h), 8);
  cutter = (HilumCutter){.kind = HILUM_CUTTER_SPHERE, .radius_mm = 12};
  g_autoptr(HilumSection) belt = section_of(ring, &cutter); /* the tube's middle lies on the sphere */
  g_assert_cmpuint(belt->n_contours, ==, 2);
  g_assert_cmpfloat_with_epsilon(belt->area_mm2, 4 * G_PI * 12 * 12 * sin(2 * asin(4.0 / 24)), 12);
}

/* Planes right through vertices and along edges and faces of a box of voxels: still one closed contour, or
 * none. */
static void test_ties(void)
{
  g_autoptr(GError) error = NULL;
  HilumGrid grid = hilum_grid_new(12, 12, 12, 1, 1, 1);
  g_autofree uint8_t *voxels = g_malloc0(12 * 12 * 12);
  for (int32_t k = 3; k < 9; k++)
    for (int32_t j = 3; j < 9; j++)
      for (int32_t i = 3; i < 9; i++)
        voxels[hilum_grid_offset(&grid, (HilumVoxel){i, j, k})] = 1;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_label(labels, 1, NULL, NULL, &error);
  g_assert_no_error(error);
  for (int half = 4; half <= 18; half++) { /* vertices lie at halves, the faces at 2.5 and 8.5 */
    HilumCutter cutter = {.point_mm = {0, 0, half * 0.5}, .normal = {0, 0, 1}};
    g_autoptr(HilumSection) s = section_of(mesh, &cutter);
    bool meets = half > 5 && half <= 17;
    g_assert_cmpuint(s->n_contours, ==, meets);
    if (!meets) continue;
    g_assert_true(s->contours[0].closed);
    bool middle = half >= 6 && half <= 16;
    g_assert_cmpfloat_with_epsilon(s->area_mm2, middle ? 36 - 0.5 : 25, middle ? 1e-6 : 6);
  }
}

/* Noise: every contour closes, and the sections from below to above add up to the volume. */
static void test_noise(void)
{
  g_autoptr(GError) error = NULL;
  HilumGrid grid = hilum_grid_new(20, 18, 16, 0.7, 0.8, 1.1);
  fixture_tilt(&grid, true);
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  for (size_t v = 0; v < hilum_grid_count(&grid); v++)
    voxels[v] = hilum_random_u64(3, v) % 3 == 0;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_label(labels, 1, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumMeshReport report;
  g_assert_true(hilum_mesh_measure(mesh, &report, NULL, &error));
  HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  const double step = 0.02;
  double volume = 0;
  for (double z = box.min.z + step / 2; z < box.max.z; z += step) {
    HilumCutter cutter = {.point_mm = {0, 0, z}, .normal = {0, 0, 1}};
    g_autoptr(HilumSection) s = section_of(mesh, &cutter);
    for (size_t c = 0; c < s->n_contours; c++)
      g_assert_true(s->contours[c].closed);
    volume += step * s->area_mm2;
  }
  g_assert_cmpfloat_with_epsilon(volume, report.volume_mm3, 0.002 * report.volume_mm3);
  /* and spheres about a corner, up to all of it */
  const double shell = 0.1, reach = hilum_box_diagonal(box);
  volume = 0;
  for (double r = shell / 2; r < reach; r += shell) {
    HilumCutter cutter = {.kind = HILUM_CUTTER_SPHERE, .point_mm = box.min, .radius_mm = r};
    g_autoptr(HilumSection) s = section_of(mesh, &cutter);
    volume += shell * s->area_mm2;
  }
  g_assert_cmpfloat_with_epsilon(volume, report.volume_mm3, 0.005 * report.volume_mm3);
}

static void test_bad(void)
{
  const FixtureShape shape = {hilum_vec3(0, 0, 0), 4, 0};
  g_autoptr(HilumMesh) mesh = shape_mesh(&shape, 4, 1);
  const HilumCutter bad[] = {{.kind = HILUM_CUTTER_PLANE},
                             {.kind = HILUM_CUTTER_SPHERE},
                             {.kind = HILUM_CUTTER_SPHERE, .radius_mm = INFINITY},
                             {.point_mm = {NAN, 0, 0}, .normal = {0, 0, 1}}};
  for (size_t n = 0; n < G_N_ELEMENTS(bad); n++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_mesh_section(mesh, &bad[n], NULL, &error));
    g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/section/ball", test_ball);
  g_test_add_func("/mesh/section/torus", test_torus);
  g_test_add_func("/mesh/section/sphere", test_sphere);
  g_test_add_func("/mesh/section/sphere-parts", test_sphere_parts);
  g_test_add_func("/mesh/section/ties", test_ties);
  g_test_add_func("/mesh/section/noise", test_noise);
  g_test_add_func("/mesh/section/bad", test_bad);
  return g_test_run();
}
