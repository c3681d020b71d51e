/* The trunk: skin, abdominal wall, spine, ribs, back and psoas muscles, and the table under it. */
#include "abdomen_private.h"

/* --- outline --- */

static double outline(HilumVec3 p)
{
  double waist = 3.5 * shape_smoothstep(-90, -10, p.z) * shape_smoothstep(100, 10, p.z);
  double rx = 144 - waist, ry = 96;
  double d = shape_ellipse(p.x, p.y, rx, p.y > 0 ? ry - 2 : ry - 3 * shape_smoothstep(-40, 60, p.z), 0.45);
  double furrow = p.x / 16;
  if (p.y > 40) d += 4.0 / (1 + furrow * furrow); /* over the spinous processes */
  return d;
}

double hilum_trunk_skin(const HilumAbdomen *a, HilumVec3 p)
{
  return outline(p);
}
double hilum_trunk_under_skin(const HilumAbdomen *a, HilumVec3 p)
{
  return outline(p) + 1.9;
}

/* The wall's outer and inner surface. */
static double wall_outside(HilumVec3 p)
{
  return shape_ellipse(p.x, p.y + 1, 125, 78, 0.4);
}
double hilum_trunk_cavity(HilumVec3 p)
{
  double rectus = shape_smoothstep(0, 9, fabs(p.x)) * shape_smoothstep(62, 48, fabs(p.x));
  double inner = shape_ellipse(p.x, p.y + 2, 115, 71, 0.4);
  return p.y < 0 ? inner + 2.5 * rectus : inner;
}

/* --- spine: a unit of body, disc and arch every 35 mm --- */

#define LEVEL_MM 35.0
#define LEVEL_PHASE_MM 6.0 /* height of one body's middle */

static double nearest_level(double z)
{
  return floor((z - LEVEL_PHASE_MM) / LEVEL_MM + 0.5) * LEVEL_MM + LEVEL_PHASE_MM;
}

static double body_ring(double x, double y, double rx, double ry)
{
  double d = shape_ellipse(x, y - 39, rx, ry, 0.35);
  double hollow = sqrt(x * x + (y - 65) * (y - 65)) - 13; /* concave towards the canal */
  return shape_smooth_max(d, -hollow, 3);
}

static double vertebra(HilumVec3 p, double level)
{
  double z = p.z - level;
  HilumVec3 q = hilum_vec3(fabs(p.x), p.y, z);
  double waist = 2.0 * shape_clamp(1 - z * z / 170, 0, 1);
  double body = shape_smooth_max(body_ring(p.x, p.y, 22.5 - waist, 16.5 - waist), fabs(z) - 13, 3);
  double flat = z * 0.55; /* the arch is taller than it is thick */
  HilumVec3 s = hilum_vec3(q.x, q.y, flat);
  double d = shape_capsule(s, hilum_vec3(13, 48, 2.5), hilum_vec3(15.5, 62, 2), 4.2, 4.0);
  d = shape_smooth_min(d, shape_capsule(s, hilum_vec3(15, 62, 0), hilum_vec3(4, 74, -3), 4.2, 3.2), 3);
  d = shape_smooth_min(d, shape_capsule(s, hilum_vec3(0, 74, -3.5), hilum_vec3(0, 87, -5.5), 3.0, 3.4), 3);
  d = shape_smooth_min(d, shape_capsule(q, hilum_vec3(17, 61, 3), hilum_vec3(38, 65, 5), 4.0, 3.0), 3);
  d = shape_smooth_min(d, shape_capsule(q, hilum_vec3(17, 65, 10), hilum_vec3(18, 66, -14), 4.8, 4.8), 3);
  return shape_smooth_min(body, d, 3);
}

static double spine(HilumVec3 p)
{
  double dx = shape_max(fabs(p.x) - 42, 0), dy = shape_max(shape_max(20 - p.y, p.y - 92), 0);
  double far = sqrt(dx * dx + dy * dy);
  if (far > 4) return far;
  double level = nearest_level(p.z);
  if (fabs(p.z - level) < 9) return shape_min(vertebra(p, level), 6); /* the next one is at least that far */
  double other = level + (p.z > level ? LEVEL_MM : -LEVEL_MM);
  return shape_min(vertebra(p, level), vertebra(p, other));
}

