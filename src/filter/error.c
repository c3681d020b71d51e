/* The error domain of the filter module. */
#include "hilum/filter/error.h"

GQuark hilum_filter_error_quark(void)
{
  return g_quark_from_static_string("hilum-filter-error");
}
