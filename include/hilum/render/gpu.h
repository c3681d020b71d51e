/* What the GPU holds of a workspace: the active volume, the labels, the colour table, the preview, and the
 * surfaces. One HilumGpu serves all contexts that share names (all GtkGLAreas of a window): textures and
 * buffers are shared, vertex arrays and framebuffers are not and live in the passes. Every call needs a
 * current context of the group (OpenGL 3.3 core). GL names never leave this module. One thread. */
#pragma once

#include "hilum/view/workspace.h"

G_BEGIN_DECLS

typedef struct HilumGpu HilumGpu;

/* Compiles the programs. HILUM_RENDER_ERROR_CONTEXT if the context is older than 3.3,
 * HILUM_RENDER_ERROR_SHADER with the compiler's log. */
HilumGpu *hilum_gpu_new(GError **error);
void hilum_gpu_free(HilumGpu *gpu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumGpu, hilum_gpu_free)
/* "llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5": for the about box and logs. Borrowed. */
const char *hilum_gpu_get_description(const HilumGpu *gpu);

/* Brings textures and buffers up to the workspace, spending about `budget_ms` (0: no limit) and at least one
 * step; in order: colours, changed label bricks, preview, pieces of surfaces under the brush, volume slabs,
 * meshes. *more is set if work is left: queue another frame. A volume larger than the device's textures fails
 * with HILUM_RENDER_ERROR_LIMIT, saying how large they may be. Call once at the start of a frame, from any
 * context of the group. */
bool hilum_gpu_sync(HilumGpu *gpu, HilumWorkspace *workspace, double budget_ms, bool *more, GError **error);
/* Share of the volume that is there, 0..1, for a progress note over the panes. */
double hilum_gpu_get_loaded(const HilumGpu *gpu);
/* Bytes in textures and buffers. */
size_t hilum_gpu_get_bytes(const HilumGpu *gpu);

G_END_DECLS
