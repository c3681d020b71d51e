/* Binary STL in millimetres. The 80-byte header never starts with "solid" and says the frame: "Hilum LPS mm.
 * Planning aid. Not for diagnosis." It never holds patient data. Any thread. */
#pragma once

#include "hilum/mesh/mesh.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_FRAME_LPS,
  HILUM_FRAME_RAS /* x and y negated: a rotation, never a mirror */
} HilumFrame;

/* Several meshes become one file. `bytes` and `sha256` (g_free()) are optional. */
bool hilum_stl_write(const char *path, HilumMesh *const *meshes, size_t n_meshes, HilumFrame frame,
                     size_t *bytes, char **sha256, const HilumProgress *progress, GError **error);
/* Reads binary or text STL and joins corners at identical coordinates. Size and count are checked before any
 * allocation. */
HilumMesh *hilum_stl_read(const char *path, const HilumProgress *progress, GError **error);

G_END_DECLS
