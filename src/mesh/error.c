/* The error domain of the mesh module. */
#include "hilum/mesh/error.h"

G_DEFINE_QUARK(hilum - mesh - error - quark, hilum_mesh_error)
