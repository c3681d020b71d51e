/* How far surfaces are from analytic shapes: balls, capsules at many tilts, a torus, two touching balls, a
 * wall two voxels thick, on isotropic and on thick voxels, from partial-volume grey values and from labels.
 * Checks the bounds that docs/accuracy.md states; with --tables and --volumes prints the tables that stand
 * there. */
#include "accuracy_shapes.h"

#include "hilum/mesh/surface.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  const char *name;
  Shape shape;
  int places; /* how often, each time elsewhere and at another tilt */
} Case;

static const Case cases[] = {
    {"ball, r 2", {.kind = SHAPE_SPHERE, .radius = 2}, 6},
    {"ball, r 3", {.kind = SHAPE_SPHERE, .radius = 3}, 6},
    {"ball, r 5", {.kind = SHAPE_SPHERE, .radius = 5}, 6},
    {"ball, r 9", {.kind = SHAPE_SPHERE, .radius = 9}, 4},
    {"ball, r 20", {.kind = SHAPE_SPHERE, .radius = 20}, 2},
    {"ball, r 40", {.kind = SHAPE_SPHERE, .radius = 40}, 1},
    {"capsule, r 0.8", {.kind = SHAPE_CAPSULE, .radius = 0.8, .size = 10}, 40},
    {"capsule, r 1.5", {.kind = SHAPE_CAPSULE, .radius = 1.5, .size = 10}, 40},
    {"capsule, r 3", {.kind = SHAPE_CAPSULE, .radius = 3, .size = 10}, 40},
    {"capsule, r 5", {.kind = SHAPE_CAPSULE, .radius = 5, .size = 10}, 40},
    {"torus, r 4 on 15", {.kind = SHAPE_TORUS, .radius = 4, .size = 15}, 4},
    {"two balls, r 10, touching", {.kind = SHAPE_TWO_SPHERES, .radius = 10}, 4},
    {"wall, 1 mm", {.kind = SHAPE_PLATE, .radius = 0.5, .size = 12}, 6},
    {"wall, 2 mm", {.kind = SHAPE_PLATE, .radius = 1, .size = 12}, 6},
    {"wall, 6 mm", {.kind = SHAPE_PLATE, .radius = 3, .size = 12}, 6},
};

static const double spacings[][3] = {{0.5, 0.5, 0.5}, {0.8, 0.8, 1}, {0.7, 0.7, 3}};

/* Over all places: means of means, the worst of the rest; volumes also signed, and of the labels alone. */
typedef struct {
  ShapeError worst;
  double volume_mean, count_worst, count_mean, enclosed_worst;
  bool empty;
} Row;

static double worse(double a, double b)
{
  return fabs(b) > fabs(a) ? b : a;
}

static void add(Row *row, const ShapeError *e, double count, double enclosed, int places)
{
  row->worst.mean_mm += e->mean_mm / places;
  row->worst.mean += e->mean / places;
  row->worst.p95_mm = fmax(row->worst.p95_mm, e->p95_mm);
  row->worst.p95 = fmax(row->worst.p95, e->p95);
  row->worst.max_mm = fmax(row->worst.max_mm, e->max_mm);
  row->worst.max = fmax(row->worst.max, e->max);
  row->worst.volume = worse(row->worst.volume, e->volume);
  row->volume_mean += e->volume / places;
  row->count_worst = worse(row->count_worst, count);
  row->count_mean += count / places;
  row->enclosed_worst = worse(row->enclosed_worst, enclosed);
}

/* Grey: by the range from 500, from the image. Labels: of voxels whose centre is inside, and nothing else. */
static Row measure(const Case *c, const double spacing[3], bool grey)
{
  Row row = {0};
  for (int i = 0; i < c->places; i++) {
    Shape shape = c->shape;
    double z = 2 * hilum_random_uniform(5, 2 * (uint64_t)i) - 1,
           turn = 2 * G_PI * hilum_random_uniform(5, 2 * (uint64_t)i + 1);
    shape.axis = hilum_vec3(sqrt(1 - z * z) * cos(turn), sqrt(1 - z * z) * sin(turn), z);
    HilumGrid grid = shape_grid(&shape, spacing, 11 + (uint64_t)i);
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumVolume) image = shape_image(&shape, &grid);
    g_autoptr(HilumLabelSnapshot) labels = grey ? shape_labels(image) : shape_centre_labels(&shape, &grid);
    double mm3 = (double)hilum_label_snapshot_count(labels, 1) * hilum_grid_voxel_mm3(&grid);
    row.empty |= mm3 <= 0;
    if (row.empty) return row;
    HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {500, 1e6, image}};
    g_autoptr(HilumJoint) joint =
        grey ? hilum_surface_joint_new_grey(labels, NULL, range, HILUM_SURFACE_SMOOTHING, NULL, &error)
             : hilum_surface_joint_new(labels, NULL, HILUM_SURFACE_SMOOTHING, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(HilumMesh) mesh = hilum_joint_split(joint, 1, &error);
    ShapeError e = shape_error(&shape, &grid, mesh);
    add(&row, &e, mm3 / shape_volume(&shape) - 1, (1 + e.volume) * shape_volume(&shape) / mm3 - 1, c->places);
  }
  return row;
}

