/* NRRD out, slice by slice, raw or as one gzip stream. */
#include "hilum/exchange/nrrd.h"

#include "hilum/base/file_writer.h"
#include "hilum/base/memory.h"
#include "hilum/exchange/error.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

/* Where slices go: straight to the file, or through zlib. */
typedef struct {
  HilumFileWriter *file;
  bool gzip;
  z_stream z;
  guint8 *packed;
} Sink;

enum { PACKED_BYTES = 1 << 18 };

static bool sink_put(Sink *sink, const void *data, size_t bytes, bool last, GError **error)
{
  if (!sink->gzip) return hilum_file_writer_write(sink->file, data, bytes, error);
  sink->z.next_in = (Bytef *)(uintptr_t)data;
  sink->z.avail_in = (uInt)bytes; /* a slice is below 32767 x 32767 x 2 bytes */
  do {
    sink->z.next_out = sink->packed;
    sink->z.avail_out = PACKED_BYTES;
    deflate(&sink->z, last ? Z_FINISH : Z_NO_FLUSH);
    if (!hilum_file_writer_write(sink->file, sink->packed, PACKED_BYTES - sink->z.avail_out, error))
      return false;
  } while (sink->z.avail_out == 0);
  return true;
}

static bool put_header(HilumFileWriter *file, const HilumGrid *grid, const char *type, bool gzip,
                       GError **error)
{
  HilumVec3 d[3];
  for (int a = 0; a < 3; a++)
    d[a] = hilum_vec3_scale(grid->axes[a], grid->spacing_mm[a]);
  return hilum_file_writer_printf(
      file, error,
      "NRRD0005\n"
      "# Written by Hilum %s. Planning aid. Not for diagnosis.\n"
      "type: %s\ndimension: 3\nspace: left-posterior-superior\nsizes: %d %d %d\n"
      "space directions: (%.17g,%.17g,%.17g) (%.17g,%.17g,%.17g) (%.17g,%.17g,%.17g)\n"
      "kinds: domain domain domain\nendian: little\nencoding: %s\n"
      "space units: \"mm\" \"mm\" \"mm\"\nspace origin: (%.17g,%.17g,%.17g)\n",
      HILUM_VERSION, type, grid->dims[0], grid->dims[1], grid->dims[2], d[0].x, d[0].y, d[0].z, d[1].x,
      d[1].y, d[1].z, d[2].x, d[2].y, d[2].z, gzip ? "gzip" : "raw", grid->origin_mm.x, grid->origin_mm.y,
      grid->origin_mm.z);
}

/* Fills `out` with slice k in the byte order of the file. */
typedef void (*SliceFunc)(int32_t k, void *out, void *data);

