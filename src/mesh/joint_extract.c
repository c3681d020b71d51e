/* The joint surface of a label map: the passes of extract.c - count per row, prefix sums, emit - over labels
 * instead of bits. A row of points has a row of bits for each thing that can start in it: x, y and z edges
 * between different labels, and faces (normal to x, y, z) whose boundaries meet in the middle; with them a
 * vertex's number is a rank again. Labels are copied out of the bricks two slices at a time and never stored
 * whole. Cells of two labels go through the binary table, others through joint_cell.c. */
#include "joint_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/kernels/mc.h"
#include "hilum/mesh/error.h"
#include "joint_cell.h"
#include "mesh_private.h"

#include <stdatomic.h>
#include <string.h>

enum { GRAIN = 8, KINDS = 7, APEXES = 6, EDGE_KINDS = 3 };

/* Vertices of one row by kind: x, y, z edges, faces normal to x, y, z, apexes; then triangles. Counts first,
 * then the number of the first of each. */
typedef struct {
  uint32_t vertices[KINDS], triangles;
} Row;

typedef struct {
  HilumLabelSnapshot *labels;
  const uint8_t *wanted;
  const HilumProgress *progress;
  HilumProgress part;
  atomic_size_t done;
  HilumGrid grid;
  int32_t lo[3], n[3];     /* voxels; points are n + 2 with one more all round */
  int32_t anchor;          /* of positions along x: the same for all parts of one surface */
  HilumVoxelBox core;      /* cells, by their lowest voxel: tiles[] says which triangles are theirs */
  int32_t edge, across[3]; /* of a tile of the core; how many */
  uint8_t *tiles;          /* per triangle, or NULL */
  bool want_tiles;
  size_t rows, slices, words, stride;
  const HilumMcTable *table;
  HilumMcKernels kernels;
  bool mirrored;
  Row *row;
  uint64_t *vertices, *triangles; /* per slice */
  struct Scratch **scratch;       /* per worker, made when first needed */
  double middle[3];
  HilumVec3 step[3];
  float *positions;
  uint32_t *indices;
  HilumLabelPair *pairs;
  bool emit;
} Run;

/* One slice of points: labels, then the bits of its x edges, y edges and faces normal to z. */
typedef struct {
  uint8_t *labels;
  uint64_t *x, *y, *fz;
} Plane;

/* What a worker holds: two planes and the bits between them. */
typedef struct Scratch {
  Plane plane[2];
  uint64_t *z, *fx, *fy;
  uint32_t *list;
  void *memory;
} Scratch;

static Scratch *scratch_new(const Run *run)
{
  size_t bits = run->rows * run->words, labels = run->rows * run->stride;
  Scratch *s = g_new0(Scratch, 1);
  s->memory = g_malloc0(2 * labels + 9 * bits * sizeof(uint64_t) + 64);
  s->list = g_new(uint32_t, 64 * run->words + 8);
  uint64_t *at = s->memory;
  for (int p = 0; p < 2; p++, at += 3 * bits)
    s->plane[p] = (Plane){NULL, at, at + bits, at + 2 * bits};
  s->z = at;
  s->fx = at + bits;
  s->fy = at + 2 * bits;
  s->plane[0].labels = (uint8_t *)(at + 3 * bits);
  s->plane[1].labels = s->plane[0].labels + labels;
  return s;
}

static void scratch_free(Scratch *s)
{
  if (!s) return;
  g_free(s->list);
  g_free(s->memory);
  g_free(s);
}

/* Bit i of dst: a[i] != b[i], for 64 * words bytes. */
static void differ(uint64_t *dst, const uint8_t *a, const uint8_t *b, size_t words)
{
  const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
  for (size_t w = 0; w < words; w++, a += 64, b += 64) {
    uint64_t d[8], any = 0, bits = 0;
    for (size_t i = 0; i < 8; i++) {
      uint64_t p, q;
      memcpy(&p, a + 8 * i, 8);
      memcpy(&q, b + 8 * i, 8);
      d[i] = p ^ q;
      any |= d[i];
    }
    if (any)
      for (size_t i = 0; i < 8; i++) {
        uint64_t set = (((d[i] & low) + low) | d[i]) & ~low; /* the top bit of each byte that is not 0 */
        bits |= ((set >> 7) * UINT64_C(0x0102040810204080) >> 56) << (8 * i);
      }
    dst[w] = bits;
  }
}

