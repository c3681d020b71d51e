/* The labels of a case file: compressed bricks, unfolded side by side into one dense volume. */
#include "record_rows_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/casefile/error.h"

#include <string.h>
#include <zlib.h>

enum { BRICK_VOXELS = HILUM_BRICK_EDGE * HILUM_BRICK_EDGE * HILUM_BRICK_EDGE };
/* 4 Gi labels: ten times the largest scanner series. */
#define MAX_LABELS ((size_t)4 << 30)

typedef struct {
  const HilumGrid *grid;
  int32_t bricks[3];
  GPtrArray *packed; /* GBytes */
  GArray *indices;   /* int64_t */
  uint8_t *labels;   /* dense */
  const HilumProgress *progress;
  gint malformed;
} Unpack;

static void copy_brick(const Unpack *work, int64_t index, const uint8_t *voxels)
{
  const int64_t b[3] = {index % work->bricks[0], index / work->bricks[0] % work->bricks[1],
                        index / work->bricks[0] / work->bricks[1]};
  size_t lo[3], n[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = (size_t)b[a] * HILUM_BRICK_EDGE;
    n[a] = MIN((size_t)HILUM_BRICK_EDGE, (size_t)work->grid->dims[a] - lo[a]);
  }
  for (size_t z = 0; z < n[2]; z++)
    for (size_t y = 0; y < n[1]; y++) {
      size_t row =
          ((lo[2] + z) * (size_t)work->grid->dims[1] + lo[1] + y) * (size_t)work->grid->dims[0] + lo[0];
      memcpy(work->labels + row, voxels + (z * HILUM_BRICK_EDGE + y) * HILUM_BRICK_EDGE, n[0]);
    }
}

static void unpack_bricks(size_t begin, size_t end, unsigned worker, void *data)
{
  (void)worker;
  Unpack *work = data;
  g_autofree uint8_t *runs = g_malloc(2 * BRICK_VOXELS), *voxels = g_malloc(BRICK_VOXELS);
  for (size_t i = begin; i < end && !hilum_progress_cancelled(work->progress); i++) {
    gsize packed_bytes;
    const void *packed = g_bytes_get_data(g_ptr_array_index(work->packed, i), &packed_bytes);
    uLongf n = 2 * BRICK_VOXELS; /* a bomb ends here */
    if (!packed || uncompress(runs, &n, packed, (uLong)packed_bytes) != Z_OK ||
        !hilum_brick_decode(runs, n, voxels)) {
      g_atomic_int_set(&work->malformed, 1);
      return;
    }
    copy_brick(work, g_array_index(work->indices, int64_t, i), voxels);
  }
}

static bool collect_bricks(HilumRows *rows, Unpack *work, GError **error)
{
  const int64_t count = (int64_t)work->bricks[0] * work->bricks[1] * work->bricks[2];
  if (!hilum_rows_begin(rows, "SELECT idx, data FROM brick ORDER BY idx", error)) return false;
  while (hilum_rows_next(rows)) {
    int64_t index = hilum_rows_get_int(rows, 0, 0, count - 1);
    const void *data = sqlite3_column_blob(rows->stmt, 1);
    const int bytes = sqlite3_column_bytes(rows->stmt, 1);
    const bool fits = sqlite3_column_type(rows->stmt, 1) == SQLITE_BLOB && bytes > 0 &&
                      (uLong)bytes <= compressBound(2 * BRICK_VOXELS);
    const int64_t last =
        work->indices->len ? g_array_index(work->indices, int64_t, work->indices->len - 1) : -1;
    if (!hilum_rows_require(rows, fits && index > last, "a block of labels is malformed")) break;
    g_array_append_val(work->indices, index);
    g_ptr_array_add(work->packed, g_bytes_new(data, (gsize)bytes));
  }
  return hilum_rows_end(rows, error);
}

static bool unpack_labels(HilumRows *rows, Unpack *work, HilumCaseRecord *record, GError **error)
{
  hilum_parallel_for(work->packed->len, 16, unpack_bricks, work);
  if (hilum_progress_fail(work->progress, error)) return false;
  if (work->malformed) {
    hilum_case_set_corrupt(error, rows->path, "a block of labels is malformed");
    return false;
  }
  record->labels = hilum_label_snapshot_new_from_dense(work->grid, work->labels, error);
  if (!record->labels) return false;
  bool named[HILUM_LABEL_COUNT] = {true};
  for (guint i = 0; i < record->structures->len; i++)
    named[g_array_index(record->structures, HilumRecordStructure, i).label] = true;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    if (named[l] || hilum_label_snapshot_count(record->labels, (uint8_t)l) == 0) continue;
    hilum_case_set_corrupt(error, rows->path, "voxels belong to a structure that is not listed");
    return false;
  }
  return true;
}

bool hilum_record_read_labels(HilumRows *rows, HilumCaseRecord *record, const HilumProgress *progress,
                              GError **error)
{
  const HilumGrid *grid = &g_array_index(record->phases, HilumRecordPhase, 0).source->grid;
  size_t voxels;
  if (!hilum_size_mul3(grid->dims[0], grid->dims[1], grid->dims[2], &voxels) || voxels > MAX_LABELS ||
      voxels > hilum_memory_budget()) {
    g_autofree char *name = g_filename_display_basename(rows->path);
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN,
                "“%s” has a volume of %d × %d × %d voxels, more than this computer can hold.", name,
                grid->dims[0], grid->dims[1], grid->dims[2]);
    return false;
  }
  Unpack work = {.grid = grid, .progress = progress};
  for (int a = 0; a < 3; a++)
    work.bricks[a] = (grid->dims[a] + HILUM_BRICK_EDGE - 1) / HILUM_BRICK_EDGE;
  g_autoptr(GPtrArray) packed = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
  g_autoptr(GArray) indices = g_array_new(FALSE, FALSE, sizeof(int64_t));
  work.packed = packed;
  work.indices = indices;
  if (!collect_bricks(rows, &work, error)) return false;
  work.labels = hilum_big_alloc0(voxels, error);
  if (!work.labels) return false;
  bool good = unpack_labels(rows, &work, record, error);
  hilum_big_free(work.labels);
  return good;
}
