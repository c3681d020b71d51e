/* The grid of a stack of slices, from their positions and orientations alone (PS3.3 C.7.6.2): never from
 * SliceThickness, SpacingBetweenSlices or the gantry tilt attribute, which are often wrong. Tolerances are
 * those of docs/dicom.md. */
#include "geometry.h"

#include "steps.h"

#include "hilum/volume/volume.h"

#include <stdlib.h>
#include <string.h>

#define ORTHOGONAL_LIMIT 1e-3  /* beyond: refused */
#define ORTHOGONAL_NOTICE 1e-4 /* beyond: straightened with a warning */
#define EVEN_MM 0.01           /* rounding of positions */
#define SHEAR_LIMIT 1e-3       /* in-plane drift over the length of the stack */
#define SHIFT_LIMIT_MM 0.1     /* a single slice beside the line */
#define TILT_LIMIT_DEGREES 45  /* gantries tilt by 30; beyond, positions are wrong */
#define GROW_SLACK_PX 1e-3     /* a slice this little outside its pixels makes no new column */
#define SPACING_LIMIT_MM 10.0  /* pixels are never larger */

static const HilumRecord *slice_at(const GPtrArray *records, guint i)
{
  return g_ptr_array_index(records, i);
}

double hilum_slice_depth_mm(const HilumRecord *first, const HilumRecord *record)
{
  HilumVec3 normal = hilum_vec3_normalize(hilum_vec3_cross(first->row, first->column));
  return hilum_vec3_dot(record->position_mm, normal);
}

typedef struct {
  HilumRecord *record;
  double depth;
  bool placed;
} SortKey;

static int compare_keys(const void *a, const void *b)
{
  const SortKey *x = a, *y = b;
  if (x->placed != y->placed) return x->placed ? -1 : 1;
  if (x->placed && x->depth != y->depth) return x->depth < y->depth ? -1 : 1;
  int32_t i = hilum_record_int(x->record, HILUM_FIELD_INSTANCE_NUMBER, 0);
  int32_t j = hilum_record_int(y->record, HILUM_FIELD_INSTANCE_NUMBER, 0);
  if (i != j) return i < j ? -1 : 1;
  return g_strcmp0(x->record->path, y->record->path);
}

void hilum_slices_sort(GPtrArray *records)
{
  if (records->len < 2) return;
  SortKey *keys = g_new(SortKey, records->len);
  const HilumRecord *first = slice_at(records, 0);
  for (guint i = 0; i < records->len; i++) {
    HilumRecord *r = g_ptr_array_index(records, i);
    keys[i] = (SortKey){r, 0, r->has_position && r->has_orientation && first->has_orientation};
    if (keys[i].placed) keys[i].depth = hilum_slice_depth_mm(first, r);
  }
  qsort(keys, records->len, sizeof *keys, compare_keys);
  for (guint i = 0; i < records->len; i++)
    g_ptr_array_index(records, i) = keys[i].record;
  g_free(keys);
}

size_t hilum_slices_count_repeats(const GPtrArray *records)
{
  size_t repeats = 0;
  for (guint i = 1; i < records->len; i++) {
    const HilumRecord *first = slice_at(records, 0), *a = slice_at(records, i - 1), *b = slice_at(records, i);
    if (!a->has_position || !b->has_position || !first->has_orientation) continue;
    if (hilum_slice_depth_mm(first, b) - hilum_slice_depth_mm(first, a) < HILUM_SAME_POSITION_MM) repeats++;
  }
  return repeats;
}

/* --- what every slice must have --- */

typedef bool (*SliceTest)(const HilumRecord *record);
static bool lacks_orientation(const HilumRecord *r)
{
  return !r->has_orientation;
}
static bool lacks_position(const HilumRecord *r)
{
  return !r->has_position;
}
static bool lacks_spacing(const HilumRecord *r)
{
  return !r->has_spacing;
}

static bool refuse_if_any(const GPtrArray *records, SliceTest test, const char *code, const char *what,
                          GArray *findings)
{
  HilumNameList names = {0};
  for (guint i = 0; i < records->len; i++)
    if (test(slice_at(records, i)))
      hilum_name_list_add(&names, "“%s”", hilum_record_name(slice_at(records, i)));
  if (names.n == 0) return false;
  size_t n = names.n;
  g_autofree char *list = hilum_name_list_finish(&names);
  hilum_findings_add(findings, HILUM_VERDICT_REFUSED, code,
                     "%zu of %u slices say nothing usable about their %s: %s.", n, records->len, what, list);
  return true;
}

/* --- directions --- */