/* Faces with corners a[p], b[p], c[p], d[p] in cyclic order whose boundaries meet in the middle, among those
 * with three crossed edges. */
static uint64_t middles(uint64_t e0, uint64_t e1, uint64_t e2, uint64_t e3, const uint8_t *a,
                        const uint8_t *b, const uint8_t *c, const uint8_t *d)
{
  uint64_t bits = 0, many = (e0 & e1 & (e2 | e3)) | (e2 & e3 & (e0 | e1));
  for (; many; many &= many - 1) {
    int i = __builtin_ctzll(many);
    if (hilum_face_has_middle(a[i], b[i], c[i], d[i])) bits |= UINT64_C(1) << i;
  }
  return bits;
}

/* Word w of a row moved down by one: bit p becomes point p + 1. */
static inline uint64_t next_word(const uint64_t *row, size_t w, size_t words)
{
  return row[w] >> 1 | (w + 1 < words ? row[w + 1] << 63 : 0);
}

static void load_plane(const Run *run, Plane *plane, size_t k)
{
  int32_t z = run->lo[2] - 1 + (int32_t)k;
  HilumVoxelBox box = {{run->lo[0] - 1, run->lo[1] - 1, z},
                       {run->lo[0] + run->n[0] + 1, run->lo[1] + run->n[1] + 1, z + 1}};
  size_t words = run->words, width = (size_t)run->n[0] + 2;
  hilum_label_snapshot_read_box(run->labels, box, plane->labels, run->stride, run->stride * run->rows);
  if (run->wanted)
    for (size_t j = 0; j < run->rows; j++)
      for (size_t i = 0; i < width; i++)
        if (!run->wanted[plane->labels[j * run->stride + i]]) plane->labels[j * run->stride + i] = 0;
  for (size_t j = 0; j < run->rows; j++) {
    const uint8_t *row = plane->labels + j * run->stride;
    differ(plane->x + j * words, row, row + 1, words);
    plane->x[j * words + ((width - 1) >> 6)] &= ~(UINT64_C(1) << ((width - 1) & 63)); /* no point follows */
    if (j + 1 < run->rows)
      differ(plane->y + j * words, row, row + run->stride, words);
    else
      memset(plane->y + j * words, 0, words * 8);
  }
  for (size_t j = 0; j < run->rows; j++)
    for (size_t w = 0; w < words; w++) {
      const uint8_t *a = plane->labels + j * run->stride + 64 * w, *b = a + run->stride;
      const uint64_t *x = plane->x + j * words, *y = plane->y + j * words;
      plane->fz[j * words + w] =
          j + 1 < run->rows ? middles(x[w], next_word(y, w, words), x[w + words], y[w], a, a + 1, b + 1, b)
                            : 0;
    }
}

static void join_planes(const Run *run, Scratch *s, const Plane *p, const Plane *q)
{
  size_t words = run->words;
  for (size_t j = 0; j < run->rows; j++)
    differ(s->z + j * words, p->labels + j * run->stride, q->labels + j * run->stride, words);
  for (size_t j = 0; j < run->rows; j++)
    for (size_t w = 0; w < words; w++) {
      size_t at = j * words + w, l = j * run->stride + 64 * w;
      const uint8_t *a = p->labels + l, *b = q->labels + l;
      const uint64_t *z = s->z + j * words;
      s->fy[at] = middles(p->x[at], next_word(z, w, words), q->x[at], z[w], a, a + 1, b + 1, b);
      s->fx[at] = j + 1 < run->rows ? middles(p->y[at], z[w + words], q->y[at], z[w], a, a + run->stride,
                                              b + run->stride, b)
                                    : 0;
    }
}

