/* guide: a protocol from clicks to structures, and places that are left over and round. */
#include "cli.h"

#include "hilum/casefile/guide.h"
#include "hilum/casefile/guide_places.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  HilumProtocol *protocol;
  HilumVec3 *clicks_mm;
  bool *clicked;
} Guide;

static void guide_clear(Guide *g)
{
  hilum_protocol_free(g->protocol);
  g_free(g->clicks_mm);
  g_free(g->clicked);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Guide, guide_clear)

/* A name that comes with the program, or a file. */
static HilumProtocol *open_protocol(const char *name, GError **error)
{
  return g_strv_contains(hilum_protocol_list_builtin(), name) ? hilum_protocol_load_builtin(name, error)
                                                              : hilum_protocol_load(name, error);
}

/* "NAME=X,Y,Z" for the first stage of that structure that asks for a click. */
static bool take_click(Guide *g, const char *text, GError **error)
{
  const char *equals = strrchr(text, '=');
  g_autofree char *name = equals ? g_strndup(text, (gsize)(equals - text)) : NULL;
  for (size_t n = 0; name && n < hilum_protocol_get_count(g->protocol); n++) {
    const HilumStage *stage = hilum_protocol_get_stage(g->protocol, n);
    if (stage->click == HILUM_CLICK_NONE || g_ascii_strcasecmp(stage->structure, name) != 0) continue;
    if (!cli_parse_point(equals + 1, &g->clicks_mm[n], error)) return false;
    g->clicked[n] = true;
    return true;
  }
  g_set_error(
      error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
      "--click is NAME=X,Y,Z with the name of a structure that the protocol asks a click for, not '%s'",
      text);
  return false;
}

static bool read_options(const CliArgs *args, Guide *g, GError **error)
{
  const char *name = cli_args_require(args, "protocol", error);
  if (!name) return false;
  g->protocol = open_protocol(name, error);
  if (!g->protocol) return false;
  const size_t n = hilum_protocol_get_count(g->protocol);
  g->clicks_mm = g_new0(HilumVec3, n);
  g->clicked = g_new0(bool, n);
  for (guint o = 0; o < args->options->len; o++) {
    const CliOption *option = &g_array_index(args->options, CliOption, o);
    if (strcmp(option->name, "click") == 0 && !take_click(g, option->value, error)) return false;
  }
  return true;
}

/* --- running --- */

static bool is_left_out(const Guide *g, size_t n)
{
  return hilum_protocol_get_stage(g->protocol, n)->click == HILUM_CLICK_OPTIONAL && !g->clicked[n];
}

static bool run_stage(HilumCase *self, const Guide *g, size_t n, double *seconds,
                      const HilumProgress *progress, GError **error)
{
  const gint64 started = g_get_monotonic_time();
  g_autoptr(HilumGuideStage) stage =
      hilum_guide_prepare(self, g->protocol, n, g->clicks_mm, g->clicked, error);
  if (!stage) return false;
  HilumMade made;
  g_autoptr(HilumLabelDelta) delta = hilum_guide_stage_run(stage, NULL, &made, progress, error);
  const bool good = delta && hilum_guide_commit(self, stage, delta, &made, error);
  *seconds = (double)(g_get_monotonic_time() - started) / 1e6;
  if (!good) g_prefix_error(error, "“%s”: ", hilum_protocol_get_stage(g->protocol, n)->title);
  return good;
}

/* A structure that nobody clicked for was only needed as a name. */
static bool remove_empty(HilumCase *self, const Guide *g, GError **error)
{
  for (size_t n = 0; n < hilum_protocol_get_count(g->protocol); n++) {
    HilumStructure *s = hilum_case_find_structure(self, hilum_protocol_get_stage(g->protocol, n)->structure);
    if (s && is_left_out(g, n) && hilum_structure_get_voxels(s) == 0 &&
        !hilum_case_remove_structure(self, s, error))
      return false;
  }
  return true;
}

