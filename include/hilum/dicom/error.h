/* Error domain of the dicom module. Messages are sentences a radiologist could act on; they name the file or
 * the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_DICOM_ERROR_READ,        /* a file could not be read */
  HILUM_DICOM_ERROR_NOT_DICOM,   /* the file is not DICOM */
  HILUM_DICOM_ERROR_NO_IMAGES,   /* no image was found where one was asked for */
  HILUM_DICOM_ERROR_REFUSED,     /* the geometry was refused; the message names why */
  HILUM_DICOM_ERROR_UNSUPPORTED, /* known and declined: the message says what */
  HILUM_DICOM_ERROR_WRITE,       /* a file could not be written */
} HilumDicomError;

#define HILUM_DICOM_ERROR hilum_dicom_error_quark()
GQuark hilum_dicom_error_quark(void);

G_END_DECLS