/* The labels of a cell, corner c in byte c. */
static inline uint64_t cell_labels(const Run *run, const Plane *p, const Plane *q, size_t j, size_t i)
{
  const uint8_t *a = p->labels + j * run->stride + i, *b = q->labels + j * run->stride + i;
  uint16_t pair[4];
  memcpy(&pair[0], a, 2);
  memcpy(&pair[1], a + run->stride, 2);
  memcpy(&pair[2], b, 2);
  memcpy(&pair[3], b + run->stride, 2);
  return (uint64_t)pair[0] | (uint64_t)pair[1] << 16 | (uint64_t)pair[2] << 32 | (uint64_t)pair[3] << 48;
}

/* The case of a cell of two labels, with the winner inside; false if it has more. Not for uniform cells. */
static inline bool two_labels(uint64_t x, unsigned *code, HilumLabelPair *pair)
{
  const uint64_t ones = UINT64_C(0x0101010101010101), low = ones * 0x7f;
  uint64_t y = x ^ ones * (x & 0xff), ny = (((y & low) + low) | y) & ~low;
  uint8_t a = (uint8_t)x, b = (uint8_t)(x >> (__builtin_ctzll(ny) & ~7));
  uint64_t z = x ^ ones * b, nz = (((z & low) + low) | z) & ~low;
  if (ny & nz) return false;
  bool wins = hilum_label_wins(a, b);
  uint64_t in = wins ? nz : ny;
  *code = (unsigned)((in >> 7) * UINT64_C(0x0102040810204080) >> 56);
  *pair = wins ? (HilumLabelPair){a, b} : (HilumLabelPair){b, a};
  return true;
}

/* The rows of bits around one row of cells: the edges in the order of the table's slots, and the faces. */
typedef struct {
  const Plane *p, *q;
  size_t j, k;
  const uint64_t *edge[8], *face[5]; /* faces: x (j,k); y (j,k) (j+1,k) - stored per j; z (j,k) (j,k+1) */
} CellRow;

static CellRow cell_row(const Run *run, const Scratch *s, const Plane *p, const Plane *q, size_t j, size_t k)
{
  size_t at = j * run->words, up = at + run->words;
  return (CellRow){p,
                   q,
                   j,
                   k,
                   {p->x + at, p->x + up, q->x + at, q->x + up, p->y + at, q->y + at, s->z + at, s->z + up},
                   {s->fx + at, s->fy + at, s->fy + up, p->fz + at, q->fz + at}};
}

static inline uint64_t cut_cells(const Run *run, const CellRow *r, size_t w)
{
  uint64_t cut = r->edge[0][w] | r->edge[1][w] | r->edge[2][w] | r->edge[3][w];
  for (int e = 4; e < 8; e++)
    cut |= r->edge[e][w] | next_word(r->edge[e], w, run->words);
  size_t cells = (size_t)run->n[0] + 1; /* at the last point no cell starts */
  if (cells <= 64 * w) return 0;
  return cells >= 64 * (w + 1) ? cut : cut & ((UINT64_C(1) << (cells - 64 * w)) - 1);
}

static void count_cells(const Run *run, const CellRow *r, Row *out)
{
  for (size_t w = 0; w < run->words; w++)
    for (uint64_t cut = cut_cells(run, r, w); cut; cut &= cut - 1) {
      uint64_t x = cell_labels(run, r->p, r->q, r->j, 64 * w + (size_t)__builtin_ctzll(cut));
      unsigned code;
      HilumLabelPair pair;
      if (two_labels(x, &code, &pair)) {
        out->triangles += run->table->triangles[code];
        continue;
      }
      HilumCell cell;
      hilum_cell_build((const uint8_t *)&x, &cell);
      out->triangles += (uint32_t)cell.n_triangles;
      out->vertices[APEXES] += (uint32_t)cell.n_apexes;
    }
}

static uint32_t count_bits(const uint64_t *bits, size_t words)
{
  uint32_t n = 0;
  for (size_t w = 0; w < words; w++)
    n += (uint32_t)__builtin_popcountll(bits[w]);
  return n;
}

