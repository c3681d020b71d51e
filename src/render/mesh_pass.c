/* The 3D pane. Opaque surfaces first, then the translucent ones layer by layer from the front, each pass
 * keeping of every pixel what lies next behind the layer before (depth peeling: Everitt, "Interactive
 * order-independent transparency", 2001), blended under what is there. Sorting by triangle or by mesh could
 * not show vessels inside parenchyma rightly from every side; this does, per pixel. */
#include "hilum/render/mesh_pass.h"

#include "pass_private.h"
#include "targets.h"

/* Layers: a kidney around vessels, cyst and pelvis has rarely more than six skins behind one another. */
#define LAYERS_AT_REST 8
#define LAYERS_MOVING 3
#define OUTLINE_PX 1.6
#define MAP_COLORS 17 /* as in mesh.frag */
/* Neighbouring structures share a wall; each is smoothed alone, so that their surfaces weave through each
 * other. */
#define OPAQUE_TOWARD_MM 0.6

struct HilumMeshPass {
  HilumGpu *gpu;
  PassArrays arrays;
  MeshTargets targets;
  GLuint query;
};

typedef struct {
  HilumMeshPass *pass;
  HilumWorkspace *workspace;
  const HilumCamera *camera;
  float projection[16];
  double scale; /* device pixels per widget pixel, in the targets */
  HilumCut cut;
  bool is_cut, clipping; /* models are cut; what is drawn now is clipped */
} Frame;

HilumMeshPass *hilum_mesh_pass_new(HilumGpu *gpu, GError **error)
{
  HilumMeshPass *pass = g_new0(HilumMeshPass, 1);
  pass->gpu = gpu;
  hilum_pass_arrays_init(&pass->arrays);
  glGenQueries(1, &pass->query);
  if (!hilum_gl_check("a 3D view", error)) g_clear_pointer(&pass, hilum_mesh_pass_free);
  return pass;
}

void hilum_mesh_pass_free(HilumMeshPass *pass)
{
  if (!pass) return;
  hilum_mesh_targets_clear(&pass->targets);
  hilum_pass_arrays_clear(&pass->arrays);
  glDeleteQueries(1, &pass->query);
  g_free(pass);
}

static void set_view(const Frame *f, ProgramId program, HilumVec3 origin_mm)
{
  float view[16];
  hilum_mat4_to_float(hilum_camera_view_matrix(f->camera, origin_mm), view);
  glUniformMatrix4fv(hilum_uniform(f->pass->gpu, program, U_VIEW), 1, GL_FALSE, view);
}

/* The cut in the frame of a mesh; a plane that nothing is above and a ball of no size where nothing is cut,
 * since there are drivers that go on cutting after GL_CLIP_DISTANCE0 is switched off. */
static void set_clip(const Frame *f, ProgramId program, HilumVec3 origin_mm)
{
  const HilumCutter *cutter = &f->cut.cutter;
  const HilumVec3 to = hilum_vec3_sub(cutter->point_mm, origin_mm);
  const bool ball = f->clipping && cutter->kind == HILUM_CUTTER_SPHERE, plane = f->clipping && !ball;
  const HilumVec3 n = plane ? cutter->normal : hilum_vec3(0, 0, 0);
  const double d = plane ? -hilum_vec3_dot(n, to) : -1;
  const double radius = !ball ? 0 : f->cut.inside_goes ? -cutter->radius_mm : cutter->radius_mm;
  glUniform4f(hilum_uniform(f->pass->gpu, program, U_CLIP), (float)n.x, (float)n.y, (float)n.z, (float)d);
  glUniform4f(hilum_uniform(f->pass->gpu, program, U_BALL), (float)to.x, (float)to.y, (float)to.z,
              (float)radius);
}

static void clip(Frame *f, bool on)
{
  f->clipping = on && f->is_cut;
  if (f->clipping && f->cut.cutter.kind == HILUM_CUTTER_PLANE)
    glEnable(GL_CLIP_DISTANCE0);
  else
    glDisable(GL_CLIP_DISTANCE0);
}

static void use(const Frame *f, ProgramId program)
{
  glUseProgram(f->pass->gpu->programs[program].id);
  glUniformMatrix4fv(hilum_uniform(f->pass->gpu, program, U_PROJECTION), 1, GL_FALSE, f->projection);
}

