/* The orbit camera. The trackball is Bell's: a sphere that turns into a hyperbolic sheet towards its rim, so
 * that the hand never falls off it (Henriksen, Sporring, Hornbaek 2004 compare it with Shoemake's arcball
 * 1992). */
#include "hilum/view/camera.h"

#include "hilum/volume/grid.h"

#define MIN_DISTANCE_MM 1.0
#define MAX_DISTANCE_MM 100000.0
#define FIT_MARGIN 1.08

HilumCamera hilum_camera_new(void)
{
  HilumCamera camera = {.distance_mm = 500, .fovy_rad = 25 * G_PI / 180};
  hilum_camera_set_view(&camera, HILUM_VIEW_ANTERIOR);
  return camera;
}

static const struct {
  const char *name;
  HilumVec3 back, up; /* LPS */
} VIEWS[HILUM_STANDARD_VIEWS] = {
    [HILUM_VIEW_ANTERIOR] = {"anterior", {0, -1, 0}, {0, 0, 1}},
    [HILUM_VIEW_POSTERIOR] = {"posterior", {0, 1, 0}, {0, 0, 1}},
    [HILUM_VIEW_LEFT] = {"left", {1, 0, 0}, {0, 0, 1}},
    [HILUM_VIEW_RIGHT] = {"right", {-1, 0, 0}, {0, 0, 1}},
    [HILUM_VIEW_SUPERIOR] = {"superior", {0, 0, 1}, {0, -1, 0}},
    [HILUM_VIEW_INFERIOR] = {"inferior", {0, 0, -1}, {0, -1, 0}},
};

const char *hilum_standard_view_name(HilumStandardView view)
{
  g_return_val_if_fail(view < HILUM_STANDARD_VIEWS, "");
  return VIEWS[view].name;
}

bool hilum_standard_view_parse(const char *name, HilumStandardView *view)
{
  for (int v = 0; v < HILUM_STANDARD_VIEWS; v++)
    if (g_ascii_strcasecmp(name, VIEWS[v].name) == 0) {
      *view = (HilumStandardView)v;
      return true;
    }
  return false;
}

void hilum_camera_set_view(HilumCamera *camera, HilumStandardView view)
{
  g_return_if_fail(view < HILUM_STANDARD_VIEWS);
  camera->back = VIEWS[view].back;
  camera->up = VIEWS[view].up;
  camera->right = hilum_vec3_cross(camera->up, camera->back);
}

void hilum_camera_fit(HilumCamera *camera, HilumBox box_mm, int width_px, int height_px)
{
  if (hilum_box_is_empty(box_mm)) return;
  double t = tan(camera->fovy_rad / 2), aspect = 1, distance = 0.5 / t;
  if (width_px > 0 && height_px > 0) aspect = (double)width_px / height_px;
  camera->target_mm = hilum_box_center(box_mm);
  for (int i = 0; i < 8; i++) {
    HilumVec3 corner = {i & 1 ? box_mm.max.x : box_mm.min.x, i & 2 ? box_mm.max.y : box_mm.min.y,
                        i & 4 ? box_mm.max.z : box_mm.min.z};
    HilumVec3 v = hilum_vec3_sub(corner, camera->target_mm);
    double x = fabs(hilum_vec3_dot(v, camera->right)) / aspect, y = fabs(hilum_vec3_dot(v, camera->up));
    double nearer = camera->orthographic ? 0 : hilum_vec3_dot(v, camera->back);
    distance = MAX(distance, nearer + FIT_MARGIN * MAX(x, y) / t);
  }
  camera->distance_mm = CLAMP(distance, MIN_DISTANCE_MM, MAX_DISTANCE_MM);
}

/* Rodrigues' rotation of v about the unit axis. */
static HilumVec3 rotate(HilumVec3 v, HilumVec3 axis, double angle)
{
  double c = cos(angle), s = sin(angle);
  HilumVec3 r = hilum_vec3_scale(v, c);
  r = hilum_vec3_madd(r, s, hilum_vec3_cross(axis, v));
  return hilum_vec3_madd(r, hilum_vec3_dot(axis, v) * (1 - c), axis);
}

/* Thousands of small turns must not let the frame drift. */
static void turn(HilumCamera *camera, HilumVec3 axis, double angle)
{
  camera->back = hilum_vec3_normalize(rotate(camera->back, axis, angle));
  HilumVec3 up = rotate(camera->up, axis, angle);
  camera->right = hilum_vec3_normalize(hilum_vec3_cross(up, camera->back));
  camera->up = hilum_vec3_cross(camera->back, camera->right);
}

