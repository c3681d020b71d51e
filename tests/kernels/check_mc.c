/* Surface kernels: every variant that this processor has against the C reference, on random and hostile rows,
 * odd sizes, misaligned starts and guard bytes; and the case table against its own rules. */
#include "hilum/base/cpu.h"
#include "hilum/base/random.h"
#include "hilum/kernels/mc.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

enum { MAX_N = 300, MAX_WORDS = 8, GUARD = 0x5A };

static const unsigned MASKS[] = {HILUM_CPU_SSE41, HILUM_CPU_SSE41 | HILUM_CPU_AVX2, ~0u, HILUM_CPU_NEON};

static HilumMcKernels reference(void)
{
  HilumMcKernels k;
  hilum_cpu_set_mask(0);
  hilum_mc_kernels_init(&k);
  hilum_cpu_set_mask(~0u);
  return k;
}

static HilumMcKernels variant(size_t m)
{
  HilumMcKernels k;
  hilum_cpu_set_mask(MASKS[m]);
  hilum_mc_kernels_init(&k);
  hilum_cpu_set_mask(~0u);
  return k;
}

/* The source ends exactly at the end of its own heap block: a read beyond is seen by the address sanitizer.
 */
static void test_row_i16(void)
{
  HilumMcKernels ref = reference();
  const int16_t thresholds[] = {INT16_MIN, INT16_MIN + 1, -1, 0, 1, 250, INT16_MAX - 1, INT16_MAX};
  for (size_t m = 0; m < G_N_ELEMENTS(MASKS); m++) {
    HilumMcKernels var = variant(m);
    for (uint64_t seed = 0; seed < 600; seed++) {
      size_t n = seed < 280 ? seed : 1 + hilum_random_u64(1, seed) % MAX_N, off = seed % 3;
      int16_t t = thresholds[hilum_random_u64(2, seed) % G_N_ELEMENTS(thresholds)];
      g_autofree int16_t *block = g_new(int16_t, n + off);
      int16_t *src = block + off;
      for (size_t i = 0; i < n; i++) {
        uint64_t r = hilum_random_u64(seed, i);
        src[i] = r % 4 == 0 ? t : r % 4 == 1 ? (int16_t)(t > INT16_MIN ? t - 1 : t) : (int16_t)(r >> 16);
      }
      uint64_t a[MAX_WORDS], b[MAX_WORDS];
      memset(a, GUARD, sizeof a);
      memset(b, GUARD, sizeof b);
      ref.row_i16(a, src, n, t);
      var.row_i16(b, src, n, t);
      g_assert_cmpmem(a, sizeof a, b, sizeof b);
      for (size_t i = 0; i < n; i++)
        g_assert_cmpint(a[(i + 1) >> 6] >> ((i + 1) & 63) & 1, ==, src[i] >= t);
      g_assert_cmpint(a[0] & 1, ==, 0);
      g_assert_cmpint(a[(n + 1) >> 6] >> ((n + 1) & 63), ==, 0);
    }
  }
}

static void test_rows32_u8(void)
{
  HilumMcKernels ref = reference();
  for (size_t m = 0; m < G_N_ELEMENTS(MASKS); m++) {
    HilumMcKernels var = variant(m);
    for (uint64_t seed = 0; seed < 100; seed++) {
      size_t rows = hilum_random_u64(1, seed) % 40, off = seed % 5;
      g_autofree uint8_t *src = g_malloc(32 * rows + off + 1);
      for (size_t i = 0; i < 32 * rows; i++)
        src[off + i] = (uint8_t)(hilum_random_u64(seed, i) % 3 * 127);
      const uint8_t labels[3] = {0, 127, 254};
      uint32_t a[41], b[41];
      memset(a, GUARD, sizeof a);
      memset(b, GUARD, sizeof b);
      ref.rows32_u8(a, src + off, rows, labels[seed % 3]);
      var.rows32_u8(b, src + off, rows, labels[seed % 3]);
      g_assert_cmpmem(a, sizeof a, b, sizeof b);
    }
  }
}

typedef struct {
  uint64_t bits[4][MAX_WORDS];
  HilumMcCellRow row;
  uint32_t ids[8];
} Rows;

