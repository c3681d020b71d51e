/* Smoothing of the joint surface: the filter, leash and guard of one surface, over vertices that several
 * structures share. A vertex between two labels is filtered over its ring; one where more meet over its
 * neighbours along the lines in which they meet, so that such a line is smoothed as a line and the sheets do
 * not pull it to and fro. The rim of an open part stays where it is.
 *
 * Volumes: structure l swells by an offset d[l], so that a sheet moves by d[inside] - d[outside] along its
 * normal, the outside having none. The derivative of the volumes by the offsets is the matrix of the areas in
 * which structures touch, a Laplacian of a graph that hangs together with the outside, so that Newton's steps
 * are Cholesky's (Cholesky 1910; J. H. Wilkinson, C. Reinsch 1971). */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "joint_smooth_private.h"
#include "shells_private.h"

#include <math.h>
#include <string.h>

enum { GRAIN = 4096, NEWTON_STEPS = 8, GUARD_ROUNDS = 8, PATIENCE = 48 };

typedef HilumJointSmoothing Work;

/* The distinct neighbours of v and how many triangles each shares with it. */
static uint32_t gather(const HilumSmoothing *s, size_t v, uint32_t *neighbour, uint8_t *shared)
{
  uint32_t n = 0;
  for (uint32_t i = s->ring.first[v]; i < s->ring.first[v + 1]; i++) {
    uint32_t corner = s->ring.corner[i];
    uint32_t other[2] = {s->indices[hilum_corner_next(corner)], s->indices[hilum_corner_previous(corner)]};
    for (int o = 0; o < 2; o++) {
      uint32_t at = 0;
      while (at < n && neighbour[at] != other[o])
        at++;
      if (at == n) {
        neighbour[n] = other[o];
        shared[n++] = 0;
      }
      if (shared[at] < UINT8_MAX) shared[at]++;
    }
  }
  return n;
}

static void find_rings(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  HilumSmoothing *s = &w->s;
  for (size_t v = begin; v < end; v++) {
    uint32_t few[64], first = s->ring.first[v], most = 2 * (s->ring.first[v + 1] - first), kept = 0;
    uint8_t few_shared[64];
    bool many = most > G_N_ELEMENTS(few);
    uint32_t *neighbour = many ? g_new(uint32_t, most) : few;
    uint8_t *shared = many ? g_new(uint8_t, most) : few_shared;
    uint32_t n = gather(s, v, neighbour, shared), lines = 0;
    bool rim = false;
    for (uint32_t i = 0; i < n; i++) {
      lines += shared[i] != 2;
      rim |= shared[i] < 2;
    }
    w->line[v] = lines > 0;
    for (uint32_t i = 0; i < n && !rim;
         i++) /* every neighbour shares two triangles at least: there is room */
      if (lines < 2 || shared[i] != 2) s->ring.corner[first + kept++] = neighbour[i];
    hilum_smoothing_set_ring(s, v, s->ring.corner + first, kept);
    if (many) {
      g_free(neighbour);
      g_free(shared);
    }
  }
}

/* Numbers the pieces of every structure and enters them at their triangles. */
static bool find_pieces(Work *w, uint32_t *n_pieces, GError **error)
{
  const HilumLabelPair *pair = w->joint->pairs;
  w->pieces = hilum_big_alloc((size_t)w->s.n_triangles * sizeof *w->pieces, error);
  if (!w->pieces) return false;
  for (size_t t = 0; t < w->s.n_triangles; t++)
    w->pieces[t] = (HilumPieces){HILUM_NO_PIECE, HILUM_NO_PIECE};
  *n_pieces = 0;
  for (int l = 0; l < w->n_labels; l++) {
    g_autoptr(HilumMesh) mesh = hilum_joint_split(w->joint, w->labels[l], error);
    if (!mesh) return false;
    uint32_t nv = hilum_mesh_get_vertex_count(mesh), nt = hilum_mesh_get_triangle_count(mesh);
    const uint32_t *indices = hilum_mesh_get_indices(mesh);
    uint32_t *shell = hilum_big_alloc((size_t)nv * sizeof *shell, error);
    if (!shell) return false;
    uint32_t n = hilum_mesh_number_shells(nv, nt, indices, shell);
    for (size_t t = 0, at = 0; t < w->s.n_triangles; t++) {
      bool inside = pair[t].inside == w->labels[l];
      if (!inside && pair[t].outside != w->labels[l]) continue;
      uint32_t piece = *n_pieces + shell[indices[3 * at++]];
      *(inside ? &w->pieces[t].of : &w->pieces[t].into) = piece;
    }
    *n_pieces += n;
    hilum_big_free(shell);
  }
  return true;
}

