/* The error domain of the dicom module. */
#include "hilum/dicom/error.h"

GQuark hilum_dicom_error_quark(void)
{
  return g_quark_from_static_string("hilum-dicom-error");
}
