/* Label maps of many structures, and what must be true of their joint surface. */
#pragma once

#include "mesh_fixture.h"

#include "hilum/mesh/joint.h"

/* Labels 0..n at random, more of some than of others. */
static inline void joint_fixture_random(uint8_t *voxels, size_t count, uint64_t seed, uint8_t n)
{
  double bias = 0.4 + 2.2 * hilum_random_uniform(77, seed);
  for (size_t i = 0; i < count; i++)
    voxels[i] = (uint8_t)((n + 1) * pow(hilum_random_uniform(seed, i), bias));
}

/* Balls of labels 1..n that grow into each other: voxels go to the nearest, if it is near. */
static inline void joint_fixture_blobs(const HilumGrid *g, uint8_t *voxels, uint64_t seed, uint8_t n)
{
  double size[3];
  for (int a = 0; a < 3; a++)
    size[a] = g->dims[a] * g->spacing_mm[a];
  for (int32_t k = 0; k < g->dims[2]; k++)
    for (int32_t j = 0; j < g->dims[1]; j++)
      for (int32_t i = 0; i < g->dims[0]; i++) {
        double best = 0.1 * (size[0] + size[1] + size[2]);
        uint8_t label = 0;
        for (uint64_t b = 0; b < 3 * (uint64_t)n; b++) {
          double d = 0;
          int32_t at[3] = {i, j, k};
          for (int a = 0; a < 3; a++) {
            double c = (0.2 + 0.6 * hilum_random_uniform(seed, 4 * b + (uint64_t)a)) * size[a];
            d += pow(at[a] * g->spacing_mm[a] - c, 2);
          }
          if (sqrt(d) >= best) continue;
          best = sqrt(d);
          label = (uint8_t)(1 + b % n);
        }
        voxels[hilum_grid_offset(g, (HilumVoxel){i, j, k})] = label;
      }
}

/* A triangle as its corners' bits, rotated so that the least comes first; direction kept. */
typedef struct {
  float p[9];
} JointTriangle;

static inline JointTriangle joint_fixture_triangle(const HilumMesh *mesh, size_t t, bool turn)
{
  const uint32_t *i = hilum_mesh_get_indices(mesh) + 3 * t;
  const float *p = hilum_mesh_get_positions(mesh);
  uint32_t corner[3] = {i[0], i[turn ? 2 : 1], i[turn ? 1 : 2]};
  int first = 0;
  for (int c = 1; c < 3; c++)
    if (memcmp(p + 3 * (size_t)corner[c], p + 3 * (size_t)corner[first], 12) < 0) first = c;
  JointTriangle out;
  for (int c = 0; c < 3; c++)
    memcpy(out.p + 3 * c, p + 3 * (size_t)corner[(first + c) % 3], 12);
  return out;
}

/* Every triangle of the joint is in the meshes of the structures it divides, once each way, and they have no
 * others: a structure's triangles are the joint's that have it on a side, in their order. */
static inline void joint_fixture_assert_shared(HilumJoint *joint, HilumMesh **part, int labels)
{
  const HilumMesh *whole = hilum_joint_get_mesh(joint);
  const HilumLabelPair *pair = hilum_joint_get_pairs(joint);
  g_autofree size_t *next = g_new0(size_t, (gsize)labels + 1);
  for (size_t t = 0; t < hilum_mesh_get_triangle_count(whole); t++) {
    JointTriangle want = joint_fixture_triangle(whole, t, false);
    uint8_t side[2] = {pair[t].inside, pair[t].outside};
    g_assert_cmpuint(side[0], !=, side[1]);
    for (int s = 0; s < 2; s++) {
      if (side[s] == 0) continue;
      g_assert_cmpuint(next[side[s]], <, hilum_mesh_get_triangle_count(part[side[s]]));
      JointTriangle have = joint_fixture_triangle(part[side[s]], next[side[s]]++, s == 1);
      g_assert_true(memcmp(&have, &want, sizeof want) == 0);
    }
  }
  for (int l = 1; l <= labels; l++)
    if (part[l]) g_assert_cmpuint(next[l], ==, hilum_mesh_get_triangle_count(part[l]));
}

/* All of it, for labels 1..n of a joint. */
static inline void joint_fixture_assert_clean(HilumJoint *joint, int labels)
{
  HilumMesh *part[HILUM_LABEL_COUNT] = {NULL};
  for (int l = 1; l <= labels; l++) {
    if (!hilum_joint_has(joint, (uint8_t)l)) continue;
    g_autoptr(GError) error = NULL;
    part[l] = hilum_joint_split(joint, (uint8_t)l, &error);
    g_assert_no_error(error);
    fixture_assert_clean(part[l]);
  }
  joint_fixture_assert_shared(joint, part, labels);
  for (int l = 1; l <= labels; l++)
    hilum_mesh_unref(part[l]);
}

static inline void joint_fixture_check(const HilumGrid *grid, const uint8_t *voxels, int labels)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(grid, voxels, &error);
  g_assert_no_error(error);
  bool any = false;
  for (int l = 1; l <= labels; l++)
    any |= hilum_label_snapshot_count(snapshot, (uint8_t)l) > 0;
  if (!any) return;
  g_autoptr(HilumJoint) joint = hilum_joint_new(snapshot, NULL, NULL, &error);
  g_assert_no_error(error);
  joint_fixture_assert_clean(joint, labels);
}