static bool put_slices(HilumFileWriter *file, const HilumGrid *grid, size_t voxel_bytes, bool gzip,
                       SliceFunc slice, void *data, const HilumProgress *progress, GError **error)
{
  const size_t bytes = (size_t)grid->dims[0] * (size_t)grid->dims[1] * voxel_bytes;
  Sink sink = {.file = file, .gzip = gzip};
  void *buffer = hilum_big_alloc(bytes, error);
  if (!buffer) return false;
  g_autofree guint8 *packed = sink.packed = gzip ? g_malloc(PACKED_BYTES) : NULL;
  /* Level 1: half the size for a fifth of the time of the default. */
  bool good = !gzip || deflateInit2(&sink.z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  if (!good) g_set_error_literal(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_WRITE, "Memory ran out.");
  const bool started = good && gzip;
  for (int32_t k = 0; good && k < grid->dims[2]; k++) {
    if (!hilum_progress_step(progress, (double)k / grid->dims[2])) {
      good = !hilum_progress_fail(progress, error);
      break;
    }
    slice(k, buffer, data);
    good = sink_put(&sink, buffer, bytes, k + 1 == grid->dims[2], error);
  }
  if (started) deflateEnd(&sink.z);
  hilum_big_free(buffer);
  return good;
}

static bool finish(HilumFileWriter *file, bool good, const HilumProgress *progress, GError **error)
{
  if (good) {
    hilum_progress_step(progress, 1);
    return hilum_file_writer_commit(file, NULL, NULL, error);
  }
  hilum_file_writer_abort(file);
  return false;
}

/* --- volumes --- */

typedef struct {
  const HilumVolume *volume;
  uint64_t clipped;
} VolumeSlices;

static void volume_slice(int32_t k, void *out, void *data)
{
  VolumeSlices *work = data;
  const HilumGrid *grid = hilum_volume_get_grid(work->volume);
  const size_t n = (size_t)grid->dims[0] * (size_t)grid->dims[1];
  const int16_t *from = hilum_volume_get_voxels(work->volume) + (size_t)k * n;
  const double slope = hilum_volume_get_slope(work->volume),
               intercept = hilum_volume_get_intercept(work->volume);
  int16_t *to = out;
  for (size_t i = 0; i < n; i++) {
    const double real = floor(hilum_stored_to_real(slope, intercept, from[i]) + 0.5);
    const double fits = fmin(fmax(real, INT16_MIN), INT16_MAX);
    work->clipped += fits < real || fits > real;
    to[i] = GINT16_TO_LE((int16_t)fits);
  }
}

bool hilum_nrrd_write_volume(const char *path, const HilumVolume *volume, bool compress, uint64_t *clipped,
                             const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(path != NULL && volume != NULL, false);
  HilumFileWriter *file = hilum_file_writer_new(path, error);
  if (!file) return false;
  VolumeSlices work = {volume, 0};
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const bool has_unit = strcmp(hilum_volume_get_unit(volume), "HU") == 0;
  const bool good = put_header(file, grid, "int16", compress, error) &&
                    hilum_file_writer_printf(file, error, "%s\n", has_unit ? "unit:=HU\n" : "") &&
                    put_slices(file, grid, 2, compress, volume_slice, &work, progress, error);
  if (clipped) *clipped = work.clipped;
  return finish(file, good, progress, error);
}

/* --- labels --- */

static void label_slice(int32_t k, void *out, void *data)
{
  const HilumLabelSnapshot *labels = data;
  const int32_t *n = hilum_label_snapshot_get_grid(labels)->dims;
  const HilumVoxelBox box = {{0, 0, k}, {n[0], n[1], k + 1}};
  hilum_label_snapshot_read_box(labels, box, out, (size_t)n[0], (size_t)n[0] * (size_t)n[1]);
}

/* A line must stay a line. */
static char *escape(const char *name)
{
  g_autofree char *valid = g_utf8_make_valid(name, -1);
  GString *out = g_string_new(NULL);
  for (const char *c = valid; *c; c++) {
    if (*c == '\\')
      g_string_append(out, "\\\\");
    else
      g_string_append_c(out, (guchar)*c < 0x20 ? ' ' : *c);
  }
  return g_string_free(out, FALSE);
}

/* Keys as 3D Slicer's segmentation files have them, numbered by label. */
static bool put_names(HilumFileWriter *file, const char *const *names, GError **error)
{
  for (int l = 1; names && l < HILUM_LABEL_COUNT; l++) {
    if (!names[l]) continue;
    g_autofree char *name = escape(names[l]);
    if (!hilum_file_writer_printf(file, error,
                                  "Segment%d_ID:=Segment_%d\nSegment%d_LabelValue:=%d\nSegment%d_Layer:=0\n"
                                  "Segment%d_Name:=%s\n",
                                  l, l, l, l, l, l, name))
      return false;
  }
  return hilum_file_writer_write(file, "\n", 1, error);
}

bool hilum_nrrd_write_labels(const char *path, HilumLabelSnapshot *labels, const char *const *names,
                             bool compress, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(path != NULL && labels != NULL, false);
  HilumFileWriter *file = hilum_file_writer_new(path, error);
  if (!file) return false;
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  const bool good = put_header(file, grid, "uint8", compress, error) && put_names(file, names, error) &&
                    put_slices(file, grid, 1, compress, label_slice, labels, progress, error);
  return finish(file, good, progress, error);
}
