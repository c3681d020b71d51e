/* See outline_map_private.h. */
#include "outline_map_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/size.h"
#include "polygon_private.h"

#include <math.h>

#define CELLS 1024   /* along the longer side */
#define SLACK 0x1p-6 /* of a cell: far more than rounding, on both sides of every edge */

typedef struct {
  double lo, hi; /* cells */
} Extent;

static Extent extent_of(double a, double b)
{
  return (Extent){MIN(a, b) - SLACK, MAX(a, b) + SLACK};
}

static int32_t cell_at(double at, int32_t count)
{
  return (int32_t)CLAMP(floor(at), 0, count - 1);
}

static HilumPoint2 to_cells(const HilumOutlineMap *map, HilumPoint2 p)
{
  return (HilumPoint2){(p.x - map->x0) * map->per_px, (p.y - map->y0) * map->per_px};
}

static void place(HilumOutlineMap *map)
{
  HilumPoint2 lo = map->polygon.points[0], hi = lo;
  for (size_t n = 1; n < map->polygon.n; n++) {
    const HilumPoint2 p = map->polygon.points[n];
    lo = (HilumPoint2){MIN(lo.x, p.x), MIN(lo.y, p.y)};
    hi = (HilumPoint2){MAX(hi.x, p.x), MAX(hi.y, p.y)};
  }
  const double side = MAX(hi.x - lo.x, hi.y - lo.y);
  map->per_px = side > 0 && isfinite(CELLS / side) ? CELLS / side : 1;
  /* A cell of margin, so that what lies outside the table is near no edge. */
  map->x0 = lo.x - 1 / map->per_px;
  map->y0 = lo.y - 1 / map->per_px;
  map->columns = (int32_t)ceil((hi.x - lo.x) * map->per_px) + 3;
  map->rows = (int32_t)ceil((hi.y - lo.y) * map->per_px) + 3;
}

/* Calls for every row of cells that an edge reaches. */
static void mark_edge(HilumOutlineMap *map, size_t e, uint32_t *fill)
{
  const HilumPoint2 a = to_cells(map, map->polygon.points[e]);
  const HilumPoint2 b = to_cells(map, hilum_polygon_next(&map->polygon, e));
  const Extent y = extent_of(a.y, b.y);
  const int32_t first = cell_at(y.lo, map->rows), last = cell_at(y.hi, map->rows);
  for (int32_t row = first; row <= last; row++) {
    map->edges[fill[row]++] = (uint32_t)e;
    /* The part of the edge between the row's borders. */
    double t0 = 0, t1 = 1;
    if (fabs(b.y - a.y) > SLACK) {
      const double s = (row - SLACK - a.y) / (b.y - a.y), t = (row + 1 + SLACK - a.y) / (b.y - a.y);
      t0 = CLAMP(MIN(s, t), 0, 1);
      t1 = CLAMP(MAX(s, t), 0, 1);
    }
    const Extent x = extent_of(a.x + t0 * (b.x - a.x), a.x + t1 * (b.x - a.x));
    uint32_t *cells = map->sums + (size_t)(row + 1) * (size_t)(map->columns + 1) + 1;
    for (int32_t c = cell_at(x.lo, map->columns); c <= cell_at(x.hi, map->columns); c++)
      cells[c] = 1;
  }
}

static bool list_rows(HilumOutlineMap *map, GError **error)
{
  map->starts = g_new0(uint32_t, (size_t)map->rows + 1);
  uint64_t total = 0;
  for (size_t e = 0; e < map->polygon.n; e++) {
    const Extent y = extent_of(to_cells(map, map->polygon.points[e]).y,
                               to_cells(map, hilum_polygon_next(&map->polygon, e)).y);
    const int32_t first = cell_at(y.lo, map->rows), last = cell_at(y.hi, map->rows);
    for (int32_t row = first; row <= last; row++)
      map->starts[row]++;
    total += (uint64_t)(last - first + 1);
  }
  /* At most a million edges times a thousand rows: fits 32 bits. */
  map->edges = hilum_big_alloc(total * sizeof *map->edges, error);
  uint32_t at = 0;
  for (int32_t row = 0; row <= map->rows; row++) {
    const uint32_t n = map->starts[row];
    map->starts[row] = at;
    at += n;
  }
  return map->edges != NULL;
}

HilumOutlineMap *hilum_outline_map_new(const HilumPolygon *polygon, GError **error)
{
  g_autoptr(HilumOutlineMap) map = g_new0(HilumOutlineMap, 1);
  size_t cells = 0; /* a table of a thousand by a thousand cannot overflow */
  map->polygon = *polygon;
  place(map);
  if (!list_rows(map, error)) return NULL;
  hilum_size_mul3(map->columns + 1, map->rows + 1, sizeof *map->sums, &cells);
  map->sums = hilum_big_alloc0(cells, error);
  if (map->sums == NULL) return NULL;
  g_autofree uint32_t *fill = g_memdup2(map->starts, ((size_t)map->rows + 1) * sizeof *fill);
  for (size_t e = 0; e < polygon->n; e++)
    mark_edge(map, e, fill);
  const size_t stride = (size_t)map->columns + 1;
  for (size_t row = 1; row <= (size_t)map->rows; row++)
    for (size_t c = 1, left = 0; c < stride; c++) {
      left += map->sums[row * stride + c];
      map->sums[row * stride + c] = (uint32_t)left + map->sums[(row - 1) * stride + c];
    }
  return g_steal_pointer(&map);
}

void hilum_outline_map_free(HilumOutlineMap *map)
{
  if (map == NULL) return;
  hilum_big_free(map->sums);
  hilum_big_free(map->edges);
  g_free(map->starts);
  g_free(map);
}

bool hilum_outline_map_is_near(const HilumOutlineMap *map, HilumPoint2 a, HilumPoint2 b)
{
  const HilumPoint2 p = to_cells(map, a), q = to_cells(map, b);
  const double lx = MIN(p.x, q.x), hx = MAX(p.x, q.x), ly = MIN(p.y, q.y), hy = MAX(p.y, q.y);
  if (!(hx >= 0 && hy >= 0 && lx < map->columns && ly < map->rows)) return false;
  const size_t stride = (size_t)map->columns + 1;
  const size_t x0 = (size_t)cell_at(lx, map->columns), x1 = (size_t)cell_at(hx, map->columns) + 1;
  const size_t y0 = (size_t)cell_at(ly, map->rows), y1 = (size_t)cell_at(hy, map->rows) + 1;
  return map->sums[y1 * stride + x1] - map->sums[y0 * stride + x1] - map->sums[y1 * stride + x0] +
             map->sums[y0 * stride + x0] !=
         0;
}

bool hilum_outline_map_contains(const HilumOutlineMap *map, HilumPoint2 p)
{
  const double row = floor((p.y - map->y0) * map->per_px);
  if (!(row >= 0 && row < map->rows)) return false;
  int crossings = 0, winding = 0;
  for (uint32_t n = map->starts[(int32_t)row]; n < map->starts[(int32_t)row + 1]; n++) {
    const HilumPoint2 a = map->polygon.points[map->edges[n]];
    const HilumPoint2 b = hilum_polygon_next(&map->polygon, map->edges[n]);
    const int direction = hilum_edge_direction(a, b, p.y);
    if (direction == 0 || !(hilum_edge_x_at(a, b, p.y) > p.x)) continue;
    crossings++;
    winding += direction;
  }
  return hilum_fill_rule_holds(map->polygon.rule, crossings, winding);
}
