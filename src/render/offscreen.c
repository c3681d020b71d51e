/* Pictures without a display: EGL without a surface (Mesa's surfaceless platform, or any device that has a
 * context without surface), one framebuffer, the window's passes. */
#include "hilum/render/offscreen.h"

#include "gpu_private.h"

#include "hilum/render/error.h"

#include <epoxy/egl.h>
#include <string.h>

#define GAP_PX 2
#define MIN_SIZE 16
#define MAX_SIZE 8192

struct HilumOffscreen {
  EGLDisplay display;
  EGLContext context;
  HilumGpu *gpu;
  HilumSlicePass *slices;
  HilumMeshPass *meshes;
  GLuint fbo, color;
  int width, height; /* of the framebuffer */
};

static bool fail(GError **error, const char *what)
{
  g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_CONTEXT,
              "Pictures cannot be drawn on this machine: %s (EGL code 0x%04x). Install Mesa's EGL driver "
              "(libegl-mesa0, libgl1-mesa-dri).",
              what, (unsigned)eglGetError());
  return false;
}

static EGLDisplay open_display(void)
{
  const char *extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  EGLDisplay display = EGL_NO_DISPLAY;
  if (extensions && strstr(extensions, "EGL_EXT_platform_base") &&
      strstr(extensions, "EGL_MESA_platform_surfaceless"))
    display = eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
  if (display != EGL_NO_DISPLAY && eglInitialize(display, NULL, NULL)) return display;
  display = eglGetDisplay(EGL_DEFAULT_DISPLAY);
  if (display != EGL_NO_DISPLAY && eglInitialize(display, NULL, NULL)) return display;
  return EGL_NO_DISPLAY;
}

static bool make_context(HilumOffscreen *self, GError **error)
{
  self->display = open_display();
  if (self->display == EGL_NO_DISPLAY) return fail(error, "no EGL display could be opened");
  if (!eglBindAPI(EGL_OPENGL_API)) return fail(error, "the driver has no desktop OpenGL");
  const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, EGL_DONT_CARE, EGL_NONE};
  EGLConfig config = EGL_NO_CONFIG_KHR;
  EGLint n = 0;
  if (!eglChooseConfig(self->display, wanted, &config, 1, &n) || n == 0) config = EGL_NO_CONFIG_KHR;
  const EGLint attributes[] = {EGL_CONTEXT_MAJOR_VERSION,
                               3,
                               EGL_CONTEXT_MINOR_VERSION,
                               3,
                               EGL_CONTEXT_OPENGL_PROFILE_MASK,
                               EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                               EGL_NONE};
  self->context = eglCreateContext(self->display, config, EGL_NO_CONTEXT, attributes);
  if (self->context == EGL_NO_CONTEXT) return fail(error, "no OpenGL 3.3 context could be made");
  if (!eglMakeCurrent(self->display, EGL_NO_SURFACE, EGL_NO_SURFACE, self->context))
    return fail(error, "the context cannot be used without a surface");
  return true;
}

HilumOffscreen *hilum_offscreen_new(GError **error)
{
  HilumOffscreen *self = g_new0(HilumOffscreen, 1);
  self->display = EGL_NO_DISPLAY;
  self->context = EGL_NO_CONTEXT;
  if (make_context(self, error)) self->gpu = hilum_gpu_new(error);
  if (self->gpu) self->slices = hilum_slice_pass_new(self->gpu, error);
  if (self->slices) self->meshes = hilum_mesh_pass_new(self->gpu, error);
  if (!self->meshes) g_clear_pointer(&self, hilum_offscreen_free);
  return self;
}

static void drop_target(HilumOffscreen *self)
{
  if (self->fbo) glDeleteFramebuffers(1, &self->fbo);
  if (self->color) glDeleteRenderbuffers(1, &self->color);
  self->fbo = self->color = 0;
  self->width = self->height = 0;
}

