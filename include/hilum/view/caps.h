/* What closes models that are cut open: the filled section of each, and its contours. A pure function of
 * surfaces; any thread. */
#pragma once

#include "hilum/mesh/section.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

/* A section in numbers: of the material that the plane or sphere passes through, and of its contours. */
typedef struct {
  double area_mm2, length_mm;
  size_t contours; /* 0: it is not met, or a sphere lies inside as a whole */
} HilumCapSize;

typedef struct {
  HilumMesh *fill[HILUM_LABEL_COUNT]; /* by label; NULL: the plane or sphere does not meet it */
  GArray *outline[HILUM_LABEL_COUNT]; /* float: pairs of points, mm relative to the fill's origin */
  HilumCapSize size[HILUM_LABEL_COUNT];
} HilumCaps;

/* `meshes` by label, NULL where there is none. NULL only if cancelled, out of memory, or for a bad cutter. */
HilumCaps *hilum_caps_new(HilumMesh *const meshes[HILUM_LABEL_COUNT], const HilumCutter *cutter,
                          const HilumProgress *progress, GError **error);
void hilum_caps_free(HilumCaps *caps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumCaps, hilum_caps_free)

G_END_DECLS
