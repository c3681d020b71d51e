/* Sections and cuts. Each vertex has a side; an edge between two sides has one crossing, a triangle with both
 * sides one segment, from the edge on which its border goes down to that on which it comes up, so that
 * material is on the left of it seen from above. Segments join at crossings, which triangles share. */
#include "hilum/mesh/section.h"

#include "hilum/base/memory.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"
#include "section_private.h"

#include <math.h>
#include <string.h>

enum { POLL = 1 << 16 };

typedef struct {
  const HilumMesh *mesh;
  const float *positions;
  const uint32_t *indices;
  uint32_t nv, nt;
  HilumVec3 point, normal; /* of the cutter, relative to the mesh's origin; unit */
  double radius;           /* 0: a plane */
  uint8_t *above;          /* per vertex */
  GHashTable *ids;         /* edge -> number of its crossing + 1 */
  GArray *points;          /* HilumVec3 per crossing, relative to the mesh's origin */
  GArray *segments;        /* two uint32_t each */
} Cut;

static HilumVec3 vertex(const Cut *c, uint32_t v)
{
  const float *p = c->positions + 3 * (size_t)v;
  return hilum_vec3((double)p[0], (double)p[1], (double)p[2]);
}

/* Above zero above the plane or outside the sphere; in mm, or mm2. */
static double height(const Cut *c, HilumVec3 p)
{
  HilumVec3 d = hilum_vec3_sub(p, c->point);
  return c->radius > 0 ? hilum_vec3_dot(d, d) - c->radius * c->radius : hilum_vec3_dot(d, c->normal);
}

/* Where an edge from below to above crosses: 0..1. */
static double crossing(const Cut *c, HilumVec3 low, HilumVec3 high)
{
  double below = height(c, low), above = height(c, high);
  if (c->radius <= 0) return below / (below - above);
  HilumVec3 e = hilum_vec3_sub(high, low);
  double a = hilum_vec3_dot(e, e), b = hilum_vec3_dot(hilum_vec3_sub(low, c->point), e);
  double root = sqrt(fmax(b * b - a * below, 0));
  return b >= 0 ? -below / (b + root) : (root - b) / a; /* the root between, without cancellation */
}

static uint32_t crossing_of(Cut *c, uint32_t low, uint32_t high)
{
  uint64_t edge = (uint64_t)low << 32 | high;
  gpointer known = g_hash_table_lookup(c->ids, &edge);
  if (known) return GPOINTER_TO_UINT(known) - 1;
  HilumVec3 a = vertex(c, low), b = vertex(c, high);
  HilumVec3 p = hilum_vec3_lerp(a, b, CLAMP(crossing(c, a, b), 0, 1));
  uint32_t id = c->points->len;
  uint64_t *key = g_new(uint64_t, 1);
  *key = edge;
  g_hash_table_insert(c->ids, key, GUINT_TO_POINTER(id + 1));
  g_array_append_val(c->points, p);
  return id;
}

static void cut_triangle(Cut *c, size_t t)
{
  const uint32_t *v = c->indices + 3 * t;
  uint32_t ends[2];
  if (c->above[v[0]] == c->above[v[1]] && c->above[v[1]] == c->above[v[2]]) return;
  for (int i = 0; i < 3; i++) {
    uint32_t a = v[i], b = v[(i + 1) % 3];
    if (c->above[a] && !c->above[b]) ends[0] = crossing_of(c, b, a);
    if (!c->above[a] && c->above[b]) ends[1] = crossing_of(c, a, b);
  }
  g_array_append_vals(c->segments, ends, 2);
}