/* Rows of noise, of one value, of sparse bits; closed and open ranges. */
static void fill_rows(Rows *r, uint64_t seed)
{
  size_t n = 1 + hilum_random_u64(1, seed) % MAX_N, words = hilum_mc_row_words(n);
  unsigned density = (unsigned)(hilum_random_u64(2, seed) % 5);
  memset(r, 0, sizeof *r);
  for (int q = 0; q < 4; q++)
    for (size_t i = 0; i < n; i++) {
      uint64_t x = hilum_random_u64(seed * 4 + (uint64_t)q, i);
      bool on = density == 0 ? true : density == 1 ? x % 40 == 0 : density == 2 ? x % 40 != 0 : x & 1;
      r->bits[q][(i + 1) >> 6] |= (uint64_t)on << ((i + 1) & 63);
    }
  bool open = seed % 3 == 0;
  r->row = (HilumMcCellRow){
      r->bits[0], r->bits[1], r->bits[2], r->bits[3], words, open ? 1 : 0, (uint32_t)n + (open ? 0 : 1)};
  for (int e = 0; e < 8; e++)
    r->ids[e] = (uint32_t)hilum_random_u64(3, seed * 8 + (uint64_t)e);
}

static void test_count_and_emit(void)
{
  HilumMcKernels ref = reference();
  const HilumMcTable *table = hilum_mc_table();
  enum { ROOM = (MAX_N + 2) * 15 + HILUM_MC_OVERRUN };
  g_autofree uint32_t *a = g_new(uint32_t, ROOM + 1), *b = g_new(uint32_t, ROOM + 1);
  for (size_t m = 0; m < G_N_ELEMENTS(MASKS); m++) {
    HilumMcKernels var = variant(m);
    for (uint64_t seed = 0; seed < 400; seed++) {
      Rows r;
      HilumMcCounts ca, cb;
      fill_rows(&r, seed);
      ref.count_row(&r.row, table, &ca);
      var.count_row(&r.row, table, &cb);
      g_assert_cmpmem(&ca, sizeof ca, &cb, sizeof cb);
      size_t n = 3 * (size_t)ca.triangles, slack = seed % 2 ? 0 : HILUM_MC_OVERRUN;
      memset(a, GUARD, (ROOM + 1) * sizeof *a);
      memset(b, GUARD, (ROOM + 1) * sizeof *b);
      const uint8_t(*pattern)[16] = seed & 4 ? table->mirrored : table->pattern;
      uint32_t *ea = ref.emit_row(&r.row, table->triangles, pattern, r.ids, a, a + n + slack);
      uint32_t *eb = var.emit_row(&r.row, table->triangles, pattern, r.ids, b, b + n + slack);
      g_assert_cmpint(ea - a, ==, n);
      g_assert_cmpint(eb - b, ==, n);
      g_assert_cmpmem(a, n * sizeof *a, b, n * sizeof *b);
      for (size_t i = n + slack; i <= ROOM; i++)
        g_assert_cmphex(b[i], ==, 0x5A5A5A5A);
    }
  }
}

static void test_place(void)
{
  HilumMcKernels ref = reference();
  const HilumMcFrame frame = {{-12.3, 4e-3, 250.77}, {0.41, 0.3, -0.5}, {-0.2, 0.61, 0.33}};
  for (size_t m = 0; m < G_N_ELEMENTS(MASKS); m++) {
    HilumMcKernels var = variant(m);
    for (uint64_t seed = 0; seed < 300; seed++) {
      size_t n = hilum_random_u64(1, seed) % 150;
      int16_t src[2 * MAX_N];
      uint32_t p[150];
      for (size_t i = 0; i < MAX_N; i++) {
        uint64_t x = hilum_random_u64(seed, i);
        src[i] = (int16_t)(x % 5 == 0 ? INT16_MIN : (int64_t)(x >> 8) % 100);
        src[MAX_N + i] = (int16_t)(x % 7 == 0 ? INT16_MAX : 100 + (int64_t)(x >> 20) % 3);
      }
      for (size_t i = 0; i < n; i++)
        p[i] = 1 + (uint32_t)i * 2;
      float a[3 * 150 + 1], b[3 * 150 + 1];
      double ta[151], tb[151];
      memset(a, GUARD, sizeof a);
      memset(b, GUARD, sizeof b);
      memset(ta, GUARD, sizeof ta);
      memset(tb, GUARD, sizeof tb);
      double iso = seed % 3 == 0 ? 100 : 99.5;
      ref.place_iso(a, ta, p, n, src, MAX_N, iso, &frame);
      var.place_iso(b, tb, p, n, src, MAX_N, iso, &frame);
      g_assert_cmpmem(a, sizeof a, b, sizeof b);
      g_assert_cmpmem(ta, sizeof ta, tb, sizeof tb);
      for (size_t i = 0; i < n; i++)
        g_assert_true(ta[i] >= 1.0 / 4096 && ta[i] <= 1 - 1.0 / 4096);
      ref.place_half(a, p, n, &frame);
      var.place_half(b, p, n, &frame);
      g_assert_cmpmem(a, sizeof a, b, sizeof b);
    }
  }
}

