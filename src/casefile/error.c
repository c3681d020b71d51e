/* The error domain of the casefile module. */
#include "hilum/casefile/error.h"

G_DEFINE_QUARK(hilum - casefile - error - quark, hilum_casefile_error)