static bool cut_init(Cut *c, const HilumMesh *mesh, const HilumCutter *cutter, const HilumProgress *progress,
                     GError **error)
{
  bool sphere = cutter->kind == HILUM_CUTTER_SPHERE;
  double length = hilum_vec3_length(cutter->normal);
  if (!hilum_vec3_is_finite(cutter->point_mm) ||
      (sphere ? !(cutter->radius_mm > 0 && isfinite(cutter->radius_mm))
              : !(length > 0 && isfinite(length)))) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "A cut needs a place and a direction, or a radius above zero, in millimetres");
    return false;
  }
  *c = (Cut){.mesh = mesh,
             .positions = hilum_mesh_get_positions(mesh),
             .indices = hilum_mesh_get_indices(mesh),
             .nv = hilum_mesh_get_vertex_count(mesh),
             .nt = hilum_mesh_get_triangle_count(mesh),
             .point = hilum_vec3_sub(cutter->point_mm, hilum_mesh_get_origin_mm(mesh)),
             .normal = sphere ? cutter->normal : hilum_vec3_scale(cutter->normal, 1 / length),
             .radius = sphere ? cutter->radius_mm : 0};
  c->above = hilum_big_alloc(MAX(c->nv, 1), error);
  if (!c->above) return false;
  for (uint32_t v = 0; v < c->nv; v++)
    c->above[v] = height(c, vertex(c, v)) >= 0;
  c->ids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  c->points = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  c->segments = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  for (size_t t = 0; t < c->nt; t++) {
    if (t % POLL == 0 && hilum_progress_fail(progress, error)) return false;
    cut_triangle(c, t);
  }
  return true;
}

static void cut_clear(Cut *c)
{
  hilum_big_free(c->above);
  g_clear_pointer(&c->ids, g_hash_table_unref);
  g_clear_pointer(&c->points, g_array_unref);
  g_clear_pointer(&c->segments, g_array_unref);
}

/* --- contours --- */

/* Segments by where they begin, in their order. */
typedef struct {
  uint32_t *first, *segment; /* segment[first[p] .. first[p + 1]) begin at p */
  uint32_t *next;            /* per point: the first of those not walked yet */
  uint32_t *ends;            /* per point: segments that end there */
} Web;

static Web web_new(const Cut *c)
{
  const uint32_t *s = (const uint32_t *)(const void *)c->segments->data;
  size_t n = c->points->len, segments = c->segments->len / 2;
  Web web = {g_new0(uint32_t, n + 2), g_new(uint32_t, segments + 1), g_new(uint32_t, n + 1),
             g_new0(uint32_t, n + 1)};
  for (size_t i = 0; i < segments; i++) {
    web.first[s[2 * i] + 1]++;
    web.ends[s[2 * i + 1]]++;
  }
  for (size_t p = 0; p < n; p++)
    web.first[p + 1] += web.first[p];
  memcpy(web.next, web.first, n * sizeof *web.next);
  for (size_t i = 0; i < segments; i++)
    web.segment[web.next[s[2 * i]]++] = (uint32_t)i;
  memcpy(web.next, web.first, n * sizeof *web.next);
  return web;
}

static void web_clear(Web *web)
{
  g_free(web->first);
  g_free(web->segment);
  g_free(web->next);
  g_free(web->ends);
}

/* Measures the contour of the points from `first` on, in the cutter's plane or on its sphere. */
static HilumContour measure(const Cut *c, const GArray *points, size_t first, bool closed)
{
  const HilumVec3 *p = &g_array_index(points, HilumVec3, first);
  HilumContour contour = {.first = first, .n = points->len - first, .closed = closed};
  HilumVec3 sum = {0, 0, 0};
  for (size_t i = 0; i < contour.n; i++) {
    if (i + 1 == contour.n && !closed) break;
    HilumVec3 a = hilum_vec3_sub(p[i], p[0]), b = hilum_vec3_sub(p[(i + 1) % contour.n], p[0]);
    contour.length_mm += hilum_vec3_distance(a, b);
    sum = hilum_vec3_add(sum, hilum_vec3_cross(a, b));
  }
  if (closed)
    contour.area_mm2 = c->radius > 0 ? hilum_ball_contour_area(p, contour.n, c->point, c->radius)
                                     : 0.5 * hilum_vec3_dot(sum, c->normal);
  return contour;
}

