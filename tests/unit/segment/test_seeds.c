/* Grow from seeds on a small noisy scene of two phases: a ball in a bath, with a tube through both. What is
 * grown must be the one state in which every voxel has the least of its neighbours' offers, whatever the
 * threads and whichever way the strokes came. */
#include "hilum/segment/seeds.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"
#include "segment/seed_growth_private.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { BALL = 3, TUBE = 7 };

typedef struct {
  HilumGrid grid;
  HilumVolume *volumes[2];
} Scene;

static uint8_t truth_at(const HilumGrid *grid, HilumVoxel v)
{
  const HilumVec3 p = hilum_grid_voxel_to_mm(grid, v);
  if (hypot(p.y - 20, p.z - 15) < 2.6) return TUBE;
  return hilum_vec3_distance(p, hilum_vec3(20, 20, 15)) < 10 ? BALL : 0;
}

static void scene_init(Scene *s)
{
  static const double values[2][8] = {{[0] = 30, [BALL] = 110, [TUBE] = 112},
                                      {[0] = 40, [BALL] = 60, [TUBE] = 190}};
  s->grid = hilum_grid_new(50, 41, 23, 0.8, 1, 1.3);
  const size_t n = hilum_grid_count(&s->grid);
  for (int p = 0; p < 2; p++) {
    int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, NULL);
    for (size_t at = 0; at < n; at++) {
      const HilumVoxel v = {(int32_t)(at % 50), (int32_t)(at / 50 % 41), (int32_t)(at / 2050)};
      double noise = -6;
      for (uint64_t r = 0; r < 12; r++)
        noise += hilum_random_uniform((uint64_t)p + 1, 12 * at + r);
      voxels[at] = (int16_t)lrint(values[p][truth_at(&s->grid, v)] + 10 * noise);
    }
    s->volumes[p] = hilum_volume_new_take(&s->grid, voxels, 1, 0, "HU", NULL);
  }
}

static void scene_clear(Scene *s)
{
  for (int p = 0; p < 2; p++)
    hilum_volume_unref(s->volumes[p]);
}

static HilumStroke stroke(uint8_t label, double radius_mm, HilumVec3 a, HilumVec3 b)
{
  HilumStroke s = {.label = label, .radius_mm = radius_mm};
  s.points_mm = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  g_array_append_val(s.points_mm, a);
  g_array_append_val(s.points_mm, b);
  return s;
}

enum { N_STROKES = 6 };

/* The first three are enough; the others say more. */
static void make_strokes(HilumStroke strokes[N_STROKES])
{
  strokes[0] = stroke(BALL, 1.5, hilum_vec3(16, 14, 12), hilum_vec3(24, 14, 18));
  strokes[1] = stroke(TUBE, 0.5, hilum_vec3(2, 20, 15), hilum_vec3(12, 20, 15));
  strokes[2] = stroke(0, 1.5, hilum_vec3(3, 3, 3), hilum_vec3(36, 4, 26));
  strokes[3] = stroke(0, 1, hilum_vec3(5, 33, 4), hilum_vec3(30, 36, 4));
  strokes[4] = stroke(BALL, 1, hilum_vec3(18, 26, 15), hilum_vec3(22, 26, 15));
  strokes[5] = stroke(TUBE, 0.5, hilum_vec3(30, 20, 15), hilum_vec3(36, 20, 15));
}

static void free_strokes(HilumStroke strokes[N_STROKES])
{
  for (int s = 0; s < N_STROKES; s++)
    hilum_stroke_clear(&strokes[s]);
}

static HilumSeedGrowth *grow(const Scene *s, const HilumStroke *strokes, size_t n, const HilumMask *inside)
{
  g_autoptr(GError) error = NULL;
  const HilumSeedOptions options = {.volumes = s->volumes, .n_volumes = 2, .inside = inside, .margin_mm = -1};
  HilumSeedGrowth *growth = hilum_seed_growth_new(&options, strokes, n, NULL, &error);
  g_assert_no_error(error);
  return growth;
}

