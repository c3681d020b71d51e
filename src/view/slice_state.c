/* Which grid plane a pane shows and the maps between widget, image, voxel and patient. */
#include "hilum/view/slice_state.h"

#include "hilum/view/cursor.h"

#include <string.h>

#define MIN_PX_PER_MM 0.05
#define MAX_PX_PER_MM 200.0
#define FIT_MARGIN 0.96
#define LETTER_THRESHOLD 0.1

/* Anatomical axis (0 x, 1 y, 2 z) across, down and through each pane, and the patient direction, as a sign in
 * LPS, that screen right and screen down have. */
static const struct {
  const char *name;
  int across, across_sign, down, down_sign, through;
} PANES[HILUM_SLICE_PLANES] = {
    [HILUM_SLICE_AXIAL] = {"axial", 0, +1, 1, +1, 2},
    [HILUM_SLICE_SAGITTAL] = {"sagittal", 1, +1, 2, -1, 0},
    [HILUM_SLICE_CORONAL] = {"coronal", 0, +1, 2, -1, 1},
};

const char *hilum_slice_plane_name(HilumSlicePlane plane)
{
  g_return_val_if_fail(plane < HILUM_SLICE_PLANES, "3d");
  return PANES[plane].name;
}

static double component(HilumVec3 v, int axis)
{
  return axis == 0 ? v.x : axis == 1 ? v.y : v.z;
}

static double at_axis(HilumIndexPos p, int axis)
{
  return axis == 0 ? p.i : axis == 1 ? p.j : p.k;
}

static void put_axis(HilumIndexPos *p, int axis, double value)
{
  *(axis == 0 ? &p->i : axis == 1 ? &p->j : &p->k) = value;
}

static int sign_along(const HilumGrid *grid, int grid_axis, int patient_axis)
{
  return component(grid->axes[grid_axis], patient_axis) < 0 ? -1 : 1;
}

static void choose_axes(HilumSliceState *s)
{
  int axis_of[3];
  hilum_grid_anatomical_axes(&s->grid, axis_of);
  s->u_axis = axis_of[PANES[s->plane].across];
  s->v_axis = axis_of[PANES[s->plane].down];
  s->n_axis = axis_of[PANES[s->plane].through];
  s->u_sign = PANES[s->plane].across_sign * sign_along(&s->grid, s->u_axis, PANES[s->plane].across);
  s->v_sign = PANES[s->plane].down_sign * sign_along(&s->grid, s->v_axis, PANES[s->plane].down);
  s->n_sign = sign_along(&s->grid, s->n_axis, PANES[s->plane].through);
}

void hilum_slice_state_init(HilumSliceState *state, HilumSlicePlane plane, const HilumGrid *grid)
{
  g_return_if_fail(plane < HILUM_SLICE_PLANES);
  int width = state->width_px, height = state->height_px;
  memset(state, 0, sizeof *state);
  state->plane = plane;
  state->grid = *grid;
  choose_axes(state);
  state->slice = grid->dims[state->n_axis] / 2;
  state->width_px = MAX(width, 1);
  state->height_px = MAX(height, 1);
  hilum_slice_state_fit(state);
}

void hilum_slice_state_set_grid(HilumSliceState *state, const HilumGrid *grid)
{
  HilumVec3 middle = hilum_slice_state_widget_to_mm(state, state->width_px / 2.0, state->height_px / 2.0);
  state->grid = *grid;
  choose_axes(state);
  HilumIndexPos p = hilum_grid_from_mm(grid, middle);
  state->center_u = at_axis(p, state->u_axis);
  state->center_v = at_axis(p, state->v_axis);
  hilum_slice_state_go_to_mm(state, middle);
  if (state->fitted) hilum_slice_state_fit(state);
}

void hilum_slice_state_set_size(HilumSliceState *state, int width_px, int height_px)
{
  state->width_px = MAX(width_px, 1);
  state->height_px = MAX(height_px, 1);
  if (state->fitted) hilum_slice_state_fit(state);
}

void hilum_slice_state_fit(HilumSliceState *state)
{
  const HilumGrid *g = &state->grid;
  double w_mm = g->dims[state->u_axis] * g->spacing_mm[state->u_axis];
  double h_mm = g->dims[state->v_axis] * g->spacing_mm[state->v_axis];
  double px = FIT_MARGIN * MIN(state->width_px / w_mm, state->height_px / h_mm);
  state->px_per_mm = CLAMP(px, MIN_PX_PER_MM, MAX_PX_PER_MM);
  state->center_u = (g->dims[state->u_axis] - 1) / 2.0;
  state->center_v = (g->dims[state->v_axis] - 1) / 2.0;
  state->fitted = true;
}

