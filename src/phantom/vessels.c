/* Vessel trees. Targets are the columns between neighbouring pyramids; a tree halves its targets until one is
 * left, puts the branching point between the root and their centre, and bends each branch around what it must
 * not enter. Radii follow Murray (1926): the cubes of the children's radii add up to the parent's. */
#include "vessels_private.h"

#define LEAF_ARTERY_MM 1.3
#define LEAF_VEIN_MM 2.0
#define MAX_TARGETS 24
#define PATH_POINTS 9

typedef struct {
  HilumVec3 entry;  /* on the wall of the sinus */
  HilumVec3 column; /* at the corticomedullary junction, for arteries */
  HilumVec3 arc[2]; /* over the bases of the two pyramids */
  HilumVec3 key;    /* local position, for clustering */
} Target;

typedef struct {
  HilumCapsules *out;
  const HilumVesselObstacle *obstacles;
  size_t n_obstacles;
  uint64_t seed;
  uint64_t counter;
  double leaf_mm;
  int group;
} Grower;

static double jitter(Grower *g)
{
  return hilum_random_uniform(g->seed, g->counter++) * 2 - 1;
}

/* Pushes p out of every obstacle, to r + 0.9 mm clear of it. */
static HilumVec3 avoid(const Grower *g, HilumVec3 p, double r)
{
  for (int round = 0; round < 6; round++) {
    bool moved = false;
    for (size_t o = 0; o < g->n_obstacles; o++) {
      const HilumVesselObstacle *ob = &g->obstacles[o];
      double d = ob->distance(p, ob->data), lack = r + 0.9 - d;
      if (lack <= 0) continue;
      const double h = 0.25;
      HilumVec3 n = hilum_vec3(ob->distance(hilum_vec3(p.x + h, p.y, p.z), ob->data) - d,
                               ob->distance(hilum_vec3(p.x, p.y + h, p.z), ob->data) - d,
                               ob->distance(hilum_vec3(p.x, p.y, p.z + h), ob->data) - d);
      p = hilum_vec3_madd(p, shape_min(lack, 2), hilum_vec3_normalize(n));
      moved = true;
    }
    if (!moved) break;
  }
  return p;
}

/* One branch from a to b, bowed sideways by a little and around the obstacles. */
static void branch(Grower *g, HilumVec3 a, HilumVec3 b, double ra, double rb)
{
  double length = hilum_vec3_distance(a, b);
  HilumVec3 along = hilum_vec3_normalize(hilum_vec3_sub(b, a));
  HilumVec3 side = hilum_vec3_normalize(hilum_vec3_cross(along, hilum_vec3(jitter(g), jitter(g), jitter(g))));
  HilumVec3 path[PATH_POINTS];
  for (int i = 0; i < PATH_POINTS; i++) {
    double t = (double)i / (PATH_POINTS - 1);
    path[i] = hilum_vec3_madd(hilum_vec3_lerp(a, b, t), 0.10 * length * 4 * t * (1 - t), side);
    if (i > 0 && i < PATH_POINTS - 1) path[i] = avoid(g, path[i], ra + t * (rb - ra));
  }
  for (int round = 0; round < 3; round++) /* even out the kinks that pushing left */
    for (int i = 1; i < PATH_POINTS - 1; i++)
      path[i] = hilum_vec3_lerp(path[i], hilum_vec3_lerp(path[i - 1], path[i + 1], 0.5), 0.4);
  hilum_capsules_add_path(g->out, path, PATH_POINTS, ra, rb, g->group);
}

static double murray(double leaf, size_t n)
{
  return leaf * cbrt((double)n);
}

static double component(HilumVec3 v, int axis)
{
  return axis == 0 ? v.x : axis == 1 ? v.y : v.z;
}

/* Orders the targets along the axis in which they spread most. */
static void sort_targets(Target *t, size_t n)
{
  double spread[3];
  for (int a = 0; a < 3; a++) {
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < n; i++) {
      lo = shape_min(lo, component(t[i].key, a));
      hi = shape_max(hi, component(t[i].key, a));
    }
    spread[a] = (hi - lo) * (a == 0 ? 0.5 : a == 1 ? 1.3 : 1.0);
  }
  int axis = spread[0] > spread[1] && spread[0] > spread[2] ? 0 : spread[1] > spread[2] ? 1 : 2;
  for (size_t i = 1; i < n; i++) /* insertion: a dozen items, and stable */
    for (size_t j = i; j > 0 && component(t[j].key, axis) < component(t[j - 1].key, axis); j--) {
      Target swap = t[j];
      t[j] = t[j - 1];
      t[j - 1] = swap;
    }
}

