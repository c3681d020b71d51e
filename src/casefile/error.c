/* The error domain of the casefile module. */
#include "hilum/casefile/error.h"

GQuark hilum_casefile_error_quark(void)
{
  return g_quark_from_static_string("hilum-casefile-error");
}
