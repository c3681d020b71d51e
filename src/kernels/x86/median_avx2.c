/* AVX2 median kernels: 16 voxels a vector. */
#include <immintrin.h>
#include <stdint.h>

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

void hilum_median_kernels_init_avx2(HilumMedianKernels *table)
{
  *table = (HilumMedianKernels){sort3_rows, median27_rows};
}
