/* STL out. Records are made in parallel into one big block, 50 bytes a triangle, and the block goes to the
 * file in one write while memory stays bounded. Vertices are rounded to float from double millimetres, once,
 * so that a corner shared in the mesh has the same bytes in every triangle. */
#include "hilum/exchange/stl.h"

#include "hilum/base/file_writer.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/exchange/error.h"

#include <math.h>
#include <string.h>

enum { HEADER_BYTES = 80, RECORD_BYTES = 50, GRAIN = 4096 };
#define BLOCK_TRIANGLES ((size_t)1 << 18) /* 12.5 MiB */

/* Exactly what the frame is, in the only place STL has for it. Must not begin with "solid": readers take that
 * for text. */
static const char *const headers[] = {
    [HILUM_FRAME_LPS] = "Hilum LPS mm. Planning aid. Not for diagnosis.",
    [HILUM_FRAME_RAS] = "Hilum RAS mm. Planning aid. Not for diagnosis.",
};

typedef struct {
  HilumVec3 origin_mm;
  const float *positions;
  const uint32_t *indices;
  double sign; /* of x and y */
  guint8 *records;
} Block;

static inline void put_le32(guint8 *to, uint32_t bits)
{
  bits = GUINT32_TO_LE(bits);
  memcpy(to, &bits, 4);
}

static inline void put_float(guint8 *to, float value)
{
  uint32_t bits;
  memcpy(&bits, &value, 4);
  put_le32(to, bits);
}

/* The unit normal of the triangle as written; zero for one without area, as the format has it. */
static void facet_normal(const float v[9], float out[3])
{
  const double a[3] = {(double)v[3] - (double)v[0], (double)v[4] - (double)v[1], (double)v[5] - (double)v[2]};
  const double b[3] = {(double)v[6] - (double)v[0], (double)v[7] - (double)v[1], (double)v[8] - (double)v[2]};
  const double n[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
  const double length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
  for (int c = 0; c < 3; c++)
    out[c] = length > 0 ? (float)(n[c] / length) : 0.0f;
}

static void fill_records(size_t begin, size_t end, unsigned worker, void *data)
{
  (void)worker;
  const Block *block = data;
  for (size_t t = begin; t < end; t++) {
    guint8 *record = block->records + t * RECORD_BYTES;
    float v[9], n[3];
    for (int c = 0; c < 3; c++) {
      const HilumVec3 p =
          hilum_mesh_vertex_mm(block->origin_mm, block->positions, block->indices[3 * t + (size_t)c]);
      v[3 * c] = (float)(block->sign * p.x);
      v[3 * c + 1] = (float)(block->sign * p.y);
      v[3 * c + 2] = (float)p.z;
    }
    facet_normal(v, n);
    for (int c = 0; c < 3; c++)
      put_float(record + 4 * c, n[c]);
    for (int c = 0; c < 9; c++)
      put_float(record + 12 + 4 * c, v[c]);
    record[48] = record[49] = 0;
  }
}

static bool write_mesh(HilumFileWriter *writer, HilumMesh *mesh, HilumFrame frame, guint8 *records,
                       size_t *done, size_t total, const HilumProgress *progress, GError **error)
{
  const size_t n = hilum_mesh_get_triangle_count(mesh);
  const uint32_t *indices = hilum_mesh_get_indices(mesh);
  Block block = {hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), NULL,
                 frame == HILUM_FRAME_RAS ? -1.0 : 1.0, records};
  for (size_t first = 0; first < n; first += BLOCK_TRIANGLES) {
    const size_t count = MIN(BLOCK_TRIANGLES, n - first);
    block.indices = indices + 3 * first;
    hilum_parallel_for(count, GRAIN, fill_records, &block);
    if (!hilum_file_writer_write(writer, records, count * RECORD_BYTES, error)) return false;
    *done += count;
    if (!hilum_progress_step(progress, (double)*done / (double)total)) {
      hilum_progress_fail(progress, error);
      return false;
    }
  }
  return true;
}

bool hilum_stl_write(const char *path, HilumMesh *const *meshes, size_t n_meshes, HilumFrame frame,
                     size_t *bytes, char **sha256, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(path != NULL && (n_meshes == 0 || meshes != NULL), false);
  g_return_val_if_fail(frame == HILUM_FRAME_LPS || frame == HILUM_FRAME_RAS, false);
  size_t total = 0, largest = 0;
  for (size_t m = 0; m < n_meshes; m++) {
    total += hilum_mesh_get_triangle_count(meshes[m]);
    largest = MAX(largest, hilum_mesh_get_triangle_count(meshes[m]));
  }
  g_autofree char *name = g_filename_display_basename(path);
  if (total == 0 || total > G_MAXUINT32) {
    g_set_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_WRITE,
                total ? "“%s” was not written: STL holds at most 4,294,967,295 triangles."
                      : "“%s” was not written: there is no surface to write.",
                name);
    return false;
  }
  guint8 head[HEADER_BYTES + 4] = {0};
  memcpy(head, headers[frame], strlen(headers[frame]));
  put_le32(head + HEADER_BYTES, (uint32_t)total);

  guint8 *records = hilum_big_alloc(MIN(largest, BLOCK_TRIANGLES) * RECORD_BYTES, error);
  if (!records) return false;
  HilumFileWriter *writer = hilum_file_writer_new(path, error);
  bool good = writer && hilum_file_writer_reserve(writer, sizeof head + total * RECORD_BYTES, error) &&
              hilum_file_writer_write(writer, head, sizeof head, error);
  size_t done = 0;
  for (size_t m = 0; good && m < n_meshes; m++)
    good = write_mesh(writer, meshes[m], frame, records, &done, total, progress, error);
  hilum_big_free(records);
  if (good) return hilum_file_writer_commit(writer, bytes, sha256, error);
  hilum_file_writer_abort(writer);
  return false;
}
