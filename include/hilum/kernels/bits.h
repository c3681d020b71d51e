/* Bit rows from voxels: the first step of every threshold. See kernels.h for the rules of tables. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  /* Bit i of dst is set if lo <= src[i] <= hi, for i in [0, n). Writes (n + 63) / 64 whole words; the bits
   * beyond n are zero. Reads exactly n values. Bit-exact in every variant. */
  void (*compare_i16)(const int16_t *src, size_t n, int16_t lo, int16_t hi, uint64_t *dst);
} HilumBitsKernels;

/* Fills the table with the best variants that hilum_cpu_flags() allows. Cheap: call it once an operation. */
void hilum_bits_kernels_init(HilumBitsKernels *table);

/* Each architecture's own file; called by hilum_bits_kernels_init() only. */
void hilum_bits_kernels_init_sse41(HilumBitsKernels *table);
void hilum_bits_kernels_init_avx2(HilumBitsKernels *table);
void hilum_bits_kernels_init_avx512(HilumBitsKernels *table);
void hilum_bits_kernels_init_neon(HilumBitsKernels *table);

#ifdef __cplusplus
}
#endif
