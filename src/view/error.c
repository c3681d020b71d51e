/* The error domain of the view module. */
#include "hilum/view/error.h"

GQuark hilum_view_error_quark(void)
{
  return g_quark_from_static_string("hilum-view-error");
}
