/* register: moves a phase onto another, by registration, by hand, or back to where the scanner put it. */
#include "cli.h"

#include <math.h>
#include <stdio.h>

/* What is registered around a structure: its outline is what aligns it. */
#define MARGIN_MM 10

/* `n` numbers with commas between; `least` of them must be there, the rest become 0. */
static bool parse_numbers(const char *text, double *out, guint least, guint n)
{
  g_auto(GStrv) parts = g_strsplit(text, ",", -1);
  const guint count = g_strv_length(parts);
  if (count != least && count != n) return false;
  for (guint i = 0; i < n; i++) {
    char *end = NULL;
    out[i] = i < count ? g_ascii_strtod(parts[i], &end) : 0;
    if (i < count && (end == parts[i] || *end != '\0' || !isfinite(out[i]))) return false;
  }
  return true;
}

static bool parse_box(const char *text, HilumBox *box, GError **error)
{
  double v[6];
  if (parse_numbers(text, v, 6, 6) && v[0] < v[3] && v[1] < v[4] && v[2] < v[5]) {
    *box = (HilumBox){hilum_vec3(v[0], v[1], v[2]), hilum_vec3(v[3], v[4], v[5])};
    return true;
  }
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
              "--box is X0,Y0,Z0,X1,Y1,Z1 in millimetres, the lower corner first, not '%s'", text);
  return false;
}

static bool parse_nudge(const char *text, HilumRigidParameters *move, GError **error)
{
  double v[6];
  if (parse_numbers(text, v, 3, 6)) {
    move->translation_mm = hilum_vec3(v[0], v[1], v[2]);
    move->rotation_rad = hilum_vec3_scale(hilum_vec3(v[3], v[4], v[5]), G_PI / 180);
    return true;
  }
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
              "--nudge is X,Y,Z in millimetres, or X,Y,Z,RX,RY,RZ with a rotation in degrees, not '%s'",
              text);
  return false;
}

static bool parse_metric(const char *text, HilumRegisterMetric *metric, GError **error)
{
  const HilumRegisterMetric all[] = {HILUM_REGISTER_MUTUAL_INFORMATION, HILUM_REGISTER_CORRELATION};
  for (gsize n = 0; n < G_N_ELEMENTS(all); n++)
    if (!text || g_str_equal(text, hilum_alignment_metric_name(all[n]))) {
      *metric = all[n];
      return true;
    }
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "--method is mi or ncc, not '%s'", text);
  return false;
}

typedef struct {
  guint phase, to;
  HilumCase *the_case;
  HilumPhase *moving, *fixed;
  HilumAlignment alignment;
  char *step;
  bool applied;
  double seconds;
} Move;

/* Everything that can be told wrong before the case is opened. */
static bool check_usage(const CliArgs *args, GError **error)
{
  const char *ways[] = {"nudge", "reset"};
  const char *how[] = {"method", "box", "inside", "to", "keep-unreliable"};
  guint n = 0;
  for (gsize w = 0; w < G_N_ELEMENTS(ways); w++)
    n += cli_args_has(args, ways[w]);
  for (gsize h = 0; n > 0 && h < G_N_ELEMENTS(how); h++)
    if (cli_args_has(args, how[h])) n = 2;
  if (n < 2) return true;
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
              "--nudge and --reset each stand alone; they register nothing");
  return false;
}

static bool find_phases(Move *move, GError **error)
{
  const guint n = hilum_case_get_phase_count(move->the_case);
  if (!hilum_case_require_volume(move->the_case, move->phase, error) ||
      !hilum_case_require_volume(move->the_case, move->to, error))
    return false;
  if (move->phase == 0 || move->phase == move->to) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT,
                "--phase must be another than %s; the case has phases 0 to %u",
                move->phase == 0 ? "0, which the structures lie on" : "--to", n - 1);
    return false;
  }
  move->moving = hilum_case_get_phase(move->the_case, move->phase);
  move->fixed = hilum_case_get_phase(move->the_case, move->to);
  return true;
}

