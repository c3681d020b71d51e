/* Where a polygon's outline runs on the screen, as a table: whether an edge lies in a rectangle is four
 * look-ups (Crow's summed-area table, 1984), and whether a point is inside looks only at edges of its own row
 * of cells. Immutable once made; any thread. */
#pragma once

#include "hilum/segment/polygon.h"

typedef struct {
  HilumPolygon polygon;  /* borrowed points */
  double x0, y0, per_px; /* cells to the pixel */
  int32_t columns, rows;
  uint32_t *sums;   /* (columns + 1) * (rows + 1): cells of the outline above and to the left */
  uint32_t *starts; /* rows + 1: first entry of `edges` for each row of cells */
  uint32_t *edges;  /* numbers of the edges that reach into the row */
} HilumOutlineMap;

/* The polygon must be finite with at least three points. NULL with HILUM_BASE_ERROR_*. */
HilumOutlineMap *hilum_outline_map_new(const HilumPolygon *polygon, GError **error);
void hilum_outline_map_free(HilumOutlineMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumOutlineMap, hilum_outline_map_free)
/* False only if no edge comes near the rectangle spanned by two points: all of it is then inside or all
 * outside. */
bool hilum_outline_map_is_near(const HilumOutlineMap *map, HilumPoint2 a, HilumPoint2 b);
/* What hilum_polygon_contains() says. */
bool hilum_outline_map_contains(const HilumOutlineMap *map, HilumPoint2 p);
