/* Writing a volume as a CT series: CT Image Storage (PS3.3 A.3), one explicit little endian file a slice,
 * composed in memory by DCMTK and put on disk by hilum_file_writer. */
#include "hilum/dicom/dicom.h"

#include "dcmtk_bridge.h"

#include "hilum/base/file_writer.h"
#include "hilum/base/parallel.h"
#include "hilum/dicom/error.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define CT_IMAGE_STORAGE "1.2.840.10008.5.1.4.1.1.2"

enum { UID_STUDY = 1, UID_SERIES = 2, UID_FRAME_OF_REFERENCE = 3 };
enum { MAX_ATTRIBUTES = 64, DS_BYTES = 17 };

typedef struct {
  HilumDcmtkAttribute rows[MAX_ATTRIBUTES];
  size_t n;
} AttributeList;

static void put(AttributeList *list, uint16_t group, uint16_t element, const char *vr, const char *value)
{
  g_assert(list->n < MAX_ATTRIBUTES);
  list->rows[list->n++] = (HilumDcmtkAttribute){HILUM_TAG(group, element), vr, value};
}

/* The most precise decimal string that fits into the 16 characters of a DS. */
static const char *format_decimal(double value, char out[DS_BYTES])
{
  char text[64];
  for (int digits = 17; digits > 0; digits--) {
    char format[8];
    (void)g_snprintf(format, sizeof format, "%%.%dg", digits);
    (void)g_ascii_formatd(text, sizeof text, format, value == 0 ? 0 : value);
    if (strlen(text) < DS_BYTES && (digits <= 15 || g_ascii_strtod(text, NULL) == value)) break;
  }
  g_strlcpy(out, text, DS_BYTES);
  return out;
}

static char *join_decimals(const double *values, int n)
{
  GString *text = g_string_new(NULL);
  for (int i = 0; i < n; i++) {
    char one[DS_BYTES];
    if (i) g_string_append_c(text, '\\');
    g_string_append(text, format_decimal(values[i], one));
  }
  return g_string_free(text, FALSE);
}

/* What all slices share. */
typedef struct {
  const char *dir, *prefix;
  const HilumVolume *volume;
  const HilumCtMeta *meta;
  char *study_uid, *series_uid, *frame_uid;
  uint64_t instance_seed;
  char *spacing, *orientation;
  char thickness[DS_BYTES], between[DS_BYTES], slope[DS_BYTES], intercept[DS_BYTES];
  char center[DS_BYTES], width[DS_BYTES];
  char rows[16], columns[16], series_number[16], acquisition_number[16];
  const HilumProgress *progress;
  atomic_size_t done;
  pthread_mutex_t lock; /* not GMutex, which the thread sanitizer cannot see */
  size_t failed_slice;
  GError *error;
} Writer;

static void put_patient_and_study(AttributeList *a, const Writer *w)
{
  const HilumCtMeta *m = w->meta;
  put(a, 0x0008, 0x0020, "DA", m->study_date);
  put(a, 0x0008, 0x0021, "DA", m->series_date);
  put(a, 0x0008, 0x0022, "DA", m->series_date);
  put(a, 0x0008, 0x0030, "TM", m->study_time);
  put(a, 0x0008, 0x0031, "TM", m->series_time);
  put(a, 0x0008, 0x0032, "TM", m->series_time);
  put(a, 0x0008, 0x0050, "SH", NULL);
  put(a, 0x0008, 0x0060, "CS", "CT");
  put(a, 0x0008, 0x0070, "LO", m->manufacturer);
  put(a, 0x0008, 0x0090, "PN", NULL);
  if (m->study_description) put(a, 0x0008, 0x1030, "LO", m->study_description);
  if (m->series_description) put(a, 0x0008, 0x103E, "LO", m->series_description);
  if (m->model) put(a, 0x0008, 0x1090, "LO", m->model);
  put(a, 0x0010, 0x0010, "PN", m->patient_name);
  put(a, 0x0010, 0x0020, "LO", m->patient_id);
  put(a, 0x0010, 0x0030, "DA", m->birth_date);
  put(a, 0x0010, 0x0040, "CS", m->sex);
  if (m->contrast_agent) put(a, 0x0018, 0x0010, "LO", m->contrast_agent);
  if (m->body_part) put(a, 0x0018, 0x0015, "CS", m->body_part);
  put(a, 0x0018, 0x0050, "DS", w->thickness);
  put(a, 0x0018, 0x0060, "DS", NULL);
  put(a, 0x0018, 0x0088, "DS", w->between);
  put(a, 0x0018, 0x5100, "CS", m->patient_position ? m->patient_position : "HFS");
}