static void print_row(const Case *c, const Row *r, bool grey)
{
  if (r->empty) {
    printf("| %s | no voxel is half filled |\n", c->name);
    return;
  }
  printf("| %s | %d | %.3f | %.3f | %.3f | %.3f | %.3f | %+.2f | %+.2f |", c->name, c->places,
         r->worst.mean_mm, r->worst.p95_mm, r->worst.mean, r->worst.p95, r->worst.max, 100 * r->volume_mean,
         100 * r->worst.volume);
  if (!grey) printf(" %+.2f |", 100 * r->count_worst);
  printf("\n");
}

/* Volumes of label surfaces of one shape at many places within a voxel and tilts, apart: how far the labels'
 * own count is from the shape, which is digitisation, and how far the surface is from the count, which is
 * ours. */
typedef struct {
  double mean, deviation, worst, within; /* of the count; within: share of the places within 1 % */
  double own;                            /* worst of the surface against the count */
  double p95;                            /* worst distance, voxels */
} Volumes;

static Volumes measure_volumes(Shape shape, const double spacing[3], int places)
{
  Volumes v = {0};
  double sum2 = 0;
  for (int i = 0; i < places; i++) {
    const double z = 2 * hilum_random_uniform(6, 2 * (uint64_t)i) - 1,
                 turn = 2 * G_PI * hilum_random_uniform(6, 2 * (uint64_t)i + 1);
    shape.axis = hilum_vec3(sqrt(1 - z * z) * cos(turn), sqrt(1 - z * z) * sin(turn), z);
    HilumGrid grid = shape_grid(&shape, spacing, 1000 + (uint64_t)i);
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumLabelSnapshot) labels = shape_centre_labels(&shape, &grid);
    const double mm3 = (double)hilum_label_snapshot_count(labels, 1) * hilum_grid_voxel_mm3(&grid);
    const double count = mm3 / shape_volume(&shape) - 1;
    g_autoptr(HilumJoint) joint =
        hilum_surface_joint_new(labels, NULL, HILUM_SURFACE_SMOOTHING, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(HilumMesh) mesh = hilum_joint_split(joint, 1, &error);
    const ShapeError e = shape_error(&shape, &grid, mesh);
    v.mean += count / places;
    sum2 += count * count / places;
    v.worst = worse(v.worst, count);
    v.within += (fabs(count) <= 0.01) / (double)places;
    v.own = worse(v.own, (1 + e.volume) / (1 + count) - 1);
    v.p95 = fmax(v.p95, e.p95);
  }
  v.deviation = sqrt(fmax(0, sum2 - v.mean * v.mean));
  return v;
}

static int print_volumes(int places)
{
  static const int radii[] = {3, 4, 5, 6, 8};
  printf("| shape | spacing, mm | places | count: mean, %% | deviation, %% | worst, %% | within 1 %% | "
         "surface against "
         "count, worst, %% | 95 %%, worst, voxels |\n|---|---|---|---|---|---|---|---|---|\n");
  for (size_t s = 0; s < G_N_ELEMENTS(spacings); s++)
    for (size_t r = 0; r < 2 * G_N_ELEMENTS(radii); r++) {
      const int voxels = radii[r / 2];
      const double radius = voxels * fmax(spacings[s][0], fmax(spacings[s][1], spacings[s][2]));
      const Shape ball = {.kind = SHAPE_SPHERE, .radius = radius};
      const Shape capsule = {.kind = SHAPE_CAPSULE, .radius = radius, .size = 3 * radius};
      const Volumes v = measure_volumes(r % 2 ? capsule : ball, spacings[s], places);
      printf("| %s, r %d voxels | %g x %g x %g | %d | %+.2f | %.2f | %+.2f | %.0f %% | %+.4f | %.2f |\n",
             r % 2 ? "capsule" : "ball", voxels, spacings[s][0], spacings[s][1], spacings[s][2], places,
             100 * v.mean, 100 * v.deviation, 100 * v.worst, 100 * v.within, 100 * v.own, v.p95);
      fflush(stdout);
    }
  return 0;
}

