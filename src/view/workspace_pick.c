/* The workspace: what is hit in 3D, with regard to what is cut away. */
#include "workspace_private.h"

typedef struct {
  double t;
  uint8_t label;
  HilumVec3 normal;
} Hit;

static bool can_hit(HilumWorkspace *self, int label, double min_opacity)
{
  const HilumStructureLook *look = &self->looks[label];
  return self->meshes[label].bvh && hilum_workspace_is_shown(self, (uint8_t)label) && look->opacity > 0 &&
         look->opacity >= min_opacity;
}

static HilumVec3 normal_of(const HilumMesh *mesh, uint32_t triangle)
{
  const uint32_t *corner = hilum_mesh_get_indices(mesh) + 3 * (size_t)triangle;
  HilumVec3 p[3];
  for (int c = 0; c < 3; c++)
    p[c] = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), corner[c]);
  return hilum_vec3_normalize(hilum_vec3_cross(hilum_vec3_sub(p[1], p[0]), hilum_vec3_sub(p[2], p[0])));
}

/* The first surface between two places of a ray. */
static bool hit_between(HilumWorkspace *self, HilumRay ray, const double t[2], double min_opacity, Hit *hit)
{
  const HilumRay from = {hilum_ray_at(ray, t[0]), ray.dir};
  double best = t[1] - t[0];
  uint32_t triangle = 0;
  hit->label = 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (can_hit(self, l, min_opacity) && hilum_bvh_hit(self->meshes[l].bvh, from, &best, &triangle))
      hit->label = (uint8_t)l;
  if (!hit->label) return false;
  hit->t = t[0] + best;
  hit->normal = normal_of(hilum_bvh_get_mesh(self->meshes[hit->label].bvh), triangle);
  return true;
}

/* Where the ray comes through the cut: the structure that it comes into, as the labels say. Caps are opaque
 * but for those of a ball that stays. */
static bool hit_cap(HilumWorkspace *self, HilumRay ray, double t, const HilumCut *cut, double min_opacity,
                    Hit *hit)
{
  const HilumCutter *cutter = &cut->cutter;
  const bool ball = cutter->kind == HILUM_CUTTER_SPHERE;
  const HilumVec3 p = hilum_ray_at(ray, t);
  if (t <= 0 || !self->labels) return false;
  const HilumGrid *grid = hilum_label_map_get_grid(self->labels);
  const HilumVoxel voxel = hilum_grid_voxel_at_mm(grid, p);
  const uint8_t label = hilum_grid_contains(grid, voxel) ? hilum_label_map_get(self->labels, voxel) : 0;
  if (!label || !can_hit(self, label, ball && !cut->inside_goes ? min_opacity : 0)) return false;
  *hit = (Hit){t, label, hilum_vec3_normalize(ball ? hilum_vec3_sub(p, cutter->point_mm) : cutter->normal)};
  return true;
}

bool hilum_workspace_pick(HilumWorkspace *self, HilumRay ray, double min_opacity, HilumPick *pick)
{
  double t[2][2] = {{0, INFINITY}};
  HilumCut cut;
  Hit hit = {0};
  const bool is_cut = hilum_workspace_get_cut(self, &cut);
  const int n = is_cut ? hilum_clip_ray(&cut.cutter, cut.inside_goes, ray, t) : 1;
  bool found = false;
  for (int s = 0; s < n && !found; s++)
    found = (is_cut && hit_cap(self, ray, t[s][0], &cut, min_opacity, &hit)) ||
            hit_between(self, ray, t[s], min_opacity, &hit);
  if (!found) return false;
  if (hilum_vec3_dot(hit.normal, ray.dir) > 0) hit.normal = hilum_vec3_scale(hit.normal, -1);
  *pick = (HilumPick){hit.label, hilum_ray_at(ray, hit.t), hit.normal, hit.t};
  return true;
}
