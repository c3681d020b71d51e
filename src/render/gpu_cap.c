/* What closes models that are cut open. Caps are small: all of them are uploaded in one step, so that they
 * and the plane that cuts go together. */
#include "gpu_private.h"

void hilum_gpu_clear_cap(GpuCap *cap)
{
  const GLuint names[4] = {cap->fill.positions, cap->fill.normals, cap->fill.indices, cap->line};
  glDeleteBuffers(4, names); /* 0 is ignored */
  *cap = (GpuCap){0};
}

static GLuint upload(const void *data, size_t bytes)
{
  GLuint buffer = hilum_gl_reserve(bytes);
  glBufferSubData(GL_COPY_WRITE_BUFFER, 0, (GLsizeiptr)bytes, data);
  return buffer;
}

static void put(GpuCap *cap, HilumMesh *fill, const GArray *outline)
{
  size_t vertices = hilum_mesh_get_vertex_count(fill), triangles = hilum_mesh_get_triangle_count(fill);
  cap->fill = (GpuMesh){.positions = upload(hilum_mesh_get_positions(fill), vertices * 12),
                        .normals = upload(hilum_mesh_get_normals(fill), vertices * 12),
                        .indices = upload(hilum_mesh_get_indices(fill), triangles * 12),
                        .n_triangles = (uint32_t)triangles,
                        .origin_mm = hilum_mesh_get_origin_mm(fill)};
  if (!outline || outline->len == 0) return;
  cap->line = upload(outline->data, outline->len * sizeof(float));
  cap->n_line = (GLsizei)(outline->len / 3);
}

bool hilum_gpu_step_caps(HilumGpu *gpu, HilumWorkspace *workspace)
{
  bool done = false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    GpuCap *cap = &gpu->meshes[l].cap;
    GArray *outline;
    uint64_t serial;
    HilumMesh *fill = hilum_workspace_get_cap(workspace, (uint8_t)l, &outline, &serial);
    if (serial == cap->serial) continue;
    hilum_gpu_clear_cap(cap);
    cap->serial = serial;
    if (fill) put(cap, fill, outline);
    done = true;
  }
  if (done) glBindBuffer(GL_COPY_WRITE_BUFFER, 0);
  return done;
}
