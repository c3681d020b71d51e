/* The vessel tool and what its jobs compute. */
#pragma once

#include "hilum/segment/vessel.h"
#include "tool_private.h"

typedef struct {
  HilumVec3 at_mm;
  bool other; /* APART: in the vessel that goes */
} ToolVesselPoint;

/* Of one job; the results are the worker's until the job is done. */
typedef struct {
  HilumVesselAction action;
  HilumVesselOptions options;
  GArray *points;     /* ToolVesselPoint */
  GArray *sources_mm; /* HilumVec3: for the map; empty: the points */
  bool wants_map;     /* instead of a mask */
  /* Results: */
  HilumVesselMap *map;
  GPtrArray *branches; /* GArray of HilumVec3 */
  double length_mm, mean_diameter_mm, least_diameter_mm;
  HilumVesselTreeReport tree;
} ToolVessel;

ToolVessel *hilum_tool_vessel_new(HilumVesselAction action, bool map);
void hilum_tool_vessel_free(gpointer vessel);
