/* Checked arithmetic for sizes that come from files. Every product of file-supplied numbers goes through
 * these before an allocation. All functions return false on overflow and then leave *out untouched. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool hilum_size_add(size_t a, size_t b, size_t *out)
{
  size_t r;
  if (__builtin_add_overflow(a, b, &r)) return false;
  *out = r;
  return true;
}

static inline bool hilum_size_mul(size_t a, size_t b, size_t *out)
{
  size_t r;
  if (__builtin_mul_overflow(a, b, &r)) return false;
  *out = r;
  return true;
}

/* a * b * c, as for the voxel count of a grid. Negative dimensions count as overflow. */
static inline bool hilum_size_mul3(int64_t a, int64_t b, int64_t c, size_t *out)
{
  size_t r;
  if (a < 0 || b < 0 || c < 0) return false;
  if (!hilum_size_mul((size_t)a, (size_t)b, &r)) return false;
  return hilum_size_mul(r, (size_t)c, out);
}
