/* The reference, for rows that are too short for a vector. */
#pragma once

#include "hilum/kernels/gauss.h"

extern const HilumGaussKernels hilum_gauss_reference;
