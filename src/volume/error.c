/* The error domain of the volume module. */
#include "hilum/volume/error.h"

GQuark hilum_volume_error_quark(void)
{
  return g_quark_from_static_string("hilum-volume-error-quark");
}
