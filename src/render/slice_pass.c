/* The 2D pane: one triangle and a fragment shader; letters and ruler only where no toolkit draws them. */
#include "hilum/render/slice_pass.h"

#include "pass_private.h"

#include "hilum/view/tool.h"

#include <string.h>

const uint8_t HILUM_PLANE_COLORS[HILUM_SLICE_PLANES][3] = {
    [HILUM_SLICE_AXIAL] = {224, 27, 36},
    [HILUM_SLICE_SAGITTAL] = {246, 211, 45},
    [HILUM_SLICE_CORONAL] = {51, 209, 122},
};
static const uint8_t LETTER_COLOR[4] = {245, 205, 40, 255};

struct HilumSlicePass {
  HilumGpu *gpu;
  PassArrays arrays;
};

/* --- shared with the mesh pass --- */

void hilum_pass_arrays_init(PassArrays *arrays)
{
  glGenVertexArrays(1, &arrays->vao);
  glGenBuffers(1, &arrays->stream);
}

void hilum_pass_arrays_clear(PassArrays *arrays)
{
  glDeleteVertexArrays(1, &arrays->vao);
  glDeleteBuffers(1, &arrays->stream);
}

void hilum_pass_draw_flat(HilumGpu *gpu, PassArrays *arrays, GArray *vertices, HilumMat4 matrix)
{
  if (vertices->len == 0) return;
  float m[16];
  hilum_mat4_to_float(matrix, m);
  glUseProgram(gpu->programs[PROGRAM_FLAT].id);
  glUniformMatrix4fv(hilum_uniform(gpu, PROGRAM_FLAT, U_MATRIX), 1, GL_FALSE, m);
  glBindVertexArray(arrays->vao);
  glBindBuffer(GL_ARRAY_BUFFER, arrays->stream);
  glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)(vertices->len * sizeof(FlatVertex)), vertices->data,
               GL_STREAM_DRAW);
  glEnableVertexAttribArray(0);
  glEnableVertexAttribArray(1);
  glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, sizeof(FlatVertex), (void *)offsetof(FlatVertex, position));
  glVertexAttribPointer(1, 4, GL_UNSIGNED_BYTE, GL_TRUE, sizeof(FlatVertex),
                        (void *)offsetof(FlatVertex, color));
  glDrawArrays(GL_TRIANGLES, 0, (GLsizei)vertices->len);
  glDisableVertexAttribArray(1);
  glDisableVertexAttribArray(0);
  glBindBuffer(GL_ARRAY_BUFFER, 0);
  glBindVertexArray(0);
}

HilumMat4 hilum_pass_pixel_matrix(const HilumViewport *viewport)
{
  return hilum_mat4_ortho(0, viewport->width, 0, viewport->height, -1, 1);
}

/* --- the pass --- */

HilumSlicePass *hilum_slice_pass_new(HilumGpu *gpu, GError **error)
{
  HilumSlicePass *pass = g_new0(HilumSlicePass, 1);
  pass->gpu = gpu;
  hilum_pass_arrays_init(&pass->arrays);
  if (!hilum_gl_check("a slice view", error)) g_clear_pointer(&pass, hilum_slice_pass_free);
  return pass;
}

void hilum_slice_pass_free(HilumSlicePass *pass)
{
  if (!pass) return;
  hilum_pass_arrays_clear(&pass->arrays);
  g_free(pass);
}

static void set_position(GLint at, HilumIndexPos p)
{
  glUniform3f(at, (float)p.i, (float)p.j, (float)p.k);
}

static HilumIndexPos minus(HilumIndexPos a, HilumIndexPos b, double s)
{
  return (HilumIndexPos){(a.i - b.i) * s, (a.j - b.j) * s, (a.k - b.k) * s};
}

/* Where each pixel lies in the image: an origin and two steps. */
static void set_place(const GLint *at, const HilumSliceState *state, double scale)
{
  double h = state->height_px;
  HilumIndexPos origin = hilum_slice_state_widget_to_index(state, 0, h);
  set_position(at[U_ORIGIN], origin);
  set_position(at[U_DX], minus(hilum_slice_state_widget_to_index(state, 1, h), origin, 1 / scale));
  set_position(at[U_DY], minus(hilum_slice_state_widget_to_index(state, 0, h - 1), origin, 1 / scale));
  glUniform1f(at[U_SCALE], (float)scale);
}

static void set_line_color(GLint at, HilumSlicePlane plane, bool shown)
{
  const uint8_t *c = HILUM_PLANE_COLORS[plane];
  glUniform4f(at, c[0] / 255.0f, c[1] / 255.0f, c[2] / 255.0f, shown ? 0.75f : 0.0f);
}

