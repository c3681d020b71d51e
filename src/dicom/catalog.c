/* Scanning: files to records (spread over the cores), records to volumes, everything else to findings. */
#include "catalog_private.h"

#include "file_io.h"
#include "walk.h"

#include "hilum/base/parallel.h"
#include "hilum/dicom/error.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_A_CHUNK = 8 };

struct HilumCatalog {
  GPtrArray *records; /* all, owned */
  GPtrArray *volumes; /* HilumSeries */
  GArray *findings;
  size_t ignored;
  atomic_int references;
};

/* --- headers, in parallel --- */

typedef struct {
  HilumRecord *record;
  GError *error;
} FileResult;

typedef struct {
  const GPtrArray *files;
  FileResult *results;
  const HilumProgress *progress;
  atomic_size_t done;
} HeaderPass;

static void read_headers(size_t begin, size_t end, unsigned worker, void *data)
{
  HeaderPass *pass = data;
  for (size_t i = begin; i < end; i++) {
    if (hilum_progress_cancelled(pass->progress)) return;
    const char *path = g_ptr_array_index(pass->files, i);
    FileResult *result = &pass->results[i];
    int fd = hilum_file_open(path);
    if (fd < 0) {
      int why = errno;
      g_autofree char *name = g_filename_display_basename(path);
      g_set_error(&result->error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "“%s” cannot be read: %s.", name,
                  g_strerror(why));
    } else
      result->record = hilum_record_read(fd, path, &result->error);
    hilum_file_close(fd);
  }
  size_t done = atomic_fetch_add(&pass->done, end - begin) + (end - begin);
  char text[64];
  hilum_walk_count_text(done, pass->files->len, text, sizeof text);
  HilumProgress counted = hilum_progress_part(pass->progress, 0, 1, text);
  (void)hilum_progress_step(&counted, (double)done / (double)pass->files->len);
}

/* --- what is no slice --- */

static void name_list_free(void *data)
{
  HilumNameList *list = data;
  g_free(hilum_name_list_finish(list));
  g_free(list);
}

static void heap_add(GHashTable *heap, const char *key, const HilumRecord *record)
{
  HilumNameList *list = g_hash_table_lookup(heap, key);
  if (!list) {
    list = g_new0(HilumNameList, 1);
    g_hash_table_insert(heap, g_strdup(key), list);
  }
  hilum_name_list_add(list, "“%s”", hilum_record_name(record));
}

static int compare_text(const void *a, const void *b)
{
  return strcmp(a, b);
}

/* One finding for each kind of object that is no part of a volume. */
static void report_others(HilumCatalog *c, HilumRecordKind kind, const char *code, const char *format_kind)
{
  g_autoptr(GHashTable) heap = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, name_list_free);
  for (guint i = 0; i < c->records->len; i++) {
    const HilumRecord *r = g_ptr_array_index(c->records, i);
    const char *modality = hilum_record_text(r, HILUM_FIELD_MODALITY);
    if (r->kind == kind) heap_add(heap, *modality ? modality : "unnamed", r);
  }
  GList *keys = g_list_sort(g_hash_table_get_keys(heap), compare_text);
  for (GList *k = keys; k; k = k->next) {
    HilumNameList *list = g_hash_table_lookup(heap, k->data);
    size_t n = list->n;
    g_autofree char *names = hilum_name_list_finish(list);
    hilum_findings_add(c->findings, HILUM_VERDICT_OK, code, "%zu %s %s no part of a volume (%s): %s.", n,
                       (const char *)k->data, n == 1 ? "object is" : "objects are", format_kind, names);
  }
  g_list_free(keys);
}

static void report_patients(HilumCatalog *c)
{
  g_autoptr(GHashTable) patients = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < c->records->len; i++) {
    const HilumRecord *r = g_ptr_array_index(c->records, i);
    if (r->kind == HILUM_RECORD_SLICE)
      g_hash_table_add(patients, g_strjoin("\n", hilum_record_text(r, HILUM_FIELD_PATIENT_ID),
                                           hilum_record_text(r, HILUM_FIELD_PATIENT_NAME), NULL));
  }
  guint n = g_hash_table_size(patients);
  if (n > 1)
    hilum_findings_add(c->findings, HILUM_VERDICT_WARNING, "several-patients",
                       "The files belong to %u different patients.", n);
}

/* A broken file may be a slice of any volume beside it: those volumes say so. */
static void warn_neighbours(HilumCatalog *c, GHashTable *broken_folders)
{
  for (guint i = 0; i < c->volumes->len; i++) {
    HilumSeries *s = g_ptr_array_index(c->volumes, i);
    const char *broken = NULL;
    for (guint k = 0; k < s->records->len && !broken; k++) {
      g_autofree char *folder =
          g_path_get_dirname(((const HilumRecord *)g_ptr_array_index(s->records, k))->path);
      broken = g_hash_table_lookup(broken_folders, folder);
    }
    if (!broken) continue;
    hilum_findings_add(s->findings, HILUM_VERDICT_WARNING, "broken-file-beside",
                       "A file in the same folder could not be read and may be a slice of this volume: %s",
                       broken);
    hilum_series_refresh(s);
  }
}

/* --- putting it together --- */

