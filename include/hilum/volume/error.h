/* Error domain of the volume module. Messages are sentences a radiologist could act on; they name the file or
 * the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_VOLUME_ERROR_INVALID, /* an argument is outside what the operation accepts */
  HILUM_VOLUME_ERROR_LIMIT,   /* a size exceeds what can be represented or allocated */
} HilumVolumeError;

#define HILUM_VOLUME_ERROR hilum_volume_error_quark()
GQuark hilum_volume_error_quark(void);

G_END_DECLS
