/* What one 2D pane shows: which slice of which anatomical plane, how large and where. A small value. Slices
 * follow the voxels' own planes, so nothing is resampled: the axial pane of a tilted or coronally acquired
 * grid shows the grid plane closest to axial, and the letters tell its true directions. Radiological
 * convention: patient right on screen left; anterior up in axial, superior up in sagittal and coronal,
 * anterior on screen left in sagittal.
 *
 * Four spaces: widget pixels (top left, y down), image position (HilumIndexPos: voxel centres at integers),
 * voxels, LPS millimetres. Any thread. */
#pragma once

#include "hilum/geom/ray.h"
#include "hilum/volume/grid.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_SLICE_AXIAL,
  HILUM_SLICE_SAGITTAL,
  HILUM_SLICE_CORONAL,
  HILUM_SLICE_PLANES
} HilumSlicePlane;

typedef struct {
  HilumSlicePlane plane;
  HilumGrid grid;
  int u_axis, v_axis, n_axis; /* grid axes along screen right, screen down, and through the screen */
  int u_sign, v_sign;         /* +1 where the index grows to the right (down), else -1 */
  int n_sign;                 /* +1 where the index grows towards superior, left or posterior (+LPS) */
  int32_t slice;              /* index along n_axis */
  double px_per_mm;
  double center_u, center_v; /* image position (along u_axis, v_axis) at the middle of the widget */
  int width_px, height_px;
  bool fitted; /* fit follows the size of the widget until the user zooms or pans */
} HilumSliceState;

/* "axial", "sagittal", "coronal"; untranslated. */
const char *hilum_slice_plane_name(HilumSlicePlane plane);

/* Middle slice, fitted. `grid` must be valid. */
void hilum_slice_state_init(HilumSliceState *state, HilumSlicePlane plane, const HilumGrid *grid);
/* The same plane on another grid (another phase), keeping place, zoom and slice in millimetres. */
void hilum_slice_state_set_grid(HilumSliceState *state, const HilumGrid *grid);
/* Logical pixels of the widget. */
void hilum_slice_state_set_size(HilumSliceState *state, int width_px, int height_px);
/* The whole slice in view with a small margin. */
void hilum_slice_state_fit(HilumSliceState *state);

int32_t hilum_slice_state_count(const HilumSliceState *state);
/* Clamped; true if the slice changed. */
bool hilum_slice_state_set_slice(HilumSliceState *state, int32_t slice);
/* Steps towards superior / left / posterior (positive), whatever the direction of the index. */
bool hilum_slice_state_step(HilumSliceState *state, int steps);
/* 0 at the most inferior / right / anterior slice, counting up: what a slider shows. */
int32_t hilum_slice_state_get_position(const HilumSliceState *state);
bool hilum_slice_state_set_position(HilumSliceState *state, int32_t position);
/* Shows the slice that holds a point (clamped to the grid). */
bool hilum_slice_state_go_to_mm(HilumSliceState *state, HilumVec3 point_mm);

void hilum_slice_state_pan(HilumSliceState *state, double dx_px, double dy_px);
/* factor > 1 magnifies; what is under the pointer stays there. 0.05..200 px/mm. */
void hilum_slice_state_zoom(HilumSliceState *state, double factor, double x_px, double y_px);
/* Puts the point's place in this plane at the middle of the widget. */
void hilum_slice_state_center_on(HilumSliceState *state, HilumVec3 point_mm);

HilumIndexPos hilum_slice_state_widget_to_index(const HilumSliceState *state, double x_px, double y_px);
void hilum_slice_state_index_to_widget(const HilumSliceState *state, HilumIndexPos position, double *x_px,
                                       double *y_px);
HilumVec3 hilum_slice_state_widget_to_mm(const HilumSliceState *state, double x_px, double y_px);
/* The point is dropped onto the plane; *distance_mm (may be NULL) is signed, positive towards n_sign. */
void hilum_slice_state_mm_to_widget(const HilumSliceState *state, HilumVec3 point_mm, double *x_px,
                                    double *y_px, double *distance_mm);
/* False (voxel untouched) if the position lies outside the grid. */
bool hilum_slice_state_widget_to_voxel(const HilumSliceState *state, double x_px, double y_px,
                                       HilumVoxel *voxel);

/* Unit vectors in LPS: screen right, screen down, and +n. The plane goes through the voxel centres. */
HilumVec3 hilum_slice_state_right(const HilumSliceState *state);
HilumVec3 hilum_slice_state_down(const HilumSliceState *state);
HilumVec3 hilum_slice_state_normal(const HilumSliceState *state);
HilumPlane hilum_slice_state_plane(const HilumSliceState *state);
/* Four corners of the slice's voxel cells in mm: top left, top right, bottom right, bottom left on screen. */
void hilum_slice_state_corners_mm(const HilumSliceState *state, HilumVec3 corners[4]);

typedef struct {
  char left[4], right[4], top[4], bottom[4]; /* "R", and up to three letters where oblique */
} HilumSliceLetters;
HilumSliceLetters hilum_slice_state_letters(const HilumSliceState *state);

/* The slice's place along its normal, as the pane's title writes it: "S 30.0 mm", "I 12.5 mm" (of the slice's
 * middle, along the nearest anatomical axis). Owned by the caller; C locale. */
char *hilum_slice_state_dup_position_text(const HilumSliceState *state);

/* Longest of 1, 2, 5, 10, 20, 50, 100 mm that is at most `max_px` wide (1 mm if none is); returns mm. */
double hilum_slice_state_ruler_mm(const HilumSliceState *state, double max_px, double *length_px);

G_END_DECLS
