/* Fewer triangles for the same surface: edges are collapsed in the order of their quadric error (M. Garland,
 * P. Heckbert, Surface simplification using quadric error metrics, SIGGRAPH 1997). Any thread, all cores, the
 * same bits with any number of threads. */
#pragma once

#include "hilum/mesh/mesh.h"

G_BEGIN_DECLS

typedef struct {
  uint32_t target_triangles; /* 0: as few as max_error_mm allows; else stop there */
  double max_error_mm; /* 0: none; else the Hausdorff distance between input and result, both ways, is at
                          most this, proved triangle by triangle before the result is handed out */
  bool may_cross; /* triangles of the result may cross or touch; else they do only where the input's do */
} HilumDecimateOptions;

/* A new mesh; what was closed and 2-manifold stays so, with as many pieces and handles. No triangle turns
 * over. Vertices on an open border, and those where the surface is not manifold, stay where they are. The
 * result has the wanted number of triangles or one less, or more where nothing can be collapsed any more, the
 * error forbids it or it would cross itself. *bound_mm (may be NULL; 0 without max_error_mm) is the proved
 * bound. At least one of the options must be set (HILUM_MESH_ERROR_INVALID). */
HilumMesh *hilum_mesh_decimate(HilumMesh *mesh, const HilumDecimateOptions *options, double *bound_mm,
                               const HilumProgress *progress, GError **error);

G_END_DECLS
