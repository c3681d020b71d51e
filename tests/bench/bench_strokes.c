/* hilum-bench: brush strokes by hand, as the window handles them: every pointer event through the brush tool
 * into a case whose journal is written meanwhile; then every step undone and redone. The volume is of the
 * given size: all zero, or where a smart brush is to keep to something (--smart), the file's. One run is
 * `strokes` strokes of `events` pointer events. Prints its own lines: the clock around a whole run says
 * little here. */
#include "bench.h"

#include "hilum/base/memory.h"
#include "hilum/base/random.h"
#include "hilum/casefile/journal.h"
#include "hilum/view/tool.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

typedef struct {
  const BenchArgs *args;
  char *folder;
  HilumCase *the_case;
  HilumWorkspace *workspace;
  HilumTool *brush;
} State;

static void remove_tree(const char *path)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *child = g_build_filename(path, name, NULL);
    remove_tree(child);
  }
  (void)g_remove(path);
}

static void state_free(gpointer data)
{
  State *s = data;
  g_clear_object(&s->brush);
  g_clear_object(&s->workspace);
  if (s->the_case) hilum_case_discard_journal(s->the_case);
  g_clear_object(&s->the_case);
  if (s->folder) remove_tree(s->folder);
  g_free(s->folder);
  g_free(s);
}

static bool fill(State *s, GError **error)
{
  const BenchArgs *args = s->args;
  int16_t *voxels = strcmp(args->path, "-") == 0
                        ? hilum_big_alloc0(bench_voxels(args) * sizeof *voxels, error)
                        : bench_load(args, sizeof *voxels, error);
  if (!voxels) return false;
  const HilumGrid grid = hilum_grid_new(args->dims[0], args->dims[1], args->dims[2], args->spacing_mm[0],
                                        args->spacing_mm[1], args->spacing_mm[2]);
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", error);
  if (!volume || !hilum_case_add_phase(s->the_case, NULL, volume, error) ||
      !hilum_case_add_structure(s->the_case, HILUM_STRUCTURE_PARENCHYMA, NULL, error))
    return false;
  hilum_history_clear(hilum_case_get_history(s->the_case));
  return hilum_case_follow(s->the_case, NULL, error) && hilum_case_flush_journal(s->the_case, error);
}

static gpointer prepare(const BenchArgs *args, GError **error)
{
  State *s = g_new0(State, 1);
  s->args = args;
  s->the_case = hilum_case_new();
  s->folder = g_dir_make_tmp("hilum-bench-XXXXXX", error);
  if (s->folder) g_setenv("XDG_STATE_HOME", s->folder, TRUE);
  if (!s->folder || !fill(s, error)) {
    state_free(s);
    return NULL;
  }
  s->workspace = hilum_workspace_new();
  hilum_workspace_set_case(s->workspace, s->the_case);
  s->brush = hilum_tool_new(s->workspace, HILUM_TOOL_BRUSH);
  g_object_set(s->brush, "radius-mm", bench_number(args, "radius", 10), "ball",
               bench_number(args, "ball", 1) > 0, "smart", (int)bench_number(args, "smart", HILUM_SMART_OFF),
               NULL);
  return s;
}

static double since_ms(gint64 start)
{
  return (double)(g_get_monotonic_time() - start) / 1000;
}

/* Of this thread: what an event costs where nobody else wants the processor. */
static double cpu_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double handle(State *s, HilumToolEventType type, HilumVec3 point_mm, GArray *cpu)
{
  const HilumGrid *grid = hilum_label_map_get_grid(hilum_case_get_label_map(s->the_case));
  const HilumToolEvent event = {.type = type,
                                .plane = HILUM_SLICE_AXIAL,
                                .point_mm = point_mm,
                                .voxel = hilum_grid_voxel_at_mm(grid, point_mm),
                                .inside = true,
                                .normal = {0, 0, 1}};
  const double before = cpu_ms();
  const gint64 start = g_get_monotonic_time();
  (void)hilum_tool_handle(s->brush, &event);
  const double wall = since_ms(start), busy = cpu_ms() - before;
  g_array_append_val(cpu, busy);
  return wall;
}

