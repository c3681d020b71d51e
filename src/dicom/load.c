/* Loading a volume: every slice straight into its place, spread over the cores. Native pixels are read from
 * the file into the volume without a copy in between; compressed ones are decoded there by DCMTK. */
#include "catalog_private.h"

#include "coarse.h"
#include "decode.h"
#include "file_io.h"
#include "need.h"
#include "resample.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/dicom/error.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define CT_PADDING_HU (-1024.0)

typedef struct {
  const GPtrArray *records;
  int16_t *voxels;
  size_t slice_voxels;
  HilumValueMap map;
  int16_t padding_stored;
  bool resampled;                   /* the slices are put into their grid afterwards */
  bool two_passes;                  /* values are mapped only when the ranges of all slices are known */
  HilumRawRange *ranges;            /* of each slice, in two passes */
  const HilumRecord *inflated_file; /* a deflated multi-frame file is inflated once */
  HilumLayout inflated;
  HilumLoadWatch watch;
  void *watch_data;
  HilumCoarse *coarse; /* what the watcher is shown; or NULL */
  const HilumProgress *progress;
  atomic_size_t done;
  pthread_mutex_t lock; /* not GMutex, which the thread sanitizer cannot see */
  size_t failed_slice;  /* the first slice that failed, whatever the order of the threads */
  GError *error;
} Load;

static void report(Load *load, size_t slice, const HilumRecord *r, GError *why)
{
  pthread_mutex_lock(&load->lock);
  if (!load->error || slice < load->failed_slice) {
    g_clear_error(&load->error);
    load->error = g_error_new(why->domain, why->code, "“%s”: %s", hilum_record_name(r), why->message);
    load->failed_slice = slice;
  }
  pthread_mutex_unlock(&load->lock);
  g_error_free(why);
}

static void load_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Load *load = data;
  for (size_t turn = begin; turn < end; turn++) {
    if (hilum_progress_cancelled(load->progress)) return;
    const size_t k = load->coarse ? hilum_coarse_slice(load->coarse, turn) : turn;
    const HilumRecord *r = g_ptr_array_index(load->records, k);
    int16_t *voxels = load->voxels + k * load->slice_voxels;
    GError *why = hilum_slice_read(r, r->file && r->file == load->inflated_file ? &load->inflated : NULL,
                                   voxels, load->slice_voxels);
    if (why) {
      report(load, k, r, why);
      return;
    }
    if (load->two_passes)
      load->ranges[k] = hilum_pixel_normalize(&r->format, voxels, load->slice_voxels);
    else
      hilum_pixel_convert(&r->format, &load->map, load->padding_stored, voxels, load->slice_voxels);
    if (load->coarse) hilum_coarse_done(load->coarse, k);
    size_t done = atomic_fetch_add(&load->done, 1) + 1;
    (void)hilum_progress_step(load->progress, (double)done / (double)load->records->len);
  }
}

static void map_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Load *load = data;
  for (size_t k = begin; k < end; k++) {
    const HilumRecord *r = g_ptr_array_index(load->records, k);
    int16_t *voxels = load->voxels + k * load->slice_voxels;
    hilum_pixel_apply_map(&r->format, &load->map, load->padding_stored, voxels, load->slice_voxels);
  }
}

/* The smallest real value that is a measurement. */
static double smallest_real(const Load *load)
{
  double smallest = INFINITY;
  for (guint i = 0; i < load->records->len; i++) {
    const HilumPixelFormat *f = &((const HilumRecord *)g_ptr_array_index(load->records, i))->format;
    HilumRawRange range = load->ranges[i];
    if (range.low > range.high) continue;
    smallest = fmin(smallest, fmin(f->slope * range.low, f->slope * range.high) + f->intercept);
  }
  return isfinite(smallest) ? smallest : 0;
}

/* Frames of one deflated file would inflate it once each. What goes wrong here goes wrong there, and is said.
 */
static void inflate_once(Load *load)
{
  const HilumRecord *r = g_ptr_array_index(load->records, 0);
  if (!r->file || !r->syntax->deflated) return;
  int fd = hilum_file_open(r->path);
  if (fd >= 0 && hilum_record_is_unchanged(r, fd) &&
      hilum_layout_read(&load->inflated, fd, hilum_record_name(r), NULL))
    load->inflated_file = r->file;
  hilum_file_close(fd);
}

/* "HU" where every file says so or says nothing else. */
static const char *unit_of(const HilumSeries *s)
{
  const HilumRecord *first = g_ptr_array_index(s->records, 0);
  bool hu = hilum_record_is_ct(first);
  for (guint i = 0; i < s->records->len && hu; i++)
    hu = ((const HilumRecord *)g_ptr_array_index(s->records, i))->has_rescale;
  const char *unit = hilum_record_text(first, HILUM_FIELD_RESCALE_TYPE);
  return hu && (!*unit || strcmp(unit, "HU") == 0) ? "HU" : "";
}