void hilum_offscreen_free(HilumOffscreen *self)
{
  if (!self) return;
  if (self->context != EGL_NO_CONTEXT) {
    eglMakeCurrent(self->display, EGL_NO_SURFACE, EGL_NO_SURFACE, self->context);
    drop_target(self);
    hilum_mesh_pass_free(self->meshes);
    hilum_slice_pass_free(self->slices);
    hilum_gpu_free(self->gpu);
    eglMakeCurrent(self->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(self->display, self->context);
  }
  /* The display stays initialised: EGL has one for the whole process, which others may be using. */
  g_free(self);
}

const char *hilum_offscreen_get_description(HilumOffscreen *self)
{
  return hilum_gpu_get_description(self->gpu);
}

static bool make_target(HilumOffscreen *self, int width, int height, GError **error)
{
  if (self->fbo && self->width == width && self->height == height) return true;
  drop_target(self);
  glGenRenderbuffers(1, &self->color);
  glBindRenderbuffer(GL_RENDERBUFFER, self->color);
  glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
  glGenFramebuffers(1, &self->fbo);
  glBindFramebuffer(GL_FRAMEBUFFER, self->fbo);
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, self->color);
  self->width = width;
  self->height = height;
  if (!hilum_gl_check("a picture of this size", error)) return false;
  if (glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE) return true;
  g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_LIMIT,
              "The graphics driver cannot draw a picture of %d x %d pixels.", width, height);
  return false;
}

/* --- panes --- */

typedef struct {
  HilumPictureLayout what;
  int x, y, width, height; /* of the picture, top left */
} Pane;

static int layout(const HilumPictureOptions *o, Pane panes[4])
{
  if (o->layout != HILUM_PICTURE_FOUR_UP) {
    panes[0] = (Pane){o->layout, 0, 0, o->width, o->height};
    return 1;
  }
  int w0 = (o->width - GAP_PX) / 2, h0 = (o->height - GAP_PX) / 2;
  int w1 = o->width - GAP_PX - w0, h1 = o->height - GAP_PX - h0;
  panes[0] = (Pane){HILUM_PICTURE_AXIAL, 0, 0, w0, h0};
  panes[1] = (Pane){HILUM_PICTURE_3D, w0 + GAP_PX, 0, w1, h0};
  panes[2] = (Pane){HILUM_PICTURE_SAGITTAL, 0, h0 + GAP_PX, w0, h1};
  panes[3] = (Pane){HILUM_PICTURE_CORONAL, w0 + GAP_PX, h0 + GAP_PX, w1, h1};
  return 4;
}

static void place(HilumWorkspace *workspace, const Pane *pane, bool keep_view)
{
  if (pane->what == HILUM_PICTURE_3D) {
    HilumCamera camera = *hilum_workspace_get_camera(workspace);
    if (!keep_view)
      hilum_camera_fit(&camera, hilum_workspace_get_scene_bounds(workspace), pane->width, pane->height);
    hilum_workspace_set_camera(workspace, &camera);
    return;
  }
  HilumSliceState state = *hilum_workspace_get_slice(workspace, (HilumSlicePlane)pane->what);
  hilum_slice_state_set_size(&state, pane->width, pane->height);
  if (!keep_view) hilum_slice_state_fit(&state);
  hilum_workspace_set_slice(workspace, &state);
}

static bool draw_pane(HilumOffscreen *self, HilumWorkspace *workspace, const Pane *pane, int scale,
                      bool letters, GError **error)
{
  HilumViewport viewport = {.x = pane->x * scale,
                            .y = self->height - (pane->y + pane->height) * scale,
                            .width = pane->width * scale,
                            .height = pane->height * scale,
                            .scale = scale,
                            .letters = letters};
  if (pane->what == HILUM_PICTURE_3D) return hilum_mesh_pass_draw(self->meshes, workspace, &viewport, error);
  hilum_slice_pass_draw(self->slices, workspace, (HilumSlicePlane)pane->what, &viewport);
  return true;
}

/* --- reading back --- */

#define CURVE_STEPS 4096 /* finer than a step of 8-bit sRGB wherever the curve is steep */

