/* The error domain of the register module. */
#include "hilum/register/error.h"

GQuark hilum_register_error_quark(void)
{
  return g_quark_from_static_string("hilum-register-error");
}