static HilumVec3 on_trackball(double x_px, double y_px, int width_px, int height_px)
{
  double radius = 0.45 * MIN(width_px, height_px);
  double x = (x_px - width_px / 2.0) / radius, y = (height_px / 2.0 - y_px) / radius;
  double d2 = x * x + y * y;
  double z = d2 < 0.5 ? sqrt(1 - d2) : 0.5 / sqrt(d2);
  return hilum_vec3_normalize(hilum_vec3(x, y, z));
}

static void rotate_trackball(HilumCamera *camera, HilumVec3 a, HilumVec3 b)
{
  HilumVec3 n = hilum_vec3_cross(a, b);
  double s = hilum_vec3_length(n);
  if (s < 1e-12) return;
  n = hilum_vec3_scale(n, 1 / s);
  HilumVec3 axis = hilum_vec3_scale(camera->right, n.x);
  axis = hilum_vec3_madd(axis, n.y, camera->up);
  axis = hilum_vec3_madd(axis, n.z, camera->back);
  turn(camera, axis, -atan2(s, hilum_vec3_dot(a, b)));
}

static void rotate_turntable(HilumCamera *camera, double dx, double dy)
{
  const HilumVec3 long_axis = {0, 0, 1};
  HilumVec3 right = hilum_vec3(camera->right.x, camera->right.y, 0); /* level, should it have rolled */
  if (hilum_vec3_length(right) < 1e-3) right = hilum_vec3_cross(long_axis, camera->back);
  if (hilum_vec3_length(right) < 1e-3) right = hilum_vec3(1, 0, 0);
  right = rotate(hilum_vec3_normalize(right), long_axis, -dx);
  HilumVec3 level_back = hilum_vec3_cross(right, long_axis); /* "back" at elevation 0 */
  double elevation = asin(CLAMP(camera->back.z, -1.0, 1.0));
  elevation = CLAMP(elevation + dy, -G_PI_2, G_PI_2);
  camera->right = right;
  camera->back = hilum_vec3_madd(hilum_vec3_scale(level_back, cos(elevation)), sin(elevation), long_axis);
  camera->up = hilum_vec3_cross(camera->back, camera->right);
}

void hilum_camera_rotate(HilumCamera *camera, HilumOrbit orbit, double x0_px, double y0_px, double x1_px,
                         double y1_px, int width_px, int height_px)
{
  if (width_px <= 0 || height_px <= 0) return;
  double per_px = G_PI / MIN(width_px, height_px);
  if (orbit == HILUM_ORBIT_TURNTABLE)
    rotate_turntable(camera, (x1_px - x0_px) * per_px, (y1_px - y0_px) * per_px);
  else
    rotate_trackball(camera, on_trackball(x0_px, y0_px, width_px, height_px),
                     on_trackball(x1_px, y1_px, width_px, height_px));
}

double hilum_camera_mm_per_px(const HilumCamera *camera, int height_px)
{
  return 2 * camera->distance_mm * tan(camera->fovy_rad / 2) / MAX(height_px, 1);
}

void hilum_camera_pan(HilumCamera *camera, double dx_px, double dy_px, int height_px)
{
  double mm = hilum_camera_mm_per_px(camera, height_px);
  camera->target_mm = hilum_vec3_madd(camera->target_mm, -dx_px * mm, camera->right);
  camera->target_mm = hilum_vec3_madd(camera->target_mm, dy_px * mm, camera->up);
}

void hilum_camera_zoom(HilumCamera *camera, double factor, double x_px, double y_px, int width_px,
                       int height_px)
{
  if (!(factor > 0)) return;
  double mm = hilum_camera_mm_per_px(camera, height_px);
  double distance = CLAMP(camera->distance_mm / factor, MIN_DISTANCE_MM, MAX_DISTANCE_MM);
  double keep = 1 - distance / camera->distance_mm; /* share of the way from the target to the pointer */
  camera->target_mm = hilum_vec3_madd(camera->target_mm, keep * (x_px - width_px / 2.0) * mm, camera->right);
  camera->target_mm = hilum_vec3_madd(camera->target_mm, keep * (height_px / 2.0 - y_px) * mm, camera->up);
  camera->distance_mm = distance;
}

