/* Flood on bit rows: the scanline seed fill (Heckbert, Graphics Gems 1990) with 64 voxels at a time.
 *
 * A row that gained voxels waits in a queue. When its turn comes, its new voxels are offered to the
 * neighbouring rows; what lies in the domain there is spread along x to whole runs - upwards with the carry
 * of an addition, downwards with a logarithmic fill - and those rows wait in turn. Rows never reached are
 * never touched. The result is the same in any order, so the queue needs no care for determinism. */
#include "flood_private.h"

#include "hilum/base/memory.h"

#include <string.h>

typedef struct {
  const HilumMask *domain;
  HilumMask *reached;
  HilumMask *fresh; /* reached, but not yet offered to the neighbours */
  uint32_t *queue;  /* ring of rows; each row at most once */
  uint8_t *queued;
  size_t n_rows, head, length;
  bool full; /* 26-connected */
} Flood;

/* Bits of `domain` joined to `seeds` (a subset of it) towards bit 0. */
static inline uint64_t fill_down(uint64_t seeds, uint64_t domain)
{
  for (int s = 1; s < 64; s <<= 1) {
    seeds |= domain & (seeds >> s);
    domain &= domain >> s;
  }
  return seeds;
}

/* Widens the voxels of `found` (words [lo, hi], subset of domain) to whole runs of the domain, in place, and
 * returns the range of words that hold any. */
static void fill_runs(uint64_t *found, const uint64_t *domain, size_t n_words, size_t *lo, size_t *hi)
{
  /* Adding seeds to the domain sends a carry through the rest of each seeded run. */
  uint64_t carry = 0;
  size_t first = *lo, last = *hi;
  for (size_t w = first; w < n_words && (w <= last || carry); w++) {
    if (w > last) {
      if (!(domain[w] & 1)) break;
      found[w] = 0;
      *hi = w;
    }
    uint64_t seeds = found[w] | (carry & domain[w] & 1);
    if (seeds == 0) {
      carry = 0;
      continue;
    }
    uint64_t sum;
    bool over = __builtin_add_overflow(domain[w], seeds, &sum);
    found[w] = ((sum ^ domain[w]) | seeds) & domain[w];
    carry = over ? 1 : 0;
  }
  for (size_t w = *hi + 1; w-- > 0;) {
    uint64_t from_above = w < *hi && (found[w + 1] & 1) ? domain[w] & UINT64_C(1) << 63 : 0;
    if (w < first) {
      if (!from_above) break;
      found[w] = 0;
      *lo = w;
    }
    uint64_t seeds = found[w] | from_above;
    found[w] = seeds ? fill_down(seeds, domain[w]) : 0;
  }
}

static void push_row(Flood *f, size_t row)
{
  if (f->queued[row]) return;
  f->queued[row] = 1;
  size_t tail = f->head + f->length++;
  f->queue[tail < f->n_rows ? tail : tail - f->n_rows] = (uint32_t)row;
}

/* Offers the new voxels of one row, words [lo, hi], to the row `to`; `spread` lets them touch at corners. */
static void offer(Flood *f, const uint64_t *news, size_t lo, size_t hi, size_t to, bool spread,
                  uint64_t *found)
{
  const size_t n_words = f->domain->row_words;
  const uint64_t *domain = f->domain->words + to * n_words;
  uint64_t *reached = f->reached->words + to * n_words;
  size_t from = lo > 0 && spread ? lo - 1 : lo, until = hi + 1 < n_words && spread ? hi + 1 : hi;
  size_t found_lo = n_words, found_hi = 0;
  for (size_t w = from; w <= until; w++) {
    uint64_t v = w >= lo && w <= hi ? news[w] : 0;
    if (spread) {
      uint64_t here = v;
      v |= here << 1 | here >> 1;
      if (w > lo) v |= news[w - 1] >> 63;
      if (w < hi) v |= news[w + 1] << 63;
    }
    found[w] = v & domain[w] & ~reached[w];
    if (found[w]) {
      if (found_lo == n_words) found_lo = w;
      found_hi = w;
    }
  }
  if (found_lo == n_words) return;
  fill_runs(found, domain, n_words, &found_lo, &found_hi);
  uint64_t *fresh = f->fresh->words + to * n_words;
  for (size_t w = found_lo; w <= found_hi; w++) {
    uint64_t gained = found[w] & ~reached[w];
    reached[w] |= gained;
    fresh[w] |= gained;
  }
  push_row(f, to);
}

