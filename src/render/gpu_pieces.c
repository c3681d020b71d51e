/* Surfaces under the brush: three buffers a structure, in which every tile has a place of its own, so that
 * only the pieces that changed are uploaded and all of them are drawn at once. A piece that has outgrown its
 * place moves behind the last; places have room to grow by a quarter, so that what is left behind stays a
 * fraction. A structure's pieces are brought here when they are first shown, and kept. */
#include "gpu_private.h"

#include <string.h>

#define STEP_BYTES ((size_t)4 << 20)

GLuint hilum_gl_reserve(size_t bytes)
{
  GLuint buffer = 0;
  glGenBuffers(1, &buffer);
  glBindBuffer(GL_COPY_WRITE_BUFFER, buffer);
  glBufferData(GL_COPY_WRITE_BUFFER, (GLsizeiptr)bytes, NULL, GL_STATIC_DRAW);
  return buffer;
}

void hilum_gpu_clear_pieces(GpuPieces *pieces)
{
  const GLuint names[3] = {pieces->mesh.positions, pieces->mesh.normals, pieces->mesh.indices};
  glDeleteBuffers(3, names); /* 0 is ignored */
  g_free(pieces->mesh.count);
  g_free(pieces->mesh.offset);
  g_free(pieces->mesh.base);
  g_free(pieces->place);
  *pieces = (GpuPieces){0};
}

/* A larger buffer with the first `used` bytes of the old one. */
static void grow(GLuint *buffer, size_t used, size_t bytes)
{
  GLuint larger = hilum_gl_reserve(bytes);
  if (used > 0) {
    glBindBuffer(GL_COPY_READ_BUFFER, *buffer);
    glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, 0, 0, (GLsizeiptr)used);
    glBindBuffer(GL_COPY_READ_BUFFER, 0);
  }
  glDeleteBuffers(1, buffer);
  *buffer = larger;
}

/* A place behind the last for so many; false if no buffer is that large. */
static bool move(GpuPieces *p, GpuPlace *place, uint32_t vertices, uint32_t indices)
{
  uint64_t v = (uint64_t)vertices + vertices / 4, i = (uint64_t)indices + indices / 4;
  uint64_t v_end = p->vertex_end + v, i_end = p->index_end + i;
  if (v_end > INT32_MAX || i_end > INT32_MAX) return false;
  if (v_end > p->vertices) {
    uint64_t more = MIN(2 * v_end, (uint64_t)INT32_MAX);
    grow(&p->mesh.positions, (size_t)p->vertex_end * 12, more * 12);
    grow(&p->mesh.normals, (size_t)p->vertex_end * 12, more * 12);
    p->vertices = (uint32_t)more;
  }
  if (i_end > p->indices) {
    uint64_t more = MIN(2 * i_end, (uint64_t)INT32_MAX);
    grow(&p->mesh.indices, (size_t)p->index_end * 4, more * 4);
    p->indices = (uint32_t)more;
  }
  *place = (GpuPlace){
      .vertex = p->vertex_end, .vertices = (uint32_t)v, .index = p->index_end, .indices = (uint32_t)i};
  p->vertex_end = (uint32_t)v_end;
  p->index_end = (uint32_t)i_end;
  return true;
}

static void upload(GLuint buffer, size_t at, size_t bytes, const void *data)
{
  glBindBuffer(GL_COPY_WRITE_BUFFER, buffer);
  glBufferSubData(GL_COPY_WRITE_BUFFER, (GLintptr)at, (GLsizeiptr)bytes, data);
}

/* Returns the bytes that went over. */
static size_t put(GpuPieces *p, GpuPlace *place, const HilumPiece *piece)
{
  HilumMesh *mesh = piece->mesh;
  uint32_t vertices = mesh ? hilum_mesh_get_vertex_count(mesh) : 0,
           indices = mesh ? 3 * hilum_mesh_get_triangle_count(mesh) : 0;
  bool fits = (vertices <= place->vertices && indices <= place->indices) || move(p, place, vertices, indices);
  place->serial = piece->serial;
  place->used_indices = fits ? indices : 0;
  if (!fits || indices == 0) return 0;
  p->mesh.origin_mm = hilum_mesh_get_origin_mm(mesh);
  upload(p->mesh.positions, (size_t)place->vertex * 12, (size_t)vertices * 12,
         hilum_mesh_get_positions(mesh));
  upload(p->mesh.normals, (size_t)place->vertex * 12, (size_t)vertices * 12, hilum_mesh_get_normals(mesh));
  upload(p->mesh.indices, (size_t)place->index * 4, (size_t)indices * 4, hilum_mesh_get_indices(mesh));
  return (size_t)vertices * 24 + (size_t)indices * 4;
}

/* What is drawn: the places that hold something. */
static void list(GpuPieces *p)
{
  GpuMesh *mesh = &p->mesh;
  mesh->n_pieces = 0;
  mesh->n_triangles = 0;
  for (size_t t = 0; t < p->n_tiles; t++) {
    const GpuPlace *place = &p->place[t];
    if (place->used_indices == 0) continue;
    mesh->count[mesh->n_pieces] = (GLsizei)place->used_indices;
    mesh->offset[mesh->n_pieces] = (const void *)((size_t)place->index * 4);
    mesh->base[mesh->n_pieces++] = (GLint)place->vertex;
    mesh->n_triangles += place->used_indices / 3;
  }
}

static void make_room(GpuPieces *p, size_t n_tiles)
{
  hilum_gpu_clear_pieces(p);
  p->n_tiles = n_tiles;
  p->place = g_new0(GpuPlace, n_tiles);
  p->mesh.count = g_new(GLsizei, n_tiles);
  p->mesh.offset = g_new(const void *, n_tiles);
  p->mesh.base = g_new(GLint, n_tiles);
}

/* True if something was done. Nothing is drawn until all of it is here for the first time. */
static bool step(GpuPieces *p, HilumWorkspace *workspace, uint8_t label)
{
  size_t n_tiles, bytes = 0;
  const HilumPiece *piece = hilum_workspace_get_pieces(workspace, label, &n_tiles);
  if (n_tiles == 0 || (p->place && n_tiles != p->n_tiles)) {
    bool any = p->place != NULL;
    hilum_gpu_clear_pieces(p);
    if (n_tiles == 0) return any;
  }
  uint64_t serial = hilum_workspace_get_pieces_serial(workspace, label);
  if (!p->place && !hilum_workspace_shows_pieces(workspace, label)) return false;
  if (p->place && p->serial == serial) {
    p->label_serial = hilum_workspace_get_pieces_label_serial(workspace, label);
    return false;
  }
  if (!p->place) make_room(p, n_tiles);
  for (size_t t = 0; t < n_tiles; t++) {
    if (p->place[t].serial == piece[t].serial) continue;
    bytes += put(p, &p->place[t], &piece[t]);
    if (bytes >= STEP_BYTES) break;
  }
  list(p);
  if (bytes >= STEP_BYTES) return true;
  p->serial = serial;
  p->label_serial = hilum_workspace_get_pieces_label_serial(workspace, label);
  return true;
}

bool hilum_gpu_step_pieces(HilumGpu *gpu, HilumWorkspace *workspace)
{
  bool done = false;
  for (int l = 1; l < HILUM_LABEL_COUNT && !done; l++)
    done = step(&gpu->meshes[l].pieces, workspace, (uint8_t)l);
  if (done) glBindBuffer(GL_COPY_WRITE_BUFFER, 0);
  return done;
}
