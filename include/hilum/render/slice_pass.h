/* Draws one slice: grey values by window/level, structures as translucent fill with a crisp outline computed
 * per pixel, the tool's preview, crosshair, and the brush ring. One object per context (vertex arrays are not
 * shared); needs that context current. */
#pragma once

#include "hilum/render/gpu.h"

G_BEGIN_DECLS

typedef struct HilumSlicePass HilumSlicePass;

HilumSlicePass *hilum_slice_pass_new(HilumGpu *gpu, GError **error);
void hilum_slice_pass_free(HilumSlicePass *pass);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumSlicePass, hilum_slice_pass_free)

typedef struct {
  int x, y, width, height; /* of the bound framebuffer, in device pixels, y up */
  double scale;            /* device pixels per widget pixel; 0: 1 */
  bool letters; /* draw orientation letters and ruler with the built-in stroke font (offscreen pictures; the
                   window draws its own with Pango) */
} HilumViewport;

/* The slice state's size should be the viewport's over the scale. Leaves the framebuffer binding as it was.
 */
void hilum_slice_pass_draw(HilumSlicePass *pass, HilumWorkspace *workspace, HilumSlicePlane plane,
                           const HilumViewport *viewport);

G_END_DECLS
