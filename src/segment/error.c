/* The error domain of the segment module. */
#include "hilum/segment/error.h"

GQuark hilum_segment_error_quark(void)
{
  return g_quark_from_static_string("hilum-segment-error");
}
