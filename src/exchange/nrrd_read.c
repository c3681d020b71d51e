/* NRRD in: labels of any integer type whose values fit, volumes of 8 and 16 bits. */
#include "hilum/exchange/nrrd.h"

#include "hilum/base/memory.h"
#include "hilum/exchange/error.h"
#include "nrrd_private.h"

#include <string.h>
#include <zlib.h>

/* --- data --- */

/* Exactly `wanted` bytes must come out: neither fewer, nor any more. */
static bool inflate_all(const char *path, const char *packed, size_t packed_bytes, guint8 *out, size_t wanted,
                        const HilumProgress *progress, GError **error)
{
  z_stream z = {0};
  if (inflateInit2(&z, 15 + 32) != Z_OK) {
    hilum_nrrd_set_error(error, path, "memory ran out");
    return false;
  }
  size_t in = 0, done = 0;
  guint8 extra[16];
  int status = Z_OK;
  bool surplus = false;
  while (status == Z_OK && !surplus && !hilum_progress_cancelled(progress)) {
    if (z.avail_in == 0) {
      z.next_in = (Bytef *)(uintptr_t)(packed + in);
      z.avail_in = (uInt)MIN(packed_bytes - in, (size_t)1 << 20);
      in += z.avail_in;
    }
    const bool full = done == wanted;
    z.next_out = full ? extra : out + done;
    z.avail_out = full ? (uInt)sizeof extra : (uInt)MIN(wanted - done, (size_t)1 << 20);
    const uInt room = z.avail_out;
    status = inflate(&z, Z_NO_FLUSH);
    if (full)
      surplus = z.avail_out < room;
    else
      done += room - z.avail_out;
    hilum_progress_step(progress, (double)done / (double)wanted);
  }
  inflateEnd(&z);
  if (hilum_progress_fail(progress, error)) return false;
  if (status == Z_STREAM_END && done == wanted) return true;
  hilum_nrrd_set_error(error, path,
                       surplus ? "it holds more data than its sizes say"
                               : "its compressed data is damaged or ends early");
  return false;
}

static void swap_bytes(void *data, size_t bytes, size_t size)
{
  guint8 *p = data;
  for (size_t i = 0; size > 1 && i < bytes; i += size)
    for (size_t b = 0; b < size / 2; b++) {
      guint8 t = p[i + b];
      p[i + b] = p[i + size - 1 - b];
      p[i + size - 1 - b] = t;
    }
}

void *hilum_nrrd_unpack(const char *path, const char *data, size_t bytes, const HilumNrrdHeader *header,
                        const HilumProgress *progress, GError **error)
{
  const char *packed = data + header->data_offset;
  const size_t packed_bytes = bytes - header->data_offset, wanted = header->data_bytes;
  /* deflate cannot shrink more than 1032 times: a claim beyond that needs no memory to be refuted */
  if (header->gzip ? wanted / 1032 > packed_bytes : wanted != packed_bytes) {
    hilum_nrrd_set_error(error, path,
                         packed_bytes < wanted ? "it ends before all voxels have come"
                                               : "it holds more data than its sizes say");
    return NULL;
  }
  guint8 *voxels = hilum_big_alloc(wanted, error);
  if (!voxels) return NULL;
  if (!header->gzip) {
    memcpy(voxels, packed, wanted);
  } else if (!inflate_all(path, packed, packed_bytes, voxels, wanted, progress, error)) {
    hilum_big_free(voxels);
    return NULL;
  }
  if (header->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN))
    swap_bytes(voxels, wanted, hilum_nrrd_type_bytes(header->type));
  return voxels;
}

/* Maps, parses and unpacks; the header is the caller's to clear, also on failure. */
static void *read_all(const char *path, HilumNrrdHeader *header, const HilumProgress *progress,
                      GError **error)
{
  g_autoptr(GError) cause = NULL;
  g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &cause);
  if (!file) {
    g_autofree char *name = g_filename_display_basename(path);
    g_set_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_READ, "“%s” could not be read: %s", name,
                cause->message);
    return NULL;
  }
  const char *data = g_mapped_file_get_contents(file);
  const size_t bytes = g_mapped_file_get_length(file);
  if (!hilum_nrrd_parse(path, data ? data : "", bytes, header, error)) return NULL;
  return hilum_nrrd_unpack(path, data, bytes, header, progress, error);
}

/* --- labels --- */

