/* What was done to surfaces on their way out, as JSON: beside the exported file, and for the case to keep.
 * Nothing of the patient is in it but the names of structures. Any thread. docs/case-format.md has the
 * members. */
#pragma once

#include "hilum/exchange/stl.h"
#include "hilum/mesh/repair.h"

G_BEGIN_DECLS

/* One surface of an exported file. All borrowed. */
typedef struct {
  const char *structure;       /* "Tumour", or "Tumour + Parenchyma" for a union */
  const char *position;        /* what placed the surface: "labels" or "grey values" */
  int smoothing;               /* passes */
  double volume_mm3;           /* enclosed by what was written */
  const GArray *modifications; /* HilumModification */
} HilumExportedSurface;

/* One line: `structure, file` (its base name)`, time` (UTC)`, program, position, smoothing, volume_ml,
 * modifications[]`. g_free(). */
char *hilum_exported_surface_to_json(const HilumExportedSurface *surface, const char *path);
/* "kidney.stl" gets "kidney.stl.json": `file, sha256, frame, time, program, note, surfaces[]`. The file
 * appears whole or not at all. HILUM_EXCHANGE_ERROR_WRITE. */
bool hilum_export_record_write(const char *path, const char *sha256, HilumFrame frame,
                               const HilumExportedSurface *surfaces, size_t n, GError **error);

G_END_DECLS
