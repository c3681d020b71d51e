/* Thickening to a least diameter D.
 *
 * What is promised is an opening (J. Serra, Image Analysis and Mathematical Morphology, 1982): every point of
 * the result lies in a ball of diameter D inside it. A union of such balls has that by construction, whatever
 * their middles are, and only those are put together here:
 * - all balls that fit into the solid: the opening itself, i.e. its erosion by D / 2, dilated again. Where
 * the solid is thick it is the solid;
 * - where the opening leaves more than a quarter of a spacing of the solid out, one at the middle of each
 * inscribed ball that is smaller (a shape is the union of its inscribed balls, so that what was thin is
 * inside of the result), unless the solid is much deeper nearby: then the surface is rough there, not the
 * solid thin;
 * - what is still left out by more than that (edges, where no inscribed ball is told from the corner itself)
 * gets balls where the solid is deepest within reach, one after the other.
 *
 * A grid shows such a union but for its creases: where they are narrower than a spacing it draws webs and
 * necks of its own. So the surface itself is looked at (openness_private.h), exactly, and each place that is
 * too thin gets a ball where the solid is deepest within reach of it; creases become shallower with each ball
 * in them. The solid only grows, so what was thick enough stays so, and only what is near to new balls is
 * looked at again, until nothing is left to do. Flat triangles between places interpolated on the grid cut a
 * ball by at most h^2 / D: that much is added to the radius. */
#include "bvh_private.h"
#include "field_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "openness_private.h"
#include "repair_private.h"
#include "thickness_private.h"

#include <math.h>

enum { OUTSIDE = 3, /* spacings */ MAX_PASSES = 60, GRAIN = 256, AROUND = 3 /* points */ };
#define ROUGH 0.7 /* of the depth nearby: an inscribed ball that is smaller is not what the solid is like */

typedef struct {
  HilumField f;
  float *open; /* signed distance of the opening, then of the result */
  HilumVec3 origin_mm;
  double r, slack, more;
  uint64_t balls;
} Thicken;

/* The balls that fit, as a distance. Nothing fits: all is left out. */
static bool open_solid(Thicken *w, const HilumProgress *progress, GError **error)
{
  const HilumProgress parts[2] = {hilum_progress_part(progress, 0, 0.3, NULL),
                                  hilum_progress_part(progress, 0.3, 1, NULL)};
  const size_t count = hilum_field_points(&w->f);
  const double band = w->r + w->slack + 3 * w->f.h;
  g_autoptr(GError) local = NULL;
  g_autoptr(HilumMesh) eroded = hilum_field_extract(&w->f, w->f.d, w->origin_mm, -w->r, 0, &parts[0], &local);
  if (!eroded && !g_error_matches(local, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY)) {
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
  }
  w->open = hilum_big_alloc(count * sizeof *w->open, error);
  if (!w->open) return false;
  for (size_t i = 0; i < count; i++)
    w->open[i] = (float)band;
  const HilumFieldAsk ask = {w->f.d, -w->r, OUTSIDE * w->f.h, band, band, (double)NAN};
  if (eroded && !hilum_field_distances(&w->f, w->origin_mm, eroded, &ask, w->open, &parts[1], error))
    return false;
  for (size_t i = 0; i < count; i++)
    w->open[i] = (float)((double)w->f.d[i] < -w->r ? -band : (double)w->open[i] - w->r);
  return true;
}

/* The deepest point of the grid within r of another; of equals the first. */
static HilumBall deepest(const Thicken *w, const int32_t at[3], double *depth)
{
  const HilumField *f = &w->f;
  const int32_t reach = (int32_t)(w->r / f->h);
  const double reach2 = (w->r / f->h) * (w->r / f->h);
  int32_t lo[3], hi[3], best[3] = {at[0], at[1], at[2]};
  float least = f->d[hilum_field_index(f, at[0], at[1], at[2])];
  for (int a = 0; a < 3; a++) {
    lo[a] = MAX(at[a] - reach, 0);
    hi[a] = MIN(at[a] + reach, f->n[a] - 1);
  }
  for (int32_t z = lo[2]; z <= hi[2]; z++)
    for (int32_t y = lo[1]; y <= hi[1]; y++) {
      const int32_t dz = z - at[2], dy = y - at[1], rest = dz * dz + dy * dy;
      const float *d = f->d + hilum_field_index(f, 0, y, z);
      for (int32_t x = lo[0]; x <= hi[0]; x++) {
        if (d[x] >= least || rest + (x - at[0]) * (x - at[0]) > reach2) continue;
        least = d[x];
        best[0] = x;
        best[1] = y;
        best[2] = z;
      }
    }
  *depth = -(double)least;
  return (HilumBall){{f->lo[0] + best[0] * f->h, f->lo[1] + best[1] * f->h, f->lo[2] + best[2] * f->h}, w->r};
}

