/* One kidney: a bent, blunt ellipsoid with a notch at the hilum and shallow furrows between its lobes; a
 * sinus that opens through the notch; twelve pyramids whose papillae stand in the sinus, capped by the cups
 * of the minor calyces. */
#include "kidney_private.h"

static const double HULL_MM[3] = {31, 25.5, 57};
static const double BEND_PER_MM = 0.0030;
static const double CORTEX_MM = 7.0;

HilumVec3 hilum_kidney_to_mm(const HilumKidney *k, HilumVec3 l)
{
  HilumVec3 p = hilum_vec3_madd(k->centre, l.x, k->axis[0]);
  p = hilum_vec3_madd(p, l.y, k->axis[1]);
  return hilum_vec3_madd(p, l.z, k->axis[2]);
}

HilumVec3 hilum_kidney_from_mm(const HilumKidney *k, HilumVec3 p)
{
  HilumVec3 d = hilum_vec3_sub(p, k->centre);
  return hilum_vec3(hilum_vec3_dot(d, k->axis[0]), hilum_vec3_dot(d, k->axis[1]),
                    hilum_vec3_dot(d, k->axis[2]));
}

/* The poles lean towards the hilum. */
static HilumVec3 unbend(HilumVec3 l)
{
  return hilum_vec3(l.x + BEND_PER_MM * l.z * l.z, l.y, l.z);
}

/* Ellipsoid with blunt poles, bent: F / |grad F| with F = sqrt(S) - 1. */
static double local_smooth(HilumVec3 l)
{
  HilumVec3 q = unbend(l);
  double x = q.x / HULL_MM[0], y = q.y / HULL_MM[1], t = q.z * q.z / (HULL_MM[2] * HULL_MM[2]);
  double s = x * x + y * y + t * (0.6 + 0.4 * t);
  double gx = 2 * x / HULL_MM[0], gy = 2 * y / HULL_MM[1];
  double gz = 2 * q.z / (HULL_MM[2] * HULL_MM[2]) * (0.6 + 0.8 * t) + gx * 2 * BEND_PER_MM * l.z;
  double g = sqrt(gx * gx + gy * gy + gz * gz), k0 = sqrt(s);
  return g > 1e-3 ? (k0 - 1) * 2 * k0 / g : -HULL_MM[1];
}

static double local_hull(const HilumKidney *k, HilumVec3 l)
{
  double d = local_smooth(l);
  if (fabs(d) < 9) {
    /* Furrows where two lobes meet, and a slight unevenness. */
    double first = INFINITY, second = INFINITY;
    for (int i = 0; i < HILUM_KIDNEY_PYRAMIDS; i++) {
      double di = hilum_vec3_distance(l, k->pyramid[i].base);
      if (di < first) {
        second = first;
        first = di;
      } else if (di < second) {
        second = di;
      }
    }
    double furrow = shape_clamp(1 - (second - first) / 9, 0, 1);
    double fade = 1 - shape_smoothstep(5, 9, fabs(d));
    d += fade * (1.5 * furrow * furrow - 0.4 + 0.7 * shape_noise(k->seed, l, 17));
  }
  double notch = shape_ellipsoid(hilum_vec3(l.x + 37, l.y - 2, l.z + 1), 14, 13, 19);
  return shape_smooth_max(d, -notch, 7);
}

/* The sinus as dug out, before papillae stand in it. */
static double local_cavity(const HilumKidney *k, HilumVec3 l)
{
  HilumVec3 q = unbend(l);
  double body = shape_ellipsoid(hilum_vec3(q.x + 8, q.y, q.z), 15.5, 8.6, 31);
  double door = shape_ellipsoid(hilum_vec3(q.x + 24, q.y - 1, q.z + 1), 15, 9.5, 15);
  double d = shape_smooth_min(body, door, 6);
  if (fabs(d) < 6) d += (1 - shape_smoothstep(3, 6, fabs(d))) * 1.1 * shape_noise(k->seed + 1, l, 7);
  return d;
}

static double papilla(const HilumPyramid *m, HilumVec3 l)
{
  return shape_capsule(l, hilum_vec3_madd(m->tip, 1.8, m->dir), hilum_vec3_madd(m->tip, 9, m->dir), 1.8, 5.4);
}

static double local_papillae(const HilumKidney *k, HilumVec3 l)
{
  double d = 20;
  for (int i = 0; i < HILUM_KIDNEY_PYRAMIDS; i++)
    d = shape_min(d, papilla(&k->pyramid[i], l));
  return d;
}

