/* Reference of the morphology kernels and the choice of variant. */
#include "hilum/kernels/morph.h"

#include "hilum/base/cpu.h"

#include <string.h>

static void or_rows_c(uint64_t *dst, size_t stride, size_t n_rows, const uint64_t *src, size_t n_words)
{
  for (size_t r = 0; r < n_rows; r++, dst += stride)
    for (size_t w = 0; w < n_words; w++)
      dst[w] |= src[w];
}

/* dst = src | src shifted by s bits to both sides. */
static void widen_once(uint64_t *dst, const uint64_t *src, size_t n_words, size_t s)
{
  size_t words = s / 64;
  unsigned bits = (unsigned)(s % 64);
  for (size_t w = 0; w < n_words; w++) {
    uint64_t v = src[w];
    if (w >= words) {
      v |= src[w - words] << bits;
      if (bits && w > words) v |= src[w - words - 1] >> (64 - bits);
    }
    if (words < n_words - w) {
      v |= src[w + words] >> bits;
      if (bits && words + 1 < n_words - w) v |= src[w + words + 1] << (64 - bits);
    }
    dst[w] = v;
  }
}

void hilum_morph_widen_row(uint64_t *dst, const uint64_t *src, size_t n_words, size_t reach, uint64_t *tmp)
{
  if (reach == 0 && dst != src) memcpy(dst, src, n_words * sizeof *dst);
  /* What reaches c to both sides, shifted by up to c + 1, leaves no gap, not even where bits fell off an end.
   */
  for (size_t covered = 0; covered < reach;) {
    size_t s = reach - covered < covered + 1 ? reach - covered : covered + 1;
    if (dst != src)
      widen_once(dst, src, n_words, s);
    else {
      widen_once(tmp, dst, n_words, s);
      memcpy(dst, tmp, n_words * sizeof *dst);
    }
    src = dst;
    covered += s;
  }
}

void hilum_morph_kernels_init(HilumMorphKernels *table)
{
  table->or_rows = or_rows_c;
#if defined(__x86_64__)
  unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_morph_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_morph_kernels_init_avx512(table);
#endif
}
