/* The error domain of the render module. */
#include "hilum/render/error.h"

G_DEFINE_QUARK(hilum - render - error - quark, hilum_render_error)
