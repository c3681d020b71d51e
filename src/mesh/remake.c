/* A surface remade as the boundary of what is inside of it, whole or hollow.
 *
 * The signed distances (field_private.h) know neither overlaps nor crossings. Hollowing takes away what lies
 * deeper than the wall: no point of the cavity is nearer to the outside, and a ball of the wall's thickness
 * fits between (docs/meshing.md). Flat triangles between places interpolated on the grid take up to h^2 /
 * wall from it: that much is added. */
#include "field_private.h"
#include "repair_private.h"

#include <math.h>

HilumMesh *hilum_mesh_remake(HilumMesh *mesh, double resolution_mm, double hollow_mm,
                             const HilumProgress *progress, GError **error)
{
  const double h = resolution_mm, wall = hollow_mm > 0 ? hollow_mm + h * h / hollow_mm : 0;
  const HilumProgress parts[2] = {hilum_progress_part(progress, 0, 0.8, NULL),
                                  hilum_progress_part(progress, 0.8, 1, NULL)};
  HilumField f;
  HilumMesh *result = NULL;
  if (hilum_field_init(&f, mesh, h, hilum_remake_margin_mm(h), wall + 3 * h, wall > 0 ? wall : (double)NAN,
                       &parts[0], error))
    result = hilum_field_extract(&f, f.d, hilum_mesh_get_origin_mm(mesh), 0, wall, &parts[1], error);
  hilum_field_clear(&f);
  return result;
}