/* Costs and labels of every voxel are equal. */
static void assert_same(const HilumSeedGrowth *a, const HilumSeedGrowth *b)
{
  g_assert_cmpuint(a->count, ==, b->count);
  for (size_t at = 0; at < a->count; at++)
    g_assert_cmpuint(atomic_load(&a->state[at]), ==, atomic_load(&b->state[at]));
}

/* Every voxel that is no seed has exactly the least offer; by induction over the cost there is one such
 * state. */
static void assert_settled(const HilumSeedGrowth *g)
{
  size_t seeds = 0;
  for (int32_t k = g->box.lo[2]; k < g->box.hi[2]; k++)
    for (int32_t j = g->box.lo[1]; j < g->box.hi[1]; j++)
      for (int32_t i = g->box.lo[0]; i < g->box.hi[0]; i++) {
        const size_t at = hilum_seed_growth_place(g, i, j, k);
        const uint32_t state = atomic_load(&g->state[at]);
        uint32_t best = HILUM_SEED_UNSET;
        if (state >> 8 == 0) {
          seeds++;
          continue;
        }
        for (int side = 0; side < 6; side++) {
          const size_t from = (size_t)((ptrdiff_t)at + (side & 1 ? 1 : -1) * g->along[side / 2]);
          const uint32_t other = atomic_load(&g->state[from]);
          if (other == HILUM_SEED_BLOCKED || other == HILUM_SEED_UNSET) continue;
          const uint32_t cost = (other >> 8) + hilum_seed_step_cost(g, side / 2, from, at, other & 0xff);
          best = MIN(best, cost << 8 | (other & 0xff));
        }
        g_assert_cmpuint(state, ==, best);
      }
  g_assert_cmpuint(seeds, >, 0);
}

