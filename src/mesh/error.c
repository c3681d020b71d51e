/* The error domain of the mesh module. */
#include "hilum/mesh/error.h"

GQuark hilum_mesh_error_quark(void)
{
  return g_quark_from_static_string("hilum-mesh-error");
}
