/* Spreading by a large ball through the exact distance transform, whose cost does not grow with the radius.
 *
 * The transform is in single precision, the ball is a test in double. Where the distance is clearly below or
 * above the radius it decides; where it is about the radius, the nearest voxel must be one of the few offsets
 * of the ball that lie about there: those are looked up. So the bits are those of hilum_ball_contains(). */
#include "ball_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/filter/distance.h"
#include "mask_box_private.h"

#include <float.h>
#include <math.h>

/* How far a computed distance may be off, in parts: squares, two sums and a root, each rounded to 24 bits,
 * make less than 2e-7. */
#define DOUBT 1e-6

typedef struct {
  int32_t di, dj, dk;
} Offset;

typedef struct {
  const HilumMask *src;
  HilumMask *dst;
  const float *distance;
  float below, above; /* distances that leave no doubt */
  GArray *rim;        /* Offset: inside the ball, about as far as its radius */
  HilumTicks ticks;
} Far;

static GArray *make_rim(const HilumBall *ball, const double spacing_mm[3], double limit_mm2)
{
  GArray *rim = g_array_new(FALSE, FALSE, sizeof(Offset));
  const double inner_mm2 = limit_mm2 * (1 - 4 * DOUBT);
  for (size_t r = 0; r < ball->n_rows; r++) {
    const HilumBallRow *row = &ball->rows[r];
    for (int32_t di = row->reach; di >= 0; di--) {
      if (hilum_ball_contains(spacing_mm, inner_mm2, di, row->dj, row->dk)) break;
      const Offset both[2] = {{di, row->dj, row->dk}, {-di, row->dj, row->dk}};
      g_array_append_vals(rim, both, di > 0 ? 2 : 1);
    }
  }
  return rim;
}

static bool touches_rim(const Far *f, int32_t i, int32_t j, int32_t k)
{
  const int32_t *dims = f->src->dims;
  for (guint r = 0; r < f->rim->len; r++) {
    const Offset *o = &g_array_index(f->rim, Offset, r);
    const HilumVoxel v = {i + o->di, j + o->dj, k + o->dk};
    if (v.i < 0 || v.j < 0 || v.k < 0 || v.i >= dims[0] || v.j >= dims[1] || v.k >= dims[2]) continue;
    if (hilum_mask_get(f->src, v)) return true;
  }
  return false;
}

/* One word of a row: `n` distances from voxel i on. */
static uint64_t near_word(const Far *f, const float *distance, int32_t n, int32_t i, int32_t j, int32_t k)
{
  uint64_t near = 0, doubtful = 0;
  for (int32_t b = 0; b < n; b++) {
    near |= (uint64_t)(distance[b] < f->below) << b;
    doubtful |= (uint64_t)(distance[b] <= f->above) << b;
  }
  for (doubtful &= ~near; doubtful != 0; doubtful &= doubtful - 1) {
    const int b = __builtin_ctzll(doubtful);
    if (touches_rim(f, i + b, j, k)) near |= UINT64_C(1) << b;
  }
  return near;
}

static void near_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Far *f = data;
  const int32_t ni = f->dst->dims[0], nj = f->dst->dims[1];
  for (int32_t k = (int32_t)begin; k < (int32_t)end; k++) {
    if (!hilum_ticks_step(&f->ticks)) return;
    const float *row = f->distance + (size_t)k * (size_t)nj * (size_t)ni;
    for (int32_t j = 0; j < nj; j++, row += ni) {
      uint64_t *words = hilum_mask_row(f->dst, j, k);
      for (int32_t i = 0; i < ni; i += 64)
        words[i >> 6] = near_word(f, row + i, MIN(64, ni - i), i, j, k);
    }
  }
}

bool hilum_ball_spread_far(const HilumBall *ball, const HilumMask *src, HilumMask *dst,
                           const double spacing_mm[3], double radius_mm, const HilumProgress *progress,
                           GError **error)
{
  const HilumProgress first = hilum_progress_part(progress, 0, 0.9, NULL);
  const HilumProgress second = hilum_progress_part(progress, 0.9, 1, NULL);
  float *distance = hilum_mask_distance(src, spacing_mm, &first, error);
  if (distance == NULL) return false;
  Far f = {.src = src,
           .dst = dst,
           .distance = distance,
           .below = fmaxf((float)(radius_mm * (1 - DOUBT)), FLT_MIN), /* the voxel itself is near */
           .above = (float)(radius_mm * (1 + DOUBT)),
           .rim = make_rim(ball, spacing_mm, hilum_ball_limit_mm2(radius_mm))};
  hilum_ticks_init(&f.ticks, &second, (size_t)dst->dims[2]);
  hilum_parallel_for((size_t)dst->dims[2], 4, near_body, &f);
  g_array_unref(f.rim);
  hilum_big_free(distance);
  return !hilum_progress_fail(progress, error);
}
