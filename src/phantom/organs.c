/* Organs around the kidneys: liver, gallbladder, spleen, stomach, pancreas, adrenals, bowel, lung bases, and
 * the ribs' course. Each keeps clear of the kidneys' fat. */
#include "abdomen_private.h"

static double wobble(uint64_t seed, HilumVec3 p, double size, double amount)
{
  return amount * shape_noise(seed, p, size);
}

/* --- made at the start --- */

static void make_ribs(HilumOrgans *o)
{
  o->ribs = hilum_capsules_new(0);
  for (int side = -1; side <= 1; side += 2)
    for (int n = 0; n < 6; n++) { /* 12th up to 7th */
      const double starts[] = {46, 80, 114, 148, 180, 210}, ends[] = {0.36, 0.60, 0.74, 0.80, 0.84, 0.88};
      const double drops[] = {92, 104, 104, 112, 118, 122};
      HilumVec3 path[25];
      for (int i = 0; i < 25; i++) {
        double t = ends[n] * i / 24, angle = (0.12 + t) * 3.141592653589793;
        double spread = shape_smoothstep(0, 0.12, t);
        /* Along the middle of the wall, from the back (y > 0) round the flank. */
        double x = 119 * sin(angle), y = 74 * cos(angle);
        double blunt = 1 + 0.10 * sin(2 * angle) * sin(2 * angle);
        path[i] = hilum_vec3(side * (24 + (x * blunt - 24) * spread), 60 + (y * blunt - 61) * spread,
                             starts[n] - drops[n] * t * (1 - 0.25 * t));
      }
      hilum_capsules_add_path(o->ribs, path, 25, 4.6, n == 0 ? 3.0 : 4.4, n);
    }
  hilum_capsules_seal(o->ribs);
}

static void make_colon(HilumOrgans *o, uint64_t seed)
{
  o->colon = hilum_capsules_new(0);
  static const HilumVec3 course[] = {
      {-86, 8, -122},  {-92, 12, -90}, {-95, 14, -60}, {-90, 0, -38},  {-70, -34, -30}, {-42, -52, -32},
      {-10, -55, -38}, {22, -55, -34}, {52, -50, -18}, {78, -40, 6},   {95, -22, 36},   {103, -2, 44},
      {105, 12, 24},   {104, 18, -4},  {102, 20, -32}, {100, 20, -62}, {96, 16, -92},   {90, 8, -126},
  };
  size_t n = G_N_ELEMENTS(course);
  for (size_t i = 0; i + 1 < n; i++)
    for (int s = 0; s < 4; s++) { /* haustra: the width swells and narrows */
      double t0 = s / 4.0, t1 = (s + 1) / 4.0;
      double base = i < 4 ? 18 : i < 10 ? 14.5 : 10.5;
      double r0 = base + 1.8 * ((s & 1) ? 1 : -1) + hilum_random_uniform(seed, i * 4 + (uint64_t)s);
      double r1 = base + 1.8 * ((s & 1) ? -1 : 1) + hilum_random_uniform(seed, i * 4 + (uint64_t)s + 1);
      hilum_capsules_add(o->colon, hilum_vec3_lerp(course[i], course[i + 1], t0),
                         hilum_vec3_lerp(course[i], course[i + 1], t1), r0, r1, (int)i / 2);
    }
  hilum_capsules_seal(o->colon);
}

/* Loops of small bowel: wandering tubes in the front of the belly. */
static void make_bowel(HilumOrgans *o, uint64_t seed)
{
  o->bowel = hilum_capsules_new(0);
  uint64_t counter = 0;
  int group = 0;
  for (int tube = 0; tube < 19; tube++) {
    HilumVec3 p = hilum_vec3(-84 + 168 * hilum_random_uniform(seed, counter),
                             -46 + 38 * hilum_random_uniform(seed, counter + 1),
                             -124 + 140 * hilum_random_uniform(seed, counter + 2));
    counter += 3;
    HilumVec3 dir = hilum_vec3_normalize(hilum_vec3(hilum_random_uniform(seed, counter) - 0.5,
                                                    0.4 * (hilum_random_uniform(seed, counter + 1) - 0.5),
                                                    hilum_random_uniform(seed, counter + 2) - 0.5));
    counter += 3;
    double r = 8.5 + 2.5 * hilum_random_uniform(seed, counter++);
    for (int s = 0; s < 22; s++) {
      dir = hilum_vec3_normalize(hilum_vec3_add(
          dir, hilum_vec3(0.9 * (hilum_random_uniform(seed, counter) - 0.5) - p.x * 0.003,
                          0.7 * (hilum_random_uniform(seed, counter + 1) - 0.5) - (p.y + 36) * 0.012,
                          0.9 * (hilum_random_uniform(seed, counter + 2) - 0.5) - (p.z + 58) * 0.005)));
      counter += 3;
      HilumVec3 q = hilum_vec3_madd(p, 9, dir);
      double rn = 8.5 + 2.5 * hilum_random_uniform(seed, counter++);
      hilum_capsules_add(o->bowel, p, q, r, rn, group + s / 5);
      p = q;
      r = rn;
    }
    group += 5;
  }
  hilum_capsules_seal(o->bowel);
}