static void add_point(GArray *points, size_t first, HilumVec3 p)
{
  if (points->len > first && hilum_vec3_distance(g_array_index(points, HilumVec3, points->len - 1), p) == 0)
    return;
  g_array_append_val(points, p);
}

/* Walks from a crossing until it is back or cannot go on. */
static void walk(const Cut *c, Web *web, uint32_t start, GArray *points, GArray *contours)
{
  const uint32_t *s = (const uint32_t *)(const void *)c->segments->data;
  size_t first = points->len;
  uint32_t at = start;
  do {
    add_point(points, first, g_array_index(c->points, HilumVec3, at));
    if (web->next[at] == web->first[at + 1]) break;
    at = s[2 * web->segment[web->next[at]++] + 1];
  } while (at != start);
  bool closed = at == start && points->len > first;
  const HilumVec3 *p = &g_array_index(points, HilumVec3, 0);
  while (closed && points->len > first + 1 && hilum_vec3_distance(p[points->len - 1], p[first]) == 0)
    g_array_set_size(points, points->len - 1);
  if (points->len - first < (closed ? 3u : 2u)) { /* it touches in a point or goes to and fro along an edge */
    g_array_set_size(points, (guint)first);
    return;
  }
  HilumContour contour = measure(c, points, first, closed);
  g_array_append_val(contours, contour);
}

static bool ball_fits(const Cut *c)
{
  const HilumBox box = hilum_mesh_get_bounds_mm(c->mesh);
  const HilumVec3 at = hilum_vec3_add(c->point, hilum_mesh_get_origin_mm(c->mesh));
  return !hilum_box_is_empty(box) && at.x - c->radius > box.min.x && at.x + c->radius < box.max.x &&
         at.y - c->radius > box.min.y && at.y + c->radius < box.max.y && at.z - c->radius > box.min.z &&
         at.z + c->radius < box.max.z;
}

/* What the contours of a sphere leave open: which of its two parts is the material. */
static void conclude_ball(const Cut *c, HilumSection *section)
{
  const double sphere = 4 * G_PI * c->radius * c->radius;
  section->all_inside = section->n_contours == 0 && ball_fits(c) && hilum_mesh_has_inside(c->mesh, c->point);
  if (section->all_inside) section->area_mm2 = sphere;
  if (section->area_mm2 < 0) section->area_mm2 += sphere; /* holes, in what else is all material */
}

static HilumSection *trace(const Cut *c)
{
  GArray *points = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  GArray *contours = g_array_new(FALSE, FALSE, sizeof(HilumContour));
  Web web = web_new(c);
  uint32_t n = c->points->len;
  for (uint32_t p = 0; p < n; p++) /* those that begin at a border */
    while (web.first[p + 1] - web.next[p] > 0 && web.first[p + 1] - web.first[p] > web.ends[p]) {
      walk(c, &web, p, points, contours);
      web.ends[p]++;
    }
  for (uint32_t p = 0; p < n; p++)
    while (web.next[p] < web.first[p + 1])
      walk(c, &web, p, points, contours);
  web_clear(&web);
  HilumSection *section = g_new0(HilumSection, 1);
  HilumVec3 origin = hilum_mesh_get_origin_mm(c->mesh);
  for (guint i = 0; i < points->len; i++)
    g_array_index(points, HilumVec3, i) = hilum_vec3_add(g_array_index(points, HilumVec3, i), origin);
  section->n_points = points->len;
  section->points_mm = (HilumVec3 *)(void *)g_array_free(points, FALSE);
  section->n_contours = contours->len;
  section->contours = (HilumContour *)(void *)g_array_free(contours, FALSE);
  for (size_t i = 0; i < section->n_contours; i++) {
    section->length_mm += section->contours[i].length_mm;
    section->area_mm2 += section->contours[i].area_mm2;
  }
  if (c->radius > 0) conclude_ball(c, section);
  return section;
}