HilumVec3 hilum_camera_eye_mm(const HilumCamera *camera)
{
  return hilum_vec3_madd(camera->target_mm, camera->distance_mm, camera->back);
}

HilumMat4 hilum_camera_view_matrix(const HilumCamera *camera, HilumVec3 origin_mm)
{
  HilumVec3 eye = hilum_vec3_sub(hilum_camera_eye_mm(camera), origin_mm);
  return hilum_mat4_mul(hilum_mat4_from_rows(camera->right, camera->up, camera->back),
                        hilum_mat4_translation(hilum_vec3_scale(eye, -1)));
}

HilumMat4 hilum_camera_projection(const HilumCamera *camera, HilumBox scene_mm, double aspect)
{
  double d = camera->distance_mm, radius = camera->distance_mm;
  if (!hilum_box_is_empty(scene_mm)) {
    HilumVec3 to_eye = hilum_vec3_sub(hilum_camera_eye_mm(camera), hilum_box_center(scene_mm));
    d = hilum_vec3_dot(to_eye, camera->back);
    radius = MAX(hilum_box_diagonal(scene_mm) * 0.5, 1.0) * 1.01;
  }
  double near_mm = d - radius, far_mm = d + radius;
  if (camera->orthographic) {
    double h = camera->distance_mm * tan(camera->fovy_rad / 2);
    return hilum_mat4_ortho(-h * aspect, h * aspect, -h, h, near_mm, far_mm);
  }
  /* The eye may stand inside the scene: keep a ratio that 24 bits of depth can serve. */
  far_mm = MAX(far_mm, camera->distance_mm * 0.1);
  near_mm = MAX(near_mm, far_mm * 0.002);
  return hilum_mat4_perspective(camera->fovy_rad, aspect, near_mm, far_mm);
}

HilumRay hilum_camera_ray(const HilumCamera *camera, double x_px, double y_px, int width_px, int height_px)
{
  double mm = hilum_camera_mm_per_px(camera, height_px);
  HilumVec3 p = hilum_vec3_madd(camera->target_mm, (x_px - width_px / 2.0) * mm, camera->right);
  p = hilum_vec3_madd(p, (height_px / 2.0 - y_px) * mm, camera->up);
  if (camera->orthographic)
    return (HilumRay){hilum_vec3_madd(p, camera->distance_mm + 10000, camera->back),
                      hilum_vec3_scale(camera->back, -1)};
  HilumVec3 eye = hilum_camera_eye_mm(camera);
  return (HilumRay){eye, hilum_vec3_normalize(hilum_vec3_sub(p, eye))};
}

bool hilum_camera_project(const HilumCamera *camera, HilumVec3 point_mm, int width_px, int height_px,
                          double *x_px, double *y_px)
{
  HilumVec3 v = hilum_vec3_sub(point_mm, camera->target_mm);
  double depth = camera->distance_mm - hilum_vec3_dot(v, camera->back);
  if (!camera->orthographic && depth <= 1e-9) return false;
  double px = 1 / hilum_camera_mm_per_px(camera, height_px);
  if (!camera->orthographic) px *= camera->distance_mm / depth;
  *x_px = width_px / 2.0 + hilum_vec3_dot(v, camera->right) * px;
  *y_px = height_px / 2.0 - hilum_vec3_dot(v, camera->up) * px;
  return true;
}

HilumMat4 hilum_camera_screen_matrix(const HilumCamera *camera, int width_px, int height_px)
{
  const double px = 1 / hilum_camera_mm_per_px(camera, height_px);
  const double per_depth = camera->orthographic ? 0 : 1 / camera->distance_mm;
  const HilumMat4 eye = hilum_mat4_from_rows(camera->right, camera->up, camera->back);
  /* From the camera's frame, with the target as origin: w is depth / distance. */
  const double cx = width_px / 2.0, cy = height_px / 2.0;
  const HilumMat4 screen = {
      {px, 0, 0, 0, 0, -px, 0, 0, -cx * per_depth, -cy * per_depth, -1, -per_depth, cx, cy, 0, 1}};
  return hilum_mat4_mul(screen,
                        hilum_mat4_mul(eye, hilum_mat4_translation(hilum_vec3_scale(camera->target_mm, -1))));
}

void hilum_camera_letters(const HilumCamera *camera, char out[4])
{
  hilum_orientation_letters(camera->back, 0.3, out);
}
