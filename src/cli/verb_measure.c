/* measure: numbers about a case's structures and every pair of them. */
#include "measure_surfaces.h"

#include "hilum/segment/measurements.h"

#include <math.h>
#include <stdio.h>

static void begin_object(JsonBuilder *b, const char *name)
{
  if (name) json_builder_set_member_name(b, name);
  json_builder_begin_object(b);
}

static void begin_array(JsonBuilder *b, const char *name)
{
  json_builder_set_member_name(b, name);
  json_builder_begin_array(b);
}

static void add_plane(JsonBuilder *b, const char *name, const HilumPlaneDiameter *d)
{
  begin_object(b, name);
  cli_json_double(b, "diameter_mm", d->diameter_mm);
  cli_json_vec3(b, "point_a_mm", d->a_mm);
  cli_json_vec3(b, "point_b_mm", d->b_mm);
  cli_json_double(b, "perpendicular_mm", d->perpendicular_mm);
  cli_json_vec3(b, "perpendicular_a_mm", d->c_mm);
  cli_json_vec3(b, "perpendicular_b_mm", d->d_mm);
  cli_json_int(b, "slice", d->slice);
  json_builder_end_object(b);
}

static void add_values(JsonBuilder *b, const char *phase, const HilumStructureValues *v)
{
  begin_object(b, NULL);
  cli_json_string(b, "phase", phase);
  const struct {
    const char *name;
    double value;
  } numbers[] = {{"mean", v->mean}, {"sd", v->sd},         {"min", v->min}, {"max", v->max}, {"p5", v->p5},
                 {"p25", v->p25},   {"median", v->median}, {"p75", v->p75}, {"p95", v->p95}};
  for (size_t n = 0; n < G_N_ELEMENTS(numbers); n++)
    cli_json_double(b, numbers[n].name, v->voxels > 0 ? numbers[n].value : NAN);
  begin_object(b, "histogram");
  cli_json_double(b, "first", v->voxels > 0 ? v->bin_first : NAN);
  cli_json_double(b, "width", v->voxels > 0 ? v->bin_width : NAN);
  begin_array(b, "counts");
  for (size_t n = 0; n < v->n_bins; n++)
    json_builder_add_int_value(b, (gint64)v->bins[n]);
  json_builder_end_array(b);
  json_builder_end_object(b);
  json_builder_end_object(b);
}

static void add_shape(JsonBuilder *b, const HilumMeasuredStructure *s)
{
  const HilumStructureShape *shape = &s->shape;
  const HilumVec3 extent = hilum_vec3_sub(s->stats.bounds_mm.max, s->stats.bounds_mm.min);
  cli_json_vec3(b, "extents_mm", extent);
  begin_object(b, "principal");
  cli_json_doubles(b, "extents_mm", shape->extents_mm, 3);
  begin_array(b, "axes");
  for (int a = 0; a < 3; a++)
    cli_json_vec3(b, NULL, shape->axes[a]);
  json_builder_end_array(b);
  json_builder_end_object(b);
  begin_object(b, "diameters");
  add_plane(b, "axial", &shape->planes[HILUM_SHAPE_AXIAL]);
  add_plane(b, "sagittal", &shape->planes[HILUM_SHAPE_SAGITTAL]);
  add_plane(b, "coronal", &shape->planes[HILUM_SHAPE_CORONAL]);
  json_builder_end_object(b);
}

