/* The worker's side of growing from seeds: the growth is kept from job to job, so that a new stroke costs
 * what it changes. */
#include "tool_private.h"

#include "hilum/segment/seeds.h"

#include <string.h>

struct ToolSeeds {
  gatomicrefcount refs;
  GPtrArray *volumes; /* HilumVolume, referenced */
  double reach_mm;
  uint8_t locked[HILUM_LABEL_COUNT];
  HilumEditLimits limits;
  HilumVolume *ranged;     /* what a range of the limits speaks of: only compared */
  uint64_t labels;         /* state of the labels, if it matters to where fronts may go; else 0 */
  HilumSeedGrowth *growth; /* NULL until the first job is done, and after one that failed */
};

typedef struct {
  ToolSeeds *seeds;
  GArray *strokes; /* HilumStroke */
} SeedsExtra;

static void add_volume(ToolSeeds *seeds, HilumVolume *volume, const HilumGrid *grid)
{
  if (volume && seeds->volumes->len < HILUM_SEED_MAX_PHASES &&
      hilum_grid_equal(hilum_volume_get_grid(volume), grid, 0.01))
    g_ptr_array_add(seeds->volumes, hilum_volume_ref(volume));
}

static void set_region(ToolSeeds *seeds, HilumTool *tool)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  hilum_tool_find_locked(tool, seeds->locked);
  seeds->limits = hilum_workspace_get_limits(workspace);
  if (seeds->limits.has_range) seeds->ranged = hilum_workspace_get_active_volume(workspace);
  bool matters = seeds->limits.where != HILUM_EDIT_ANYWHERE && seeds->limits.other != 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    matters |= seeds->locked[l] != 0;
  if (matters) seeds->labels = hilum_label_map_get_serial(hilum_workspace_get_labels(workspace));
}

ToolSeeds *hilum_tool_seeds_new(HilumTool *tool, bool one_phase, double reach_mm)
{
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  g_autoptr(ToolSeeds) seeds = g_new0(ToolSeeds, 1);
  g_atomic_ref_count_init(&seeds->refs);
  seeds->volumes = g_ptr_array_new_with_free_func((GDestroyNotify)hilum_volume_unref);
  seeds->reach_mm = reach_mm;
  const HilumGrid *grid = hilum_label_map_get_grid(hilum_workspace_get_labels(workspace));
  for (size_t n = 0; n < hilum_workspace_get_phase_count(workspace); n++)
    if (!one_phase || n == hilum_workspace_get_active_phase(workspace))
      add_volume(seeds, hilum_workspace_get_volume(workspace, n), grid);
  set_region(seeds, tool);
  return seeds->volumes->len > 0 ? g_steal_pointer(&seeds) : NULL;
}

bool hilum_tool_seeds_equal(const ToolSeeds *a, const ToolSeeds *b)
{
  const HilumEditLimits *l = &a->limits, *m = &b->limits;
  if (a->reach_mm != b->reach_mm || a->labels != b->labels || a->ranged != b->ranged ||
      a->volumes->len != b->volumes->len || memcmp(a->locked, b->locked, sizeof a->locked) != 0)
    return false;
  for (guint n = 0; n < a->volumes->len; n++)
    if (g_ptr_array_index(a->volumes, n) != g_ptr_array_index(b->volumes, n)) return false;
  return l->has_range == m->has_range && (!l->has_range || (l->lo == m->lo && l->hi == m->hi)) &&
         l->where == m->where && l->other == m->other;
}

void hilum_tool_seeds_unref(ToolSeeds *seeds)
{
  if (!g_atomic_ref_count_dec(&seeds->refs)) return;
  hilum_seed_growth_free(seeds->growth);
  g_ptr_array_unref(seeds->volumes);
  g_free(seeds);
}

static void free_extra(gpointer data)
{
  SeedsExtra *extra = data;
  hilum_tool_seeds_unref(extra->seeds);
  g_array_unref(extra->strokes);
  g_free(extra);
}

/* Where fronts may go: not into locked structures, and only where edits may change anything. */
static HilumMask *make_region(const HilumToolJob *job, GError **error)
{
  g_autoptr(HilumMask) region = hilum_label_snapshot_dup_mask_of_set(job->labels, job->write.locked, error);
  if (!region) return NULL;
  hilum_mask_invert(region);
  const int32_t *dims = region->dims;
  const HilumVoxelBox all = {{0, 0, 0}, {dims[0], dims[1], dims[2]}};
  hilum_edit_limits_apply(&job->limits, job->volume, job->labels, all, region, NULL);
  return g_steal_pointer(&region);
}

static bool bring_up(const HilumToolJob *job, ToolSeeds *seeds, GArray *strokes,
                     const HilumProgress *progress, GError **error)
{
  const HilumStroke *first = (const HilumStroke *)(void *)strokes->data;
  if (seeds->growth) {
    if (hilum_seed_growth_update(seeds->growth, first, strokes->len, NULL, progress, error)) return true;
    g_clear_pointer(&seeds->growth, hilum_seed_growth_free);
    return false;
  }
  g_autoptr(HilumMask) region = make_region(job, error);
  if (!region) return false;
  const HilumSeedOptions options = {.volumes = (HilumVolume *const *)seeds->volumes->pdata,
                                    .n_volumes = seeds->volumes->len,
                                    .inside = region,
                                    .margin_mm = seeds->reach_mm};
  seeds->growth = hilum_seed_growth_new(&options, first, strokes->len, progress, error);
  return seeds->growth != NULL;
}

static HilumLabelSnapshot *relabel(const HilumToolJob *job, HilumVoxelBox *box, const HilumProgress *progress,
                                   GError **error)
{
  const SeedsExtra *extra = job->extra;
  HilumProgress growing = hilum_progress_part(progress, 0, 0.85, NULL);
  if (!bring_up(job, extra->seeds, extra->strokes, &growing, error)) return NULL;
  *box = hilum_seed_growth_get_box(extra->seeds->growth);
  return hilum_seed_growth_dup_labels(extra->seeds->growth, job->labels, job->write.locked, error);
}

HilumToolJob *hilum_tool_seeds_job_new(HilumTool *tool, ToolSeeds *seeds, GArray *strokes, bool final)
{
  HilumToolJob *job = hilum_tool_relabel_job_new(tool, "Growing from seeds", "Grow from seeds", final);
  SeedsExtra *extra = g_new0(SeedsExtra, 1);
  g_atomic_ref_count_inc(&seeds->refs);
  extra->seeds = seeds;
  extra->strokes = strokes;
  job->relabel = relabel;
  job->extra = extra;
  job->free_extra = free_extra;
  return job;
}