static inline HilumVec3 at(const HilumLanes *p, uint32_t v)
{
  return hilum_vec3((double)p[v][0], (double)p[v][1], (double)p[v][2]);
}

static inline HilumVec3 area_vector(const HilumLanes *p, const uint32_t *i)
{
  HilumVec3 a = at(p, i[0]);
  return hilum_vec3_scale(hilum_vec3_cross(hilum_vec3_sub(at(p, i[1]), a), hilum_vec3_sub(at(p, i[2]), a)),
                          0.5);
}

static void tetrahedra(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  const HilumLanes *p = w->s.from;
  for (size_t t = begin; t < end; t++) {
    const uint32_t *i = w->s.indices + 3 * t;
    w->part[t] = hilum_vec3_dot(at(p, i[0]), hilum_vec3_cross(at(p, i[1]), at(p, i[2]))) / 6;
  }
}

/* What each structure encloses in `from`, by label. */
static void find_volumes(Work *w, double volume[HILUM_LABEL_COUNT])
{
  hilum_parallel_for(w->s.n_triangles, GRAIN, tetrahedra, w);
  memset(volume, 0, HILUM_LABEL_COUNT * sizeof *volume);
  for (size_t t = 0; t < w->s.n_triangles; t++) {
    volume[w->joint->pairs[t].inside] += w->part[t];
    volume[w->joint->pairs[t].outside] -= w->part[t];
  }
}

/* The matrix of `base`, and its Cholesky factor in place (lower). */
static void factor_areas(Work *w)
{
  size_t n = (size_t)w->n_labels;
  memset(w->area, 0, n * n * sizeof *w->area);
  for (size_t t = 0; t < w->s.n_triangles; t++) {
    HilumLabelPair pair = w->joint->pairs[t];
    double a = hilum_vec3_length(area_vector(w->base, w->s.indices + 3 * t));
    size_t i = (size_t)w->index[pair.inside], o = (size_t)w->index[pair.outside];
    w->area[i * n + i] += a;
    if (pair.outside == 0) continue;
    w->area[o * n + o] += a;
    w->area[MAX(i, o) * n + MIN(i, o)] -= a;
  }
  for (size_t j = 0; j < n; j++) {
    double diagonal = w->area[j * n + j] * (1 + 1e-12);
    for (size_t k = 0; k < j; k++)
      diagonal -= w->area[j * n + k] * w->area[j * n + k];
    diagonal = sqrt(fmax(diagonal, 1e-12));
    w->area[j * n + j] = diagonal;
    for (size_t i = j + 1; i < n; i++) {
      double sum = w->area[i * n + j];
      for (size_t k = 0; k < j; k++)
        sum -= w->area[i * n + k] * w->area[j * n + k];
      w->area[i * n + j] = sum / diagonal;
    }
  }
}

static void solve_areas(const Work *w, double *x)
{
  size_t n = (size_t)w->n_labels;
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < i; k++)
      x[i] -= w->area[i * n + k] * x[k];
    x[i] /= w->area[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; k++)
      x[i] -= w->area[k * n + i] * x[k];
    x[i] /= w->area[i * n + i];
  }
}

/* base + offsets into `from`. Where sheets meet, the mean of their offsets by area. */
static void offset_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  const HilumSmoothing *s = &w->s;
  for (size_t v = begin; v < end; v++) {
    HilumVec3 move = {0, 0, 0}, normal = {0, 0, 0};
    double area = 0;
    for (uint32_t c = w->corners.first[v]; c < w->corners.first[v + 1]; c++) {
      uint32_t t = w->corners.corner[c] / 3;
      HilumVec3 a = area_vector(w->base, s->indices + 3 * (size_t)t);
      HilumLabelPair pair = w->joint->pairs[t];
      move = hilum_vec3_madd(move, w->d[pair.inside] - w->d[pair.outside], a);
      normal = hilum_vec3_add(normal, a);
      area += hilum_vec3_length(a);
    }
    double scale = w->line[v] ? area : hilum_vec3_length(normal);
    double share = (double)hilum_guard_share(w->guard.level ? w->guard.level[v] : 0);
    move = hilum_vec3_scale(move, scale > 0 ? share / scale : 0);
    s->from[v] = w->base[v] + (HilumLanes){(float)move.x, (float)move.y, (float)move.z, 0};
  }
}

