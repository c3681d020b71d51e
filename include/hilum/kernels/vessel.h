/* Vesselness of a row of voxels from the second derivatives of what was smoothed: closed-form eigenvalues of
 * the symmetric 3x3 matrix (Smith, Comm. ACM 4:168, 1961), then the measures of Frangi (MICCAI 1998) and Sato
 * (Med. Image Anal. 2:143, 1998). No function of the C library is used, so that every variant does the same
 * operations in the same order: bit-exact, on every machine. See kernels.h for the rules of tables. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the derivatives of a row come from. Values and the differences along y and z can be read from -2 to
 * n + 1; the neighbouring rows from 0 to n - 1. */
typedef struct {
  const float *values;
  const float *along_y[4]; /* rows j - 2, j - 1, j + 1, j + 2 of the same slice */
  const float *along_z[4]; /* row j of slices k - 2, k - 1, k + 1, k + 2 */
  const float *dy, *dz;    /* first differences of the row along y and along z, in units of the grid */
  const float *dz_along_y[4];
  float scale[6]; /* xx, yy, zz, xy, xz, yz: sigma^2 over the spacings, and what makes values real */
} HilumVesselRow;

typedef struct {
  float a, b, c; /* 1/(2 alpha^2), 1/(2 beta^2), 1/(2 c^2) */
} HilumFrangi;

typedef struct {
  float below, above; /* 1/(2 alpha^2) where the first eigenvalue is negative, and where it is not */
} HilumSato;

typedef struct {
  /* best[i] = max(best[i], measure). Bright tubes: l1 >= l2 >= l3 are the eigenvalues.
   * Frangi: 0 unless l2 < 0 and l1 <= -l2 (the two largest in size are negative); then
   *   (1 - exp(-a (l2/l3)^2)) * exp(-b l1^2 / (l2 l3)) * (1 - exp(-c (l1^2 + l2^2 + l3^2)))
   * Sato: 0 unless l2 < 0; then -l2 * exp(-s l1^2 / l2^2), s = below if l1 <= 0, else above. */
  void (*frangi)(float *best, const HilumVesselRow *row, const HilumFrangi *measure, size_t n);
  void (*sato)(float *best, const HilumVesselRow *row, const HilumSato *measure, size_t n);
  /* The eigenvalues alone, descending; m[0..5] are rows of xx, yy, zz, xy, xz, yz. Wrong by less than 1e-3
   * of the largest in size (closest where two of them are equal), by less than 1e-6 where all are apart. */
  void (*eigenvalues)(float *const l[3], const float *const m[6], size_t n);
} HilumVesselKernels;

/* Fills the table with the best variants that hilum_cpu_flags() allows. Cheap: call it once an operation. */
void hilum_vessel_kernels_init(HilumVesselKernels *table);

/* Each architecture's own file; called by hilum_vessel_kernels_init() only. */
void hilum_vessel_kernels_init_avx2(HilumVesselKernels *table);
void hilum_vessel_kernels_init_avx512(HilumVesselKernels *table);

#ifdef __cplusplus
}
#endif