static void put_series_and_pixels(AttributeList *a, const Writer *w)
{
  put(a, 0x0020, 0x000D, "UI", w->study_uid);
  put(a, 0x0020, 0x000E, "UI", w->series_uid);
  put(a, 0x0020, 0x0010, "SH", "1");
  put(a, 0x0020, 0x0011, "IS", w->series_number);
  put(a, 0x0020, 0x0012, "IS", w->acquisition_number);
  put(a, 0x0020, 0x0037, "DS", w->orientation);
  put(a, 0x0020, 0x0052, "UI", w->frame_uid);
  if (w->meta->body_part) put(a, 0x0020, 0x0060, "CS", NULL); /* type 2C beside a paired organ: not known */
  put(a, 0x0020, 0x1040, "LO", NULL);
  put(a, 0x0028, 0x0002, "US", "1");
  put(a, 0x0028, 0x0004, "CS", "MONOCHROME2");
  put(a, 0x0028, 0x0010, "US", w->rows);
  put(a, 0x0028, 0x0011, "US", w->columns);
  put(a, 0x0028, 0x0030, "DS", w->spacing);
  put(a, 0x0028, 0x0100, "US", "16");
  put(a, 0x0028, 0x0101, "US", "16");
  put(a, 0x0028, 0x0102, "US", "15");
  put(a, 0x0028, 0x0103, "US", "1");
  if (w->meta->window_width >= 1 && isfinite(w->meta->window_center)) {
    put(a, 0x0028, 0x1050, "DS", w->center);
    put(a, 0x0028, 0x1051, "DS", w->width);
  }
  put(a, 0x0028, 0x1052, "DS", w->intercept);
  put(a, 0x0028, 0x1053, "DS", w->slope);
  put(a, 0x0028, 0x1054, "LO", "HU");
}

static bool write_slice(const Writer *w, size_t k, GError **error)
{
  const HilumGrid *grid = hilum_volume_get_grid(w->volume);
  HilumVec3 p = hilum_grid_voxel_to_mm(grid, (HilumVoxel){0, 0, (int32_t)k});
  g_autofree char *sop_uid = hilum_dicom_make_uid(w->instance_seed, k);
  g_autofree char *position = join_decimals((double[]){p.x, p.y, p.z}, 3);
  char number[16];
  (void)g_snprintf(number, sizeof number, "%zu", k + 1);
  AttributeList a = {.n = 0};
  put(&a, 0x0008, 0x0005, "CS", "ISO_IR 192");
  put(&a, 0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY\\AXIAL");
  put(&a, 0x0008, 0x0016, "UI", CT_IMAGE_STORAGE);
  put(&a, 0x0008, 0x0018, "UI", sop_uid);
  put_patient_and_study(&a, w);
  put_series_and_pixels(&a, w);
  put(&a, 0x0020, 0x0013, "IS", number);
  put(&a, 0x0020, 0x0032, "DS", position);
  size_t n = (size_t)grid->dims[0] * (size_t)grid->dims[1];
  g_autoptr(GBytes) file =
      hilum_dcmtk_write_image(a.rows, a.n, hilum_volume_get_voxels(w->volume) + k * n, n, error);
  if (!file) return false;
  g_autofree char *name = g_strdup_printf("%s%04zu.dcm", w->prefix, k + 1);
  g_autofree char *path = g_build_filename(w->dir, name, NULL);
  HilumFileWriter *writer = hilum_file_writer_new(path, error);
  if (!writer) return false;
  gsize bytes = 0;
  const void *data = g_bytes_get_data(file, &bytes);
  if (!hilum_file_writer_write(writer, data, bytes, error)) {
    hilum_file_writer_abort(writer);
    return false;
  }
  return hilum_file_writer_commit(writer, NULL, NULL, error);
}

static void write_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Writer *w = data;
  size_t count = (size_t)hilum_volume_get_grid(w->volume)->dims[2];
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(w->progress)) return;
    GError *why = NULL;
    if (!write_slice(w, k, &why)) {
      pthread_mutex_lock(&w->lock);
      if (!w->error || k < w->failed_slice) {
        g_clear_error(&w->error);
        w->error = g_error_new(HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_WRITE,
                               "Slice %zu could not be written: %s", k + 1, why->message);
        w->failed_slice = k;
      }
      pthread_mutex_unlock(&w->lock);
      g_error_free(why);
      return;
    }
    size_t done = atomic_fetch_add(&w->done, 1) + 1;
    (void)hilum_progress_step(w->progress, (double)done / (double)count);
  }
}

