/* Anchor of the kernels library; every kernel is added by hilum_add_kernel(). */
#include "hilum/kernels/kernels.h"
