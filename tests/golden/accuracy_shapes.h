/* Shapes with exact distances, the partial-volume images and labels of them, and how far a mesh is off. */
#pragma once

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/mesh/measure.h"
#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

#include <math.h>
#include <stdlib.h>

typedef enum { SHAPE_SPHERE, SHAPE_CAPSULE, SHAPE_TORUS, SHAPE_TWO_SPHERES, SHAPE_PLATE } ShapeKind;

/* About the middle; `axis` is the capsule's, the torus's, the line between two spheres, the plate's normal.
 * Capsule: `size` is half its length without the caps. Torus: radius of the ring. Plate: radius of the disc
 * whose points lie within `radius`, half the thickness: its rim is round. */
typedef struct {
  ShapeKind kind;
  HilumVec3 middle, axis;
  double radius, size;
} Shape;

/* Millimetres to the surface, positive inside. Exact on the side that is not beyond a medial axis. */
static inline double shape_distance(const Shape *s, HilumVec3 p)
{
  HilumVec3 d = hilum_vec3_sub(p, s->middle);
  double along = hilum_vec3_dot(d, s->axis);
  double across = sqrt(fmax(0, hilum_vec3_dot(d, d) - along * along));
  switch (s->kind) {
  case SHAPE_SPHERE:
    return s->radius - hilum_vec3_length(d);
  case SHAPE_CAPSULE:
    return s->radius - hypot(across, fmax(0, fabs(along) - s->size));
  case SHAPE_TORUS:
    return s->radius - hypot(across - s->size, along);
  case SHAPE_TWO_SPHERES:
    return s->radius - hypot(across, fabs(along) - s->radius);
  case SHAPE_PLATE:
    return s->radius - hypot(along, fmax(0, across - s->size));
  }
  g_assert_not_reached();
}

static inline double shape_volume(const Shape *s)
{
  double r = s->radius, ball = 4.0 / 3 * G_PI * r * r * r;
  switch (s->kind) {
  case SHAPE_SPHERE:
    return ball;
  case SHAPE_CAPSULE:
    return ball + 2 * s->size * G_PI * r * r;
  case SHAPE_TORUS:
    return 2 * G_PI * G_PI * s->size * r * r;
  case SHAPE_TWO_SPHERES:
    return 2 * ball;
  case SHAPE_PLATE: /* Pappus: the disc's slab and the half torus of its rim */
    return 2 * r * G_PI * s->size * s->size + G_PI * G_PI * r * r * s->size + ball;
  }
  g_assert_not_reached();
}

static inline double shape_reach(const Shape *s)
{
  return s->kind == SHAPE_SPHERE        ? s->radius
         : s->kind == SHAPE_TWO_SPHERES ? 2 * s->radius
                                        : s->size + s->radius;
}

static inline HilumVec3 shape_normal(const Shape *s, HilumVec3 p)
{
  const double h = 1e-4;
  return hilum_vec3_normalize(hilum_vec3(
      shape_distance(s, hilum_vec3(p.x + h, p.y, p.z)) - shape_distance(s, hilum_vec3(p.x - h, p.y, p.z)),
      shape_distance(s, hilum_vec3(p.x, p.y + h, p.z)) - shape_distance(s, hilum_vec3(p.x, p.y - h, p.z)),
      shape_distance(s, hilum_vec3(p.x, p.y, p.z + h)) - shape_distance(s, hilum_vec3(p.x, p.y, p.z - h))));
}

/* The shape fits with four voxels to spare; its middle lies anywhere within a voxel. */
static inline HilumGrid shape_grid(Shape *s, const double spacing[3], uint64_t seed)
{
  int32_t n[3];
  for (int a = 0; a < 3; a++)
    n[a] = 2 * (int32_t)ceil(shape_reach(s) / spacing[a]) + 9;
  HilumGrid g = hilum_grid_new(n[0], n[1], n[2], spacing[0], spacing[1], spacing[2]);
  double at[3];
  for (uint64_t a = 0; a < 3; a++)
    at[a] = 0.5 * (n[a] - 1) + hilum_random_uniform(seed, a) - 0.5;
  s->middle = hilum_grid_to_mm(&g, (HilumIndexPos){at[0], at[1], at[2]});
  return g;
}

typedef struct {
  const Shape *shape;
  const HilumGrid *grid;
  int16_t *voxels;
} ShapeImage;

/* The share of a voxel that lies inside, from 5x5x5 parts of it, each cut by the plane through its distance.
 */
static inline double shape_share(const ShapeImage *i, HilumVoxel v)
{
  enum { PARTS = 5 };
  const double *s = i->grid->spacing_mm;
  HilumVec3 c = hilum_grid_voxel_to_mm(i->grid, v);
  double d = shape_distance(i->shape, c), reach = 0.5 * sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2]),
         sum = 0;
  if (fabs(d) > reach) return d > 0;
  for (int n = 0; n < PARTS * PARTS * PARTS; n++) {
    HilumVec3 p = c;
    p.x += ((n % PARTS + 0.5) / PARTS - 0.5) * s[0];
    p.y += ((n / PARTS % PARTS + 0.5) / PARTS - 0.5) * s[1];
    p.z += ((n / (PARTS * PARTS) + 0.5) / PARTS - 0.5) * s[2];
    HilumVec3 normal = shape_normal(i->shape, p);
    double width = (fabs(normal.x) * s[0] + fabs(normal.y) * s[1] + fabs(normal.z) * s[2]) / PARTS;
    sum += CLAMP(0.5 + shape_distance(i->shape, p) / width, 0, 1);
  }
  return sum / (PARTS * PARTS * PARTS);
}

