/* Error domain of the mesh module. Messages are sentences a radiologist could act on; they name the file or
 * the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_MESH_ERROR_INVALID, /* an argument is outside what the operation accepts */
  HILUM_MESH_ERROR_EMPTY,   /* the operation has nothing to work on */
  HILUM_MESH_ERROR_LIMIT,   /* a size exceeds what can be represented or allocated */
} HilumMeshError;

#define HILUM_MESH_ERROR hilum_mesh_error_quark()
GQuark hilum_mesh_error_quark(void);

G_END_DECLS
