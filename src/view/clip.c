/* A cut as a value, and what the hand does to it. The knob of a plane lies on a ball round the place where it
 * is held and turns with it (after K. Shoemake, ARCBALL, 1992, without its doubling of angles: the knob stays
 * under the pointer). */
#include "hilum/view/clip.h"

#define HANDLE_PX 58.0
#define RING_PX 22.0
#define KNOB_PX 8.0
#define FRAME_PX 110.0
#define SLACK_PX 4.0 /* so near is near enough */
#define RAD_PER_PX (0.5 * G_PI / 180)
#define FLAT 0.3 /* a normal that is seen shorter than this share of itself gives no direction to follow */

bool hilum_clip_equal(const HilumClip *a, const HilumClip *b)
{
  return a->kind == b->kind && a->plane == b->plane && a->other_side == b->other_side &&
         hilum_vec3_distance(a->point_mm, b->point_mm) == 0 &&
         hilum_vec3_distance(a->normal, b->normal) == 0 && a->radius_mm == b->radius_mm;
}

bool hilum_clip_is_valid(const HilumClip *clip)
{
  const double far_mm = 1e5, length = hilum_vec3_length(clip->normal);
  if ((int)clip->kind < 0 || clip->kind >= HILUM_CLIP_KINDS) return false;
  if (clip->kind == HILUM_CLIP_SLICE) return (int)clip->plane >= 0 && clip->plane < HILUM_SLICE_PLANES;
  if (clip->kind == HILUM_CLIP_NONE) return true;
  if (!(hilum_vec3_length(clip->point_mm) < far_mm)) return false;
  if (clip->kind == HILUM_CLIP_SPHERE)
    return clip->radius_mm >= HILUM_CLIP_LEAST_MM && clip->radius_mm <= HILUM_CLIP_MOST_MM;
  return fabs(length - 1) < 1e-3;
}

/* Towards what goes. */
static HilumVec3 outward(const HilumClip *clip)
{
  return clip->other_side ? hilum_vec3_scale(clip->normal, -1) : clip->normal;
}

HilumCutter hilum_clip_cutter(const HilumClip *clip)
{
  if (clip->kind == HILUM_CLIP_SPHERE)
    return (HilumCutter){
        .kind = HILUM_CUTTER_SPHERE, .point_mm = clip->point_mm, .radius_mm = clip->radius_mm};
  return (HilumCutter){.kind = HILUM_CUTTER_PLANE, .point_mm = clip->point_mm, .normal = outward(clip)};
}

/* --- moving it --- */

HilumClip hilum_clip_facing(const HilumCamera *camera, HilumVec3 point_mm)
{
  return (HilumClip){.kind = HILUM_CLIP_PLANE, .point_mm = point_mm, .normal = camera->back};
}

void hilum_clip_shift(HilumClip *clip, double mm)
{
  if (clip->kind == HILUM_CLIP_SPHERE)
    clip->radius_mm = CLAMP(clip->radius_mm + mm, HILUM_CLIP_LEAST_MM, HILUM_CLIP_MOST_MM);
  else
    clip->point_mm = hilum_vec3_madd(clip->point_mm, mm, outward(clip));
}

/* O. Rodrigues 1840. The axis is of unit length. */
static HilumVec3 rotated(HilumVec3 v, HilumVec3 axis, double angle)
{
  HilumVec3 r = hilum_vec3_scale(v, cos(angle));
  r = hilum_vec3_madd(r, sin(angle), hilum_vec3_cross(axis, v));
  return hilum_vec3_madd(r, hilum_vec3_dot(axis, v) * (1 - cos(angle)), axis);
}

void hilum_clip_turn(HilumClip *clip, HilumVec3 axis, double angle_rad)
{
  if (!(hilum_vec3_length(axis) > 0)) return;
  clip->normal = hilum_vec3_normalize(rotated(clip->normal, hilum_vec3_normalize(axis), angle_rad));
}

void hilum_clip_step(HilumClip *clip, const HilumCamera *camera, int right, int up, int deeper, bool fine)
{
  const double mm = fine ? 0.1 : 1, angle = (fine ? 1 : 5) * G_PI / 180;
  if (clip->kind == HILUM_CLIP_SPHERE) {
    clip->point_mm = hilum_vec3_madd(clip->point_mm, right * mm, camera->right);
    clip->point_mm = hilum_vec3_madd(clip->point_mm, up * mm, camera->up);
    hilum_clip_shift(clip, deeper * mm);
    return;
  }
  hilum_clip_turn(clip, camera->up, right * angle);
  hilum_clip_turn(clip, camera->right, -up * angle);
  hilum_clip_shift(clip, (hilum_vec3_dot(outward(clip), camera->back) >= 0 ? -deeper : deeper) * mm);
}