static void report_stage(JsonBuilder *b, HilumCase *self, const Guide *g, size_t n, double seconds)
{
  const HilumStage *stage = hilum_protocol_get_stage(g->protocol, n);
  HilumStructure *s = hilum_case_find_structure(self, stage->structure);
  const double ml = s ? hilum_structure_get_volume_ml(s) : 0;
  const bool unexpected = stage->has_expected && (ml < stage->least_ml || ml > stage->most_ml);
  if (!b) {
    printf("  %-24s %10.2f ml %8.3f s%s\n", stage->title, ml, seconds,
           unexpected ? "   look again: an unusual volume" : "");
    return;
  }
  json_builder_begin_object(b);
  cli_json_string(b, "stage", stage->title);
  cli_json_string(b, "structure", stage->structure);
  cli_json_double(b, "volume_ml", ml);
  if (s) cli_json_boundary(b, s);
  cli_json_bool(b, "unexpected", unexpected);
  cli_json_double(b, "seconds", seconds);
  json_builder_end_object(b);
}

static bool run_stages(HilumCase *self, const Guide *g, JsonBuilder *b, const HilumProgress *progress,
                       GError **error)
{
  const size_t count = hilum_protocol_get_count(g->protocol);
  for (size_t n = 0; n < count; n++) {
    if (is_left_out(g, n)) continue;
    const HilumProgress part =
        hilum_progress_part(progress, (double)n / (double)count, (double)(n + 1) / (double)count, NULL);
    double seconds = 0;
    if (!run_stage(self, g, n, &seconds, &part, error)) return false;
    report_stage(b, self, g, n, seconds);
  }
  return true;
}

/* --- candidates --- */

static void report_candidate(JsonBuilder *b, const HilumKidneyCandidate *c)
{
  if (!b) {
    printf("  left over and round: %.1f ml at %.1f,%.1f,%.1f, mean %.0f, roundness %.2f\n", c->ml,
           c->center_mm.x, c->center_mm.y, c->center_mm.z, c->mean, c->roundness);
    return;
  }
  json_builder_begin_object(b);
  cli_json_vec3(b, "center_mm", c->center_mm);
  cli_json_double(b, "volume_ml", c->ml);
  cli_json_double(b, "roundness", c->roundness);
  cli_json_double(b, "mean_hu", c->mean);
  cli_json_double(b, "sd_hu", c->sd);
  json_builder_end_object(b);
}

static bool add_candidates(HilumCase *self, const Guide *g, JsonBuilder *b, const HilumProgress *progress,
                           GError **error)
{
  guint phase;
  if (!hilum_guide_find_phase(self, g->protocol, 0, &phase, error)) return false;
  g_autoptr(HilumGuidePlaces) places =
      hilum_guide_places_new(self, hilum_protocol_get_stage(g->protocol, 0)->structure, phase, error);
  g_autoptr(GArray) found = places ? hilum_guide_places_run(places, progress, error) : NULL;
  for (guint n = 0; found && n < found->len; n++)
    report_candidate(b, &g_array_index(found, HilumKidneyCandidate, n));
  return found != NULL;
}

static bool guide(const CliArgs *args, GError **error)
{
  g_auto(Guide) g = {NULL, NULL, NULL};
  if (!read_options(args, &g, error)) return false;
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_IF_FOUND, error);
  if (!self || !hilum_guide_add_structures(self, g.protocol, error)) return false;
  g_autoptr(JsonBuilder) b = args->json ? cli_json_begin() : NULL;
  if (b) {
    cli_json_string(b, "protocol", hilum_protocol_get_name(g.protocol));
    cli_json_string(b, "version", hilum_protocol_get_version(g.protocol));
    json_builder_set_member_name(b, "stages");
    json_builder_begin_array(b);
  }
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 0.85, NULL);
  if (!run_stages(self, &g, b, &part, error) || !remove_empty(self, &g, error)) return false;
  if (b) {
    json_builder_end_array(b);
    json_builder_set_member_name(b, "candidates");
    json_builder_begin_array(b);
  }
  part = hilum_progress_part(&args->progress, 0.85, 0.9, "looking for what is left");
  if (!add_candidates(self, &g, b, &part, error)) return false;
  part = hilum_progress_part(&args->progress, 0.9, 1, "writing the case");
  if (!hilum_case_save(self, hilum_case_get_path(self), &part, error)) return false;
  if (b) {
    json_builder_end_array(b);
    cli_json_end(g_steal_pointer(&b));
  }
  return true;
}

static const CliOptionSpec options[] = {{"protocol", true}, {"click", true}, {"images", true}, {NULL, false}};

const CliVerb cli_verb_guide = {
    "guide",
    "guide CASE --protocol NAME|FILE --click STRUCTURE=X,Y,Z [--click ...] [--images DIR]",
    "runs a protocol: one click a structure, then what is left over and round",
    options,
    guide,
    NULL,
    NULL};
