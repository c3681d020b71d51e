/* Level tracing: a scan-line flood of the slice, then the cracks between voxels are followed round the
 * region, which is kept on the right hand. Turning right where two voxels touch by a corner keeps to
 * 4-connection (Rosenfeld, J. ACM 17:146, 1970). The first voxel of the region in reading order lies on its
 * outer border. */
#include "hilum/segment/level_trace.h"

#include "hilum/base/memory.h"
#include "hilum/segment/error.h"

typedef struct {
  const int16_t *voxels; /* of the slice */
  size_t step_x, step_y;
  int32_t columns, rows;
  int16_t level;
  bool dark;
  uint8_t *region; /* columns * rows: 1 inside */
} Slice;

typedef struct {
  int32_t x, y;
} Place;

static bool is_open(const Slice *s, int32_t x, int32_t y)
{
  const int16_t v = s->voxels[(size_t)x * s->step_x + (size_t)y * s->step_y];
  return !s->region[(size_t)y * (size_t)s->columns + (size_t)x] && (s->dark ? v <= s->level : v >= s->level);
}

static bool is_inside(const Slice *s, int32_t x, int32_t y)
{
  return x >= 0 && y >= 0 && x < s->columns && y < s->rows &&
         s->region[(size_t)y * (size_t)s->columns + (size_t)x];
}

/* Remembers the start of every open run of row y between x0 and x1. */
static void push_runs(const Slice *s, GArray *todo, int32_t x0, int32_t x1, int32_t y)
{
  if (y < 0 || y >= s->rows) return;
  bool before = false;
  for (int32_t x = x0; x <= x1; x++) {
    const bool open = is_open(s, x, y);
    if (open && !before) {
      const Place run = {x, y};
      g_array_append_val(todo, run);
    }
    before = open;
  }
}

/* Returns the first place of the region in reading order. */
static Place flood(Slice *s, Place from)
{
  g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, sizeof(Place));
  Place first = from;
  g_array_append_val(todo, from);
  while (todo->len > 0) {
    const Place p = g_array_index(todo, Place, todo->len - 1);
    g_array_set_size(todo, todo->len - 1);
    if (!is_open(s, p.x, p.y)) continue;
    int32_t x0 = p.x, x1 = p.x;
    while (x0 > 0 && is_open(s, x0 - 1, p.y))
      x0--;
    while (x1 + 1 < s->columns && is_open(s, x1 + 1, p.y))
      x1++;
    for (int32_t x = x0; x <= x1; x++)
      s->region[(size_t)p.y * (size_t)s->columns + (size_t)x] = 1;
    if (p.y < first.y || (p.y == first.y && x0 < first.x)) first = (Place){x0, p.y};
    push_runs(s, todo, x0, x1, p.y - 1);
    push_runs(s, todo, x0, x1, p.y + 1);
  }
  return first;
}

/* Corners are numbered by the voxel to their lower right: corner (x, y) lies at (x - 1/2, y - 1/2). */
static GArray *follow(const Slice *s, Place start)
{
  /* Heading right, down, left, up: the step, and the voxels ahead on the right and left hand. */
  static const struct {
    int8_t dx, dy, rx, ry, lx, ly;
  } HEADINGS[4] = {{1, 0, 0, 0, 0, -1}, {0, 1, -1, 0, 0, 0}, {-1, 0, -1, -1, -1, 0}, {0, -1, 0, -1, -1, -1}};
  GArray *outline = g_array_new(FALSE, FALSE, sizeof(HilumPoint2));
  Place at = start;
  int heading = 0;
  do {
    const HilumPoint2 corner = {at.x - 0.5, at.y - 0.5};
    g_array_append_val(outline, corner);
    int turn = 0;
    while (turn == 0) {
      at.x += HEADINGS[heading].dx;
      at.y += HEADINGS[heading].dy;
      if (!is_inside(s, at.x + HEADINGS[heading].rx, at.y + HEADINGS[heading].ry))
        turn = 1;
      else if (is_inside(s, at.x + HEADINGS[heading].lx, at.y + HEADINGS[heading].ly))
        turn = 3;
    }
    heading = (heading + turn) & 3;
  } while (at.x != start.x || at.y != start.y || heading != 0);
  return outline;
}

GArray *hilum_level_trace(const HilumVolume *volume, HilumVoxel voxel, int n_axis, HilumTraceSide side,
                          double *level, GError **error)
{
  g_return_val_if_fail(volume != NULL && n_axis >= 0 && n_axis < 3, NULL);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  if (!hilum_grid_contains(grid, voxel)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                        "The pointer lies outside the images.");
    return NULL;
  }
  const size_t steps[3] = {1, (size_t)grid->dims[0], (size_t)grid->dims[0] * (size_t)grid->dims[1]};
  const int32_t at[3] = {voxel.i, voxel.j, voxel.k};
  const int x = hilum_slice_x_axis(n_axis), y = hilum_slice_y_axis(n_axis);
  Slice s = {.voxels = hilum_volume_get_voxels(volume) + (size_t)at[n_axis] * steps[n_axis],
             .step_x = steps[x],
             .step_y = steps[y],
             .columns = grid->dims[x],
             .rows = grid->dims[y],
             .dark = side == HILUM_TRACE_DARK};
  s.level = hilum_volume_get_voxels(volume)[hilum_grid_offset(grid, voxel)];
  s.region = hilum_big_alloc0((size_t)s.columns * (size_t)s.rows, error);
  if (s.region == NULL) return NULL;
  const Place first = flood(&s, (Place){at[x], at[y]});
  GArray *outline = follow(&s, first);
  hilum_big_free(s.region);
  if (level != NULL) *level = hilum_volume_get_value(volume, voxel);
  return outline;
}