static void count_row(Run *run, const Scratch *s, const Plane *p, const Plane *q, size_t j, size_t k)
{
  size_t at = j * run->words;
  const uint64_t *bits[KINDS - 1] = {p->x + at, p->y + at, s->z + at, s->fx + at, s->fy + at, p->fz + at};
  Row *out = &run->row[k * run->rows + j];
  *out = (Row){0};
  for (int kind = 0; kind < KINDS - 1; kind++)
    out->vertices[kind] = count_bits(bits[kind], run->words);
  if (j + 1 < run->rows && k + 1 < run->slices) {
    CellRow row = cell_row(run, s, p, q, j, k);
    count_cells(run, &row, out);
  }
  for (int kind = 0; kind < KINDS; kind++)
    run->vertices[k] += out->vertices[kind];
  run->triangles[k] += out->triangles;
}

/* Millimetres from the origin, of a place `m` after a voxel: the same floats whatever part of the map is
 * visited. */
static void place(const Run *run, const int32_t at[3], const double m[3], float *out)
{
  HilumVec3 b = hilum_vec3_scale(run->step[0], at[0] + m[0] - run->middle[0]);
  b = hilum_vec3_madd(b, at[1] + m[1] - run->middle[1], run->step[1]);
  b = hilum_vec3_madd(b, at[2] + m[2] - run->middle[2], run->step[2]);
  out[0] = (float)b.x;
  out[1] = (float)b.y;
  out[2] = (float)b.z;
}

/* Index positions of a cell's vertices: edge slots, then faces. */
static const double edge_at[16][3] = {{.5, 0, 0}, {.5, 1, 0}, {.5, 0, 1}, {.5, 1, 1}, {0, .5, 0}, {0, .5, 1},
                                      {0, 0, .5}, {0, 1, .5}, {0},        {0},        {0},        {0},
                                      {1, .5, 0}, {1, .5, 1}, {1, 0, .5}, {1, 1, .5}};

/* Mean of the crossed edges of a face with three or four labels, from its corners in cyclic order. */
static void face_middle(uint8_t a, uint8_t b, uint8_t c, uint8_t d, double *u, double *v)
{
  int e0 = a != b, e1 = b != c, e2 = c != d, e3 = d != a, n = e0 + e1 + e2 + e3;
  *u = (0.5 * e0 + e1 + 0.5 * e2) / n;
  *v = (0.5 * e1 + e2 + 0.5 * e3) / n;
}

/* Vertices half way along the edges, by the kernel and in the order of operations of extract.c. */
static void emit_edges(const Run *run, Scratch *s, int kind, const uint64_t *bits, size_t j, size_t k,
                       uint32_t id)
{
  HilumVec3 x = run->step[0], d = run->step[kind], b;
  b = hilum_vec3_scale(x, run->anchor - 1 - run->middle[0]);
  b = hilum_vec3_madd(b, run->lo[1] - 1 + (double)j - run->middle[1], run->step[1]);
  b = hilum_vec3_madd(b, run->lo[2] - 1 + (double)k - run->middle[2], run->step[2]);
  HilumMcFrame frame = {{b.x, b.y, b.z}, {x.x, x.y, x.z}, {d.x, d.y, d.z}};
  size_t n = run->kernels.expand(s->list, bits, run->words);
  for (size_t i = 0; i < n && run->lo[0] != run->anchor; i++)
    s->list[i] += (uint32_t)(run->lo[0] - run->anchor);
  run->kernels.place_half(run->positions + 3 * (size_t)id, s->list, n, &frame);
}

static void emit_middles(const Run *run, int kind, const uint64_t *bits, const Plane *p, const Plane *q,
                         size_t j, size_t k, uint32_t id)
{
  float *out = run->positions + 3 * (size_t)id;
  for (size_t w = 0; w < run->words; w++)
    for (uint64_t b = bits[w]; b; b &= b - 1, out += 3) {
      size_t i = 64 * w + (size_t)__builtin_ctzll(b), l = j * run->stride + i;
      const uint8_t *pl = p->labels + l, *ql = q->labels + l, *pn = pl + run->stride, *qn = ql + run->stride;
      double m[3] = {0, 0, 0};
      if (kind == 3)
        face_middle(pl[0], pn[0], qn[0], ql[0], &m[1], &m[2]);
      else if (kind == 4)
        face_middle(pl[0], pl[1], ql[1], ql[0], &m[0], &m[2]);
      else
        face_middle(pl[0], pl[1], pn[1], pn[0], &m[0], &m[1]);
      const int32_t voxel[3] = {run->lo[0] - 1 + (int32_t)i, run->lo[1] - 1 + (int32_t)j,
                                run->lo[2] - 1 + (int32_t)k};
      place(run, voxel, m, out);
    }
}

