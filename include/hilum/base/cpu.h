/* Instruction sets, detected once. Kernels choose their variant from hilum_cpu_flags(), which is
 * detected & mask; the mask comes from the environment (HILUM_CPU=none|sse4|avx2|avx512|neon, each including
 * the lesser ones) or from a test. libc only, so that kernels may use it. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

enum {
  HILUM_CPU_SSE41 = 1u << 0,
  HILUM_CPU_AVX2 =
      1u << 1, /* with BMI1, BMI2, LZCNT and POPCNT, which every AVX2 processor of interest has */
  HILUM_CPU_AVX512 = 1u << 2, /* F, BW, DQ and VL */
  HILUM_CPU_NEON = 1u << 3,
  HILUM_CPU_SHA = 1u << 4 /* x86; belongs to sse4 and all above it */
};

/* Effective flags. Thread-safe; the first call detects. */
unsigned hilum_cpu_flags(void);

/* Restricts the flags from now on, in place of the environment (all ones: no restriction). Kernel tables
 * already initialised do not change by themselves: tests re-initialise them. Call before any worker runs. */
void hilum_cpu_set_mask(unsigned mask);

/* "avx512", "avx2", "sse4", "neon" or "none": the best effective set, for logs and bench output. */
const char *hilum_cpu_name(void);

#ifdef __cplusplus
}
#endif
