/* AVX-512BW median kernels: 32 voxels a vector. */
#include <immintrin.h>
#include <stdint.h>

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

void hilum_median_kernels_init_avx512(HilumMedianKernels *table)
{
  *table = (HilumMedianKernels){sort3_rows, median27_rows};
}