static void emit_row_vertices(const Run *run, Scratch *s, const Plane *p, const Plane *q, size_t j, size_t k)
{
  size_t at = j * run->words;
  const uint64_t *bits[KINDS - 1] = {p->x + at, p->y + at, s->z + at, s->fx + at, s->fy + at, p->fz + at};
  const Row *row = &run->row[k * run->rows + j], *end = row + 1;
  if (row->vertices[0] == end->vertices[0]) return;
  for (int kind = 0; kind < KINDS - 1; kind++) {
    if (row->vertices[kind] == row->vertices[kind + 1]) continue;
    if (kind < EDGE_KINDS)
      emit_edges(run, s, kind, bits[kind], j, k, row->vertices[kind]);
    else
      emit_middles(run, kind, bits[kind], p, q, j, k, row->vertices[kind]);
  }
}

static void place_apexes(const Run *run, const CellRow *r, size_t i, const uint8_t l[8],
                         const HilumCell *cell, float *out)
{
  static const uint8_t around[3][2][4] = {
      {{0, 2, 6, 4}, {1, 3, 7, 5}}, {{0, 1, 5, 4}, {2, 3, 7, 6}}, {{0, 1, 3, 2}, {4, 5, 7, 6}}};
  const int32_t voxel[3] = {run->lo[0] - 1 + (int32_t)i, run->lo[1] - 1 + (int32_t)r->j,
                            run->lo[2] - 1 + (int32_t)r->k};
  double m[HILUM_CELL_MAX_APEXES][3];
  for (int a = 0; a < cell->n_apexes; a++) {
    double sum[3] = {0, 0, 0};
    for (uint32_t set = cell->members[a]; set; set &= set - 1) {
      int v = __builtin_ctz(set), f = v - HILUM_CELL_FACE, axis = f >> 1;
      double at[3];
      if (f < 0) {
        memcpy(at, edge_at[v], sizeof at);
      } else {
        const uint8_t *c = around[axis][f & 1];
        at[axis] = f & 1;
        face_middle(l[c[0]], l[c[1]], l[c[2]], l[c[3]], &at[axis == 0 ? 1 : 0], &at[axis == 2 ? 1 : 2]);
      }
      for (int c = 0; c < 3; c++)
        sum[c] += at[c];
    }
    for (int c = 0; c < 3; c++) {
      m[a][c] = sum[c] / __builtin_popcount(cell->members[a]);
      if (cell->towards[a] >= 0) m[a][c] = 0.5 * (m[a][c] + m[cell->towards[a]][c]);
    }
    place(run, voxel, m[a], out + 3 * a);
  }
}

/* Where a row of cells stands: the number of the first vertex of each row of bits in this word, the next apex
 * and the next triangle. */
typedef struct {
  uint32_t edge[8], face[5], apex;
  size_t triangle;
} Cursor;

static Cursor cursor_at(const Run *run, size_t j, size_t k)
{
  const Row *a = &run->row[k * run->rows + j], *b = a + 1, *c = a + run->rows, *d = c + 1;
  return (Cursor){{a->vertices[0], b->vertices[0], c->vertices[0], d->vertices[0], a->vertices[1],
                   c->vertices[1], a->vertices[2], b->vertices[2]},
                  {a->vertices[3], a->vertices[4], b->vertices[4], a->vertices[5], c->vertices[5]},
                  a->vertices[APEXES],
                  a->triangles};
}

static void put_triangle(const Run *run, Cursor *at, const uint32_t *id, const uint8_t corner[3],
                         HilumLabelPair pair, uint8_t tile)
{
  if (run->tiles) run->tiles[at->triangle] = tile;
  uint32_t *out = run->indices + 3 * at->triangle;
  out[0] = id[corner[0]];
  out[1] = id[corner[run->mirrored ? 2 : 1]];
  out[2] = id[corner[run->mirrored ? 1 : 2]];
  run->pairs[at->triangle++] = pair;
}

