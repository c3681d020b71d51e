/* hilum-bench: a folder of DICOM files to a volume, cold of everything but the disk cache. The first argument
 * is the folder, as for the programs it is compared with. */
#include "bench.h"

#include "hilum/dicom/dicom.h"

typedef struct {
  const BenchArgs *args;
  size_t index; /* of the largest volume in the folder */
} State;

static HilumCatalog *scan(const State *s, GError **error)
{
  const char *paths[] = {s->args->path};
  return hilum_catalog_scan(paths, 1, NULL, error);
}

static size_t largest(const HilumCatalog *catalog)
{
  size_t best = 0;
  for (size_t i = 1; i < hilum_catalog_get_count(catalog); i++)
    if (hilum_catalog_get_series(catalog, i)->n_files > hilum_catalog_get_series(catalog, best)->n_files)
      best = i;
  return best;
}

/* Nothing is prepared: finding the files and reading their headers is part of the work. */
static gpointer prepare(const BenchArgs *args, GError **error)
{
  State *s = g_new0(State, 1);
  s->args = args;
  return s;
}

/* The peers' sum of every 997th voxel, weighted by its place, so that all can be seen to have loaded the
 * same; they hold HU. */
static int64_t checksum(const HilumVolume *volume)
{
  const int16_t *voxels = hilum_volume_get_voxels(volume);
  const int64_t offset = (int64_t)hilum_volume_get_intercept(volume) + 32768;
  size_t n = hilum_grid_count(hilum_volume_get_grid(volume));
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i += 997)
    sum += (uint64_t)(voxels[i] + offset) * (i % 1009 + 1);
  return (int64_t)(sum >> 1);
}

static bool run_load(gpointer data, BenchResult *result, GError **error)
{
  g_autoptr(HilumCatalog) catalog = scan(data, error);
  if (!catalog) return false;
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, largest(catalog), NULL, error);
  if (!volume) return false;
  result->count = checksum(volume);
  return true;
}

static bool run_scan(gpointer data, BenchResult *result, GError **error)
{
  g_autoptr(HilumCatalog) catalog = scan(data, error);
  if (!catalog) return false;
  result->count = (int64_t)hilum_catalog_get_series(catalog, largest(catalog))->n_files;
  return true;
}

const BenchOp bench_load_ops[] = {
    {"load", "VOLUME.raw is a folder of DICOM files: scan it and load its largest volume", prepare, run_load,
     g_free},
    {"scan", "the scan alone", prepare, run_scan, g_free},
    {NULL, NULL, NULL, NULL, NULL}};
