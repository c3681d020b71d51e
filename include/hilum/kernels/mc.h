/* Inner loops of surface extraction. A row of voxels becomes a row of bits ("inside"); everything about a
 * surface - which edges it crosses, how many vertices a row has, which of the 256 cases a cell is - follows
 * from a few words of bits by shift, xor and popcount, so that empty space costs one bit a voxel.
 *
 * Bit rows are padded: bit p = i + 1 is voxel i, bits 0 and n + 1 are the outside, and
 * hilum_mc_row_words(n) words hold a row. Corner c of the cell at (p, j, k) is the point
 * (p + (c & 1), j + (c >> 1 & 1), k + (c >> 2)). Every entry is bit-exact in all variants. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HILUM_MC_MAX_TRIANGLES 5 /* a cell; the table is built and checked by mc_table.c */
#define HILUM_MC_OVERRUN 16      /* indices that the emitter may write, and rewrite, past its own */

static inline size_t hilum_mc_row_words(size_t n)
{
  return (n + 2 + 63) / 64;
}

/* Vertex slots of a cell, as the pattern table numbers them. The four x edges, then the y and z edges that
 * start at p, then (+ 8) the y and z edges that start at p + 1. */
enum {
  HILUM_MC_X00,
  HILUM_MC_X10,
  HILUM_MC_X01,
  HILUM_MC_X11, /* x edges at (j,k) (j+1,k) (j,k+1) (j+1,k+1) */
  HILUM_MC_Y0,
  HILUM_MC_Y1, /* y edges at (j,k) (j,k+1) */
  HILUM_MC_Z0,
  HILUM_MC_Z1,      /* z edges at (j,k) (j+1,k) */
  HILUM_MC_NEXT = 8 /* the same y and z edges one point further along x */
};

typedef struct {
  uint8_t triangles[256];    /* per case */
  uint8_t pattern[256][16];  /* slots of the corners, three a triangle, counter-clockwise from outside */
  uint8_t mirrored[256][16]; /* the same, clockwise: for left-handed grids */
} HilumMcTable;

/* Derived on first use from the rule in mc_table.c. Any thread. */
const HilumMcTable *hilum_mc_table(void);

/* Cuts one closed loop of n (3..12) slots, in the order of a triangle facing out, by the table's rule: no
 * diagonal in a face of the cell, least sum of squared diagonals. Writes n - 2 triangles of slots and returns
 * their number, or 0 if every cut needs a diagonal in a face. Any thread. */
int hilum_mc_cut_loop(const uint8_t *slots, int n, uint8_t *triangles);

typedef struct {
  uint32_t x, y, z; /* crossed edges that start in this row of points */
  uint32_t triangles;
} HilumMcCounts;

/* The bit rows of one row of cells: points (j,k) (j+1,k) (j,k+1) (j+1,k+1); cells first <= p < last. */
typedef struct {
  const uint64_t *r00, *r10, *r01, *r11;
  size_t words;
  uint32_t first, last;
} HilumMcCellRow;

/* Where vertices of one edge row lie: position of slot p at parameter t is base + p * step + t * dir,
 * computed in double in this order and rounded once. */
typedef struct {
  double base[3], step[3], dir[3];
} HilumMcFrame;

typedef struct {
  /* Bit i + 1 of dst = src[i] >= threshold; all words of the row are written, nothing beyond src[n-1] read.
   */
  void (*row_i16)(uint64_t *dst, const int16_t *src, size_t n, int16_t threshold);
  /* dst[r] bit i = src[32 r + i] == label, for `rows` rows of 32 labels (the rows of a brick). */
  void (*rows32_u8)(uint32_t *dst, const uint8_t *src, size_t rows, uint8_t label);
  /* Crossed edges that start in row (j,k), x edges limited to [first, last); triangles of the cells. */
  void (*count_row)(const HilumMcCellRow *row, const HilumMcTable *table, HilumMcCounts *out);
  /* Triangles of the cells. ids[s] is the id of the first vertex of slot row s (HILUM_MC_X00..Z1) in its row.
   * Writes at `out`, never at or past `end`, and may write HILUM_MC_OVERRUN indices beyond its own before
   * `end`. Returns the place after its last index. */
  uint32_t *(*emit_row)(const HilumMcCellRow *row, const uint8_t triangles[256],
                        const uint8_t pattern[256][16], const uint32_t ids[8], uint32_t *out, uint32_t *end);
  /* Places n vertices, slots p[] of one edge row, where linear interpolation between src[p-1] and
   * src[p-1+stride] meets `iso` (in stored units), at least 1/4096 away from both ends. t (n doubles)
   * receives the parameters. */
  void (*place_iso)(float *out, double *t, const uint32_t *p, size_t n, const int16_t *src, ptrdiff_t stride,
                    double iso, const HilumMcFrame *frame);
  /* The same with t = 1/2 everywhere. */
  void (*place_half)(float *out, const uint32_t *p, size_t n, const HilumMcFrame *frame);
  /* Positions of the set bits of a row of words, ascending; returns how many. dst needs room for all + 8. */
  size_t (*expand)(uint32_t *dst, const uint64_t *bits, size_t words);
} HilumMcKernels;

/* Fills the table for the current hilum_cpu_flags(). */
void hilum_mc_kernels_init(HilumMcKernels *kernels);

#ifdef __cplusplus
}
#endif
