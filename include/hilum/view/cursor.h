/* Words for places: what the status bar, the panes and pictures write. C locale (a point is a point), a real
 * minus never needed since letters carry the sign. Any thread. */
#pragma once

#include "hilum/geom/vec3.h"

#include <glib.h>

G_BEGIN_DECLS

/* "L 70.2 · P 14.0 · S 30.0 mm" (R, A, I for negative). Owned by the caller. */
char *hilum_position_dup_text(HilumVec3 point_mm);
/* One coordinate: axis 0 x, 1 y, 2 z: "L 70.2 mm". */
char *hilum_coordinate_dup_text(int axis, double value_mm);

G_END_DECLS