static void draw_mesh(const Frame *f, ProgramId program, const GpuMesh *mesh)
{
  set_view(f, program, mesh->origin_mm);
  set_clip(f, program, mesh->origin_mm);
  glBindBuffer(GL_ARRAY_BUFFER, mesh->positions);
  glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, 0, NULL);
  glBindBuffer(GL_ARRAY_BUFFER, mesh->normals);
  glVertexAttribPointer(1, 3, GL_FLOAT, GL_FALSE, 0, NULL);
  if (mesh->values) {
    glBindBuffer(GL_ARRAY_BUFFER, mesh->values);
    glEnableVertexAttribArray(2);
    glVertexAttribPointer(2, 1, GL_FLOAT, GL_FALSE, 0, NULL);
  }
  glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, mesh->indices);
  if (mesh->count)
    glMultiDrawElementsBaseVertex(GL_TRIANGLES, mesh->count, GL_UNSIGNED_INT, mesh->offset, mesh->n_pieces,
                                  mesh->base);
  else
    glDrawElements(GL_TRIANGLES, (GLsizei)(mesh->n_triangles * 3), GL_UNSIGNED_INT, NULL);
  if (mesh->values) glDisableVertexAttribArray(2);
}

/* The mesh of a label if it is to be seen in this pass; NULL else. */
static const GpuMesh *wanted(const Frame *f, int label, bool opaque)
{
  const HilumStructureLook *look = hilum_workspace_get_look(f->workspace, (uint8_t)label);
  if (!hilum_workspace_is_shown(f->workspace, (uint8_t)label) || look->opacity <= 0) return NULL;
  if ((look->opacity >= 0.999) != opaque) return NULL;
  return hilum_gpu_get_mesh(f->pass->gpu, (uint8_t)label);
}

/* What the values of a surface mean: its map and where that ends. */
static void set_coloring(const Frame *f, uint8_t label, const GpuMesh *mesh)
{
  const GLint *at = f->pass->gpu->programs[PROGRAM_MESH].at;
  HilumColoring coloring =
      mesh->values ? hilum_workspace_get_coloring(f->workspace, label) : HILUM_COLORING_OWN;
  glUniform1i(at[U_MAPPING], (GLint)coloring);
  if (coloring == HILUM_COLORING_OWN) return;
  double lo, hi;
  float map[MAP_COLORS][3];
  hilum_workspace_get_coloring_range(f->workspace, coloring, &lo, &hi);
  for (int c = 0; c < MAP_COLORS; c++) {
    double rgb[3];
    hilum_legend_color(coloring, (double)c / (MAP_COLORS - 1), rgb);
    for (int a = 0; a < 3; a++)
      map[c][a] = (float)rgb[a];
  }
  glUniform3fv(at[U_MAP], MAP_COLORS, map[0]);
  glUniform2f(at[U_MAP_RANGE], (float)lo, (float)hi);
}

/* Of a ball that stays: its caps are skins like those of the surfaces, and what is inside is looked at
 * through them. Else the cut is what one looks at, and caps are opaque. */
static bool caps_are_skins(const Frame *f)
{
  return f->is_cut && f->cut.cutter.kind == HILUM_CUTTER_SPHERE && !f->cut.inside_goes;
}

static void draw_cap(Frame *f, const GpuMesh *fill)
{
  const bool clipping = f->clipping;
  if (!f->cut.caps_lag) clip(f, false); /* they lie on the cut itself */
  draw_mesh(f, PROGRAM_MESH, fill);
  clip(f, clipping);
}

/* Returns how many were drawn. */
static int draw_surfaces(Frame *f, bool opaque)
{
  const GLint *at = f->pass->gpu->programs[PROGRAM_MESH].at;
  int n = 0;
  use(f, PROGRAM_MESH);
  glUniform1i(at[U_ORTHOGRAPHIC], f->camera->orthographic);
  glUniform1f(at[U_TOWARD_MM], opaque ? (float)OPAQUE_TOWARD_MM : 0.0f);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const GpuMesh *mesh = wanted(f, l, opaque);
    if (!mesh) continue;
    const HilumStructureLook *look = hilum_workspace_get_look(f->workspace, (uint8_t)l);
    glUniform4f(at[U_COLOR], look->rgb[0] / 255.0f, look->rgb[1] / 255.0f, look->rgb[2] / 255.0f,
                opaque ? 1.0f : (float)look->opacity);
    set_coloring(f, (uint8_t)l, mesh);
    draw_mesh(f, PROGRAM_MESH, mesh);
    const GpuCap *cap = &f->pass->gpu->meshes[l].cap;
    if (!opaque && caps_are_skins(f) && cap->fill.n_triangles > 0) {
      glUniform1i(at[U_MAPPING], HILUM_COLORING_OWN);
      draw_cap(f, &cap->fill);
    }
    n++;
  }
  return n;
}

