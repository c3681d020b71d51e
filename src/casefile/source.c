/* References to images and their fingerprints.
 *
 * A fingerprint of a file is its size and the SHA-256 of its first 64 KiB: that holds the DICOM header with
 * the SOP instance UID and the first rows of pixels, and costs a tenth of reading 512 KiB slices whole.
 * Whether the pixels are those that the labels were drawn on is decided by a hash of all decoded voxels, at
 * memory speed. */
#include "source_private.h"

#include "hilum/base/parallel.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

HilumSource *hilum_source_new(size_t n_files)
{
  HilumSource *source = g_new0(HilumSource, 1);
  g_atomic_ref_count_init(&source->refs);
  source->series_number = -1;
  source->slope = 1;
  source->window_center = source->window_width = (double)NAN;
  source->findings = hilum_findings_new();
  source->n_files = n_files;
  source->files = g_new0(HilumSourceFile, MAX(n_files, 1));
  g_mutex_init(&source->lock);
  return source;
}

/* Empty rather than NULL, always valid UTF-8, and within what a case file takes whatever the images say. */
static char *text(const char *s)
{
  return s ? g_utf8_make_valid(s, (gssize)strnlen(s, 1024)) : g_strdup("");
}

static void fill_empty(HilumSource *source)
{
  char **fields[] = {&source->description, &source->kind,      &source->modality,   &source->series_uid,
                     &source->study_uid,   &source->frame_uid, &source->study_date, &source->transfer_syntax,
                     &source->unit};
  for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
    if (!*fields[i]) *fields[i] = g_strdup("");
}

HilumSource *hilum_source_new_from_series(const HilumSeriesInfo *info, const HilumVolume *volume)
{
  HilumSource *source = hilum_source_new(info ? info->n_files : 0);
  if (info) {
    source->description = text(info->series_description);
    source->kind = text(info->phase);
    source->modality = text(info->modality);
    source->series_uid = text(info->series_uid);
    source->study_uid = text(info->study_uid);
    source->frame_uid = text(info->frame_of_reference_uid);
    source->study_date = text(info->study_date);
    source->transfer_syntax = text(info->transfer_syntax);
    source->series_number = info->series_number;
    source->window_center = info->window_center;
    source->window_width = info->window_width;
    source->verdict = info->verdict;
    for (size_t i = 0; i < info->n_findings; i++)
      hilum_findings_add(source->findings, info->findings[i].verdict, info->findings[i].code, "%s",
                         info->findings[i].message);
    hilum_dicom_check_values(info, volume, source->findings);
    for (guint i = 0; i < source->findings->len; i++)
      source->verdict = MAX(source->verdict, g_array_index(source->findings, HilumFinding, i).verdict);
    for (size_t i = 0; i < info->n_files; i++) {
      source->files[i].path = g_canonicalize_filename(info->files[i], NULL);
      source->files[i].sop_uid = text(info->sop_uids ? info->sop_uids[i] : NULL);
    }
  }
  fill_empty(source);
  source->grid = *hilum_volume_get_grid(volume);
  source->slope = hilum_volume_get_slope(volume);
  source->intercept = hilum_volume_get_intercept(volume);
  g_free(source->unit);
  source->unit = text(hilum_volume_get_unit(volume));
  return source;
}

HilumSource *hilum_source_ref(HilumSource *source)
{
  g_atomic_ref_count_inc(&source->refs);
  return source;
}

void hilum_source_unref(HilumSource *source)
{
  if (!g_atomic_ref_count_dec(&source->refs)) return;
  char *fields[] = {source->description, source->kind,      source->modality,   source->series_uid,
                    source->study_uid,   source->frame_uid, source->study_date, source->transfer_syntax,
                    source->unit};
  for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
    g_free(fields[i]);
  for (size_t i = 0; i < source->n_files; i++) {
    g_free(source->files[i].path);
    g_free(source->files[i].relative);
    g_free(source->files[i].sop_uid);
  }
  g_free(source->files);
  g_array_unref(source->findings);
  g_mutex_clear(&source->lock);
  g_free(source);
}