double hilum_kidney_smooth(const HilumKidney *k, HilumVec3 p)
{
  return local_smooth(hilum_kidney_from_mm(k, p));
}
double hilum_kidney_hull(const HilumKidney *k, HilumVec3 p)
{
  return local_hull(k, hilum_kidney_from_mm(k, p));
}
double hilum_kidney_sinus(const HilumKidney *k, HilumVec3 p)
{
  HilumVec3 l = hilum_kidney_from_mm(k, p);
  double d = shape_max(local_cavity(k, l), local_smooth(l) + 1.5);
  return d < 3 ? shape_max(d, -local_papillae(k, l)) : d;
}

double hilum_kidney_collecting(const HilumKidney *k, HilumVec3 p)
{
  double d = hilum_capsules_distance(k->calyces, p);
  if (d < HILUM_CAPSULES_REACH) d = shape_max(d, -local_papillae(k, hilum_kidney_from_mm(k, p)));
  return shape_min(d, hilum_capsules_distance(k->ureter, p));
}

bool hilum_kidney_in_medulla(const HilumKidney *k, HilumVec3 p)
{
  HilumVec3 l = hilum_kidney_from_mm(k, p);
  double first = INFINITY, second = INFINITY;
  for (int i = 0; i < HILUM_KIDNEY_PYRAMIDS; i++) {
    const HilumPyramid *m = &k->pyramid[i];
    HilumVec3 d = hilum_vec3_sub(l, m->tip);
    double t = hilum_vec3_dot(d, m->dir);
    double r = hilum_vec3_length(hilum_vec3_madd(d, -t, m->dir));
    double cone = r - (2.4 + 0.62 * shape_clamp(t, -2, 30));
    if (t < -3) cone = 20;
    if (cone < first) {
      second = first;
      first = cone;
    } else if (cone < second) {
      second = cone;
    }
  }
  if (first > 0 || second - first < 2.6) return false;
  double depth = -local_hull(k, l) - CORTEX_MM - 0.8 * shape_noise(k->seed + 2, l, 5);
  return depth > 0;
}

/* Walks from a point inside along dir until f reaches `level`. */
static HilumVec3 walk_to(const HilumKidney *k, double (*f)(const HilumKidney *, HilumVec3), HilumVec3 from,
                         HilumVec3 dir, double level)
{
  double t = 0;
  for (int i = 0; i < 400 && f(k, hilum_vec3_madd(from, t, dir)) < level; i++)
    t += 0.2;
  return hilum_vec3_madd(from, t, dir);
}

static double smooth_of(const HilumKidney *k, HilumVec3 l)
{
  return local_smooth(l);
}

/* Four pyramids in front of Broedel's line, four behind, and two at each pole. */
static void place_pyramids(HilumKidney *k)
{
  static const double where[HILUM_KIDNEY_PYRAMIDS][4] = {
      /* w of the root, then direction u, v, w */
      {24, 0.72, 0.62, 0.34},  {8, 0.76, 0.64, 0.08},   {-8, 0.76, 0.64, -0.06},   {-24, 0.72, 0.62, -0.34},
      {22, 0.78, -0.60, 0.20}, {6, 0.80, -0.62, 0.0},   {-10, 0.80, -0.62, -0.06}, {-25, 0.72, -0.62, -0.34},
      {25, 0.10, 0.36, 0.92},  {25, 0.08, -0.42, 0.90}, {-26, 0.10, 0.40, -0.92},  {-26, 0.08, -0.40, -0.90},
  };
  for (int i = 0; i < HILUM_KIDNEY_PYRAMIDS; i++) {
    double j[4];
    for (int a = 0; a < 4; a++)
      j[a] = hilum_random_uniform(k->seed + 7, (uint64_t)(4 * i + a)) * 2 - 1;
    double w = where[i][0] + 1.5 * j[0];
    HilumVec3 root = hilum_vec3(-8 - BEND_PER_MM * w * w, 0, w);
    HilumVec3 dir = hilum_vec3_normalize(
        hilum_vec3(where[i][1] + 0.08 * j[1], where[i][2] + 0.08 * j[2], where[i][3] + 0.06 * j[3]));
    k->pyramid[i].dir = dir;
    k->pyramid[i].tip = walk_to(k, local_cavity, root, dir, -2.4);
    k->pyramid[i].base = walk_to(k, smooth_of, root, dir, 0);
  }
}