static void add_ball(Thicken *w, const double c[3])
{
  const HilumBall b = {{c[0], c[1], c[2]}, w->r * w->more};
  hilum_field_add_balls(&w->f, w->open, &b, 1);
  w->balls++;
}

typedef struct {
  const Thicken *w;
  const HilumBvh *bvh;
  const float *normals;
  float *middle; /* of the ball of each vertex; NAN: none */
  const HilumProgress *progress;
} Inscribed;

/* The middle of the inscribed ball of vertices that the opening leaves out. */
static void inscribe(size_t begin, size_t end, unsigned worker, void *data)
{
  Inscribed *in = data;
  const Thicken *w = in->w;
  for (size_t v = begin; v < end; v++) {
    double p[3], n[3], c[3], depth, own;
    int32_t at[3];
    in->middle[3 * v] = NAN;
    if ((v & 63) == 0 && hilum_progress_cancelled(in->progress)) return;
    for (size_t a = 0; a < 3; a++) {
      p[a] = (double)in->bvh->positions[3 * v + a];
      n[a] = (double)in->normals[3 * v + a];
      at[a] = (int32_t)CLAMP(lrint((p[a] - w->f.lo[a]) / w->f.h), 0, w->f.n[a] - 1);
    }
    if (hilum_field_at(&w->f, w->open, p) <= w->slack) continue;
    const double inwards[3] = {-n[0], -n[1], -n[2]};
    const double way = hilum_bvh_ray(in->bvh, p, inwards, 0, (uint32_t)v, NULL);
    const double r = hilum_inscribed_ball(in->bvh, p, n, MIN(w->r, way / 2), c, &own);
    deepest(w, at, &depth);
    if (r >= w->r || r < ROUGH * MIN(depth, w->r)) continue;
    for (size_t a = 0; a < 3; a++)
      in->middle[3 * v + a] = (float)c[a];
  }
}

static bool add_inscribed(Thicken *w, const HilumMesh *mesh, const HilumProgress *progress, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh);
  HilumBvh bvh;
  if (!hilum_bvh_init(&bvh, mesh, error)) return false;
  Inscribed in = {w, &bvh, hilum_mesh_get_normals(mesh), NULL, progress};
  in.middle = hilum_big_alloc(3 * ((size_t)nv + 1) * sizeof *in.middle, error);
  if (in.middle) hilum_parallel_for(nv, GRAIN, inscribe, &in);
  const bool good = in.middle && !hilum_progress_fail(progress, error);
  for (size_t v = 0; good && v < nv; v++) {
    const double c[3] = {(double)in.middle[3 * v], (double)in.middle[3 * v + 1],
                         (double)in.middle[3 * v + 2]};
    if (!isnan(c[0])) add_ball(w, c);
  }
  hilum_big_free(in.middle);
  hilum_bvh_clear(&bvh);
  return good;
}

/* One after the other, so that a ball covers what the next would have been for. */
static bool cover_rest(Thicken *w, const HilumProgress *progress, GError **error)
{
  const HilumField *f = &w->f;
  for (int32_t k = 0; k < f->n[2]; k++) {
    if (!hilum_progress_step(progress, (double)k / f->n[2])) return !hilum_progress_fail(progress, error);
    for (int32_t j = 0; j < f->n[1]; j++)
      for (int32_t i = 0; i < f->n[0]; i++) {
        const size_t n = hilum_field_index(f, i, j, k);
        const int32_t at[3] = {i, j, k};
        double depth;
        if (f->d[n] >= 0 || (double)w->open[n] <= w->slack) continue;
        const HilumBall b = deepest(w, at, &depth);
        add_ball(w, b.c);
      }
  }
  return true;
}

