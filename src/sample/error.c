/* The error domain of the sample module. */
#include "hilum/sample/error.h"

/* clang-format off */
GQuark hilum_sample_error_quark(void)
{
  return g_quark_from_static_string("hilum-sample-error");
}
