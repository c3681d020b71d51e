/* AVX-512BW median kernels: 32 voxels a vector. */
#include "../median_private.h"

#include <immintrin.h>
#include <stdbool.h>

#define VALUES 32
typedef __m512i Vector;

static inline Vector load(const int16_t *p)
{
  return _mm512_loadu_si512((const void *)p);
}

static inline void store(int16_t *p, Vector v)
{
  _mm512_storeu_si512((void *)p, v);
}

static inline Vector smaller(Vector a, Vector b)
{
  return _mm512_min_epi16(a, b);
}

static inline Vector larger(Vector a, Vector b)
{
  return _mm512_max_epi16(a, b);
}

#include "../median_rows.h"

static void sort3_avx512(const int16_t *a, const int16_t *b, const int16_t *c, size_t n,
                         int16_t *const sorted[3])
{
  if (!sort3_rows(a, b, c, n, sorted)) hilum_median_sort3_c(a, b, c, n, sorted);
}

static void median27_avx512(const int16_t *const columns[9], size_t n, int16_t *scratch, int16_t *dst)
{
  if (!median27_rows(columns, n, scratch, dst)) hilum_median_median27_c(columns, n, scratch, dst);
}

void hilum_median_kernels_init_avx512(HilumMedianKernels *table)
{
  table->sort3 = sort3_avx512;
  table->median27 = median27_avx512;
}
