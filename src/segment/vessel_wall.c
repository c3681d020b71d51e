/* The wall of a vessel round its course: rays at right angles to it, in patient space between the voxels,
 * where the value falls half-way from the lumen to what lies behind the edge. The middle of what the rays
 * enclose is where the course belongs. */
#include "hilum/base/parallel.h"
#include "hilum/segment/error.h"
#include "vessel_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 5
#define STEP_SHARE 0.25 /* of the finest spacing, along a ray */
#define BEHIND_MM 3.0
#define FALL_SHARE 0.25 /* of the contrast: then a ray has left the lumen */
#define FAR_SHARE 1.8
#define LUMEN_MM 3.0 /* along the course, either way */
#define LEAST_RAYS (HILUM_VESSEL_RAYS / 4)
/* Of the radius: how far the course and the walls are calmed along it, since a wide vessel bends less. */
#define COURSE_SHARE 0.4
#define TANGENT_SHARE 0.5
#define WALL_SHARE 0.15
#define MOST_WALLS 5

/* A polyline with values along it. */
typedef struct {
  const HilumVesselScene *scene;
  double step_mm, reach_mm, spacing_mm;
  double radius;    /* median, in spacings of the course; 0: not known yet */
  GArray *sections; /* HilumVesselSection */
  double *lumen;    /* of each */
} Course;

static HilumVesselSection *section_at(const Course *c, guint n)
{
  return &g_array_index(c->sections, HilumVesselSection, n);
}

static double value_at(const Course *c, HilumVec3 p)
{
  double value = c->scene->look.floor;
  hilum_volume_sample_mm(c->scene->calm, p, &value); /* beyond the volume nothing shines */
  return value;
}

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
  qsort(values, n, sizeof *values, by_value);
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* --- geometry of the course --- */

static double length_of(GArray *points)
{
  double length = 0;
  for (guint n = 1; n < points->len; n++)
    length +=
        hilum_vec3_distance(g_array_index(points, HilumVec3, n), g_array_index(points, HilumVec3, n - 1));
  return length;
}

/* The same line with points evenly spaced, at least two. */
static GArray *resample(GArray *points, double spacing_mm)
{
  const double length = length_of(points);
  const guint n = (guint)fmax(rint(length / spacing_mm), 1) + 1;
  GArray *even = g_array_sized_new(FALSE, FALSE, sizeof(HilumVec3), n);
  double begin = 0;
  guint from = 0;
  for (guint m = 0; m < n; m++) {
    const double want = length * m / (n - 1);
    double way = 0;
    for (; from + 1 < points->len; from++) {
      way = hilum_vec3_distance(g_array_index(points, HilumVec3, from),
                                g_array_index(points, HilumVec3, from + 1));
      if (begin + way >= want || from + 2 == points->len) break;
      begin += way;
    }
    HilumVec3 at = g_array_index(points, HilumVec3, from);
    if (from + 1 < points->len && way > 0)
      at = hilum_vec3_lerp(at, g_array_index(points, HilumVec3, from + 1), fmin((want - begin) / way, 1));
    g_array_append_val(even, at);
  }
  return even;
}

/* Each inner point moves half-way to the middle of its two neighbours, `times` over. */
static void smooth(GArray *points, int times)
{
  HilumVec3 *p = (HilumVec3 *)(void *)points->data;
  for (int t = 0; t < times; t++) {
    HilumVec3 before = p[0];
    for (guint n = 1; n + 1 < points->len; n++) {
      const HilumVec3 own = p[n];
      p[n] = hilum_vec3_lerp(own, hilum_vec3_lerp(before, p[n + 1], 0.5), 0.5);
      before = own;
    }
  }
}

/* Sections at the points, their axes carried along without a twist. */
static void set_sections(Course *c, GArray *points)
{
  g_array_set_size(c->sections, points->len);
  const HilumVec3 *p = (const HilumVec3 *)(const void *)points->data;
  const guint reach = MAX((guint)rint(TANGENT_SHARE * c->radius), 2);
  HilumVec3 axis = {0, 0, 0};
  for (guint n = 0; n < points->len; n++) {
    HilumVesselSection *s = section_at(c, n);
    s->at_mm = p[n];
    s->along = hilum_vec3_normalize(
        hilum_vec3_sub(p[MIN(n + reach, points->len - 1)], p[n > reach ? n - reach : 0]));
    if (n == 0) {
      const HilumVec3 a = s->along;
      axis = fabs(a.x) < fabs(a.y) && fabs(a.x) < fabs(a.z) ? hilum_vec3(1, 0, 0)
             : fabs(a.y) < fabs(a.z)                        ? hilum_vec3(0, 1, 0)
                                                            : hilum_vec3(0, 0, 1);
    }
    axis = hilum_vec3_normalize(hilum_vec3_madd(axis, -hilum_vec3_dot(axis, s->along), s->along));
    s->across[0] = axis;
    s->across[1] = hilum_vec3_cross(s->along, axis);
  }
}

