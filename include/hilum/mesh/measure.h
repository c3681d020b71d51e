/* What can be said of a mesh: measures and verdict. Any thread. Sums are accumulated in double in a fixed
 * order. */
#pragma once

#include "hilum/mesh/mesh.h"

G_BEGIN_DECLS

typedef struct {
  double area_mm2;
  double volume_mm3;  /* divergence theorem; positive when triangles face outward */
  bool closed;        /* every edge has exactly two triangles */
  bool manifold;      /* no edge with more than two, every vertex has one fan */
  bool oriented;      /* neighbours agree on direction */
  bool outward;       /* every shell that is not a cavity encloses positive volume */
  uint32_t shells;    /* connected pieces, cavities among them */
  uint32_t cavities;  /* pieces turned inwards; if `outward`, each lies in the material of others */
  double largest_mm3; /* what the largest piece encloses */
  uint32_t crumbs;    /* pieces and cavities that enclose less than a hundredth of that */
  uint32_t boundary_edges, nonmanifold_edges, nonmanifold_vertices, flipped_edges;
  uint32_t degenerate_triangles; /* area below 1e-12 mm2 or a repeated corner */
  uint32_t duplicate_triangles;
  int64_t euler; /* V - E + F */
} HilumMeshReport;

bool hilum_mesh_measure(const HilumMesh *mesh, HilumMeshReport *report, const HilumProgress *progress,
                        GError **error);
/* closed, manifold, oriented, outward, nothing degenerate or duplicate. */
bool hilum_mesh_report_is_clean(const HilumMeshReport *report);

G_END_DECLS
