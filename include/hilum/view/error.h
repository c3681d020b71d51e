/* Error domain of the view module. Messages are sentences a radiologist could act on; they name the file or
 * the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_VIEW_ERROR_INVALID, /* an argument is outside what the operation accepts */
} HilumViewError;

#define HILUM_VIEW_ERROR hilum_view_error_quark()
GQuark hilum_view_error_quark(void);

G_END_DECLS