static void offset(Work *w)
{
  hilum_parallel_for(w->s.n, GRAIN, offset_chunk, w);
  hilum_smoothing_leash(&w->s);
}

static void solve(Work *w, const double target[HILUM_LABEL_COUNT])
{
  for (int step = 0; step < NEWTON_STEPS; step++) {
    double volume[HILUM_LABEL_COUNT], x[HILUM_LABEL_COUNT];
    bool good = true;
    find_volumes(w, volume);
    for (int l = 0; l < w->n_labels; l++) {
      x[l] = target[w->labels[l]] - volume[w->labels[l]];
      good &= fabs(x[l]) <= 1e-7 * fabs(target[w->labels[l]]);
    }
    if (good) return;
    solve_areas(w, x);
    for (int l = 0; l < w->n_labels; l++)
      w->d[w->labels[l]] += x[l];
    offset(w);
  }
}

static bool keep_volumes(Work *w, const double target[HILUM_LABEL_COUNT], bool guarded, GError **error)
{
  const HilumSmoothing *s = &w->s;
  if (!hilum_corners_init(&w->corners, s->n, s->n_triangles, s->indices, error)) return false;
  memcpy(w->base, s->from, (size_t)s->n * sizeof *w->base);
  if (guarded) hilum_guard_set_base(&w->guard, w->base);
  factor_areas(w);
  solve(w, target);
  for (int round = 0; guarded && !hilum_guard_check(&w->guard, w->base, s->from, round >= PATIENCE);
       round++) {
    offset(w);
    if (round < GUARD_ROUNDS) solve(w, target);
  }
  return true;
}

static bool alloc(Work *w, GError **error)
{
  size_t n = w->s.n;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (w->joint->present[l]) {
      w->index[l] = w->n_labels;
      w->labels[w->n_labels++] = (uint8_t)l;
    }
  w->area = g_new(double, (gsize)w->n_labels *(gsize)w->n_labels);
  w->line = hilum_big_alloc(n, error);
  w->base = w->line ? hilum_big_alloc(n * sizeof *w->base, error) : NULL;
  w->part = w->base ? hilum_big_alloc((size_t)w->s.n_triangles * sizeof *w->part, error) : NULL;
  return w->part != NULL;
}

/* What is asked for, or what is enclosed now. */
static void find_targets(Work *w, const double *wanted_mm3, double target[HILUM_LABEL_COUNT])
{
  hilum_smoothing_load(&w->s, w->s.from);
  find_volumes(w, target);
  for (int l = 0; l < HILUM_LABEL_COUNT && wanted_mm3; l++)
    if (wanted_mm3[l] > 0) target[l] = wanted_mm3[l];
}

/* --- two filters --- */

enum { SOFT_RINGS = 2 };

typedef struct {
  const Work *w;
  const float *from;
  float *to;
} Soften;

/* The mean of a vertex and its ring. */
static void soften(size_t begin, size_t end, unsigned worker, void *data)
{
  const Soften *a = data;
  const HilumSmoothing *s = &a->w->s;
  for (size_t v = begin; v < end; v++) {
    const uint32_t n = s->size[v];
    const uint32_t *ring = n > 8 ? s->ring.corner + s->ring.first[v] : s->eight + 8 * v;
    float sum = a->from[v];
    for (uint32_t i = 0; i < n; i++)
      sum += a->from[ring[i]];
    a->to[v] = sum / (float)(n + 1);
  }
}

static void mix(size_t begin, size_t end, unsigned worker, void *data)
{
  const Soften *a = data;
  for (size_t v = begin; v < end; v++) { /* base: all passes; from: the light ones */
    HilumLanes *light = &a->w->s.from[v];
    const HilumLanes full = a->w->base[v];
    const float weight = a->from[v];
    if (weight < 1) *light = weight > 0 ? full + weight * (*light - full) : full;
  }
}

