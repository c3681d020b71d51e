/* Decimation that keeps to something: collapse, look at the result, hold back where it fails, again. What is
 * handed out has passed.
 *
 * With an error bound the result is measured against the input, both ways, by the certified bound of
 * distance.c; where it fails the allowed quadric error is halved, at last with those vertices fixed. Where
 * triangles of the result cross or touch, decided exactly, the input's vertices round about are fixed. */
#include "hilum/mesh/decimate.h"

#include "decimate_private.h"
#include "distance_private.h"
#include "hilum/base/memory.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/verdict.h"

enum { MAX_ROUNDS = 24 };

typedef struct {
  HilumMesh *input;
  HilumBvh tree; /* of it, once wanted */
  const HilumDecimateOptions *options;
  float *limit;  /* per vertex, as for hilum_decimate_collapse() */
  float edge_mm; /* mean of the input's */
  double bound;
} Within;

static bool grow_tree(Within *w, GError **error)
{
  return w->tree.n_levels > 0 || hilum_bvh_init(&w->tree, w->input, error);
}

typedef struct {
  const uint32_t *indices;
  bool *tight; /* per vertex of the input */
} Tighten;

static bool tighten_triangle(uint32_t t, void *data)
{
  const Tighten *w = data;
  for (size_t c = 0; c < 3; c++)
    w->tight[w->indices[3 * (size_t)t + c]] = true;
  return true;
}

static void tighten_round(const HilumBvh *input, const HilumMesh *mesh, uint32_t t, double margin, Tighten *w)
{
  double c[3][3];
  hilum_triangle_corners(hilum_mesh_get_positions(mesh), hilum_mesh_get_indices(mesh), t, c);
  float lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = (float)(fmin(c[0][a], fmin(c[1][a], c[2][a])) - margin);
    hi[a] = (float)(fmax(c[0][a], fmax(c[1][a], c[2][a])) + margin);
  }
  hilum_bvh_overlaps(input, lo, hi, tighten_triangle, w);
}

/* One way: what the triangles of `mesh` are known to keep to. */
static void judge_triangles(Within *w, const HilumMesh *mesh, const double *far, double margin,
                            uint32_t *failures, Tighten *tighten)
{
  for (uint32_t t = 0; t < hilum_mesh_get_triangle_count(mesh); t++) {
    w->bound = fmax(w->bound, far[t]);
    if (far[t] <= w->options->max_error_mm) continue;
    ++*failures;
    tighten_round(&w->tree, mesh, t, margin, tighten);
  }
}

/* Looks at the result both ways. Where it lies too far, the limits of the input's vertices round about are
 * halved, and after three times set to zero. The bound becomes the greatest; *failures counts the triangles
 * that failed. */
static bool judge_distance(Within *w, const HilumMesh *result, uint32_t *failures,
                           const HilumProgress *progress, GError **error)
{
  const double error_mm = w->options->max_error_mm;
  const uint32_t nv = hilum_mesh_get_vertex_count(w->input), nt = hilum_mesh_get_triangle_count(w->input);
  const HilumProgress out = hilum_progress_part(progress, 0, 0.5, NULL);
  const HilumProgress back = hilum_progress_part(progress, 0.5, 1, NULL);
  HilumBvh tree = {0};
  Tighten tighten = {hilum_mesh_get_indices(w->input), hilum_big_alloc0(MAX(nv, 1u), error)};
  double *far = tighten.tight ? hilum_big_alloc(nt * sizeof *far, error) : NULL; /* the result has fewer */
  bool good = far && grow_tree(w, error) && hilum_bvh_init(&tree, result, error);
  w->bound = 0;
  good = good && hilum_bound_all(&tree, &w->tree, error_mm, far, &out, error);
  if (good) judge_triangles(w, result, far, error_mm, failures, &tighten);
  good = good && hilum_bound_all(&w->tree, &tree, error_mm, far, &back, error);
  if (good) judge_triangles(w, w->input, far, 2 * error_mm, failures, &tighten);
  for (uint32_t v = 0; good && v < nv; v++)
    if (tighten.tight[v]) w->limit[v] = w->limit[v] > 0.06f * (float)error_mm ? w->limit[v] / 2 : 0;
  hilum_bvh_clear(&tree);
  hilum_big_free(far);
  hilum_big_free(tighten.tight);
  return good;
}

/* Where triangles of the result cross, the input's vertices round about get a limit of a tenth of an edge,
 * then of a fortieth, and at last stay. Where all stay already, the input itself crosses: that is no failure.
 */
static bool judge_crossings(Within *w, const HilumMesh *result, uint32_t *failures,
                            const HilumProgress *progress, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(w->input), nt = hilum_mesh_get_triangle_count(result);
  uint64_t pairs = 0;
  g_autofree uint8_t *crossed = g_malloc(MAX(nt, 1u));
  if (!hilum_mesh_self_intersections(result, &pairs, crossed, progress, error)) return false;
  if (pairs == 0) return true;
  Tighten tighten = {hilum_mesh_get_indices(w->input), hilum_big_alloc0(MAX(nv, 1u), error)};
  const bool good = tighten.tight && grow_tree(w, error);
  const float tenth = 0.1f * w->edge_mm, fortieth = 0.025f * w->edge_mm;
  for (uint32_t t = 0; good && t < nt; t++)
    if (crossed[t]) tighten_round(&w->tree, result, t, 0, &tighten);
  for (uint32_t v = 0; good && v < nv; v++) {
    float *limit = &w->limit[v];
    if (!tighten.tight[v] || *limit <= 0) continue;
    *limit = *limit > tenth ? tenth : *limit > fortieth ? fortieth : 0;
    ++*failures;
  }
  hilum_big_free(tighten.tight);
  return good;
}

