/* segment: one or more steps, in the order given, into one structure. The same step code as the window and
 * recipes. */
#include "cli.h"

#include "hilum/casefile/boundaries.h"
#include "hilum/segment/step.h"

#include <stdio.h>
#include <string.h>

/* The verb's own options; steps and what joins them are added from the table of steps. */
static const CliOptionSpec own_options[] = {{"structure", true}, {"recipe", true}, {"images", true}};

static void add_option(GArray *specs, const char *name, bool has_value)
{
  CliOptionSpec spec = {name, has_value};
  g_array_append_val(specs, spec);
}

static const CliOptionSpec *list_options(void)
{
  static GArray *specs; /* lives as long as the program */
  if (specs) return (const CliOptionSpec *)(void *)specs->data;
  specs = g_array_new(TRUE, TRUE, sizeof(CliOptionSpec));
  g_array_append_vals(specs, own_options, G_N_ELEMENTS(own_options));
  const HilumStepOp *op;
  for (size_t n = 0; (op = hilum_step_op_at(n)); n++) {
    g_autofree char *form = hilum_step_op_dup_value_form(op);
    add_option(specs, hilum_step_op_get_name(op), form != NULL);
  }
  const char *name;
  char *form;
  for (size_t n = 0; hilum_step_option_at(n, &name, &form); n++) {
    add_option(specs, name, true);
    g_free(form);
  }
  return (const CliOptionSpec *)(void *)specs->data;
}

/* Steps as " --name FORM", then what may follow some of them. */
static char *dup_more_usage(void)
{
  GString *text = g_string_new("STEP... where STEP is");
  const HilumStepOp *op;
  for (size_t n = 0; (op = hilum_step_op_at(n)); n++) {
    g_autofree char *form = hilum_step_op_dup_value_form(op);
    g_string_append_printf(text, " --%s%s%s |", hilum_step_op_get_name(op), form ? " " : "",
                           form ? form : "");
  }
  g_string_append(text, " --recipe FILE; after some of them");
  const char *name;
  char *form;
  for (size_t n = 0; hilum_step_option_at(n, &name, &form); n++) {
    g_string_append_printf(text, "%s --%s %s", n ? "," : "", name, form);
    g_free(form);
  }
  return g_string_free(text, FALSE);
}

static bool is_step(const char *option)
{
  static const char *const common[] = {"json", "threads", "help"};
  for (size_t n = 0; n < G_N_ELEMENTS(common); n++)
    if (strcmp(option, common[n]) == 0) return false;
  for (size_t n = 0; n < G_N_ELEMENTS(own_options); n++)
    if (strcmp(option, own_options[n].name) == 0) return false;
  return true;
}

/* The steps of the command line and of recipes, in order. NULL with a usage error. */
static GArray *collect_steps(const CliArgs *args, GError **error)
{
  g_autoptr(GArray) steps = g_array_new(FALSE, TRUE, sizeof(HilumStep));
  g_array_set_clear_func(steps, (GDestroyNotify)hilum_step_clear);
  for (guint n = 0; n < args->options->len; n++) {
    const CliOption *option = &g_array_index(args->options, CliOption, n);
    if (strcmp(option->name, "recipe") == 0) {
      g_autoptr(GArray) recipe = hilum_steps_load_recipe(option->value, error);
      if (!recipe) return NULL;
      g_array_append_vals(steps, recipe->data, recipe->len);
      g_array_set_clear_func(recipe, NULL); /* the steps moved */
      continue;
    }
    if (!is_step(option->name)) continue;
    HilumStep step = {0};
    bool joined = false;
    g_autoptr(GError) parse_error = NULL;
    HilumStep *previous = steps->len ? &g_array_index(steps, HilumStep, steps->len - 1) : NULL;
    if (!hilum_step_parse(option->name, option->value, previous, &step, &joined, &parse_error)) {
      g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, parse_error->message);
      return NULL;
    }
    if (!joined) g_array_append_val(steps, step);
  }
  if (steps->len == 0) {
    g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "no step was given");
    return NULL;
  }
  return g_steal_pointer(&steps);
}

static bool reads_images(GArray *steps)
{
  for (guint n = 0; n < steps->len; n++)
    if (hilum_step_op_reads_images(g_array_index(steps, HilumStep, n).op)) return true;
  return false;
}

static uint8_t find_label(const char *name, void *data)
{
  HilumStructure *structure = hilum_case_find_structure(data, name);
  return structure ? hilum_structure_get_label(structure) : 0;
}

