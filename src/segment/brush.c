/* Brush and eraser. A swept ball is a capsule: convex, so that what it covers of a row of voxels is one span,
 * found by bisection from the row's closest point. All tests are made on voxel centres in a frame of
 * millimetres along the grid's axes, where distances are those of the patient. */
#include "hilum/segment/brush.h"

#include <math.h>

typedef struct {
  const HilumGrid *grid;
  HilumMask *mask;
  double a[3], d[3]; /* the segment: a + t d, millimetres along the axes */
  double limit;      /* squared radius, with room for rounding */
  int layer;         /* disc: the axis it is one voxel thick along; ball: -1 */
  double normal[3];  /* disc: along the axes */
  HilumVoxelBox box; /* voxels that can be inside */
} Sweep;

static void to_frame(const HilumGrid *grid, HilumVec3 mm, double out[3])
{
  const HilumIndexPos p = hilum_grid_from_mm(grid, mm);
  out[0] = p.i * grid->spacing_mm[0];
  out[1] = p.j * grid->spacing_mm[1];
  out[2] = p.k * grid->spacing_mm[2];
}

static double dot(const double a[3], const double b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Squared distance of a point to the segment. */
static double distance2(const Sweep *s, const double p[3])
{
  const double v[3] = {p[0] - s->a[0], p[1] - s->a[1], p[2] - s->a[2]};
  const double length2 = dot(s->d, s->d);
  const double t = length2 > 0 ? CLAMP(dot(v, s->d) / length2, 0, 1) : 0;
  const double w[3] = {v[0] - t * s->d[0], v[1] - t * s->d[1], v[2] - t * s->d[2]};
  return dot(w, w);
}

static bool inside(const Sweep *s, int32_t i, double y, double z)
{
  const double p[3] = {i * s->grid->spacing_mm[0], y, z};
  return distance2(s, p) <= s->limit;
}

/* From `in`, which is inside, the last voxel towards `end` (inclusive) that is still inside. */
static int32_t last_inside(const Sweep *s, int32_t in, int32_t end, double y, double z)
{
  if (inside(s, end, y, z)) return end;
  while (abs(end - in) > 1) {
    const int32_t mid = in + (end - in) / 2;
    if (inside(s, mid, y, z))
      in = mid;
    else
      end = mid;
  }
  return in;
}

static void sweep_row(const Sweep *s, int32_t j, int32_t k)
{
  const double y = j * s->grid->spacing_mm[1], z = k * s->grid->spacing_mm[2];
  const double across2 = s->d[1] * s->d[1] + s->d[2] * s->d[2];
  double t = 0.5;
  if (across2 > 0) t = ((y - s->a[1]) * s->d[1] + (z - s->a[2]) * s->d[2]) / across2;
  const double closest = (s->a[0] + CLAMP(t, 0, 1) * s->d[0]) / s->grid->spacing_mm[0];
  const int32_t first = s->box.lo[0], last = s->box.hi[0] - 1;
  const int32_t below = (int32_t)CLAMP(floor(closest), first, last);
  const int32_t above = below < last ? below + 1 : below;
  const int32_t in = inside(s, below, y, z) ? below : above;
  if (!inside(s, in, y, z)) return;
  hilum_mask_set_span(s->mask, last_inside(s, in, first, y, z), last_inside(s, in, last, y, z) + 1, j, k);
}

static void sweep_ball(const Sweep *s)
{
  for (int32_t k = s->box.lo[2]; k < s->box.hi[2]; k++)
    for (int32_t j = s->box.lo[1]; j < s->box.hi[1]; j++)
      sweep_row(s, j, k);
}

/* One voxel in each column along the layer axis: the one the plane passes through. Its centre, moved along
 * the normal onto the plane, must be within the radius. */
static void sweep_disc(const Sweep *s)
{
  const int c = s->layer, u = (c + 1) % 3, v = (c + 2) % 3;
  const double *spacing = s->grid->spacing_mm;
  int32_t at[3];
  for (at[v] = s->box.lo[v]; at[v] < s->box.hi[v]; at[v]++)
    for (at[u] = s->box.lo[u]; at[u] < s->box.hi[u]; at[u]++) {
      const double pu = at[u] * spacing[u], pv = at[v] * spacing[v];
      const double height =
          s->a[c] - ((pu - s->a[u]) * s->normal[u] + (pv - s->a[v]) * s->normal[v]) / s->normal[c];
      const double layer = floor(height / spacing[c] + 0.5);
      if (!(layer >= s->box.lo[c] && layer < s->box.hi[c])) continue;
      at[c] = (int32_t)layer;
      const double off = (at[c] * spacing[c] - height) * s->normal[c];
      double p[3];
      p[c] = at[c] * spacing[c] - off * s->normal[c];
      p[u] = pu - off * s->normal[u];
      p[v] = pv - off * s->normal[v];
      if (distance2(s, p) <= s->limit) hilum_mask_set(s->mask, (HilumVoxel){at[0], at[1], at[2]});
    }
}

static void set_if_inside(const Sweep *s, HilumVoxel v)
{
  if (hilum_grid_contains(s->grid, v)) hilum_mask_set(s->mask, v);
}

/* The voxels under the stroke itself, so that a brush finer than a voxel still draws a line without gaps. */
static void sweep_path(const Sweep *s)
{
  const double *spacing = s->grid->spacing_mm;
  const double finest = MIN(spacing[0], MIN(spacing[1], spacing[2]));
  const double length = sqrt(dot(s->d, s->d));
  const int steps = s->limit < 4 * dot(spacing, spacing) ? (int)MIN(ceil(2 * length / finest), 1e6) : 1;
  for (int n = 0; n <= steps; n++) {
    const double t = steps > 0 ? (double)n / steps : 0;
    int32_t at[3];
    for (int a = 0; a < 3; a++)
      at[a] = (int32_t)CLAMP(floor((s->a[a] + t * s->d[a]) / spacing[a] + 0.5), -1, INT32_MAX / 2);
    set_if_inside(s, (HilumVoxel){at[0], at[1], at[2]});
  }
}

/* Voxels that the sweep can reach, clipped to the grid. */
static HilumVoxelBox reachable(const Sweep *s, double radius_mm)
{
  HilumVoxelBox box;
  for (int a = 0; a < 3; a++) {
    const double spacing = s->grid->spacing_mm[a], dims = s->grid->dims[a];
    /* A disc across oblique axes may leave the ball by half a layer; a voxel of margin covers rounding. */
    const double reach = radius_mm + spacing;
    const double lo = floor((MIN(s->a[a], s->a[a] + s->d[a]) - reach) / spacing);
    const double hi = ceil((MAX(s->a[a], s->a[a] + s->d[a]) + reach) / spacing) + 1;
    box.lo[a] = (int32_t)CLAMP(lo, 0, dims);
    box.hi[a] = (int32_t)CLAMP(hi, 0, dims);
  }
  return box;
}

static void grow_touched(HilumVoxelBox *touched, HilumVoxelBox box)
{
  if (hilum_voxel_box_is_empty(*touched)) {
    *touched = box;
    return;
  }
  for (int a = 0; a < 3; a++) {
    touched->lo[a] = MIN(touched->lo[a], box.lo[a]);
    touched->hi[a] = MAX(touched->hi[a], box.hi[a]);
  }
}

static void set_disc(Sweep *s, const HilumBrush *brush)
{
  s->layer = 0;
  for (int a = 0; a < 3; a++) {
    s->normal[a] = hilum_vec3_dot(brush->normal, s->grid->axes[a]);
    if (fabs(s->normal[a]) > fabs(s->normal[s->layer])) s->layer = a;
  }
  /* The plane goes through the stroke's start; what leads out of it is projected away. */
  const double off = dot(s->d, s->normal);
  for (int a = 0; a < 3; a++)
    s->d[a] -= off * s->normal[a];
}

void hilum_brush_sweep(const HilumBrush *brush, const HilumGrid *grid, HilumVec3 a_mm, HilumVec3 b_mm,
                       HilumMask *mask, HilumVoxelBox *touched)
{
  g_return_if_fail(brush != NULL && grid != NULL && mask != NULL);
  g_return_if_fail(grid->dims[0] == mask->dims[0] && grid->dims[1] == mask->dims[1] &&
                   grid->dims[2] == mask->dims[2]);
  if (!hilum_vec3_is_finite(a_mm) || !hilum_vec3_is_finite(b_mm)) return;
  const double radius_mm = brush->radius_mm > 0 && isfinite(brush->radius_mm) ? brush->radius_mm : 0;
  Sweep s = {.grid = grid, .mask = mask, .limit = radius_mm * radius_mm * (1 + 1e-9), .layer = -1};
  double b[3];
  to_frame(grid, a_mm, s.a);
  to_frame(grid, b_mm, b);
  for (int a = 0; a < 3; a++)
    s.d[a] = b[a] - s.a[a];
  const bool disc = !brush->ball && hilum_vec3_length(brush->normal) > 0.5;
  if (disc) set_disc(&s, brush);
  s.box = reachable(&s, radius_mm);
  if (hilum_voxel_box_is_empty(s.box)) return;
  if (disc)
    sweep_disc(&s);
  else
    sweep_ball(&s);
  sweep_path(&s);
  if (touched != NULL) grow_touched(touched, s.box);
}
