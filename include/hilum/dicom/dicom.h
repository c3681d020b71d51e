/* DICOM in and out. Plain C over opaque handles; DCMTK lives behind it in dcmtk_*.cpp and nowhere else.
 * Strings are UTF-8. Points are LPS mm. Any thread; a catalog is immutable once made. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef enum { HILUM_VERDICT_OK, HILUM_VERDICT_WARNING, HILUM_VERDICT_REFUSED } HilumVerdict;
const char *hilum_verdict_name(HilumVerdict verdict); /* "ok" "warning" "refused" */

/* One thing found wrong or unusual: a stable code (docs/dicom.md), a sentence that names slices, files and
 * millimetres, and what it does to the verdict. */
typedef struct {
  HilumVerdict verdict;
  const char *code; /* static: "missing-slices" */
  char *message;
} HilumFinding;

/* A list of findings: a GArray of HilumFinding that frees its messages. add() formats in the C locale's
 * printf and interns the code. */
GArray *hilum_findings_new(void);
void hilum_findings_add(GArray *findings, HilumVerdict verdict, const char *code, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

typedef struct HilumCatalog HilumCatalog;

/* A volume found in the files. Borrowed from the catalog. Patient fields are for display and the case; never
 * log them. */
typedef struct {
  const char *patient_name, *patient_id, *birth_date, *sex;
  const char *study_uid, *study_date, *study_description;
  const char *series_uid, *series_description, *series_date, *series_time;
  const char *modality, *frame_of_reference_uid, *body_part, *laterality, *patient_position;
  const char *transfer_syntax;        /* UID */
  int series_number;                  /* -1 if absent */
  const char *phase;                  /* "arterial" "nephrographic" "excretory" "unenhanced" or "" */
  HilumGrid grid;                     /* valid unless refused */
  double window_center, window_width; /* NAN where the files give none that makes sense */
  size_t n_files;
  const char *const *files;    /* paths, in slice order */
  const char *const *sop_uids; /* same order; of a frame of a multi-frame file with "#" and its number */
  HilumVerdict verdict;
  const HilumFinding *findings;
  size_t n_findings;
  bool has_padding; /* some voxels are no measurement; in CT they read -1024 HU */
} HilumSeriesInfo;

/* Searches files, folders (any depth, any file name, links followed only to regular files, loops ended) and
 * DICOMDIRs. Files that are not DICOM are counted and left. A file that looks like DICOM but is broken
 * becomes a finding. Fails only if a named path cannot be read (with its name), nothing DICOM is found, or
 * cancelled. The progress says how many files were found and read. */
HilumCatalog *hilum_catalog_scan(const char *const *paths, size_t n_paths, const HilumProgress *progress,
                                 GError **error);
/* Gives up a reference; the last one frees. Any thread. */
void hilum_catalog_free(HilumCatalog *catalog);
HilumCatalog *hilum_catalog_ref(HilumCatalog *catalog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumCatalog, hilum_catalog_free)
/* Volumes in a stable order: study date, series number, series UID, then position. Refused ones are listed
 * too. */
size_t hilum_catalog_get_count(const HilumCatalog *catalog);
const HilumSeriesInfo *hilum_catalog_get_series(const HilumCatalog *catalog, size_t index);
/* Findings that belong to no volume (broken files, images that are no part of a volume). */
const HilumFinding *hilum_catalog_get_findings(const HilumCatalog *catalog, size_t *n);
size_t hilum_catalog_get_ignored(const HilumCatalog *catalog); /* files that are not DICOM */

/* For a volume that is refused because slices are missing: from now on it loads, with voxels interpolated
 * across the gaps. It stays marked: "interpolated-gap" takes the place of "missing-slices", and
 * hilum_findings_mark_estimate() says so beside every measurement. The user's decision, never a default.
 * Nothing happens to a volume that loads anyway; HILUM_DICOM_ERROR_REFUSED if it is refused for another
 * reason. The one change that a catalog knows: no other thread may use the catalog meanwhile, but for
 * hilum_catalog_make_picture(). */
bool hilum_catalog_accept_gaps(HilumCatalog *catalog, size_t index, GError **error);
/* Why whatever is measured on a volume with these findings is an estimate, as a sentence (borrowed), or
 * NULL. */
const char *hilum_findings_mark_estimate(const HilumFinding *findings, size_t n);

/* What the voxels of a loaded volume themselves say: adds "hu-not-verified" to `findings` where CT values are
 * not seen to be HU. To be kept with the findings of the series. */
void hilum_dicom_check_values(const HilumSeriesInfo *info, const HilumVolume *volume, GArray *findings);

/* How much memory hilum_catalog_load() takes at its peak, in bytes, estimated from the headers; 0 for a
 * volume that is refused. */
uint64_t hilum_catalog_get_load_bytes(const HilumCatalog *catalog, size_t index);

/* Decodes a volume, slices spread over the cores. HILUM_DICOM_ERROR_REFUSED repeats the finding;
 * HILUM_DICOM_ERROR_UNSUPPORTED says how much memory it takes where that is more than hilum_memory_budget().
 */
HilumVolume *hilum_catalog_load(const HilumCatalog *catalog, size_t index, const HilumProgress *progress,
                                GError **error);

/* --- writing CT --- */
typedef struct {
  const char *patient_name, *patient_id, *birth_date, *sex;
  const char *study_uid, *series_uid, *frame_of_reference_uid; /* NULL: made */
  const char *study_date, *study_time, *study_description;     /* "YYYYMMDD", "HHMMSS" */
  const char *series_description, *series_date, *series_time, *manufacturer, *model;
  int series_number, acquisition_number;
  const char *body_part, *patient_position, *contrast_agent; /* contrast NULL: none */
  double window_center, window_width;
  double slice_thickness_mm; /* 0: the spacing */
  uint64_t uid_seed;         /* UIDs that are NULL are made from this: same seed, same UIDs */
} HilumCtMeta;

/* Writes one explicit little endian CT Image Storage file a slice ("prefix0001.dcm" ...) into the existing
 * folder `dir`, slices along axis 2, signed 16 bit, slope and intercept of the volume. Each file appears
 * whole or not at all. */
bool hilum_dicom_write_ct(const char *dir, const char *prefix, const HilumVolume *volume,
                          const HilumCtMeta *meta, const HilumProgress *progress, GError **error);
/* A UID below 2.25 from seed and number, deterministic. g_free(). */
char *hilum_dicom_make_uid(uint64_t seed, uint64_t number);

/* --- names --- */
/* A person's name to show: of its groups the alphabetic one if it says anything, else the ideographic, else
 * the phonetic; components joined by spaces. HilumSeriesInfo.patient_name keeps all groups. NULL gives "".
 * g_free(). */
char *hilum_person_name_dup_shown(const char *name);

/* --- looking at one object --- */
/* Findings about a single DICOM file, as `hilum-cli check` prints: a GArray of HilumFinding (cleared with the
 * array), empty when all is well. NULL with HILUM_DICOM_ERROR_NOT_DICOM if it is none. */
GArray *hilum_dicom_check(const char *path, GError **error);
/* True if the file starts like DICOM (preamble, or a plausible group 2/8 element). */
bool hilum_dicom_sniff(const char *path);

G_END_DECLS
