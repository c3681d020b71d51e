/* Error domain of the sample module. Messages are sentences a radiologist could act on; they name the file or
 * the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_SAMPLE_ERROR_FOLDER, /* the folder cannot be made, or holds something else */
  HILUM_SAMPLE_ERROR_WRITE,  /* a file could not be written */
} HilumSampleError;

#define HILUM_SAMPLE_ERROR hilum_sample_error_quark()
GQuark hilum_sample_error_quark(void);

G_END_DECLS
