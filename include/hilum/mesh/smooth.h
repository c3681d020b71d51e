/* Surface smoothing that keeps volume. Any thread, all cores, deterministic. */
#pragma once

#include "hilum/mesh/mesh.h"
#include "hilum/volume/grid.h"

G_BEGIN_DECLS

typedef struct {
  int iterations;              /* 0: 20 */
  double pass_band;            /* 0: 0.1; Taubin's k_PB: lower is smoother */
  double max_move_mm;          /* 0: no leash; else no vertex ends farther than this from where it started */
  const HilumGrid *leash_grid; /* NULL: none; else the leash is not a ball but half a voxel of this grid: the
                                  ellipsoid whose half axes are half its spacings. Wins over max_move_mm. */
  bool keep_facing;  /* no triangle turns over or collapses, no closed piece turns inside out or vanishes:
                        what would, moves less, down to not at all (docs/meshing.md) */
  bool keep_volume;  /* after smoothing, offset along normals until the enclosed volume is right again */
  double volume_mm3; /* with keep_volume: the volume to keep; 0: the input's */
} HilumSmoothOptions;

/* Taubin's lambda|mu filter (SIGGRAPH 1995) over the one-ring. A new mesh with the same triangles. Volume is
 * kept as well as the leash and keep_facing allow. */
HilumMesh *hilum_mesh_smooth(HilumMesh *mesh, const HilumSmoothOptions *options,
                             const HilumProgress *progress, GError **error);

G_END_DECLS