static void set_crosshair(const GLint *at, HilumWorkspace *workspace, const HilumSliceState *state,
                          double scale)
{
  /* The plane that the vertical (horizontal) line stands for. */
  static const HilumSlicePlane ACROSS[HILUM_SLICE_PLANES][2] = {
      [HILUM_SLICE_AXIAL] = {HILUM_SLICE_SAGITTAL, HILUM_SLICE_CORONAL},
      [HILUM_SLICE_SAGITTAL] = {HILUM_SLICE_CORONAL, HILUM_SLICE_AXIAL},
      [HILUM_SLICE_CORONAL] = {HILUM_SLICE_SAGITTAL, HILUM_SLICE_AXIAL},
  };
  double x, y;
  hilum_slice_state_mm_to_widget(state, hilum_workspace_get_cursor_mm(workspace), &x, &y, NULL);
  /* On a pixel's middle, so that the line is one pixel and not two faint ones. */
  glUniform2f(at[U_CROSS], (float)(floor(x * scale) + 0.5),
              (float)(floor((state->height_px - y) * scale) + 0.5));
  bool shown = !hilum_workspace_get_options(workspace)->hide_crosshair;
  set_line_color(at[U_CROSS_X], ACROSS[state->plane][0], shown);
  set_line_color(at[U_CROSS_Y], ACROSS[state->plane][1], shown);
}

static void set_ring(const GLint *at, HilumWorkspace *workspace, const HilumSliceState *state, double scale)
{
  HilumTool *tool = hilum_workspace_get_tool(workspace);
  double radius_mm = tool ? hilum_tool_get_ring_mm(tool) : 0;
  HilumSlicePlane plane;
  HilumVec3 point;
  if (radius_mm <= 0 || !hilum_workspace_get_pointer(workspace, &plane, &point) || plane != state->plane) {
    glUniform3f(at[U_RING], 0, 0, 0);
    return;
  }
  double x, y;
  hilum_slice_state_mm_to_widget(state, point, &x, &y, NULL);
  glUniform3f(at[U_RING], (float)(x * scale), (float)((state->height_px - y) * scale),
              (float)(radius_mm * state->px_per_mm * scale));
}

static void set_preview(HilumGpu *gpu, const GLint *at, HilumWorkspace *workspace)
{
  const HilumPreview *preview = hilum_workspace_get_preview(workspace);
  const HilumStructureLook *look = hilum_workspace_get_look(workspace, hilum_workspace_get_active(workspace));
  const uint8_t plain[3] = {53, 132, 228};
  const uint8_t *rgb = look->used ? look->rgb : plain;
  HilumVoxelBox b = gpu->preview_box;
  /* As slice.frag counts them. */
  static const GLint KINDS[] = {[HILUM_PREVIEW_NONE] = 0,
                                [HILUM_PREVIEW_RANGE] = 1,
                                [HILUM_PREVIEW_MASK] = 2,
                                [HILUM_PREVIEW_LABELS] = 3};
  const bool there =
      preview->kind == HILUM_PREVIEW_RANGE ? gpu->active.target != 0 : !hilum_voxel_box_is_empty(b);
  glUniform1i(at[U_PREVIEW_KIND], there ? KINDS[preview->kind] : 0);
  glUniform2f(at[U_PREVIEW_RANGE], (float)preview->lo, (float)preview->hi);
  glUniform3i(at[U_PREVIEW_LO], b.lo[0], b.lo[1], b.lo[2]);
  glUniform3i(at[U_PREVIEW_HI], b.hi[0], b.hi[1], b.hi[2]);
  glUniform3f(at[U_PREVIEW_COLOR], rgb[0] / 255.0f, rgb[1] / 255.0f, rgb[2] / 255.0f);
}

/* A checkerboard that stands still in the patient: a corner of a square in device pixels, and their side. */
static void set_squares(const GLint *at, HilumWorkspace *workspace, const HilumSliceState *state,
                        double scale)
{
  double x, y;
  hilum_slice_state_mm_to_widget(state, state->grid.origin_mm, &x, &y, NULL);
  glUniform3f(at[U_SQUARE], (float)(x * scale), (float)((state->height_px - y) * scale),
              (float)(hilum_workspace_get_fusion(workspace)->square_mm * state->px_per_mm * scale));
}

static void bind(GLenum unit, GLenum target, GLuint texture, GLint at)
{
  glActiveTexture(GL_TEXTURE0 + unit);
  glBindTexture(target, texture);
  glUniform1i(at, (GLint)unit);
}

