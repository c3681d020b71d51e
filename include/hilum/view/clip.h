/* Where models are cut open, and the hand that moves the cut: along a slice, along a plane of any direction,
 * or about a point. Small values and pure functions; any thread. Widget positions are pixels from the top
 * left corner, y down. */
#pragma once

#include "hilum/mesh/section.h"
#include "hilum/segment/polygon.h"
#include "hilum/view/camera.h"
#include "hilum/view/slice_state.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_CLIP_NONE,
  HILUM_CLIP_SLICE,  /* at a slice, wherever that is moved */
  HILUM_CLIP_PLANE,  /* a plane of its own */
  HILUM_CLIP_SPHERE, /* what lies within some millimetres of a point, or all but that */
  HILUM_CLIP_KINDS
} HilumClipKind;

typedef struct {
  HilumClipKind kind;
  HilumSlicePlane plane; /* SLICE */
  HilumVec3 point_mm;    /* PLANE: where it is held; SPHERE: its middle. LPS */
  HilumVec3 normal;      /* PLANE: unit, towards what is taken away */
  double radius_mm;      /* SPHERE */
  /* SLICE: what lies towards inferior, right or anterior is taken away, else the other; PLANE: what the
   * normal points away from; SPHERE: what lies inside, else what lies outside. */
  bool other_side;
} HilumClip;

#define HILUM_CLIP_LEAST_MM 1.0 /* radius */
#define HILUM_CLIP_MOST_MM 500.0

bool hilum_clip_equal(const HilumClip *a, const HilumClip *b);
/* True if a file may have said so: every number finite and in its range. */
bool hilum_clip_is_valid(const HilumClip *clip);
/* Of a plane or a sphere: what section and picture use. What is above a plane goes; of a sphere
 * clip->other_side says which part. */
HilumCutter hilum_clip_cutter(const HilumClip *clip);

/* --- moving it --- */
/* A plane through the point, looked at squarely; what is before it goes. */
HilumClip hilum_clip_facing(const HilumCamera *camera, HilumVec3 point_mm);
/* A plane along what is taken away, above zero towards it; a sphere's radius, clamped. */
void hilum_clip_shift(HilumClip *clip, double mm);
/* Turns a plane about an axis (of any length) through the point at which it is held. */
void hilum_clip_turn(HilumClip *clip, HilumVec3 axis, double angle_rad);
/* A key: the plane's normal 5 degrees, or the sphere's middle 1 mm, towards screen right and up; the plane 1
 * mm away from the eye, or the sphere's radius 1 mm larger. `fine`: 1 degree and 0.1 mm. */
void hilum_clip_step(HilumClip *clip, const HilumCamera *camera, int right, int up, int deeper, bool fine);
/* How far a plane lies from a point, above zero if it lies on the side that goes. */
double hilum_clip_offset_mm(const HilumClip *clip, HilumVec3 from_mm);
void hilum_clip_set_offset_mm(HilumClip *clip, HilumVec3 from_mm, double mm);
/* The direction that a plane faces (what goes lies there), in degrees: about the long axis from anterior (0)
 * over left (90), -180..180; and up towards superior, -90..90. */
void hilum_clip_get_direction(const HilumClip *clip, double *around_deg, double *up_deg);
void hilum_clip_set_direction(HilumClip *clip, double around_deg, double up_deg);

/* --- the handle in 3D --- */
typedef enum {
  HILUM_CLIP_GRIP_NONE,
  HILUM_CLIP_GRIP_DEPTH, /* a plane's ring: along its normal; a sphere's rim: its radius */
  HILUM_CLIP_GRIP_PLACE  /* a plane's knob: tilts it; a sphere's middle: moves it */
} HilumClipGrip;

typedef struct {
  HilumPoint2 depth, place;  /* where to take hold */
  HilumPoint2 from;          /* PLANE: where the handle stands; SPHERE: as `place` */
  double depth_px, place_px; /* radii of the two */
  HilumPoint2 frame[4];      /* PLANE: a square of it about the handle */
} HilumClipHandle;

/* False if there is none: no free cut, or behind the eye. */
bool hilum_clip_get_handle(const HilumClip *clip, const HilumCamera *camera, int width_px, int height_px,
                           HilumClipHandle *handle);
HilumClipGrip hilum_clip_grip_at(const HilumClip *clip, const HilumCamera *camera, HilumPoint2 at_px,
                                 int width_px, int height_px);
/* The hand has gone from one position to another. Depth: as the normal is seen; a plane that faces the eye
 * goes away from it when the hand goes up. */
void hilum_clip_drag(HilumClip *clip, HilumClipGrip grip, const HilumCamera *camera, HilumPoint2 from_px,
                     HilumPoint2 to_px, int width_px, int height_px);
/* The same from anywhere in the pane, with a key held: half a degree, or the millimetres of a pixel, a pixel.
 */
void hilum_clip_push(HilumClip *clip, HilumClipGrip grip, const HilumCamera *camera, HilumPoint2 from_px,
                     HilumPoint2 to_px, int height_px);

/* --- where it shows --- */
typedef struct {
  enum { HILUM_TRACE_NONE, HILUM_TRACE_LINE, HILUM_TRACE_CIRCLE } kind;
  HilumPoint2 a, b;  /* LINE: its ends, beyond the widget's edges; CIRCLE: a is the middle */
  HilumPoint2 stays; /* LINE: unit, towards what stays */
  double radius_px;
} HilumClipTrace;

/* A free cut in a slice. */
HilumClipTrace hilum_clip_trace(const HilumClip *clip, const HilumSliceState *slice);

/* What of a ray is not cut away: up to two stretches of t, ascending; returns how many. `cutter` and
 * `inside_goes` as the workspace has them. */
int hilum_clip_ray(const HilumCutter *cutter, bool inside_goes, HilumRay ray, double t[2][2]);

G_END_DECLS
