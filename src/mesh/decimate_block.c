/* One block: collapses in order of cost with a queue of buckets, four to the octave. Within a bucket the
 * order is that of a stack; it depends on the block alone, so the result does not depend on threads. */
#include "decimate_private.h"

#include <string.h>

enum { MAX_FAN = 48, NONE = -1 };
#define NOBODY UINT32_MAX
/* A collapse along a side costs this share of its squared length and area more: on flat ground short sides go
 * first. */
#define SHAPE 1e-5f

typedef struct {
  uint32_t u, v, next;
  uint16_t version_u, version_v;
} Entry;

struct HilumDecimateBlock {
  HilumDecimateMesh *mesh;
  const uint32_t *vertices; /* global numbers */
  uint32_t nv, nt, alive;
  float *p;
  HilumQuadric *q;
  uint32_t *tri;         /* local; NOBODY in the first place: gone */
  uint32_t *next;        /* per corner: the next corner of the same vertex */
  uint32_t *head;        /* per vertex: first corner */
  uint16_t *version;     /* per vertex: counts what happened to it */
  uint32_t *mark, stamp; /* per vertex */
  bool *locked, *gone;
  GArray *entries;
  uint32_t bucket[HILUM_DECIMATE_BUCKETS], waiting[HILUM_DECIMATE_BUCKETS];
  uint32_t free_entry;
  unsigned lowest;
};

/* The corners round a vertex: up to MAX_FAN triangles. */
typedef struct {
  uint32_t corner[MAX_FAN];
  int n;
} Fan;

static unsigned bucket_of(float cost)
{
  uint32_t bits;
  memcpy(&bits, &cost, sizeof bits);
  const int64_t b = (int64_t)(bits >> 21) - ((127 - 44) << 2);
  return (unsigned)CLAMP(b, 0, HILUM_DECIMATE_BUCKETS - 1);
}

/* False if there are more than MAX_FAN. */
static bool collect(const HilumDecimateBlock *b, uint32_t v, Fan *fan)
{
  fan->n = 0;
  for (uint32_t c = b->head[v]; c != NOBODY; c = b->next[c]) {
    if (b->tri[c - c % 3] == NOBODY) continue;
    if (fan->n == MAX_FAN) return false;
    fan->corner[fan->n++] = c;
  }
  return true;
}

/* x'Ax + 2b'x + c */
static float evaluate(const HilumQuadric *q, const float x[3])
{
  const float ax[3] = {q->a[0] * x[0] + q->a[1] * x[1] + q->a[2] * x[2],
                       q->a[1] * x[0] + q->a[3] * x[1] + q->a[4] * x[2],
                       q->a[2] * x[0] + q->a[4] * x[1] + q->a[5] * x[2]};
  const float e =
      x[0] * (ax[0] + 2 * q->b[0]) + x[1] * (ax[1] + 2 * q->b[1]) + x[2] * (ax[2] + 2 * q->b[2]) + q->c;
  return e > 0 ? e : 0;
}

/* About a place that lies at `d` from the present one. */
static void move_quadric(HilumQuadric *q, const float d[3])
{
  const float c = evaluate(q, d);
  q->b[0] += q->a[0] * d[0] + q->a[1] * d[1] + q->a[2] * d[2];
  q->b[1] += q->a[1] * d[0] + q->a[3] * d[1] + q->a[4] * d[2];
  q->b[2] += q->a[2] * d[0] + q->a[4] * d[1] + q->a[5] * d[2];
  q->c = c;
}

/* Least of the quadric, drawn a little towards `m` so that the system is never singular (Tikhonov). */
static void solve(const HilumQuadric *q, const float m[3], float x[3])
{
  const float e = 3e-3f * (q->a[0] + q->a[3] + q->a[5]) + 1e-20f;
  const float xx = q->a[0] + e, yy = q->a[3] + e, zz = q->a[5] + e, xy = q->a[1], xz = q->a[2], yz = q->a[4];
  const float r[3] = {e * m[0] - q->b[0], e * m[1] - q->b[1], e * m[2] - q->b[2]};
  const float c0 = yy * zz - yz * yz, c1 = xz * yz - xy * zz, c2 = xy * yz - xz * yy;
  const float det = xx * c0 + xy * c1 + xz * c2;
  if (!(det > 0)) {
    memcpy(x, m, 3 * sizeof *x);
    return;
  }
  const float s = 1 / det;
  x[0] = s * (c0 * r[0] + c1 * r[1] + c2 * r[2]);
  x[1] = s * (c1 * r[0] + (xx * zz - xz * xz) * r[1] + (xy * xz - xx * yz) * r[2]);
  x[2] = s * (c2 * r[0] + (xy * xz - xx * yz) * r[1] + (xx * yy - xy * xy) * r[2]);
}