double hilum_clip_offset_mm(const HilumClip *clip, HilumVec3 from_mm)
{
  return hilum_vec3_dot(hilum_vec3_sub(clip->point_mm, from_mm), outward(clip));
}

void hilum_clip_set_offset_mm(HilumClip *clip, HilumVec3 from_mm, double mm)
{
  const double by = mm - hilum_clip_offset_mm(clip, from_mm);
  clip->point_mm = hilum_vec3_madd(clip->point_mm, by, outward(clip));
}

void hilum_clip_get_direction(const HilumClip *clip, double *around_deg, double *up_deg)
{
  const HilumVec3 n = outward(clip);
  *up_deg = asin(CLAMP(n.z, -1, 1)) * 180 / G_PI;
  *around_deg = hypot(n.x, n.y) > 1e-6 ? atan2(n.x, -n.y) * 180 / G_PI : 0;
}

void hilum_clip_set_direction(HilumClip *clip, double around_deg, double up_deg)
{
  const double around = around_deg * G_PI / 180, up = up_deg * G_PI / 180;
  const HilumVec3 n = {sin(around) * cos(up), -cos(around) * cos(up), sin(up)};
  clip->normal = clip->other_side ? hilum_vec3_scale(n, -1) : n;
}

/* --- the handle --- */

static HilumPoint2 place_px(const HilumCamera *camera, HilumVec3 p, int width, int height, bool *seen)
{
  HilumPoint2 at = {0, 0};
  *seen &= hilum_camera_project(camera, p, width, height, &at.x, &at.y);
  return at;
}

/* Millimetres a pixel where a point lies. */
static double mm_per_px(const HilumCamera *camera, HilumVec3 point, int height)
{
  const double plain = hilum_camera_mm_per_px(camera, height);
  if (camera->orthographic) return plain;
  const double depth = hilum_vec3_dot(hilum_vec3_sub(hilum_camera_eye_mm(camera), point), camera->back);
  return plain * fmax(depth, 1) / camera->distance_mm;
}

bool hilum_clip_get_handle(const HilumClip *clip, const HilumCamera *camera, int width_px, int height_px,
                           HilumClipHandle *handle)
{
  *handle = (HilumClipHandle){.depth_px = RING_PX, .place_px = KNOB_PX};
  if (clip->kind != HILUM_CLIP_PLANE && clip->kind != HILUM_CLIP_SPHERE) return false;
  if (width_px <= 0 || height_px <= 0) return false;
  bool seen = true;
  const HilumVec3 at = clip->point_mm;
  const double mm = mm_per_px(camera, at, height_px);
  handle->from = handle->depth = handle->place = place_px(camera, at, width_px, height_px, &seen);
  if (clip->kind == HILUM_CLIP_SPHERE) {
    handle->depth =
        place_px(camera, hilum_vec3_madd(at, clip->radius_mm, camera->right), width_px, height_px, &seen);
    handle->depth_px = KNOB_PX;
    return seen;
  }
  const HilumVec3 n = outward(clip);
  handle->place = place_px(camera, hilum_vec3_madd(at, HANDLE_PX * mm, n), width_px, height_px, &seen);
  /* Upright on the screen, as far as it can be. */
  HilumVec3 across = hilum_vec3_cross(camera->up, n);
  if (hilum_vec3_length(across) < 0.05) across = camera->right;
  across = hilum_vec3_normalize(hilum_vec3_madd(across, -hilum_vec3_dot(across, n), n));
  const HilumVec3 along = hilum_vec3_cross(n, across);
  for (int c = 0; c < 4; c++) {
    HilumVec3 p = hilum_vec3_madd(at, (c == 1 || c == 2 ? 1 : -1) * FRAME_PX * mm, across);
    handle->frame[c] = place_px(camera, hilum_vec3_madd(p, (c > 1 ? 1 : -1) * FRAME_PX * mm, along), width_px,
                                height_px, &seen);
  }
  return seen;
}

static double apart(HilumPoint2 a, HilumPoint2 b)
{
  return hypot(a.x - b.x, a.y - b.y);
}

HilumClipGrip hilum_clip_grip_at(const HilumClip *clip, const HilumCamera *camera, HilumPoint2 at_px,
                                 int width_px, int height_px)
{
  HilumClipHandle handle;
  if (!hilum_clip_get_handle(clip, camera, width_px, height_px, &handle)) return HILUM_CLIP_GRIP_NONE;
  if (apart(at_px, handle.place) <= handle.place_px + SLACK_PX) return HILUM_CLIP_GRIP_PLACE;
  if (apart(at_px, handle.depth) <= handle.depth_px + SLACK_PX) return HILUM_CLIP_GRIP_DEPTH;
  return HILUM_CLIP_GRIP_NONE;
}