static void shape_fill(size_t begin, size_t end, unsigned worker, void *data)
{
  const ShapeImage *i = data;
  size_t slice = (size_t)i->grid->dims[0] * (size_t)i->grid->dims[1];
  for (size_t k = begin; k < end; k++)
    for (size_t n = 0; n < slice; n++) {
      HilumVoxel v = {(int32_t)(n % (size_t)i->grid->dims[0]), (int32_t)(n / (size_t)i->grid->dims[0]),
                      (int32_t)k};
      i->voxels[k * slice + n] = (int16_t)lrint(1000 * shape_share(i, v));
    }
}

/* 0 outside, 1000 inside, in proportion between. */
static inline HilumVolume *shape_image(const Shape *shape, const HilumGrid *grid)
{
  g_autoptr(GError) error = NULL;
  ShapeImage image = {shape, grid, hilum_big_alloc(hilum_grid_count(grid) * sizeof(int16_t), &error)};
  g_assert_no_error(error);
  hilum_parallel_for((size_t)grid->dims[2], 1, shape_fill, &image);
  HilumVolume *volume = hilum_volume_new_take(grid, image.voxels, 1, 0, "HU", &error);
  g_assert_no_error(error);
  return volume;
}

/* Voxels from 500 on are the structure. */
static inline HilumLabelSnapshot *shape_labels(const HilumVolume *image)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid *grid = hilum_volume_get_grid(image);
  size_t n = hilum_grid_count(grid);
  g_autofree uint8_t *labels = g_malloc(n);
  for (size_t i = 0; i < n; i++)
    labels[i] = hilum_volume_get_voxels(image)[i] >= 500;
  HilumLabelSnapshot *snapshot = hilum_label_snapshot_new_from_dense(grid, labels, &error);
  g_assert_no_error(error);
  return snapshot;
}

/* Voxels whose centre is inside are the structure. */
static inline HilumLabelSnapshot *shape_centre_labels(const Shape *shape, const HilumGrid *grid)
{
  g_autoptr(GError) error = NULL;
  g_autofree uint8_t *labels = g_malloc(hilum_grid_count(grid));
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++) {
        HilumVoxel v = {i, j, k};
        labels[hilum_grid_offset(grid, v)] = shape_distance(shape, hilum_grid_voxel_to_mm(grid, v)) >= 0;
      }
  HilumLabelSnapshot *snapshot = hilum_label_snapshot_new_from_dense(grid, labels, &error);
  g_assert_no_error(error);
  return snapshot;
}

/* Over corners and middles of triangles, weighted by area: the distance to the shape in millimetres and in
 * voxels (the distance to the surface in index space, where each axis steps by 1);
 * and the relative error of the volume, signed. */
typedef struct {
  double mean_mm, p95_mm, max_mm, mean, p95, max, volume;
} ShapeError;

typedef struct {
  double mm, voxels, weight;
} ShapeSample;

static int shape_compare(const void *a, const void *b)
{
  const ShapeSample *p = a, *q = b;
  return (p->voxels > q->voxels) - (p->voxels < q->voxels);
}

static inline ShapeSample shape_sample(const Shape *shape, const HilumGrid *grid, HilumVec3 p, double weight)
{
  HilumVec3 n = shape_normal(shape, p);
  double d = fabs(shape_distance(shape, p));
  return (ShapeSample){d,
                       d / sqrt(pow(n.x * grid->spacing_mm[0], 2) + pow(n.y * grid->spacing_mm[1], 2) +
                                pow(n.z * grid->spacing_mm[2], 2)),
                       weight};
}

static inline ShapeError shape_error(const Shape *shape, const HilumGrid *grid, const HilumMesh *mesh)
{
  g_autoptr(GError) error = NULL;
  size_t nt = hilum_mesh_get_triangle_count(mesh);
  g_autofree ShapeSample *sample = g_new(ShapeSample, 4 * nt);
  double total = 0, below = 0;
  ShapeError e = {0};
  for (size_t t = 0; t < nt; t++) {
    const uint32_t *i = hilum_mesh_get_indices(mesh) + 3 * t;
    HilumVec3 p[4] = {{0}};
    for (int c = 0; c < 3; c++) {
      p[c] = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), i[c]);
      p[3] = hilum_vec3_madd(p[3], 1.0 / 3, p[c]);
    }
    double area =
        0.5 * hilum_vec3_length(hilum_vec3_cross(hilum_vec3_sub(p[1], p[0]), hilum_vec3_sub(p[2], p[0])));
    for (int c = 0; c < 4; c++) {
      ShapeSample s = sample[4 * t + (size_t)c] = shape_sample(shape, grid, p[c], area);
      total += area;
      e.mean_mm += area * s.mm;
      e.mean += area * s.voxels;
      e.max_mm = fmax(e.max_mm, s.mm);
      e.max = fmax(e.max, s.voxels);
    }
  }
  e.mean /= total;
  e.mean_mm /= total;
  qsort(sample, 4 * nt, sizeof *sample, shape_compare);
  for (size_t s = 0; s < 4 * nt && below < 0.95 * total; s++) {
    below += sample[s].weight;
    e.p95 = sample[s].voxels;
    e.p95_mm = sample[s].mm; /* of that sample; the two orders are the same on isotropic grids */
  }
  HilumMeshReport report;
  g_assert_true(hilum_mesh_measure(mesh, &report, NULL, &error));
  g_assert_true(hilum_mesh_report_is_clean(&report));
  e.volume = report.volume_mm3 / shape_volume(shape) - 1;
  return e;
}
