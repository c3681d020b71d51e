/* What the GtkGLAreas of one window share on the GPU: made by the first pane that draws, freed with the last
 * one. GDK shares names between all contexts of a display. Main thread only. */
#pragma once

#include "hilum/render/gpu.h"

G_BEGIN_DECLS

typedef struct HilumGlShare HilumGlShare;

HilumGlShare *hilum_gl_share_new(void);
HilumGlShare *hilum_gl_share_ref(HilumGlShare *share);
void hilum_gl_share_unref(HilumGlShare *share);

/* A pane came and will draw; each attach is paired with a detach. */
void hilum_gl_share_attach(HilumGlShare *share);
/* The pane's context must be current; the last one takes the GPU objects with it. */
void hilum_gl_share_detach(HilumGlShare *share);
/* Needs a current context. The same failure is reported every time. Borrowed. */
HilumGpu *hilum_gl_share_get(HilumGlShare *share, GError **error);
/* NULL until something was drawn. */
HilumGpu *hilum_gl_share_peek(HilumGlShare *share);

G_END_DECLS