/* --- the wall --- */

/* How bright the lumen is along the course: a median, so that noise and a plaque do not count. */
static void find_lumen(Course *c)
{
  const int reach = (int)fmax(rint(LUMEN_MM / c->spacing_mm), 1);
  g_autofree double *own = g_new(double, c->sections->len);
  g_autofree double *near = g_new(double, (size_t)(2 * reach + 1));
  for (guint n = 0; n < c->sections->len; n++)
    own[n] = value_at(c, section_at(c, n)->at_mm);
  for (int n = 0; n < (int)c->sections->len; n++) {
    size_t m = 0;
    for (int o = MAX(n - reach, 0); o <= MIN(n + reach, (int)c->sections->len - 1); o++)
      near[m++] = own[o];
    c->lumen[n] = median(near, m);
  }
}

/* Outwards to the darkest place behind the edge, then back to where the value is half-way up. NAN: no edge.
 */
static double find_wall(const Course *c, HilumVec3 at, HilumVec3 along, double lumen)
{
  const HilumVesselLook *look = &c->scene->look;
  const double fall = FALL_SHARE * fmax(lumen - look->floor, look->tolerance);
  const int most = (int)(c->reach_mm / c->step_mm), behind = (int)ceil(BEHIND_MM / c->step_mm);
  double values[512], darkest = INFINITY;
  int left = -1, dark = 0;
  for (int n = 0; n < MIN(most + behind, 512); n++) {
    values[n] = value_at(c, hilum_vec3_madd(at, n * c->step_mm, along));
    if (left < 0 && n > most) return NAN;
    if (left < 0 && values[n] < lumen - fall) left = n;
    if (left < 0) continue;
    if (values[n] < darkest) {
      darkest = values[n];
      dark = n;
    }
    /* Something else begins behind the gap. */
    if (n > left + behind || values[n] > darkest + fall) break;
  }
  if (left < 0) return NAN;
  const double half = (lumen + darkest) / 2;
  int n = dark;
  while (n > 0 && values[n] < half)
    n--;
  if (n == 0 && values[0] < half) return 0;
  const double share = values[n] > values[n + 1] ? (values[n] - half) / (values[n] - values[n + 1]) : 0;
  return (n + CLAMP(share, 0, 1)) * c->step_mm;
}

static HilumVec3 ray_of(const HilumVesselSection *s, int ray)
{
  const double angle = 2 * G_PI * ray / HILUM_VESSEL_RAYS;
  return hilum_vec3_madd(hilum_vec3_scale(s->across[0], cos(angle)), sin(angle), s->across[1]);
}

/* Rays without a wall, or that went off into a branch, take the median. All NAN if too few found one. */
static void measure_section(const Course *c, HilumVesselSection *s, double lumen)
{
  double found[HILUM_VESSEL_RAYS];
  size_t n = 0;
  for (int ray = 0; ray < HILUM_VESSEL_RAYS; ray++) {
    s->wall_mm[ray] = (float)find_wall(c, s->at_mm, ray_of(s, ray), lumen);
    if (isfinite(s->wall_mm[ray])) found[n++] = s->wall_mm[ray];
  }
  const double middle = n >= LEAST_RAYS ? median(found, n) : NAN;
  for (int ray = 0; ray < HILUM_VESSEL_RAYS; ray++)
    if (!(s->wall_mm[ray] <= FAR_SHARE * middle)) s->wall_mm[ray] = (float)middle;
}

static void measure_body(size_t begin, size_t end, unsigned worker, void *data)
{
  const Course *c = data;
  for (size_t n = begin; n < end; n++)
    measure_section(c, section_at(c, (guint)n), c->lumen[n]);
}