static void add_structure(JsonBuilder *b, const HilumMeasurements *m, const HilumMeasuredStructure *s,
                          const CliSurfaceNumbers *surface)
{
  begin_object(b, NULL);
  cli_json_string(b, "name", s->name);
  cli_json_string(b, "kind", s->kind);
  cli_json_int(b, "voxels", (gint64)s->stats.voxels);
  cli_json_double(b, "volume_ml", s->stats.volume_ml);
  cli_json_string(b, "volume_method", "voxel count");
  cli_json_double(b, "partial_volume_ml", s->partial.volume_ml);
  cli_json_double(b, "partial_volume_share", s->partial.share);
  cli_json_vec3(b, "centroid_mm", s->stats.centroid_mm);
  begin_array(b, "bounds_mm");
  cli_json_vec3(b, NULL, s->stats.bounds_mm.min);
  cli_json_vec3(b, NULL, s->stats.bounds_mm.max);
  json_builder_end_array(b);
  cli_json_double(b, "max_diameter_mm", s->stats.max_diameter_mm);
  add_shape(b, s);
  cli_json_double(b, "mean_hu", s->stats.mean);
  cli_json_double(b, "sd_hu", s->stats.sd);
  begin_array(b, "values");
  for (size_t p = 0; p < m->n_phases; p++)
    add_values(b, m->phase_names[p], &s->values[p]);
  json_builder_end_array(b);
  if (surface) {
    begin_object(b, "surface");
    cli_json_surface(b, surface);
    cli_json_string(b, "volume_method", "divergence theorem");
    cli_json_bool(b, "closed", surface->report.closed);
    json_builder_end_object(b);
  }
  json_builder_end_object(b);
}

static void add_distance(JsonBuilder *b, const HilumMeasurements *m, const HilumMeasuredDistance *d)
{
  begin_object(b, NULL);
  cli_json_string(b, "a", m->structures[d->a].name);
  cli_json_string(b, "b", m->structures[d->b].name);
  cli_json_double(b, "distance_mm", d->distance_mm);
  cli_json_vec3(b, "point_a_mm", d->point_a_mm);
  cli_json_vec3(b, "point_b_mm", d->point_b_mm);
  json_builder_end_object(b);
}

static void print_json(const HilumMeasurements *m, const CliCaseSurfaces *surfaces, const GArray *pairs,
                       const char *csv, const char *estimate)
{
  JsonBuilder *b = cli_json_begin();
  begin_array(b, "structures");
  for (size_t n = 0; n < m->n_structures; n++)
    add_structure(b, m, &m->structures[n], surfaces->numbers[m->structures[n].label]);
  json_builder_end_array(b);
  begin_array(b, "distances");
  for (size_t n = 0; n < m->n_distances; n++)
    add_distance(b, m, &m->distances[n]);
  json_builder_end_array(b);
  cli_json_string(b, "distance_method", "nearest voxel centres");
  cli_between_report(b, pairs);
  cli_json_string(b, "between_method", "surfaces, exact on their triangles");
  cli_json_string(b, "phase", m->phase < m->n_phases ? m->phase_names[m->phase] : "");
  if (csv) cli_json_string(b, "csv", csv);
  cli_json_string(b, "estimate", estimate);
  cli_json_end(b);
}

static void print_text(const HilumMeasurements *m, const CliCaseSurfaces *surfaces, const GArray *pairs,
                       const char *estimate)
{
  for (size_t n = 0; n < m->n_structures; n++) {
    const HilumMeasuredStructure *s = &m->structures[n];
    const HilumPlaneDiameter *axial = &s->shape.planes[HILUM_SHAPE_AXIAL];
    printf("%-20s %10.2f ml (voxels)", s->name, s->stats.volume_ml);
    if (isfinite(s->partial.volume_ml)) printf(" %10.2f ml (partial voxels)", s->partial.volume_ml);
    printf("  largest diameter %7.1f mm  axial %6.1f x %.1f mm  centre %8.2f %8.2f %8.2f mm  %7.1f +- %.1f\n",
           s->stats.max_diameter_mm, axial->diameter_mm, axial->perpendicular_mm, s->stats.centroid_mm.x,
           s->stats.centroid_mm.y, s->stats.centroid_mm.z, s->stats.mean, s->stats.sd);
    if (surfaces->numbers[s->label]) cli_print_surface(surfaces->numbers[s->label]);
  }
  for (size_t n = 0; n < m->n_distances; n++)
    printf("%-20s to %-20s %7.2f mm between voxel centres\n", m->structures[m->distances[n].a].name,
           m->structures[m->distances[n].b].name, m->distances[n].distance_mm);
  cli_between_report(NULL, pairs);
  if (estimate) puts(estimate);
}

/* Numbers from a volume whose missing slices were interpolated are estimates, and say so. The labels lie on
 * the first phase's grid. */
static const char *find_estimate(HilumCase *self)
{
  size_t n = 0;
  const HilumFinding *findings = hilum_phase_get_findings(hilum_case_get_phase(self, 0), &n);
  return hilum_findings_mark_estimate(findings, n);
}

