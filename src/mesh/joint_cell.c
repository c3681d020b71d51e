/* Marching cubes for many labels (H.-C. Hege, M. Seebass, D. Stalling, M. Zoeckler, A generalized marching
 * cubes algorithm based on non-binary classifications, ZIB 1997; Z. Wu, J. Sullivan, Multiple material
 * marching cubes algorithm, IJNME 2003), with rules of our own that make every label's surface a closed
 * 2-manifold:
 *
 * 1. On a face, segments divide the labels. Two labels on alternate corners: the winner (hilum_label_wins) is
 *    joined. A label on both ends of one diagonal is joined, the two others are cut off. Otherwise, where
 *    three or four labels remain, the segments of all crossed edges meet in the middle of the face. The rule
 *    sees the four corners alone, so both cells draw the same segments; and each label passes through the
 *    middle once.
 * 2. Seen by one label, the segments of a cell form closed loops, as in the binary case, and every loop is to
 *    become a disc. Segments that hang together without a middle are one loop between two labels: it is cut
 *    by the binary table's rule.
 * 3. Segments that hang together through middles become triangles with an apex, the mean of their vertices:
 *    each label gets a fan over its loop, and neighbours share the triangles between them. Should a label
 *    have several loops here, they would touch in the apex; all but one of them get an apex of their own,
 *    half way to the common one, and the sheets between the loop's other labels reach from one to the other.
 *
 * tests/unit/mesh/test_joint.c walks every way to divide eight corners among labels. */
#include "joint_cell.h"

#include "hilum/kernels/mc.h"

#include <string.h>

enum { MAX_SEGMENTS = 24, N_VERTICES = HILUM_CELL_APEX, NOWHERE = 255 };

/* Directed so that, seen from outside of the cell, `inside` is on the right. */
typedef struct {
  uint8_t from, to, inside, outside;
  uint8_t part; /* which set of segments that hang together */
  uint8_t apex; /* NOWHERE: the common one */
} Segment;

typedef struct {
  HilumCell *cell;
  int n;
  Segment segment[MAX_SEGMENTS];
  uint8_t part_of[N_VERTICES];
} Graph;

/* Slot of the edge between two corners. */
static uint8_t edge_slot(int a, int b)
{
  static const uint8_t slot[3][8] = {
      /* by axis and lower corner */
      {HILUM_MC_X00, 0, HILUM_MC_X10, 0, HILUM_MC_X01, 0, HILUM_MC_X11, 0},
      {HILUM_MC_Y0, HILUM_MC_NEXT + HILUM_MC_Y0, 0, 0, HILUM_MC_Y1, HILUM_MC_NEXT + HILUM_MC_Y1, 0, 0},
      {HILUM_MC_Z0, HILUM_MC_NEXT + HILUM_MC_Z0, HILUM_MC_Z1, HILUM_MC_NEXT + HILUM_MC_Z1, 0, 0, 0, 0}};
  int low = a < b ? a : b, axis = (a ^ b) >> 1; /* 1, 2, 4 -> 0, 1, 2 */
  return slot[axis][low];
}

/* From -> to with label `right` on the right and `left` on the left. */
static void add_segment(Graph *g, uint8_t from, uint8_t to, uint8_t right, uint8_t left)
{
  bool turn = hilum_label_wins(left, right);
  g->segment[g->n++] =
      (Segment){turn ? to : from, turn ? from : to, turn ? left : right, turn ? right : left, 0, NOWHERE};
}

