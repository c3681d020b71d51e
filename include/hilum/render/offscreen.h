/* Pictures without a display: an EGL surfaceless context of its own, the same passes as the window, read
 * back. For hilum-cli and tests. One thread, which must not have another context current. */
#pragma once

#include "hilum/render/mesh_pass.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_PICTURE_AXIAL,
  HILUM_PICTURE_SAGITTAL,
  HILUM_PICTURE_CORONAL,
  HILUM_PICTURE_3D,
  HILUM_PICTURE_FOUR_UP /* axial, 3D over sagittal, coronal */
} HilumPictureLayout;

typedef struct {
  HilumPictureLayout layout;
  int width, height; /* 16..8192 */
  int supersample;   /* 0: 2; 1..4: drawn that much larger and averaged, in linear light */
  bool keep_view; /* use slices, zoom and camera of the workspace as they are; else slices are fitted to their
                     panes and the camera is fitted to the scene */
  bool no_letters;
} HilumPictureOptions;

typedef struct HilumOffscreen HilumOffscreen;

/* HILUM_RENDER_ERROR_CONTEXT with what EGL said. */
HilumOffscreen *hilum_offscreen_new(GError **error);
void hilum_offscreen_free(HilumOffscreen *offscreen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumOffscreen, hilum_offscreen_free)
const char *hilum_offscreen_get_description(HilumOffscreen *offscreen);
/* Straight 8-bit RGBA, top row first, alpha 255: width * height * 4 bytes, g_free(). Letters and ruler are
 * drawn with the built-in stroke font; a caption is hilum_png_write()'s. Sets the slice states' sizes in the
 * workspace. */
uint8_t *hilum_offscreen_draw(HilumOffscreen *offscreen, HilumWorkspace *workspace,
                              const HilumPictureOptions *options, GError **error);

G_END_DECLS
