/* The surface of a structure as everything shows, measures and exports it: extraction and smoothing with one
 * set of defaults, so that the window, the headless tool and every file agree. Any thread. */
#pragma once

#include "hilum/mesh/extract.h"
#include "hilum/mesh/smooth.h"

G_BEGIN_DECLS

/* Smoothing passes unless the user asks otherwise. */
#define HILUM_SURFACE_SMOOTHING 20

/* Label surface, then `smoothing` pairs of passes of Taubin smoothing that keep the label's volume and every
 * piece's facing (0: none, the bare marching-cubes surface), on a leash of half a voxel: along each axis of
 * the grid no vertex ends farther than half the spacing from where it started. */
HilumMesh *hilum_surface_new(HilumLabelSnapshot *labels, uint8_t label, int smoothing,
                             const HilumProgress *progress, GError **error);

G_END_DECLS