/* Sections without a wall take that of the nearest with one; false if none has. */
static bool fill_gaps(Course *c)
{
  const int len = (int)c->sections->len;
  g_autofree bool *good = g_new(bool, (size_t)len);
  bool any = false;
  for (int n = 0; n < len; n++)
    any |= good[n] = isfinite(section_at(c, (guint)n)->wall_mm[0]);
  for (int n = 0; any && n < len; n++)
    for (int far = 1; !good[n] && far < len; far++) {
      const int near = n - far >= 0 && good[n - far]    ? n - far
                       : n + far < len && good[n + far] ? n + far
                                                        : -1;
      if (near < 0) continue;
      memcpy(section_at(c, (guint)n)->wall_mm, section_at(c, (guint)near)->wall_mm,
             sizeof section_at(c, 0)->wall_mm);
      break;
    }
  return any;
}

/* The median of each ray and its neighbours, round and along. */
static void calm_walls(Course *c)
{
  const int len = (int)c->sections->len, reach = CLAMP((int)rint(WALL_SHARE * c->radius), 1, MOST_WALLS);
  g_autofree float *before = g_new(float, (size_t)len *HILUM_VESSEL_RAYS);
  for (int n = 0; n < len; n++)
    memcpy(before + n * HILUM_VESSEL_RAYS, section_at(c, (guint)n)->wall_mm,
           HILUM_VESSEL_RAYS * sizeof *before);
  for (int n = 0; n < len; n++)
    for (int ray = 0; ray < HILUM_VESSEL_RAYS; ray++) {
      double near[3 * (2 * MOST_WALLS + 1)];
      size_t m = 0;
      for (int o = MAX(n - reach, 0); o <= MIN(n + reach, len - 1); o++)
        for (int r = ray - 1; r <= ray + 1; r++)
          near[m++] = before[o * HILUM_VESSEL_RAYS + (r + HILUM_VESSEL_RAYS) % HILUM_VESSEL_RAYS];
      section_at(c, (guint)n)->wall_mm[ray] = (float)median(near, m);
    }
}

/* A Gaussian of sigma draws the half-way level of a round wall inwards by sigma^2 / 2r; what the smoothing
 * of the values did is put back. */
static void undo_smoothing(Course *c)
{
  for (guint n = 0; n < c->sections->len; n++) {
    HilumVesselSection *s = section_at(c, n);
    const double radius = fmax(hilum_vessel_section_radius_mm(s), HILUM_VESSEL_CALM_MM);
    for (int ray = 0; ray < HILUM_VESSEL_RAYS; ray++)
      s->wall_mm[ray] += (float)(HILUM_VESSEL_CALM_MM * HILUM_VESSEL_CALM_MM / (2 * radius));
  }
}

static void find_radius(Course *c)
{
  g_autofree double *radii = g_new(double, c->sections->len);
  for (guint n = 0; n < c->sections->len; n++)
    radii[n] = hilum_vessel_section_radius_mm(section_at(c, n));
  c->radius = median(radii, c->sections->len) / c->spacing_mm;
}

static bool measure(Course *c, GArray *points, GError **error)
{
  set_sections(c, points);
  c->lumen = g_renew(double, c->lumen, points->len);
  find_lumen(c);
  hilum_parallel_for(points->len, 16, measure_body, c);
  if (fill_gaps(c)) {
    find_radius(c);
    calm_walls(c);
    undo_smoothing(c);
    return true;
  }
  g_set_error_literal(
      error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
      "No wall was found round the course: the vessel does not stand out from what is round it, "
      "or is wider than the largest radius.");
  return false;
}

/* Where the middle of the area lies that the walls enclose. */
static HilumVec3 middle_of(const HilumVesselSection *s)
{
  double area = 0, x = 0, y = 0;
  for (int ray = 0; ray < HILUM_VESSEL_RAYS; ray++) {
    const double a = 2 * G_PI * ray / HILUM_VESSEL_RAYS, r = s->wall_mm[ray];
    area += r * r / 2;
    x += r * r * r / 3 * cos(a);
    y += r * r * r / 3 * sin(a);
  }
  if (!(area > 0)) return s->at_mm;
  return hilum_vec3_madd(hilum_vec3_madd(s->at_mm, x / area, s->across[0]), y / area, s->across[1]);
}

double hilum_vessel_section_radius_mm(const HilumVesselSection *s)
{
  double squares = 0;
  for (int ray = 0; ray < HILUM_VESSEL_RAYS; ray++)
    squares += (double)s->wall_mm[ray] * s->wall_mm[ray];
  return sqrt(squares / HILUM_VESSEL_RAYS);
}

