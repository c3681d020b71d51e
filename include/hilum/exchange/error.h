/* Error domain of the exchange module. Messages are sentences a radiologist could act on; they name the file
 * or the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_EXCHANGE_ERROR_READ,   /* a file could not be read */
  HILUM_EXCHANGE_ERROR_FORMAT, /* the file is not what its format demands */
  HILUM_EXCHANGE_ERROR_WRITE,  /* a file could not be written */
} HilumExchangeError;

#define HILUM_EXCHANGE_ERROR hilum_exchange_error_quark()
GQuark hilum_exchange_error_quark(void);

G_END_DECLS