/* A winding line somewhere in the volume, on one slice. */
static void stroke(State *s, uint64_t seed, int events, GArray *times, GArray *releases, GArray *cpu)
{
  const HilumGrid *grid = hilum_label_map_get_grid(hilum_case_get_label_map(s->the_case));
  HilumIndexPos at = {0, 0, 0};
  at.i = grid->dims[0] * (0.25 + 0.5 * (double)(hilum_random_u64(seed, 0) % 1000) / 1000);
  at.j = grid->dims[1] * (0.25 + 0.5 * (double)(hilum_random_u64(seed, 1) % 1000) / 1000);
  at.k = (double)(hilum_random_u64(seed, 2) % (uint64_t)grid->dims[2]);
  double angle = (double)(hilum_random_u64(seed, 3) % 628) / 100;
  double ms = handle(s, HILUM_TOOL_PRESS, hilum_grid_to_mm(grid, at), cpu);
  g_array_append_val(times, ms);
  for (int e = 0; e < events; e++) {
    angle += (double)((int)(hilum_random_u64(seed, 10 + (uint64_t)e) % 200) - 100) / 300;
    at.i = CLAMP(at.i + 3 * cos(angle), 0, grid->dims[0] - 1);
    at.j = CLAMP(at.j + 3 * sin(angle), 0, grid->dims[1] - 1);
    ms = handle(s, HILUM_TOOL_DRAG, hilum_grid_to_mm(grid, at), cpu);
    g_array_append_val(times, ms);
  }
  ms = handle(s, HILUM_TOOL_RELEASE, hilum_grid_to_mm(grid, at), cpu);
  g_array_append_val(times, ms);
  g_array_append_val(releases, ms);
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print_times(const char *what, GArray *times)
{
  g_array_sort(times, compare);
  const double *t = (const double *)(void *)times->data;
  const guint n = times->len;
  fprintf(stderr, "%-28s %6u times: 50 %% %.2f ms, 95 %% %.2f ms, 99 %% %.2f ms, longest %.2f ms\n", what, n,
          t[n / 2], t[n * 95 / 100], t[n * 99 / 100], t[n - 1]);
}

static bool back_and_forth(State *s, GArray *undo, GArray *redo, GError **error)
{
  HilumHistory *history = hilum_case_get_history(s->the_case);
  for (int forward = 0; forward < 2; forward++)
    while (forward ? hilum_history_can_redo(history) : hilum_history_can_undo(history)) {
      const gint64 start = g_get_monotonic_time();
      if (!(forward ? hilum_history_redo(history, error) : hilum_history_undo(history, error))) return false;
      const double ms = since_ms(start);
      g_array_append_val(forward ? redo : undo, ms);
    }
  return true;
}

/* A step that changes `share` of the slices, every row of them in pieces: no brick of it stays uniform. */
static bool large_step(State *s, double share, GError **error)
{
  HilumLabelWrite write;
  HilumStructure *structure = hilum_case_get_structure(s->the_case, 1);
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(s->the_case);
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  g_autoptr(HilumMask) mask = hilum_mask_new(grid->dims, error);
  if (!mask || !hilum_case_prepare_write(s->the_case, structure, HILUM_LABEL_REPLACE, &write, error))
    return false;
  for (int32_t k = 0; k < (int32_t)(share * grid->dims[2]); k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = j % 7; i + 20 < grid->dims[0]; i += 32)
        hilum_mask_set_span(mask, i, i + 20, j, k);
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_mask(labels, mask, NULL, &write, NULL, error);
  if (!delta || !hilum_case_apply_labels(s->the_case, "Large", delta, error)) return false;
  HilumHistory *history = hilum_case_get_history(s->the_case);
  double best = G_MAXDOUBLE, best_cpu = G_MAXDOUBLE;
  for (int n = 0; n < 7; n++) {
    const double before = cpu_ms();
    const gint64 start = g_get_monotonic_time();
    if (!hilum_history_undo(history, error)) return false;
    best = MIN(best, since_ms(start));
    best_cpu = MIN(best_cpu, cpu_ms() - before);
    if (!hilum_history_redo(history, error)) return false;
  }
  fprintf(stderr,
          "undo of a step that cuts %3.0f %% of all bricks: least of 7 %.1f ms (%.1f ms of this thread), "
          "%.1f MiB\n",
          share * 100, best, best_cpu, (double)hilum_label_delta_get_bytes(delta) / 1048576);
  return hilum_history_undo(history, error);
}

static bool run(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  HilumHistory *history = hilum_case_get_history(s->the_case);
  const int strokes = (int)bench_number(s->args, "strokes", 200);
  const int events = (int)bench_number(s->args, "events", 60);
  GArray *times[6];
  for (gsize i = 0; i < G_N_ELEMENTS(times); i++)
    times[i] = g_array_new(FALSE, FALSE, sizeof(double));
  for (int n = 0; n < strokes; n++) {
    stroke(s, (uint64_t)n + 1, events, times[0], times[1], times[5]);
    const gint64 start = g_get_monotonic_time();
    if (!hilum_case_flush_journal(s->the_case, error)) return false;
    const double ms = since_ms(start);
    g_array_append_val(times[2], ms);
  }
  const size_t bytes = hilum_history_get_bytes(history);
  const bool good = back_and_forth(s, times[3], times[4], error);
  if (good) {
    print_times("pointer event", times[0]);
    print_times("the same, processor time", times[5]);
    print_times("of these, release (a step)", times[1]);
    print_times("step on the disk after", times[2]);
    print_times("undo", times[3]);
    print_times("redo", times[4]);
    fprintf(stderr, "memory of %d strokes: %.1f MiB\n", strokes, (double)bytes / 1048576);
    result->count = (int64_t)bytes;
  }
  for (gsize i = 0; i < G_N_ELEMENTS(times); i++)
    g_array_unref(times[i]);
  for (double share = 0.1; good && share <= 1; share += 0.3)
    if (!large_step(s, share, error)) return false;
  hilum_history_clear(history);
  return good;
}

const BenchOp bench_stroke_ops[] = {
    {"strokes",
     "brush strokes, their undo and memory (--strokes --events --radius --ball --smart; - for no file)",
     prepare, run, state_free},
    {NULL}};
