/* Value noise for the phantom's shapes. */
#include "shape_private.h"

static double corner(uint64_t seed, int64_t x, int64_t y, int64_t z)
{
  uint64_t key = (uint64_t)(x + 4096) | (uint64_t)(y + 4096) << 16 | (uint64_t)(z + 4096) << 32;
  return hilum_random_uniform(seed, key) * 2 - 1;
}

double shape_noise(uint64_t seed, HilumVec3 p, double size)
{
  double fx = floor(p.x / size), fy = floor(p.y / size), fz = floor(p.z / size);
  double x = p.x / size - fx, y = p.y / size - fy, z = p.z / size - fz;
  int64_t ix = (int64_t)fx, iy = (int64_t)fy, iz = (int64_t)fz;
  x = x * x * (3 - 2 * x);
  y = y * y * (3 - 2 * y);
  z = z * z * (3 - 2 * z);
  double row[4];
  for (int c = 0; c < 4; c++) {
    double a = corner(seed, ix, iy + (c & 1), iz + (c >> 1));
    double b = corner(seed, ix + 1, iy + (c & 1), iz + (c >> 1));
    row[c] = a + x * (b - a);
  }
  double near = row[0] + y * (row[1] - row[0]), far = row[2] + y * (row[3] - row[2]);
  return near + z * (far - near);
}
