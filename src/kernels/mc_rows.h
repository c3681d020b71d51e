/* The loops over bit rows and vertex lists, in plain C. mc.c compiles them as the reference; the variants
 * compile the same text with their own instruction set where the compiler needs no help (popcount, bit scans,
 * plain arithmetic), and replace the rest by intrinsics. Private to src/kernels. */
#pragma once

#include "hilum/kernels/mc.h"

#include <stdbool.h>

/* Bits of the cells [first, last) that lie in word w. */
static inline uint64_t mc_range_word(size_t w, uint32_t first, uint32_t last)
{
  size_t lo = w * 64, hi = lo + 64;
  if (first >= hi || last <= lo) return 0;
  uint64_t m = ~UINT64_C(0);
  if (first > lo) m &= ~UINT64_C(0) << (first - lo);
  if (last < hi) m &= ~UINT64_C(0) >> (hi - last);
  return m;
}

/* Word w of the row moved down by one: bit p becomes point p + 1. */
static inline uint64_t mc_next_word(const uint64_t *row, size_t w, size_t words)
{
  return row[w] >> 1 | (w + 1 < words ? row[w + 1] << 63 : 0);
}

/* Zero if all points of the 64 cells that start in word w agree: then nothing is crossed and no cell is cut.
 */
static inline uint64_t mc_mixed(const HilumMcCellRow *row, size_t w)
{
  uint64_t any = row->r00[w] | row->r10[w] | row->r01[w] | row->r11[w];
  uint64_t all = row->r00[w] & row->r10[w] & row->r01[w] & row->r11[w];
  uint64_t any_next = 0, all_next = 0; /* beyond the row lies the outside */
  if (w + 1 < row->words) {
    any_next = row->r00[w + 1] | row->r10[w + 1] | row->r01[w + 1] | row->r11[w + 1];
    all_next = row->r00[w + 1] & row->r10[w + 1] & row->r01[w + 1] & row->r11[w + 1];
  }
  return (any | (any_next & 1)) && (~all | (~all_next & 1));
}

static inline void mc_count_row(const HilumMcCellRow *row, const HilumMcTable *table, HilumMcCounts *out)
{
  HilumMcCounts n = {0, 0, 0, 0};
  for (size_t w = 0; w < row->words; w++) {
    if (!mc_mixed(row, w)) continue;
    uint64_t a = row->r00[w], b = row->r10[w], c = row->r01[w], d = row->r11[w];
    uint64_t an = mc_next_word(row->r00, w, row->words), bn = mc_next_word(row->r10, w, row->words);
    uint64_t cn = mc_next_word(row->r01, w, row->words), dn = mc_next_word(row->r11, w, row->words);
    uint64_t any = a | b | c | d | an | bn | cn | dn, all = a & b & c & d & an & bn & cn & dn;
    uint64_t range = mc_range_word(w, row->first, row->last);
    n.x += (uint32_t)__builtin_popcountll((a ^ an) & range);
    n.y += (uint32_t)__builtin_popcountll(a ^ b);
    n.z += (uint32_t)__builtin_popcountll(a ^ c);
    for (uint64_t active = any & ~all & range; active; active &= active - 1) {
      int s = __builtin_ctzll(active);
      unsigned code =
          (unsigned)((a >> s & 1) | (an >> s & 1) << 1 | (b >> s & 1) << 2 | (bn >> s & 1) << 3 |
                     (c >> s & 1) << 4 | (cn >> s & 1) << 5 | (d >> s & 1) << 6 | (dn >> s & 1) << 7);
      n.triangles += table->triangles[code];
    }
  }
  *out = n;
}

/* The eight edge words and the eight corner words of 64 cells. */
static inline uint64_t mc_cell_words(const HilumMcCellRow *row, size_t w, uint64_t edges[8],
                                     uint64_t corners[8])
{
  uint64_t a = row->r00[w], b = row->r10[w], c = row->r01[w], d = row->r11[w];
  uint64_t an = mc_next_word(row->r00, w, row->words), bn = mc_next_word(row->r10, w, row->words);
  uint64_t cn = mc_next_word(row->r01, w, row->words), dn = mc_next_word(row->r11, w, row->words);
  uint64_t range = mc_range_word(w, row->first, row->last);
  edges[HILUM_MC_X00] = (a ^ an) & range;
  edges[HILUM_MC_X10] = (b ^ bn) & range;
  edges[HILUM_MC_X01] = (c ^ cn) & range;
  edges[HILUM_MC_X11] = (d ^ dn) & range;
  edges[HILUM_MC_Y0] = a ^ b;
  edges[HILUM_MC_Y1] = c ^ d;
  edges[HILUM_MC_Z0] = a ^ c;
  edges[HILUM_MC_Z1] = b ^ d;
  corners[0] = a;
  corners[1] = an;
  corners[2] = b;
  corners[3] = bn;
  corners[4] = c;
  corners[5] = cn;
  corners[6] = d;
  corners[7] = dn;
  uint64_t any = a | b | c | d | an | bn | cn | dn, all = a & b & c & d & an & bn & cn & dn;
  return any & ~all & range;
}