static void cut_face(Graph *g, const uint8_t labels[8], int face)
{
  static const uint8_t around[2][4][2] = {{{0, 0}, {0, 1}, {1, 1}, {1, 0}}, {{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  int axis = face / 2, side = face & 1, u = (axis + 1) % 3, v = (axis + 2) % 3;
  uint8_t label[4], edge[4], crossed[4];
  int corner[4], n = 0;
  for (int i = 0; i < 4; i++) { /* counter-clockwise seen from outside of the cell */
    corner[i] = side << axis | around[side][i][0] << u | around[side][i][1] << v;
    label[i] = labels[corner[i]];
  }
  for (int i = 0; i < 4; i++) { /* edge i leads from corner i to the next */
    edge[i] = edge_slot(corner[i], corner[(i + 1) % 4]);
    if (label[i] != label[(i + 1) % 4]) crossed[n++] = (uint8_t)i;
  }
  if (n == 2) {
    add_segment(g, edge[crossed[0]], edge[crossed[1]], label[crossed[0] + 1], label[crossed[0]]);
  } else if (hilum_face_has_middle(label[0], label[1], label[2], label[3])) {
    for (int i = 0; i < n; i++)
      add_segment(g, edge[crossed[i]], (uint8_t)(HILUM_CELL_FACE + face), label[(crossed[i] + 1) % 4],
                  label[crossed[i]]);
  } else if (n == 4) {
    int joined = label[0] != label[2]                                           ? 1
                 : label[1] == label[3] && hilum_label_wins(label[1], label[0]) ? 1
                                                                                : 0;
    for (int cut = 1 - joined; cut < 4; cut += 2)
      add_segment(g, edge[(cut + 3) % 4], edge[cut], label[cut], label[joined]);
  }
}

/* Numbers the sets of segments that hang together; returns how many. */
static int find_parts(Graph *g)
{
  int parts = 0;
  memset(g->part_of, NOWHERE, sizeof g->part_of);
  for (int i = 0; i < g->n; i++) {
    Segment *s = &g->segment[i];
    uint8_t a = g->part_of[s->from], b = g->part_of[s->to];
    uint8_t part = a != NOWHERE ? a : b != NOWHERE ? b : (uint8_t)parts++;
    g->part_of[s->from] = g->part_of[s->to] = part;
    if (a != NOWHERE && b != NOWHERE && a != b)
      for (int v = 0; v < N_VERTICES; v++)
        if (g->part_of[v] == b) g->part_of[v] = a;
  }
  for (int i = 0; i < g->n; i++)
    g->segment[i].part = g->part_of[g->segment[i].from];
  return parts;
}

static void add_triangle(Graph *g, uint8_t a, uint8_t b, uint8_t c, uint8_t inside, uint8_t outside)
{
  bool turn = hilum_label_wins(outside, inside);
  g->cell->triangle[g->cell->n_triangles++] =
      (HilumCellTriangle){{a, turn ? c : b, turn ? b : c}, turn ? outside : inside, turn ? inside : outside};
}

static uint8_t add_apex(Graph *g, uint32_t members, int towards)
{
  int a = g->cell->n_apexes++;
  g->cell->members[a] = members;
  g->cell->towards[a] = (int8_t)towards;
  return (uint8_t)(HILUM_CELL_APEX + a);
}

/* A loop between two labels. False if it has to be a fan. */
static bool cut_simple(Graph *g, int part)
{
  uint8_t next[N_VERTICES], loop[12], triangles[30], start = NOWHERE, inside = 0, outside = 0;
  int n = 0;
  for (int i = 0; i < g->n; i++) {
    const Segment *s = &g->segment[i];
    if (s->part != part) continue;
    if (s->from >= HILUM_CELL_FACE || s->to >= HILUM_CELL_FACE) return false;
    next[s->from] = s->to;
    start = s->from < start ? s->from : start; /* where the table starts: ties are cut alike */
    inside = s->inside;
    outside = s->outside;
  }
  uint8_t v = start;
  do {
    loop[n++] = v;
    v = next[v];
  } while (v != start);
  int count = hilum_mc_cut_loop(loop, n, triangles);
  for (int t = 0; t < count; t++)
    add_triangle(g, triangles[3 * t], triangles[3 * t + 1], triangles[3 * t + 2], inside, outside);
  return count > 0;
}

/* Loops of one label in a part, walked with the label on the right. */
typedef struct {
  int n, length[4];
  uint32_t members[4];
  uint8_t next[N_VERTICES], segment[N_VERTICES]; /* by the vertex a segment leaves */
} Loops;

static void find_loops(const Graph *g, int part, uint8_t label, Loops *l)
{
  memset(l, 0, sizeof *l);
  memset(l->next, NOWHERE, sizeof l->next);
  for (int i = 0; i < g->n; i++) {
    const Segment *s = &g->segment[i];
    if (s->part != part || (s->inside != label && s->outside != label)) continue;
    bool forward = s->inside == label;
    l->next[forward ? s->from : s->to] = forward ? s->to : s->from;
    l->segment[forward ? s->from : s->to] = (uint8_t)i;
  }
  uint32_t seen = 0;
  for (uint8_t start = 0; start < N_VERTICES; start++) {
    if (l->next[start] == NOWHERE || (seen >> start & 1)) continue;
    uint32_t members = 0;
    int length = 0;
    for (uint8_t v = start; !(members >> v & 1); v = l->next[v], length++)
      members |= UINT32_C(1) << v;
    seen |= members;
    l->length[l->n] = length;
    l->members[l->n++] = members;
  }
}

/* Gives a loop its own apex: its segments point there, and where other labels meet the loop in a middle, the
 * sheet between them gets the triangle from the middle to both apexes. */
static void part_loop(Graph *g, const Loops *l, int which, uint8_t label, uint8_t common)
{
  uint32_t members = l->members[which];
  uint8_t own = add_apex(g, members, common - HILUM_CELL_APEX);
  for (uint8_t v = 0; v < N_VERTICES; v++) {
    if (!(members >> v & 1)) continue;
    g->segment[l->segment[v]].apex = own;
    uint8_t before = 0;
    while (l->next[before] != v)
      before++;
    const Segment *in = &g->segment[l->segment[before]], *out = &g->segment[l->segment[v]];
    uint8_t x = in->inside == label ? in->outside : in->inside;
    uint8_t y = out->inside == label ? out->outside : out->inside;
    if (x != y) add_triangle(g, v, common, own, y, x);
  }
}

/* The longest loop keeps the common apex, unless a segment of another one has its own already, from the label
 * on its other side. */
static int loop_to_keep(const Graph *g, const Loops *l)
{
  int kept = -1;
  for (int k = 0; k < l->n; k++) {
    bool taken = false;
    for (int v = 0; v < N_VERTICES; v++)
      for (int other = 0; other < l->n; other++)
        taken |= other != k && (l->members[other] >> v & 1) && g->segment[l->segment[v]].apex != NOWHERE;
    if (!taken && (kept < 0 || l->length[k] > l->length[kept])) kept = k;
  }
  return kept;
}

static void cut_by_apex(Graph *g, int part)
{
  uint32_t members = 0;
  for (uint8_t v = 0; v < N_VERTICES; v++)
    if (g->part_of[v] == part) members |= UINT32_C(1) << v;
  uint8_t common = add_apex(g, members, -1), labels[MAX_SEGMENTS];
  int n = 0;
  for (int i = 0; i < 2 * g->n; i++) {
    const Segment *s = &g->segment[i / 2];
    uint8_t label = i & 1 ? s->outside : s->inside;
    if (s->part == part && !memchr(labels, label, (size_t)n)) labels[n++] = label;
  }
  for (int i = 0; i < n; i++) {
    Loops l;
    find_loops(g, part, labels[i], &l);
    int kept = loop_to_keep(g, &l);
    for (int k = 0; k < l.n; k++)
      if (k != kept) part_loop(g, &l, k, labels[i], common);
  }
  for (int i = 0; i < g->n; i++) {
    const Segment *s = &g->segment[i];
    if (s->part == part)
      add_triangle(g, s->from, s->to, s->apex == NOWHERE ? common : s->apex, s->inside, s->outside);
  }
}

void hilum_cell_build(const uint8_t labels[8], HilumCell *cell)
{
  Graph g = {.cell = cell};
  cell->n_triangles = cell->n_apexes = 0;
  for (int face = 0; face < 6; face++)
    cut_face(&g, labels, face);
  int parts = find_parts(&g);
  for (int part = 0; part < parts; part++) {
    bool used = false;
    for (int i = 0; i < g.n && !used; i++)
      used = g.segment[i].part == part;
    if (used && !cut_simple(&g, part)) cut_by_apex(&g, part);
  }
}