static void grow(Grower *g, HilumVec3 from, Target *t, size_t n, bool arcs)
{
  double r = murray(g->leaf_mm, n);
  if (n == 1) {
    branch(g, from, t->entry, r, g->leaf_mm);
    if (!arcs) return;
    branch(g, t->entry, t->column, g->leaf_mm, 1.25);
    branch(g, t->column, t->arc[0], 1.25, 1.2);
    branch(g, t->column, t->arc[1], 1.25, 1.2);
    return;
  }
  HilumVec3 centre = {0, 0, 0};
  for (size_t i = 0; i < n; i++)
    centre = hilum_vec3_madd(centre, 1.0 / (double)n, t[i].entry);
  double share = n > 6 ? 0.30 : n > 3 ? 0.42 : 0.5;
  HilumVec3 fork = hilum_vec3_lerp(from, centre, share + 0.05 * jitter(g));
  fork = avoid(g, hilum_vec3_add(fork, hilum_vec3(jitter(g), jitter(g), jitter(g))), r);
  branch(g, from, fork, r, r);
  sort_targets(t, n);
  grow(g, fork, t, n / 2, arcs);
  grow(g, fork, t + n / 2, n - n / 2, arcs);
}

/* The columns between neighbouring pyramids: up to `most`, each pyramid used at most `uses` times. */
static size_t find_targets(const HilumKidney *k, const Grower *g, Target *targets, size_t most, int uses)
{
  int used[HILUM_KIDNEY_PYRAMIDS] = {0};
  size_t n = 0;
  for (double reach = 16; reach < 34; reach += 2)
    for (int i = 0; i < HILUM_KIDNEY_PYRAMIDS; i++)
      for (int j = i + 1; j < HILUM_KIDNEY_PYRAMIDS; j++) {
        const HilumPyramid *a = &k->pyramid[i], *b = &k->pyramid[j];
        if (n == most || used[i] >= uses || used[j] >= uses) continue;
        if (hilum_vec3_distance(a->base, b->base) > reach) continue;
        HilumVec3 dir = hilum_vec3_normalize(hilum_vec3_add(a->dir, b->dir));
        HilumVec3 tip = hilum_vec3_lerp(a->tip, b->tip, 0.5), base = hilum_vec3_lerp(a->base, b->base, 0.5);
        HilumVec3 wall = hilum_vec3_madd(tip, 1.5, dir), column = hilum_vec3_lerp(wall, base, 0.52);
        HilumVec3 over = hilum_vec3_lerp(wall, base, 0.62);
        Target t = {
            .entry = hilum_kidney_to_mm(k, wall), .column = hilum_kidney_to_mm(k, column), .key = wall};
        HilumVec3 a_mid = hilum_vec3_lerp(a->tip, a->base, 0.66),
                  b_mid = hilum_vec3_lerp(b->tip, b->base, 0.66);
        t.arc[0] = hilum_kidney_to_mm(k, hilum_vec3_lerp(over, a_mid, 0.62));
        t.arc[1] = hilum_kidney_to_mm(k, hilum_vec3_lerp(over, b_mid, 0.62));
        /* The first obstacle is the lesions: nothing grows towards them. */
        const HilumVesselObstacle *lesion = &g->obstacles[0];
        if (lesion->distance(t.column, lesion->data) < 2.2 || lesion->distance(t.entry, lesion->data) < 2.2)
          continue;
        for (int side = 0; side < 2; side++)
          if (lesion->distance(t.arc[side], lesion->data) < 2.2) t.arc[side] = t.column;
        used[i]++;
        used[j]++;
        targets[n++] = t;
      }
  return n;
}

static HilumVec3 on_path(const HilumVec3 *path, size_t n, double t)
{
  double at = t * (double)(n - 1);
  size_t i = MIN((size_t)at, n - 2);
  return hilum_vec3_lerp(path[i], path[i + 1], at - (double)i);
}

/* A smooth tube through a few hand-placed points (uniform quadratic B-spline, ends kept). */
static void tube(HilumCapsules *out, const HilumVec3 *points, size_t n, double ra, double rb, int group)
{
  HilumVec3 path[49];
  for (size_t i = 0; i < 49; i++) {
    double t = (double)i / 48, h = 0.5 / (double)(n - 1);
    HilumVec3 before = on_path(points, n, shape_max(t - h * 0.7, 0)),
              after = on_path(points, n, shape_min(t + h * 0.7, 1));
    path[i] = hilum_vec3_lerp(hilum_vec3_lerp(before, after, 0.5), on_path(points, n, t), 0.25);
  }
  path[0] = points[0];
  path[48] = points[n - 1];
  hilum_capsules_add_path(out, path, 49, ra, rb, group);
}

static void renal_artery(Grower *g, const HilumKidney *k, const HilumVec3 *trunk, size_t n)
{
  Target targets[MAX_TARGETS];
  size_t found = find_targets(k, g, targets, 11, 2);
  double r = murray(g->leaf_mm, MAX(found, 1));
  tube(g->out, trunk, n, r, r, g->group);
  if (found > 0) grow(g, trunk[n - 1], targets, found, true);
}