/* The far sides of outlined surfaces, pushed outward: what shows around the near sides is the line. */
static void draw_outlines(const Frame *f)
{
  const GLint *at = f->pass->gpu->programs[PROGRAM_OUTLINE].at;
  const MeshTargets *t = &f->pass->targets;
  double px = OUTLINE_PX * f->scale;
  use(f, PROGRAM_OUTLINE);
  glUniform2f(at[U_OFFSET], (float)(2 * px / t->width), (float)(2 * px / t->height));
  glEnable(GL_CULL_FACE);
  glCullFace(GL_FRONT);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const HilumStructureLook *look = hilum_workspace_get_look(f->workspace, (uint8_t)l);
    const GpuMesh *mesh = look->outline ? wanted(f, l, true) : NULL;
    if (!mesh) continue;
    const double tint = 0.72; /* towards white: seen against any colour, and apart from it without colour */
    glUniform3f(at[U_COLOR], (float)(look->rgb[0] / 255.0 * (1 - tint) + tint),
                (float)(look->rgb[1] / 255.0 * (1 - tint) + tint),
                (float)(look->rgb[2] / 255.0 * (1 - tint) + tint));
    draw_mesh(f, PROGRAM_OUTLINE, mesh);
  }
  glDisable(GL_CULL_FACE);
}

/* The line around a cap, lighter than it and a little nearer. */
static void draw_cap_line(const Frame *f, const GpuCap *cap)
{
  const GLint *at = f->pass->gpu->programs[PROGRAM_MESH].at;
  if (!cap->n_line) return;
  glUniform1f(at[U_TOWARD_MM], (float)(2 * OPAQUE_TOWARD_MM));
  set_view(f, PROGRAM_MESH, cap->fill.origin_mm);
  set_clip(f, PROGRAM_MESH, cap->fill.origin_mm);
  glBindBuffer(GL_ARRAY_BUFFER, cap->line);
  glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, 0, NULL);
  glDisableVertexAttribArray(1);
  const HilumVec3 n = f->cut.cutter.kind == HILUM_CUTTER_PLANE ? f->cut.cutter.normal : f->camera->back;
  glVertexAttrib3f(1, (float)n.x, (float)n.y, (float)n.z);
  glDrawArrays(GL_LINES, 0, cap->n_line);
  glEnableVertexAttribArray(1);
  glUniform1f(at[U_TOWARD_MM], (float)OPAQUE_TOWARD_MM);
}

/* Sections of what is shown, and the lines round them. */
static void draw_caps(Frame *f)
{
  const GLint *at = f->pass->gpu->programs[PROGRAM_MESH].at;
  if (!f->is_cut) return;
  clip(f, f->cut.caps_lag); /* a plane that was is cut by that which is */
  use(f, PROGRAM_MESH);
  glUniform1f(at[U_TOWARD_MM], (float)OPAQUE_TOWARD_MM);
  glUniform1i(at[U_MAPPING], HILUM_COLORING_OWN);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const HilumStructureLook *look = hilum_workspace_get_look(f->workspace, (uint8_t)l);
    const GpuCap *cap = &f->pass->gpu->meshes[l].cap;
    if (!cap->fill.n_triangles || !hilum_workspace_is_shown(f->workspace, (uint8_t)l) || look->opacity <= 0)
      continue;
    const float r = look->rgb[0] / 255.0f, g = look->rgb[1] / 255.0f, b = look->rgb[2] / 255.0f;
    glUniform4f(at[U_COLOR], r, g, b, 1);
    if (!caps_are_skins(f) || look->opacity >= 0.999) draw_mesh(f, PROGRAM_MESH, &cap->fill);
    glUniform4f(at[U_COLOR], 0.5f + r / 2, 0.5f + g / 2, 0.5f + b / 2, 1);
    draw_cap_line(f, cap);
  }
  clip(f, false);
}