static HilumCoarse *make_coarse(const Load *load, const HilumSeries *s)
{
  const HilumCoarseSource source = {.series = s,
                                    .voxels = load->voxels,
                                    .map = load->map,
                                    .padding_stored = load->padding_stored,
                                    .ranges = load->ranges,
                                    .unit = unit_of(s)};
  return hilum_coarse_new(&source, load->watch, load->watch_data);
}

static bool run(Load *load, const HilumSeries *s, GError **error)
{
  guint n = load->records->len;
  const HilumRecord *first = g_ptr_array_index(load->records, 0);
  g_autofree const HilumPixelFormat **formats = g_new(const HilumPixelFormat *, n);
  bool any_padding = false;
  for (guint i = 0; i < n; i++) {
    formats[i] = &((const HilumRecord *)g_ptr_array_index(load->records, i))->format;
    any_padding |= formats[i]->has_padding;
  }
  load->map = hilum_value_map_plan(formats, NULL, n);
  load->padding_stored = hilum_value_map_store(&load->map, CT_PADDING_HU);
  /* One pass does where the map is known beforehand and padding has a fixed value. */
  load->two_passes = !load->map.exact || ((any_padding || load->resampled) && !hilum_record_is_ct(first));
  g_autofree HilumRawRange *ranges = load->two_passes ? g_new0(HilumRawRange, n) : NULL;
  load->ranges = ranges;
  inflate_once(load);
  load->coarse = make_coarse(load, s);
  hilum_parallel_for(n, 1, load_slices, load);
  g_clear_pointer(&load->coarse, hilum_coarse_free);
  hilum_layout_clear(&load->inflated);
  if (hilum_progress_fail(load->progress, error)) return false;
  if (load->error) {
    g_propagate_error(error, g_steal_pointer(&load->error));
    return false;
  }
  if (load->two_passes) {
    load->map = hilum_value_map_plan(formats, ranges, n);
    load->padding_stored =
        hilum_value_map_store(&load->map, hilum_record_is_ct(first) ? CT_PADDING_HU : smallest_real(load));
    hilum_parallel_for(n, 1, map_slices, load);
  }
  return true;
}

uint64_t hilum_catalog_get_load_bytes(const HilumCatalog *catalog, size_t index)
{
  HilumLoadNeed need;
  const HilumSeries *s = hilum_catalog_get_volume(catalog, index);
  return s->info.verdict != HILUM_VERDICT_REFUSED && hilum_load_need(s, &need) ? need.bytes : 0;
}

HilumVolume *hilum_catalog_load(const HilumCatalog *catalog, size_t index, const HilumProgress *progress,
                                GError **error)
{
  return hilum_catalog_load_watched(catalog, index, NULL, NULL, progress, error);
}

HilumVolume *hilum_catalog_load_watched(const HilumCatalog *catalog, size_t index, HilumLoadWatch watch,
                                        void *watch_data, const HilumProgress *progress, GError **error)
{
  const HilumSeries *s = hilum_catalog_get_volume(catalog, index);
  if (s->info.verdict == HILUM_VERDICT_REFUSED) {
    g_set_error_literal(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_REFUSED,
                        hilum_findings_worst(s->findings)->message);
    return NULL;
  }
  const HilumGrid *grid = &s->info.grid;
  HilumLoadNeed need;
  if (!hilum_load_check(s, &need, error)) return NULL;
  const size_t voxels = need.slice_voxels;
  const bool resampled = s->plan.slices != NULL;
  HilumProgress reading = hilum_progress_part(progress, 0, resampled ? 0.8 : 1, NULL);
  HilumProgress resampling = hilum_progress_part(progress, 0.8, 1, NULL);
  Load load = {.records = s->records,
               .resampled = resampled,
               .progress = &reading,
               .watch = watch,
               .watch_data = watch_data};
  load.slice_voxels = voxels / s->records->len;
  load.voxels = hilum_big_alloc(voxels * sizeof *load.voxels, error);
  if (!load.voxels) return NULL;
  pthread_mutex_init(&load.lock, NULL);
  bool good = run(&load, s, error);
  g_clear_error(&load.error);
  pthread_mutex_destroy(&load.lock);
  if (!good) {
    hilum_big_free(load.voxels);
    hilum_memory_trim(); /* what was cancelled leaves no trace */
    return NULL;
  }
  if (resampled)
    load.voxels = hilum_stack_resample(&s->plan, grid, load.voxels, load.padding_stored, &resampling, error);
  if (!load.voxels) return NULL;
  return hilum_volume_new_take(grid, load.voxels, load.map.slope, load.map.intercept, unit_of(s), error);
}
