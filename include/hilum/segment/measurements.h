/* All numbers about the structures of a case at once: what `hilum-cli measure` prints, the table in the
 * window shows, and CSV files hold. A pure function of a snapshot and the phases; any thread, cancellable. */
#pragma once

#include "hilum/segment/shape.h"
#include "hilum/segment/statistics.h"
#include "hilum/segment/values.h"

G_BEGIN_DECLS

typedef struct {
  uint8_t label;
  const char *name, *kind; /* kind: "tumour", as files write it */
} HilumMeasureSubject;

typedef struct {
  HilumLabelSnapshot *labels;
  const HilumMeasureSubject *subjects; /* those without voxels are left out */
  size_t n_subjects;
  HilumVolume *const *volumes; /* on the grid of `labels`; NULL where the images are missing */
  const char *const *phase_names;
  size_t n_phases;
  size_t phase; /* whose values are "the" values, and the partial-volume estimate's */
} HilumMeasureRequest;

typedef struct {
  uint8_t label;
  char *name, *kind;
  HilumStructureStats stats;
  HilumStructureShape shape;
  HilumPartialVolume partial;
  HilumStructureValues *values; /* one a phase; voxels == 0 where the images are missing */
} HilumMeasuredStructure;

typedef struct {
  size_t a, b; /* indices of structures, a < b */
  double distance_mm;
  HilumVec3 point_a_mm, point_b_mm;
} HilumMeasuredDistance;

typedef struct {
  HilumMeasuredStructure *structures;
  size_t n_structures;
  HilumMeasuredDistance *distances; /* every pair: (0,1), (0,2) ... (1,2) ... */
  size_t n_distances;
  char **phase_names, **units;
  size_t n_phases, phase;
  uint64_t label_serial; /* of the snapshot measured */
  gatomicrefcount refs;
} HilumMeasurements;

HilumMeasurements *hilum_measurements_new(const HilumMeasureRequest *request, const HilumProgress *progress,
                                          GError **error);
/* Immutable, so any thread may hold a reference. */
HilumMeasurements *hilum_measurements_ref(HilumMeasurements *measurements);
void hilum_measurements_unref(HilumMeasurements *measurements);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumMeasurements, hilum_measurements_unref)
/* The values of the chosen phase; NULL where its images are missing. Borrowed. */
const HilumStructureValues *hilum_measurements_get_values(const HilumMeasurements *measurements,
                                                          size_t structure);
/* Of two structures, whichever order; NULL for one and itself. Borrowed. */
const HilumMeasuredDistance *hilum_measurements_get_distance(const HilumMeasurements *measurements, size_t a,
                                                             size_t b);

typedef enum {
  HILUM_TABLE_CSV, /* RFC 4180: CRLF, fields quoted where they must be */
  HILUM_TABLE_TSV  /* for the clipboard: tabs and LF; tabs and line ends in names become blanks */
} HilumTableForm;

/* One table: a header with units, a row a structure, the distances to every other structure as columns, and
 * last a column `note` that says "Planning aid. Not for diagnosis." in every row, after `estimate` (what
 * makes the numbers estimates; NULL or "": nothing). UTF-8, C locale; a number that does not exist is an
 * empty field. A name that a spreadsheet would take for a formula (first = + - @) gets an apostrophe before
 * it. Columns: docs/cli.md. g_free(). */
char *hilum_measurements_dup_table(const HilumMeasurements *measurements, HilumTableForm form,
                                   const char *estimate);
/* The CSV as a file that appears whole or not at all. */
bool hilum_measurements_write_csv(const HilumMeasurements *measurements, const char *path,
                                  const char *estimate, GError **error);

G_END_DECLS
