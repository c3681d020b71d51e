/* Error domain of the render module. Messages are sentences a radiologist could act on; they name the file or
 * the step, never the patient. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_RENDER_ERROR_CONTEXT, /* no usable OpenGL context */
  HILUM_RENDER_ERROR_SHADER,  /* a shader did not compile; the message carries the log */
  HILUM_RENDER_ERROR_LIMIT,   /* a size exceeds what can be represented or allocated */
} HilumRenderError;

#define HILUM_RENDER_ERROR hilum_render_error_quark()
GQuark hilum_render_error_quark(void);

G_END_DECLS
