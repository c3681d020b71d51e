/* Steps that draw, as the window's tools of the same names do: a polygon in a slice, a cut through the
 * volume, a level contour. Points are LPS millimetres. */
#include "step_private.h"

#include "hilum/segment/error.h"
#include "hilum/segment/level_trace.h"
#include "hilum/segment/scissors.h"

/* Words of the options, in the order of what they stand for. */
enum { DRAW_ADD, DRAW_ERASE, DRAW_REPLACE };
enum { CUT_INSIDE, CUT_OUTSIDE };

static bool fail(GError **error, const char *sentence)
{
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID, sentence);
  return false;
}

/* --- in a slice --- */

/* What was drawn in one slice goes into the working mask. */
static void take_drawn(HilumStepRun *run, int choice, int n_axis, int32_t slice, const HilumMask *drawn)
{
  HilumMask *working = run->working;
  HilumVoxelBox box = {{0, 0, 0}, {working->dims[0], working->dims[1], working->dims[2]}};
  box.lo[n_axis] = slice;
  box.hi[n_axis] = slice + 1;
  if (choice == DRAW_REPLACE)
    for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
      for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
        hilum_mask_clear_span(working, box.lo[0], box.hi[0], j, k);
  if (choice == DRAW_ERASE)
    hilum_mask_and_not(working, drawn);
  else
    hilum_mask_or(working, drawn);
}

static bool draw_polygon(HilumStepRun *run, const HilumPolygon *polygon, int choice, int n_axis,
                         int32_t slice, GError **error)
{
  g_autoptr(HilumMask) drawn = hilum_mask_new(run->grid->dims, error);
  if (drawn == NULL) return false;
  hilum_polygon_fill_slice(polygon, n_axis, slice, drawn, NULL);
  take_drawn(run, choice, n_axis, slice, drawn);
  return true;
}

/* The slice that all points of the step lie in, to half a voxel. */
static bool find_slice(const HilumStepRun *run, const HilumStep *step, int *n_axis, int32_t *slice,
                       GError **error)
{
  const HilumVec3 *points = (const HilumVec3 *)(void *)step->points_mm->data;
  const HilumVec3 normal = hilum_polygon_normal(points, step->points_mm->len);
  *n_axis = 0;
  for (int a = 1; a < 3; a++)
    if (fabs(hilum_vec3_dot(normal, run->grid->axes[a])) >
        fabs(hilum_vec3_dot(normal, run->grid->axes[*n_axis])))
      *n_axis = a;
  for (guint p = 0; p < step->points_mm->len; p++) {
    const HilumVoxel v = hilum_grid_voxel_at_mm(run->grid, points[p]);
    const int32_t at = *n_axis == 0 ? v.i : *n_axis == 1 ? v.j : v.k;
    if (p == 0) *slice = at;
    if (at != *slice) return fail(error, "The outline's points do not lie in one slice of the volume.");
  }
  if (*slice < 0 || *slice >= run->grid->dims[*n_axis])
    return fail(error, "The outline lies outside the volume.");
  return true;
}

static bool run_lasso(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  int n_axis;
  int32_t slice = 0;
  if (step->points_mm->len < 3) return fail(error, "An outline needs at least three points.");
  if (!find_slice(run, step, &n_axis, &slice, error)) return false;
  g_autofree HilumPoint2 *flat = g_new(HilumPoint2, step->points_mm->len);
  for (guint p = 0; p < step->points_mm->len; p++)
    flat[p] = hilum_slice_point_from_mm(run->grid, n_axis, g_array_index(step->points_mm, HilumVec3, p));
  const HilumPolygon polygon = {flat, step->points_mm->len, step->fill_rule};
  return draw_polygon(run, &polygon, step->choice, n_axis, slice, error);
}

static bool run_trace(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  static const int PATIENT_AXIS[] = {2, 0, 1}; /* across axial, sagittal, coronal */
  int axis_of[3];
  size_t n;
  g_autofree HilumVoxel *at = hilum_step_dup_seeds(run, step, &n, error);
  if (at == NULL || !hilum_step_need_volume(run, error)) return false;
  hilum_grid_anatomical_axes(run->grid, axis_of);
  const int n_axis = axis_of[PATIENT_AXIS[step->plane]];
  const HilumTraceSide side = step->dark ? HILUM_TRACE_DARK : HILUM_TRACE_BRIGHT;
  g_autoptr(GArray) outline = hilum_level_trace(run->volume, at[0], n_axis, side, NULL, error);
  if (outline == NULL) return false;
  const HilumPolygon polygon = {(const HilumPoint2 *)(void *)outline->data, outline->len,
                                HILUM_FILL_EVEN_ODD};
  const int32_t slices[3] = {at[0].i, at[0].j, at[0].k};
  return draw_polygon(run, &polygon, step->choice, n_axis, slices[n_axis], error);
}

/* --- through the volume --- */

static HilumVec3 middle_of(const GArray *points_mm)
{
  HilumVec3 sum = {0, 0, 0};
  for (guint p = 0; p < points_mm->len; p++)
    sum = hilum_vec3_add(sum, g_array_index(points_mm, HilumVec3, p));
  return hilum_vec3_scale(sum, 1.0 / points_mm->len);
}

