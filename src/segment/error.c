/* The error domain of the segment module. */
#include "hilum/segment/error.h"

G_DEFINE_QUARK(hilum - segment - error - quark, hilum_segment_error)