static void test_expand(void)
{
  HilumMcKernels ref = reference();
  for (size_t m = 0; m < G_N_ELEMENTS(MASKS); m++) {
    HilumMcKernels var = variant(m);
    for (uint64_t seed = 0; seed < 200; seed++) {
      uint64_t bits[MAX_WORDS];
      uint32_t a[64 * MAX_WORDS + 8], b[64 * MAX_WORDS + 8];
      size_t words = seed % (MAX_WORDS + 1);
      for (size_t w = 0; w < words; w++) {
        uint64_t x = hilum_random_u64(seed, w), y = hilum_random_u64(seed, 100 + w);
        bits[w] = seed % 4 == 0 ? ~UINT64_C(0) : seed % 4 == 1 ? x & y & (x >> 7) : seed % 4 == 2 ? 0 : x;
      }
      size_t na = ref.expand(a, bits, words), nb = var.expand(b, bits, words);
      g_assert_cmpuint(na, ==, nb);
      g_assert_cmpmem(a, na * sizeof *a, b, nb * sizeof *b);
      for (size_t i = 0; i < na; i++)
        g_assert_true(bits[a[i] >> 6] >> (a[i] & 63) & 1);
    }
  }
}

/* Each case uses exactly the edges it crosses; each side of a triangle is used once each way inside the cell,
 * or lies on the cell's faces; mirrored is the same turned round. */
static void test_table(void)
{
  static const int corner[16][2] = {{0, 1},   {2, 3},   {4, 5},   {6, 7},   {0, 2}, {4, 6}, {0, 4}, {2, 6},
                                    {-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}, {1, 3}, {5, 7}, {1, 5}, {3, 7}};
  const HilumMcTable *t = hilum_mc_table();
  for (int code = 0; code < 256; code++) {
    bool used[16] = {false};
    int side[16][16] = {{0}};
    for (int i = 0; i < t->triangles[code]; i++) {
      const uint8_t *p = t->pattern[code] + 3 * i, *q = t->mirrored[code] + 3 * i;
      g_assert_true(q[0] == p[0] && q[1] == p[2] && q[2] == p[1]);
      for (int c = 0; c < 3; c++) {
        used[p[c]] = true;
        side[p[c]][p[(c + 1) % 3]]++;
      }
    }
    for (int s = 0; s < 16; s++) {
      bool crossed = corner[s][0] >= 0 && ((code >> corner[s][0] ^ code >> corner[s][1]) & 1);
      g_assert_true(used[s] == crossed);
      for (int u = 0; u < 16; u++) {
        g_assert_cmpint(side[s][u], <=, 1);
        if (!side[s][u]) continue;
        bool face = false; /* all four corners agree in one coordinate */
        for (int a = 0; a < 3; a++) {
          int b = corner[s][0] >> a & 1;
          face |=
              (corner[s][1] >> a & 1) == b && (corner[u][0] >> a & 1) == b && (corner[u][1] >> a & 1) == b;
        }
        g_assert_cmpint(side[u][s], ==, face ? 0 : 1);
      }
    }
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernels/mc/row-i16", test_row_i16);
  g_test_add_func("/kernels/mc/rows32-u8", test_rows32_u8);
  g_test_add_func("/kernels/mc/count-and-emit", test_count_and_emit);
  g_test_add_func("/kernels/mc/place", test_place);
  g_test_add_func("/kernels/mc/expand", test_expand);
  g_test_add_func("/kernels/mc/table", test_table);
  return g_test_run();
}
