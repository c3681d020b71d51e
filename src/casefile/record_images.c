/* Finding a case's images again: where they were, where they lie relative to the case, or in the folders that
 * the user points to. Images are the same if series and SOP instance UIDs are, in order; the volume is
 * accepted if its grid and voxels are those that the labels were drawn on. */
#include "record_private.h"

#include "hilum/base/parallel.h"
#include "hilum/casefile/error.h"
#include "hilum/dicom/error.h"

#include <math.h>
#include <string.h>

typedef struct {
  HilumCaseRecord *record;
  HilumCaseImages *images;
  const char *const *search;
  size_t n_search;
  HilumCatalog *searched; /* of the search folders, made when first needed */
  bool search_done;
} Hunt;

void hilum_case_images_free(HilumCaseImages *images)
{
  if (!images) return;
  for (size_t i = 0; i < images->n; i++) {
    g_clear_pointer(&images->sources[i], hilum_source_unref);
    g_clear_pointer(&images->volumes[i], hilum_volume_unref);
    g_clear_pointer(&images->shown[i], hilum_volume_unref);
  }
  g_free(images->sources);
  g_free(images->volumes);
  g_free(images->shown);
  g_array_unref(images->findings);
  g_free((char *)images->patient.birth_date);
  g_free((char *)images->patient.sex);
  g_free((char *)images->patient.study_description);
  g_free(images);
}

const HilumFinding *hilum_case_images_get_findings(const HilumCaseImages *images, size_t *n)
{
  *n = images->findings->len;
  return (const HilumFinding *)(void *)images->findings->data;
}

size_t hilum_case_images_get_missing(const HilumCaseImages *images)
{
  return images->missing;
}

static void note(Hunt *hunt, HilumVerdict verdict, const char *code, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static void note(Hunt *hunt, HilumVerdict verdict, const char *code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *message = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  hilum_findings_add(hunt->images->findings, verdict, code, "%s", message);
}

/* --- which series of a catalog --- */

static bool is_series(const HilumSeriesInfo *info, const HilumSource *source)
{
  if (strcmp(info->series_uid ? info->series_uid : "", source->series_uid) != 0 ||
      info->n_files != source->n_files)
    return false;
  for (size_t i = 0; i < info->n_files; i++)
    if (strcmp(info->sop_uids[i], source->files[i].sop_uid) != 0) return false;
  return true;
}

/* A volume that was taken with slices missing is taken so again: the user decided that once. */
static bool find_series(HilumCatalog *catalog, const HilumSource *source, size_t *index)
{
  const HilumFinding *findings = (const HilumFinding *)(void *)source->findings->data;
  const bool bridged = hilum_findings_mark_estimate(findings, source->findings->len) != NULL;
  for (size_t i = 0; catalog && i < hilum_catalog_get_count(catalog); i++) {
    if (!is_series(hilum_catalog_get_series(catalog, i), source)) continue;
    if (bridged) (void)hilum_catalog_accept_gaps(catalog, i, NULL); /* refused: loading says why */
    *index = i;
    return true;
  }
  return false;
}

/* How many of the images are anywhere in the catalog: for the sentence that says what is missing. */
static size_t count_found(const HilumCatalog *catalog, const HilumSource *source)
{
  g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; i < source->n_files; i++)
    g_hash_table_add(wanted, source->files[i].sop_uid);
  const guint all = g_hash_table_size(wanted);
  for (size_t i = 0; catalog && i < hilum_catalog_get_count(catalog); i++) {
    const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, i);
    for (size_t f = 0; f < info->n_files; f++)
      g_hash_table_remove(wanted, info->sop_uids[f]);
  }
  return all - g_hash_table_size(wanted);
}

/* --- is it the same volume --- */

typedef struct {
  const HilumSource *was;
  const HilumSource *is;
  gint differs;
} FilesWork;

static void compare_files(size_t begin, size_t end, unsigned worker, void *data)
{
  (void)worker;
  FilesWork *work = data;
  for (size_t i = begin; i < end; i++) {
    const HilumSourceFile *was = &work->was->files[i];
    uint64_t bytes = 0;
    char sha256[65] = "";
    if (!was->head_sha256[0] || !hilum_file_fingerprint(work->is->files[i].path, &bytes, sha256) ||
        bytes != was->bytes || strcmp(sha256, was->head_sha256) != 0)
      g_atomic_int_set(&work->differs, 1);
  }
}

/* Same voxels: accepted, whatever became of the files. Other voxels out of the same files: this Hilum decodes
 * them differently, which is worth knowing. Other voxels out of other files: refused. */
