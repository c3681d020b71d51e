/* The surface of a structure as everything shows, measures and exports it: extraction and smoothing with one
 * set of defaults, so that the window, the headless tool and every file agree. Structures that touch are made
 * together and share their boundary (hilum/mesh/joint.h), whichever of them is asked for. Any thread. */
#pragma once

#include "hilum/mesh/extract.h"
#include "hilum/mesh/joint.h"

G_BEGIN_DECLS

/* Smoothing passes unless the user asks otherwise. */
#define HILUM_SURFACE_SMOOTHING 20

/* The surfaces of the wanted structures (NULL: all), and of those that touch them: hilum_joint_split() gives
 * each. Label surfaces, then a windowed-sinc filter of `smoothing` passes (0: none, the bare marching-cubes
 * surface) that keeps every label's volume and every piece's facing, on a leash of half a voxel: along each
 * axis of the grid no vertex ends farther than half the spacing from where it started. Who needs several
 * structures asks once. */
HilumJoint *hilum_surface_joint_new(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                                    int smoothing, const HilumProgress *progress, GError **error);

/* The same for one structure. */
HilumMesh *hilum_surface_new(HilumLabelSnapshot *labels, uint8_t label, int smoothing,
                             const HilumProgress *progress, GError **error);

G_END_DECLS