static double to_linear(double c)
{
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double to_srgb(double c)
{
  return c <= 0.0031308 ? c * 12.92 : 1.055 * pow(c, 1 / 2.4) - 0.055;
}

/* Averages scale x scale blocks in linear light and turns the picture top row first. */
static uint8_t *resolve(const uint8_t *big, int width, int height, int scale)
{
  float linear[256];
  uint8_t curve[CURVE_STEPS + 1];
  for (int v = 0; v < 256; v++)
    linear[v] = (float)to_linear(v / 255.0);
  for (int v = 0; v <= CURVE_STEPS; v++)
    curve[v] = (uint8_t)lround(255 * to_srgb((double)v / CURVE_STEPS));
  uint8_t *out = g_malloc((gsize)width * (gsize)height * 4);
  size_t big_row = (size_t)width * (size_t)scale * 4;
  float to_step = CURVE_STEPS / (float)(scale * scale);
  for (int y = 0; y < height; y++) {
    const uint8_t *rows = big + (size_t)(height - 1 - y) * (size_t)scale * big_row;
    uint8_t *to = out + (size_t)y * (size_t)width * 4;
    if (scale == 1) {
      memcpy(to, rows, big_row);
      continue;
    }
    for (int x = 0; x < width; x++, to += 4) {
      float sum[3] = {0, 0, 0};
      for (int sy = 0; sy < scale; sy++)
        for (int sx = 0; sx < scale; sx++)
          for (int c = 0; c < 3; c++)
            sum[c] +=
                linear[rows[(size_t)sy * big_row + ((size_t)x * (size_t)scale + (size_t)sx) * 4 + (size_t)c]];
      for (int c = 0; c < 3; c++)
        to[c] = curve[(int)(sum[c] * to_step + 0.5f)];
      to[3] = 255;
    }
  }
  return out;
}

static uint8_t *read_back(HilumOffscreen *self, int width, int height, int scale, GError **error)
{
  uint8_t *big = g_try_malloc((gsize)self->width * (gsize)self->height * 4);
  if (!big) {
    g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_LIMIT,
                "There is not enough memory for a picture of %d x %d pixels.", width, height);
    return NULL;
  }
  glBindFramebuffer(GL_FRAMEBUFFER, self->fbo);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, self->width, self->height, GL_RGBA, GL_UNSIGNED_BYTE, big);
  uint8_t *out = hilum_gl_check("the picture", error) ? resolve(big, width, height, scale) : NULL;
  g_free(big);
  return out;
}

uint8_t *hilum_offscreen_draw(HilumOffscreen *self, HilumWorkspace *workspace,
                              const HilumPictureOptions *options, GError **error)
{
  if (options->width < MIN_SIZE || options->height < MIN_SIZE || options->width > MAX_SIZE ||
      options->height > MAX_SIZE) {
    g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_LIMIT,
                "A picture of %d x %d pixels cannot be drawn; each side must be %d to %d.", options->width,
                options->height, MIN_SIZE, MAX_SIZE);
    return NULL;
  }
  if (!eglMakeCurrent(self->display, EGL_NO_SURFACE, EGL_NO_SURFACE, self->context)) {
    fail(error, "the context was lost");
    return NULL;
  }
  GLint limit = 0;
  glGetIntegerv(GL_MAX_RENDERBUFFER_SIZE, &limit);
  int scale = CLAMP(options->supersample ? options->supersample : 2, 1, 4);
  while (scale > 1 && (options->width * scale > limit || options->height * scale > limit))
    scale--;
  bool more = false;
  if (!make_target(self, options->width * scale, options->height * scale, error)) return NULL;
  if (!hilum_gpu_sync(self->gpu, workspace, 0, &more, error)) return NULL;
  const float gap[4] = {0.094f, 0.102f, 0.114f, 1};
  glBindFramebuffer(GL_FRAMEBUFFER, self->fbo);
  glClearBufferfv(GL_COLOR, 0, gap);
  Pane panes[4];
  int n = layout(options, panes);
  for (int p = 0; p < n; p++) {
    place(workspace, &panes[p], options->keep_view);
    if (!draw_pane(self, workspace, &panes[p], scale, !options->no_letters, error)) return NULL;
  }
  return read_back(self, options->width, options->height, scale, error);
}