static bool accept_volume(Hunt *hunt, const HilumRecordPhase *phase, const HilumSource *is,
                          const HilumVolume *volume)
{
  const HilumSource *was = phase->source;
  if (!hilum_alignment_same_grid(&was->grid, &is->grid)) {
    note(hunt, HILUM_VERDICT_REFUSED, "images-differ",
         "The images of “%s” were found but lie differently in space than when the case was made; they were "
         "not used.",
         phase->name);
    return false;
  }
  char hash[33];
  hilum_voxels_hash(volume, hash);
  if (!was->voxels_hash[0]) {
    note(
        hunt, HILUM_VERDICT_WARNING, "images-unverified",
        "The images of “%s” could not be compared with those the case was made from: it holds no fingerprint "
        "of them.",
        phase->name);
    return true;
  }
  const double scale = fmax(fabs(was->slope), fabs(was->intercept)) * 1e-9;
  if (strcmp(hash, was->voxels_hash) == 0 && fabs(was->slope - is->slope) <= scale &&
      fabs(was->intercept - is->intercept) <= scale)
    return true;
  FilesWork work = {was, is, 0};
  hilum_parallel_for(was->n_files, 8, compare_files, &work);
  if (work.differs) {
    note(
        hunt, HILUM_VERDICT_REFUSED, "images-differ",
        "The images of “%s” were found but their pixels changed since the case was made; they were not used.",
        phase->name);
    return false;
  }
  note(hunt, HILUM_VERDICT_WARNING, "images-decoded-differently",
       "The files of “%s” are unchanged but decode to other values than when the case was made; check the "
       "labels "
       "against the images.",
       phase->name);
  return true;
}

/* --- looking --- */

/* Everything the images know and the case file does not keep. */
static void take_patient(HilumCaseImages *images, const HilumSeriesInfo *info)
{
  if (images->patient.birth_date) return;
  images->patient.birth_date = g_strdup(info->birth_date ? info->birth_date : "");
  images->patient.sex = g_strdup(info->sex ? info->sex : "");
  images->patient.study_description = g_strdup(info->study_description ? info->study_description : "");
}

typedef enum { FOUND, NOT_FOUND, FAILED } Outcome;

/* The images could not be used: a finding that says why, unless the user cancelled. */
static Outcome give_up(Hunt *hunt, const HilumRecordPhase *phase, GError *cause, GError **error)
{
  if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error(error, g_error_copy(cause));
    return FAILED;
  }
  note(hunt, HILUM_VERDICT_REFUSED, "images-missing", "The images of “%s” could not be read: %s", phase->name,
       cause->message);
  hunt->images->missing++;
  return FOUND;
}

/* Loads series `index` of `catalog` for phase `p`, and brings it onto the grid of the first phase. */
static Outcome load_series(Hunt *hunt, guint p, const HilumCatalog *catalog, size_t index,
                           const HilumProgress *progress, GError **error)
{
  const HilumRecordPhase *phase = &g_array_index(hunt->record->phases, HilumRecordPhase, p);
  const HilumGrid *reference = &g_array_index(hunt->record->phases, HilumRecordPhase, 0).source->grid;
  const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, index);
  const HilumProgress loading = hilum_progress_part(progress, 0, 0.9, NULL);
  const HilumProgress placing = hilum_progress_part(progress, 0.9, 1, NULL);
  g_autoptr(GError) cause = NULL;
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, index, &loading, &cause);
  if (!volume) return give_up(hunt, phase, cause, error);
  g_autoptr(HilumSource) source = hilum_source_new_from_series(info, volume);
  if (!accept_volume(hunt, phase, source, volume)) {
    hunt->images->missing++;
    return FOUND;
  }
  g_autoptr(HilumVolume) shown =
      hilum_alignment_resample(phase->name, volume, reference, &phase->alignment, &placing, &cause);
  if (!shown) return give_up(hunt, phase, cause, error);
  take_patient(hunt->images, info);
  hunt->images->sources[p] = g_steal_pointer(&source);
  hunt->images->volumes[p] = g_steal_pointer(&volume);
  hunt->images->shown[p] = g_steal_pointer(&shown);
  return FOUND;
}