double hilum_trunk_bone(const HilumAbdomen *a, HilumVec3 p)
{
  return shape_min(spine(p), hilum_capsules_distance(a->organs.ribs, p));
}
HilumTissue hilum_trunk_bone_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  double rim = 1.5 + 0.4 * shape_noise(a->seed + 31, p, 4);
  return hilum_trunk_bone(a, p) > -rim ? TISSUE_CORTICAL_BONE : TISSUE_TRABECULAR_BONE;
}
double hilum_trunk_disc(const HilumAbdomen *a, HilumVec3 p)
{
  double gap = fabs(p.z - nearest_level(p.z)) - LEVEL_MM / 2;
  return shape_max(body_ring(p.x, p.y, 22.5, 16.5), -gap - 5.2);
}
double hilum_trunk_canal(const HilumAbdomen *a, HilumVec3 p)
{
  return shape_ellipse(p.x, p.y - 62, 10.5, 8.5, 0);
}

/* --- muscles --- */

static double psoas(HilumVec3 p)
{
  double s = shape_clamp((66 - p.z) / 190, 0, 1);
  return shape_ellipse(fabs(p.x) - (25 + 14 * s), p.y - (45 - 7 * s), 5 + 14 * s, 7 + 13 * s, 0.1);
}

double hilum_trunk_muscle(const HilumAbdomen *a, HilumVec3 p)
{
  double wall = shape_max(wall_outside(p), -hilum_trunk_cavity(p));
  if (p.y < 6) return shape_min(wall, 12 - p.y); /* everything else lies behind that */
  double x = fabs(p.x);
  double back = shape_ellipse(x - 31, p.y - 75.5, 26, 14.5, 0.3);
  double quadratus = shape_ellipse(x - 58, p.y - 62.5 + 0.16 * (x - 58), 22, 5.6, 0.2);
  double crus = shape_max(shape_ellipse(x - 17, p.y - 22, 4.2, 9, 0), 30 - p.z);
  double d = shape_min(shape_min(wall, back), shape_min(quadratus, psoas(p)));
  return shape_min(d, crus);
}

/* Fat between the layers of the wall, in the midline, and in streaks of the back muscles. */
HilumTissue hilum_trunk_muscle_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  double x = fabs(p.x), outer = -wall_outside(p), inner = hilum_trunk_cavity(p);
  if (p.y < 45 && outer > 0 && inner > 0) {
    double t = outer / (outer + inner);
    double lateral = shape_smoothstep(58, 66, x);
    if (lateral > 0.5 && (fabs(t - 0.36) < 0.05 || fabs(t - 0.7) < 0.04)) return TISSUE_FAT;
    if (p.y < -30 && (x < 5 || (x > 60 && x < 64))) return TISSUE_FASCIA;
  }
  if (p.y > 58) {
    double streak = shape_noise(a->seed + 32, hilum_vec3(p.x, p.y * 1.6, p.z * 0.25), 4.5);
    if (streak > 0.55) return TISSUE_FAT;
    if (fabs(x - 30 - 0.4 * (p.y - 75)) < 0.7) return TISSUE_FAT; /* longissimus and multifidus */
  }
  return TISSUE_MUSCLE;
}

/* --- table --- */

double hilum_trunk_table(const HilumAbdomen *a, HilumVec3 p)
{
  /* A shallow trough: the area between two arcs. */
  double sag = p.x * p.x / 900;
  double top = 101 - sag - p.y, bottom = p.y - (119 - 1.25 * sag);
  return shape_max(shape_max(top, bottom), fabs(p.x) - 140);
}
HilumTissue hilum_trunk_table_tissue(const HilumAbdomen *a, HilumVec3 p)
{
  return hilum_trunk_table(a, p) > -1.6 ? TISSUE_TABLE_SHELL : TISSUE_TABLE_FOAM;
}