/* To bytes, in place of a copy per type; false if a value is no label. */
static bool to_labels(const void *voxels, HilumNrrdType type, size_t n, guint8 *out)
{
  int64_t bad = 0;
  for (size_t i = 0; i < n; i++) {
    int64_t value = 0;
    switch (type) {
    case HILUM_NRRD_INT8:
      value = ((const int8_t *)voxels)[i];
      break;
    case HILUM_NRRD_UINT8:
      value = ((const uint8_t *)voxels)[i];
      break;
    case HILUM_NRRD_INT16:
      value = ((const int16_t *)voxels)[i];
      break;
    case HILUM_NRRD_UINT16:
      value = ((const uint16_t *)voxels)[i];
      break;
    case HILUM_NRRD_INT32:
      value = ((const int32_t *)voxels)[i];
      break;
    default:
      value = ((const uint32_t *)voxels)[i];
      break;
    }
    bad |= value & ~INT64_C(255); /* negative values have high bits too */
    out[i] = (guint8)value;
  }
  return bad == 0;
}

/* "Segment7_Name" names label 7, or what "Segment7_LabelValue" says, as 3D Slicer numbers its segments from
 * zero. */
static GPtrArray *collect_names(GHashTable *pairs)
{
  GPtrArray *names = g_ptr_array_new_full(HILUM_LABEL_COUNT, g_free);
  g_ptr_array_set_size(names, HILUM_LABEL_COUNT);
  for (int segment = 0; segment < HILUM_LABEL_COUNT; segment++) {
    g_autofree char *name_key = g_strdup_printf("Segment%d_Name", segment);
    g_autofree char *value_key = g_strdup_printf("Segment%d_LabelValue", segment);
    const char *name = g_hash_table_lookup(pairs, name_key);
    const char *value = g_hash_table_lookup(pairs, value_key);
    guint64 label = (guint64)segment;
    if (!name || (value && !g_ascii_string_to_unsigned(value, 10, 1, 255, &label, NULL)) || label == 0)
      continue;
    g_free(g_ptr_array_index(names, label));
    g_ptr_array_index(names, label) = g_utf8_make_valid(name, (gssize)strnlen(name, 256));
  }
  return names;
}

HilumLabelSnapshot *hilum_nrrd_read_labels(const char *path, GPtrArray **names, const HilumProgress *progress,
                                           GError **error)
{
  g_return_val_if_fail(path != NULL, NULL);
  HilumNrrdHeader header = {0};
  HilumLabelSnapshot *labels = NULL;
  void *voxels = read_all(path, &header, progress, error);
  guint8 *bytes = NULL;
  const size_t n = voxels ? hilum_grid_count(&header.grid) : 0;
  if (voxels && header.type == HILUM_NRRD_UINT8) {
    labels = hilum_label_snapshot_new_from_dense(&header.grid, voxels, error);
  } else if (voxels && (bytes = hilum_big_alloc(n, error))) {
    if (to_labels(voxels, header.type, n, bytes))
      labels = hilum_label_snapshot_new_from_dense(&header.grid, bytes, error);
    else
      hilum_nrrd_set_error(error, path, "it has values outside 0 to 255, which are no labels");
  }
  if (labels && names) *names = collect_names(header.pairs);
  hilum_big_free(bytes);
  hilum_big_free(voxels);
  hilum_nrrd_header_clear(&header);
  return labels;
}

/* --- volumes --- */

static void widen(const void *voxels, HilumNrrdType type, size_t n, int16_t *out)
{
  for (size_t i = 0; i < n; i++) {
    if (type == HILUM_NRRD_UINT8)
      out[i] = ((const uint8_t *)voxels)[i];
    else if (type == HILUM_NRRD_INT8)
      out[i] = ((const int8_t *)voxels)[i];
    else
      out[i] = (int16_t)((int32_t)((const uint16_t *)voxels)[i] - 32768);
  }
}

HilumVolume *hilum_nrrd_read_volume(const char *path, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(path != NULL, NULL);
  HilumNrrdHeader header = {0};
  HilumVolume *volume = NULL;
  void *voxels = read_all(path, &header, progress, error);
  const char *unit = voxels ? g_hash_table_lookup(header.pairs, "unit") : NULL;
  unit = g_strcmp0(unit, "HU") == 0 ? "HU" : "";
  if (voxels && header.type == HILUM_NRRD_INT16) {
    volume = hilum_volume_new_take(&header.grid, g_steal_pointer(&voxels), 1, 0, unit, error);
  } else if (voxels && header.type <= HILUM_NRRD_UINT16) {
    const size_t n = hilum_grid_count(&header.grid);
    int16_t *stored = hilum_big_alloc(n * sizeof *stored, error);
    if (stored) {
      widen(voxels, header.type, n, stored);
      const double intercept = header.type == HILUM_NRRD_UINT16 ? 32768 : 0;
      volume = hilum_volume_new_take(&header.grid, stored, 1, intercept, unit, error);
    }
  } else if (voxels) {
    hilum_nrrd_set_error(error, path, "its voxels have 32 bits; volumes may have 8 or 16");
  }
  hilum_big_free(voxels);
  hilum_nrrd_header_clear(&header);
  return volume;
}
