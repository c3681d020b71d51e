/* Making and reporting the surfaces of `export`. */
#include "export_surface.h"

#include "hilum/mesh/measure.h"

#include <stdio.h>
#include <string.h>

void cli_surface_clear(CliSurface *surface)
{
  g_free(surface->name);
  hilum_mesh_unref(surface->mesh);
  if (surface->record) g_array_unref(surface->record);
}

bool cli_prepare_options(const CliArgs *args, HilumPrepareOptions *options, GError **error)
{
  double below_ml;
  gint64 triangles;
  *options = (HilumPrepareOptions){.fill_holes = cli_args_has(args, "fill-holes"),
                                   .resolve = cli_args_has(args, "resolve")};
  if (!cli_args_get_number(args, "remove-below", 0, 1e6, 0, &below_ml, error) ||
      !cli_args_get_number(args, "min-diameter", 0.1, 50, 0, &options->min_diameter_mm, error) ||
      !cli_args_get_number(args, "hollow", 0.1, 50, 0, &options->hollow_mm, error) ||
      !cli_args_get_number(args, "resolution", 0.02, 10, 0, &options->resolution_mm, error) ||
      !cli_args_get_number(args, "decimate-error", 0.001, 50, 0, &options->decimate_error_mm, error) ||
      !cli_args_get_int(args, "decimate-triangles", 4, G_MAXUINT32, 0, &triangles, error))
    return false;
  options->remove_below_mm3 = 1000 * below_ml;
  options->decimate_triangles = (uint32_t)triangles;
  return true;
}

static uint8_t only_label(const CliSurface *s)
{
  for (guint label = 1; label < HILUM_LABEL_COUNT; label++)
    if (s->labels[label]) return (uint8_t)label;
  g_return_val_if_reached(0);
}

bool cli_joints_make(CliJoints *joints, GArray *surfaces, HilumLabelSnapshot *labels, const CliGrey *grey,
                     int smoothing, const HilumProgress *progress, GError **error)
{
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  bool any = false, by_values = false;
  for (guint n = 0; n < surfaces->len; n++) {
    CliSurface *s = &g_array_index(surfaces, CliSurface, n);
    s->position = "labels"; /* of a union, too */
    if (s->n_labels != 1) continue;
    s->position = cli_grey_position(grey, only_label(s));
    by_values |= strcmp(s->position, "labels") != 0;
    wanted[only_label(s)] = 1;
    any = true;
  }
  *joints = (CliJoints){NULL, NULL, NULL};
  if (!any) return true;
  HilumProgress part = hilum_progress_part(progress, 0, 0.7, NULL);
  joints->smooth = cli_grey_joint(grey, labels, wanted, smoothing, &part, error);
  if (!joints->smooth) return false;
  part = hilum_progress_part(progress, 0.7, 0.8, NULL);
  joints->bare = hilum_surface_joint_new(labels, wanted, 0, &part, error);
  part = hilum_progress_part(progress, 0.8, 1, NULL);
  if (joints->bare && by_values) joints->placed = cli_grey_joint(grey, labels, wanted, 0, &part, error);
  return joints->bare && (joints->placed || !by_values);
}

void cli_joints_clear(CliJoints *joints)
{
  g_clear_pointer(&joints->smooth, hilum_joint_unref);
  g_clear_pointer(&joints->bare, hilum_joint_unref);
  g_clear_pointer(&joints->placed, hilum_joint_unref);
}

/* How far preparing and smoothing took the surface from where grey values put it. */
static bool compare_with_values(CliSurface *s, const CliJoints *joints, GError **error)
{
  if (strcmp(s->position, "labels") == 0) return true;
  g_autoptr(HilumMesh) placed = hilum_joint_split(joints->placed, only_label(s), error);
  return placed && hilum_mesh_distance_symmetric(s->mesh, placed, &s->from_values, NULL, error);
}

bool cli_surface_make(CliSurface *s, HilumLabelSnapshot *labels, const CliJoints *joints, int smoothing,
                      const HilumPrepareOptions *options, const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, 0.2, NULL);
  g_autoptr(HilumMesh) smooth = s->n_labels == 1
                                    ? hilum_joint_split(joints->smooth, only_label(s), error)
                                    : hilum_surface_union_new(labels, s->labels, smoothing, &part, error);
  g_autoptr(HilumMesh) bare = !smooth            ? NULL
                              : s->n_labels == 1 ? hilum_joint_split(joints->bare, only_label(s), error)
                                                 : hilum_surface_union_new(labels, s->labels, 0, NULL, error);
  if (!bare) return false;
  part = hilum_progress_part(progress, 0.2, 0.6, NULL);
  s->mesh = hilum_mesh_prepare(smooth, options, &s->record, &part, error);
  part = hilum_progress_part(progress, 0.6, 0.9, NULL);
  return s->mesh && cli_surface_numbers(s->mesh, bare, &s->numbers, &part, error) &&
         compare_with_values(s, joints, error);
}

static void print_surface(const CliSurface *s)
{
  printf("%-20s %9u triangles  by %s\n", s->name, hilum_mesh_get_triangle_count(s->mesh), s->position);
  cli_print_surface(&s->numbers);
  if (strcmp(s->position, "labels") != 0)
    printf("    from where the grey values are: mean %.3f mm, 95 %% %.3f mm, greatest %.3f mm\n",
           s->from_values.mean_mm, s->from_values.p95_mm, s->from_values.max_mm);
  if (s->numbers.beyond.self_intersections > 0)
    printf("    crosses or touches itself: %" G_GUINT64_FORMAT " pairs of triangles\n",
           s->numbers.beyond.self_intersections);
  for (guint n = 0; n < s->record->len; n++) {
    g_autofree char *text = hilum_modification_dup_text(&g_array_index(s->record, HilumModification, n));
    printf("    %s\n", text);
  }
}

void cli_surface_report(JsonBuilder *b, const CliSurface *s)
{
  if (!b) {
    print_surface(s);
    return;
  }
  json_builder_begin_object(b);
  cli_json_string(b, "structure", s->name);
  cli_json_string(b, "position", s->position);
  cli_json_int(b, "triangles", hilum_mesh_get_triangle_count(s->mesh));
  cli_json_bool(b, "clean", hilum_mesh_report_is_clean(&s->numbers.report));
  cli_json_surface(b, &s->numbers);
  if (strcmp(s->position, "labels") != 0) cli_json_distance(b, "value_distance", &s->from_values);
  json_builder_set_member_name(b, "modifications");
  json_builder_begin_array(b);
  for (guint n = 0; n < s->record->len; n++) {
    const HilumModification *m = &g_array_index(s->record, HilumModification, n);
    json_builder_begin_object(b);
    cli_json_string(b, "op", m->op);
    cli_json_double(b, "value", m->value);
    cli_json_int(b, "count", (gint64)m->count);
    cli_json_double(b, "resolution_mm", m->resolution_mm > 0 ? m->resolution_mm : (double)NAN);
    cli_json_int(b, "shells_before", m->shells_before);
    cli_json_int(b, "shells_after", m->shells_after);
    cli_json_double(b, "volume_change_ml", m->volume_change_mm3 / 1000);
    cli_json_double(b, "deviation_mm", m->deviation_mm);
    if (!isnan(m->least_mm)) {
      cli_json_double(b, "least_mm", m->least_mm);
      cli_json_int(b, "below", (gint64)m->below);
      cli_json_double(b, "tolerance_mm", m->tolerance_mm);
    }
    json_builder_end_object(b);
  }
  json_builder_end_array(b);
  json_builder_end_object(b);
}
