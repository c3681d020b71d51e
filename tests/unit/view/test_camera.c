/* The orbit camera: standard views, rays against projection, zoom and pan under the pointer, drags that do
 * not drift. */
#include "hilum/view/camera.h"

#define W 640
#define H 400

static void assert_vec(HilumVec3 a, HilumVec3 b, double tolerance)
{
  g_assert_cmpfloat(hilum_vec3_distance(a, b), <=, tolerance);
}

static void assert_frame(const HilumCamera *c)
{
  g_assert_cmpfloat_with_epsilon(hilum_vec3_length(c->right), 1, 1e-12);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_length(c->up), 1, 1e-12);
  assert_vec(hilum_vec3_cross(c->right, c->up), c->back, 1e-12);
}

/* The side that faces the viewer, and what lies at screen right and up. */
static void test_standard_views(void)
{
  static const struct {
    HilumStandardView view;
    const char *letter;
    HilumVec3 right, up;
  } VIEWS[] = {
      {HILUM_VIEW_ANTERIOR, "A", {1, 0, 0}, {0, 0, 1}},   {HILUM_VIEW_POSTERIOR, "P", {-1, 0, 0}, {0, 0, 1}},
      {HILUM_VIEW_LEFT, "L", {0, 1, 0}, {0, 0, 1}},       {HILUM_VIEW_RIGHT, "R", {0, -1, 0}, {0, 0, 1}},
      {HILUM_VIEW_SUPERIOR, "S", {-1, 0, 0}, {0, -1, 0}}, {HILUM_VIEW_INFERIOR, "I", {1, 0, 0}, {0, -1, 0}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(VIEWS); i++) {
    HilumCamera c = hilum_camera_new();
    hilum_camera_set_view(&c, VIEWS[i].view);
    char letters[4];
    hilum_camera_letters(&c, letters);
    g_assert_cmpstr(letters, ==, VIEWS[i].letter);
    assert_vec(c.right, VIEWS[i].right, 0);
    assert_vec(c.up, VIEWS[i].up, 0);
    assert_frame(&c);
    HilumStandardView parsed;
    g_assert_true(hilum_standard_view_parse(hilum_standard_view_name(VIEWS[i].view), &parsed));
    g_assert_cmpint(parsed, ==, VIEWS[i].view);
  }
  HilumStandardView none;
  g_assert_false(hilum_standard_view_parse("sideways", &none));
}

static HilumCamera odd_camera(bool orthographic)
{
  HilumCamera c = hilum_camera_new();
  c.orthographic = orthographic;
  c.target_mm = hilum_vec3(120, -80, -950);
  hilum_camera_rotate(&c, HILUM_ORBIT_TRACKBALL, 300, 200, 391, 117, W, H);
  return c;
}

static void test_ray_and_projection_agree(void)
{
  for (int ortho = 0; ortho < 2; ortho++) {
    HilumCamera c = odd_camera(ortho);
    for (int i = 0; i < 50; i++) {
      double x = g_test_rand_double_range(0, W), y = g_test_rand_double_range(0, H);
      HilumRay ray = hilum_camera_ray(&c, x, y, W, H);
      HilumVec3 p = hilum_ray_at(ray, g_test_rand_double_range(300, 900));
      double px, py;
      g_assert_true(hilum_camera_project(&c, p, W, H, &px, &py));
      g_assert_cmpfloat_with_epsilon(px, x, 1e-6);
      g_assert_cmpfloat_with_epsilon(py, y, 1e-6);
      /* The matrices that the GPU gets say the same, whatever origin is taken off. */
      HilumVec3 origin = {100, -70, -900};
      HilumBox box = {{80, -120, -1000}, {160, -40, -900}};
      HilumMat4 m = hilum_mat4_mul(hilum_camera_projection(&c, box, (double)W / H),
                                   hilum_camera_view_matrix(&c, origin));
      HilumVec3 clip = hilum_mat4_transform_point(m, hilum_vec3_sub(p, origin));
      g_assert_cmpfloat_with_epsilon((clip.x + 1) / 2 * W, x, 1e-6);
      g_assert_cmpfloat_with_epsilon((1 - clip.y) / 2 * H, y, 1e-6);
    }
  }
  HilumCamera c = hilum_camera_new();
  double x, y;
  g_assert_false(hilum_camera_project(&c, hilum_vec3(0, -600, 0), W, H, &x, &y)); /* behind the eye */
}

static void test_zoom_and_pan_hold_the_point(void)
{
  for (int ortho = 0; ortho < 2; ortho++) {
    HilumCamera c = odd_camera(ortho);
    double mm = hilum_camera_mm_per_px(&c, H);
    HilumVec3 p = hilum_vec3_madd(c.target_mm, 70 * mm, c.right); /* in the target plane */
    double x, y;
    hilum_camera_zoom(&c, 1.7, W / 2.0 + 70, H / 2.0, W, H);
    hilum_camera_project(&c, p, W, H, &x, &y);
    g_assert_cmpfloat_with_epsilon(x, W / 2.0 + 70, 1e-6);
    hilum_camera_pan(&c, 12, -31, H);
    hilum_camera_project(&c, p, W, H, &x, &y);
    g_assert_cmpfloat_with_epsilon(x, W / 2.0 + 82, 1e-6);
    g_assert_cmpfloat_with_epsilon(y, H / 2.0 - 31, 1e-6);
    for (int i = 0; i < 500; i++)
      hilum_camera_zoom(&c, 2, 10, 10, W, H);
    g_assert_cmpfloat(c.distance_mm, >=, 1);
    g_assert_true(hilum_vec3_is_finite(c.target_mm));
  }
}

static void test_fit(void)
{
  HilumBox box = {{-300, 40, 900}, {-180, 75, 1100}};
  for (int v = 0; v < HILUM_STANDARD_VIEWS; v++)
    for (int tall = 0; tall < 2; tall++)
      for (int ortho = 0; ortho < 2; ortho++) {
        int w = tall ? 200 : 900, h = tall ? 700 : 300;
        HilumCamera c = hilum_camera_new();
        c.orthographic = ortho;
        hilum_camera_set_view(&c, (HilumStandardView)v);
        hilum_camera_fit(&c, box, w, h);
        HilumMat4 m = hilum_mat4_mul(hilum_camera_projection(&c, box, (double)w / h),
                                     hilum_camera_view_matrix(&c, hilum_vec3(0, 0, 0)));
        for (int i = 0; i < 8; i++) {
          HilumVec3 p = {i & 1 ? box.max.x : box.min.x, i & 2 ? box.max.y : box.min.y,
                         i & 4 ? box.max.z : box.min.z};
          HilumVec3 clip = hilum_mat4_transform_point(m, p);
          g_assert_cmpfloat(MAX(fabs(clip.x), fabs(clip.y)), <=, 1);
          g_assert_cmpfloat(fabs(clip.z), <=, 1);
        }
      }
  HilumCamera before = hilum_camera_new(), after = before;
  hilum_camera_fit(&after, hilum_box_empty(), W, H);
  assert_vec(before.target_mm, after.target_mm, 0);
}

static void test_rotation(void)
{
  HilumCamera c = hilum_camera_new();
  for (int i = 0; i < 20000; i++)
    hilum_camera_rotate(&c, HILUM_ORBIT_TRACKBALL, 300, 200, 307, 196, W, H);
  assert_frame(&c);
  /* A drag to the right brings the patient's right side, which lies at screen left of an anterior view. */
  for (int orbit = 0; orbit < 2; orbit++) {
    c = hilum_camera_new();
    hilum_camera_rotate(&c, (HilumOrbit)orbit, 300, 200, 340, 200, W, H);
    g_assert_cmpfloat(c.back.x, <, -0.1);
    hilum_camera_set_view(&c, HILUM_VIEW_ANTERIOR);
    hilum_camera_rotate(&c, (HilumOrbit)orbit, 320, 200, 320, 240, W, H);
    g_assert_cmpfloat(c.back.z, >, 0.1); /* down shows the top */
  }
  /* The turntable never rolls and stops at the poles. */
  c = hilum_camera_new();
  for (int i = 0; i < 300; i++) {
    hilum_camera_rotate(&c, HILUM_ORBIT_TURNTABLE, 0, 0, g_test_rand_double_range(-60, 60),
                        g_test_rand_double_range(-60, 60), W, H);
    g_assert_cmpfloat_with_epsilon(c.right.z, 0, 1e-9);
    g_assert_cmpfloat(c.up.z, >=, -1e-9);
    assert_frame(&c);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/camera/standard-views", test_standard_views);
  g_test_add_func("/view/camera/ray-and-projection", test_ray_and_projection_agree);
  g_test_add_func("/view/camera/zoom-and-pan", test_zoom_and_pan_hold_the_point);
  g_test_add_func("/view/camera/fit", test_fit);
  g_test_add_func("/view/camera/rotation", test_rotation);
  return g_test_run();
}
