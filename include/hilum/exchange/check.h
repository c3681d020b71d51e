/* Verdict on a mesh file, as `hilum-cli check` prints it: is the file what its format demands, and is the
 * surface in it fit for a printer. Reports, never repairs. Any thread. */
#pragma once

#include "hilum/mesh/measure.h"
#include "hilum/mesh/mesh.h"
#include "hilum/mesh/verdict.h"

G_BEGIN_DECLS

typedef enum { HILUM_MESH_CHECK_OK, HILUM_MESH_CHECK_WARNING, HILUM_MESH_CHECK_REFUSED } HilumMeshVerdict;
const char *hilum_mesh_verdict_name(HilumMeshVerdict verdict); /* "ok" "warning" "refused" */

typedef struct {
  HilumMeshVerdict verdict;
  const char *code; /* static: "size-mismatch" "solid-header" "not-finite" "open-edges" "nonmanifold-edges"
                       "nonmanifold-vertices" "flipped" "inside-out" "degenerate" "duplicate"
                       "self-intersecting" "empty" */
  char *message;
} HilumMeshFinding;

typedef struct {
  HilumMeshVerdict verdict; /* the worst of the findings */
  const char *format;       /* static: "stl-binary" "stl-text"; NULL if unknown */
  bool measured;            /* `report` and `beyond` are filled */
  HilumMeshReport report;
  HilumMeshBeyond beyond; /* self-intersections and thickness */
  uint32_t vertices, triangles;
  HilumBox bounds_mm;
  GArray *findings; /* HilumMeshFinding, with clear function */
} HilumMeshCheck;

/* True if the file is of a kind that hilum_mesh_check_file() knows, by its content. */
bool hilum_mesh_check_sniff(const char *path);
/* Fails only if the file cannot be read, is of no known format, or cancelled; defects are findings. */
bool hilum_mesh_check_file(const char *path, HilumMeshCheck *check, const HilumProgress *progress,
                           GError **error);
void hilum_mesh_check_clear(HilumMeshCheck *check);

G_END_DECLS
