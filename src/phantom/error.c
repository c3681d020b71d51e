/* The error domain of the phantom module. */
#include "hilum/phantom/error.h"

G_DEFINE_QUARK(hilum - phantom - error - quark, hilum_phantom_error)