/* The region that shall match, from --box and --inside. */
static bool choose_region(const CliArgs *args, Move *move, HilumRegisterOptions *options, HilumMask **mask,
                          GError **error)
{
  const char *box = cli_args_get(args, "box"), *inside = cli_args_get(args, "inside");
  if (box) {
    if (!parse_box(box, &options->box_mm, error)) return false;
    options->use_box = true;
  }
  if (!inside) return true;
  HilumStructure *structure = cli_find_structure(move->the_case, inside, error);
  if (!structure) return false;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(move->the_case);
  *mask = hilum_alignment_region(labels, hilum_structure_get_label(structure), MARGIN_MM, NULL, error);
  options->mask = *mask;
  return *mask != NULL;
}

static bool find_alignment(const CliArgs *args, Move *move, const HilumProgress *progress, GError **error)
{
  HilumRegisterOptions options = {0};
  HilumRegisterResult result;
  g_autoptr(HilumMask) mask = NULL;
  if (!parse_metric(cli_args_get(args, "method"), &options.metric, error) ||
      !choose_region(args, move, &options, &mask, error))
    return false;
  options.start = &hilum_phase_get_alignment(move->moving)->transform;
  if (!hilum_register_rigid(hilum_phase_get_volume(move->fixed), hilum_phase_get_original(move->moving),
                            &options, &result, progress, error))
    return false;
  move->alignment = hilum_alignment_from_result(&result, options.metric);
  move->applied = result.verdict == HILUM_REGISTER_RELIABLE || cli_args_has(args, "keep-unreliable");
  move->step = g_strdup_printf("Register %s to %s", hilum_phase_get_name(move->moving),
                               hilum_phase_get_name(move->fixed));
  return true;
}

/* By hand: about the middle of what the labels lie on. */
static bool nudge(const CliArgs *args, Move *move, GError **error)
{
  HilumRigidParameters by;
  if (!parse_nudge(cli_args_get(args, "nudge"), &by, error)) return false;
  const HilumVec3 middle =
      hilum_box_center(hilum_grid_bounds_mm(hilum_phase_get_grid(hilum_case_get_phase(move->the_case, 0))));
  move->alignment = hilum_alignment_nudged(hilum_phase_get_alignment(move->moving), by, middle);
  move->applied = true;
  move->step = g_strdup_printf("Nudge %s", hilum_phase_get_name(move->moving));
  return true;
}

static void json_transform(JsonBuilder *b, HilumRigid transform)
{
  const HilumMat4 m = hilum_rigid_to_mat4(transform);
  json_builder_set_member_name(b, "transform");
  json_builder_begin_array(b);
  for (int row = 0; row < 4; row++) {
    json_builder_begin_array(b);
    for (int column = 0; column < 4; column++)
      json_builder_add_double_value(b, m.m[4 * column + row]);
    json_builder_end_array(b);
  }
  json_builder_end_array(b);
}