/* Numbers 64-bit (FNV-1a) from a UID, so that series which share a seed do not share instances. */
static uint64_t seed_from_uid(const char *uid)
{
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (; *uid; uid++)
    hash = (hash ^ (unsigned char)*uid) * UINT64_C(0x100000001B3);
  return hash;
}

static char *uid_or_made(const char *given, uint64_t seed, uint64_t number)
{
  return given ? g_strdup(given) : hilum_dicom_make_uid(seed, number);
}

static void prepare(Writer *w)
{
  const HilumCtMeta *m = w->meta;
  const HilumGrid *g = hilum_volume_get_grid(w->volume);
  w->study_uid = uid_or_made(m->study_uid, m->uid_seed, UID_STUDY);
  w->series_uid = uid_or_made(m->series_uid, m->uid_seed, UID_SERIES);
  w->frame_uid = uid_or_made(m->frame_of_reference_uid, m->uid_seed, UID_FRAME_OF_REFERENCE);
  w->instance_seed = seed_from_uid(w->series_uid) ^ m->uid_seed;
  w->spacing = join_decimals((double[]){g->spacing_mm[1], g->spacing_mm[0]}, 2);
  w->orientation = join_decimals(
      (double[]){g->axes[0].x, g->axes[0].y, g->axes[0].z, g->axes[1].x, g->axes[1].y, g->axes[1].z}, 6);
  (void)format_decimal(m->slice_thickness_mm > 0 ? m->slice_thickness_mm : g->spacing_mm[2], w->thickness);
  (void)format_decimal(g->spacing_mm[2], w->between);
  (void)format_decimal(hilum_volume_get_slope(w->volume), w->slope);
  (void)format_decimal(hilum_volume_get_intercept(w->volume), w->intercept);
  (void)format_decimal(m->window_center, w->center);
  (void)format_decimal(m->window_width, w->width);
  (void)g_snprintf(w->rows, sizeof w->rows, "%d", g->dims[1]);
  (void)g_snprintf(w->columns, sizeof w->columns, "%d", g->dims[0]);
  (void)g_snprintf(w->series_number, sizeof w->series_number, "%d", m->series_number);
  (void)g_snprintf(w->acquisition_number, sizeof w->acquisition_number, "%d", m->acquisition_number);
}

bool hilum_dicom_write_ct(const char *dir, const char *prefix, const HilumVolume *volume,
                          const HilumCtMeta *meta, const HilumProgress *progress, GError **error)
{
  if (!g_file_test(dir, G_FILE_TEST_IS_DIR)) {
    g_autofree char *name = g_filename_display_name(dir);
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_WRITE, "The folder “%s” does not exist.", name);
    return false;
  }
  Writer w = {.dir = dir, .prefix = prefix, .volume = volume, .meta = meta, .progress = progress};
  prepare(&w);
  pthread_mutex_init(&w.lock, NULL);
  hilum_parallel_for((size_t)hilum_volume_get_grid(volume)->dims[2], 1, write_slices, &w);
  pthread_mutex_destroy(&w.lock);
  g_free(w.study_uid);
  g_free(w.series_uid);
  g_free(w.frame_uid);
  g_free(w.spacing);
  g_free(w.orientation);
  if (hilum_progress_fail(progress, error)) {
    g_clear_error(&w.error);
    return false;
  }
  if (w.error) g_propagate_error(error, w.error);
  return !w.error;
}