void hilum_section_free(HilumSection *section)
{
  if (!section) return;
  g_free(section->points_mm);
  g_free(section->contours);
  g_free(section);
}

HilumSection *hilum_mesh_section(const HilumMesh *mesh, const HilumCutter *cutter,
                                 const HilumProgress *progress, GError **error)
{
  Cut c = {0};
  HilumSection *section = cut_init(&c, mesh, cutter, progress, error) ? trace(&c) : NULL;
  cut_clear(&c);
  return section;
}

/* --- the surface on one side --- */

/* The corners of what is left of a triangle, in its order: old vertices, and crossings from nv on. */
static int keep_corners(Cut *c, size_t t, bool below, uint32_t out[4])
{
  const uint32_t *v = c->indices + 3 * t;
  int n = 0;
  for (int i = 0; i < 3; i++) {
    uint32_t a = v[i], b = v[(i + 1) % 3];
    if (c->above[a] != below) out[n++] = a;
    if (c->above[a] != c->above[b])
      out[n++] = c->nv + (c->above[a] ? crossing_of(c, b, a) : crossing_of(c, a, b));
  }
  return n;
}

static bool has_area(const uint32_t *i)
{
  return i[0] != i[1] && i[1] != i[2] && i[2] != i[0];
}

/* Numbers the corners in use, as they come. */
static HilumMesh *build(const Cut *c, GArray *corners, GError **error)
{
  uint32_t *indices = (uint32_t *)(void *)corners->data, nv = 0;
  size_t all = (size_t)c->nv + c->points->len;
  uint32_t *id = hilum_big_alloc0(all * sizeof *id, error), *out = NULL;
  float *p = NULL;
  if (id)
    for (guint i = 0; i < corners->len; i++)
      if (!id[indices[i]]) id[indices[i]] = ++nv;
  p = id ? hilum_big_alloc(3 * (size_t)nv * sizeof *p, error) : NULL;
  out = p ? hilum_big_alloc(corners->len * sizeof *out, error) : NULL;
  for (size_t v = 0; out && v < all; v++) {
    if (!id[v]) continue;
    HilumVec3 at = v < c->nv ? vertex(c, (uint32_t)v) : g_array_index(c->points, HilumVec3, v - c->nv);
    const float xyz[3] = {(float)at.x, (float)at.y, (float)at.z};
    memcpy(p + 3 * ((size_t)id[v] - 1), xyz, sizeof xyz);
  }
  for (guint i = 0; out && i < corners->len; i++)
    out[i] = id[indices[i]] - 1;
  hilum_big_free(id);
  if (!out) {
    hilum_big_free(p);
    return NULL;
  }
  return hilum_mesh_new_trusted(hilum_mesh_get_origin_mm(c->mesh), nv, p, NULL, corners->len / 3, out);
}

static HilumMesh *keep_side(Cut *c, bool below, GError **error)
{
  g_autoptr(GArray) corners = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  for (size_t t = 0; t < c->nt; t++) {
    uint32_t k[4] = {0};
    int n = keep_corners(c, t, below, k);
    const uint32_t two[6] = {k[0], k[1], k[2], k[0], k[2], k[3]};
    if (n >= 3 && has_area(two)) g_array_append_vals(corners, two, 3);
    if (n == 4 && has_area(two + 3)) g_array_append_vals(corners, two + 3, 3);
  }
  if (corners->len > 0) return build(c, corners, error);
  g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                      "Nothing of the surface lies on this side of the cut");
  return NULL;
}

HilumMesh *hilum_mesh_cut(const HilumMesh *mesh, const HilumCutter *cutter, bool below,
                          const HilumProgress *progress, GError **error)
{
  Cut c = {0};
  HilumMesh *kept = cut_init(&c, mesh, cutter, progress, error) ? keep_side(&c, below, error) : NULL;
  cut_clear(&c);
  return kept;
}