static double dice(const Scene *s, const HilumSeedGrowth *g, uint8_t label)
{
  size_t both = 0, sum = 0;
  for (int32_t k = 0; k < s->grid.dims[2]; k++)
    for (int32_t j = 0; j < s->grid.dims[1]; j++)
      for (int32_t i = 0; i < s->grid.dims[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const bool got = hilum_seed_growth_at(g, v) == label, real = truth_at(&s->grid, v) == label;
        both += got && real;
        sum += (size_t)got + (size_t)real;
      }
  return 2 * (double)both / (double)sum;
}

static void test_grows(void)
{
  Scene s;
  HilumStroke strokes[N_STROKES];
  scene_init(&s);
  make_strokes(strokes);
  g_autoptr(HilumSeedGrowth) few = grow(&s, strokes, 3, NULL);
  assert_settled(few);
  g_assert_cmpfloat(dice(&s, few, BALL), >, 0.9);
  g_assert_cmpfloat(dice(&s, few, TUBE), >, 0.85);
  g_autoptr(HilumSeedGrowth) more = grow(&s, strokes, N_STROKES, NULL);
  assert_settled(more);
  g_assert_cmpfloat(dice(&s, more, BALL), >, 0.93);
  g_assert_cmpfloat(dice(&s, more, TUBE), >, 0.9);
  g_autoptr(HilumMask) mask = hilum_seed_growth_dup_mask(more, TUBE, NULL);
  g_assert_true(hilum_mask_get(mask, (HilumVoxel){25, 20, 12}));
  free_strokes(strokes);
  scene_clear(&s);
}

static void test_threads(void)
{
  Scene s;
  HilumStroke strokes[N_STROKES];
  scene_init(&s);
  make_strokes(strokes);
  hilum_parallel_set_threads(1);
  g_autoptr(HilumSeedGrowth) one = grow(&s, strokes, N_STROKES, NULL);
  hilum_parallel_set_threads(5);
  g_autoptr(HilumSeedGrowth) five = grow(&s, strokes, N_STROKES, NULL);
  assert_same(one, five);
  hilum_parallel_set_threads(0);
  free_strokes(strokes);
  scene_clear(&s);
}

/* Strokes added one after the other, in another order, and taken back: always the same state. */
static void test_update(void)
{
  Scene s;
  HilumStroke strokes[N_STROKES];
  g_autoptr(GError) error = NULL;
  scene_init(&s);
  make_strokes(strokes);
  HilumStroke shuffled[N_STROKES];
  memcpy(shuffled, strokes, sizeof shuffled);
  shuffled[3] = strokes[5];
  shuffled[5] = strokes[3];
  g_autoptr(HilumSeedGrowth) start = grow(&s, strokes, 3, NULL);
  g_autoptr(HilumSeedGrowth) a = grow(&s, strokes, 3, NULL);
  g_autoptr(HilumSeedGrowth) b = grow(&s, strokes, 3, NULL);
  for (size_t n = 4; n <= N_STROKES; n++) {
    bool again = true;
    g_assert_true(hilum_seed_growth_update(a, strokes, n, &again, NULL, &error));
    g_assert_false(again);
    assert_settled(a);
    g_assert_true(hilum_seed_growth_update(b, shuffled, n, &again, NULL, &error));
    g_assert_false(again);
  }
  assert_same(a, b);
  g_autoptr(HilumSeedGrowth) at_once = grow(&s, strokes, 3, NULL);
  g_assert_true(hilum_seed_growth_update(at_once, strokes, N_STROKES, NULL, NULL, &error));
  assert_same(a, at_once);
  for (size_t n = N_STROKES - 1; n >= 3; n--) {
    bool again = true;
    g_assert_true(hilum_seed_growth_update(a, strokes, n, &again, NULL, &error));
    g_assert_false(again);
    assert_settled(a);
  }
  assert_same(a, start);
  /* A stroke of another label over an old one, and a look that its label does not know. */
  HilumStroke strange[4] = {strokes[0], strokes[1], strokes[2],
                            stroke(TUBE, 1, hilum_vec3(5, 35, 4), hilum_vec3(20, 35, 4))};
  bool again = false;
  g_assert_true(hilum_seed_growth_update(a, strange, 4, &again, NULL, &error));
  g_assert_true(again);
  assert_settled(a);
  g_autoptr(HilumSeedGrowth) fresh = grow(&s, strange, 4, NULL);
  assert_same(a, fresh);
  hilum_stroke_clear(&strange[3]);
  free_strokes(strokes);
  scene_clear(&s);
}

/* What was grown at a moment. */
typedef struct {
  HilumVoxelBox box;
  uint32_t *state;
  size_t count;
} Moment;

static Moment moment_of(const HilumSeedGrowth *g)
{
  Moment m = {g->box, g_new(uint32_t, g->count), g->count};
  for (size_t at = 0; at < g->count; at++)
    m.state[at] = atomic_load(&g->state[at]);
  return m;
}

static void assert_moment(const HilumSeedGrowth *g, const Moment *m)
{
  g_assert_true(memcmp(&g->box, &m->box, sizeof g->box) == 0);
  for (size_t at = 0; at < m->count; at++)
    g_assert_cmpuint(atomic_load(&g->state[at]), ==, m->state[at]);
}

static HilumStroke random_stroke(uint64_t seed, uint64_t n)
{
  static const uint8_t labels[] = {BALL, 0, TUBE, 0, 12};
  HilumVec3 p[2];
  for (uint64_t k = 0; k < 2; k++)
    p[k] = hilum_vec3(4 + 30 * hilum_random_uniform(seed, 8 * n + 3 * k),
                      4 + 30 * hilum_random_uniform(seed, 8 * n + 3 * k + 1),
                      4 + 18 * hilum_random_uniform(seed, 8 * n + 3 * k + 2));
  return stroke(labels[n < 2 ? n : (size_t)(5 * hilum_random_uniform(seed, 8 * n + 6))], 1, p[0], p[1]);
}

/* Random strokes, which make labels learn and the box grow: taken back one by one, each state is found again
 * bit for bit, the first two at once, also after others took the place of some. */
static void test_back(void)
{
  enum { LONGEST = 9, SEEDS = 6 };
  static const size_t floors[] = {5, 3, 2}; /* so far back each time */
  Scene s;
  g_autoptr(GError) error = NULL;
  scene_init(&s);
  int relearned = 0, kept = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    const HilumSeedOptions options = {.volumes = s.volumes, .n_volumes = 2, .margin_mm = seed % 2 ? 4 : -1};
    HilumStroke strokes[LONGEST];
    Moment moments[LONGEST + 1];
    for (uint64_t n = 0; n < LONGEST; n++)
      strokes[n] = random_stroke(seed, n);
    g_autoptr(HilumSeedGrowth) g = hilum_seed_growth_new(&options, strokes, 2, NULL, &error);
    g_assert_no_error(error);
    moments[2] = moment_of(g);
    for (int turn = 0; turn < 3; turn++) {
      const size_t from = turn == 0 ? 3 : floors[turn - 1] + 1;
      for (size_t n = from; turn > 0 && n <= LONGEST; n++) {
        hilum_stroke_clear(&strokes[n - 1]);
        strokes[n - 1] = random_stroke(seed + 100 * (uint64_t)turn, n);
        g_free(moments[n].state);
      }
      for (size_t n = from; n <= LONGEST; n++) {
        bool again;
        g_assert_true(hilum_seed_growth_update(g, strokes, n, &again, NULL, &error));
        relearned += again;
        kept += !again;
        moments[n] = moment_of(g);
      }
      for (size_t n = LONGEST - 2; n >= floors[turn]; n--) {
        g_assert_true(hilum_seed_growth_update(g, strokes, n, NULL, NULL, &error));
        assert_moment(g, &moments[n]);
      }
    }
    for (size_t n = 0; n < LONGEST; n++)
      hilum_stroke_clear(&strokes[n]);
    for (size_t n = 2; n <= LONGEST; n++)
      g_free(moments[n].state);
  }
  g_assert_cmpint(relearned, >, SEEDS);
  g_assert_cmpint(kept, >, SEEDS);
  scene_clear(&s);
}

