/* The GPU's inside, shared by the sources of render only. */
#pragma once

#include "hilum/render/gpu.h"

#include <epoxy/gl.h>

typedef enum {
  PROGRAM_SLICE,
  PROGRAM_MESH,
  PROGRAM_OUTLINE,
  PROGRAM_PLANE,
  PROGRAM_LAYER,
  PROGRAM_COMPOSITE,
  PROGRAM_FLAT,
  PROGRAM_COUNT
} ProgramId;

/* Every uniform of every program; a program that lacks one has location -1, which GL ignores. */
typedef enum {
  U_VIEW,
  U_PROJECTION,
  U_MATRIX,
  U_COLOR,
  U_ORTHOGRAPHIC,
  U_PEEL,
  U_FIRST,
  U_NEARER,
  U_OPAQUE,
  U_LAYERS,
  U_LAYER,
  U_TEXEL,
  U_SOFTEN,
  U_TOP,
  U_BOTTOM,
  U_OFFSET,
  U_CORNERS,
  U_INDICES,
  U_BORDER,
  U_VOLUME,
  U_DIMS,
  U_RESCALE,
  U_WINDOW,
  U_LOADED,
  U_SMOOTH,
  U_LABELS,
  U_PREVIEW,
  U_TABLE,
  U_HAS_VOLUME,
  U_HAS_LABELS,
  U_FILL,
  U_PREVIEW_KIND,
  U_PREVIEW_RANGE,
  U_PREVIEW_LO,
  U_PREVIEW_HI,
  U_PREVIEW_COLOR,
  U_VIEWPORT,
  U_ORIGIN,
  U_DX,
  U_DY,
  U_SCALE,
  U_CROSS,
  U_CROSS_X,
  U_CROSS_Y,
  U_RING,
  U_TOWARD_MM,
  U_FUSED,
  U_FUSION,
  U_FUSED_RESCALE,
  U_FUSED_WINDOW,
  U_FUSED_LOADED,
  U_BLEND,
  U_SQUARE,
  U_MAPPING,
  U_MAP,
  U_MAP_RANGE,
  U_CLIP,
  U_BALL,
  U_COUNT
} UniformId;

typedef struct {
  GLuint id;
  GLint at[U_COUNT];
} Program;

typedef struct {
  HilumVolume *volume; /* referenced: tells phases apart; NULL: free slot */
  GLuint texture;
  int32_t slices_done;
  uint64_t used; /* frame it was last drawn in */
} GpuVolume;

/* A volume that is shown: the slot it is loaded into and, until that is whole, the slot of the same phase of
 * the same case as it lay before it was moved, or of its stand-in: panes do not go dark at every nudge. */
typedef struct {
  GpuVolume *target, *before; /* of volumes, or NULL */
  size_t phase;
  uint64_t identity; /* of the labels, which no two cases share */
} GpuShown;

typedef struct {
  GLuint positions, normals, indices, values; /* values: 0 if it has its own colour */
  uint32_t n_triangles;
  HilumVec3 origin_mm;
  /* A surface of pieces: indices, where they begin and what is added to them, by piece; else NULL. */
  GLsizei n_pieces, *count;
  const void **offset;
  GLint *base;
} GpuMesh;

/* Where a piece lies in its structure's buffers, in vertices and indices; capacities are at least what is in
 * use. */
typedef struct {
  uint64_t serial; /* of the workspace's piece that is there */
  uint32_t vertex, vertices, index, indices, used_indices;
} GpuPlace;

/* A structure's pieces: three buffers, in which every tile has a place. */
typedef struct {
  GpuMesh mesh;
  GpuPlace *place; /* per tile; NULL: no pieces were shown yet */
  size_t n_tiles;
  uint32_t vertices, indices, vertex_end, index_end; /* capacities; where the unused begins */
  uint64_t serial, label_serial;                     /* of the workspace's that are there, all of them */
} GpuPieces;

/* What closes a structure that is cut open, and the line around it. */
typedef struct {
  GpuMesh fill;
  GLuint line;
  GLsizei n_line; /* points */
  uint64_t serial;
} GpuCap;

