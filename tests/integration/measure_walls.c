/* Least local thickness and least ray of a binary STL, by tests/walls.h: measure-walls FILE LIMIT [TOLERANCE
 * [SLIVER [EVERY]]], in millimetres. Prints one line of JSON. Knows nothing of Hilum. */
#include "walls.h"

#include <stdio.h>

static bool read_stl(const char *path, Walls *w)
{
  g_autofree char *bytes = NULL;
  gsize length;
  if (!g_file_get_contents(path, &bytes, &length, NULL) || length < 84) return false;
  uint32_t n;
  memcpy(&n, bytes + 80, 4);
  w->n = GUINT32_FROM_LE(n);
  if (length != 84 + 50 * w->n) return false;
  w->v = g_malloc_n(w->n, sizeof *w->v);
  for (size_t t = 0; t < w->n; t++)
    for (size_t c = 0; c < 9; c++) {
      uint32_t bits;
      float f;
      memcpy(&bits, bytes + 84 + 50 * t + 12 + 4 * c, 4);
      bits = GUINT32_FROM_LE(bits);
      memcpy(&f, &bits, 4);
      w->v[t][c / 3][c % 3] = (double)f;
    }
  return true;
}

int main(int argc, char **argv)
{
  Walls w;
  if (argc < 3 || !read_stl(argv[1], &w)) {
    fprintf(stderr, "usage: measure-walls FILE.stl LIMIT [TOLERANCE [SLIVER [EVERY]]]\n");
    return 2;
  }
  const double limit = g_ascii_strtod(argv[2], NULL),
               tolerance = argc > 3 ? g_ascii_strtod(argv[3], NULL) : 0.02,
               sliver = argc > 4 ? g_ascii_strtod(argv[4], NULL) : 0.02;
  const size_t every = argc > 5 ? (size_t)g_ascii_strtoull(argv[5], NULL, 10) : 1;
  const WallReport r = walls_measure(&w, limit, tolerance, sliver, every);
  printf("{\"triangles\":%zu,\"samples\":%zu,\"min_ball_mm\":%.4f,\"below\":%zu,\"ball_at\":[%.3f,%.3f,%.3f],"
         "\"min_ray_mm\":%.4f,\"short_rays\":%zu,\"ray_at\":[%.3f,%.3f,%.3f]}\n",
         w.n, r.samples, r.ball, r.below, r.ball_at[0], r.ball_at[1], r.ball_at[2], r.ray, r.short_rays,
         r.ray_at[0], r.ray_at[1], r.ray_at[2]);
  g_free(w.v);
  return 0;
}
