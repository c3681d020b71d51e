/* Volumes out of a heap of records: grouping, telling apart what shares a series, and the verdict on each. */
#pragma once

#include "geometry.h"

typedef struct {
  HilumSeriesInfo info;
  GPtrArray *records; /* HilumRecord, borrowed, in slice order */
  GArray *findings;
  HilumStackPlan plan; /* how the slices fill info.grid */
} HilumSeries;

void hilum_series_free(HilumSeries *series);

/* Sorts slices (HilumRecord, borrowed, any order) into volumes (HilumSeries), each with its findings, in the
 * order that hilum_catalog_get_series() promises. The result does not depend on the order of the records. */
GPtrArray *hilum_series_split(const GPtrArray *records);

/* Takes over findings that were added later. */
void hilum_series_refresh(HilumSeries *series);

/* Missing slices are bridged from now on, which the findings say. False, and nothing changes, if the volume
 * is refused for another reason. */
bool hilum_series_accept_gaps(HilumSeries *series);

/* Add what is wrong with single files, and what is unusual about the whole. */
void hilum_series_check_files(HilumSeries *series);
void hilum_series_check(HilumSeries *series);

/* The contrast phase of a slice's series: what its texts say, else what its times say, else "". */
const char *hilum_phase_of(const HilumRecord *record);
/* The same from the seconds between the start of the injection and the acquisition. */
const char *hilum_phase_from_delay(double seconds);
/* "arterial", "nephrographic", "excretory", "unenhanced", or "" where the words say nothing or contradict
 * each other. Either text may be NULL. */
const char *hilum_phase_guess(const char *description, const char *protocol);