static void draw_slice_plane(const Frame *f, HilumSlicePlane plane)
{
  HilumGpu *gpu = f->pass->gpu;
  const GLint *at = gpu->programs[PROGRAM_PLANE].at;
  const HilumSliceState *state = hilum_workspace_get_slice(f->workspace, plane);
  HilumVec3 corners[4];
  hilum_slice_state_corners_mm(state, corners);
  float mm[12], index[12];
  for (int c = 0; c < 4; c++) {
    HilumVec3 d = hilum_vec3_sub(corners[c], corners[0]);
    HilumIndexPos p = hilum_grid_from_mm(&state->grid, corners[c]);
    const float place[3] = {(float)d.x, (float)d.y, (float)d.z};
    const float image[3] = {(float)p.i, (float)p.j, (float)p.k};
    for (int a = 0; a < 3; a++) {
      mm[3 * c + a] = place[a];
      index[3 * c + a] = image[a];
    }
  }
  set_view(f, PROGRAM_PLANE, corners[0]);
  glUniform3fv(at[U_CORNERS], 4, mm);
  glUniform3fv(at[U_INDICES], 4, index);
  const uint8_t *rgb = HILUM_PLANE_COLORS[plane];
  glUniform3f(at[U_BORDER], rgb[0] / 255.0f, rgb[1] / 255.0f, rgb[2] / 255.0f);
  glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

static void draw_slice_planes(const Frame *f)
{
  HilumGpu *gpu = f->pass->gpu;
  if (!hilum_workspace_get_options(f->workspace)->slice_planes || !gpu->active.target) return;
  use(f, PROGRAM_PLANE);
  hilum_gpu_bind_volume(gpu, f->workspace, PROGRAM_PLANE);
  glDisableVertexAttribArray(0);
  glDisableVertexAttribArray(1);
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    draw_slice_plane(f, (HilumSlicePlane)p);
  glEnableVertexAttribArray(0);
  glEnableVertexAttribArray(1);
}

static void clear_target(GLuint fbo, bool depth)
{
  const float none[4] = {0, 0, 0, 0}, far_depth = 1;
  glBindFramebuffer(GL_FRAMEBUFFER, fbo);
  glClearBufferfv(GL_COLOR, 0, none);
  if (depth) glClearBufferfv(GL_DEPTH, 0, &far_depth);
}

static void bind_2d(int unit, GLuint texture, GLint at)
{
  glActiveTexture(GL_TEXTURE0 + (GLenum)unit);
  glBindTexture(GL_TEXTURE_2D, texture);
  glUniform1i(at, unit);
}

/* Blends the layer just drawn under the sum. */
static void add_layer(const Frame *f)
{
  HilumMeshPass *pass = f->pass;
  glBindFramebuffer(GL_FRAMEBUFFER, pass->targets.sum_fbo);
  glUseProgram(pass->gpu->programs[PROGRAM_LAYER].id);
  bind_2d(0, pass->targets.layer_color, hilum_uniform(pass->gpu, PROGRAM_LAYER, U_LAYER));
  glDisable(GL_DEPTH_TEST);
  glEnable(GL_BLEND);
  glBlendFunc(GL_ONE_MINUS_DST_ALPHA, GL_ONE);
  glDrawArrays(GL_TRIANGLES, 0, 3);
  glDisable(GL_BLEND);
  glBindTexture(GL_TEXTURE_2D, 0);
}

static bool any_translucent(const Frame *f)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (wanted(f, l, false)) return true;
  return false;
}

static void peel(Frame *f, int layers)
{
  HilumMeshPass *pass = f->pass;
  MeshTargets *t = &pass->targets;
  const GLint *at = pass->gpu->programs[PROGRAM_MESH].at;
  clear_target(t->sum_fbo, false);
  if (!any_translucent(f)) return;
  for (int layer = 0; layer < layers; layer++) {
    int now = layer & 1;
    clear_target(t->layer_fbo[now], true);
    use(f, PROGRAM_MESH);
    glUniform1i(at[U_PEEL], 1);
    glUniform1i(at[U_FIRST], layer == 0);
    bind_2d(1, t->opaque_depth, at[U_OPAQUE]);
    bind_2d(0, layer ? t->layer_depth[1 - now] : 0, at[U_NEARER]);
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_LESS);
    glBeginQuery(GL_ANY_SAMPLES_PASSED, pass->query);
    draw_surfaces(f, false);
    glEndQuery(GL_ANY_SAMPLES_PASSED);
    add_layer(f);
    GLuint drawn = 1;
    glGetQueryObjectuiv(pass->query, GL_QUERY_RESULT, &drawn);
    if (!drawn) break;
  }
  glActiveTexture(GL_TEXTURE1);
  glBindTexture(GL_TEXTURE_2D, 0);
  glActiveTexture(GL_TEXTURE0);
}

