/* Shared by the parser and the runner of steps. */
#pragma once

#include "hilum/segment/step.h"

/* Largest amounts that a step may ask for: beyond a body's size, or beyond what an operation accepts. */
#define HILUM_STEP_MAX_MM 200.0
#define HILUM_STEP_MAX_SIGMA_MM 50.0
#define HILUM_STEP_MAX_ML 1e6
#define HILUM_STEP_MAX_PHASE 255.0

/* A new, empty array of steps that clears its elements. */
GArray *hilum_steps_new(void);
