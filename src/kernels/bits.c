/* Reference of the bit kernels and the choice of variant. */
#include "hilum/kernels/bits.h"

#include "hilum/base/cpu.h"

static void compare_i16_c(const int16_t *src, size_t n, int16_t lo, int16_t hi, uint64_t *dst)
{
  for (size_t first = 0; first < n; first += 64) {
    size_t count = n - first < 64 ? n - first : 64;
    uint64_t word = 0;
    for (size_t b = 0; b < count; b++)
      word |= (uint64_t)(src[first + b] >= lo && src[first + b] <= hi) << b;
    dst[first / 64] = word;
  }
}

void hilum_bits_kernels_init(HilumBitsKernels *table)
{
  table->compare_i16 = compare_i16_c;
#if defined(__x86_64__)
  unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_SSE41) hilum_bits_kernels_init_sse41(table);
  if (flags & HILUM_CPU_AVX2) hilum_bits_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_bits_kernels_init_avx512(table);
#elif defined(__aarch64__)
  if (hilum_cpu_flags() & HILUM_CPU_NEON) hilum_bits_kernels_init_neon(table);
#endif
}