static bool sort_out(HilumCatalog *c, const HilumWalk *walk, FileResult *results, GHashTable *broken_folders,
                     GError **error)
{
  for (guint i = 0; i < walk->files->len; i++) {
    const char *path = g_ptr_array_index(walk->files, i);
    if (results[i].record) {
      hilum_record_unpack(g_steal_pointer(&results[i].record), c->records);
      continue;
    }
    if (!results[i].error) continue;
    if (g_hash_table_contains(walk->named, path)) {
      g_propagate_error(error, g_steal_pointer(&results[i].error));
      return false;
    }
    g_autofree char *name = g_path_get_basename(path);
    if (g_error_matches(results[i].error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NOT_DICOM) || name[0] == '.') {
      c->ignored++;
      continue;
    }
    hilum_findings_add(c->findings, HILUM_VERDICT_WARNING, "broken-file", "%s", results[i].error->message);
    char *folder = g_path_get_dirname(path);
    if (g_hash_table_contains(broken_folders, folder))
      g_free(folder);
    else
      g_hash_table_insert(broken_folders, folder, g_strdup(results[i].error->message));
  }
  return true;
}

static bool refuse_empty(const HilumCatalog *c, const char *const *paths, size_t n_paths, guint n_files,
                         GError **error)
{
  g_autofree char *name =
      n_paths == 1 ? g_filename_display_name(paths[0]) : g_strdup_printf("%zu places", n_paths);
  const HilumFinding *why = hilum_findings_worst(c->findings);
  if (n_files == 0)
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NO_IMAGES, "“%s” holds no files.", name);
  else if (why)
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NO_IMAGES, "“%s” holds no volume. %s", name,
                why->message);
  else
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NO_IMAGES,
                "“%s” holds no DICOM: none of %u files is.", name, n_files);
  return false;
}

static bool fill_catalog(HilumCatalog *c, const HilumWalk *walk, FileResult *results,
                         const char *const *paths, size_t n_paths, GError **error)
{
  g_autoptr(GHashTable) broken_folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  if (!sort_out(c, walk, results, broken_folders, error)) return false;
  g_autoptr(GPtrArray) slices = g_ptr_array_new();
  for (guint i = 0; i < c->records->len; i++)
    if (((HilumRecord *)g_ptr_array_index(c->records, i))->kind == HILUM_RECORD_SLICE)
      g_ptr_array_add(slices, g_ptr_array_index(c->records, i));
  report_others(c, HILUM_RECORD_LOCALIZER, "localizer", "a localizer");
  report_others(c, HILUM_RECORD_FLAT, "no-volume", "an image without a place in the patient");
  report_others(c, HILUM_RECORD_OTHER, "no-image", "not an image");
  report_patients(c);
  if (slices->len == 0) return refuse_empty(c, paths, n_paths, walk->files->len, error);
  c->volumes = hilum_series_split(slices);
  warn_neighbours(c, broken_folders);
  return true;
}

HilumCatalog *hilum_catalog_scan(const char *const *paths, size_t n_paths, const HilumProgress *progress,
                                 GError **error)
{
  g_autoptr(HilumCatalog) c = g_new0(HilumCatalog, 1);
  atomic_init(&c->references, 1);
  c->findings = hilum_findings_new();
  c->records = g_ptr_array_new_with_free_func((GDestroyNotify)hilum_record_free);
  HilumWalk walk;
  if (!hilum_walk(paths, n_paths, &walk, c->findings, progress, error)) return NULL;
  HeaderPass pass = {.files = walk.files, .progress = progress};
  pass.results = g_new0(FileResult, walk.files->len);
  hilum_parallel_for(walk.files->len, FILES_A_CHUNK, read_headers, &pass);
  bool good =
      !hilum_progress_fail(progress, error) && fill_catalog(c, &walk, pass.results, paths, n_paths, error);
  for (guint i = 0; i < walk.files->len; i++) {
    hilum_record_free(pass.results[i].record);
    g_clear_error(&pass.results[i].error);
  }
  g_free(pass.results);
  hilum_walk_clear(&walk);
  return good ? g_steal_pointer(&c) : NULL;
}

HilumCatalog *hilum_catalog_ref(HilumCatalog *c)
{
  atomic_fetch_add(&c->references, 1);
  return c;
}

void hilum_catalog_free(HilumCatalog *c)
{
  if (!c || atomic_fetch_sub(&c->references, 1) > 1) return;
  g_clear_pointer(&c->volumes, g_ptr_array_unref);
  g_ptr_array_unref(c->records);
  g_array_unref(c->findings);
  g_free(c);
}

size_t hilum_catalog_get_count(const HilumCatalog *c)
{
  return c->volumes->len;
}

const HilumSeries *hilum_catalog_get_volume(const HilumCatalog *c, size_t index)
{
  g_assert(index < c->volumes->len);
  return g_ptr_array_index(c->volumes, index);
}

bool hilum_catalog_accept_gaps(HilumCatalog *c, size_t index, GError **error)
{
  g_assert(index < c->volumes->len);
  HilumSeries *s = g_ptr_array_index(c->volumes, index);
  if (hilum_series_accept_gaps(s)) return true;
  const HilumFinding *why = NULL;
  for (guint i = 0; i < s->findings->len && !why; i++) {
    const HilumFinding *f = &g_array_index(s->findings, HilumFinding, i);
    if (f->verdict == HILUM_VERDICT_REFUSED && strcmp(f->code, "missing-slices") != 0) why = f;
  }
  g_set_error_literal(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_REFUSED,
                      why ? why->message : hilum_findings_worst(s->findings)->message);
  return false;
}

const HilumSeriesInfo *hilum_catalog_get_series(const HilumCatalog *c, size_t index)
{
  return &hilum_catalog_get_volume(c, index)->info;
}

const HilumFinding *hilum_catalog_get_findings(const HilumCatalog *c, size_t *n)
{
  *n = c->findings->len;
  return (const HilumFinding *)(void *)c->findings->data;
}

size_t hilum_catalog_get_ignored(const HilumCatalog *c)
{
  return c->ignored;
}
