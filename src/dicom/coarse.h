/* Coarse volumes of a load that is under way (hilum_catalog_load_watched()). Slices are decoded in an order
 * that brings evenly spread ones first; whenever a level of them is complete, what they show is copied,
 * averaged, into a small volume of its own. The voxels being loaded are never handed out. */
#pragma once

#include "series.h"

#include "hilum/dicom/preview.h"

enum {
  HILUM_COARSE_SIDE = 320,  /* voxels across a coarse plane, at most */
  HILUM_COARSE_PLANES = 16, /* of the first level; each further one has twice as many */
  HILUM_COARSE_LEVELS = 8   /* at most */
};

typedef struct HilumCoarse HilumCoarse;

/* What is being loaded. All borrowed, and there until hilum_coarse_free(). */
typedef struct {
  const HilumSeries *series;
  const int16_t *voxels; /* slices in the order of series->records, as the files have them */
  HilumValueMap map;
  int16_t padding_stored;
  const HilumRawRange *ranges; /* of slices that are raw values as yet; NULL: they are mapped */
  const char *unit;
} HilumCoarseSource;

/* NULL where there is nothing to show: no `watch`, too few slices, too little memory. */
HilumCoarse *hilum_coarse_new(const HilumCoarseSource *source, HilumLoadWatch watch, void *watch_data);
void hilum_coarse_free(HilumCoarse *coarse);
/* The slice to decode as number `turn`; every slice has one turn. */
size_t hilum_coarse_slice(const HilumCoarse *coarse, size_t turn);
/* This slice is decoded, with all that `source` says about it. Any thread, each slice once. May make a volume
 * and call the watcher. */
void hilum_coarse_done(HilumCoarse *coarse, size_t slice);