/* The recorded files, or those relative to the case: only if every one is still there. */
static Outcome try_paths(Hunt *hunt, guint p, bool relative, const HilumProgress *progress, GError **error)
{
  const HilumSource *source = g_array_index(hunt->record->phases, HilumRecordPhase, p).source;
  g_autofree const char **paths = g_new(const char *, source->n_files);
  for (size_t i = 0; i < source->n_files; i++) {
    paths[i] = relative ? source->files[i].relative : source->files[i].path;
    if (!paths[i] || !g_file_test(paths[i], G_FILE_TEST_IS_REGULAR)) return NOT_FOUND;
  }
  const HilumProgress scanning = hilum_progress_part(progress, 0, 0.4, NULL);
  const HilumProgress loading = hilum_progress_part(progress, 0.4, 1, NULL);
  g_autoptr(GError) cause = NULL;
  g_autoptr(HilumCatalog) catalog = hilum_catalog_scan(paths, source->n_files, &scanning, &cause);
  if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error(error, g_steal_pointer(&cause));
    return FAILED;
  }
  size_t index;
  if (!find_series(catalog, source, &index)) return NOT_FOUND; /* files are there, but hold something else */
  return load_series(hunt, p, catalog, index, &loading, error);
}

static Outcome try_search(Hunt *hunt, guint p, const HilumProgress *progress, GError **error)
{
  const HilumSource *source = g_array_index(hunt->record->phases, HilumRecordPhase, p).source;
  const HilumProgress scanning = hilum_progress_part(progress, 0, 0.5, NULL);
  const HilumProgress loading = hilum_progress_part(progress, 0.5, 1, NULL);
  if (hunt->n_search > 0 && !hunt->search_done) {
    g_autoptr(GError) cause = NULL;
    hunt->searched = hilum_catalog_scan(hunt->search, hunt->n_search, &scanning, &cause);
    hunt->search_done = true;
    if (cause && !g_error_matches(cause, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NO_IMAGES)) {
      g_propagate_error(error, g_steal_pointer(&cause));
      return FAILED;
    }
  }
  size_t index;
  if (!find_series(hunt->searched, source, &index)) return NOT_FOUND;
  return load_series(hunt, p, hunt->searched, index, &loading, error);
}

static void note_missing(Hunt *hunt, guint p)
{
  const HilumRecordPhase *phase = &g_array_index(hunt->record->phases, HilumRecordPhase, p);
  const HilumSource *source = phase->source;
  hunt->images->missing++;
  if (source->n_files == 0) {
    note(hunt, HILUM_VERDICT_WARNING, "images-missing",
         "“%s” was not made from files, so that its images cannot be found again.", phase->name);
    return;
  }
  g_autofree char *folder = g_path_get_dirname(source->files[0].path);
  g_autofree char *shown = g_filename_display_name(folder);
  if (hunt->n_search == 0)
    note(hunt, HILUM_VERDICT_WARNING, "images-missing",
         "The %" G_GSIZE_FORMAT " images of “%s” are no longer in “%s”; point to the folder that holds them.",
         source->n_files, phase->name, shown);
  else
    note(hunt, HILUM_VERDICT_WARNING, "images-missing",
         "Of the %" G_GSIZE_FORMAT " images of “%s”, %" G_GSIZE_FORMAT
         " were found in the given folders; all are needed.",
         source->n_files, phase->name, count_found(hunt->searched, source));
}

/* Folders that the user points to come last: what lies where it was recorded needs no search. */
static bool find_phase(Hunt *hunt, guint p, const HilumProgress *progress, GError **error)
{
  const HilumRecordPhase *phase = &g_array_index(hunt->record->phases, HilumRecordPhase, p);
  if (phase->volume) return true; /* a case in use, looking for its other phases */
  Outcome outcome = NOT_FOUND;
  if (phase->source->n_files > 0) {
    outcome = try_paths(hunt, p, false, progress, error);
    if (outcome == NOT_FOUND) outcome = try_paths(hunt, p, true, progress, error);
    if (outcome == NOT_FOUND) outcome = try_search(hunt, p, progress, error);
  }
  if (outcome == NOT_FOUND) note_missing(hunt, p);
  return outcome != FAILED;
}

HilumCaseImages *hilum_case_record_load_images(HilumCaseRecord *record, const char *const *search,
                                               size_t n_search, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(record != NULL, NULL);
  g_autoptr(HilumCaseImages) images = g_new0(HilumCaseImages, 1);
  const guint n = record->phases->len;
  images->n = n;
  images->sources = g_new0(HilumSource *, n);
  images->volumes = g_new0(HilumVolume *, n);
  images->shown = g_new0(HilumVolume *, n);
  images->findings = hilum_findings_new();
  Hunt hunt = {record, images, search, n_search, NULL, false};
  bool good = !hilum_progress_fail(progress, error);
  for (guint p = 0; good && p < n; p++) {
    const HilumProgress part = hilum_progress_part(progress, (double)p / n, (double)(p + 1) / n, NULL);
    good = find_phase(&hunt, p, &part, error);
  }
  g_clear_pointer(&hunt.searched, hilum_catalog_free);
  return good ? g_steal_pointer(&images) : NULL;
}
