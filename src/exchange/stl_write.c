/* STL out: 50 bytes a triangle, made in blocks on all cores while the block before is written. Vertices are
 * rounded to float from double millimetres, once, so that a corner shared in the mesh has the same bytes in
 * every triangle. */
#include "hilum/exchange/stl.h"

#include "hilum/base/file_writer.h"
#include "hilum/exchange/error.h"

#include <math.h>
#include <string.h>

enum { HEADER_BYTES = 80, RECORD_BYTES = 50 };

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
} Source;

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

static void fill_records(void *to, size_t first, size_t count, void *data)
{
  const Source *source = data;
  guint8 *record = to;
  for (size_t t = first; t < first + count; t++, record += RECORD_BYTES) {
    float v[9], n[3];
    for (int c = 0; c < 3; c++) {
      const HilumVec3 p =
          hilum_mesh_vertex_mm(source->origin_mm, source->positions, source->indices[3 * t + (size_t)c]);
      v[3 * c] = (float)(source->sign * p.x);
      v[3 * c + 1] = (float)(source->sign * p.y);
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

static bool write_mesh(HilumFileWriter *writer, HilumMesh *mesh, HilumFrame frame,
                       const HilumProgress *progress, GError **error)
{
  Source source = {hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh),
                   hilum_mesh_get_indices(mesh), frame == HILUM_FRAME_RAS ? -1.0 : 1.0};
  return hilum_file_writer_write_records(writer, hilum_mesh_get_triangle_count(mesh), RECORD_BYTES,
                                         fill_records, &source, progress, error);
}

bool hilum_stl_write(const char *path, HilumMesh *const *meshes, size_t n_meshes, HilumFrame frame,
                     size_t *bytes, char **sha256, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(path != NULL && (n_meshes == 0 || meshes != NULL), false);
  g_return_val_if_fail(frame == HILUM_FRAME_LPS || frame == HILUM_FRAME_RAS, false);
  size_t total = 0;
  for (size_t m = 0; m < n_meshes; m++)
    total += hilum_mesh_get_triangle_count(meshes[m]);
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

  HilumFileWriter *writer = hilum_file_writer_new(path, error);
  if (!writer) return false;
  if (!sha256) hilum_file_writer_skip_sum(writer);
  bool good = hilum_file_writer_reserve(writer, sizeof head + total * RECORD_BYTES, error) &&
              hilum_file_writer_write(writer, head, sizeof head, error);
  size_t done = 0;
  for (size_t m = 0; good && m < n_meshes; m++) {
    size_t n = hilum_mesh_get_triangle_count(meshes[m]);
    HilumProgress part =
        hilum_progress_part(progress, (double)done / (double)total, (double)(done + n) / (double)total, NULL);
    good = write_mesh(writer, meshes[m], frame, &part, error);
    done += n;
  }
  if (good) return hilum_file_writer_commit(writer, bytes, sha256, error);
  hilum_file_writer_abort(writer);
  return false;
}