/* Where the ray through a pixel meets the plane through a point that faces the eye. */
static HilumVec3 on_screen(const HilumCamera *camera, HilumVec3 point, HilumPoint2 px, int width, int height)
{
  const HilumRay ray = hilum_camera_ray(camera, px.x, px.y, width, height);
  const HilumPlane plane = {camera->back, hilum_vec3_dot(camera->back, point)};
  double t = 0;
  hilum_ray_hit_plane(ray, plane, &t);
  return hilum_ray_at(ray, t);
}

/* The direction from the point to where the knob's ball is under a pixel, on its near or far half. */
static HilumVec3 knob_direction(const HilumCamera *camera, HilumVec3 point, double radius, bool near_half,
                                HilumPoint2 px, int width, int height)
{
  const HilumVec3 d = hilum_vec3_sub(on_screen(camera, point, px, width, height), point);
  const double out = hilum_vec3_length(d);
  if (out >= radius) return hilum_vec3_scale(d, 1 / out);
  const double deep = sqrt(radius * radius - out * out) * (near_half ? 1 : -1);
  return hilum_vec3_scale(hilum_vec3_madd(d, deep, camera->back), 1 / radius);
}

static void drag_knob(HilumClip *clip, const HilumCamera *camera, HilumPoint2 from_px, HilumPoint2 to_px,
                      int width, int height)
{
  const double radius = HANDLE_PX * mm_per_px(camera, clip->point_mm, height);
  const bool near_half = hilum_vec3_dot(outward(clip), camera->back) >= 0;
  const HilumVec3 a = knob_direction(camera, clip->point_mm, radius, near_half, from_px, width, height);
  const HilumVec3 b = knob_direction(camera, clip->point_mm, radius, near_half, to_px, width, height);
  const HilumVec3 axis = hilum_vec3_cross(a, b);
  hilum_clip_turn(clip, axis, atan2(hilum_vec3_length(axis), hilum_vec3_dot(a, b)));
}

/* How far along the normal a movement on the screen leads. */
static double along_normal_mm(const HilumClip *clip, const HilumCamera *camera, HilumPoint2 from_px,
                              HilumPoint2 to_px, double mm)
{
  const HilumVec3 n = outward(clip);
  const double x = hilum_vec3_dot(n, camera->right), y = -hilum_vec3_dot(n, camera->up);
  const double dx = to_px.x - from_px.x, dy = to_px.y - from_px.y, seen = x * x + y * y;
  if (seen >= FLAT * FLAT) return (dx * x + dy * y) / seen * mm;
  return (hilum_vec3_dot(n, camera->back) >= 0 ? dy : -dy) * mm; /* up: away */
}

void hilum_clip_drag(HilumClip *clip, HilumClipGrip grip, const HilumCamera *camera, HilumPoint2 from_px,
                     HilumPoint2 to_px, int width_px, int height_px)
{
  const double mm = mm_per_px(camera, clip->point_mm, height_px);
  const HilumVec3 a = on_screen(camera, clip->point_mm, from_px, width_px, height_px);
  const HilumVec3 b = on_screen(camera, clip->point_mm, to_px, width_px, height_px);
  const bool ball = clip->kind == HILUM_CLIP_SPHERE;
  if (grip == HILUM_CLIP_GRIP_PLACE && ball)
    clip->point_mm = hilum_vec3_add(clip->point_mm, hilum_vec3_sub(b, a));
  else if (grip == HILUM_CLIP_GRIP_PLACE)
    drag_knob(clip, camera, from_px, to_px, width_px, height_px);
  else if (grip == HILUM_CLIP_GRIP_DEPTH && ball)
    hilum_clip_shift(clip, hilum_vec3_distance(b, clip->point_mm) - hilum_vec3_distance(a, clip->point_mm));
  else if (grip == HILUM_CLIP_GRIP_DEPTH)
    hilum_clip_shift(clip, along_normal_mm(clip, camera, from_px, to_px, mm));
}

