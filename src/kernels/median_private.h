/* The reference loops, for rows that are too short for a vector. */
#pragma once

#include "hilum/kernels/median.h"

void hilum_median_sort3_c(const int16_t *a, const int16_t *b, const int16_t *c, size_t n,
                          int16_t *const sorted[3]);
void hilum_median_median27_c(const int16_t *const columns[9], size_t n, int16_t *scratch, int16_t *dst);
