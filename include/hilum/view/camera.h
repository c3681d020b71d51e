/* An orbit camera over patient space: it looks at a target in LPS millimetres from a distance, with a frame
 * of three unit vectors. A small value: copy it, compare it, keep it in the case. Widget positions are pixels
 * from the top left corner, y down; sizes are those of the same widget. Any thread. */
#pragma once

#include "hilum/geom/mat4.h"
#include "hilum/geom/ray.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_VIEW_ANTERIOR,
  HILUM_VIEW_POSTERIOR,
  HILUM_VIEW_LEFT,
  HILUM_VIEW_RIGHT,
  HILUM_VIEW_SUPERIOR,
  HILUM_VIEW_INFERIOR,
  HILUM_STANDARD_VIEWS
} HilumStandardView;

typedef enum {
  HILUM_ORBIT_TRACKBALL, /* any axis; the picture follows the hand */
  HILUM_ORBIT_TURNTABLE  /* about the patient's long axis and the screen's horizontal: never rolls */
} HilumOrbit;

typedef struct {
  HilumVec3 target_mm;
  HilumVec3 right, up, back; /* orthonormal, right-handed: screen right, screen up, towards the viewer */
  double distance_mm;        /* eye to target */
  double fovy_rad;           /* also sets the scale in orthographic: both show the same at the target */
  bool orthographic;
} HilumCamera;

/* Anterior view of the origin from 500 mm, 25 degrees, perspective. */
HilumCamera hilum_camera_new(void);

/* "anterior" ... as `hilum-cli render --view` writes them; untranslated. */
const char *hilum_standard_view_name(HilumStandardView view);
bool hilum_standard_view_parse(const char *name, HilumStandardView *view);
/* Turns to the view, keeping target, distance and projection. Anterior, posterior, left and right have
 * superior up; superior and inferior have anterior up. */
void hilum_camera_set_view(HilumCamera *camera, HilumStandardView view);
/* Moves so that the whole box just fits, seen from the present direction. An empty box changes nothing. */
void hilum_camera_fit(HilumCamera *camera, HilumBox box_mm, int width_px, int height_px);

/* A drag from one widget position to another. */
void hilum_camera_rotate(HilumCamera *camera, HilumOrbit orbit, double x0_px, double y0_px, double x1_px,
                         double y1_px, int width_px, int height_px);
/* The point of the target plane under the pointer stays under it. */
void hilum_camera_pan(HilumCamera *camera, double dx_px, double dy_px, int height_px);
/* factor > 1 magnifies; what lies in the target plane under (x, y) stays there. Clamped to 1 mm..100 m. */
void hilum_camera_zoom(HilumCamera *camera, double factor, double x_px, double y_px, int width_px,
                       int height_px);
/* Millimetres per pixel in the target plane. */
double hilum_camera_mm_per_px(const HilumCamera *camera, int height_px);

HilumVec3 hilum_camera_eye_mm(const HilumCamera *camera);
/* World to eye space, relative to `origin_mm`: positions handed to it are (world - origin), so that floats on
 * the GPU stay small. */
HilumMat4 hilum_camera_view_matrix(const HilumCamera *camera, HilumVec3 origin_mm);
/* Near and far planes enclose `scene_mm` as tightly as is useful. */
HilumMat4 hilum_camera_projection(const HilumCamera *camera, HilumBox scene_mm, double aspect);

/* From the eye (perspective) or from far before the scene (orthographic) through a widget position; unit
 * direction. */
HilumRay hilum_camera_ray(const HilumCamera *camera, double x_px, double y_px, int width_px, int height_px);
/* Where a point appears; false if it lies behind the eye. */
bool hilum_camera_project(const HilumCamera *camera, HilumVec3 point_mm, int width_px, int height_px,
                          double *x_px, double *y_px);
/* The same as a matrix from LPS mm to homogeneous widget pixels: x/w, y/w; w > 0 before the eye, and the
 * third coordinate grows away from the viewer. */
HilumMat4 hilum_camera_screen_matrix(const HilumCamera *camera, int width_px, int height_px);
/* The side of the patient that faces the viewer: "A", "P", "L", "R", "S", "I", two or three letters if
 * oblique. */
void hilum_camera_letters(const HilumCamera *camera, char out[4]);

G_END_DECLS
