/* The error domain of the sample module. */
#include "hilum/sample/error.h"

/* clang-format off */
G_DEFINE_QUARK(hilum-sample-error-quark, hilum_sample_error)
