/* Error domain of the segment module. Messages are sentences a radiologist could act on; they name the file
 * or the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_SEGMENT_ERROR_INVALID, /* an argument is outside what the operation accepts */
  HILUM_SEGMENT_ERROR_EMPTY,   /* the operation has nothing to work on */
  HILUM_SEGMENT_ERROR_SEED,    /* a seed lies outside the volume or outside its own range */
  HILUM_SEGMENT_ERROR_SYNTAX,  /* a recipe or step does not parse */
} HilumSegmentError;

#define HILUM_SEGMENT_ERROR hilum_segment_error_quark()
GQuark hilum_segment_error_quark(void);

G_END_DECLS