static bool build_axes(const HilumRecord *r, HilumGrid *grid, GArray *findings)
{
  double row = hilum_vec3_length(r->row), column = hilum_vec3_length(r->column);
  double skew = row > 0 && column > 0 ? fabs(hilum_vec3_dot(r->row, r->column)) / (row * column) : 1;
  double error = fmax(skew, fmax(fabs(row - 1), fabs(column - 1)));
  if (!(error <= ORTHOGONAL_LIMIT)) {
    hilum_findings_add(
        findings, HILUM_VERDICT_REFUSED, "orientation-not-orthonormal",
        "The image orientation (rows %g, %g, %g; columns %g, %g, %g) is not two perpendicular unit "
        "directions.",
        r->row.x, r->row.y, r->row.z, r->column.x, r->column.y, r->column.z);
    return false;
  }
  if (error > ORTHOGONAL_NOTICE)
    hilum_findings_add(
        findings, HILUM_VERDICT_WARNING, "orientation-adjusted",
        "The image orientation is off perpendicular or unit length by %.5f and was straightened.", error);
  grid->axes[0] = hilum_vec3_normalize(r->row);
  HilumVec3 c = hilum_vec3_madd(r->column, -hilum_vec3_dot(r->column, grid->axes[0]), grid->axes[0]);
  grid->axes[1] = hilum_vec3_normalize(c);
  grid->axes[2] = hilum_vec3_cross(grid->axes[0], grid->axes[1]);
  return true;
}

static bool check_pixel_spacing(const HilumRecord *r, GArray *findings)
{
  double small = fmin(r->row_spacing_mm, r->column_spacing_mm),
         large = fmax(r->row_spacing_mm, r->column_spacing_mm);
  if (!(small > 1e-4) || large > 100) {
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "bad-spacing",
                       "The pixel spacing is given as %g x %g mm.", r->row_spacing_mm, r->column_spacing_mm);
    return false;
  }
  if (large <= SPACING_LIMIT_MM) return true;
  hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "coarse-spacing",
                     "The pixels are %g x %g mm large, too large to measure anything.", r->column_spacing_mm,
                     r->row_spacing_mm);
  return false;
}

/* --- positions within the plane --- */

typedef struct {
  HilumVec3 first_mm; /* of the first slice */
  HilumVec3 along;    /* from the first slice to the last */
  double length_mm;   /* of the stack, along the normal */
  double drift_mm;    /* sideways, over that length */
} Shear;

static HilumVec3 in_plane(const HilumGrid *grid, HilumVec3 v)
{
  return hilum_vec3_madd(v, -hilum_vec3_dot(v, grid->axes[2]), grid->axes[2]);
}

/* A tilted gantry moves slices sideways in proportion to their depth. Anything else is no tilt. */
static bool check_line(const GPtrArray *records, const double *depth, const HilumGrid *grid,
                       const Shear *shear, GArray *findings)
{
  HilumNameList names = {0};
  double worst = 0;
  for (guint i = 1; i + 1 < records->len; i++) {
    double t = shear->length_mm > 0 ? (depth[i] - depth[0]) / shear->length_mm : 0;
    HilumVec3 expected = hilum_vec3_madd(shear->first_mm, t, shear->along);
    double off =
        hilum_vec3_length(in_plane(grid, hilum_vec3_sub(slice_at(records, i)->position_mm, expected)));
    worst = fmax(worst, off);
    if (off > SHIFT_LIMIT_MM)
      hilum_name_list_add(&names, "slice %u (“%s”) by %.2f mm", i + 1,
                          hilum_record_name(slice_at(records, i)), off);
  }
  bool good = names.n == 0;
  g_autofree char *list = hilum_name_list_finish(&names);
  if (!good)
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "shifted-slices",
                       "Slices lie beside the line through the first and the last: %s.", list);
  else if (worst > EVEN_MM)
    hilum_findings_add(findings, HILUM_VERDICT_WARNING, "shifted-slices",
                       "Slices lie up to %.3f mm beside the line through the first and the last.", worst);
  return good;
}

/* True if the slices are sheared by an angle that a gantry can have. */
static bool check_shear(const GPtrArray *records, const double *depth, const HilumGrid *grid,
                        GArray *findings)
{
  guint n = records->len;
  Shear shear = {.first_mm = slice_at(records, 0)->position_mm, .length_mm = depth[n - 1] - depth[0]};
  shear.along = hilum_vec3_sub(slice_at(records, n - 1)->position_mm, shear.first_mm);
  shear.drift_mm = hilum_vec3_length(in_plane(grid, shear.along));
  if (!check_line(records, depth, grid, &shear, findings)) return false;
  if (!(shear.drift_mm > SHEAR_LIMIT * shear.length_mm && shear.drift_mm > EVEN_MM)) return false;
  double degrees = atan2(shear.drift_mm, shear.length_mm) * 180 / G_PI;
  bool plausible = degrees <= TILT_LIMIT_DEGREES;
  hilum_findings_add(findings, plausible ? HILUM_VERDICT_WARNING : HILUM_VERDICT_REFUSED, "gantry-tilt",
                     "The slices are sheared by %.1f degrees: over %.1f mm they drift %.1f mm sideways%s.",
                     degrees, shear.length_mm, shear.drift_mm,
                     plausible ? "; each is moved back into place by resampling"
                               : ", more than a tilted gantry explains");
  return plausible;
}

/* --- where each slice goes --- */

