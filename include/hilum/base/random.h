/* Deterministic random numbers without state: a hash of (seed, counter). The same numbers come out whatever
 * thread asks for them and in whatever order, so that synthetic data is the same on every machine. libc only.
 */
#pragma once

#include <math.h>
#include <stdint.h>

/* splitmix64 finaliser (Steele, Lea, Flood 2014) over seed and counter. */
static inline uint64_t hilum_random_u64(uint64_t seed, uint64_t counter)
{
  uint64_t z = seed + (counter + 1) * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

/* Uniform in [0, 1). */
static inline double hilum_random_uniform(uint64_t seed, uint64_t counter)
{
  return (double)(hilum_random_u64(seed, counter) >> 11) * 0x1.0p-53;
}
