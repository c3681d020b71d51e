/* The framebuffers behind the 3D pane, remade when its size changes: opaque colour with depth, two layers to
 * peel with, and their sum. All in linear light, premultiplied, half floats. Per context. */
#pragma once

#include "gpu_private.h"

typedef struct {
  int width, height;
  GLuint opaque_fbo, opaque_color, opaque_depth;
  GLuint layer_fbo[2], layer_color, layer_depth[2]; /* depths alternate: the last layer and this one */
  GLuint sum_fbo, sum_color;
} MeshTargets;

bool hilum_mesh_targets_resize(MeshTargets *targets, int width, int height, GError **error);
void hilum_mesh_targets_clear(MeshTargets *targets);
