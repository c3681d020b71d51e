/* The error domain of the volume module. */
#include "hilum/volume/error.h"

G_DEFINE_QUARK(hilum - volume - error - quark, hilum_volume_error)
