/* Finding files: folders at any depth, single files, DICOMDIRs. */
#pragma once

#include "findings.h"

typedef struct {
  GPtrArray *files;  /* paths, owned, each file once, in a stable order */
  GHashTable *named; /* of these, paths that the caller named: key = the string in `files` */
} HilumWalk;

/* Collects regular files. Folders are entered to a depth of 64; links are followed only to regular files, so
 * that no loop exists; pipes, sockets and devices are left alone. What cannot be opened below a named folder
 * becomes a finding; a named path that cannot be read is HILUM_DICOM_ERROR_READ. Reports how many it found.
 */
bool hilum_walk(const char *const *paths, size_t n_paths, HilumWalk *walk, GArray *findings,
                const HilumProgress *progress, GError **error);
void hilum_walk_clear(HilumWalk *walk);

/* "3,412 of 10,000 files read"; `all` 0: "3,412 files found". */
void hilum_walk_count_text(size_t done, size_t all, char *text, size_t size);
