/* An analytic abdomen for registration: some ellipsoids with soft edges, in two contrasts, rendered at moved
 * points, so that the true motion is known exactly and no interpolation helps or hurts. The kidney may move
 * without the body, as it does when the patient breathes. */
#pragma once

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/register/register.h"

#include <math.h>

typedef struct {
  bool late; /* the second contrast */
  double noise_hu;
  uint64_t seed;     /* of the noise */
  HilumRigid kidney; /* scene -> this volume, for the kidney and what is in it */
  HilumRigid body;   /* the same for everything else */
} Scene;

typedef struct {
  HilumVec3 centre_mm, radius_mm;
  double early_hu, late_hu;
} SceneEllipsoid;

/* Around the origin; painted in order. */
static const SceneEllipsoid scene_body[] = {
    {{0, 0, 0}, {120, 90, 200}, -100, -100}, /* fat */
    {{0, 62, 0}, {60, 16, 200}, 55, 60},     /* muscle of the back */
    {{-52, 40, 0}, {20, 18, 200}, 250, 250}, /* spine */
    {{-60, -20, 25}, {45, 40, 38}, 60, 105}, /* liver */
    {{-30, 8, 0}, {9, 9, 200}, 310, 120},    /* aorta */
    {{20, -48, 35}, {26, 20, 17}, 110, 100}, /* spleen, bowel and other landmarks */
    {{45, -50, -30}, {18, 14, 26}, 20, 30},  {{-10, -55, -20}, {16, 20, 15}, 40, 20},
    {{60, 20, 58}, {22, 16, 14}, 100, 70},   {{-20, -30, -55}, {20, 15, 12}, 30, 60},
    {{5, 45, -60}, {18, 12, 10}, 70, 65},
};
static const SceneEllipsoid scene_kidney[] = {
    {{25, 12, 0}, {25, 20, 46}, 170, 130}, /* cortex */
    {{25, 12, 0}, {18, 13, 37}, 70, 140},  /* medulla */
    {{14, 8, 3}, {11, 8, 18}, -60, -60},   /* sinus */
    {{14, 9, 0}, {7, 5, 11}, 10, 600},     /* pelvis */
    {{38, 10, 26}, {12, 12, 11}, 140, 80}, /* tumour */
    {{30, 26, -28}, {9, 8, 10}, 5, 5},     /* cyst */
    {{2, 8, 3}, {16, 3.5, 3.5}, 300, 115}, /* artery */
};

static inline double scene_paint(const SceneEllipsoid *shapes, size_t count, HilumVec3 p, bool late,
                                 double hu)
{
  for (size_t n = 0; n < count; n++) {
    const SceneEllipsoid *e = &shapes[n];
    HilumVec3 d = hilum_vec3_sub(p, e->centre_mm);
    d = hilum_vec3(d.x / e->radius_mm.x, d.y / e->radius_mm.y, d.z / e->radius_mm.z);
    double least = fmin(e->radius_mm.x, fmin(e->radius_mm.y, e->radius_mm.z));
    double outside_mm = (hilum_vec3_length(d) - 1) * least;
    if (outside_mm > 8) continue;
    /* beyond 8 mm the edge is through: no exp() needed */
    const double share = outside_mm < -8 ? 1 : 1 / (1 + exp(outside_mm / 0.7));
    hu += ((late ? e->late_hu : e->early_hu) - hu) * share;
  }
  return hu;
}

typedef struct {
  const Scene *scene;
  HilumGrid grid;
  HilumRigid to_kidney, to_body;
  int16_t *voxels;
} ScenePass;

static inline void scene_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const ScenePass *p = data;
  for (size_t k = begin; k < end; k++)
    for (int32_t j = 0; j < p->grid.dims[1]; j++)
      for (int32_t i = 0; i < p->grid.dims[0]; i++) {
        const HilumVoxel v = {i, j, (int32_t)k};
        const HilumVec3 at = hilum_grid_voxel_to_mm(&p->grid, v);
        const size_t offset = hilum_grid_offset(&p->grid, v);
        const bool late = p->scene->late;
        double hu =
            scene_paint(scene_body, G_N_ELEMENTS(scene_body), hilum_rigid_apply(p->to_body, at), late, -1000);
        hu = scene_paint(scene_kidney, G_N_ELEMENTS(scene_kidney), hilum_rigid_apply(p->to_kidney, at), late,
                         hu);
        double noise = -2;
        for (unsigned n = 0; n < 4; n++) /* near enough to a normal law; variance 1 / 3 */
          noise += hilum_random_uniform(p->scene->seed, 4 * offset + n);
        hu += sqrt(3) * noise * p->scene->noise_hu;
        p->voxels[offset] = (int16_t)CLAMP(floor(hu + 0.5), -1024, 3000);
      }
}

