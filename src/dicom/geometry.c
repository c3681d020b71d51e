/* The grid of a stack of slices, from their positions and orientations alone (PS3.3 C.7.6.2): never from
 * SliceThickness, SpacingBetweenSlices or the gantry tilt attribute, which are often wrong. Tolerances are
 * those of docs/dicom.md. */
#include "geometry.h"

#include "hilum/volume/volume.h"

#include <stdlib.h>
#include <string.h>

#define ORTHOGONAL_LIMIT 1e-3  /* beyond: refused */
#define ORTHOGONAL_NOTICE 1e-4 /* beyond: straightened with a warning */
#define EVEN_MM 0.01           /* positions this near to even steps are even */
#define UNEVEN_LIMIT_MM 0.1    /* rounding of positions explains no more */
#define SHEAR_LIMIT 1e-3       /* in-plane drift over the length of the stack */
#define SHIFT_LIMIT_MM 0.1     /* a single slice beside the line */
#define SPACING_LIMIT_MM 10.0  /* beyond: a warning */

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
  if (large > SPACING_LIMIT_MM)
    hilum_findings_add(findings, HILUM_VERDICT_WARNING, "coarse-spacing", "Pixels are %g x %g mm large.",
                       r->column_spacing_mm, r->row_spacing_mm);
  return true;
}

/* --- positions along the normal --- */

static int compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Where steps are not even: files at the same place, whole slices missing, or steps of any size. */
static void explain_steps(const GPtrArray *records, const double *depth, GArray *findings)
{
  guint n = records->len;
  double *steps = g_new(double, n - 1);
  guint n_steps = 0;
  for (guint i = 1; i < n; i++)
    if (depth[i] - depth[i - 1] >= HILUM_SAME_POSITION_MM) steps[n_steps++] = depth[i] - depth[i - 1];
  qsort(steps, n_steps, sizeof *steps, compare_doubles);
  double median = n_steps ? steps[n_steps / 2] : 0;
  double shortest = n_steps ? steps[0] : 0, longest = n_steps ? steps[n_steps - 1] : 0;
  g_free(steps);
  HilumNameList same = {0}, gaps = {0}, uneven = {0};
  int missing = 0;
  for (guint i = 1; i < n; i++) {
    double step = depth[i] - depth[i - 1];
    const char *before = hilum_record_name(slice_at(records, i - 1)),
               *after = hilum_record_name(slice_at(records, i));
    double ratio = median > 0 ? step / median : 0;
    if (step < HILUM_SAME_POSITION_MM)
      hilum_name_list_add(&same, "“%s” and “%s” at %.2f mm", before, after, depth[i]);
    else if (ratio > 1.5 && fabs(ratio - round(ratio)) * median <= fmax(0.05 * median, 2 * EVEN_MM)) {
      missing += (int)fmin(round(ratio) - 1, 1e6);
      hilum_name_list_add(&gaps, "%.0f between slice %u (“%s”, %.2f mm) and slice %u (“%s”, %.2f mm)",
                          round(ratio) - 1, i, before, depth[i - 1], i + 1, after, depth[i]);
    } else if (fabs(step - median) > 2 * EVEN_MM)
      hilum_name_list_add(&uneven, "%.2f mm between slice %u (“%s”) and slice %u (“%s”)", step, i, before,
                          i + 1, after);
  }
  size_t n_same = same.n, n_uneven = uneven.n;
  g_autofree char *same_list = hilum_name_list_finish(&same), *gap_list = hilum_name_list_finish(&gaps),
                  *uneven_list = hilum_name_list_finish(&uneven);
  if (n_same)
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "duplicate-positions",
                       "%zu %s at the same place as another, with other content: %s.", n_same,
                       n_same == 1 ? "slice lies" : "slices lie", same_list);
  if (missing)
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "missing-slices",
                       "%d %s missing from even steps of %.2f mm: %s.", missing,
                       missing == 1 ? "slice is" : "slices are", median, gap_list);
  if (n_uneven || (n_same == 0 && missing == 0))
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "irregular-spacing",
                       "The slices are %.2f to %.2f mm apart instead of evenly %.2f mm%s%s.", shortest,
                       longest, median, *uneven_list ? ": " : "", uneven_list);
}

