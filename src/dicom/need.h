/* How much memory a load takes, before anything is allocated for it. */
#pragma once

#include "series.h"

typedef struct {
  size_t slice_voxels; /* of all slices together, as they come from the files */
  uint64_t pixels;     /* bytes of voxels that exist at once */
  uint64_t bytes;      /* with them the scratch of all workers: the peak */
  uint64_t compressed; /* bytes of encapsulated pixels in the files */
  bool plain;          /* some pixels are not encapsulated */
} HilumLoadNeed;

/* Bytes that decoding one slice takes, beside the place where it goes. */
uint64_t hilum_record_scratch_bytes(const HilumRecord *record);
/* False if the numbers do not fit into a size. */
bool hilum_load_need(const HilumSeries *series, HilumLoadNeed *need);
/* Also refuses, with a sentence, what does not fit into hilum_memory_budget(), and volumes that are out of
 * all proportion to their compressed files. */
bool hilum_load_check(const HilumSeries *series, HilumLoadNeed *need, GError **error);