/* Runs the steps and writes the result into the structure as one undoable step. */
static bool run_steps(HilumCase *self, HilumStructure *structure, GArray *steps, GArray *results,
                      const HilumProgress *progress, GError **error)
{
  guint n_phases = hilum_case_get_phase_count(self);
  g_autofree HilumVolume **volumes = g_new0(HilumVolume *, n_phases);
  for (guint n = 0; n < n_phases; n++)
    volumes[n] = hilum_phase_get_volume(hilum_case_get_phase(self, n));

  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  HilumMade made;
  HilumStepContext context = {.volumes = volumes,
                              .n_volumes = n_phases,
                              .labels = labels,
                              .label = hilum_structure_get_label(structure),
                              .find_label = find_label,
                              .find_data = self,
                              .made = &made};
  HilumLabelWrite write;
  if (!hilum_case_prepare_write(self, structure, HILUM_LABEL_REPLACE, &write, error)) return false;
  HilumProgress part = hilum_progress_part(progress, 0, 0.9, NULL);
  g_autoptr(HilumMask) mask =
      hilum_steps_run(&context, (const void *)steps->data, steps->len, results, &part, error);
  if (!mask) return false;
  part = hilum_progress_part(progress, 0.9, 1, NULL);
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(labels, mask, NULL, &write, &part, error);
  return delta && hilum_case_apply_found_labels(self, "Segment", delta, &write, &made, error);
}

static void print_course(const HilumStepCourse *course)
{
  if (!(course->length_mm > 0)) return;
  printf("    %.1f mm long, %.1f mm wide, at least %.1f mm at (%.1f, %.1f, %.1f) mm\n", course->length_mm,
         course->mean_diameter_mm, course->least_diameter_mm, course->narrowest_mm.x, course->narrowest_mm.y,
         course->narrowest_mm.z);
}

static void report_course(JsonBuilder *b, const HilumStepCourse *course)
{
  if (!(course->length_mm > 0)) return;
  cli_json_double(b, "length_mm", course->length_mm);
  cli_json_double(b, "mean_diameter_mm", course->mean_diameter_mm);
  cli_json_double(b, "least_diameter_mm", course->least_diameter_mm);
  cli_json_vec3(b, "narrowest_mm", course->narrowest_mm);
}

static void report(const CliArgs *args, HilumStructure *structure, GArray *results)
{
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  if (b) {
    cli_json_string(b, "structure", hilum_structure_get_name(structure));
    json_builder_set_member_name(b, "steps");
    json_builder_begin_array(b);
  }
  for (guint n = 0; n < results->len; n++) {
    const HilumStepResult *r = &g_array_index(results, HilumStepResult, n);
    if (!b) {
      printf("  %-12s %12" G_GUINT64_FORMAT " voxels %10.2f ml %8.3f s\n", r->op, (guint64)r->voxels, r->ml,
             r->seconds);
      print_course(&r->course);
      continue;
    }
    json_builder_begin_object(b);
    cli_json_string(b, "op", r->op);
    cli_json_int(b, "voxels", (gint64)r->voxels);
    cli_json_double(b, "ml", r->ml);
    cli_json_double(b, "seconds", r->seconds);
    report_course(b, &r->course);
    json_builder_end_object(b);
  }
  if (b) {
    json_builder_end_array(b);
    cli_json_int(b, "voxels", (gint64)hilum_structure_get_voxels(structure));
    cli_json_double(b, "volume_ml", hilum_structure_get_volume_ml(structure));
    cli_json_boundary(b, structure);
    cli_json_end(b);
  } else {
    printf("%s: %.2f ml (voxels)\n", hilum_structure_get_name(structure),
           hilum_structure_get_volume_ml(structure));
  }
}

static bool segment(const CliArgs *args, GError **error)
{
  const char *name = cli_args_require(args, "structure", error);
  if (!name) return false;
  g_autoptr(GArray) steps = collect_steps(args, error);
  if (!steps) return false;
  /* Images are asked for by the steps that read them: a margin or a union needs none. */
  g_autoptr(HilumCase) self =
      cli_open_case(args, reads_images(steps) ? CLI_IMAGES_IF_FOUND : CLI_IMAGES_NONE, error);
  if (!self) return false;

  HilumStructure *structure = hilum_case_find_structure(self, name);
  if (!structure)
    structure = hilum_case_add_structure(self, hilum_structure_kind_from_name(name), name, error);
  if (!structure) return false;

  g_autoptr(GArray) results = g_array_new(FALSE, TRUE, sizeof(HilumStepResult));
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 0.9, "segmenting");
  if (!run_steps(self, structure, steps, results, &part, error)) return false;
  part = hilum_progress_part(&args->progress, 0.9, 1, "writing the case");
  if (!hilum_case_save(self, hilum_case_get_path(self), &part, error)) return false;
  report(args, structure, results);
  return true;
}

const CliVerb cli_verb_segment = {"segment",
                                  "segment CASE --structure NAME ",
                                  "runs segmentation steps in order; the result replaces the structure",
                                  NULL,
                                  segment,
                                  list_options,
                                  dup_more_usage};