static inline HilumVolume *scene_render(const Scene *scene, const HilumGrid *grid)
{
  ScenePass pass = {scene, *grid, hilum_rigid_invert(scene->kidney), hilum_rigid_invert(scene->body),
                    hilum_big_alloc(hilum_grid_count(grid) * sizeof(int16_t), NULL)};
  g_assert_nonnull(pass.voxels);
  hilum_parallel_for((size_t)grid->dims[2], 1, scene_slices, &pass);
  GError *error = NULL;
  HilumVolume *volume = hilum_volume_new_take(grid, pass.voxels, 1, 0, "HU", &error);
  g_assert_no_error(error);
  return volume;
}

/* Everything moves together. */
static inline Scene scene_moved(HilumRigid motion, bool late, uint64_t seed)
{
  return (Scene){.late = late, .noise_hu = 12, .seed = seed, .kidney = motion, .body = motion};
}

/* 192 x 180 x 160 mm around the origin. */
static inline HilumGrid scene_grid(void)
{
  HilumGrid grid = hilum_grid_new(96, 90, 64, 2, 2, 2.5);
  grid.origin_mm = hilum_vec3(-95, -89, -79);
  return grid;
}

static inline HilumVec3 scene_kidney_centre(void)
{
  return scene_kidney[0].centre_mm;
}

static inline HilumBox scene_kidney_box(double margin_mm)
{
  const SceneEllipsoid *e = &scene_kidney[0];
  const HilumVec3 half = hilum_vec3_add(e->radius_mm, hilum_vec3(margin_mm, margin_mm, margin_mm));
  return (HilumBox){hilum_vec3_sub(e->centre_mm, half), hilum_vec3_add(e->centre_mm, half)};
}

/* The kidney and `margin_mm` around it. */
static inline HilumMask *scene_kidney_mask(const HilumGrid *grid, double margin_mm)
{
  HilumMask *mask = hilum_mask_new(grid->dims, NULL);
  const SceneEllipsoid *e = &scene_kidney[0];
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++) {
        HilumVec3 d = hilum_vec3_sub(hilum_grid_voxel_to_mm(grid, (HilumVoxel){i, j, k}), e->centre_mm);
        d = hilum_vec3(d.x / (e->radius_mm.x + margin_mm), d.y / (e->radius_mm.y + margin_mm),
                       d.z / (e->radius_mm.z + margin_mm));
        if (hilum_vec3_dot(d, d) <= 1) hilum_mask_set(mask, (HilumVoxel){i, j, k});
      }
  return mask;
}

static inline HilumRigid scene_motion(double tx, double ty, double tz, double degrees)
{
  const HilumVec3 axis = hilum_vec3_normalize(hilum_vec3(1, 2, -2));
  return hilum_rigid_from_parameters(
      (HilumRigidParameters){{tx, ty, tz}, hilum_vec3_scale(axis, degrees * G_PI / 180)},
      scene_kidney_centre());
}

/* Mean and greatest distance over the kidney between where two transforms put a point. */
static inline double scene_error_mm(HilumRigid found, HilumRigid truth, double *worst)
{
  const SceneEllipsoid *e = &scene_kidney[0];
  double sum = 0, count = 0;
  *worst = 0;
  for (int k = -10; k <= 10; k++)
    for (int j = -10; j <= 10; j++)
      for (int i = -10; i <= 10; i++) {
        if (i * i + j * j + k * k > 100) continue;
        const HilumVec3 p = {e->centre_mm.x + i * e->radius_mm.x / 10,
                             e->centre_mm.y + j * e->radius_mm.y / 10,
                             e->centre_mm.z + k * e->radius_mm.z / 10};
        const double d = hilum_vec3_distance(hilum_rigid_apply(found, p), hilum_rigid_apply(truth, p));
        sum += d, count++;
        *worst = fmax(*worst, d);
      }
  return sum / count;
}
