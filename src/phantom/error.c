/* The error domain of the phantom module. */
#include "hilum/phantom/error.h"

GQuark hilum_phantom_error_quark(void)
{
  return g_quark_from_static_string("hilum-phantom-error");
}
