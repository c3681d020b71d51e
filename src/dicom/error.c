/* The error domain of the dicom module. */
#include "hilum/dicom/error.h"

G_DEFINE_QUARK(hilum - dicom - error - quark, hilum_dicom_error)
