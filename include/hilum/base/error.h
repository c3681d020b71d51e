/* Error domain of the base module. Cancellation is always G_IO_ERROR_CANCELLED, in every module. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_BASE_ERROR_LIMIT,  /* a size overflows or exceeds what may be allocated */
  HILUM_BASE_ERROR_MEMORY, /* the system refused the memory */
  HILUM_BASE_ERROR_IO      /* a file could not be written whole; nothing was left behind */
} HilumBaseError;

#define HILUM_BASE_ERROR hilum_base_error_quark()
GQuark hilum_base_error_quark(void);

G_END_DECLS
