/* Error domain of the filter module. Messages are sentences a radiologist could act on; they name the file or
 * the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_FILTER_ERROR_INVALID, /* an argument is outside what the operation accepts */
  HILUM_FILTER_ERROR_LIMIT,   /* a size exceeds what can be represented or allocated */
} HilumFilterError;

#define HILUM_FILTER_ERROR hilum_filter_error_quark()
GQuark hilum_filter_error_quark(void);

G_END_DECLS
