/* The error domain of the filter module. */
#include "hilum/filter/error.h"

G_DEFINE_QUARK(hilum - filter - error - quark, hilum_filter_error)
