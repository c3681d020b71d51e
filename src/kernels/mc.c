/* Reference kernels of surface extraction and the choice of a variant. */
#include "hilum/kernels/mc.h"

#include "hilum/base/cpu.h"
#include "mc_private.h"
#include "mc_rows.h"

static void row_i16(uint64_t *dst, const int16_t *src, size_t n, int16_t threshold)
{
  size_t words = hilum_mc_row_words(n);
  for (size_t w = 0; w < words; w++)
    dst[w] = 0;
  for (size_t i = 0; i < n; i++)
    dst[(i + 1) >> 6] |= (uint64_t)(src[i] >= threshold) << ((i + 1) & 63);
}

static void rows32_u8(uint32_t *dst, const uint8_t *src, size_t rows, uint8_t label)
{
  for (size_t r = 0; r < rows; r++) {
    uint32_t bits = 0;
    for (unsigned i = 0; i < 32; i++)
      bits |= (uint32_t)(src[32 * r + i] == label) << i;
    dst[r] = bits;
  }
}

static void count_row(const HilumMcCellRow *row, const HilumMcTable *table, HilumMcCounts *out)
{
  mc_count_row(row, table, out);
}

static uint32_t *emit_row(const HilumMcCellRow *row, const uint8_t triangles[256],
                          const uint8_t pattern[256][16], const uint32_t ids[8], uint32_t *out, uint32_t *end)
{
  (void)end;
  return mc_emit_row(row, triangles, pattern, ids, out);
}

static void place_iso(float *out, double *t, const uint32_t *p, size_t n, const int16_t *src,
                      ptrdiff_t stride, double iso, const HilumMcFrame *frame)
{
  mc_place_iso(out, t, p, n, src, stride, iso, frame);
}

static void place_half(float *out, const uint32_t *p, size_t n, const HilumMcFrame *frame)
{
  mc_place_half(out, p, n, frame);
}

static size_t expand(uint32_t *dst, const uint64_t *bits, size_t words)
{
  return mc_expand(dst, bits, words);
}

void hilum_mc_kernels_init(HilumMcKernels *kernels)
{
  *kernels = (HilumMcKernels){row_i16, rows32_u8, count_row, emit_row, place_iso, place_half, expand};
  unsigned flags = hilum_cpu_flags();
#if defined(__x86_64__)
  if (flags & HILUM_CPU_SSE41) hilum_mc_init_sse41(kernels);
  if (flags & HILUM_CPU_AVX2) hilum_mc_init_avx2(kernels);
  if (flags & HILUM_CPU_AVX512) hilum_mc_init_avx512(kernels);
#elif defined(__aarch64__)
  if (flags & HILUM_CPU_NEON) hilum_mc_init_neon(kernels);
#else
  (void)flags;
#endif
}