/* From three voxels on: no bias, and nothing of our own. */
static void test_label_volumes(void)
{
  for (size_t s = 0; s < G_N_ELEMENTS(spacings); s++)
    for (int capsule = 0; capsule < 2; capsule++) {
      const double radius = 3 * fmax(spacings[s][0], fmax(spacings[s][1], spacings[s][2]));
      const Shape shape = {
          .kind = capsule ? SHAPE_CAPSULE : SHAPE_SPHERE, .radius = radius, .size = 3 * radius};
      const Volumes v = measure_volumes(shape, spacings[s], 24);
      g_test_message("%g x %g x %g, %s: count %+.2f %% (deviation %.2f), own %+.4f %%", spacings[s][0],
                     spacings[s][1], spacings[s][2], capsule ? "capsules" : "balls", 100 * v.mean,
                     100 * v.deviation, 100 * v.own);
      g_assert_cmpfloat(fabs(v.mean), <, 0.01);
      g_assert_cmpfloat(fabs(v.own), <, 1e-4);
      g_assert_cmpfloat(v.p95, <, 0.5);
    }
}

static int print_tables(void)
{
  for (int grey = 1; grey >= 0; grey--)
    for (size_t s = 0; s < G_N_ELEMENTS(spacings); s++) {
      printf("\n%s, %g x %g x %g mm\n\n", grey ? "Partial-volume grey values" : "Labels", spacings[s][0],
             spacings[s][1], spacings[s][2]);
      printf("| shape (mm) | places | mean, mm | 95 %%, mm | mean | 95 %% | largest | volume, %% | worst, %% "
             "|%s\n",
             grey ? "" : " labels, % |");
      printf("|---|---|---|---|---|---|---|---|---|%s\n", grey ? "" : "---|");
      for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
        Row r = measure(&cases[c], spacings[s], grey);
        print_row(&cases[c], &r, grey);
      }
    }
  return 0;
}

static double coarsest(const double spacing[3])
{
  return fmax(spacing[0], fmax(spacing[1], spacing[2]));
}

/* Where two balls touch there is no radius of three voxels. */
static bool is_smooth(const Case *c)
{
  return c->shape.kind != SHAPE_TWO_SPHERES;
}

static void check(const Case *c, const double spacing[3], bool grey)
{
  Row r = measure(c, spacing, grey);
  double voxels = c->shape.radius / coarsest(spacing);
  if (r.empty) {
    g_assert_cmpfloat(voxels, <, 0.5);
    return;
  }
  g_test_message("%s at %g x %g x %g, %s: 95 %% %.3f voxels, volume %+.2f %% (labels %+.2f %%)", c->name,
                 spacing[0], spacing[1], spacing[2], grey ? "grey" : "labels", r.worst.p95,
                 100 * r.worst.volume, 100 * r.count_worst);
  if (grey && voxels >= 3) {
    if (is_smooth(c)) g_assert_cmpfloat(r.worst.p95, <, 0.15);
    g_assert_cmpfloat(fabs(r.worst.volume), <, 0.005);
  }
  if (!grey) {
    if (voxels >= 1) g_assert_cmpfloat(fabs(r.enclosed_worst), <, 1e-4);
    if (voxels >= 1.5) g_assert_cmpfloat(r.worst.p95, <, 0.5);
    if (voxels >= 5) g_assert_cmpfloat(fabs(r.worst.volume), <, 0.01);
  }
}

static void test_accuracy(gconstpointer data)
{
  const double *spacing = spacings[GPOINTER_TO_UINT(data) / 2];
  bool grey = GPOINTER_TO_UINT(data) & 1;
  for (size_t c = 0; c < G_N_ELEMENTS(cases); c++)
    if (cases[c].shape.radius < 30) check(&cases[c], spacing, grey);
}

int main(int argc, char **argv)
{
  if (argc == 2 && strcmp(argv[1], "--tables") == 0) return print_tables();
  if (argc == 2 && strcmp(argv[1], "--volumes") == 0) return print_volumes(200);
  static const char *const names[] = {"iso", "0.8-0.8-1", "0.7-0.7-3"};
  g_test_init(&argc, &argv, NULL);
  for (unsigned n = 0; n < 2 * G_N_ELEMENTS(spacings); n++) {
    g_autofree char *path = g_strdup_printf("/accuracy/%s/%s", names[n / 2], n & 1 ? "grey" : "labels");
    g_test_add_data_func(path, GUINT_TO_POINTER(n), test_accuracy);
  }
  g_test_add_func("/accuracy/label-volumes", test_label_volumes);
  return g_test_run();
}
