/* seeds: strokes in several structures and the background become structures, grown over all phases. */
#include "cli.h"

#include "hilum/segment/seeds.h"

/* Phases to look at: --phases, else every one with images. Borrowed volumes. */
static GPtrArray *choose_volumes(const CliArgs *args, HilumCase *self, GError **error)
{
  g_autoptr(GPtrArray) volumes = g_ptr_array_new();
  const guint n_phases = hilum_case_get_phase_count(self);
  const char *wanted = cli_args_get(args, "phases");
  g_auto(GStrv) parts = g_strsplit(wanted ? wanted : "", ",", -1);
  for (guint n = 0; !wanted && n < n_phases; n++) {
    HilumVolume *volume = hilum_phase_get_volume(hilum_case_get_phase(self, n));
    if (volume) g_ptr_array_add(volumes, volume);
  }
  for (guint n = 0; wanted && parts[n]; n++) {
    guint64 phase;
    if (!g_ascii_string_to_unsigned(parts[n], 10, 0, 255, &phase, NULL) || phase >= n_phases) {
      g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                  "--phases wants numbers of phases with commas between them, each below %u, not '%s'",
                  n_phases, wanted);
      return NULL;
    }
    HilumVolume *volume = hilum_phase_get_volume(hilum_case_get_phase(self, (guint)phase));
    if (volume) g_ptr_array_add(volumes, volume);
  }
  if (volumes->len > 0 && volumes->len <= HILUM_SEED_MAX_PHASES) return g_steal_pointer(&volumes);
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT,
              "growing from seeds reads 1 to %d phases with images, and %u were found", HILUM_SEED_MAX_PHASES,
              volumes->len);
  return NULL;
}

/* Labels of the structures that strokes name; those that the case lacks are added. */
static bool resolve_structures(HilumCase *self, GArray *strokes, GError **error)
{
  for (guint s = 0; s < strokes->len; s++) {
    HilumStroke *stroke = &g_array_index(strokes, HilumStroke, s);
    if (!stroke->structure) continue;
    HilumStructure *structure = hilum_case_find_structure(self, stroke->structure);
    if (!structure)
      structure = hilum_case_add_structure(self, hilum_structure_kind_from_name(stroke->structure),
                                           stroke->structure, error);
    if (!structure) return false;
    stroke->label = hilum_structure_get_label(structure);
  }
  return true;
}

/* Labels whose voxels stay: every locked structure. */
static void find_locked(HilumCase *self, uint8_t locked[HILUM_LABEL_COUNT])
{
  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    locked[hilum_structure_get_label(structure)] = hilum_structure_get_locked(structure);
  }
}

/* Where fronts may go: not into locked structures, and inside of --inside. */
static HilumMask *make_region(const CliArgs *args, HilumCase *self, HilumLabelSnapshot *labels,
                              const uint8_t locked[HILUM_LABEL_COUNT], GError **error)
{
  g_autoptr(HilumMask) region = hilum_label_snapshot_dup_mask_of_set(labels, locked, error);
  if (!region) return NULL;
  hilum_mask_invert(region);
  const char *inside = cli_args_get(args, "inside");
  if (!inside) return g_steal_pointer(&region);
  HilumStructure *structure = cli_find_structure(self, inside, error);
  if (!structure) return NULL;
  g_autoptr(HilumMask) fence =
      hilum_label_snapshot_dup_mask(labels, hilum_structure_get_label(structure), error);
  if (!fence) return NULL;
  hilum_mask_and(region, fence);
  return g_steal_pointer(&region);
}

static HilumSeedGrowth *grow(const CliArgs *args, HilumCase *self, HilumLabelSnapshot *labels,
                             const uint8_t locked[HILUM_LABEL_COUNT], GArray *strokes, GError **error)
{
  gint64 margin;
  if (!cli_args_get_int(args, "margin", 1, 10000, 20, &margin, error)) return NULL;
  g_autoptr(GPtrArray) volumes = choose_volumes(args, self, error);
  if (!volumes) return NULL;
  g_autoptr(HilumMask) region = make_region(args, self, labels, locked, error);
  if (!region) return NULL;
  const HilumSeedOptions options = {.volumes = (HilumVolume *const *)volumes->pdata,
                                    .n_volumes = volumes->len,
                                    .inside = region,
                                    .margin_mm = (double)margin};
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 0.85, "growing from seeds");
  return hilum_seed_growth_new(&options, (const HilumStroke *)(void *)strokes->data, strokes->len, &part,
                               error);
}

static void report(const CliArgs *args, HilumCase *self, GArray *strokes, double seconds)
{
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  uint8_t drawn[HILUM_LABEL_COUNT] = {0};
  for (guint s = 0; s < strokes->len; s++)
    drawn[g_array_index(strokes, HilumStroke, s).label] = 1;
  if (b) {
    cli_json_int(b, "strokes", strokes->len);
    cli_json_double(b, "seconds", seconds);
  }
  cli_report_volumes(b, self, drawn);
  if (b) cli_json_end(b);
}

static bool seeds(const CliArgs *args, GError **error)
{
  const char *path = cli_args_require(args, "strokes", error);
  if (!path) return false;
  g_autoptr(GArray) strokes = hilum_strokes_load(path, error);
  if (!strokes) return false;
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_IF_FOUND, error);
  if (!self || !resolve_structures(self, strokes, error)) return false;

  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  uint8_t locked[HILUM_LABEL_COUNT] = {0};
  find_locked(self, locked);
  const gint64 started = g_get_monotonic_time();
  g_autoptr(HilumSeedGrowth) growth = grow(args, self, labels, locked, strokes, error);
  if (!growth) return false;
  const double seconds = (double)(g_get_monotonic_time() - started) / 1e6;
  g_autoptr(HilumLabelSnapshot) after = hilum_seed_growth_dup_labels(growth, labels, locked, error);
  if (!after) return false;
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_snapshots(labels, after, error);
  if (!delta || !hilum_case_apply_labels(self, "Grow from seeds", delta, error)) return false;
  HilumProgress part = hilum_progress_part(&args->progress, 0.9, 1, "writing the case");
  if (!hilum_case_save(self, hilum_case_get_path(self), &part, error)) return false;
  report(args, self, strokes, seconds);
  return true;
}

static const CliOptionSpec options[] = {{"strokes", true}, {"phases", true}, {"margin", true},
                                        {"inside", true},  {"images", true}, {NULL, false}};
const CliVerb cli_verb_seeds = {
    "seeds", "seeds CASE --strokes FILE [--phases N,N...] [--margin MM] [--inside NAME]",
    "grows structures and background from strokes, over all phases at once", options, seeds};
