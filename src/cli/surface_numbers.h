/* What `mesh`, `measure` and `export` say of a surface: measured once, written in one way. */
#pragma once

#include "cli.h"

typedef struct {
  HilumMeshReport report;
  HilumMeshBeyond beyond;
  HilumCurvature curvature;
  HilumSurfaceDistance from_label; /* to the bare surface of the labels, both ways */
  bool has_label;
} CliSurfaceNumbers;

/* `bare` NULL: not compared with the labels. */
bool cli_surface_numbers(const HilumMesh *surface, const HilumMesh *bare, CliSurfaceNumbers *numbers,
                         const HilumProgress *progress, GError **error);
/* Into the open object: area_mm2, volume_ml, genus ... thinnest_mm (cli_json_verdict()), curvature and, if
 * compared, label_distance. */
void cli_json_surface(JsonBuilder *b, const CliSurfaceNumbers *numbers);
/* Two indented lines. */
void cli_print_surface(const CliSurfaceNumbers *numbers);
