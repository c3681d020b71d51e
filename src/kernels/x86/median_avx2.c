/* AVX2 median kernels: 16 voxels a vector. */
#include "../median_private.h"

#include <immintrin.h>
#include <stdbool.h>

#define VALUES 16
typedef __m256i Vector;

static inline Vector load(const int16_t *p)
{
  return _mm256_loadu_si256((const void *)p);
}

static inline void store(int16_t *p, Vector v)
{
  _mm256_storeu_si256((void *)p, v);
}

static inline Vector smaller(Vector a, Vector b)
{
  return _mm256_min_epi16(a, b);
}

static inline Vector larger(Vector a, Vector b)
{
  return _mm256_max_epi16(a, b);
}

#include "../median_rows.h"

static void sort3_avx2(const int16_t *a, const int16_t *b, const int16_t *c, size_t n,
                       int16_t *const sorted[3])
{
  if (!sort3_rows(a, b, c, n, sorted)) hilum_median_sort3_c(a, b, c, n, sorted);
}

static void median27_avx2(const int16_t *const columns[9], size_t n, int16_t *scratch, int16_t *dst)
{
  if (!median27_rows(columns, n, scratch, dst)) hilum_median_median27_c(columns, n, scratch, dst);
}

void hilum_median_kernels_init_avx2(HilumMedianKernels *table)
{
  table->sort3 = sort3_avx2;
  table->median27 = median27_avx2;
}
