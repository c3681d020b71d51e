/* Rows of the ball. */
#include "ball_private.h"

#include <math.h>
#include <stdlib.h>

double hilum_ball_limit_mm2(double radius_mm)
{
  return radius_mm * radius_mm * (1 + 1e-9);
}

int32_t hilum_ball_extent(double spacing_mm, double limit_mm2, int32_t cap)
{
  const double along[3] = {spacing_mm, 0, 0};
  double guess = sqrt(limit_mm2) / spacing_mm;
  int32_t n = guess < cap ? (int32_t)guess : cap;
  while (n < cap && hilum_ball_contains(along, limit_mm2, n + 1, 0, 0))
    n++;
  while (n > 0 && !hilum_ball_contains(along, limit_mm2, n, 0, 0))
    n--;
  return n;
}

static int compare_rows(const void *pa, const void *pb)
{
  const HilumBallRow *a = pa, *b = pb;
  if (a->dk != b->dk) return a->dk < b->dk ? -1 : 1;
  if (a->reach != b->reach) return a->reach < b->reach ? -1 : 1;
  return a->dj < b->dj ? -1 : a->dj > b->dj;
}

static int compare_ints(const void *pa, const void *pb)
{
  const int32_t *a = pa, *b = pb;
  return *a < *b ? -1 : *a > *b;
}

/* Largest di of the row, or -1 if the row misses the ball. */
static int32_t row_reach(const double spacing_mm[3], double limit_mm2, int32_t dj, int32_t dk, int32_t from)
{
  int32_t di = from;
  while (di >= 0 && !hilum_ball_contains(spacing_mm, limit_mm2, di, dj, dk))
    di--;
  return di;
}

static void index_rows(HilumBall *ball)
{
  ball->widths = g_new(int32_t, ball->n_rows);
  for (size_t r = 0; r < ball->n_rows; r++)
    ball->widths[r] = ball->rows[r].reach;
  qsort(ball->widths, ball->n_rows, sizeof *ball->widths, compare_ints);
  for (size_t r = 0; r < ball->n_rows; r++)
    if (r == 0 || ball->widths[r] != ball->widths[ball->n_widths - 1])
      ball->widths[ball->n_widths++] = ball->widths[r];

  const int32_t rk = ball->radius_vox[2];
  ball->first = g_new0(size_t, 2 * (size_t)rk + 2);
  for (size_t r = 0; r < ball->n_rows; r++) {
    HilumBallRow *row = &ball->rows[r];
    const int32_t *width =
        bsearch(&row->reach, ball->widths, ball->n_widths, sizeof *ball->widths, compare_ints);
    row->width = (uint32_t)(width - ball->widths);
    ball->first[row->dk + rk + 1] = r + 1;
  }
}

void hilum_ball_init(HilumBall *ball, const double spacing_mm[3], double radius_mm, const int32_t dims[3])
{
  const double limit = hilum_ball_limit_mm2(radius_mm);
  *ball = (HilumBall){{0}};
  for (int a = 0; a < 3; a++)
    ball->radius_vox[a] = hilum_ball_extent(spacing_mm[a], limit, dims[a] - 1);
  const int32_t rj = ball->radius_vox[1], rk = ball->radius_vox[2];
  ball->rows = g_new(HilumBallRow, (2 * (size_t)rj + 1) * (2 * (size_t)rk + 1));
  for (int32_t dk = -rk; dk <= rk; dk++) {
    int32_t reach = ball->radius_vox[0]; /* shrinks as |dj| grows */
    for (int32_t dj = 0; dj <= rj; dj++) {
      reach = row_reach(spacing_mm, limit, dj, dk, reach);
      if (reach < 0) break;
      ball->rows[ball->n_rows++] = (HilumBallRow){dj, dk, reach, 0};
      if (dj > 0) ball->rows[ball->n_rows++] = (HilumBallRow){-dj, dk, reach, 0};
    }
  }
  qsort(ball->rows, ball->n_rows, sizeof *ball->rows, compare_rows);
  index_rows(ball);
}

void hilum_ball_clear(HilumBall *ball)
{
  g_clear_pointer(&ball->rows, g_free);
  g_clear_pointer(&ball->first, g_free);
  g_clear_pointer(&ball->widths, g_free);
}
