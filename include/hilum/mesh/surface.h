/* The surface of a structure as everything shows, measures and exports it: extraction and smoothing with one
 * set of defaults, so that the window, the headless tool and every file agree. Structures that touch are made
 * together and share their boundary (hilum/mesh/joint.h), whichever of them is asked for. Any thread. */
#pragma once

#include "hilum/mesh/extract.h"
#include "hilum/mesh/joint.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* Smoothing passes unless the user asks otherwise. */
#define HILUM_SURFACE_SMOOTHING 20

/* The surfaces of the wanted structures (NULL: all), and of those that touch them: hilum_joint_split() gives
 * each. Label surfaces, then a windowed-sinc filter of `smoothing` passes (0: none, the bare marching-cubes
 * surface) that keeps every label's volume, every piece's facing and all surfaces apart, on a leash of half a
 * voxel: along each axis of the grid no vertex ends farther than half the spacing from where it started. Who
 * needs several structures asks once. */
HilumJoint *hilum_surface_joint_new(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                                    int smoothing, const HilumProgress *progress, GError **error);

/* The real values (HU) of an image that a structure was thresholded by, ends included; infinite ends are
 * fine. In use if there is an image and lo < hi. */
typedef struct {
  double lo, hi;
  HilumVolume *image; /* on the grid of the labels; NULL: the structure's surface follows its labels */
} HilumSurfaceRange;

static inline bool hilum_surface_range_in_use(const HilumSurfaceRange *range)
{
  return range->image != NULL && range->lo < range->hi;
}
/* By label, with references to the images. NULL for NULL. */
HilumSurfaceRange *hilum_surface_ranges_copy(const HilumSurfaceRange ranges[HILUM_LABEL_COUNT]);
void hilum_surface_ranges_free(HilumSurfaceRange *ranges);

/* The same where grey values say more than labels: ranges[label] (NULL: none) for the structures whose own
 * range defines their boundary. A vertex between a voxel of the structure inside its range and another
 * outside of it lies where the image meets the end of the range, if at least half of the boundary around it
 * is such; the structure's volume is the sum of its voxels' shares there, and what touches it loses what it
 * gains; and a lighter filter (half the passes, pass band 0.4) suffices: to a fifth of a voxel instead of
 * half of one, and without terraces. Boundaries drawn by hand, towards like values, and of structures without
 * a range are those of hilum_surface_joint_new(): half way, voxels counted, all passes. The filters mix where
 * the two kinds meet. HILUM_MESH_ERROR_INVALID if an image is not on the labels' grid. */
HilumJoint *hilum_surface_joint_new_grey(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                                         const HilumSurfaceRange ranges[HILUM_LABEL_COUNT], int smoothing,
                                         const HilumProgress *progress, GError **error);

/* hilum_surface_joint_new() for one structure. */
HilumMesh *hilum_surface_new(HilumLabelSnapshot *labels, uint8_t label, int smoothing,
                             const HilumProgress *progress, GError **error);

/* One surface round all structures of a set, exact because their labels are united before there is a surface.
 * Smoothed as above; it shares no boundary with other structures. */
HilumMesh *hilum_surface_union_new(HilumLabelSnapshot *labels, const uint8_t set[HILUM_LABEL_COUNT],
                                   int smoothing, const HilumProgress *progress, GError **error);

/* A number at each vertex of a structure's surface `mesh`, in millimetres, for a colour map: how far it lies
 * from the boundary of its label, outside above zero (the bare marching-cubes surface, as exports compare
 * with), or the diameter of the greatest ball that touches it from inside (hilum_mesh_thickness()).
 * hilum_big_free(). */
float *hilum_surface_values_new(HilumLabelSnapshot *labels, uint8_t label, HilumMesh *mesh, bool thickness,
                                const HilumProgress *progress, GError **error);

G_END_DECLS