/* Parallel along `direction`, or in perspective from an eye that looks that way: w is then the depth. */
static HilumMat4 view_of(const HilumStep *step, HilumVec3 direction)
{
  HilumMat4 view = hilum_scissors_view_along(direction);
  if (!step->has_eye) return view;
  view = hilum_mat4_mul(view, hilum_mat4_translation(hilum_vec3_scale(step->eye_mm, -1)));
  for (int column = 0; column < 4; column++)
    view.m[4 * column + 3] = view.m[4 * column + 2];
  return view;
}

static bool run_cut(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  const GArray *points = step->points_mm;
  if (points->len < 3) return fail(error, "An outline needs at least three points.");
  const HilumVec3 middle = middle_of(points);
  HilumVec3 direction = step->has_eye ? hilum_vec3_sub(middle, step->eye_mm)
                        : step->has_along
                            ? step->along
                            : hilum_polygon_normal((const HilumVec3 *)(void *)points->data, points->len);
  direction = hilum_vec3_normalize(direction);
  if (!(hilum_vec3_length(direction) > 0.5))
    return fail(error, "The outline has no area, so it has no direction to cut in.");
  HilumScissors cut = {.to_screen = view_of(step, direction),
                       .polygon = {NULL, points->len, step->fill_rule},
                       .outside = step->choice == CUT_OUTSIDE};
  g_autofree HilumPoint2 *flat = g_new(HilumPoint2, points->len);
  for (guint p = 0; p < points->len; p++)
    if (!hilum_scissors_project(&cut.to_screen, g_array_index(points, HilumVec3, p), &flat[p]))
      return fail(error, "A point of the outline lies behind the eye.");
  cut.polygon.points = flat;
  if (step->depth_mm > 0) {
    const double at = hilum_vec3_dot(direction, middle);
    cut.has_depth = true;
    cut.depth_axis = direction;
    cut.depth_lo = at - step->depth_mm / 2;
    cut.depth_hi = at + step->depth_mm / 2;
  }
  g_autoptr(HilumMask) gone = hilum_mask_copy(run->working, error);
  if (gone == NULL || !hilum_scissors_cut(&cut, run->grid, gone, progress, error)) return false;
  hilum_mask_and_not(run->working, gone);
  return true;
}

static const char *const lasso_options[] = {"draw", "fill-rule", NULL},
                         *const trace_options[] = {"draw", "plane", "toward", NULL},
                         *const cut_options[] = {"side", "fill-rule", "along", "eye", "depth", NULL};

const HilumStepOp hilum_step_outline_ops[] = {
    {.name = "lasso", .value = {HILUM_STEP_VALUE_POINTS}, .options = lasso_options, .run = run_lasso},
    {.name = "cut", .value = {HILUM_STEP_VALUE_POINTS}, .options = cut_options, .run = run_cut},
    {.name = "trace",
     .value = {HILUM_STEP_VALUE_POINT},
     .options = trace_options,
     .reads_images = true,
     .run = run_trace},
    {.name = NULL}};

/* --- the options --- */

static void store_choice(HilumStep *step, const HilumStep *parsed)
{
  step->choice = (int)parsed->amount;
}

static void store_fill_rule(HilumStep *step, const HilumStep *parsed)
{
  step->fill_rule = (HilumFillRule)parsed->amount;
}

static void store_plane(HilumStep *step, const HilumStep *parsed)
{
  step->plane = (int)parsed->amount;
}

static void store_toward(HilumStep *step, const HilumStep *parsed)
{
  step->dark = parsed->amount > 0;
}

static void store_along(HilumStep *step, const HilumStep *parsed)
{
  step->has_along = true;
  step->along = g_array_index(parsed->points_mm, HilumVec3, 0);
}

static void store_eye(HilumStep *step, const HilumStep *parsed)
{
  step->has_eye = true;
  step->eye_mm = g_array_index(parsed->points_mm, HilumVec3, 0);
}

static bool has_view(const HilumStep *step)
{
  return step->has_along || step->has_eye;
}

static void store_depth(HilumStep *step, const HilumStep *parsed)
{
  step->depth_mm = parsed->amount;
}

static const char *const
    draws[] = {"add", "erase", "replace", NULL},
    *const sides[] = {"inside", "outside", NULL}, *const fill_rules[] = {"even-odd", "nonzero", NULL},
    *const planes[] = {"axial", "sagittal", "coronal", NULL}, *const towards[] = {"bright", "dark", NULL};
#define VIEW "a direction or an eye"

const HilumStepOption hilum_step_outline_options[] = {
    {"draw", {.kind = HILUM_STEP_VALUE_WORD, .words = draws}, store_choice, NULL, NULL},
    {"side", {.kind = HILUM_STEP_VALUE_WORD, .words = sides}, store_choice, NULL, NULL},
    {"fill-rule", {.kind = HILUM_STEP_VALUE_WORD, .words = fill_rules}, store_fill_rule, NULL, NULL},
    {"plane", {.kind = HILUM_STEP_VALUE_WORD, .words = planes}, store_plane, NULL, NULL},
    {"toward", {.kind = HILUM_STEP_VALUE_WORD, .words = towards}, store_toward, NULL, NULL},
    {"along", {.kind = HILUM_STEP_VALUE_POINT}, store_along, has_view, VIEW},
    {"eye", {.kind = HILUM_STEP_VALUE_POINT}, store_eye, has_view, VIEW},
    {"depth", {.kind = HILUM_STEP_VALUE_AMOUNT, .max = 2000, .unit = "mm"}, store_depth, NULL, NULL},
    {NULL, {0}, NULL, NULL, NULL}};
