/* Millimetres of the fixed volume straight to indices of the moving volume: a rigid motion and a grid folded
 * into one affine map, which is what the inner loops use. Static inline. */
#pragma once

#include "hilum/register/rigid.h"
#include "hilum/volume/grid.h"

typedef struct {
  HilumIndexPos origin;  /* image of the point (0,0,0) */
  HilumIndexPos x, y, z; /* per mm along x, y, z */
} IndexMap;

/* index of grid at rigid(centre + r), as a map of r. */
static inline IndexMap index_map_make(const HilumGrid *grid, HilumRigid rigid, HilumVec3 centre_mm)
{
  const HilumVec3 unit[3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  IndexMap map = {.origin = hilum_grid_from_mm(grid, hilum_rigid_apply(rigid, centre_mm))};
  HilumIndexPos *columns[3] = {&map.x, &map.y, &map.z};
  for (int a = 0; a < 3; a++) {
    HilumVec3 d = hilum_rigid_rotate(rigid, unit[a]);
    *columns[a] = (HilumIndexPos){hilum_vec3_dot(d, grid->axes[0]) / grid->spacing_mm[0],
                                  hilum_vec3_dot(d, grid->axes[1]) / grid->spacing_mm[1],
                                  hilum_vec3_dot(d, grid->axes[2]) / grid->spacing_mm[2]};
  }
  return map;
}

static inline HilumIndexPos index_map_apply(const IndexMap *m, HilumVec3 r)
{
  return (HilumIndexPos){m->origin.i + m->x.i * r.x + m->y.i * r.y + m->z.i * r.z,
                         m->origin.j + m->x.j * r.x + m->y.j * r.y + m->z.j * r.z,
                         m->origin.k + m->x.k * r.x + m->y.k * r.y + m->z.k * r.z};
}