static void composite(const Frame *f, GLuint framebuffer, const HilumViewport *viewport, bool soften)
{
  HilumGpu *gpu = f->pass->gpu;
  const MeshTargets *t = &f->pass->targets;
  const GLint *at = gpu->programs[PROGRAM_COMPOSITE].at;
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  glViewport(viewport->x, viewport->y, viewport->width, viewport->height);
  glDisable(GL_DEPTH_TEST);
  glUseProgram(gpu->programs[PROGRAM_COMPOSITE].id);
  bind_2d(1, t->sum_color, at[U_LAYERS]);
  bind_2d(0, t->opaque_color, at[U_OPAQUE]);
  glUniform2f(at[U_TEXEL], 1.0f / (float)t->width, 1.0f / (float)t->height);
  glUniform1i(at[U_SOFTEN], soften);
  glUniform3f(at[U_TOP], 0.122f, 0.141f, 0.169f);
  glUniform3f(at[U_BOTTOM], 0.051f, 0.059f, 0.071f);
  glDrawArrays(GL_TRIANGLES, 0, 3);
  glActiveTexture(GL_TEXTURE1);
  glBindTexture(GL_TEXTURE_2D, 0);
  glActiveTexture(GL_TEXTURE0);
  glBindTexture(GL_TEXTURE_2D, 0);
}

static HilumBox frame_bounds(HilumWorkspace *workspace)
{
  HilumBox box = hilum_workspace_get_scene_bounds(workspace);
  HilumVolume *volume = hilum_workspace_get_active_volume(workspace);
  if (hilum_workspace_get_options(workspace)->slice_planes && volume)
    box = hilum_box_union(box, hilum_grid_bounds_mm(hilum_volume_get_grid(volume)));
  return box;
}

bool hilum_mesh_pass_draw(HilumMeshPass *pass, HilumWorkspace *workspace, const HilumViewport *viewport,
                          GError **error)
{
  HilumGpu *gpu = pass->gpu;
  const HilumViewOptions *options = hilum_workspace_get_options(workspace);
  GLint framebuffer = 0;
  glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &framebuffer);
  /* Where a CPU draws, a moving picture has half the pixels each way; it sharpens when the hand rests. */
  bool moving = options->interacting || (gpu->software && hilum_workspace_is_in_stroke(workspace));
  bool coarse = gpu->software && moving;
  int width = MAX(coarse ? viewport->width / 2 : viewport->width, 1);
  int height = MAX(coarse ? viewport->height / 2 : viewport->height, 1);
  if (!hilum_mesh_targets_resize(&pass->targets, width, height, error)) {
    glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)framebuffer);
    return false;
  }
  double scale = viewport->scale > 0 ? viewport->scale : 1;
  Frame f = {.pass = pass,
             .workspace = workspace,
             .camera = hilum_workspace_get_camera(workspace),
             .scale = scale * width / MAX(viewport->width, 1)};
  f.is_cut = hilum_workspace_get_cut(workspace, &f.cut);
  hilum_mat4_to_float(hilum_camera_projection(f.camera, frame_bounds(workspace),
                                              (double)viewport->width / MAX(viewport->height, 1)),
                      f.projection);

  glViewport(0, 0, width, height);
  glDisable(GL_BLEND);
  glDisable(GL_SCISSOR_TEST);
  glDepthMask(GL_TRUE);
  glBindVertexArray(pass->arrays.vao);
  glEnableVertexAttribArray(0);
  glEnableVertexAttribArray(1);
  clear_target(pass->targets.opaque_fbo, true);
  glEnable(GL_DEPTH_TEST);
  glDepthFunc(GL_LESS);
  use(&f, PROGRAM_MESH);
  glUniform1i(hilum_uniform(gpu, PROGRAM_MESH, U_PEEL), 0);
  clip(&f, true);
  draw_surfaces(&f, true);
  draw_outlines(&f);
  clip(&f, false);
  draw_caps(&f);
  draw_slice_planes(&f);
  clip(&f, true);
  peel(&f, moving ? LAYERS_MOVING : LAYERS_AT_REST);
  clip(&f, false);
  composite(&f, (GLuint)framebuffer, viewport, scale < 1.5 && !coarse);
  glDisableVertexAttribArray(0);
  glDisableVertexAttribArray(1);
  glBindBuffer(GL_ARRAY_BUFFER, 0);
  glBindVertexArray(0);
  hilum_legend_draw(gpu, &pass->arrays, workspace, viewport);
  if (!options->hide_marker) hilum_marker_draw(gpu, &pass->arrays, f.camera, viewport);
  glUseProgram(0);
  if (gpu->software)
    glFinish(); /* who measures how long a frame takes must not measure the next one's start */
  return true;
}