static bool check_steps(const GPtrArray *records, const double *depth, HilumGrid *grid, GArray *findings)
{
  guint n = records->len;
  double step = (depth[n - 1] - depth[0]) / (n - 1), worst = 0;
  for (guint i = 0; i < n; i++)
    worst = fmax(worst, fabs(depth[i] - (depth[0] + step * i)));
  grid->spacing_mm[2] = step;
  if (!(step >= HILUM_SAME_POSITION_MM) || worst > fmin(UNEVEN_LIMIT_MM, 0.1 * step)) {
    explain_steps(records, depth, findings);
    return false;
  }
  if (worst > EVEN_MM)
    hilum_findings_add(findings, HILUM_VERDICT_WARNING, "uneven-spacing",
                       "Slice positions are up to %.3f mm off even steps of %.3f mm and are taken as even.",
                       worst, step);
  if (step > SPACING_LIMIT_MM)
    hilum_findings_add(findings, HILUM_VERDICT_WARNING, "coarse-spacing", "Slices are %.2f mm apart.", step);
  return true;
}

/* --- positions within the plane --- */

static void check_shear(const GPtrArray *records, const double *depth, const HilumGrid *grid,
                        GArray *findings)
{
  guint n = records->len;
  HilumVec3 start = slice_at(records, 0)->position_mm;
  double length = depth[n - 1] - depth[0];
  HilumVec3 along = hilum_vec3_sub(slice_at(records, n - 1)->position_mm, start);
  HilumVec3 drift = hilum_vec3_madd(along, -hilum_vec3_dot(along, grid->axes[2]), grid->axes[2]);
  double drift_mm = hilum_vec3_length(drift);
  if (drift_mm > SHEAR_LIMIT * length && drift_mm > EVEN_MM) {
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "gantry-tilt",
                       "The slices are sheared by %.1f degrees: over %.1f mm they drift %.1f mm sideways.",
                       atan2(drift_mm, length) * 180 / G_PI, length, drift_mm);
    return;
  }
  HilumNameList names = {0};
  double worst = 0;
  for (guint i = 1; i + 1 < n; i++) {
    double t = length > 0 ? (depth[i] - depth[0]) / length : 0;
    HilumVec3 off = hilum_vec3_sub(slice_at(records, i)->position_mm, hilum_vec3_madd(start, t, along));
    double in_plane =
        hilum_vec3_length(hilum_vec3_madd(off, -hilum_vec3_dot(off, grid->axes[2]), grid->axes[2]));
    worst = fmax(worst, in_plane);
    if (in_plane > SHIFT_LIMIT_MM)
      hilum_name_list_add(&names, "slice %u (“%s”) by %.2f mm", i + 1,
                          hilum_record_name(slice_at(records, i)), in_plane);
  }
  if (names.n) {
    g_autofree char *list = hilum_name_list_finish(&names);
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "shifted-slices",
                       "Slices lie beside the line through the first and the last: %s.", list);
  } else if (worst > EVEN_MM)
    hilum_findings_add(findings, HILUM_VERDICT_WARNING, "shifted-slices",
                       "Slices lie up to %.3f mm beside the line through the first and the last.", worst);
}

void hilum_slices_build_grid(const GPtrArray *records, HilumGrid *grid, GArray *findings)
{
  memset(grid, 0, sizeof *grid);
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
  if (!complete || !oriented) return;
  double *depth = g_new(double, records->len);
  for (guint i = 0; i < records->len; i++)
    depth[i] = hilum_vec3_dot(slice_at(records, i)->position_mm, grid->axes[2]);
  bool even = check_steps(records, depth, grid, findings);
  if (even || depth[records->len - 1] - depth[0] > HILUM_SAME_POSITION_MM)
    check_shear(records, depth, grid, findings);
  g_free(depth);
  g_autoptr(GError) why = NULL;
  if (even && hilum_findings_verdict(findings) != HILUM_VERDICT_REFUSED && !hilum_grid_validate(grid, &why))
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "bad-geometry", "%s", why->message);
}