/* Distance from a point of the grid to where the opening is farther away than s, at most: a point q that is
 * so has a ball of such points around it. */
static double to_free(const Thicken *w, const int32_t at[3], double s)
{
  const HilumField *f = &w->f;
  double least = AROUND * f->h;
  int32_t lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = MAX(at[a] - AROUND, 0);
    hi[a] = MIN(at[a] + AROUND, f->n[a] - 1);
  }
  for (int32_t z = lo[2]; z <= hi[2]; z++)
    for (int32_t y = lo[1]; y <= hi[1]; y++) {
      const int32_t dz = z - at[2], dy = y - at[1], rest = dz * dz + dy * dy;
      const float *open = w->open + hilum_field_index(f, 0, y, z);
      for (int32_t x = lo[0]; x <= hi[0]; x++) {
        const double more = (double)open[x] - s;
        if (more < 0) continue;
        const double d = sqrt(rest + (x - at[0]) * (x - at[0])) * f->h - more;
        if (d < least) least = d;
      }
    }
  return least;
}

typedef struct {
  const Thicken *w;
  const HilumRegion *region; /* NULL: all */
  HilumVec3 shift;           /* from the region's origin to the field's */
  double s;
} Closing;

/* The points from lo to below hi. */
static void close_box(const Closing *c, const int32_t lo[3], const int32_t hi[3])
{
  const HilumField *f = &c->w->f;
  const double slack = f->h / 8; /* to_free() is too much by less */
  for (int32_t k = lo[2]; k < hi[2]; k++)
    for (int32_t j = lo[1]; j < hi[1]; j++)
      for (int32_t i = lo[0]; i < hi[0]; i++) {
        const size_t n = hilum_field_index(f, i, j, k);
        const int32_t at[3] = {i, j, k};
        const double open = (double)c->w->open[n];
        double d = open;
        if (open >= -f->h && open < c->s) d = fmin(open, c->s - to_free(c->w, at, c->s) + slack);
        f->d[n] = (float)d;
      }
}

static void close_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const Closing *c = data;
  const int32_t *n = c->w->f.n, lo[3] = {0, 0, (int32_t)begin}, hi[3] = {n[0], n[1], (int32_t)end};
  close_box(c, lo, hi);
}

static void close_cells(size_t begin, size_t end, unsigned worker, void *data)
{
  const Closing *c = data;
  const HilumField *f = &c->w->f;
  const HilumRegion *r = c->region;
  const double shift[3] = {c->shift.x, c->shift.y, c->shift.z};
  for (size_t cell = begin; cell < end; cell++) {
    if (!r->marked[cell]) continue;
    const size_t at[3] = {cell % (size_t)r->n[0], cell / (size_t)r->n[0] % (size_t)r->n[1],
                          cell / (size_t)r->n[0] / (size_t)r->n[1]};
    int32_t lo[3], hi[3]; /* each point lies in one cell */
    for (int a = 0; a < 3; a++) {
      const double from = (r->lo[a] + (double)at[a] * r->cell + shift[a] - f->lo[a]) / f->h;
      lo[a] = (int32_t)CLAMP(ceil(from), 0, f->n[a]);
      hi[a] = (int32_t)CLAMP(ceil(from + r->cell / f->h), 0, f->n[a]);
    }
    close_box(c, lo, hi);
  }
}

/* A closing: gaps and valleys that no ball of one and a half spacings fits into are filled; the grid could
 * not show them. */
static void close_gaps(const Thicken *w, const HilumRegion *region, HilumVec3 shift)
{
  Closing c = {w, region, shift, 1.5 * w->f.h};
  if (region)
    hilum_parallel_for((size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2], 64, close_cells,
                       &c);
  else
    hilum_parallel_for((size_t)w->f.n[2], 1, close_slices, &c);
}

/* The surface as it is; pockets of less than half a ball go, no solid piece is as small. */
static HilumMesh *draw(const Thicken *w, const HilumProgress *progress, GError **error)
{
  uint64_t gone;
  g_autoptr(HilumMesh) all = hilum_field_extract(&w->f, w->f.d, w->origin_mm, 0, 0, progress, error);
  return all ? hilum_mesh_remove_shells(all, G_PI / 6 * pow(2 * w->r, 3) / 2, &gone, error) : NULL;
}