/* The tile of the core that a cell lies in, from 1; 0 if it lies outside. A cell that starts before the map
 * belongs to the first. */
static uint8_t tile_of(const Run *run, size_t i, size_t j, size_t k)
{
  const int32_t at[3] = {run->lo[0] - 1 + (int32_t)i, run->lo[1] - 1 + (int32_t)j,
                         run->lo[2] - 1 + (int32_t)k};
  int32_t tile = 0;
  for (int a = 2; a >= 0; a--) {
    if (at[a] < run->core.lo[a] || at[a] >= run->core.hi[a]) return 0;
    tile = tile * run->across[a] + (MAX(at[a], 0) - MAX(run->core.lo[a], 0)) / run->edge;
  }
  return (uint8_t)(tile + 1);
}

static void emit_cells(const Run *run, const CellRow *r, Cursor *at)
{
  for (size_t w = 0; w < run->words; w++) {
    for (uint64_t cut = cut_cells(run, r, w); cut; cut &= cut - 1) {
      int s = __builtin_ctzll(cut);
      uint64_t below = (UINT64_C(1) << s) - 1;
      size_t i = 64 * w + (size_t)s;
      uint64_t x = cell_labels(run, r->p, r->q, r->j, i);
      uint32_t id[HILUM_CELL_APEX + HILUM_CELL_MAX_APEXES];
      for (int e = 0; e < 8; e++) {
        id[e] = at->edge[e] + (uint32_t)__builtin_popcountll(r->edge[e][w] & below);
        id[e + HILUM_MC_NEXT] = id[e] + (uint32_t)(r->edge[e][w] >> s & 1);
      }
      unsigned code;
      HilumLabelPair pair;
      uint8_t tile = run->tiles ? tile_of(run, i, r->j, r->k) : 0;
      if (two_labels(x, &code, &pair)) {
        for (int t = 0; t < run->table->triangles[code]; t++)
          put_triangle(run, at, id, run->table->pattern[code] + 3 * t, pair, tile);
        continue;
      }
      HilumCell cell;
      hilum_cell_build((const uint8_t *)&x, &cell);
      for (int f = 0; f < 5; f++) { /* x, x + 1, then the others as they come */
        uint32_t v = at->face[f] + (uint32_t)__builtin_popcountll(r->face[f][w] & below);
        id[HILUM_CELL_FACE + (f ? f + 1 : 0)] = v;
        if (f == 0) id[HILUM_CELL_FACE + 1] = v + (uint32_t)(r->face[0][w] >> s & 1);
      }
      for (int a = 0; a < cell.n_apexes; a++)
        id[HILUM_CELL_APEX + a] = at->apex + (uint32_t)a;
      place_apexes(run, r, i, (const uint8_t *)&x, &cell, run->positions + 3 * (size_t)at->apex);
      at->apex += (uint32_t)cell.n_apexes;
      for (int t = 0; t < cell.n_triangles; t++)
        put_triangle(run, at, id, cell.triangle[t].corner,
                     (HilumLabelPair){cell.triangle[t].inside, cell.triangle[t].outside}, tile);
    }
    for (int e = 0; e < 8; e++)
      at->edge[e] += (uint32_t)__builtin_popcountll(r->edge[e][w]);
    for (int f = 0; f < 5; f++)
      at->face[f] += (uint32_t)__builtin_popcountll(r->face[f][w]);
  }
}

static void emit_row(const Run *run, Scratch *s, const Plane *p, const Plane *q, size_t j, size_t k)
{
  emit_row_vertices(run, s, p, q, j, k);
  const Row *row_at = &run->row[k * run->rows + j];
  if (j + 1 >= run->rows || k + 1 >= run->slices || row_at[1].triangles == row_at->triangles) return;
  CellRow row = cell_row(run, s, p, q, j, k);
  Cursor at = cursor_at(run, j, k);
  emit_cells(run, &row, &at);
}

