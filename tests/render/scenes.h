/* Synthetic scenes for the offscreen tests: nothing from files, the same on every machine. */
#pragma once

#include "hilum/render/offscreen.h"

/* A sphere or (minor > 0) a torus around the z axis, as a closed mesh. */
HilumMesh *scene_mesh(HilumVec3 center_mm, double radius_mm, double minor_mm);

typedef struct {
  HilumWorkspace *workspace;
  HilumLabelMap *labels;
} Scene;

/* A volume whose grey values name their side (a gradient to the left, a bright ball left-anterior-superior)
 * and two labelled balls; `tilt_deg` turns the grid about x and z. */
Scene scene_slices(double tilt_deg);
/* A translucent sphere around an opaque torus, a second translucent sphere inside, an outlined ball outside.
 */
Scene scene_surfaces(void);
void scene_clear(Scene *scene);