static void make_small(HilumOrgans *o)
{
  o->adrenals = hilum_capsules_new(1.0);
  for (int side = -1; side <= 1; side += 2) {
    double dx = side > 0 ? 40 : -33, dy = side > 0 ? 20 : 25, dz = side > 0 ? 64 : 58;
    HilumVec3 apex = hilum_vec3(dx, dy, dz), top = hilum_vec3(dx - side * 2, dy + 4, dz + 16);
    hilum_capsules_add(o->adrenals, apex, hilum_vec3(dx - side * 5, dy + 19, dz - 4), 2.4, 1.9, 0);
    hilum_capsules_add(o->adrenals, apex, hilum_vec3(dx + side * 8, dy + 17, dz - 5), 2.4, 1.9, 0);
    hilum_capsules_add(o->adrenals, apex, hilum_vec3(dx + side * 1, dy - 5, dz - 3), 2.8, 2.2, 0);
    hilum_capsules_add(o->adrenals, apex, top, 2.6, 1.9, 0);
    hilum_capsules_add(o->adrenals, top, hilum_vec3(dx - side * 3, dy + 16, dz + 10), 2.1, 1.7, 0);
  }
  hilum_capsules_seal(o->adrenals);
  o->pancreas = hilum_capsules_new(5);
  const HilumVec3 course[] = {{-24, -22, 18}, {-20, -26, 32}, {-2, -31, 42},
                              {20, -27, 50},  {42, -16, 58},  {62, -6, 64}};
  hilum_capsules_add_path(o->pancreas, course, 6, 10.5, 7.0, 0);
  hilum_capsules_seal(o->pancreas);
}

static void portal_branch(HilumCapsules *out, HilumVec3 from, HilumVec3 dir, double length, double r,
                          uint64_t seed, uint64_t *counter)
{
  HilumVec3 to = hilum_vec3_madd(from, length, dir);
  hilum_capsules_add(out, from, to, r, r * 0.88, 0);
  if (r < 1.3) return;
  for (int child = 0; child < 2; child++) {
    HilumVec3 turn =
        hilum_vec3(hilum_random_uniform(seed, *counter) - 0.5, hilum_random_uniform(seed, *counter + 1) - 0.5,
                   hilum_random_uniform(seed, *counter + 2) - 0.5);
    *counter += 3;
    portal_branch(out, to, hilum_vec3_normalize(hilum_vec3_madd(dir, 1.5, turn)), length * 0.84, r * 0.78,
                  seed, counter);
  }
}

static void make_portal(HilumOrgans *o, uint64_t seed)
{
  o->portal = hilum_capsules_new(0);
  uint64_t counter = 0;
  portal_branch(o->portal, hilum_vec3(-34, -18, 58), hilum_vec3_normalize(hilum_vec3(-0.8, 0.1, 0.35)), 22,
                5.2, seed, &counter);
  portal_branch(o->portal, hilum_vec3(-34, -18, 58), hilum_vec3_normalize(hilum_vec3(0.2, -0.75, 0.5)), 20,
                4.0, seed, &counter);
  const HilumVec3 hepatic = hilum_vec3(-25, 0, 118); /* the hepatic veins, from the cava */
  portal_branch(o->portal, hepatic, hilum_vec3_normalize(hilum_vec3(-0.8, 0.1, -0.5)), 24, 4.2, seed + 1,
                &counter);
  portal_branch(o->portal, hepatic, hilum_vec3_normalize(hilum_vec3(-0.4, -0.8, -0.4)), 24, 4.0, seed + 1,
                &counter);
  hilum_capsules_seal(o->portal);
}

