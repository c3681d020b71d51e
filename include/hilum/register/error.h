/* Error domain of the register module. Messages are sentences a radiologist could act on; they name the
 * series by its part (fixed, moving) and the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_REGISTER_ERROR_INVALID,   /* an argument is outside what the operation accepts */
  HILUM_REGISTER_ERROR_REGION,    /* the region holds too little of one of the volumes */
  HILUM_REGISTER_ERROR_STRUCTURE, /* a volume shows nothing in the region that could be aligned */
} HilumRegisterError;

#define HILUM_REGISTER_ERROR hilum_register_error_quark()
GQuark hilum_register_error_quark(void);

G_END_DECLS
