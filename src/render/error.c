/* The error domain of the render module. */
#include "hilum/render/error.h"

GQuark hilum_render_error_quark(void)
{
  return g_quark_from_static_string("hilum-render-error");
}
