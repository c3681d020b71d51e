/* The error domain of the base module. */
#include "hilum/base/error.h"

GQuark hilum_base_error_quark(void)
{
  return g_quark_from_static_string("hilum-base-error-quark");
}
