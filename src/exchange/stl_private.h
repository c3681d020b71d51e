/* What the mesh check wants to know of an STL file beyond its mesh. */
#pragma once

#include "hilum/mesh/mesh.h"

typedef struct {
  bool text;             /* "solid ... facet ..." rather than binary */
  bool solid_header;     /* binary, but begins with "solid" as text does: many readers stumble */
  uint64_t file_bytes;   /* as it is */
  uint64_t wanted_bytes; /* 84 + 50 n, for binary */
  uint64_t declared;     /* n */
  uint64_t present;      /* triangles that are there */
  uint64_t not_finite;   /* triangles with NaN or infinity: left out */
} HilumStlFacts;

/* As hilum_stl_read(), but lenient: a wrong count or bad triangles are facts, not failures, and what is there
 * becomes a mesh (NULL without error if no triangle is left). */
HilumMesh *hilum_stl_read_lenient(const char *path, HilumStlFacts *facts, const HilumProgress *progress,
                                  GError **error);