static void report(const CliArgs *args, const Move *move)
{
  const HilumAlignment *a = &move->alignment;
  const bool measured = a->method == HILUM_ALIGNMENT_REGISTERED;
  const HilumBox bounds = hilum_grid_bounds_mm(hilum_phase_get_grid(hilum_case_get_phase(move->the_case, 0)));
  const double moved = hilum_alignment_moved_mm(a, hilum_box_center(bounds));
  if (!args->json) {
    printf("%s: moved %.2f mm and %.2f degrees", hilum_phase_get_name(move->moving), moved,
           hilum_rigid_angle_rad(a->transform) * 180 / G_PI);
    if (measured) printf(", residual %.2f mm, %.2f s", a->residual_mm, move->seconds);
    printf("%s\n", move->applied ? "" : "; the case was left as it was");
    if (measured && a->verdict != HILUM_REGISTER_RELIABLE)
      printf("  %s\n", hilum_register_verdict_sentence(a->verdict));
    return;
  }
  JsonBuilder *b = cli_json_begin();
  cli_json_string(b, "case", hilum_case_get_path(move->the_case));
  cli_json_int(b, "phase", move->phase);
  cli_json_string(b, "phase_name", hilum_phase_get_name(move->moving));
  cli_json_int(b, "to", move->to);
  cli_json_string(b, "to_name", hilum_phase_get_name(move->fixed));
  cli_json_string(b, "method", hilum_alignment_method_name(a->method));
  json_transform(b, a->transform);
  cli_json_double(b, "moved_mm", moved);
  cli_json_double(b, "rotated_deg", hilum_rigid_angle_rad(a->transform) * 180 / G_PI);
  cli_json_double(b, "residual_mm", a->residual_mm);
  cli_json_double(b, "residual_worst_mm", a->residual_worst_mm);
  cli_json_string(b, "metric", measured ? hilum_alignment_metric_name(a->metric) : "");
  cli_json_double(b, "similarity", a->similarity);
  cli_json_bool(b, "reliable", measured && a->verdict == HILUM_REGISTER_RELIABLE);
  cli_json_string(b, "verdict", measured ? hilum_alignment_verdict_name(a->verdict) : "");
  cli_json_bool(b, "applied", move->applied);
  cli_json_double(b, "seconds", move->seconds);
  size_t n;
  const HilumFinding *findings = hilum_phase_get_findings(move->moving, &n);
  cli_json_findings(b, findings, n);
  cli_json_end(b);
}

static bool run(const CliArgs *args, Move *move, GError **error)
{
  if (!find_phases(move, error)) return false;
  const gint64 start = g_get_monotonic_time();
  HilumProgress part = hilum_progress_part(&args->progress, 0.4, 0.8, "registering");
  if (cli_args_has(args, "reset")) {
    move->alignment = hilum_alignment_scanner();
    move->applied = true;
    move->step = g_strdup_printf("Reset %s", hilum_phase_get_name(move->moving));
  } else if (cli_args_has(args, "nudge") ? !nudge(args, move, error)
                                         : !find_alignment(args, move, &part, error)) {
    return false;
  }
  move->seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
  if (!move->applied) return true;
  part = hilum_progress_part(&args->progress, 0.9, 1, "writing the case");
  return hilum_case_set_alignment(move->the_case, move->phase, &move->alignment, NULL, move->step, error) &&
         hilum_case_save(move->the_case, hilum_case_get_path(move->the_case), &part, error);
}

static bool register_phase(const CliArgs *args, GError **error)
{
  gint64 phase, to;
  if (!cli_args_require(args, "phase", error) ||
      !cli_args_get_int(args, "phase", 0, G_MAXINT32, 0, &phase, error) ||
      !cli_args_get_int(args, "to", 0, G_MAXINT32, 0, &to, error) || !check_usage(args, error))
    return false;
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_IF_FOUND, error);
  if (!self) return false;
  Move move = {.phase = (guint)phase, .to = (guint)to, .the_case = self};
  const bool good = run(args, &move, error);
  if (good) report(args, &move);
  g_free(move.step);
  return good;
}

static const CliOptionSpec options[] = {{"phase", true}, {"to", true},     {"method", true},
                                        {"box", true},   {"inside", true}, {"keep-unreliable", false},
                                        {"nudge", true}, {"reset", false}, {"images", true},
                                        {NULL, false}};
const CliVerb cli_verb_register = {
    "register",
    "register CASE --phase N ([--to M] [--method mi|ncc] [--box X0,Y0,Z0,X1,Y1,Z1] [--inside STRUCTURE] "
    "[--keep-unreliable] | --nudge X,Y,Z[,RX,RY,RZ] | --reset)",
    "moves a phase onto another one", options, register_phase};