/* What collapsing u onto v costs, and where v goes (mm, as it will be stored). `sum` is about u. Negative:
 * too far. */
static float weigh(const HilumDecimateBlock *b, uint32_t u, uint32_t v, HilumQuadric *sum, float place[3])
{
  const float *pu = b->p + 3 * (size_t)u, *pv = b->p + 3 * (size_t)v;
  const float d[3] = {pv[0] - pu[0], pv[1] - pu[1], pv[2] - pu[2]}, back[3] = {-d[0], -d[1], -d[2]};
  *sum = b->q[v];
  move_quadric(sum, back);
  for (int i = 0; i < 6; i++)
    sum->a[i] += b->q[u].a[i];
  for (int i = 0; i < 3; i++)
    sum->b[i] += b->q[u].b[i];
  sum->c += b->q[u].c;
  sum->weight += b->q[u].weight;
  sum->limit2 = MIN(sum->limit2, b->q[u].limit2);
  float x[3] = {d[0], d[1], d[2]};
  const float length2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
  if (!b->locked[v]) {
    const float middle[3] = {d[0] / 2, d[1] / 2, d[2] / 2};
    solve(sum, middle, x);
    const float off[3] = {x[0] - middle[0], x[1] - middle[1], x[2] - middle[2]};
    if (off[0] * off[0] + off[1] * off[1] + off[2] * off[2] > length2) memcpy(x, middle, sizeof x);
  }
  for (int a = 0; a < 3; a++)
    place[a] = pu[a] + x[a];
  const float cost = evaluate(sum, x);
  return cost > sum->weight * sum->limit2 ? -1 : cost + SHAPE * sum->weight * length2;
}

static void push(HilumDecimateBlock *b, uint32_t u, uint32_t v)
{
  HilumQuadric sum;
  float place[3];
  if (b->locked[u] || (!b->locked[v] && v < u)) { /* u goes: it must be free */
    const uint32_t swap = u;
    u = v;
    v = swap;
  }
  if (b->locked[u]) return;
  const float cost = weigh(b, u, v, &sum, place);
  if (cost < 0) return;
  const unsigned k = bucket_of(cost);
  const Entry e = {u, v, b->bucket[k], b->version[u], b->version[v]};
  uint32_t at = b->free_entry;
  if (at != NOBODY) {
    b->free_entry = g_array_index(b->entries, Entry, at).next;
    g_array_index(b->entries, Entry, at) = e;
  } else {
    at = b->entries->len;
    g_array_append_val(b->entries, e);
  }
  b->bucket[k] = at;
  b->waiting[k]++;
  b->lowest = MIN(b->lowest, k);
}

/* Turned by at most 75 degrees, and no sliver that was none: twice the area is at least 1 % of the longest
 * side squared, or no smaller a share than before. */
static bool shape_ok(const float *o0, const float *n0, const float *p1, const float *p2)
{
  const float s[3] = {p2[0] - p1[0], p2[1] - p1[1], p2[2] - p1[2]};
  const float uo[3] = {o0[0] - p1[0], o0[1] - p1[1], o0[2] - p1[2]};
  const float un[3] = {n0[0] - p1[0], n0[1] - p1[1], n0[2] - p1[2]};
  const float wn[3] = {n0[0] - p2[0], n0[1] - p2[1], n0[2] - p2[2]};
  const float o[3] = {s[1] * uo[2] - s[2] * uo[1], s[2] * uo[0] - s[0] * uo[2], s[0] * uo[1] - s[1] * uo[0]};
  const float n[3] = {s[1] * un[2] - s[2] * un[1], s[2] * un[0] - s[0] * un[2], s[0] * un[1] - s[1] * un[0]};
  const float oo = o[0] * o[0] + o[1] * o[1] + o[2] * o[2], nn = n[0] * n[0] + n[1] * n[1] + n[2] * n[2];
  const float on = o[0] * n[0] + o[1] * n[1] + o[2] * n[2];
  if (!(on > 0) || on * on < 0.0625f * oo * nn || nn <= 1e-20f) return false;
  const float side2 = s[0] * s[0] + s[1] * s[1] + s[2] * s[2];
  const float un2 = un[0] * un[0] + un[1] * un[1] + un[2] * un[2];
  const float wn2 = wn[0] * wn[0] + wn[1] * wn[1] + wn[2] * wn[2], ln = MAX(side2, MAX(un2, wn2));
  if (nn >= 1e-4f * ln * ln) return true;
  const float wo[3] = {o0[0] - p2[0], o0[1] - p2[1], o0[2] - p2[2]};
  const float uo2 = uo[0] * uo[0] + uo[1] * uo[1] + uo[2] * uo[2];
  const float wo2 = wo[0] * wo[0] + wo[1] * wo[1] + wo[2] * wo[2], lo = MAX(side2, MAX(uo2, wo2));
  return nn * lo * lo >= oo * ln * ln;
}

