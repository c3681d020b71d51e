/* Framebuffers of the mesh pass. */
#include "targets.h"

#include "hilum/render/error.h"

static GLuint make_texture(GLint internal_format, GLenum format, GLenum type, GLint filter, int width,
                           int height)
{
  GLuint texture = 0;
  glGenTextures(1, &texture);
  glBindTexture(GL_TEXTURE_2D, texture);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, filter);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filter);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
  glTexImage2D(GL_TEXTURE_2D, 0, internal_format, width, height, 0, format, type, NULL);
  return texture;
}

static GLuint make_color(int width, int height)
{
  return make_texture(GL_RGBA16F, GL_RGBA, GL_HALF_FLOAT, GL_LINEAR, width, height);
}

static GLuint make_depth(int width, int height)
{
  return make_texture(GL_DEPTH_COMPONENT32F, GL_DEPTH_COMPONENT, GL_FLOAT, GL_NEAREST, width, height);
}

static GLuint make_fbo(GLuint color, GLuint depth, bool *complete)
{
  GLuint fbo = 0;
  glGenFramebuffers(1, &fbo);
  glBindFramebuffer(GL_FRAMEBUFFER, fbo);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, color, 0);
  if (depth) glFramebufferTexture2D(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_TEXTURE_2D, depth, 0);
  *complete &= glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
  return fbo;
}

void hilum_mesh_targets_clear(MeshTargets *t)
{
  const GLuint fbos[4] = {t->opaque_fbo, t->layer_fbo[0], t->layer_fbo[1], t->sum_fbo};
  const GLuint textures[6] = {t->opaque_color,   t->opaque_depth,   t->layer_color,
                              t->layer_depth[0], t->layer_depth[1], t->sum_color};
  glDeleteFramebuffers(4, fbos);
  glDeleteTextures(6, textures);
  *t = (MeshTargets){0};
}

bool hilum_mesh_targets_resize(MeshTargets *t, int width, int height, GError **error)
{
  if (t->width == width && t->height == height) return true;
  hilum_mesh_targets_clear(t);
  bool complete = true;
  t->opaque_color = make_color(width, height);
  t->opaque_depth = make_depth(width, height);
  t->layer_color = make_color(width, height);
  t->layer_depth[0] = make_depth(width, height);
  t->layer_depth[1] = make_depth(width, height);
  t->sum_color = make_color(width, height);
  t->opaque_fbo = make_fbo(t->opaque_color, t->opaque_depth, &complete);
  t->layer_fbo[0] = make_fbo(t->layer_color, t->layer_depth[0], &complete);
  t->layer_fbo[1] = make_fbo(t->layer_color, t->layer_depth[1], &complete);
  t->sum_fbo = make_fbo(t->sum_color, 0, &complete);
  glBindTexture(GL_TEXTURE_2D, 0);
  if (!hilum_gl_check("a 3D view of this size", error)) {
    hilum_mesh_targets_clear(t);
    return false;
  }
  if (!complete) {
    hilum_mesh_targets_clear(t);
    g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_LIMIT,
                "The graphics driver cannot draw into a 3D view of %d x %d pixels.", width, height);
    return false;
  }
  t->width = width;
  t->height = height;
  return true;
}
