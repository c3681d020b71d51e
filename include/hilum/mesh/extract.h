/* Surfaces out of voxels by marching cubes (Lorensen and Cline 1987) with face ambiguities decided
 * consistently on both sides (so that no crack can appear), vertices shared, and the volume's border closed.
 * Pure functions: any thread; all cores are used; the same bits with any number of threads. */
#pragma once

#include "hilum/mesh/mesh.h"
#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef struct {
  bool open_border;      /* leave the surface open where it meets the volume's border (default: closed) */
  bool gradient_normals; /* iso only: normals from the image gradient in the same pass (default: from the
                            triangles) */
} HilumExtractOptions;

/* Isosurface at a real value (HU); inside is value >= iso. Tie rule: a voxel exactly at iso counts as inside,
 * and the crossing is kept off the voxel centre by 1/4096 of the edge at least, so that no triangle has zero
 * area. NULL options: defaults. HILUM_MESH_ERROR_EMPTY if nothing is inside. */
HilumMesh *hilum_mesh_extract_iso(const HilumVolume *volume, double iso, const HilumExtractOptions *options,
                                  const HilumProgress *progress, GError **error);

/* Surface of one structure, vertices half way between voxel centres inside and outside. Only the structure's
 * own box is visited. */
HilumMesh *hilum_mesh_extract_label(HilumLabelSnapshot *labels, uint8_t label,
                                    const HilumExtractOptions *options, const HilumProgress *progress,
                                    GError **error);
/* The same for a mask on a grid. */
HilumMesh *hilum_mesh_extract_mask(const HilumMask *mask, const HilumGrid *grid,
                                   const HilumExtractOptions *options, const HilumProgress *progress,
                                   GError **error);

G_END_DECLS
