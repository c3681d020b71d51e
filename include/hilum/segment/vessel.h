/* Vessels from clicks: the course between two points with its radii, the tree that grows from one point, and
 * an artery parted from the vein that it touches. Vessels are brighter than what surrounds them. Pure
 * functions, any thread; loops over voxels on all cores; cancellable; the same answer with any number of
 * threads. Points are LPS millimetres, values real (HU).
 *
 * All bounds below are engineering choices of this program; none is a clinical number. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* All-zero: the defaults. */
typedef struct {
  double max_radius_mm; /* no vessel is wider; 0: 20 */
  double tolerance; /* how far the lumen may be from its usual brightness, downwards; upwards twice as far; 0:
                       found at the root, see HilumVesselLook */
  double calcium_ml; /* brighter pieces of at most this size belong to the vessel that they touch (plaques);
                        0: 1; negative: none do */
  const HilumMask *inside; /* nothing outside of it is taken; NULL: everywhere */
} HilumVesselOptions;

/* How bright the lumen is at a point. */
typedef struct {
  double lumen; /* on values smoothed by a Gaussian of 0.7 mm: the median within 1.5 mm, then the mean of what
                   lies within 5 mm and no farther from that median than a quarter of the way to `floor` */
  double floor; /* soft tissue: 50 HU; where values are relative, their lower quartile within 15 mm */
  double tolerance; /* as asked for, else the larger of a quarter of the way to `floor` and two and a half
                       standard deviations of the same voxels */
} HilumVesselLook;

/* --- a tree from one click --- */
typedef struct {
  HilumVesselLook look;
  uint64_t voxels;
  guint leaks;      /* wider things that were joined to the tree and were cut off */
  double widest_mm; /* radius of the largest ball that fits in */
} HilumVesselTreeReport;

/* What is joined to the points, as bright as they are, and gets wider nowhere. On values smoothed by a
 * Gaussian of 0.7 mm:
 *
 * 1. Growth by faces within the tolerance of a brightness that follows the vessel: it moves towards what was
 *    met by a twentieth a millimetre, at most a quarter of the contrast from where it began, so that a tree
 *    may dim along its course. Calcified pieces count as lumen.
 * 2. Leaks. Cavities are filled, since holes of noise make a lumen thin. A way out of a vessel leads through
 * a neck into something wider: kidney, bone, a vein alongside. The watershed of thickness
 * (hilum/segment/split.h) parts what has grown where the largest ball on either side of a neck is wider
 * than 1.4 times the one that fits into the neck + 1 mm; the parts with the points stay. Vessels taper, so
 * their own branches never look like that. Where a neck is equally thin all along, the cut lies anywhere in
 * it. What then still holds a ball of more than `max_radius_mm` goes, too.
 * 3. The wall: within 1.2 mm (at least one voxel) of what stayed, voxels above half-way between the lumen
 *    beside them and the darkest within 2.5 mm join, and cavities are filled.
 *
 * HILUM_SEGMENT_ERROR_SEED if a point lies outside the volume or `inside`, on nothing bright, or in something
 * wider than the largest radius. `report` may be NULL. Scratch: the smoothed copy, masks, and 16 bytes a
 * voxel of the box of what grew before it was cut. */
HilumMask *hilum_vessel_tree(const HilumVolume *volume, const HilumVec3 *points_mm, size_t n_points,
                             const HilumVesselOptions *options, HilumVesselTreeReport *report,
                             const HilumProgress *progress, GError **error);

/* --- a course from root to tip --- */
typedef struct {
  HilumVec3 at_mm;  /* on the centreline */
  double radius_mm; /* of the circle with the area of the lumen at right angles to it */
} HilumVesselPoint;

/* From one point to the next: from the nearest place of what came before to the tip. */
typedef struct {
  GArray *points; /* HilumVesselPoint, about half a voxel apart, root first; at least 2 */
  double length_mm, mean_diameter_mm, least_diameter_mm;
  HilumVec3 narrowest_mm;
} HilumVesselBranch;

typedef struct {
  GPtrArray *branches; /* HilumVesselBranch, in the order of the points: n_points - 1 */
  HilumMask *mask;     /* the lumen of all of them */
} HilumVessel;

/* Minimal paths (Cohen and Kimmel, Int. J. Comput. Vis. 24:57, 1997), by Dijkstra's algorithm over 26
 * neighbours: the first point is the root, every further one is joined to the tree so far by the way that
 * costs least. A millimetre costs 1 / (0.03 + p^2), p being how much a voxel looks like the vessel, 0..1: how
 * near its smoothed value is to the lumen at the root, or its vesselness (Sato, scales of 1 to 4 mm) beside
 * that of a full tube of that contrast, whichever is more: a thin branch is dimmed by its own wall.
 *
 * Then the course is moved to the middle and measured: at right angles to it 32 rays look for the wall,
 * half-way between the lumen there and the darkest within 3 mm behind the edge, between voxels; a ray that
 * finds none, or one 1.8 times as far off as the median, takes the median (a branch goes off there). Five
 * rounds. The lumen is what those walls enclose, so it follows them where they are not round.
 *
 * HILUM_SEGMENT_ERROR_SEED if a point lies outside the volume or `inside`, or the root on nothing bright;
 * HILUM_SEGMENT_ERROR_INVALID for fewer than two points or points too far apart to search between (64
 * million voxels); HILUM_SEGMENT_ERROR_EMPTY if no wall is found. Scratch: 13 bytes a voxel of the box
 * 25 mm round the points. */
HilumVessel *hilum_vessel_trace(const HilumVolume *volume, const HilumVec3 *points_mm, size_t n_points,
                                const HilumVesselOptions *options, const HilumProgress *progress,
                                GError **error);
void hilum_vessel_free(HilumVessel *vessel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumVessel, hilum_vessel_free)

/* Ways to everywhere near, for a course that follows the pointer: one search from the points, then a course
 * to any place is looked up at once. Immutable. */
typedef struct HilumVesselMap HilumVesselMap;

/* Within 80 mm of the points, at most the nearest (by cost) 2 million voxels. The look is the first point's.
 * Errors as for hilum_vessel_trace(). */
HilumVesselMap *hilum_vessel_map_new(const HilumVolume *volume, const HilumVec3 *points_mm, size_t n_points,
                                     const HilumVesselOptions *options, const HilumProgress *progress,
                                     GError **error);
void hilum_vessel_map_free(HilumVesselMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumVesselMap, hilum_vessel_map_free)
/* HilumVec3, voxel centres from a point of the map to the place; NULL if the search did not come there. Not
 * moved to the middle: hilum_vessel_trace() does that. */
GArray *hilum_vessel_map_dup_course(const HilumVesselMap *map, HilumVec3 place_mm);

/* --- artery from vein --- */
/* What of `mask` belongs to the points `kept` and not to those of `other`, both inside it: the watershed of
 * thickness from the points (hilum/segment/split.h). Where the brightness of the two differs by four standard
 * deviations of the noise or more, what lies beside half-way between them counts as a wall, so far as both
 * are thick there (a ball of 1.5 mm). So two vessels part at the neck where they touch, and at the step in
 * brightness where there is no neck. Pieces that no point is joined to stay with `kept`.
 * HILUM_SEGMENT_ERROR_SEED if a point lies outside the mask or points of both sides in one bulge. */
HilumMask *hilum_vessel_separate(const HilumVolume *volume, const HilumMask *mask, const HilumVoxel *kept,
                                 size_t n_kept, const HilumVoxel *other, size_t n_other,
                                 const HilumProgress *progress, GError **error);

G_END_DECLS