/* Balls for places that are too thin, the thinnest first come first served; where they lie is marked. */
static void mend(Thicken *w, const GArray *thin, HilumRegion *region, HilumVec3 shift)
{
  for (guint n = 0; n < thin->len; n++) {
    const HilumThin *t = &g_array_index(thin, HilumThin, n);
    const double x[3] = {t->x[0] + shift.x, t->x[1] + shift.y, t->x[2] + shift.z};
    const double c[3] = {t->c[0] + shift.x, t->c[1] + shift.y, t->c[2] + shift.z};
    if (hilum_field_at(&w->f, w->open, x) < -w->slack) continue; /* covered by one before */
    add_ball(w, c);
    hilum_region_mark(region, t->c);
  }
}

/* Looks and mends until nothing is too thin. */
static HilumMesh *finish(Thicken *w, double diameter, double tolerance, HilumOpenness *reached,
                         const HilumProgress *progress, GError **error)
{
  g_autoptr(GArray) thin = g_array_new(FALSE, FALSE, sizeof(HilumThin));
  HilumRegion region = {.marked = NULL};
  HilumMesh *result = NULL;
  HilumOpennessEffort effort = HILUM_OPENNESS_QUICK;
  close_gaps(w, NULL, hilum_vec3(0, 0, 0));
  for (int pass = 0;; pass++) {
    const double from = 1 - pow(0.6, pass), to = 1 - pow(0.6, pass + 1);
    const HilumProgress parts[2] = {hilum_progress_part(progress, from, from + 0.2 * (to - from), NULL),
                                    hilum_progress_part(progress, from + 0.2 * (to - from), to, NULL)};
    g_clear_pointer(&result, hilum_mesh_unref);
    result = draw(w, &parts[0], error);
    g_array_set_size(thin, 0);
    if (!result || !hilum_mesh_openness(result, diameter, tolerance, region.marked ? &region : NULL,
                                        pass + 1 == MAX_PASSES ? HILUM_OPENNESS_EXACT : effort, reached, thin,
                                        &parts[1], error)) {
      g_clear_pointer(&result, hilum_mesh_unref);
      break;
    }
    g_debug("pass %d: %" G_GUINT64_FORMAT " balls; %u places too thin, least ball %.3f, least ray %.3f", pass,
            w->balls, thin->len, reached->least_ball_mm, reached->least_ray_mm);
    if (thin->len == 0 || pass + 1 == MAX_PASSES) break;
    g_free(region.marked);
    const HilumVec3 o = hilum_mesh_get_origin_mm(result);
    region = hilum_region_new(result, w->r + 4 * w->f.h);
    w->more = MIN(1 + 0.03 * MAX(pass - 5, 0), 2);
    mend(w, thin, &region, hilum_vec3_sub(o, w->origin_mm));
    close_gaps(w, &region, hilum_vec3_sub(o, w->origin_mm));
  }
  g_free(region.marked);
  return result;
}

HilumMesh *hilum_mesh_thicken(HilumMesh *mesh, double diameter, double h, uint64_t *places,
                              HilumOpenness *reached, const HilumProgress *progress, GError **error)
{
  Thicken w = {.r = diameter / 2 + h * h / diameter, .slack = h / 4, .more = 1};
  const HilumProgress parts[5] = {
      hilum_progress_part(progress, 0, 0.2, NULL), hilum_progress_part(progress, 0.2, 0.4, NULL),
      hilum_progress_part(progress, 0.4, 0.5, NULL), hilum_progress_part(progress, 0.5, 0.55, NULL),
      hilum_progress_part(progress, 0.55, 1, NULL)};
  HilumMesh *result = NULL;
  w.origin_mm = hilum_mesh_get_origin_mm(mesh);
  if (hilum_field_init(&w.f, mesh, h, hilum_thicken_margin_mm(diameter, h), w.r + 3 * h, (double)NAN,
                       &parts[0], error) &&
      open_solid(&w, &parts[1], error) && add_inscribed(&w, mesh, &parts[2], error) &&
      cover_rest(&w, &parts[3], error))
    result = finish(&w, diameter, hilum_mesh_tolerance(h), reached, &parts[4], error);
  *places = w.balls;
  hilum_big_free(w.open);
  hilum_field_clear(&w.f);
  return result;
}
