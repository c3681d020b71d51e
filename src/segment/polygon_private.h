/* The one rule by which an edge is crossed; polygon.h states it. */
#pragma once

#include "hilum/segment/polygon.h"

/* +1 where the edge goes up through y, -1 where it goes down, 0 where it is not crossed. */
static inline int hilum_edge_direction(HilumPoint2 a, HilumPoint2 b, double y)
{
  return (b.y > y) - (a.y > y);
}

/* Where a crossed edge is at y. */
static inline double hilum_edge_x_at(HilumPoint2 a, HilumPoint2 b, double y)
{
  const HilumPoint2 low = a.y <= b.y ? a : b, high = a.y <= b.y ? b : a;
  return low.x + (y - low.y) / (high.y - low.y) * (high.x - low.x);
}

static inline bool hilum_fill_rule_holds(HilumFillRule rule, int crossings, int winding)
{
  return rule == HILUM_FILL_NONZERO ? winding != 0 : (crossings & 1) != 0;
}

static inline HilumPoint2 hilum_polygon_next(const HilumPolygon *polygon, size_t n)
{
  return polygon->points[n + 1 < polygon->n ? n + 1 : 0];
}