/* Fronts stay inside; locked voxels stay; what was there gives way only where something grew. */
static void test_labels(void)
{
  Scene s;
  HilumStroke strokes[N_STROKES];
  g_autoptr(GError) error = NULL;
  scene_init(&s);
  make_strokes(strokes);
  const size_t n = hilum_grid_count(&s.grid);
  g_autofree uint8_t *labels = g_new0(uint8_t, n);
  g_autoptr(HilumMask) inside = hilum_mask_new(s.grid.dims, NULL);
  hilum_mask_fill(inside, true);
  for (size_t at = 0; at < n; at++) {
    const HilumVoxel v = {(int32_t)(at % 50), (int32_t)(at / 50 % 41), (int32_t)(at / 2050)};
    labels[at] = v.i < 20 ? 9 : v.i < 30 ? BALL : 11; /* 9 is locked, 11 is not */
    if (labels[at] == 9) hilum_mask_clear(inside, v);
  }
  /* The tube's only stroke outside of 9 is the last; the first is not there. */
  g_autoptr(HilumLabelSnapshot) before = hilum_label_snapshot_new_from_dense(&s.grid, labels, NULL);
  g_autoptr(HilumSeedGrowth) g = grow(&s, strokes, N_STROKES, inside);
  const uint8_t locked[HILUM_LABEL_COUNT] = {[9] = 1};
  g_autoptr(HilumLabelSnapshot) after = hilum_seed_growth_dup_labels(g, before, locked, &error);
  g_assert_no_error(error);
  for (size_t at = 0; at < n; at++) {
    const HilumVoxel v = {(int32_t)(at % 50), (int32_t)(at / 50 % 41), (int32_t)(at / 2050)};
    const uint8_t grown = hilum_seed_growth_at(g, v), got = hilum_label_snapshot_get(after, v);
    if (labels[at] == 9) {
      g_assert_cmpuint(grown, ==, 0);
      g_assert_cmpuint(got, ==, 9);
    } else
      g_assert_cmpuint(got, ==, grown != 0 ? grown : labels[at] == 11 ? 11 : 0);
  }
  free_strokes(strokes);
  scene_clear(&s);
}