static void visit_row(Flood *f, size_t row, uint64_t *news, uint64_t *found)
{
  const size_t n_words = f->domain->row_words;
  uint64_t *fresh = f->fresh->words + row * n_words;
  size_t lo = 0, hi = n_words;
  while (lo < n_words && fresh[lo] == 0)
    lo++;
  if (lo == n_words) return;
  while (fresh[hi - 1] == 0)
    hi--;
  hi--;
  memcpy(news + lo, fresh + lo, (hi - lo + 1) * sizeof *news);
  memset(fresh + lo, 0, (hi - lo + 1) * sizeof *fresh);

  const size_t nj = (size_t)f->domain->dims[1], nk = (size_t)f->domain->dims[2];
  const size_t j = row % nj, k = row / nj;
  for (int dk = -1; dk <= 1; dk++) {
    if ((dk < 0 && k == 0) || (dk > 0 && k + 1 == nk)) continue;
    for (int dj = -1; dj <= 1; dj++) {
      if ((dj < 0 && j == 0) || (dj > 0 && j + 1 == nj) || (dj == 0 && dk == 0)) continue;
      if (!f->full && dj != 0 && dk != 0) continue;
      size_t to = (size_t)((ptrdiff_t)row + dk * (ptrdiff_t)nj + dj);
      offer(f, news, lo, hi, to, f->full, found);
    }
  }
}

/* Seeds spread along their own rows first; then every reached row waits. */
static void start_rows(Flood *f, uint64_t *found)
{
  const size_t n_words = f->domain->row_words;
  for (size_t row = 0; row < f->n_rows; row++) {
    uint64_t *reached = f->reached->words + row * n_words;
    size_t lo = 0, hi = n_words - 1;
    while (lo < n_words && reached[lo] == 0)
      lo++;
    if (lo == n_words) continue;
    while (reached[hi] == 0)
      hi--;
    memcpy(found + lo, reached + lo, (hi - lo + 1) * sizeof *found);
    fill_runs(found, f->domain->words + row * n_words, n_words, &lo, &hi);
    memcpy(reached + lo, found + lo, (hi - lo + 1) * sizeof *found);
    memcpy(f->fresh->words + row * n_words + lo, found + lo, (hi - lo + 1) * sizeof *found);
    push_row(f, row);
  }
}

static bool run_flood(Flood *f, const HilumProgress *progress, GError **error)
{
  const size_t n_words = f->domain->row_words;
  g_autofree uint64_t *news = g_new0(uint64_t, n_words);
  g_autofree uint64_t *found = g_new0(uint64_t, n_words);
  start_rows(f, found);
  size_t visited = 0;
  while (f->length > 0) {
    size_t row = f->queue[f->head];
    f->head = f->head + 1 < f->n_rows ? f->head + 1 : 0;
    f->length--;
    f->queued[row] = 0;
    visit_row(f, row, news, found);
    if ((++visited & 1023) == 0 && hilum_progress_fail(progress, error)) return false;
  }
  return !hilum_progress_fail(progress, error);
}

bool hilum_flood_inside(const HilumMask *domain, HilumMask *reached, HilumConnectivity connectivity,
                        const HilumProgress *progress, GError **error)
{
  Flood f = {.domain = domain, .reached = reached, .full = connectivity == HILUM_CONNECT_26};
  f.n_rows = (size_t)domain->dims[1] * (size_t)domain->dims[2];
  g_autoptr(HilumMask) fresh = hilum_mask_new(domain->dims, error);
  if (fresh == NULL) return false;
  f.fresh = fresh;
  f.queue = hilum_big_alloc(f.n_rows * sizeof *f.queue, error);
  if (f.queue == NULL) return false;
  f.queued = hilum_big_alloc0(f.n_rows, error);
  bool ok = f.queued != NULL && run_flood(&f, progress, error);
  hilum_big_free(f.queue);
  hilum_big_free(f.queued);
  return ok;
}

HilumMask *hilum_mask_flood(const HilumMask *domain, const HilumVoxel *seeds, size_t n_seeds,
                            HilumConnectivity connectivity, size_t *reached, const HilumProgress *progress,
                            GError **error)
{
  g_return_val_if_fail(domain != NULL && (seeds != NULL || n_seeds == 0), NULL);
  g_autoptr(HilumMask) result = hilum_mask_new(domain->dims, error);
  if (result == NULL) return NULL;
  size_t inside = 0;
  for (size_t s = 0; s < n_seeds; s++) {
    const HilumVoxel v = seeds[s];
    if (v.i < 0 || v.j < 0 || v.k < 0 || v.i >= domain->dims[0] || v.j >= domain->dims[1] ||
        v.k >= domain->dims[2] || !hilum_mask_get(domain, v))
      continue;
    hilum_mask_set(result, v);
    inside++;
  }
  if (reached != NULL) *reached = inside;
  if (inside > 0 && !hilum_flood_inside(domain, result, connectivity, progress, error)) return NULL;
  return g_steal_pointer(&result);
}
