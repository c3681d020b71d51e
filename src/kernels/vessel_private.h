/* The reference, for rows that are too short for a vector. */
#pragma once

#include "hilum/kernels/vessel.h"

extern const HilumVesselKernels hilum_vessel_reference;
