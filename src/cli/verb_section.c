/* section: where a plane or a sphere meets the surfaces of a case. */
#include "cutter.h"
#include "grey_ranges.h"

#include "hilum/base/file_writer.h"
#include "hilum/mesh/surface.h"

#include <stdio.h>

static void add_json(JsonBuilder *b, const HilumSection *s, const HilumContour *c)
{
  json_builder_begin_object(b);
  cli_json_bool(b, "closed", c->closed);
  cli_json_double(b, "area_mm2", c->area_mm2);
  cli_json_double(b, "length_mm", c->length_mm);
  json_builder_set_member_name(b, "points_mm");
  json_builder_begin_array(b);
  for (size_t i = c->first; i < c->first + c->n; i++) {
    const double xyz[3] = {s->points_mm[i].x, s->points_mm[i].y, s->points_mm[i].z};
    json_builder_begin_array(b);
    for (int a = 0; a < 3; a++)
      json_builder_add_double_value(b, xyz[a]);
    json_builder_end_array(b);
  }
  json_builder_end_array(b);
  json_builder_end_object(b);
}

static void report(JsonBuilder *b, const char *name, const HilumSection *s)
{
  if (!b) {
    printf("%-20s %4zu contours %10.2f mm2 %10.2f mm\n", name, s->n_contours, s->area_mm2, s->length_mm);
    return;
  }
  json_builder_begin_object(b);
  cli_json_string(b, "structure", name);
  cli_json_double(b, "area_mm2", s->area_mm2);
  cli_json_double(b, "length_mm", s->length_mm);
  json_builder_set_member_name(b, "contours");
  json_builder_begin_array(b);
  for (size_t c = 0; c < s->n_contours; c++)
    add_json(b, s, &s->contours[c]);
  json_builder_end_array(b);
  json_builder_end_object(b);
}

/* A row a corner. The name is quoted as spreadsheets want it. */
static bool add_rows(HilumFileWriter *out, const char *name, const HilumSection *s, GError **error)
{
  g_auto(GStrv) parts = g_strsplit(name, "\"", -1);
  g_autofree char *quoted = g_strjoinv("\"\"", parts);
  for (size_t c = 0; c < s->n_contours; c++)
    for (size_t i = s->contours[c].first; i < s->contours[c].first + s->contours[c].n; i++) {
      const HilumVec3 p = s->points_mm[i];
      if (!hilum_file_writer_printf(out, error, "\"%s\",%zu,%d,%.4f,%.4f,%.4f\r\n", quoted, c + 1,
                                    s->contours[c].closed, p.x, p.y, p.z))
        return false;
    }
  return true;
}

/* Sections of all surfaces that are wanted. */
static bool cut_all(HilumCase *self, const HilumJoint *joint, const uint8_t *wanted,
                    const HilumCutter *cutter, JsonBuilder *b, HilumFileWriter *out, GError **error)
{
  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    uint8_t label = hilum_structure_get_label(structure);
    if (!wanted[label]) continue;
    g_autoptr(HilumMesh) mesh = hilum_joint_split(joint, label, error);
    g_autoptr(HilumSection) section = mesh ? hilum_mesh_section(mesh, cutter, NULL, error) : NULL;
    if (!section) return false;
    report(b, hilum_structure_get_name(structure), section);
    if (out && !add_rows(out, hilum_structure_get_name(structure), section, error)) return false;
  }
  return true;
}

static bool cut_case(const CliArgs *args, HilumCase *self, const CliGrey *grey, const HilumCutter *cutter,
                     const uint8_t *wanted, int smoothing, JsonBuilder *b, GError **error)
{
  const char *path = cli_args_get(args, "out");
  HilumProgress making = hilum_progress_part(&args->progress, 0.3, 0.9, "surfaces");
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  g_autoptr(HilumJoint) joint = cli_grey_joint(grey, labels, wanted, smoothing, &making, error);
  if (!joint) return false;
  HilumFileWriter *out = path ? hilum_file_writer_new(path, error) : NULL;
  if (path && !out) return false;
  if (out && !hilum_file_writer_printf(out, error, "structure,contour,closed,x_mm,y_mm,z_mm\r\n")) {
    hilum_file_writer_abort(out);
    return false;
  }
  const bool good = cut_all(self, joint, wanted, cutter, b, out, error);
  if (good && out) return hilum_file_writer_commit(out, NULL, NULL, error);
  hilum_file_writer_abort(out);
  return good;
}

static bool section(const CliArgs *args, GError **error)
{
  HilumCutter cutter;
  int smoothing;
  if (!cli_parse_cutter(args, &cutter, error)) return false;
  g_autoptr(HilumCase) self = cli_open_case(args, cli_grey_images(args), error);
  g_auto(CliGrey) grey = {NULL};
  if (!self || !cli_get_smoothing(args, self, &smoothing, error) || !cli_grey_init(&grey, args, self, error))
    return false;
  uint8_t wanted[HILUM_LABEL_COUNT];
  if (!cli_choose_surfaces(args, self, wanted, error)) return false;
  g_autoptr(JsonBuilder) b = args->json ? cli_json_begin() : NULL;
  if (b) {
    json_builder_set_member_name(b, "sections");
    json_builder_begin_array(b);
  }
  if (!cut_case(args, self, &grey, &cutter, wanted, smoothing, b, error)) return false;
  if (!b) return true;
  json_builder_end_array(b);
  cli_json_end(g_steal_pointer(&b));
  return true;
}

static const CliOptionSpec options[] = {{"axial", true},    {"sagittal", true}, {"coronal", true},
                                        CLI_CUTTER_OPTIONS, {"out", true},      {"structure", true},
                                        {"smooth", true},   CLI_GREY_OPTIONS,   {NULL, false}};
const CliVerb cli_verb_section = {
    "section",
    "section CASE (--axial Z | --sagittal X | --coronal Y | --through X,Y,Z --normal X,Y,Z | --sphere X,Y,Z "
    "--radius "
    "MM) [--structure NAME] [--smooth PASSES] " CLI_GREY_USAGE " [--out FILE.csv]",
    "where a plane or a sphere meets the surfaces: closed contours with area and perimeter", options,
    section};
