/* Which triangles meet at each vertex, as one compressed array. Built by a two-level counting sort: chunks of
 * triangles scatter their corners into buckets of neighbouring vertices, in the place where the bucket will
 * stay, then each bucket sorts itself in cache. No atomics, no comparison, and the same result with any
 * number of threads, because the sort is stable over triangles. */
#include "mesh_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"

enum { MAX_CHUNKS = 64, MAX_BUCKETS = 1024, MIN_CHUNK = 16384, MIN_SHIFT = 12 };

typedef struct {
  uint32_t n_vertices;
  size_t n_corners, grain;
  unsigned shift, buckets;
  const uint32_t *indices;
  uint32_t *cursor;       /* [chunk][bucket]: counts, then places in entries */
  uint32_t *bucket_first; /* [buckets + 1] */
  HilumCorners *out;
} Sort;

static void count_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Sort *s = data;
  uint32_t *count = s->cursor + begin / s->grain * s->buckets;
  for (size_t c = begin; c < end; c++)
    count[s->indices[c] >> s->shift]++;
}

static void scatter_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Sort *s = data;
  uint32_t *cursor = s->cursor + begin / s->grain * s->buckets;
  for (size_t c = begin; c < end; c++) {
    uint32_t v = s->indices[c];
    s->out->corner[cursor[v >> s->shift]++] = (uint32_t)c;
  }
}

static void sort_bucket(size_t begin, size_t end, unsigned worker, void *data)
{
  Sort *s = data;
  for (size_t b = begin; b < end; b++) {
    uint32_t v0 = (uint32_t)(b << s->shift);
    uint32_t v1 = (uint32_t)MIN((uint64_t)s->n_vertices, ((uint64_t)b + 1) << s->shift);
    uint32_t *first = s->out->first + v0, lo = s->bucket_first[b], n_corners = s->bucket_first[b + 1] - lo;
    uint32_t *corners = g_memdup2(s->out->corner + lo, n_corners * sizeof *corners);
    for (uint32_t v = 0; v < v1 - v0; v++)
      first[v] = 0;
    for (uint32_t i = 0; i < n_corners; i++)
      first[s->indices[corners[i]] - v0]++;
    uint32_t at = lo;
    for (uint32_t v = 0; v < v1 - v0; v++) {
      uint32_t n = first[v];
      first[v] = at;
      at += n;
    }
    for (uint32_t i = 0; i < n_corners; i++)
      s->out->corner[first[s->indices[corners[i]] - v0]++] = corners[i];
    for (uint32_t v = v1 - v0; v-- > 1;) /* the cursors stand one vertex too far */
      first[v] = first[v - 1];
    if (v1 > v0) first[0] = lo;
    g_free(corners);
  }
}

static void prefix(Sort *s, size_t chunks)
{
  uint32_t at = 0;
  for (unsigned b = 0; b < s->buckets; b++) {
    s->bucket_first[b] = at;
    for (size_t c = 0; c < chunks; c++) {
      uint32_t n = s->cursor[c * s->buckets + b];
      s->cursor[c * s->buckets + b] = at;
      at += n;
    }
  }
  s->bucket_first[s->buckets] = at;
}

bool hilum_corners_init(HilumCorners *corners, uint32_t n_vertices, uint32_t n_triangles,
                        const uint32_t *indices, GError **error)
{
  *corners = (HilumCorners){NULL, NULL};
  Sort s = {
      .n_vertices = n_vertices, .n_corners = 3 * (size_t)n_triangles, .indices = indices, .out = corners};
  if (s.n_corners > UINT32_MAX) {
    g_set_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT,
                "The surface has %u triangles, more than this operation can connect; simplify it first",
                n_triangles);
    return false;
  }
  s.shift = MIN_SHIFT;
  while ((n_vertices >> s.shift) >= MAX_BUCKETS)
    s.shift++;
  s.buckets = (n_vertices >> s.shift) + 1;
  s.grain = MAX((size_t)MIN_CHUNK, (s.n_corners + MAX_CHUNKS - 1) / MAX_CHUNKS);
  size_t chunks = hilum_parallel_chunks(s.n_corners, s.grain);
  corners->first = hilum_big_alloc(((size_t)n_vertices + 1) * sizeof *corners->first, error);
  if (corners->first) corners->corner = hilum_big_alloc(s.n_corners * sizeof *corners->corner, error);
  if (!corners->corner) {
    hilum_corners_clear(corners);
    return false;
  }
  s.cursor = g_new0(uint32_t, chunks * s.buckets + 1);
  s.bucket_first = g_new(uint32_t, (size_t)s.buckets + 1);
  hilum_parallel_for(s.n_corners, s.grain, count_chunk, &s);
  prefix(&s, chunks);
  hilum_parallel_for(s.n_corners, s.grain, scatter_chunk, &s);
  hilum_parallel_for(s.buckets, 1, sort_bucket, &s);
  corners->first[n_vertices] = (uint32_t)s.n_corners;
  g_free(s.cursor);
  g_free(s.bucket_first);
  return true;
}

void hilum_corners_clear(HilumCorners *corners)
{
  hilum_big_free(corners->first);
  hilum_big_free(corners->corner);
  *corners = (HilumCorners){NULL, NULL};
}