void hilum_kidney_init(HilumKidney *k, HilumVec3 centre, double lateral, uint64_t seed)
{
  *k = (HilumKidney){.centre = centre, .seed = seed};
  /* The upper pole lies medial and behind; the hilum faces forward and medially. */
  k->axis[2] = hilum_vec3_normalize(hilum_vec3(-0.20 * lateral, 0.15, 1));
  HilumVec3 out = hilum_vec3(0.86 * lateral, 0.51, 0);
  out = hilum_vec3_madd(out, -hilum_vec3_dot(out, k->axis[2]), k->axis[2]);
  k->axis[0] = hilum_vec3_normalize(out);
  k->axis[1] = hilum_vec3_scale(hilum_vec3_cross(k->axis[0], k->axis[2]), lateral);
  if (k->axis[1].y > 0) k->axis[1] = hilum_vec3_scale(k->axis[1], -1);
  place_pyramids(k);
  k->bounds = shape_box(centre, 46, 44, 64);
}

static void add_local(HilumKidney *k, HilumVec3 a, HilumVec3 b, double ra, double rb)
{
  hilum_capsules_add(k->calyces, hilum_kidney_to_mm(k, a), hilum_kidney_to_mm(k, b), ra, rb, 0);
}

static void add_ureter(HilumKidney *k, double lateral, HilumVec3 from, double z_end)
{
  /* Down the front of the psoas. */
  const double x[] = {37, 36, 37, 35, 32, 30}, y[] = {20, 22, 22, 19, 14, 10};
  const double down[] = {-22, -36, -55, -78, -102, -126};
  HilumVec3 points[7] = {from};
  for (size_t i = 0; i < 6; i++)
    points[i + 1] = hilum_vec3(lateral * x[i], y[i], down[i] + k->centre.z - 6);
  points[6].z = shape_min(points[6].z, z_end);
  HilumVec3 path[6 * 6 + 1];
  size_t n = 0;
  for (size_t i = 0; i < 6; i++) { /* Catmull-Rom through the points */
    HilumVec3 p0 = points[i ? i - 1 : 0], p1 = points[i], p2 = points[i + 1], p3 = points[i < 5 ? i + 2 : 6];
    for (int s = 0; s < 6; s++) {
      double t = s / 6.0, t2 = t * t, t3 = t2 * t;
      HilumVec3 p = hilum_vec3_scale(p0, (-t3 + 2 * t2 - t) / 2);
      p = hilum_vec3_madd(p, (3 * t3 - 5 * t2 + 2) / 2, p1);
      p = hilum_vec3_madd(p, (-3 * t3 + 4 * t2 + t) / 2, p2);
      path[n++] = hilum_vec3_madd(p, (t3 - t2) / 2, p3);
    }
  }
  path[n++] = points[6];
  hilum_capsules_add_path(k->ureter, path, n, 2.6, 2.5, 0);
}

void hilum_kidney_add_collecting(HilumKidney *k, double lateral, double z_end_mm, HilumKidneyObstacle skip,
                                 const void *data)
{
  k->calyces = hilum_capsules_new(2.0);
  k->ureter = hilum_capsules_new(0);
  /* Three major calyces join in the pelvis, behind the vessels. */
  const HilumVec3 major[3] = {hilum_vec3(-10, -2.0, 17), hilum_vec3(-8, -2.0, 0), hilum_vec3(-10, -2.0, -16)};
  const HilumVec3 pelvis = hilum_vec3(-19, -4, -2), junction = hilum_vec3(-33, -5, -15);
  for (int i = 0; i < HILUM_KIDNEY_PYRAMIDS; i++) {
    const HilumPyramid *m = &k->pyramid[i];
    HilumVec3 cup = hilum_vec3_madd(m->tip, -0.3, m->dir), neck = hilum_vec3_madd(m->tip, -4.5, m->dir);
    if (skip != NULL && skip(hilum_kidney_to_mm(k, cup), data) < 6) continue;
    HilumVec3 target = major[m->tip.z > 9 ? 0 : m->tip.z > -9 ? 1 : 2];
    add_local(k, cup, neck, 4.8, 2.8);
    add_local(k, neck, target, 2.5, 2.9);
  }
  add_local(k, major[0], pelvis, 3.3, 4.8);
  add_local(k, major[1], pelvis, 3.3, 4.8);
  add_local(k, major[2], pelvis, 3.3, 4.8);
  HilumVec3 middle = hilum_vec3(-26, -5, -7);
  add_local(k, pelvis, middle, 6.0, 7.2);
  add_local(k, middle, junction, 7.0, 3.0);
  hilum_capsules_seal(k->calyces);
  add_ureter(k, lateral, hilum_kidney_to_mm(k, junction), z_end_mm);
  hilum_capsules_seal(k->ureter);
}

void hilum_kidney_clear(HilumKidney *k)
{
  hilum_capsules_free(k->calyces);
  hilum_capsules_free(k->ureter);
  k->calyces = k->ureter = NULL;
}