/* A line of glyphs at (x, y) in pixels, on a dark rim: read on bone and across the crosshair too. */
static void add_text(GArray *vertices, const char *text, double x, double y, double scale, double align)
{
  double height = 10 * scale;
  GlyphStyle style = {.origin = {x - align * hilum_glyphs_width(text, height), y - height / 2, 0},
                      .right = {1, 0, 0},
                      .up = {0, 1, 0},
                      .height = height,
                      .thickness = 4.4 * scale,
                      .color = {10, 12, 14, 255}};
  hilum_glyphs_add(vertices, text, &style);
  style.thickness = 1.6 * scale;
  memcpy(style.color, LETTER_COLOR, sizeof style.color);
  hilum_glyphs_add(vertices, text, &style);
}

static void add_ruler(GArray *vertices, const HilumSliceState *state, double scale)
{
  double length_px;
  double mm = hilum_slice_state_ruler_mm(state, state->width_px / 4.0, &length_px);
  double x = 12 * scale, y = 14 * scale, end = x + length_px * scale, tick = 3 * scale;
  GlyphStyle style = {
      .right = {1, 0, 0}, .up = {0, 1, 0}, .thickness = 1.4 * scale, .color = {235, 235, 235, 255}};
  hilum_glyphs_add_segment(vertices, hilum_vec3(x, y, 0), hilum_vec3(end, y, 0), &style);
  hilum_glyphs_add_segment(vertices, hilum_vec3(x, y - tick, 0), hilum_vec3(x, y + tick, 0), &style);
  hilum_glyphs_add_segment(vertices, hilum_vec3(end, y - tick, 0), hilum_vec3(end, y + tick, 0), &style);
  g_autofree char *text = g_strdup_printf("%.0f mm", mm);
  style.origin = hilum_vec3(end + 8 * scale, y - 4 * scale, 0);
  style.height = 8 * scale;
  hilum_glyphs_add(vertices, text, &style);
}

static void draw_letters(HilumSlicePass *pass, const HilumSliceState *state, const HilumViewport *viewport,
                         double scale)
{
  g_autoptr(GArray) vertices = g_array_new(FALSE, FALSE, sizeof(FlatVertex));
  HilumSliceLetters letters = hilum_slice_state_letters(state);
  double w = viewport->width, h = viewport->height, margin = 14 * scale;
  add_text(vertices, letters.left, margin / 2, h / 2, scale, 0);
  add_text(vertices, letters.right, w - margin / 2, h / 2, scale, 1);
  add_text(vertices, letters.top, w / 2, h - margin, scale, 0.5);
  add_text(vertices, letters.bottom, w / 2, margin, scale, 0.5);
  add_ruler(vertices, state, scale);
  hilum_pass_draw_flat(pass->gpu, &pass->arrays, vertices, hilum_pass_pixel_matrix(viewport));
}

void hilum_slice_pass_draw(HilumSlicePass *pass, HilumWorkspace *workspace, HilumSlicePlane plane,
                           const HilumViewport *viewport)
{
  HilumGpu *gpu = pass->gpu;
  const GLint *at = gpu->programs[PROGRAM_SLICE].at;
  const HilumViewOptions *options = hilum_workspace_get_options(workspace);
  double scale = viewport->scale > 0 ? viewport->scale : 1;
  HilumSliceState state = *hilum_workspace_get_slice(workspace, plane);
  hilum_slice_state_set_size(&state, (int)lround(viewport->width / scale),
                             (int)lround(viewport->height / scale));

  glViewport(viewport->x, viewport->y, viewport->width, viewport->height);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_BLEND);
  glUseProgram(gpu->programs[PROGRAM_SLICE].id);
  glUniform3f(at[U_DIMS], (float)state.grid.dims[0], (float)state.grid.dims[1], (float)state.grid.dims[2]);
  hilum_gpu_bind_volume(gpu, workspace, PROGRAM_SLICE);
  bind(1, GL_TEXTURE_3D, gpu->labels, at[U_LABELS]);
  bind(2, GL_TEXTURE_3D, gpu->preview, at[U_PREVIEW]);
  bind(3, GL_TEXTURE_2D, gpu->table, at[U_TABLE]);
  hilum_gpu_bind_fused(gpu, workspace, PROGRAM_SLICE, 4);
  glActiveTexture(GL_TEXTURE0);
  glUniform1i(at[U_HAS_LABELS], hilum_gpu_labels_ready(gpu) && !options->hide_overlay);
  glUniform1i(at[U_FILL], !options->hide_fill);
  glUniform2f(at[U_VIEWPORT], (float)viewport->x, (float)viewport->y);
  set_place(at, &state, scale);
  set_crosshair(at, workspace, &state, scale);
  set_ring(at, workspace, &state, scale);
  set_squares(at, workspace, &state, scale);
  set_preview(gpu, at, workspace);
  glBindVertexArray(pass->arrays.vao);
  glDrawArrays(GL_TRIANGLES, 0, 3);
  glBindVertexArray(0);
  if (viewport->letters) draw_letters(pass, &state, viewport, scale);
  glUseProgram(0);
}