static bool filter_mixed(Work *w, const HilumSmoothOptions *o, const HilumProgress *progress, GError **error)
{
  HilumSmoothing *s = &w->s;
  float *soft = hilum_big_alloc(2 * (size_t)s->n * sizeof *soft, error);
  if (!soft) return false;
  Soften a = {w, w->weight, soft};
  for (int ring = 0; ring < SOFT_RINGS; ring++) {
    hilum_parallel_for(s->n, GRAIN, soften, &a);
    a.from = a.to;
    a.to = a.to == soft ? soft + s->n : soft;
  }
  HilumProgress part = hilum_progress_part(progress, 0, 0.6, NULL);
  bool ok = hilum_smoothing_filter(s, o, &part, error);
  if (ok) memcpy(w->base, s->from, (size_t)s->n * sizeof *w->base);
  part = hilum_progress_part(progress, 0.6, 1, NULL);
  ok = ok && hilum_smoothing_filter(s, w->light, &part, error);
  if (ok) hilum_parallel_for(s->n, GRAIN, mix, &a);
  hilum_big_free(soft);
  return ok;
}

/* The one that is wanted everywhere, or both: the same bits. */
static bool filter(Work *w, const HilumSmoothOptions *o, const HilumProgress *progress, GError **error)
{
  bool some = false, all = true;
  for (size_t v = 0; w->light && v < w->s.n; v++) {
    some |= w->weight[v] > 0;
    all &= w->weight[v] >= 1;
  }
  const bool good = some && !all ? filter_mixed(w, o, progress, error)
                                 : hilum_smoothing_filter(&w->s, some ? w->light : o, progress, error);
  hilum_smoothing_clear_rings(&w->s);
  return good;
}

static HilumMesh *run(Work *w, const HilumSmoothOptions *o, const double *wanted_mm3, GError **error)
{
  double target[HILUM_LABEL_COUNT];
  HilumProgress part = hilum_progress_part(w->progress, 0.1, 0.7, NULL);
  if (!alloc(w, error)) return NULL;
  hilum_parallel_for(w->s.n, GRAIN, find_rings, w);
  if (o->keep_volume) find_targets(w, wanted_mm3, target);
  if (!filter(w, o, &part, error)) return NULL;
  hilum_smoothing_leash(&w->s);
  uint32_t n_pieces;
  if (o->keep_facing) {
    if (!find_pieces(w, &n_pieces, error) ||
        !hilum_guard_init_pieces(&w->guard, w->s.n, w->s.n_triangles, w->s.indices, w->pieces, n_pieces,
                                 error))
      return NULL;
    hilum_smoothing_hold_facing(&w->s, &w->guard, w->base);
  }
  if (hilum_progress_fail(w->progress, error)) return NULL;
  if (o->keep_volume && !keep_volumes(w, target, o->keep_facing, error)) return NULL;
  if (o->keep_facing && o->keep_apart && !hilum_joint_keep_apart(w, error)) return NULL;
  return hilum_smoothing_finish(&w->s, error);
}

HilumJoint *hilum_joint_smooth(HilumJoint *joint, const HilumSmoothOptions *options,
                               const double volumes_mm3[HILUM_LABEL_COUNT], const HilumProgress *progress,
                               GError **error)
{
  return hilum_joint_smooth_mixed(joint, options, NULL, NULL, volumes_mm3, progress, error);
}

HilumJoint *hilum_joint_smooth_mixed(HilumJoint *joint, const HilumSmoothOptions *options,
                                     const HilumSmoothOptions *light, const float *weight,
                                     const double volumes_mm3[HILUM_LABEL_COUNT],
                                     const HilumProgress *progress, GError **error)
{
  HilumSmoothOptions o = options ? *options : (HilumSmoothOptions){0};
  Work w = {.joint = joint, .progress = progress, .light = light, .weight = weight};
  HilumJoint *result = NULL;
  size_t bytes = (size_t)hilum_mesh_get_triangle_count(joint->mesh) * sizeof *joint->pairs;
  HilumLabelPair *pairs = hilum_big_alloc(bytes, error);
  HilumMesh *mesh =
      pairs && hilum_smoothing_init(&w.s, joint->mesh, &o, error) ? run(&w, &o, volumes_mm3, error) : NULL;
  if (mesh) {
    memcpy(pairs, joint->pairs, bytes);
    result = hilum_joint_new_take(mesh, g_steal_pointer(&pairs));
  }
  hilum_smoothing_clear(&w.s);
  hilum_guard_clear(&w.guard);
  hilum_corners_clear(&w.corners);
  hilum_big_free(pairs);
  hilum_big_free(w.pieces);
  hilum_big_free(w.line);
  hilum_big_free(w.base);
  hilum_big_free(w.part);
  g_free(w.area);
  return result;
}
