/* Error domain of the phantom module. Messages are sentences a radiologist could act on; they name the file
 * or the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_PHANTOM_ERROR_INVALID, /* an argument is outside what the operation accepts */
} HilumPhantomError;

#define HILUM_PHANTOM_ERROR hilum_phantom_error_quark()
GQuark hilum_phantom_error_quark(void);

G_END_DECLS
