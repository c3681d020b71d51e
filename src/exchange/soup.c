/* Joining the corners of a triangle soup by exact coordinates: a hash table with open addressing, sized once,
 * filled in the order of the file, so that the same file always gives the same mesh. */
#include "soup_private.h"

#include "hilum/base/memory.h"
#include "hilum/exchange/error.h"

#include <math.h>
#include <string.h>

#define NO_VERTEX UINT32_MAX

typedef struct {
  uint32_t *slots; /* vertex or NO_VERTEX */
  size_t mask;
  float *vertices; /* as in the file */
  uint32_t n;
} Joiner;

static inline uint64_t key_hash(const float v[3])
{
  uint32_t w[3];
  memcpy(w, v, sizeof w);
  uint64_t h = ((uint64_t)w[0] << 32 | w[1]) * UINT64_C(0x9E3779B97F4A7C15);
  h = (h ^ (h >> 32) ^ w[2]) * UINT64_C(0xBF58476D1CE4E5B9);
  return h ^ (h >> 31);
}

static uint32_t join(Joiner *joiner, const float corner[3])
{
  const float v[3] = {corner[0] + 0.0f, corner[1] + 0.0f, corner[2] + 0.0f}; /* -0 + 0 is +0 */
  for (size_t slot = key_hash(v) & joiner->mask;; slot = (slot + 1) & joiner->mask) {
    const uint32_t at = joiner->slots[slot];
    if (at == NO_VERTEX) {
      memcpy(joiner->vertices + 3 * (size_t)joiner->n, v, sizeof v);
      joiner->slots[slot] = joiner->n;
      return joiner->n++;
    }
    if (memcmp(joiner->vertices + 3 * (size_t)at, v, sizeof v) == 0) return at;
  }
}

/* The vertices relative to the middle of their box. */
static float *to_relative(const Joiner *joiner, HilumVec3 *origin_mm, GError **error)
{
  HilumBox box = hilum_box_empty();
  for (uint32_t i = 0; i < joiner->n; i++) {
    const float *v = joiner->vertices + 3 * (size_t)i;
    box = hilum_box_include(box, hilum_vec3((double)v[0], (double)v[1], (double)v[2]));
  }
  *origin_mm = hilum_box_center(box);
  float *positions = hilum_big_alloc((size_t)joiner->n * 3 * sizeof(float), error);
  if (!positions) return NULL;
  for (uint32_t i = 0; i < joiner->n; i++) {
    const float *v = joiner->vertices + 3 * (size_t)i;
    positions[3 * (size_t)i] = (float)((double)v[0] - origin_mm->x);
    positions[3 * (size_t)i + 1] = (float)((double)v[1] - origin_mm->y);
    positions[3 * (size_t)i + 2] = (float)((double)v[2] - origin_mm->z);
  }
  return positions;
}

HilumMesh *hilum_soup_to_mesh(const float *corners, size_t n_triangles, const HilumProgress *progress,
                              GError **error)
{
  const size_t n_corners = 3 * n_triangles;
  if (n_corners >= NO_VERTEX) {
    g_set_error_literal(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT,
                        "It holds more than 1,431,655,764 triangles, which is more than a mesh can have.");
    return NULL;
  }
  /* A closed surface has half as many vertices as triangles; a soup at worst three times as many. */
  size_t slots = 64;
  while (slots < n_corners + n_corners / 2)
    slots *= 2;
  Joiner joiner = {.mask = slots - 1};
  uint32_t *indices = hilum_big_alloc(n_corners * sizeof(uint32_t), error);
  joiner.slots = indices ? hilum_big_alloc(slots * sizeof(uint32_t), error) : NULL;
  joiner.vertices = joiner.slots ? hilum_big_alloc(n_corners * 3 * sizeof(float), error) : NULL;
  float *positions = NULL;
  HilumVec3 origin_mm = {0, 0, 0};
  bool good = joiner.vertices != NULL;
  if (good) memset(joiner.slots, 0xFF, slots * sizeof(uint32_t));
  for (size_t c = 0; good && c < n_corners; c++) {
    indices[c] = join(&joiner, corners + 3 * c);
    if ((c & 0xFFFF) == 0 && !hilum_progress_step(progress, (double)c / (double)n_corners))
      good = !hilum_progress_fail(progress, error);
  }
  if (good) positions = to_relative(&joiner, &origin_mm, error);
  hilum_big_free(joiner.slots);
  hilum_big_free(joiner.vertices);
  if (!positions) {
    hilum_big_free(indices);
    return NULL;
  }
  return hilum_mesh_new_take(origin_mm, joiner.n, positions, NULL, (uint32_t)n_triangles, indices, error);
}