void hilum_clip_push(HilumClip *clip, HilumClipGrip grip, const HilumCamera *camera, HilumPoint2 from_px,
                     HilumPoint2 to_px, int height_px)
{
  const double dx = to_px.x - from_px.x, dy = to_px.y - from_px.y;
  const double mm = mm_per_px(camera, clip->point_mm, height_px);
  if (grip == HILUM_CLIP_GRIP_DEPTH && clip->kind == HILUM_CLIP_SPHERE) {
    hilum_clip_shift(clip, -dy * mm); /* up: larger */
  } else if (grip == HILUM_CLIP_GRIP_DEPTH) {
    hilum_clip_shift(clip, along_normal_mm(clip, camera, from_px, to_px, mm));
  } else if (grip == HILUM_CLIP_GRIP_PLACE && clip->kind == HILUM_CLIP_SPHERE) {
    clip->point_mm = hilum_vec3_madd(clip->point_mm, dx * mm, camera->right);
    clip->point_mm = hilum_vec3_madd(clip->point_mm, -dy * mm, camera->up);
  } else if (grip == HILUM_CLIP_GRIP_PLACE) {
    hilum_clip_turn(clip, camera->up, dx * RAD_PER_PX);
    hilum_clip_turn(clip, camera->right, dy * RAD_PER_PX);
  }
}

/* --- where it shows --- */

static HilumClipTrace trace_plane(const HilumClip *clip, const HilumSliceState *slice)
{
  HilumClipTrace trace = {.kind = HILUM_TRACE_NONE};
  const HilumVec3 n = outward(clip), o = hilum_slice_state_widget_to_mm(slice, 0, 0);
  const double f0 = hilum_vec3_dot(n, hilum_vec3_sub(o, clip->point_mm));
  const double fx = hilum_vec3_dot(n, hilum_vec3_sub(hilum_slice_state_widget_to_mm(slice, 1, 0), o));
  const double fy = hilum_vec3_dot(n, hilum_vec3_sub(hilum_slice_state_widget_to_mm(slice, 0, 1), o));
  const double steep = hypot(fx, fy), w = slice->width_px, h = slice->height_px, reach = hypot(w, h);
  if (!(steep * slice->px_per_mm > 1e-3)) return trace; /* they are parallel */
  /* The foot of the pane's middle on the line. */
  const double off = (f0 + fx * w / 2 + fy * h / 2) / steep, x = fx / steep, y = fy / steep;
  if (fabs(off) > reach) return trace;
  const HilumPoint2 foot = {w / 2 - off * x, h / 2 - off * y};
  trace.kind = HILUM_TRACE_LINE;
  trace.a = (HilumPoint2){foot.x - reach * y, foot.y + reach * x};
  trace.b = (HilumPoint2){foot.x + reach * y, foot.y - reach * x};
  trace.stays = (HilumPoint2){-x, -y};
  return trace;
}

HilumClipTrace hilum_clip_trace(const HilumClip *clip, const HilumSliceState *slice)
{
  HilumClipTrace trace = {.kind = HILUM_TRACE_NONE};
  if (clip->kind == HILUM_CLIP_PLANE) return trace_plane(clip, slice);
  if (clip->kind != HILUM_CLIP_SPHERE) return trace;
  double off;
  hilum_slice_state_mm_to_widget(slice, clip->point_mm, &trace.a.x, &trace.a.y, &off);
  if (!(fabs(off) < clip->radius_mm)) return trace;
  trace.kind = HILUM_TRACE_CIRCLE;
  trace.radius_px = sqrt(clip->radius_mm * clip->radius_mm - off * off) * slice->px_per_mm;
  return trace;
}

int hilum_clip_ray(const HilumCutter *cutter, bool inside_goes, HilumRay ray, double t[2][2])
{
  const HilumVec3 d = hilum_vec3_sub(ray.origin, cutter->point_mm);
  if (cutter->kind == HILUM_CUTTER_PLANE) { /* what is below stays */
    const double height = hilum_vec3_dot(d, cutter->normal), slope = hilum_vec3_dot(ray.dir, cutter->normal);
    t[0][0] = 0;
    t[0][1] = INFINITY;
    if (slope == 0) return height < 0;
    if (slope < 0)
      t[0][0] = fmax(-height / slope, 0);
    else
      t[0][1] = -height / slope;
    return t[0][1] > t[0][0];
  }
  const double a = hilum_vec3_dot(ray.dir, ray.dir), b = hilum_vec3_dot(d, ray.dir),
               c = hilum_vec3_dot(d, d) - cutter->radius_mm * cutter->radius_mm, root2 = b * b - a * c;
  if (root2 <= 0) {
    t[0][0] = 0;
    t[0][1] = INFINITY;
    return inside_goes;
  }
  const double in = (-b - sqrt(root2)) / a, out = (-b + sqrt(root2)) / a;
  int n = 0;
  if (!inside_goes) {
    t[0][0] = fmax(in, 0);
    t[0][1] = out;
    return out > t[0][0];
  }
  if (in > 0) {
    t[n][0] = 0;
    t[n++][1] = in;
  }
  t[n][0] = fmax(out, 0);
  t[n++][1] = INFINITY;
  return n;
}