void hilum_organs_init(HilumOrgans *o, uint64_t seed)
{
  make_ribs(o);
  make_colon(o, seed + 41);
  make_bowel(o, seed + 42);
  make_small(o);
  make_portal(o, seed + 43);
}

void hilum_organs_clear(HilumOrgans *o)
{
  hilum_capsules_free(o->bowel);
  hilum_capsules_free(o->colon);
  hilum_capsules_free(o->ribs);
  hilum_capsules_free(o->adrenals);
  hilum_capsules_free(o->pancreas);
  hilum_capsules_free(o->portal);
}

/* --- shapes --- */

/* Keeps d away from both kidneys' fat and, on the left, from the tumour that bulges into it. */
static double clear_of_kidneys(const HilumAbdomen *a, HilumVec3 p, double d, double gap)
{
  const HilumKidney *k = p.x > 0 ? &a->left : &a->right;
  double kidney = hilum_kidney_smooth(k, p) - gap;
  if (p.x > 0) kidney = shape_min(kidney, hilum_vec3_distance(p, a->tumour_mm) - a->tumour_radius_mm - gap);
  return shape_smooth_max(d, -kidney, 4);
}

double hilum_organ_lung(const HilumAbdomen *a, HilumVec3 p)
{
  double dome = shape_ellipsoid(hilum_vec3(p.x, p.y + 10, p.z - 42), 120, 84, 86);
  double d = shape_max(hilum_trunk_cavity(p) + 1.0, -dome);
  double mediastinum = shape_ellipse(p.x, p.y - 25, 30, 36, 0);
  return shape_max(shape_max(d, 74 - p.z), -mediastinum);
}

double hilum_organ_liver(const HilumAbdomen *a, HilumVec3 p)
{
  double right = shape_ellipsoid(hilum_vec3(p.x + 58, p.y + 6, p.z - 60), 62, 68, 80);
  double left = shape_ellipsoid(hilum_vec3(p.x + 6, p.y + 44, p.z - 84), 56, 28, 42);
  double d = shape_smooth_min(right, left, 22);
  d = shape_smooth_max(d, hilum_trunk_cavity(p) + 2.5, 4);
  double dome = shape_ellipsoid(hilum_vec3(p.x, p.y + 10, p.z - 42), 117, 81, 83);
  d = shape_smooth_max(d, dome, 3);
  double cava = hilum_capsules_distance(a->cava, p) - 1.2;
  d = shape_smooth_max(d, -cava, 3);
  /* The back of the hilum of the liver and the space for pancreas and vessels. */
  double under = shape_ellipsoid(hilum_vec3(p.x + 8, p.y + 4, p.z - 46), 30, 34, 30);
  d = shape_smooth_max(d, -under, 12);
  double spine = shape_ellipse(p.x - 4, p.y - 34, 34, 30, 0);
  d = shape_smooth_max(d, -spine, 8);
  return clear_of_kidneys(a, p, d, 6.5) + wobble(a->seed + 33, p, 30, 1.0);
}
HilumTissue hilum_organ_liver_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_capsules_distance(a->organs.portal, p) < 0 ? TISSUE_LIVER_VESSEL : TISSUE_LIVER;
}

double hilum_organ_gallbladder(const HilumAbdomen *a, HilumVec3 p)
{
  return shape_capsule(p, hilum_vec3(-50, -44, 8), hilum_vec3(-40, -28, 34), 11, 7) +
         wobble(a->seed + 34, p, 20, 0.8);
}

double hilum_organ_spleen(const HilumAbdomen *a, HilumVec3 p)
{
  double d = shape_ellipsoid(hilum_vec3(p.x - 89, p.y - 15, p.z - 80), 37, 52, 48);
  double hollow = shape_ellipsoid(hilum_vec3(p.x - 54, p.y + 12, p.z - 82), 29, 42, 52);
  d = shape_smooth_max(d, -hollow, 8);
  d = shape_smooth_max(d, hilum_trunk_cavity(p) + 3.0, 4);
  double dome = shape_ellipsoid(hilum_vec3(p.x, p.y + 10, p.z - 42), 117, 81, 83);
  d = shape_smooth_max(d, dome, 3);
  return clear_of_kidneys(a, p, d, 6) + wobble(a->seed + 35, p, 18, 1.2);
}

