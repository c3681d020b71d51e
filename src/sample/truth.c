/* truth.json: the numbers a measurement of the sample must find, taken from the label map and from the
 * analytic solids independently of any segmentation tool. */
#include "sample_private.h"

#include "hilum/base/file_writer.h"
#include "hilum/sample/error.h"
#include "hilum/segment/statistics.h"

#include <json-glib/json-glib.h>

static void add_point(JsonBuilder *json, HilumVec3 p)
{
  json_builder_begin_array(json);
  json_builder_add_double_value(json, p.x);
  json_builder_add_double_value(json, p.y);
  json_builder_add_double_value(json, p.z);
  json_builder_end_array(json);
}

static void add_named_point(JsonBuilder *json, const char *name, HilumVec3 p)
{
  json_builder_set_member_name(json, name);
  add_point(json, p);
}

static void add_number(JsonBuilder *json, const char *name, double value)
{
  json_builder_set_member_name(json, name);
  json_builder_add_double_value(json, value);
}

static void add_integer(JsonBuilder *json, const char *name, gint64 value)
{
  json_builder_set_member_name(json, name);
  json_builder_add_int_value(json, value);
}

static void add_text(JsonBuilder *json, const char *name, const char *value)
{
  json_builder_set_member_name(json, name);
  json_builder_add_string_value(json, value);
}

static bool add_structure(JsonBuilder *json, const HilumPhantom *phantom, HilumLabelSnapshot *truth,
                          HilumPhantomStructure structure, const HilumProgress *progress, GError **error)
{
  HilumStructureStats stats;
  HilumProgress measuring = hilum_progress_part(progress, 0, 0.6, NULL);
  if (!hilum_structure_stats(truth, (uint8_t)structure, NULL, &stats, &measuring, error)) return false;
  HilumProgress sampling = hilum_progress_part(progress, 0.6, 1, NULL);
  json_builder_begin_object(json);
  add_text(json, "name", hilum_phantom_structure_name(structure));
  add_integer(json, "label", structure);
  add_integer(json, "voxels", (gint64)stats.voxels);
  add_number(json, "voxel_volume_ml", stats.volume_ml);
  add_number(json, "volume_ml", hilum_phantom_volume_ml(phantom, structure, &sampling));
  add_number(json, "max_diameter_mm", stats.max_diameter_mm);
  add_named_point(json, "centroid_mm", stats.centroid_mm);
  json_builder_set_member_name(json, "bounds_mm");
  json_builder_begin_array(json);
  add_point(json, stats.bounds_mm.min);
  add_point(json, stats.bounds_mm.max);
  json_builder_end_array(json);
  add_named_point(json, "seed_mm", hilum_phantom_seed_mm(phantom, structure));
  json_builder_end_object(json);
  return !hilum_progress_fail(progress, error);
}

/* The tumour to everything a surgeon asks about. */
static bool add_distances(JsonBuilder *json, HilumLabelSnapshot *truth, const HilumProgress *progress,
                          GError **error)
{
  static const HilumPhantomStructure others[] = {HILUM_PHANTOM_CYST, HILUM_PHANTOM_ARTERY, HILUM_PHANTOM_VEIN,
                                                 HILUM_PHANTOM_COLLECTING};
  json_builder_set_member_name(json, "distances");
  json_builder_begin_array(json);
  for (size_t n = 0; n < G_N_ELEMENTS(others); n++) {
    HilumProgress part = hilum_progress_part(progress, (double)n / G_N_ELEMENTS(others),
                                             (double)(n + 1) / G_N_ELEMENTS(others), NULL);
    double distance_mm;
    HilumVec3 a, b;
    if (!hilum_structure_distance(truth, HILUM_PHANTOM_TUMOUR, (uint8_t)others[n], &distance_mm, &a, &b,
                                  &part, error))
      return false;
    json_builder_begin_object(json);
    add_text(json, "a", hilum_phantom_structure_name(HILUM_PHANTOM_TUMOUR));
    add_text(json, "b", hilum_phantom_structure_name(others[n]));
    add_number(json, "distance_mm", distance_mm);
    add_named_point(json, "point_a_mm", a);
    add_named_point(json, "point_b_mm", b);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  return true;
}

static void add_phases(JsonBuilder *json, const HilumGrid *grid)
{
  json_builder_set_member_name(json, "dims");
  json_builder_begin_array(json);
  for (int axis = 0; axis < 3; axis++)
    json_builder_add_int_value(json, grid->dims[axis]);
  json_builder_end_array(json);
  json_builder_set_member_name(json, "spacing_mm");
  json_builder_begin_array(json);
  for (int axis = 0; axis < 3; axis++)
    json_builder_add_double_value(json, grid->spacing_mm[axis]);
  json_builder_end_array(json);
  add_named_point(json, "origin_mm", grid->origin_mm);
  json_builder_set_member_name(json, "phases");
  json_builder_begin_array(json);
  for (int phase = 0; phase < HILUM_PHANTOM_PHASES; phase++) {
    json_builder_begin_object(json);
    add_text(json, "name", hilum_phantom_phase_name((HilumPhantomPhase)phase));
    add_text(json, "folder", hilum_sample_phase_folder((HilumPhantomPhase)phase));
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
}

static bool save(JsonBuilder *json, const char *path, GError **error)
{
  g_autoptr(JsonGenerator) generator = json_generator_new();
  JsonNode *root = json_builder_get_root(json);
  json_generator_set_root(generator, root);
  json_node_unref(root);
  json_generator_set_pretty(generator, TRUE);
  gsize length = 0;
  g_autofree char *text = json_generator_to_data(generator, &length);
  HilumFileWriter *writer = hilum_file_writer_new(path, error);
  if (!writer) return false;
  if (!hilum_file_writer_write(writer, text, length, error) ||
      !hilum_file_writer_write(writer, "\n", 1, error)) {
    hilum_file_writer_abort(writer);
    return false;
  }
  return hilum_file_writer_commit(writer, NULL, NULL, error);
}

bool hilum_sample_write_truth(const char *dir, const HilumPhantom *phantom,
                              const HilumPhantomOptions *options, HilumLabelSnapshot *truth,
                              const HilumProgress *progress, GError **error)
{
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  add_integer(json, "seed", (gint64)(options->seed ? options->seed : 1));
  add_phases(json, hilum_phantom_get_grid(phantom));
  json_builder_set_member_name(json, "structures");
  json_builder_begin_array(json);
  for (int s = HILUM_PHANTOM_PARENCHYMA; s <= HILUM_PHANTOM_SINUS; s++) {
    HilumProgress part = hilum_progress_part(progress, (s - 1) * 0.8 / HILUM_PHANTOM_SINUS,
                                             s * 0.8 / HILUM_PHANTOM_SINUS, NULL);
    if (!add_structure(json, phantom, truth, (HilumPhantomStructure)s, &part, error)) return false;
  }
  json_builder_end_array(json);
  HilumProgress part = hilum_progress_part(progress, 0.8, 1, NULL);
  if (!add_distances(json, truth, &part, error)) return false;
  json_builder_end_object(json);
  g_autofree char *path = g_build_filename(dir, "truth.json", NULL);
  return save(json, path, error);
}
