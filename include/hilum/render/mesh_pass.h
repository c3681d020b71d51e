/* Draws the 3D pane: background, surfaces lit by two lights and a rim, translucent ones correct from every
 * side by depth peeling (Everitt 2001, front to back), silhouettes, slice planes, crosshair point and the
 * orientation cube. One object per context; needs that context current. */
#pragma once

#include "hilum/render/slice_pass.h"

G_BEGIN_DECLS

typedef struct HilumMeshPass HilumMeshPass;

HilumMeshPass *hilum_mesh_pass_new(HilumGpu *gpu, GError **error);
void hilum_mesh_pass_free(HilumMeshPass *pass);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumMeshPass, hilum_mesh_pass_free)

/* Draws into the framebuffer bound on entry and leaves it bound. False with HILUM_RENDER_ERROR_LIMIT if the
 * layers do not fit the device. */
bool hilum_mesh_pass_draw(HilumMeshPass *pass, HilumWorkspace *workspace, const HilumViewport *viewport,
                          GError **error);

G_END_DECLS