static HilumMeasurements *measure_case(HilumCase *self, size_t phase, const HilumProgress *progress,
                                       GError **error)
{
  const guint n_phases = hilum_case_get_phase_count(self);
  g_autofree HilumVolume **volumes = g_new0(HilumVolume *, n_phases);
  g_autofree const char **names = g_new0(const char *, n_phases);
  for (guint n = 0; n < n_phases; n++) {
    volumes[n] = hilum_phase_get_volume(hilum_case_get_phase(self, n)); /* NULL: said as null */
    names[n] = hilum_phase_get_name(hilum_case_get_phase(self, n));
  }
  GListModel *list = hilum_case_get_structures(self);
  g_autoptr(GArray) subjects = g_array_new(FALSE, FALSE, sizeof(HilumMeasureSubject));
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n); /* the case keeps it */
    const HilumMeasureSubject subject = {hilum_structure_get_label(structure),
                                         hilum_structure_get_name(structure),
                                         hilum_structure_kind_id(hilum_structure_get_kind(structure))};
    g_array_append_val(subjects, subject);
  }
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  const HilumMeasureRequest request = {.labels = labels,
                                       .subjects = (const void *)subjects->data,
                                       .n_subjects = subjects->len,
                                       .volumes = volumes,
                                       .phase_names = names,
                                       .n_phases = n_phases,
                                       .phase = phase};
  return hilum_measurements_new(&request, progress, error);
}

/* With --no-surfaces only those that --between needs are made. */
static bool measure_surfaces(const CliArgs *args, HilumCase *self, CliCaseSurfaces *surfaces, GArray *pairs,
                             GError **error)
{
  const bool all = !cli_args_has(args, "no-surfaces");
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  for (guint n = 0; n < pairs->len; n++) {
    const CliBetween *pair = &g_array_index(pairs, CliBetween, n);
    wanted[hilum_structure_get_label(pair->a)] = wanted[hilum_structure_get_label(pair->b)] = 1;
  }
  HilumProgress part = hilum_progress_part(&args->progress, 0.5, 0.9, "surfaces");
  if (!cli_case_surfaces(self, all ? NULL : wanted, surfaces, &part, error)) return false;
  part = hilum_progress_part(&args->progress, 0.9, 1, "distances");
  return cli_between_measure(pairs, surfaces, &part, error);
}

static bool run(const CliArgs *args, HilumCase *self, size_t phase, CliCaseSurfaces *surfaces, GError **error)
{
  const char *csv = cli_args_get(args, "csv"), *estimate = find_estimate(self);
  g_autoptr(GArray) pairs = cli_between_parse(args, self, error);
  if (!pairs) return false;
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 0.5, "measuring");
  g_autoptr(HilumMeasurements) m = measure_case(self, phase, &part, error);
  if (!m || !measure_surfaces(args, self, surfaces, pairs, error)) return false;
  if (csv && !hilum_measurements_write_csv(m, csv, estimate, error)) return false;
  if (args->json)
    print_json(m, surfaces, pairs, csv, estimate);
  else
    print_text(m, surfaces, pairs, estimate);
  return true;
}

static bool measure(const CliArgs *args, GError **error)
{
  gint64 phase;
  if (!cli_args_get_int(args, "phase", 0, 255, 0, &phase, error)) return false;
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_IF_FOUND, error);
  if (!self) return false;
  if ((guint)phase >= hilum_case_get_phase_count(self)) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, "the case has %u phases; there is no phase %d",
                hilum_case_get_phase_count(self), (int)phase);
    return false;
  }
  CliCaseSurfaces surfaces = {{NULL}, {NULL}};
  const bool good = run(args, self, (size_t)phase, &surfaces, error);
  cli_case_surfaces_clear(&surfaces);
  return good;
}

static const CliOptionSpec options[] = {{"phase", true},   {"csv", true},          {"images", true},
                                        {"between", true}, {"no-surfaces", false}, {NULL, false}};
const CliVerb cli_verb_measure = {
    "measure", "measure CASE [--phase N] [--between A,B]... [--no-surfaces] [--csv FILE]",
    "volumes, extents, values, surfaces, and distances between structures", options, measure};
