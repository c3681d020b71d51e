/* What the verbs print: one JSON object with --json, readable lines otherwise. */
#include "cli.h"

#include <stdio.h>

JsonBuilder *cli_json_begin(void)
{
  JsonBuilder *builder = json_builder_new();
  json_builder_begin_object(builder);
  return builder;
}

void cli_json_end(JsonBuilder *builder)
{
  json_builder_end_object(builder);
  g_autoptr(JsonNode) root = json_builder_get_root(builder);
  g_autoptr(JsonGenerator) generator = json_generator_new();
  json_generator_set_root(generator, root);
  json_generator_set_pretty(generator, TRUE);
  g_autofree char *text = json_generator_to_data(generator, NULL);
  puts(text);
  g_object_unref(builder);
}

void cli_json_double(JsonBuilder *builder, const char *name, double value)
{
  if (name) json_builder_set_member_name(builder, name);
  if (isfinite(value))
    json_builder_add_double_value(builder, value);
  else
    json_builder_add_null_value(builder);
}

void cli_json_doubles(JsonBuilder *builder, const char *name, const double *values, int n)
{
  if (name) json_builder_set_member_name(builder, name);
  json_builder_begin_array(builder);
  for (int i = 0; i < n; i++)
    cli_json_double(builder, NULL, values[i]);
  json_builder_end_array(builder);
}

void cli_json_vec3(JsonBuilder *builder, const char *name, HilumVec3 v)
{
  cli_json_doubles(builder, name, (const double[]){v.x, v.y, v.z}, 3);
}

void cli_json_ints(JsonBuilder *builder, const char *name, const int32_t *values, int n)
{
  if (name) json_builder_set_member_name(builder, name);
  json_builder_begin_array(builder);
  for (int i = 0; i < n; i++)
    json_builder_add_int_value(builder, values[i]);
  json_builder_end_array(builder);
}

void cli_json_string(JsonBuilder *builder, const char *name, const char *value)
{
  if (name) json_builder_set_member_name(builder, name);
  json_builder_add_string_value(builder, value ? value : "");
}

void cli_json_int(JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name(builder, name);
  json_builder_add_int_value(builder, value);
}

void cli_json_bool(JsonBuilder *builder, const char *name, bool value)
{
  json_builder_set_member_name(builder, name);
  json_builder_add_boolean_value(builder, value);
}

void cli_json_distance(JsonBuilder *builder, const char *name, const HilumSurfaceDistance *distance)
{
  json_builder_set_member_name(builder, name);
  json_builder_begin_object(builder);
  cli_json_double(builder, "mean_mm", distance->mean_mm);
  cli_json_double(builder, "rms_mm", distance->rms_mm);
  cli_json_double(builder, "p95_mm", distance->p95_mm);
  cli_json_double(builder, "hausdorff_mm", distance->max_mm);
  cli_json_double(builder, "hausdorff_bound_mm", distance->bound_mm);
  json_builder_end_object(builder);
}

void cli_json_verdict(JsonBuilder *builder, const HilumMeshReport *report, const HilumMeshBeyond *beyond)
{
  const gint64 genus = hilum_mesh_report_genus(report);
  cli_json_double(builder, "genus", genus < 0 ? NAN : (double)genus);
  cli_json_int(builder, "self_intersections", (gint64)beyond->self_intersections);
  cli_json_double(builder, "min_wall_ray_mm", beyond->thickness.min_ray_mm);
  cli_json_double(builder, "min_wall_ball_mm", beyond->thickness.min_ball_mm);
  cli_json_vec3(builder, "thinnest_mm", beyond->thickness.thinnest_mm);
}

void cli_json_findings(JsonBuilder *builder, const HilumFinding *findings, size_t n)
{
  json_builder_set_member_name(builder, "findings");
  json_builder_begin_array(builder);
  for (size_t i = 0; i < n; i++) {
    json_builder_begin_object(builder);
    cli_json_string(builder, "code", findings[i].code);
    cli_json_string(builder, "verdict", hilum_verdict_name(findings[i].verdict));
    cli_json_string(builder, "message", findings[i].message);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
}

void cli_print_findings(const HilumFinding *findings, size_t n)
{
  for (size_t i = 0; i < n; i++)
    printf("    %s (%s): %s\n", hilum_verdict_name(findings[i].verdict), findings[i].code,
           findings[i].message);
}

static void put_spread(JsonBuilder *b, const char *name, const HilumCurvatureSpread *s)
{
  json_builder_set_member_name(b, name);
  json_builder_begin_object(b);
  cli_json_double(b, "mean", s->mean);
  cli_json_double(b, "p5", s->p5);
  cli_json_double(b, "median", s->median);
  cli_json_double(b, "p95", s->p95);
  json_builder_end_object(b);
}

void cli_json_curvature(JsonBuilder *b, const HilumCurvature *curvature)
{
  json_builder_set_member_name(b, "curvature");
  json_builder_begin_object(b);
  put_spread(b, "mean_per_mm", &curvature->mean_per_mm);
  put_spread(b, "gaussian_per_mm2", &curvature->gaussian_per_mm2);
  json_builder_end_object(b);
}
