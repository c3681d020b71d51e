/* Which instruction sets kernels may use. Detection asks the processor and, through the compiler's runtime,
 * the operating system (wide registers must be saved on a context switch). libc only: kernels link this. */
#include "hilum/base/cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#define CPU_IS_X86 1
#else
#define CPU_IS_X86 0
#endif

#define CPU_KNOWN (1u << 31) /* tells "detected nothing" from "not yet asked" */

static _Atomic unsigned detected_flags;
static _Atomic unsigned mask_flags;

#if CPU_IS_X86
/* __builtin_cpu_supports() does not know LZCNT under every compiler. */
static int has_lzcnt(void)
{
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x80000001u, &a, &b, &c, &d) && (c & (1u << 5));
}

/* Nor all of them SHA. */
static int has_sha(void)
{
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}
#endif

static unsigned detect(void)
{
  unsigned flags = 0;
#if CPU_IS_X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.1")) flags |= HILUM_CPU_SSE41;
  if ((flags & HILUM_CPU_SSE41) && has_sha()) flags |= HILUM_CPU_SHA;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("popcnt") && has_lzcnt())
    flags |= HILUM_CPU_AVX2;
  if ((flags & HILUM_CPU_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    flags |= HILUM_CPU_AVX512;
#elif defined(__aarch64__)
  flags |= HILUM_CPU_NEON; /* part of the base architecture */
#endif
  return flags;
}

static unsigned environment_mask(void)
{
  static const struct {
    const char *name;
    unsigned mask;
  } levels[] = {
      {"none", 0},
      {"sse4", HILUM_CPU_SSE41 | HILUM_CPU_SHA},
      {"avx2", HILUM_CPU_SSE41 | HILUM_CPU_SHA | HILUM_CPU_AVX2},
      {"avx512", HILUM_CPU_SSE41 | HILUM_CPU_SHA | HILUM_CPU_AVX2 | HILUM_CPU_AVX512},
      {"neon", HILUM_CPU_NEON},
  };
  const char *value = getenv("HILUM_CPU");
  if (value)
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
      if (strcmp(value, levels[i].name) == 0) return levels[i].mask;
  return ~0u; /* unset or unknown: everything there is */
}

unsigned hilum_cpu_flags(void)
{
  unsigned detected = atomic_load(&detected_flags);
  if (!(detected & CPU_KNOWN)) {
    /* Threads that race here compute the same values; a mask that a test has set must survive, hence the
     * compare and exchange. */
    unsigned none = 0;
    atomic_compare_exchange_strong(&mask_flags, &none, environment_mask() | CPU_KNOWN);
    detected = detect() | CPU_KNOWN;
    atomic_store(&detected_flags, detected);
  }
  return detected & atomic_load(&mask_flags) & ~CPU_KNOWN;
}

void hilum_cpu_set_mask(unsigned mask)
{
  atomic_store(&mask_flags, mask | CPU_KNOWN);
}

const char *hilum_cpu_name(void)
{
  unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX512) return "avx512";
  if (flags & HILUM_CPU_AVX2) return "avx2";
  if (flags & HILUM_CPU_SSE41) return "sse4";
  if (flags & HILUM_CPU_NEON) return "neon";
  return "none";
}
