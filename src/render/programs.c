/* Shader programs from the built-in resource. A shader may include files of common/ by a line
 * #include "common/x.glsl"; errors carry the compiler's log and the file's name. */
#include "gpu_private.h"

#include "hilum/render/error.h"
#include "shaders_resource.h"

#include <gio/gio.h>
#include <string.h>

static const char *const FILES[PROGRAM_COUNT][2] = {
    [PROGRAM_SLICE] = {"fullscreen.vert", "slice.frag"},
    [PROGRAM_MESH] = {"mesh.vert", "mesh.frag"},
    [PROGRAM_OUTLINE] = {"outline.vert", "outline.frag"},
    [PROGRAM_PLANE] = {"plane.vert", "plane.frag"},
    [PROGRAM_LAYER] = {"fullscreen.vert", "layer.frag"},
    [PROGRAM_COMPOSITE] = {"fullscreen.vert", "composite.frag"},
    [PROGRAM_FLAT] = {"flat.vert", "flat.frag"},
};

static const char *const UNIFORMS[U_COUNT] = {
    [U_VIEW] = "u_view",
    [U_PROJECTION] = "u_projection",
    [U_MATRIX] = "u_matrix",
    [U_COLOR] = "u_color",
    [U_ORTHOGRAPHIC] = "u_orthographic",
    [U_PEEL] = "u_peel",
    [U_FIRST] = "u_first",
    [U_NEARER] = "u_nearer",
    [U_OPAQUE] = "u_opaque",
    [U_LAYERS] = "u_layers",
    [U_LAYER] = "u_layer",
    [U_TEXEL] = "u_texel",
    [U_SOFTEN] = "u_soften",
    [U_TOP] = "u_top",
    [U_BOTTOM] = "u_bottom",
    [U_OFFSET] = "u_offset",
    [U_CORNERS] = "u_corners",
    [U_INDICES] = "u_indices",
    [U_BORDER] = "u_border",
    [U_VOLUME] = "u_volume",
    [U_DIMS] = "u_dims",
    [U_RESCALE] = "u_rescale",
    [U_WINDOW] = "u_window",
    [U_LOADED] = "u_loaded",
    [U_SMOOTH] = "u_smooth",
    [U_LABELS] = "u_labels",
    [U_PREVIEW] = "u_preview",
    [U_TABLE] = "u_table",
    [U_HAS_VOLUME] = "u_has_volume",
    [U_HAS_LABELS] = "u_has_labels",
    [U_FILL] = "u_fill",
    [U_PREVIEW_KIND] = "u_preview_kind",
    [U_PREVIEW_RANGE] = "u_preview_range",
    [U_PREVIEW_LO] = "u_preview_lo",
    [U_PREVIEW_HI] = "u_preview_hi",
    [U_PREVIEW_COLOR] = "u_preview_color",
    [U_VIEWPORT] = "u_viewport",
    [U_ORIGIN] = "u_origin",
    [U_DX] = "u_dx",
    [U_DY] = "u_dy",
    [U_SCALE] = "u_scale",
    [U_CROSS] = "u_cross",
    [U_CROSS_X] = "u_cross_x",
    [U_CROSS_Y] = "u_cross_y",
    [U_RING] = "u_ring",
    [U_TOWARD_MM] = "u_toward_mm",
    [U_FUSED] = "u_fused",
    [U_FUSION] = "u_fusion",
    [U_FUSED_RESCALE] = "u_fused_rescale",
    [U_FUSED_WINDOW] = "u_fused_window",
    [U_FUSED_LOADED] = "u_fused_loaded",
    [U_BLEND] = "u_blend",
    [U_SQUARE] = "u_square",
    [U_MAPPING] = "u_mapping",
    [U_MAP] = "u_map",
    [U_MAP_RANGE] = "u_map_range",
    [U_CLIP] = "u_clip",
    [U_BALL] = "u_ball",
};

static GBytes *lookup(const char *file, GError **error)
{
  static gsize registered;
  if (g_once_init_enter(&registered)) {
    hilum_shaders_register_resource();
    g_once_init_leave(&registered, 1);
  }
  g_autofree char *path = g_strconcat("/hilum/shaders/", file, NULL);
  return g_resource_lookup_data(hilum_shaders_get_resource(), path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
}

/* Appends a file with its includes (one level deep is all there is, deeper works too). */
static bool append_source(GString *out, const char *file, GError **error)
{
  g_autoptr(GBytes) bytes = lookup(file, error);
  if (!bytes) return false;
  g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line; line++) {
    if (!g_str_has_prefix(*line, "#include \"")) {
      g_string_append_printf(out, "%s\n", *line);
      continue;
    }
    g_autofree char *name = g_strdup(*line + strlen("#include \""));
    name[strcspn(name, "\"")] = 0;
    if (!append_source(out, name, error)) return false;
  }
  return true;
}

static GLuint compile(const char *file, GError **error)
{
  g_autoptr(GString) source = g_string_new(NULL);
  if (!append_source(source, file, error)) return 0;
  GLuint shader = glCreateShader(g_str_has_suffix(file, ".vert") ? GL_VERTEX_SHADER : GL_FRAGMENT_SHADER);
  const char *text = source->str;
  glShaderSource(shader, 1, &text, NULL);
  glCompileShader(shader);
  GLint ok = 0;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
  if (ok) return shader;
  char log[2048] = "";
  glGetShaderInfoLog(shader, sizeof log, NULL, log);
  glDeleteShader(shader);
  g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_SHADER,
              "The graphics driver did not accept the shader %s: %s", file, log);
  return 0;
}

static bool link_program(Program *program, const char *const files[2], GError **error)
{
  GLuint vertex = compile(files[0], error);
  if (!vertex) return false;
  GLuint fragment = compile(files[1], error);
  if (!fragment) {
    glDeleteShader(vertex);
    return false;
  }
  program->id = glCreateProgram();
  glAttachShader(program->id, vertex);
  glAttachShader(program->id, fragment);
  glLinkProgram(program->id);
  glDeleteShader(vertex);
  glDeleteShader(fragment);
  GLint ok = 0;
  glGetProgramiv(program->id, GL_LINK_STATUS, &ok);
  if (!ok) {
    char log[2048] = "";
    glGetProgramInfoLog(program->id, sizeof log, NULL, log);
    g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_SHADER,
                "The graphics driver could not link %s with %s: %s", files[0], files[1], log);
    return false;
  }
  for (int u = 0; u < U_COUNT; u++)
    program->at[u] = glGetUniformLocation(program->id, UNIFORMS[u]);
  return true;
}

bool hilum_programs_new(Program programs[PROGRAM_COUNT], GError **error)
{
  for (int p = 0; p < PROGRAM_COUNT; p++)
    if (!link_program(&programs[p], FILES[p], error)) {
      hilum_programs_clear(programs);
      return false;
    }
  return true;
}

void hilum_programs_clear(Program programs[PROGRAM_COUNT])
{
  for (int p = 0; p < PROGRAM_COUNT; p++) {
    if (programs[p].id) glDeleteProgram(programs[p].id);
    programs[p].id = 0;
  }
}
