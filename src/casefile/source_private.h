/* Where a phase's images came from: immutable, reference counted, shared between the phase, the records
 * captured from it and the jobs that look for the files. Only the fingerprints are filled in later, once,
 * under a lock. Any thread. */
#pragma once

#include "hilum/dicom/dicom.h"
#include "hilum/volume/volume.h"

/* How much of a file its fingerprint covers: the whole header and the first rows of the image. */
#define HILUM_SOURCE_HEAD_BYTES 65536u

typedef struct {
  char *path;     /* absolute */
  char *relative; /* as the case file had it, made absolute from the case's folder; NULL if never read */
  char *sop_uid;
  uint64_t bytes;       /* 0: no fingerprint */
  char head_sha256[65]; /* of the first HILUM_SOURCE_HEAD_BYTES; "" : no fingerprint */
} HilumSourceFile;

typedef struct {
  gatomicrefcount refs;
  char *description, *kind, *modality, *series_uid, *study_uid, *frame_uid, *study_date, *transfer_syntax;
  int series_number;
  HilumGrid grid;
  double slope, intercept;
  char *unit;
  double window_center, window_width; /* NAN: none suggested */
  HilumVerdict verdict;
  GArray *findings; /* HilumFinding; messages owned */
  size_t n_files;
  HilumSourceFile *files; /* path, relative, sop_uid immutable */

  GMutex lock; /* for what follows and the fingerprints in files */
  bool has_fingerprints;
  char voxels_hash[33]; /* "" until taken */
} HilumSource;

/* All fields empty, no files. */
HilumSource *hilum_source_new(size_t n_files);
/* Copies what the catalog says (`info` may be NULL), with grid and rescale of `volume`. */
HilumSource *hilum_source_new_from_series(const HilumSeriesInfo *info, const HilumVolume *volume);
HilumSource *hilum_source_ref(HilumSource *source);
void hilum_source_unref(HilumSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumSource, hilum_source_unref)
void hilum_source_add_finding(HilumSource *source, HilumVerdict verdict, const char *code,
                              const char *message);

/* Fills in fingerprints of files and voxels (`volume` may be NULL) that are not known yet. A file that can no
 * longer be read stays without one. False if cancelled. */
bool hilum_source_take_fingerprints(HilumSource *source, const HilumVolume *volume,
                                    const HilumProgress *progress, GError **error);
/* 128 bits over the stored voxels, the same with any number of threads; against accidents, not attackers. */
void hilum_voxels_hash(const HilumVolume *volume, char out[33]);
/* Size and SHA-256 of the head of a file; false if it cannot be read. */
bool hilum_file_fingerprint(const char *path, uint64_t *bytes, char head_sha256[65]);
