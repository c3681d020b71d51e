/* Volumes out of a heap of records: grouping, telling apart what shares a series, and the verdict on each. */
#pragma once

#include "geometry.h"

typedef struct {
  HilumSeriesInfo info;
  GPtrArray *records; /* HilumRecord, borrowed, in slice order */
  GArray *findings;
} HilumSeries;

void hilum_series_free(HilumSeries *series);

/* Sorts slices (HilumRecord, borrowed, any order) into volumes (HilumSeries), each with its findings, in the
 * order that hilum_catalog_get_series() promises. The result does not depend on the order of the records. */
GPtrArray *hilum_series_split(const GPtrArray *records);

/* Takes over findings that were added later. */
void hilum_series_refresh(HilumSeries *series);

/* "arterial", "nephrographic", "excretory", "unenhanced", or "" where the words say nothing or contradict
 * each other. Either text may be NULL. */
const char *hilum_phase_guess(const char *description, const char *protocol);