int32_t hilum_slice_state_count(const HilumSliceState *state)
{
  return state->grid.dims[state->n_axis];
}

bool hilum_slice_state_set_slice(HilumSliceState *state, int32_t slice)
{
  int32_t before = state->slice;
  state->slice = CLAMP(slice, 0, hilum_slice_state_count(state) - 1);
  return state->slice != before;
}

bool hilum_slice_state_step(HilumSliceState *state, int steps)
{
  int64_t slice = (int64_t)state->slice + (int64_t)steps * state->n_sign;
  return hilum_slice_state_set_slice(state, (int32_t)CLAMP(slice, 0, hilum_slice_state_count(state) - 1));
}

int32_t hilum_slice_state_get_position(const HilumSliceState *state)
{
  return state->n_sign > 0 ? state->slice : hilum_slice_state_count(state) - 1 - state->slice;
}

bool hilum_slice_state_set_position(HilumSliceState *state, int32_t position)
{
  int32_t last = hilum_slice_state_count(state) - 1;
  position = CLAMP(position, 0, last);
  return hilum_slice_state_set_slice(state, state->n_sign > 0 ? position : last - position);
}

bool hilum_slice_state_go_to_mm(HilumSliceState *state, HilumVec3 point_mm)
{
  double p = at_axis(hilum_grid_from_mm(&state->grid, point_mm), state->n_axis);
  p = CLAMP(floor(p + 0.5), 0.0, (double)(hilum_slice_state_count(state) - 1));
  return hilum_slice_state_set_slice(state, (int32_t)p);
}

/* Image units along u (v) per widget pixel, signed. */
static double u_per_px(const HilumSliceState *s)
{
  return s->u_sign / (s->px_per_mm * s->grid.spacing_mm[s->u_axis]);
}
static double v_per_px(const HilumSliceState *s)
{
  return s->v_sign / (s->px_per_mm * s->grid.spacing_mm[s->v_axis]);
}

void hilum_slice_state_pan(HilumSliceState *state, double dx_px, double dy_px)
{
  state->center_u -= dx_px * u_per_px(state);
  state->center_v -= dy_px * v_per_px(state);
  state->fitted = false;
}

void hilum_slice_state_zoom(HilumSliceState *state, double factor, double x_px, double y_px)
{
  if (!(factor > 0)) return;
  HilumIndexPos before = hilum_slice_state_widget_to_index(state, x_px, y_px);
  state->px_per_mm = CLAMP(state->px_per_mm * factor, MIN_PX_PER_MM, MAX_PX_PER_MM);
  HilumIndexPos after = hilum_slice_state_widget_to_index(state, x_px, y_px);
  state->center_u += at_axis(before, state->u_axis) - at_axis(after, state->u_axis);
  state->center_v += at_axis(before, state->v_axis) - at_axis(after, state->v_axis);
  state->fitted = false;
}

void hilum_slice_state_center_on(HilumSliceState *state, HilumVec3 point_mm)
{
  HilumIndexPos p = hilum_grid_from_mm(&state->grid, point_mm);
  state->center_u = at_axis(p, state->u_axis);
  state->center_v = at_axis(p, state->v_axis);
  state->fitted = false;
}

HilumIndexPos hilum_slice_state_widget_to_index(const HilumSliceState *state, double x_px, double y_px)
{
  HilumIndexPos p = {0, 0, 0};
  put_axis(&p, state->u_axis, state->center_u + (x_px - state->width_px / 2.0) * u_per_px(state));
  put_axis(&p, state->v_axis, state->center_v + (y_px - state->height_px / 2.0) * v_per_px(state));
  put_axis(&p, state->n_axis, state->slice);
  return p;
}

void hilum_slice_state_index_to_widget(const HilumSliceState *state, HilumIndexPos position, double *x_px,
                                       double *y_px)
{
  *x_px = state->width_px / 2.0 + (at_axis(position, state->u_axis) - state->center_u) / u_per_px(state);
  *y_px = state->height_px / 2.0 + (at_axis(position, state->v_axis) - state->center_v) / v_per_px(state);
}

HilumVec3 hilum_slice_state_widget_to_mm(const HilumSliceState *state, double x_px, double y_px)
{
  return hilum_grid_to_mm(&state->grid, hilum_slice_state_widget_to_index(state, x_px, y_px));
}

