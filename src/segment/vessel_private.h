/* What the files of vessels share: the look of a lumen, the search between points, and the wall. */
#pragma once

#include "hilum/segment/vessel.h"

#define HILUM_VESSEL_CALM_MM 0.7
#define HILUM_VESSEL_MAX_RADIUS_MM 20.0
#define HILUM_VESSEL_CALCIUM_ML 1.0

/* The options with their defaults filled in, and the volume without its noise. */
typedef struct {
  HilumVesselOptions options;
  const HilumGrid *grid;
  const HilumVolume *volume;
  HilumVolume *calm;
  HilumVesselLook look;
} HilumVesselScene;

/* Checks points and options, smooths, looks at the first point. False with an error; clear it either way. */
bool hilum_vessel_scene_init(HilumVesselScene *scene, const HilumVolume *volume, const HilumVec3 *points_mm,
                             size_t n_points, const HilumVesselOptions *options,
                             const HilumProgress *progress, GError **error);
void hilum_vessel_scene_clear(HilumVesselScene *scene);
/* "HU", or nothing where values are relative, with a space before it. */
const char *hilum_vessel_scene_unit(const HilumVesselScene *scene);

/* --- the search (vessel_map.c) --- */
/* From `sources_mm` until `tip` (NULL: until `most` voxels have been settled), inside `box`. */
HilumVesselMap *hilum_vessel_map_search(const HilumVesselScene *scene, HilumVoxelBox box,
                                        const HilumVec3 *sources_mm, size_t n_sources, const HilumVoxel *tip,
                                        size_t most, const HilumProgress *progress, GError **error);
/* The box of the points, `margin_mm` wider; fails if it is too large to search in. */
bool hilum_vessel_scene_box(const HilumVesselScene *scene, const HilumVec3 *points_mm, size_t n_points,
                            double margin_mm, HilumVoxelBox *box, GError **error);

/* --- the wall (vessel_wall.c) --- */
enum { HILUM_VESSEL_RAYS = 32 };

/* A section at right angles to the course. */
typedef struct {
  HilumVec3 at_mm, along, across[2]; /* unit, orthogonal */
  float wall_mm[HILUM_VESSEL_RAYS];  /* from `at_mm`; ray n at 2 pi n / HILUM_VESSEL_RAYS from across[0] */
} HilumVesselSection;

/* Moves a polyline (HilumVec3) to the middle of the vessel and measures it: a GArray of HilumVesselSection,
 * evenly spaced. */
GArray *hilum_vessel_measure_course(const HilumVesselScene *scene, GArray *course,
                                    const HilumProgress *progress, GError **error);
double hilum_vessel_section_radius_mm(const HilumVesselSection *section);
/* Adds what the walls of the sections enclose, each as thick as the way to the next. */
void hilum_vessel_fill_sections(const HilumGrid *grid, GArray *sections, HilumMask *mask);
