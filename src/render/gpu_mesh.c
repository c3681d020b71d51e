/* Surfaces as buffers, uploaded in pieces; the old surface is drawn until the new one is whole. */
#include "gpu_private.h"

#define PIECE_BYTES ((size_t)4 << 20)

static void clear_mesh(GpuMesh *mesh)
{
  const GLuint names[4] = {mesh->positions, mesh->normals, mesh->indices, mesh->values};
  glDeleteBuffers(4, names); /* 0 is ignored */
  *mesh = (GpuMesh){0};
}

static void clear_slot(GpuMeshSlot *slot)
{
  clear_mesh(&slot->shown);
  clear_mesh(&slot->loading);
  hilum_gpu_clear_pieces(&slot->pieces);
  hilum_gpu_clear_cap(&slot->cap);
  g_clear_pointer(&slot->source, hilum_mesh_unref);
  slot->done = 0;
}

void hilum_gpu_clear_meshes(HilumGpu *gpu)
{
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    clear_slot(&gpu->meshes[l]);
}

static void begin(GpuMeshSlot *slot, HilumMesh *mesh)
{
  clear_mesh(&slot->loading);
  g_clear_pointer(&slot->source, hilum_mesh_unref);
  slot->done = 0;
  if (!mesh || hilum_mesh_get_triangle_count(mesh) == 0) {
    clear_mesh(&slot->shown);
    return;
  }
  slot->source = hilum_mesh_ref(mesh);
  size_t vertices = hilum_mesh_get_vertex_count(mesh), triangles = hilum_mesh_get_triangle_count(mesh);
  slot->loading = (GpuMesh){.positions = hilum_gl_reserve(vertices * 12),
                            .normals = hilum_gl_reserve(vertices * 12),
                            .indices = hilum_gl_reserve(triangles * 12),
                            .n_triangles = (uint32_t)triangles,
                            .origin_mm = hilum_mesh_get_origin_mm(mesh)};
}

/* Uploads the next piece of the three arrays, taken as one after another. */
static void piece(GpuMeshSlot *slot)
{
  size_t v = (size_t)hilum_mesh_get_vertex_count(slot->source) * 12;
  size_t t = (size_t)hilum_mesh_get_triangle_count(slot->source) * 12;
  const struct {
    GLuint buffer;
    const void *data;
    size_t begin, bytes;
  } part[3] = {{slot->loading.positions, hilum_mesh_get_positions(slot->source), 0, v},
               {slot->loading.normals, hilum_mesh_get_normals(slot->source), v, v},
               {slot->loading.indices, hilum_mesh_get_indices(slot->source), 2 * v, t}};
  for (int p = 0; p < 3; p++) {
    size_t end = part[p].begin + part[p].bytes;
    if (slot->done >= end) continue;
    size_t at = slot->done - part[p].begin, n = MIN(PIECE_BYTES, end - slot->done);
    glBindBuffer(GL_COPY_WRITE_BUFFER, part[p].buffer);
    glBufferSubData(GL_COPY_WRITE_BUFFER, (GLintptr)at, (GLsizeiptr)n, (const char *)part[p].data + at);
    slot->done += n;
    break;
  }
  if (slot->done < 2 * v + t) return;
  clear_mesh(&slot->shown);
  slot->shown = slot->loading;
  slot->loading = (GpuMesh){0};
  slot->values_serial = 0;
  g_clear_pointer(&slot->source, hilum_mesh_unref);
}

/* Values of the surface that is shown. */
static bool step_values(GpuMeshSlot *slot, HilumWorkspace *workspace, uint8_t label)
{
  uint64_t serial = hilum_workspace_get_values_serial(workspace, label);
  if (slot->source || serial == slot->values_serial) return false;
  glDeleteBuffers(1, &slot->shown.values);
  slot->shown.values = 0;
  slot->values_serial = serial;
  HilumMesh *mesh = hilum_workspace_get_mesh(workspace, label);
  if (!serial || !mesh || slot->shown.n_triangles == 0) return true;
  size_t bytes = (size_t)hilum_mesh_get_vertex_count(mesh) * sizeof(float);
  slot->shown.values = hilum_gl_reserve(bytes);
  glBufferSubData(GL_COPY_WRITE_BUFFER, 0, (GLsizeiptr)bytes, hilum_workspace_get_values(workspace, label));
  return true;
}

bool hilum_gpu_step_meshes(HilumGpu *gpu, HilumWorkspace *workspace)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    GpuMeshSlot *slot = &gpu->meshes[l];
    uint64_t serial = hilum_workspace_get_mesh_serial(workspace, (uint8_t)l);
    if (serial != slot->serial) {
      slot->serial = serial;
      begin(slot, hilum_workspace_get_mesh(workspace, (uint8_t)l));
    }
    bool loading = slot->source != NULL;
    if (loading) piece(slot);
    if (!slot->source) slot->label_serial = hilum_workspace_get_mesh_label_serial(workspace, (uint8_t)l);
    if (!loading && !step_values(slot, workspace, (uint8_t)l)) continue;
    glBindBuffer(GL_COPY_WRITE_BUFFER, 0);
    return true;
  }
  return false;
}

const GpuMesh *hilum_gpu_get_mesh(const HilumGpu *gpu, uint8_t label)
{
  const GpuMeshSlot *slot = &gpu->meshes[label];
  const GpuMesh *mesh = slot->pieces.label_serial > slot->label_serial ? &slot->pieces.mesh : &slot->shown;
  return mesh->n_triangles ? mesh : NULL;
}