/* The triangles of `fan` that do not hold `other` keep their facing when their corner goes to `place`. */
static bool fan_ok(const HilumDecimateBlock *b, const Fan *fan, uint32_t other, const float place[3])
{
  for (int i = 0; i < fan->n; i++) {
    const uint32_t c = fan->corner[i], v1 = b->tri[hilum_corner_next(c)],
                   v2 = b->tri[hilum_corner_previous(c)];
    if (v1 == other || v2 == other) continue;
    if (!shape_ok(b->p + 3 * (size_t)b->tri[c], place, b->p + 3 * (size_t)v1, b->p + 3 * (size_t)v2))
      return false;
  }
  return true;
}

static int valence(const HilumDecimateBlock *b, uint32_t v)
{
  int n = 0;
  for (uint32_t c = b->head[v]; c != NOBODY; c = b->next[c])
    n += b->tri[c - c % 3] != NOBODY;
  return n;
}

/* The link condition (T. Dey, H. Edelsbrunner, S. Guha, D. Nekhayev, Topology preserving edge contraction,
 * 1999): the neighbours that u and v share are just the two that face the edge. Then the surface stays a
 * 2-manifold of the same kind. What a triangle beyond the block may join, two locked vertices, must not be
 * joined here a second time. */
static bool link_ok(HilumDecimateBlock *b, uint32_t u, uint32_t v, const Fan *fu, const Fan *fv)
{
  const uint32_t near_u = ++b->stamp, both = ++b->stamp;
  uint32_t facing[2];
  int shared = 0;
  for (int i = 0; i < fu->n; i++) {
    const uint32_t w[2] = {b->tri[hilum_corner_next(fu->corner[i])],
                           b->tri[hilum_corner_previous(fu->corner[i])]};
    for (int k = 0; k < 2; k++) {
      if (w[k] == v) {
        if (shared == 2) return false;
        facing[shared++] = w[1 - k];
      } else {
        b->mark[w[k]] = near_u;
      }
    }
  }
  if (shared != 2 || facing[0] == facing[1]) return false;
  int common = 0;
  for (int i = 0; i < fv->n; i++) {
    const uint32_t w[2] = {b->tri[hilum_corner_next(fv->corner[i])],
                           b->tri[hilum_corner_previous(fv->corner[i])]};
    for (int k = 0; k < 2; k++)
      if (b->mark[w[k]] == near_u) {
        b->mark[w[k]] = both;
        common++;
      }
  }
  if (common != 2) return false;
  if (b->locked[v])
    for (int i = 0; i < fu->n; i++) {
      const uint32_t w = b->tri[hilum_corner_next(fu->corner[i])];
      if (w != v && b->locked[w] && w != facing[0] && w != facing[1]) return false;
    }
  return valence(b, facing[0]) > 3 && valence(b, facing[1]) > 3;
}

/* u's triangles become v's; the two that held both go. */
static void join(HilumDecimateBlock *b, uint32_t u, uint32_t v, const Fan *fu, const Fan *fv)
{
  uint32_t head = NOBODY;
  for (int i = 0; i < fv->n; i++) {
    const uint32_t c = fv->corner[i];
    if (b->tri[hilum_corner_next(c)] == u || b->tri[hilum_corner_previous(c)] == u) {
      b->tri[c - c % 3] = NOBODY;
      b->alive--;
      continue;
    }
    b->next[c] = head;
    head = c;
  }
  for (int i = 0; i < fu->n; i++) {
    const uint32_t c = fu->corner[i];
    if (b->tri[c - c % 3] == NOBODY) continue;
    b->tri[c] = v;
    b->next[c] = head;
    head = c;
  }
  b->head[v] = head;
  b->head[u] = NOBODY;
  b->gone[u] = true;
}