void hilum_slice_state_mm_to_widget(const HilumSliceState *state, HilumVec3 point_mm, double *x_px,
                                    double *y_px, double *distance_mm)
{
  HilumIndexPos p = hilum_grid_from_mm(&state->grid, point_mm);
  hilum_slice_state_index_to_widget(state, p, x_px, y_px);
  if (distance_mm)
    *distance_mm = (at_axis(p, state->n_axis) - state->slice) * state->grid.spacing_mm[state->n_axis];
}

bool hilum_slice_state_widget_to_voxel(const HilumSliceState *state, double x_px, double y_px,
                                       HilumVoxel *voxel)
{
  HilumIndexPos p = hilum_slice_state_widget_to_index(state, x_px, y_px);
  double r[3] = {floor(p.i + 0.5), floor(p.j + 0.5), floor(p.k + 0.5)};
  for (int a = 0; a < 3; a++)
    if (!(r[a] >= 0 && r[a] < state->grid.dims[a])) return false;
  *voxel = (HilumVoxel){(int32_t)r[0], (int32_t)r[1], (int32_t)r[2]};
  return true;
}

HilumVec3 hilum_slice_state_right(const HilumSliceState *state)
{
  return hilum_vec3_scale(state->grid.axes[state->u_axis], state->u_sign);
}

HilumVec3 hilum_slice_state_down(const HilumSliceState *state)
{
  return hilum_vec3_scale(state->grid.axes[state->v_axis], state->v_sign);
}

HilumVec3 hilum_slice_state_normal(const HilumSliceState *state)
{
  return state->grid.axes[state->n_axis];
}

HilumPlane hilum_slice_state_plane(const HilumSliceState *state)
{
  HilumIndexPos p = {0, 0, 0};
  put_axis(&p, state->n_axis, state->slice);
  HilumVec3 n = hilum_slice_state_normal(state);
  return (HilumPlane){n, hilum_vec3_dot(n, hilum_grid_to_mm(&state->grid, p))};
}

void hilum_slice_state_corners_mm(const HilumSliceState *state, HilumVec3 corners[4])
{
  double last_u = state->grid.dims[state->u_axis] - 0.5, last_v = state->grid.dims[state->v_axis] - 0.5;
  double left = state->u_sign > 0 ? -0.5 : last_u, right = state->u_sign > 0 ? last_u : -0.5;
  double top = state->v_sign > 0 ? -0.5 : last_v, bottom = state->v_sign > 0 ? last_v : -0.5;
  const double u[4] = {left, right, right, left}, v[4] = {top, top, bottom, bottom};
  for (int c = 0; c < 4; c++) {
    HilumIndexPos p = {0, 0, 0};
    put_axis(&p, state->u_axis, u[c]);
    put_axis(&p, state->v_axis, v[c]);
    put_axis(&p, state->n_axis, state->slice);
    corners[c] = hilum_grid_to_mm(&state->grid, p);
  }
}

HilumSliceLetters hilum_slice_state_letters(const HilumSliceState *state)
{
  HilumSliceLetters l;
  HilumVec3 right = hilum_slice_state_right(state), down = hilum_slice_state_down(state);
  hilum_orientation_letters(right, LETTER_THRESHOLD, l.right);
  hilum_orientation_letters(hilum_vec3_scale(right, -1), LETTER_THRESHOLD, l.left);
  hilum_orientation_letters(down, LETTER_THRESHOLD, l.bottom);
  hilum_orientation_letters(hilum_vec3_scale(down, -1), LETTER_THRESHOLD, l.top);
  return l;
}

char *hilum_slice_state_dup_position_text(const HilumSliceState *state)
{
  HilumIndexPos p = {0, 0, 0};
  put_axis(&p, state->u_axis, (state->grid.dims[state->u_axis] - 1) / 2.0);
  put_axis(&p, state->v_axis, (state->grid.dims[state->v_axis] - 1) / 2.0);
  put_axis(&p, state->n_axis, state->slice);
  int axis = PANES[state->plane].through;
  return hilum_coordinate_dup_text(axis, component(hilum_grid_to_mm(&state->grid, p), axis));
}

double hilum_slice_state_ruler_mm(const HilumSliceState *state, double max_px, double *length_px)
{
  static const double LENGTHS[] = {1, 2, 5, 10, 20, 50, 100};
  double mm = LENGTHS[0];
  for (size_t i = 0; i < G_N_ELEMENTS(LENGTHS); i++)
    if (LENGTHS[i] * state->px_per_mm <= max_px) mm = LENGTHS[i];
  if (length_px) *length_px = mm * state->px_per_mm;
  return mm;
}
