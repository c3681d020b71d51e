/* Telling apart what shares a series and a grid. */
#pragma once

#include "geometry.h"

/* One stack, and what it took to find it. */
typedef struct {
  GPtrArray *records;  /* HilumRecord, borrowed, sorted */
  const char *told_by; /* what tells it from its siblings (static), or NULL */
  char *dropped;       /* names of identical duplicates that were left out, or NULL */
  char *copies;        /* names of copies that were left out before anything was told apart, or NULL */
} HilumStack;

/* Appends the stacks (HilumStack) that records of one grid make up, trying the attributes from the
 * first_key-th on. Sorts `records`. */
void hilum_stacks_resolve(GPtrArray *records, size_t first_key, const char *told_by, GArray *stacks);

/* Takes slices out of sorted records that repeat another; their names (g_free()) or NULL. `only_copies`: of
 * one and the same object. */
char *hilum_slices_drop_duplicates(GPtrArray *records, bool only_copies);