static bool collapse(HilumDecimateBlock *b, uint32_t u, uint32_t v, const HilumQuadric *sum,
                     const float place[3])
{
  Fan fu, fv;
  if (!collect(b, u, &fu) || !collect(b, v, &fv) || fu.n + fv.n > MAX_FAN) return false;
  if (!link_ok(b, u, v, &fu, &fv) || !fan_ok(b, &fu, v, place)) return false;
  if (!b->locked[v] && !fan_ok(b, &fv, u, place)) return false;
  join(b, u, v, &fu, &fv);
  const float *pu = b->p + 3 * (size_t)u;
  const float d[3] = {place[0] - pu[0], place[1] - pu[1], place[2] - pu[2]};
  b->q[v] = *sum;
  move_quadric(&b->q[v], d);
  if (!b->locked[v]) memcpy(b->p + 3 * (size_t)v, place, 3 * sizeof *place);
  b->version[u]++;
  b->version[v]++;
  for (uint32_t c = b->head[v]; c != NOBODY; c = b->next[c])
    push(b, v, b->tri[hilum_corner_next(c)]);
  if (b->locked[v]) /* an open fan has one neighbour that follows nobody */
    for (uint32_t c = b->head[v]; c != NOBODY; c = b->next[c])
      push(b, v, b->tri[hilum_corner_previous(c)]);
  return true;
}

/* Where the best place would turn a triangle over: the middle of the side or one of its ends, if that costs
 * no more than the round allows. */
static bool collapse_elsewhere(HilumDecimateBlock *b, uint32_t u, uint32_t v, const HilumQuadric *sum,
                               unsigned last)
{
  if (b->locked[v]) return false;
  const float *pu = b->p + 3 * (size_t)u, *pv = b->p + 3 * (size_t)v;
  static const float share[3] = {0.5f, 1, 0};
  for (int k = 0; k < 3; k++) {
    float x[3], place[3];
    for (int a = 0; a < 3; a++) {
      x[a] = share[k] * (pv[a] - pu[a]);
      place[a] = pu[a] + x[a];
    }
    const float cost = evaluate(sum, x);
    if (cost > sum->weight * sum->limit2 || bucket_of(cost) > last) continue;
    if (collapse(b, u, v, sum, place)) return true;
  }
  return false;
}

uint32_t hilum_decimate_block_run(HilumDecimateBlock *b, unsigned last, uint32_t budget)
{
  uint32_t done = 0;
  while (b->lowest <= last && done < budget) {
    const unsigned k = b->lowest;
    const uint32_t at = b->bucket[k];
    if (at == NOBODY) {
      b->lowest++;
      continue;
    }
    Entry *slot = &g_array_index(b->entries, Entry, at);
    const Entry e = *slot;
    b->bucket[k] = e.next;
    b->waiting[k]--;
    slot->next = b->free_entry;
    b->free_entry = at;
    if (e.next != NOBODY) __builtin_prefetch(&g_array_index(b->entries, Entry, e.next));
    if (b->gone[e.u] || b->gone[e.v] || b->version[e.u] != e.version_u || b->version[e.v] != e.version_v)
      continue;
    HilumQuadric sum;
    float place[3];
    if (weigh(b, e.u, e.v, &sum, place) < 0) continue;
    done += collapse(b, e.u, e.v, &sum, place) || collapse_elsewhere(b, e.u, e.v, &sum, last);
  }
  return done;
}

uint32_t hilum_decimate_block_waiting(const HilumDecimateBlock *b, unsigned last)
{
  uint32_t n = 0;
  for (unsigned k = b->lowest; k <= last; k++)
    n += b->waiting[k];
  return n;
}

uint32_t hilum_decimate_block_triangles(const HilumDecimateBlock *b)
{
  return b->alive;
}

/* One closed fan: going from triangle to triangle round v meets all of them once. */
static bool fan_is_closed(const HilumDecimateBlock *b, uint32_t v)
{
  Fan fan;
  if (!collect(b, v, &fan) || fan.n < 3 || fan.n > MAX_FAN / 2) return false;
  uint32_t from[MAX_FAN], to[MAX_FAN];
  for (int i = 0; i < fan.n; i++) {
    from[i] = b->tri[hilum_corner_next(fan.corner[i])];
    to[i] = b->tri[hilum_corner_previous(fan.corner[i])];
  }
  uint32_t at = to[0];
  for (int step = 1; step < fan.n; step++) {
    int follows = NONE;
    for (int i = 1; i < fan.n; i++)
      if (from[i] == at) {
        if (follows != NONE) return false;
        follows = i;
      }
    if (follows == NONE || at == from[0]) return false;
    at = to[follows];
  }
  return at == from[0];
}

