/* Surface smoothing that keeps volume. Any thread, all cores, deterministic. */
#pragma once

#include "hilum/mesh/mesh.h"
#include "hilum/volume/grid.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_SMOOTH_SINC,  /* windowed sinc (Taubin, Zhang, Golub 1996): sharper for the same passes */
  HILUM_SMOOTH_TAUBIN /* lambda|mu (Taubin 1995): two passes an iteration */
} HilumSmoothFilter;

typedef struct {
  HilumSmoothFilter filter;
  int iterations;     /* 0: 20; sinc: the degree, i.e. passes over the rings; Taubin: pairs of passes */
  double pass_band;   /* 0: 0.1; k_PB: what varies more slowly along the surface stays; 0..2 */
  double max_move_mm; /* 0: no leash; else no vertex ends farther than this from where it started */
  const HilumGrid *leash_grid; /* NULL: none; else the leash is not a ball but half a voxel of this grid: the
                                  ellipsoid whose half axes are half its spacings. Wins over max_move_mm. */
  bool keep_facing;  /* no triangle turns over or collapses, no closed piece turns inside out or vanishes:
                        what would, moves less, down to not at all (docs/meshing.md) */
  bool keep_apart;   /* joint surfaces, with keep_facing: no two triangles cross or touch that did not before:
                        what would, moves less, down to not at all. Wins over keep_volume. */
  bool keep_volume;  /* after smoothing, offset along normals until the enclosed volume is right again */
  double volume_mm3; /* with keep_volume: the volume to keep; 0: the input's */
} HilumSmoothOptions;

/* A low-pass filter over the one-ring with equal weights. A new mesh with the same triangles. Volume is kept
 * as well as the leash and keep_facing allow. */
HilumMesh *hilum_mesh_smooth(HilumMesh *mesh, const HilumSmoothOptions *options,
                             const HilumProgress *progress, GError **error);

G_END_DECLS
