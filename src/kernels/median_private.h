/* The reference, for rows that are too short for a vector. */
#pragma once

#include "hilum/kernels/median.h"

extern const HilumMedianKernels hilum_median_reference;