/* The grid grows within the plane to hold every slice at its place; pixels of the first slice stay pixels. */
static void place_slices(const GPtrArray *records, const double *depth, HilumGrid *grid, HilumStackPlan *plan)
{
  guint n = records->len;
  plan->n = n;
  plan->slices = g_new0(HilumIndexPos, n);
  HilumIndexPos low = {0, 0, 0}, high = {0, 0, 0};
  for (guint i = 0; i < n; i++) {
    HilumIndexPos *p = &plan->slices[i];
    HilumVec3 from_first =
        hilum_vec3_sub(slice_at(records, i)->position_mm, slice_at(records, 0)->position_mm);
    if (plan->sheared) {
      p->i = hilum_vec3_dot(from_first, grid->axes[0]) / grid->spacing_mm[0];
      p->j = hilum_vec3_dot(from_first, grid->axes[1]) / grid->spacing_mm[1];
    }
    p->k = plan->uneven ? (depth[i] - depth[0]) / grid->spacing_mm[2] : i;
    low = (HilumIndexPos){fmin(low.i, p->i), fmin(low.j, p->j), 0};
    high = (HilumIndexPos){fmax(high.i, p->i), fmax(high.j, p->j), 0};
  }
  double before_i = ceil(-low.i - GROW_SLACK_PX), before_j = ceil(-low.j - GROW_SLACK_PX);
  double columns = grid->dims[0] + before_i + ceil(high.i - GROW_SLACK_PX);
  double rows = grid->dims[1] + before_j + ceil(high.j - GROW_SLACK_PX);
  grid->dims[0] = (int32_t)fmin(columns, INT32_MAX);
  grid->dims[1] = (int32_t)fmin(rows, INT32_MAX);
  grid->origin_mm = hilum_grid_to_mm(grid, (HilumIndexPos){-before_i, -before_j, 0});
  for (guint i = 0; i < n; i++) {
    plan->slices[i].i += before_i;
    plan->slices[i].j += before_j;
  }
}

void hilum_stack_plan_clear(HilumStackPlan *plan)
{
  g_free(plan->slices);
  memset(plan, 0, sizeof *plan);
}

void hilum_slices_build_grid(const GPtrArray *records, HilumGrid *grid, GArray *findings)
{
  HilumStackPlan plan;
  hilum_slices_plan(records, false, grid, &plan, findings);
  hilum_stack_plan_clear(&plan);
}

/* Steps, shear, and where they lead. */
static void plan_stack(const GPtrArray *records, bool accept_gaps, HilumGrid *grid, HilumStackPlan *plan,
                       GArray *findings)
{
  g_autofree double *depth = g_new(double, records->len);
  for (guint i = 0; i < records->len; i++)
    depth[i] = hilum_vec3_dot(slice_at(records, i)->position_mm, grid->axes[2]);
  HilumStepPlan steps;
  bool good = hilum_slices_plan_steps(records, depth, accept_gaps, &steps, findings);
  grid->spacing_mm[2] = steps.spacing_mm;
  plan->uneven = steps.uneven;
  if (good || depth[records->len - 1] - depth[0] > HILUM_SAME_POSITION_MM)
    plan->sheared = check_shear(records, depth, grid, findings);
  if (!good || hilum_findings_verdict(findings) == HILUM_VERDICT_REFUSED) return;
  grid->dims[2] = steps.n;
  if (plan->sheared || plan->uneven) place_slices(records, depth, grid, plan);
  g_autoptr(GError) why = NULL;
  if (!hilum_grid_validate(grid, &why))
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "bad-geometry", "%s", why->message);
}

void hilum_slices_plan(const GPtrArray *records, bool accept_gaps, HilumGrid *grid, HilumStackPlan *plan,
                       GArray *findings)
{
  memset(grid, 0, sizeof *grid);
  memset(plan, 0, sizeof *plan);
  if (records->len == 0) return;
  const HilumRecord *first = slice_at(records, 0);
  bool complete = !refuse_if_any(records, lacks_orientation, "missing-orientation", "orientation", findings);
  complete &= !refuse_if_any(records, lacks_position, "missing-position", "position", findings);
  complete &= !refuse_if_any(records, lacks_spacing, "missing-spacing", "pixel spacing", findings);
  bool oriented = first->has_orientation && build_axes(first, grid, findings);
  if (first->has_spacing) complete &= check_pixel_spacing(first, findings);
  grid->dims[0] = first->columns;
  grid->dims[1] = first->rows;
  grid->dims[2] = (int32_t)MIN(records->len, 0x7FFFFFFF);
  grid->spacing_mm[0] = first->column_spacing_mm;
  grid->spacing_mm[1] = first->row_spacing_mm;
  grid->origin_mm = first->position_mm;
  plan->columns = first->columns;
  plan->rows = first->rows;
  plan->n = records->len;
  if (first->rows > 32767 || first->columns > 32767 || records->len > 32767) {
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "too-large",
                       "%d x %d x %u voxels exceed 32767 along one side.", first->columns, first->rows,
                       records->len);
    return;
  }
  if (records->len < 2) {
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "single-slice",
                       "“%s” is a single slice, not a volume.", hilum_record_name(first));
    return;
  }
  if (complete && oriented) plan_stack(records, accept_gaps, grid, plan, findings);
}