static void add_planes(HilumDecimateBlock *b)
{
  for (uint32_t t = 0; t < b->nt; t++) {
    const uint32_t *i = b->tri + 3 * (size_t)t;
    float a[6], area;
    hilum_quadric_planes(b->p + 3 * (size_t)i[0], b->p + 3 * (size_t)i[1], b->p + 3 * (size_t)i[2], a, &area);
    for (int c = 0; c < 3; c++)
      hilum_quadric_add_planes(&b->q[i[c]], a, area);
  }
}

static void load(HilumDecimateBlock *b, const uint32_t *triangles, const uint32_t *local, const bool *seam)
{
  for (uint32_t v = 0; v < b->nv; v++) {
    const size_t g = b->vertices[v];
    memcpy(b->p + 3 * (size_t)v, b->mesh->positions + 3 * g, 3 * sizeof *b->p);
    b->q[v] = b->mesh->quadrics[g];
    b->locked[v] = seam[g] || b->mesh->fixed[g];
    b->head[v] = NOBODY;
  }
  for (uint32_t t = 0; t < b->nt; t++)
    for (uint32_t c = 0; c < 3; c++) {
      const uint32_t v = local[b->mesh->indices[3 * (size_t)triangles[t] + c]];
      b->tri[3 * (size_t)t + c] = v;
      b->next[3 * (size_t)t + c] = b->head[v];
      b->head[v] = 3 * t + c;
    }
}

HilumDecimateBlock *hilum_decimate_block_new(HilumDecimateMesh *mesh, const uint32_t *vertices, uint32_t nv,
                                             const uint32_t *triangles, uint32_t nt, const uint32_t *local,
                                             const bool *seam, bool planes)
{
  HilumDecimateBlock *b = g_new0(HilumDecimateBlock, 1);
  *b = (HilumDecimateBlock){.mesh = mesh,
                            .vertices = vertices,
                            .nv = nv,
                            .nt = nt,
                            .alive = nt,
                            .p = g_new(float, 3 * (size_t)nv),
                            .q = g_new(HilumQuadric, nv),
                            .tri = g_new(uint32_t, 3 * (size_t)nt),
                            .next = g_new(uint32_t, 3 * (size_t)nt),
                            .head = g_new(uint32_t, nv),
                            .version = g_new0(uint16_t, nv),
                            .mark = g_new0(uint32_t, nv),
                            .locked = g_new0(bool, nv),
                            .gone = g_new0(bool, nv),
                            .entries = g_array_sized_new(FALSE, FALSE, sizeof(Entry), 2 * nt + 16),
                            .free_entry = NOBODY,
                            .lowest = HILUM_DECIMATE_BUCKETS};
  memset(b->bucket, 0xFF, sizeof b->bucket);
  load(b, triangles, local, seam);
  if (planes) add_planes(b);
  for (uint32_t v = 0; v < nv; v++)
    if (!b->locked[v] && !fan_is_closed(b, v)) b->locked[v] = true;
  for (uint32_t t = 0; t < nt; t++)
    for (uint32_t c = 0; c < 3; c++) {
      const uint32_t u = b->tri[3 * (size_t)t + c], v = b->tri[3 * (size_t)t + (c + 1) % 3];
      if (u < v) push(b, u, v); /* of a free vertex each side is met in both directions */
    }
  return b;
}

void hilum_decimate_block_store(const HilumDecimateBlock *b, uint32_t *indices)
{
  for (uint32_t v = 0; v < b->nv; v++) {
    if (b->gone[v]) continue;
    const size_t g = b->vertices[v];
    memcpy(b->mesh->positions + 3 * g, b->p + 3 * (size_t)v, 3 * sizeof *b->p);
    b->mesh->quadrics[g] = b->q[v];
  }
  for (uint32_t t = 0; t < b->nt; t++) {
    const uint32_t *i = b->tri + 3 * (size_t)t;
    if (i[0] == NOBODY) continue;
    for (int c = 0; c < 3; c++)
      *indices++ = b->vertices[i[c]];
  }
}

void hilum_decimate_block_free(HilumDecimateBlock *b)
{
  g_free(b->p);
  g_free(b->q);
  g_free(b->tri);
  g_free(b->next);
  g_free(b->head);
  g_free(b->version);
  g_free(b->mark);
  g_free(b->locked);
  g_free(b->gone);
  g_array_unref(b->entries);
  g_free(b);
}
