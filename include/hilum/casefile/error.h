/* Error domain of the casefile module. Messages are sentences a radiologist could act on; they name the file
 * or the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_CASEFILE_ERROR_OPEN,           /* the case could not be opened */
  HILUM_CASEFILE_ERROR_VERSION,        /* the case was written by a newer Hilum */
  HILUM_CASEFILE_ERROR_CORRUPT,        /* the case file is damaged */
  HILUM_CASEFILE_ERROR_MISSING_IMAGES, /* the case is whole but its images were not found */
  HILUM_CASEFILE_ERROR_WRITE,          /* a file could not be written */
  HILUM_CASEFILE_ERROR_STRUCTURE,      /* no such structure, or no room for one more */
  HILUM_CASEFILE_ERROR_LOCKED,         /* the structure is locked */
  HILUM_CASEFILE_ERROR_NAME,           /* a name that is taken, blank or too long */
  HILUM_CASEFILE_ERROR_GRID,           /* the images do not lie on the case's grid */
  HILUM_CASEFILE_ERROR_PATIENT,        /* the images belong to another patient */
  HILUM_CASEFILE_ERROR_STALE,          /* the labels changed since the change was computed */
  HILUM_CASEFILE_ERROR_HISTORY,        /* a step could not be undone or redone */
  HILUM_CASEFILE_ERROR_IN_USE,         /* the case is open in another window or program */
} HilumCasefileError;

#define HILUM_CASEFILE_ERROR hilum_casefile_error_quark()
GQuark hilum_casefile_error_quark(void);

G_END_DECLS