double hilum_organ_pancreas(const HilumAbdomen *a, HilumVec3 p)
{
  double d = hilum_capsules_distance(a->organs.pancreas, p);
  if (d >= HILUM_CAPSULES_REACH) return d - 1.6;
  d = shape_max(d, -(hilum_capsules_distance(a->arteries, p) - 1.2));
  return d + wobble(a->seed + 36, p, 5, 1.6);
}

double hilum_organ_adrenal(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_capsules_distance(a->organs.adrenals, p);
}

double hilum_organ_stomach(const HilumAbdomen *a, HilumVec3 p)
{
  double body = shape_ellipsoid(hilum_vec3(p.x - 52, p.y + 30, p.z - 88), 32, 32, 44);
  double antrum = shape_capsule(p, hilum_vec3(46, -44, 52), hilum_vec3(-14, -50, 30), 18, 11);
  double d = shape_smooth_min(body, antrum, 14);
  d = shape_smooth_max(d, hilum_trunk_cavity(p) + 3.5, 4);
  double dome = shape_ellipsoid(hilum_vec3(p.x, p.y + 10, p.z - 42), 115, 79, 81);
  d = shape_smooth_max(d, dome, 3);
  return clear_of_kidneys(a, p, d, 7) + wobble(a->seed + 37, p, 12, 1.2);
}
HilumTissue hilum_organ_stomach_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  double d = hilum_organ_stomach(a, p) + wobble(a->seed + 38, p, 5, 1.6);
  if (d > -3.4) return TISSUE_BOWEL_WALL;
  return p.y < -47 ? TISSUE_GAS : TISSUE_BOWEL_FLUID;
}

double hilum_organ_colon(const HilumAbdomen *a, HilumVec3 p)
{
  double d = hilum_capsules_distance(a->organs.colon, p);
  if (d >= HILUM_CAPSULES_REACH) return d;
  d = shape_max(d, hilum_trunk_cavity(p) + 3);
  return clear_of_kidneys(a, p, d, 6);
}
HilumTissue hilum_organ_colon_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  const HilumCapsule *near;
  double other;
  double d = hilum_capsules_nearest(a->organs.colon, p, &near, &other);
  if (shape_max(d, hilum_organ_colon(a, p)) > -1.9 || near == NULL) return TISSUE_BOWEL_WALL;
  double level = hilum_vec3_lerp(near->a, near->b, 0.5).y - 2 + wobble(a->seed + 39, p, 14, 5);
  return p.y < level ? TISSUE_GAS : TISSUE_STOOL;
}

static double bowel(const HilumAbdomen *a, HilumVec3 p, const HilumCapsule **near)
{
  *near = NULL;
  double behind = p.y - 6 - 0.1 * fabs(p.x); /* the retroperitoneum */
  if (behind > 4) return behind;
  double other;
  double d = hilum_capsules_nearest(a->organs.bowel, p, near, &other);
  if (*near == NULL) return d;
  d = shape_max(d, (d - other) / 2 + 0.25); /* loops press against each other */
  d = shape_max(d, hilum_trunk_cavity(p) + 3);
  d = shape_max(d, -(hilum_organ_colon(a, p) - 1));
  d = shape_max(d, -(hilum_capsules_distance(a->arteries, p) - 3));
  d = shape_max(d, -(hilum_capsules_distance(a->cava, p) - 3));
  d = shape_max(d, behind);
  return clear_of_kidneys(a, p, d, 9);
}
double hilum_organ_bowel(const HilumAbdomen *a, HilumVec3 p)
{
  const HilumCapsule *near;
  return bowel(a, p, &near);
}
HilumTissue hilum_organ_bowel_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  const HilumCapsule *near;
  double d = bowel(a, p, &near);
  if (d > -2.0 || near == NULL) return TISSUE_BOWEL_WALL;
  bool gassy = near->group % 5 == 1;
  return gassy && p.y < hilum_vec3_lerp(near->a, near->b, 0.5).y - 1 ? TISSUE_GAS : TISSUE_BOWEL_FLUID;
}