static void test_box(void)
{
  Scene s;
  HilumStroke strokes[N_STROKES];
  g_autoptr(GError) error = NULL;
  scene_init(&s);
  make_strokes(strokes);
  const HilumSeedOptions options = {.volumes = s.volumes, .n_volumes = 1, .margin_mm = 2};
  const HilumStroke two[2] = {strokes[0], strokes[4]};
  g_assert_null(hilum_seed_growth_new(&options, two, 2, NULL, &error)); /* one label */
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  HilumStroke away = stroke(0, 1, hilum_vec3(500, 0, 0), hilum_vec3(500, 1, 0));
  g_assert_null(hilum_seed_growth_new(&options, &away, 1, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  const HilumStroke some[2] = {strokes[0], strokes[5]};
  g_autoptr(HilumSeedGrowth) g = hilum_seed_growth_new(&options, some, 2, NULL, &error);
  g_assert_no_error(error);
  assert_settled(g);
  /* Ball stroke from y 12.5: two millimetres before that. */
  const HilumVoxelBox box = hilum_seed_growth_get_box(g);
  g_assert_cmpint(box.lo[1], ==, 11);
  g_assert_cmpuint(hilum_seed_growth_at(g, (HilumVoxel){30, 10, 12}), ==, 0);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_assert_null(hilum_seed_growth_new(&options, some, 2, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  hilum_stroke_clear(&away);
  free_strokes(strokes);
  scene_clear(&s);
}

static GArray *load(const char *text, GError **error)
{
  g_autofree char *path = NULL;
  const int fd = g_file_open_tmp("hilum-strokes-XXXXXX", &path, NULL);
  g_assert_true(g_close(fd, NULL));
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  GArray *strokes = hilum_strokes_load(path, error);
  g_assert_cmpint(g_unlink(path), ==, 0);
  return strokes;
}

static void test_file(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) strokes = load("[strokes]\nname=x\n[stroke 1]\nstructure=Tumour\nnote=why\nradius=2.5\n"
                                   "points=1,2,3;4,5,-6\n[stroke 2]\nbackground=true\npoints=7,8,9\n",
                                   &error);
  g_assert_no_error(error);
  g_assert_cmpuint(strokes->len, ==, 2);
  const HilumStroke *first = &g_array_index(strokes, HilumStroke, 0);
  g_assert_cmpstr(first->structure, ==, "Tumour");
  g_assert_true(first->radius_mm == 2.5 && first->points_mm->len == 2);
  g_assert_true(g_array_index(first->points_mm, HilumVec3, 1).z == -6);
  g_assert_null(g_array_index(strokes, HilumStroke, 1).structure);
  static const char *const bad[] = {"",
                                    "[strokes]\n",
                                    "[stroke 2]\nbackground=true\npoints=1,2,3\n",
                                    "[stroke 1]\npoints=1,2,3\n",
                                    "[stroke 1]\nstructure=A\nbackground=true\npoints=1,2,3\n",
                                    "[stroke 1]\nstructure=A\n",
                                    "[stroke 1]\nstructure=\npoints=1,2,3\n",
                                    "[stroke 1]\nstructure=A\npoints=1,2\n",
                                    "[stroke 1]\nstructure=A\npoints=1,2,3\nradius=0\n",
                                    "[stroke 1]\nstructure=A\npoints=1,2,3\nradius=1e9\n",
                                    "[stroke 1]\nbackground=yes\npoints=1,2,3\n",
                                    "[stroke 1]\nstructure=A\npoints=1,2,3\ncolour=red\n",
                                    "[stroke 1]\nstructure=A\npoints=1,2,3\n[other]\na=1\n",
                                    "[stroke 1]\nstructure=\\q\npoints=1,2,3\n",
                                    "no key file\n"};
  for (size_t b = 0; b < G_N_ELEMENTS(bad); b++) {
    g_autoptr(GError) why = NULL;
    g_autoptr(GArray) none = load(bad[b], &why);
    if (none != NULL) g_error("strokes %zu were accepted", b);
    g_assert_error(why, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX);
  }
  g_assert_null(hilum_strokes_load("/nowhere/at/all.strokes", &error));
  g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/seeds/grows", test_grows);
  g_test_add_func("/segment/seeds/threads", test_threads);
  g_test_add_func("/segment/seeds/update", test_update);
  g_test_add_func("/segment/seeds/back", test_back);
  g_test_add_func("/segment/seeds/labels", test_labels);
  g_test_add_func("/segment/seeds/box", test_box);
  g_test_add_func("/segment/seeds/file", test_file);
  return g_test_run();
}
