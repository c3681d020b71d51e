/* The error domain of the base module. */
#include "hilum/base/error.h"

G_DEFINE_QUARK(hilum - base - error - quark, hilum_base_error)
