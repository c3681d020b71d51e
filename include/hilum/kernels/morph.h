/* Bit rows in morphology: widening a row and joining it into others. See kernels.h for the rules of tables.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  /* dst[r * stride + w] |= src[w] for r in [0, n_rows), w in [0, n_words). Rows must not overlap src.
   * Bit-exact in every variant. */
  void (*or_rows)(uint64_t *dst, size_t stride, size_t n_rows, const uint64_t *src, size_t n_words);
} HilumMorphKernels;

/* Fills the table with the best variants that hilum_cpu_flags() allows. Cheap: call it once an operation. */
void hilum_morph_kernels_init(HilumMorphKernels *table);

/* Widens a row of bits: dst bit i is set if any src bit within `reach` of i is. Shifts double, so the cost
 * grows with the logarithm of the reach. `tmp` holds n_words; dst may be src. The caller clears what it does
 * not want beyond the row's end. */
void hilum_morph_widen_row(uint64_t *dst, const uint64_t *src, size_t n_words, size_t reach, uint64_t *tmp);

/* Each architecture's own file; called by hilum_morph_kernels_init() only. */
void hilum_morph_kernels_init_avx2(HilumMorphKernels *table);
void hilum_morph_kernels_init_avx512(HilumMorphKernels *table);

#ifdef __cplusplus
}
#endif