typedef struct {
  GpuMesh shown, loading; /* the old surface stays until the new one is whole */
  HilumMesh *source;      /* referenced while loading */
  size_t done;            /* bytes of `loading` that are there */
  uint64_t serial;        /* of the workspace's slot that loading or shown has */
  uint64_t label_serial;  /* of the labels that `shown` shows */
  uint64_t values_serial; /* of the workspace's values that `shown` has */
  GpuPieces pieces;
  GpuCap cap;
} GpuMeshSlot;

#define GPU_VOLUMES 4

struct HilumGpu {
  char *description;
  bool software; /* a CPU draws: spend less while the hand moves */
  GLint max_3d;
  Program programs[PROGRAM_COUNT];
  uint64_t frame;

  GpuVolume volumes[GPU_VOLUMES];
  GpuShown active, fused;

  GLuint labels;
  uint64_t label_identity;
  HilumGrid label_grid;
  int32_t label_slices_cleared;
  uint64_t label_serial;
  GArray *bricks; /* int32_t: still to be uploaded */
  uint8_t *brick_pending;
  int32_t n_bricks;

  GLuint table;
  uint64_t table_serial;

  GLuint preview;
  int32_t preview_dims[3];
  uint64_t preview_serial;
  HilumVoxelBox preview_box;

  GpuMeshSlot meshes[HILUM_LABEL_COUNT];
};

/* programs.c */
bool hilum_programs_new(Program programs[PROGRAM_COUNT], GError **error);
void hilum_programs_clear(Program programs[PROGRAM_COUNT]);
static inline GLint hilum_uniform(const HilumGpu *gpu, ProgramId program, UniformId uniform)
{
  return gpu->programs[program].at[uniform];
}

/* gpu_volume.c: each does one step of at most a few MiB; true if it did something. */
bool hilum_gpu_pick_volume(HilumGpu *gpu, HilumWorkspace *workspace, GError **error);
bool hilum_gpu_step_volume(HilumGpu *gpu);
/* What to draw now; NULL: nothing is there. */
GpuVolume *hilum_gpu_drawn(const GpuShown *shown);
void hilum_gpu_clear_volumes(HilumGpu *gpu);

/* gpu_labels.c */
bool hilum_gpu_prepare_labels(HilumGpu *gpu, HilumWorkspace *workspace, GError **error);
bool hilum_gpu_step_labels(HilumGpu *gpu, HilumWorkspace *workspace);
bool hilum_gpu_labels_ready(const HilumGpu *gpu);
bool hilum_gpu_sync_preview(HilumGpu *gpu, HilumWorkspace *workspace, GError **error);
void hilum_gpu_sync_table(HilumGpu *gpu, HilumWorkspace *workspace);
void hilum_gpu_clear_labels(HilumGpu *gpu);

/* gpu_mesh.c */
bool hilum_gpu_step_meshes(HilumGpu *gpu, HilumWorkspace *workspace);
void hilum_gpu_clear_meshes(HilumGpu *gpu);
const GpuMesh *hilum_gpu_get_mesh(const HilumGpu *gpu, uint8_t label); /* NULL: none */

/* gpu_pieces.c */
bool hilum_gpu_step_pieces(HilumGpu *gpu, HilumWorkspace *workspace);
void hilum_gpu_clear_pieces(GpuPieces *pieces);
/* gpu_cap.c */
bool hilum_gpu_step_caps(HilumGpu *gpu, HilumWorkspace *workspace);
void hilum_gpu_clear_cap(GpuCap *cap);
/* An empty buffer, bound to GL_COPY_WRITE_BUFFER. */
GLuint hilum_gl_reserve(size_t bytes);

/* GL_OUT_OF_MEMORY and kin as a GError; also clears the error flag. */
bool hilum_gl_check(const char *what, GError **error);
/* A 3D texture without content; filters nearest, clamped to edge. 0 with HILUM_RENDER_ERROR_LIMIT. */
GLuint hilum_gl_texture_3d(const HilumGpu *gpu, GLint internal_format, GLenum format, GLenum type,
                           const int32_t dims[3], const char *what, GError **error);
/* Binds volume, and the uniforms of common/volume.glsl, for a program in use. */
void hilum_gpu_bind_volume(HilumGpu *gpu, HilumWorkspace *workspace, ProgramId program);
/* The second volume of a fusion, at texture unit `unit`, which is taken even if there is none: samplers of
 * different kinds may not share one. */
void hilum_gpu_bind_fused(HilumGpu *gpu, HilumWorkspace *workspace, ProgramId program, GLenum unit);