GArray *hilum_vessel_measure_course(const HilumVesselScene *scene, GArray *course,
                                    const HilumProgress *progress, GError **error)
{
  const double *spacing = scene->grid->spacing_mm;
  const double finest = fmin(spacing[0], fmin(spacing[1], spacing[2]));
  Course c = {.scene = scene,
              .spacing_mm = finest / 2,
              .step_mm = fmax(STEP_SHARE * finest, (scene->options.max_radius_mm + BEHIND_MM) / 500),
              .reach_mm = scene->options.max_radius_mm,
              .sections = g_array_new(FALSE, FALSE, sizeof(HilumVesselSection))};
  GArray *points = resample(course, c.spacing_mm);
  smooth(points, 8);
  bool good = true;
  for (int round = 0; good && round < ROUNDS; round++) {
    good = hilum_progress_step(progress, (double)round / ROUNDS) && measure(&c, points, error);
    for (guint n = 0; good && n < points->len; n++)
      g_array_index(points, HilumVec3, n) = middle_of(section_at(&c, n));
    const double sigma = COURSE_SHARE * c.radius; /* of n passes: the root of n / 2 */
    smooth(points, (int)fmax(2 * sigma * sigma, 4));
    GArray *even = resample(points, c.spacing_mm);
    g_array_unref(points);
    points = even;
  }
  good = good && measure(&c, points, error);
  if (error != NULL && *error == NULL && !good) hilum_progress_fail(progress, error);
  g_array_unref(points);
  g_free(c.lumen);
  if (!good) g_clear_pointer(&c.sections, g_array_unref);
  return c.sections;
}

/* --- the lumen --- */

/* From the section's middle to its wall in the direction of (x, y). */
static double wall_towards(const HilumVesselSection *s, double x, double y)
{
  const double turn = atan2(y, x) / (2 * G_PI), place = (turn < 0 ? turn + 1 : turn) * HILUM_VESSEL_RAYS;
  const int ray = (int)place % HILUM_VESSEL_RAYS;
  const double share = place - floor(place);
  return s->wall_mm[ray] * (1 - share) + s->wall_mm[(ray + 1) % HILUM_VESSEL_RAYS] * share;
}

/* A section as a slab: half the way to its neighbours thick, and more outwards where the course bends. */
static void fill_section(const HilumGrid *grid, const HilumVesselSection *s, double half_mm, double bend,
                         HilumMask *mask)
{
  double widest = 0;
  for (int ray = 0; ray < HILUM_VESSEL_RAYS; ray++)
    widest = fmax(widest, s->wall_mm[ray]);
  const HilumIndexPos middle = hilum_grid_from_mm(grid, s->at_mm);
  const double at[3] = {middle.i, middle.j, middle.k}, reach = widest + half_mm;
  int32_t lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = (int32_t)fmax(ceil(at[a] - reach / grid->spacing_mm[a]), 0);
    hi[a] = (int32_t)fmin(floor(at[a] + reach / grid->spacing_mm[a]), grid->dims[a] - 1);
  }
  for (int32_t k = lo[2]; k <= hi[2]; k++)
    for (int32_t j = lo[1]; j <= hi[1]; j++)
      for (int32_t i = lo[0]; i <= hi[0]; i++) {
        const HilumVec3 off = hilum_vec3_sub(hilum_grid_voxel_to_mm(grid, (HilumVoxel){i, j, k}), s->at_mm);
        const double x = hilum_vec3_dot(off, s->across[0]), y = hilum_vec3_dot(off, s->across[1]);
        const double from_middle = hypot(x, y);
        if (fabs(hilum_vec3_dot(off, s->along)) > half_mm + bend * from_middle) continue;
        if (from_middle <= wall_towards(s, x, y)) hilum_mask_set(mask, (HilumVoxel){i, j, k});
      }
}

void hilum_vessel_fill_sections(const HilumGrid *grid, GArray *sections, HilumMask *mask)
{
  const HilumVesselSection *s = (const HilumVesselSection *)(const void *)sections->data;
  for (guint n = 0; n < sections->len; n++) {
    double way = 0, turn = 0;
    for (guint o = n > 0 ? n - 1 : 0; o <= MIN(n + 1, sections->len - 1); o++) {
      way = fmax(way, hilum_vec3_distance(s[o].at_mm, s[n].at_mm));
      turn = fmax(turn, hilum_vec3_length(hilum_vec3_cross(s[o].along, s[n].along)));
    }
    fill_section(grid, &s[n], 0.51 * way, 0.51 * turn, mask);
  }
}
