/* The orientation cube: a small cube that turns with the camera, each face with the letter of the patient's
 * side. */
#include "pass_private.h"

#define CUBE_PX 40.0   /* edge length */
#define CORNER_PX 46.0 /* from the pane's corner to the cube's middle */

static const struct {
  char letter[2];
  HilumVec3 normal, up;
} FACES[6] = {
    {"A", {0, -1, 0}, {0, 0, 1}}, {"P", {0, 1, 0}, {0, 0, 1}},  {"L", {1, 0, 0}, {0, 0, 1}},
    {"R", {-1, 0, 0}, {0, 0, 1}}, {"S", {0, 0, 1}, {0, -1, 0}}, {"I", {0, 0, -1}, {0, -1, 0}},
};

static void add_face(GArray *vertices, int f, const HilumCamera *camera)
{
  HilumVec3 n = FACES[f].normal, up = FACES[f].up, right = hilum_vec3_cross(up, n);
  double facing = hilum_vec3_dot(n, camera->back);
  if (facing <= 0.01) return;
  double light = 0.45 + 0.4 * facing + 0.15 * MAX(hilum_vec3_dot(n, camera->up), 0);
  const uint8_t face[4] = {(uint8_t)(92 * light), (uint8_t)(101 * light), (uint8_t)(114 * light), 255};
  const uint8_t border[4] = {(uint8_t)(46 * light), (uint8_t)(51 * light), (uint8_t)(58 * light), 255};
  for (int layer = 0; layer < 2; layer++) {
    double h = layer ? 0.46 : 0.5;
    HilumVec3 c[4];
    for (int i = 0; i < 4; i++) {
      c[i] = hilum_vec3_scale(n, 0.5);
      c[i] = hilum_vec3_madd(c[i], i == 1 || i == 2 ? h : -h, right);
      c[i] = hilum_vec3_madd(c[i], i > 1 ? h : -h, up);
    }
    hilum_glyphs_add_quad(vertices, c, layer ? face : border);
  }
  GlyphStyle style = {
      .right = right, .up = up, .height = 0.54, .thickness = 0.09, .color = {245, 205, 40, 255}};
  style.origin = hilum_vec3_scale(n, 0.5);
  style.origin = hilum_vec3_madd(style.origin, -hilum_glyphs_width(FACES[f].letter, style.height) / 2, right);
  style.origin = hilum_vec3_madd(style.origin, -style.height / 2, up);
  hilum_glyphs_add(vertices, FACES[f].letter, &style);
}

void hilum_marker_draw(HilumGpu *gpu, PassArrays *arrays, const HilumCamera *camera,
                       const HilumViewport *viewport)
{
  double scale = viewport->scale > 0 ? viewport->scale : 1;
  if (MIN(viewport->width, viewport->height) < 3 * CORNER_PX * scale) return; /* no room */
  g_autoptr(GArray) vertices = g_array_new(FALSE, FALSE, sizeof(FlatVertex));
  for (int f = 0; f < 6; f++)
    add_face(vertices, f, camera);
  double px = CUBE_PX * scale;
  HilumMat4 place =
      hilum_mat4_translation(hilum_vec3(viewport->width - CORNER_PX * scale, CORNER_PX * scale, 0));
  HilumMat4 size = {{px, 0, 0, 0, 0, px, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}};
  HilumMat4 turn = hilum_mat4_from_rows(camera->right, camera->up, camera->back);
  HilumMat4 m =
      hilum_mat4_mul(hilum_pass_pixel_matrix(viewport), hilum_mat4_mul(place, hilum_mat4_mul(size, turn)));
  glDisable(GL_DEPTH_TEST);
  hilum_pass_draw_flat(gpu, arrays, vertices, m);
}