/* Both passes: slices two by two. Above the last slice there is nothing: it stands for its own neighbour. */
static void visit_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Run *run = data;
  if (!run->scratch[worker]) run->scratch[worker] = scratch_new(run);
  Scratch *s = run->scratch[worker];
  load_plane(run, &s->plane[begin & 1], begin);
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(run->progress)) return;
    bool last = k + 1 == run->slices;
    const Plane *p = &s->plane[k & 1], *q = last ? p : &s->plane[(k + 1) & 1];
    if (!last) load_plane(run, &s->plane[(k + 1) & 1], k + 1);
    join_planes(run, s, p, q);
    for (size_t j = 0; j < run->rows; j++)
      if (run->emit)
        emit_row(run, s, p, q, j, k);
      else
        count_row(run, s, p, q, j, k);
    size_t done = atomic_fetch_add_explicit(&run->done, 1, memory_order_relaxed) + 1;
    hilum_progress_step(&run->part, 0.5 * (double)done / (double)run->slices);
  }
}

static bool place_rows(Run *run, uint64_t *vertices, uint64_t *triangles)
{
  uint64_t v = 0, t = 0;
  for (size_t k = 0; k < run->slices; k++) {
    v += run->vertices[k];
    t += run->triangles[k];
  }
  *vertices = v;
  *triangles = t;
  if (v > UINT32_MAX || t > UINT32_MAX) return false;
  uint32_t at = 0, triangle = 0;
  for (size_t r = 0; r < run->rows * run->slices; r++) {
    Row *row = &run->row[r];
    for (int kind = 0; kind < KINDS; kind++) {
      uint32_t n = row->vertices[kind];
      row->vertices[kind] = at;
      at += n;
    }
    uint32_t n = row->triangles;
    row->triangles = triangle;
    triangle += n;
  }
  run->row[run->rows * run->slices] = (Row){{at}, triangle};
  return true;
}

static HilumJoint *emit_joint(Run *run, GError **error)
{
  uint64_t nv, nt;
  if (!place_rows(run, &nv, &nt)) {
    g_set_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT,
                "The surfaces would have %" G_GUINT64_FORMAT
                " triangles, more than a mesh can hold; make fewer structures at once",
                nt);
    return NULL;
  }
  run->positions = hilum_big_alloc((size_t)nv * 3 * sizeof(float), error);
  if (run->positions) run->indices = hilum_big_alloc((size_t)nt * 3 * sizeof(uint32_t), error);
  if (run->indices) run->pairs = hilum_big_alloc((size_t)nt * sizeof *run->pairs, error);
  if (!run->pairs) return NULL;
  if (run->want_tiles) {
    run->tiles = hilum_big_alloc((size_t)nt, error);
    if (!run->tiles) return NULL;
  }
  run->emit = true;
  hilum_parallel_for(run->slices, GRAIN, visit_slices, run);
  if (hilum_progress_fail(run->progress, error)) return NULL;
  HilumVec3 origin =
      hilum_grid_to_mm(&run->grid, (HilumIndexPos){run->middle[0], run->middle[1], run->middle[2]});
  HilumMesh *mesh =
      hilum_mesh_new_trusted(origin, (uint32_t)nv, run->positions, NULL, (uint32_t)nt, run->indices);
  HilumJoint *joint = hilum_joint_new_take(mesh, run->pairs);
  run->positions = NULL;
  run->indices = NULL;
  run->pairs = NULL;
  return joint;
}

static HilumVoxelBox box_of(HilumLabelSnapshot *labels, const uint8_t *wanted)
{
  HilumVoxelBox all = {{INT32_MAX, INT32_MAX, INT32_MAX}, {0, 0, 0}};
  bool any = false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    if ((wanted && !wanted[l]) || hilum_label_snapshot_count(labels, (uint8_t)l) == 0) continue;
    HilumVoxelBox box = hilum_label_snapshot_bounds(labels, (uint8_t)l);
    any = true;
    for (int a = 0; a < 3; a++) {
      all.lo[a] = MIN(all.lo[a], box.lo[a]);
      all.hi[a] = MAX(all.hi[a], box.hi[a]);
    }
  }
  return any ? all : (HilumVoxelBox){{0, 0, 0}, {0, 0, 0}};
}