void hilum_source_add_finding(HilumSource *source, HilumVerdict verdict, const char *code,
                              const char *message)
{
  hilum_findings_add(source->findings, verdict, code, "%s", message);
  source->verdict = MAX(source->verdict, verdict);
}

bool hilum_file_fingerprint(const char *path, uint64_t *bytes, char head_sha256[65])
{
  GStatBuf st;
  if (g_stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return false;
  FILE *file = g_fopen(path, "rbe");
  if (!file) return false;
  g_autofree guchar *head = g_malloc(HILUM_SOURCE_HEAD_BYTES);
  size_t n = fread(head, 1, HILUM_SOURCE_HEAD_BYTES, file);
  bool good = !ferror(file);
  fclose(file);
  if (!good) return false;
  g_autofree char *hex = g_compute_checksum_for_data(G_CHECKSUM_SHA256, head, n);
  *bytes = (uint64_t)st.st_size;
  memcpy(head_sha256, hex, 65);
  return true;
}

/* --- voxels --- */

#define HASH_CHUNK ((size_t)1 << 18) /* voxels */

static inline uint64_t mix(uint64_t h, uint64_t v)
{
  h = (h ^ v) * UINT64_C(0x9E3779B97F4A7C15);
  return h ^ (h >> 29);
}

typedef struct {
  const int16_t *voxels;
  size_t count;
  uint64_t *lanes; /* two a chunk */
} HashWork;

static void hash_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  (void)worker;
  const HashWork *work = data;
  for (size_t c = begin; c < end; c++) {
    const size_t first = c * HASH_CHUNK, n = MIN(HASH_CHUNK, work->count - first);
    const int16_t *v = work->voxels + first;
    uint64_t h[4] = {1, 2, 3, 4}, w[4];
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
      memcpy(w, v + i, sizeof w);
      for (int l = 0; l < 4; l++)
        h[l] = mix(h[l], GUINT64_TO_LE(w[l]));
    }
    for (; i < n; i++)
      h[i & 3] = mix(h[i & 3], (uint16_t)v[i]);
    work->lanes[2 * c] = mix(mix(h[0], h[1]), h[2]);
    work->lanes[2 * c + 1] = mix(mix(h[3], h[2]), h[1]);
  }
}

void hilum_voxels_hash(const HilumVolume *volume, char out[33])
{
  const size_t count = hilum_grid_count(hilum_volume_get_grid(volume));
  const size_t chunks = hilum_parallel_chunks(count, HASH_CHUNK);
  g_autofree uint64_t *lanes = g_new(uint64_t, 2 * chunks);
  HashWork work = {hilum_volume_get_voxels(volume), count, lanes};
  hilum_parallel_for(chunks, 1, hash_chunk, &work);
  uint64_t a = count, b = ~(uint64_t)count;
  for (size_t c = 0; c < chunks; c++) {
    a = mix(a, lanes[2 * c]);
    b = mix(b, lanes[2 * c + 1]);
  }
  g_snprintf(out, 33, "%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", a, b);
}

/* --- both --- */

typedef struct {
  HilumSource *source;
  const HilumProgress *progress;
} FingerprintWork;

static void fingerprint_files(size_t begin, size_t end, unsigned worker, void *data)
{
  (void)worker;
  const FingerprintWork *work = data;
  for (size_t i = begin; i < end; i++) {
    if (!hilum_progress_step(work->progress, (double)i / (double)work->source->n_files)) return;
    HilumSourceFile *file = &work->source->files[i];
    if (!hilum_file_fingerprint(file->path, &file->bytes, file->head_sha256)) {
      file->bytes = 0;
      file->head_sha256[0] = '\0';
    }
  }
}

bool hilum_source_take_fingerprints(HilumSource *source, const HilumVolume *volume,
                                    const HilumProgress *progress, GError **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&source->lock);
  if (!source->has_fingerprints) {
    FingerprintWork work = {source, progress};
    hilum_parallel_for(source->n_files, 8, fingerprint_files, &work);
    if (hilum_progress_fail(progress, error)) return false;
    source->has_fingerprints = true;
  }
  if (volume && !source->voxels_hash[0]) hilum_voxels_hash(volume, source->voxels_hash);
  return true;
}