static bool judge(Within *w, const HilumMesh *result, uint32_t *failures, const HilumProgress *progress,
                  GError **error)
{
  *failures = 0;
  const HilumProgress first = hilum_progress_part(progress, 0, 0.8, NULL);
  const HilumProgress second = hilum_progress_part(progress, 0.8, 1, NULL);
  if (w->options->max_error_mm > 0 && !judge_distance(w, result, failures, &first, error)) return false;
  return w->options->may_cross || judge_crossings(w, result, failures, &second, error);
}

/* What may not be collapsed is not to be made up for by the rest: it counts as it is. */
static uint32_t target_beside(const Within *w)
{
  const uint32_t nt = hilum_mesh_get_triangle_count(w->input), target = w->options->target_triangles;
  const uint32_t *i = hilum_mesh_get_indices(w->input);
  uint32_t held = 0;
  for (size_t t = 0; t < nt; t++)
    held += w->limit[i[3 * t]] <= 0 && w->limit[i[3 * t + 1]] <= 0 && w->limit[i[3 * t + 2]] <= 0;
  return target == 0 ? 0 : target + (uint32_t)((double)held * (1 - fmin((double)target / nt, 1)));
}

/* The input itself is the last resort: it lies within any bound. */
static HilumMesh *collapse_rounds(Within *w, const HilumProgress *progress, GError **error)
{
  for (int round = 0; round < MAX_ROUNDS; round++) {
    const double from = 1 - pow(0.5, round), to = 1 - pow(0.5, round + 1), middle = (from + to) / 2;
    HilumProgress part = hilum_progress_part(progress, from, middle, NULL);
    uint32_t failures;
    g_autoptr(HilumMesh) result = hilum_decimate_collapse(w->input, target_beside(w), w->limit, &part, error);
    part = hilum_progress_part(progress, middle, to, NULL);
    if (!result || !judge(w, result, &failures, &part, error)) return NULL;
    if (failures == 0) return g_steal_pointer(&result);
  }
  w->bound = 0;
  return hilum_mesh_ref(w->input);
}

static float mean_edge_mm(const HilumMesh *mesh)
{
  const uint32_t nt = hilum_mesh_get_triangle_count(mesh);
  double sum = 0;
  for (size_t t = 0; t < nt; t++) {
    double c[3][3];
    hilum_triangle_corners(hilum_mesh_get_positions(mesh), hilum_mesh_get_indices(mesh), t, c);
    for (int i = 0; i < 3; i++) {
      const double *a = c[i], *b = c[(i + 1) % 3];
      sum +=
          sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
    }
  }
  return (float)(sum / (3.0 * MAX(nt, 1u)));
}

static HilumMesh *collapse_within(HilumMesh *mesh, const HilumDecimateOptions *options, double *bound,
                                  const HilumProgress *progress, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh);
  Within w = {.input = mesh,
              .options = options,
              .limit = hilum_big_alloc(MAX(nv, 1u) * sizeof *w.limit, error),
              .edge_mm = mean_edge_mm(mesh)};
  if (!w.limit) return NULL;
  for (uint32_t v = 0; v < nv; v++)
    w.limit[v] = options->max_error_mm > 0 ? (float)(0.45 * options->max_error_mm) : INFINITY;
  HilumMesh *result = collapse_rounds(&w, progress, error);
  hilum_big_free(w.limit);
  hilum_bvh_clear(&w.tree);
  *bound = w.bound;
  return result;
}

HilumMesh *hilum_mesh_decimate(HilumMesh *mesh, const HilumDecimateOptions *options, double *bound_mm,
                               const HilumProgress *progress, GError **error)
{
  double bound = 0;
  if (bound_mm) *bound_mm = 0;
  if (!(options->max_error_mm >= 0) || (options->max_error_mm == 0 && options->target_triangles == 0)) {
    g_set_error_literal(
        error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
        "To simplify a surface, give the number of triangles or the error in mm that is allowed");
    return NULL;
  }
  if (hilum_mesh_get_triangle_count(mesh) <= MAX(options->target_triangles, 4u)) return hilum_mesh_ref(mesh);
  HilumDecimateOptions o = *options;
  if (!isfinite(o.max_error_mm)) o.max_error_mm = 0;
  if (o.max_error_mm == 0 && o.may_cross)
    return hilum_decimate_collapse(mesh, o.target_triangles, NULL, progress, error);
  HilumMesh *result = collapse_within(mesh, &o, &bound, progress, error);
  if (result && bound_mm) *bound_mm = bound;
  return result;
}