HilumCapsules *hilum_vessels_new_arteries(const HilumKidney *left, const HilumKidney *right, uint64_t seed,
                                          const HilumVesselObstacle *obstacles, size_t n_obstacles)
{
  HilumCapsules *out = hilum_capsules_new(0);
  const HilumVec3 aorta[] = {{5, 8.5, 140}, {7, 8, 90},  {9, 7, 45},  {10, 6.5, 10},
                             {9, 5, -40},   {7, 3, -90}, {5, 1, -140}};
  tube(out, aorta, G_N_ELEMENTS(aorta), 10.5, 8.2, 0);
  const HilumVec3 coeliac[] = {{8, 8, 62}, {6, -6, 64}, {3, -14, 62}};
  tube(out, coeliac, 3, 3.6, 3.2, 1);
  const HilumVec3 hepatic[] = {{3, -14, 62}, {-14, -20, 62}, {-28, -22, 60}};
  tube(out, hepatic, 3, 2.4, 2.0, 1);
  const HilumVec3 splenic[] = {{3, -14, 62}, {22, -16, 68}, {44, -8, 66}, {66, 0, 72}};
  tube(out, splenic, 4, 2.6, 2.1, 1);
  const HilumVec3 sma[] = {{9, 4, 46},    {7, -9, 43},    {6, -19.5, 30}, {5, -22.5, 10},
                           {2, -26, -15}, {-3, -30, -45}, {-8, -34, -70}};
  tube(out, sma, G_N_ELEMENTS(sma), 3.7, 2.6, 2);
  Grower g = {out, obstacles, n_obstacles, seed, 0, LEAF_ARTERY_MM, 3};
  HilumVec3 gate = hilum_kidney_to_mm(left, hilum_vec3(-32, 1, 1));
  const HilumVec3 trunk_left[] = {
      {10, 8, 20}, {22, 9, 18}, {gate.x * 0.55 + 10, gate.y * 0.4 + 5.5, gate.z * 0.7 + 5}, gate};
  renal_artery(&g, left, trunk_left, 4);
  g.seed = seed + 1;
  g.group = 4;
  gate = hilum_kidney_to_mm(right, hilum_vec3(-32, 1, 1));
  const HilumVec3 trunk_right[] = {
      {9, 9, 17}, {-4, 15, 16}, {-20, 19, 13}, {gate.x + 6, gate.y + 2.5, gate.z + 3}, gate};
  renal_artery(&g, right, trunk_right, 5);
  hilum_capsules_seal(out);
  return out;
}

static void renal_vein(Grower *g, const HilumKidney *k, const HilumVec3 *trunk, size_t n, double radius)
{
  Target targets[MAX_TARGETS];
  size_t found = find_targets(k, g, targets, 7, 1);
  double r = murray(g->leaf_mm, MAX(found, 1));
  tube(g->out, trunk, n, radius, shape_max(r, 3.6), g->group);
  for (size_t i = 0; i < found; i++) { /* interlobar veins leave the parenchyma in front of the arteries */
    HilumVec3 back = hilum_vec3_sub(trunk[n - 1], targets[i].entry);
    targets[i].entry = hilum_vec3_madd(targets[i].entry, 2.5, hilum_vec3_normalize(back));
    targets[i].entry = avoid(g, targets[i].entry, g->leaf_mm);
  }
  if (found > 0) grow(g, trunk[n - 1], targets, found, false);
}

void hilum_vessels_new_veins(const HilumKidney *left, const HilumKidney *right, uint64_t seed,
                             const HilumVesselObstacle *obstacles, size_t n_obstacles, HilumCapsules **renal,
                             HilumCapsules **cava)
{
  *cava = hilum_capsules_new(0);
  const HilumVec3 path[] = {{-24, 0, 140}, {-23, 2, 90},  {-21, 4, 40},  {-20, 5, 15},
                            {-20, 6, -30}, {-18, 8, -90}, {-15, 8, -140}};
  tube(*cava, path, G_N_ELEMENTS(path), 11.0, 9.2, 0);
  hilum_capsules_seal(*cava);
  *renal = hilum_capsules_new(0);
  Grower g = {*renal, obstacles, n_obstacles, seed, 0, LEAF_VEIN_MM, 0};
  HilumVec3 gate = hilum_kidney_to_mm(left, hilum_vec3(-31, 9, 3));
  const HilumVec3 trunk_left[] = {
      {-19, 1, 15}, {-6, -6, 16.5}, {8, -8.8, 18}, {20, -6.5, 17.5}, {gate.x - 10, gate.y - 3, gate.z + 2},
      gate};
  renal_vein(&g, left, trunk_left, G_N_ELEMENTS(trunk_left), 4.6);
  g.seed = seed + 1;
  g.group = 1;
  gate = hilum_kidney_to_mm(right, hilum_vec3(-31, 9, 3));
  const HilumVec3 trunk_right[] = {{-22, 3, 8}, {gate.x + 8, gate.y - 1, gate.z + 2}, gate};
  renal_vein(&g, right, trunk_right, 3, 5.2);
  hilum_capsules_seal(*renal);
}