static void set_box(Run *run, HilumVoxelBox box)
{
  for (int a = 0; a < 3; a++) {
    run->lo[a] = box.lo[a];
    run->n[a] = box.hi[a] - box.lo[a];
    run->step[a] = hilum_vec3_scale(run->grid.axes[a], run->grid.spacing_mm[a]);
  }
  run->rows = (size_t)run->n[1] + 2;
  run->slices = (size_t)run->n[2] + 2;
  run->words = hilum_mc_row_words((size_t)run->n[0]);
  run->stride = 64 * run->words + 64;
}

static bool alloc_rows(Run *run, GError **error)
{
  size_t bytes;
  if (!hilum_size_mul3((int64_t)run->rows, (int64_t)run->slices, sizeof *run->row, &bytes) ||
      !hilum_size_add(bytes, sizeof *run->row, &bytes)) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT, "The volume is too large to mesh");
    return false;
  }
  run->row = hilum_big_alloc(bytes, error);
  return run->row != NULL;
}

/* Both passes over a run whose box is set. */
static HilumJoint *run_passes(Run *run, GError **error)
{
  if (!alloc_rows(run, error)) return NULL;
  unsigned workers = hilum_parallel_threads();
  hilum_mc_kernels_init(&run->kernels);
  run->table = hilum_mc_table();
  run->mirrored = hilum_grid_handedness(&run->grid) < 0;
  run->vertices = g_new0(uint64_t, run->slices);
  run->triangles = g_new0(uint64_t, run->slices);
  run->scratch = g_new0(Scratch *, workers);
  hilum_parallel_for(run->slices, GRAIN, visit_slices, run);
  HilumJoint *joint = hilum_progress_fail(run->progress, error) ? NULL : emit_joint(run, error);
  for (unsigned w = 0; w < workers; w++)
    scratch_free(run->scratch[w]);
  g_free(run->scratch);
  g_free(run->vertices);
  g_free(run->triangles);
  hilum_big_free(run->row);
  hilum_big_free(run->positions);
  hilum_big_free(run->indices);
  hilum_big_free(run->pairs);
  return joint;
}

HilumJoint *hilum_joint_new(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                            const HilumProgress *progress, GError **error)
{
  Run run = {.labels = labels,
             .wanted = wanted,
             .progress = progress,
             .part = hilum_progress_part(progress, 0, 1, NULL),
             .grid = *hilum_label_snapshot_get_grid(labels)};
  HilumVoxelBox box = box_of(labels, wanted);
  if (!hilum_grid_validate(&run.grid, error)) return NULL;
  if (hilum_voxel_box_is_empty(box)) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                        "There is no surface to make: no voxel belongs to a structure");
    return NULL;
  }
  set_box(&run, box);
  run.anchor = run.lo[0];
  for (int a = 0; a < 3; a++)
    run.middle[a] = run.lo[a] + 0.5 * (run.n[a] - 1);
  return run_passes(&run, error);
}

HilumJoint *hilum_joint_new_part(HilumLabelSnapshot *labels, const uint8_t *wanted, HilumVoxelBox cells,
                                 HilumVoxelBox core, int32_t edge, uint8_t **tiles, GError **error)
{
  Run run = {.labels = labels,
             .wanted = wanted,
             .part = hilum_progress_part(NULL, 0, 1, NULL),
             .grid = *hilum_label_snapshot_get_grid(labels),
             .core = core,
             .edge = edge,
             .want_tiles = tiles != NULL};
  for (int a = 0; a < 3; a++) { /* of the points of the cells, those that are not outermost */
    run.middle[a] = 0.5 * (run.grid.dims[a] - 1);
    run.across[a] = tiles ? (core.hi[a] - MAX(core.lo[a], 0) + edge - 1) / edge : 0;
    cells.lo[a] += 1;
  }
  set_box(&run, cells);
  HilumJoint *joint = run_passes(&run, error);
  if (joint && tiles)
    *tiles = run.tiles;
  else
    hilum_big_free(run.tiles);
  return joint;
}
