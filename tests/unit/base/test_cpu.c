/* The mask of instruction sets: from the environment in a process of its own, and from a test. */
#include "hilum/base/cpu.h"

#include <glib.h>

/* Run once per setting of HILUM_CPU as a child of this program. */
static void test_environment(void)
{
  static const struct {
    const char *name;
    unsigned allowed;
  } levels[] = {
      {"none", 0},
      {"sse4", HILUM_CPU_SSE41 | HILUM_CPU_SHA},
      {"avx2", HILUM_CPU_SSE41 | HILUM_CPU_SHA | HILUM_CPU_AVX2},
      {"avx512", HILUM_CPU_SSE41 | HILUM_CPU_SHA | HILUM_CPU_AVX2 | HILUM_CPU_AVX512},
      {"neon", HILUM_CPU_NEON},
      {"nonsense", ~0u},
  };
  if (g_test_subprocess()) {
    const char *name = g_getenv("HILUM_CPU");
    unsigned flags = hilum_cpu_flags();
    for (size_t l = 0; l < G_N_ELEMENTS(levels); l++)
      if (g_str_equal(name, levels[l].name)) g_assert_cmphex(flags & ~levels[l].allowed, ==, 0);
    hilum_cpu_set_mask(~0u); /* a test's mask takes the place of the environment's */
    g_print("flags %x of %x, %s\n", flags, hilum_cpu_flags(), hilum_cpu_name());
    return;
  }
  unsigned detected = hilum_cpu_flags();
  for (size_t l = 0; l < G_N_ELEMENTS(levels); l++) {
    g_setenv("HILUM_CPU", levels[l].name, TRUE);
    g_test_trap_subprocess("/cpu/environment", 0, 0);
    g_test_trap_assert_passed();
    g_autofree char *expected = g_strdup_printf("*flags %x of %x, *", detected & levels[l].allowed, detected);
    g_test_trap_assert_stdout(expected);
  }
  g_unsetenv("HILUM_CPU");
}

static void test_mask(void)
{
  hilum_cpu_set_mask(~0u);
  unsigned all = hilum_cpu_flags();
  g_assert_cmphex(
      all & ~(unsigned)(HILUM_CPU_SSE41 | HILUM_CPU_AVX2 | HILUM_CPU_AVX512 | HILUM_CPU_NEON | HILUM_CPU_SHA),
      ==, 0);
#ifdef __x86_64__
  g_assert_cmphex(all & HILUM_CPU_NEON, ==, 0);
  if (all & HILUM_CPU_SHA) g_assert_cmphex(all & HILUM_CPU_SSE41, !=, 0);
  if (all & HILUM_CPU_AVX2) g_assert_cmphex(all & HILUM_CPU_SSE41, !=, 0);
#endif
  hilum_cpu_set_mask(0);
  g_assert_cmphex(hilum_cpu_flags(), ==, 0);
  g_assert_cmpstr(hilum_cpu_name(), ==, "none");
  hilum_cpu_set_mask(HILUM_CPU_SSE41);
  g_assert_cmphex(hilum_cpu_flags(), ==, all & HILUM_CPU_SSE41);
  hilum_cpu_set_mask(~0u);
  g_assert_cmphex(hilum_cpu_flags(), ==, all);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  if (!g_test_subprocess()) g_unsetenv("HILUM_CPU"); /* what is detected, whatever the suite runs under */
  g_test_add_func("/cpu/environment", test_environment);
  g_test_add_func("/cpu/mask", test_mask);
  return g_test_run();
}