static inline unsigned mc_cell_ids(const uint64_t edges[8], const uint64_t corners[8], int s,
                                   const uint32_t base[8], uint32_t id[16])
{
  uint64_t below = (UINT64_C(1) << s) - 1;
  unsigned code = 0;
  for (int e = 0; e < 8; e++) {
    id[e] = base[e] + (uint32_t)__builtin_popcountll(edges[e] & below);
    id[e + HILUM_MC_NEXT] = id[e] + (uint32_t)(edges[e] >> s & 1);
    code |= (unsigned)(corners[e] >> s & 1) << e;
  }
  return code;
}

static inline uint32_t *mc_emit_row(const HilumMcCellRow *row, const uint8_t triangles[256],
                                    const uint8_t pattern[256][16], const uint32_t ids[8], uint32_t *out)
{
  uint32_t base[8];
  for (int e = 0; e < 8; e++)
    base[e] = ids[e];
  for (size_t w = 0; w < row->words; w++) {
    if (!mc_mixed(row, w)) continue;
    uint64_t edges[8], corners[8];
    uint64_t active = mc_cell_words(row, w, edges, corners);
    for (; active; active &= active - 1) {
      uint32_t id[16];
      unsigned code = mc_cell_ids(edges, corners, __builtin_ctzll(active), base, id);
      for (int i = 0; i < 3 * triangles[code]; i++)
        *out++ = id[pattern[code][i]];
    }
    for (int e = 0; e < 8; e++)
      base[e] += (uint32_t)__builtin_popcountll(edges[e]);
  }
  return out;
}

/* Vertices are placed in blocks: a gather that stays scalar, then arithmetic that vectorises. */
#define MC_BLOCK 64

static inline void mc_place(float *restrict out, const double *restrict q, const double *restrict t, size_t n,
                            const HilumMcFrame *f)
{
  double b0 = f->base[0], b1 = f->base[1], b2 = f->base[2];
  double s0 = f->step[0], s1 = f->step[1], s2 = f->step[2], d0 = f->dir[0], d1 = f->dir[1], d2 = f->dir[2];
  for (size_t i = 0; i < n; i++) {
    out[3 * i] = (float)((b0 + q[i] * s0) + t[i] * d0);
    out[3 * i + 1] = (float)((b1 + q[i] * s1) + t[i] * d1);
    out[3 * i + 2] = (float)((b2 + q[i] * s2) + t[i] * d2);
  }
}

static inline void mc_place_iso(float *out, double *t, const uint32_t *p, size_t n, const int16_t *src,
                                ptrdiff_t stride, double iso, const HilumMcFrame *frame)
{
  const double nearest = 1.0 / 4096.0, farthest = 1.0 - 1.0 / 4096.0;
  for (size_t start = 0; start < n; start += MC_BLOCK) {
    size_t m = n - start < MC_BLOCK ? n - start : MC_BLOCK;
    double q[MC_BLOCK], a[MC_BLOCK], b[MC_BLOCK], *restrict u = t + start;
    for (size_t i = 0; i < m; i++) {
      ptrdiff_t at = (ptrdiff_t)p[start + i] - 1;
      q[i] = (double)(int32_t)p[start + i];
      a[i] = src[at];
      b[i] = src[at + stride];
    }
    for (size_t i = 0; i < m; i++) {
      double v = (iso - a[i]) / (b[i] - a[i]);
      v = v > nearest ? v : nearest;
      u[i] = v < farthest ? v : farthest;
    }
    mc_place(out + 3 * start, q, u, m, frame);
  }
}

static inline void mc_place_half(float *out, const uint32_t *p, size_t n, const HilumMcFrame *frame)
{
  double half[MC_BLOCK];
  for (size_t i = 0; i < MC_BLOCK; i++)
    half[i] = 0.5;
  for (size_t start = 0; start < n; start += MC_BLOCK) {
    size_t m = n - start < MC_BLOCK ? n - start : MC_BLOCK;
    double q[MC_BLOCK];
    for (size_t i = 0; i < m; i++)
      q[i] = (double)(int32_t)p[start + i];
    mc_place(out + 3 * start, q, half, m, frame);
  }
}

static inline size_t mc_expand(uint32_t *dst, const uint64_t *bits, size_t words)
{
  size_t n = 0;
  for (size_t w = 0; w < words; w++)
    for (uint64_t b = bits[w]; b; b &= b - 1)
      dst[n++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(b);
  return n;
}
