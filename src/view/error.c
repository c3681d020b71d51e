/* The error domain of the view module. */
#include "hilum/view/error.h"

G_DEFINE_QUARK(hilum - view - error - quark, hilum_view_error)
