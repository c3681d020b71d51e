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

static void add_structure(JsonBuilder *json, const HilumPhantom *phantom, HilumPhantomStructure structure,
                          const HilumPhantomTruthStructure *truth, const HilumStructureStats *stats)
{
  json_builder_begin_object(json);
  add_text(json, "name", hilum_phantom_structure_name(structure));
  add_integer(json, "label", structure);
  add_integer(json, "voxels", (gint64)stats->voxels);
  add_number(json, "voxel_volume_ml", stats->volume_ml);
  add_number(json, "volume_ml", truth->volume_ml);
  add_number(json, "max_diameter_mm", stats->max_diameter_mm);
  add_named_point(json, "centroid_mm", stats->centroid_mm);
  json_builder_set_member_name(json, "bounds_mm");
  json_builder_begin_array(json);
  add_point(json, stats->bounds_mm.min);
  add_point(json, stats->bounds_mm.max);
  json_builder_end_array(json);
  add_named_point(json, "seed_mm", hilum_phantom_seed_mm(phantom, structure));
  json_builder_end_object(json);
}

/* Structures 1..7: what a user is asked to make. */
static bool add_structures(JsonBuilder *json, const HilumPhantom *phantom, HilumLabelSnapshot *labels,
                           const HilumPhantomTruth *truth, const HilumProgress *progress, GError **error)
{
  json_builder_set_member_name(json, "structures");
  json_builder_begin_array(json);
  for (int s = HILUM_PHANTOM_PARENCHYMA; s <= HILUM_PHANTOM_SINUS; s++) {
    HilumStructureStats stats;
    HilumProgress part =
        hilum_progress_part(progress, (s - 1.0) / HILUM_PHANTOM_SINUS, (double)s / HILUM_PHANTOM_SINUS, NULL);
    if (!hilum_structure_stats(labels, (uint8_t)s, NULL, &stats, &part, error)) return false;
    add_structure(json, phantom, (HilumPhantomStructure)s, &truth->structures[s], &stats);
  }
  json_builder_end_array(json);
  return true;
}

/* The tumour to everything a surgeon asks about. */
static void add_distances(JsonBuilder *json, const HilumPhantomTruth *truth)
{
  json_builder_set_member_name(json, "distances");
  json_builder_begin_array(json);
  for (int n = 0; n < HILUM_PHANTOM_TRUTH_DISTANCES; n++) {
    const HilumPhantomTruthDistance *d = &truth->distances[n];
    json_builder_begin_object(json);
    add_text(json, "a", hilum_phantom_structure_name(d->a));
    add_text(json, "b", hilum_phantom_structure_name(d->b));
    add_number(json, "distance_mm", d->distance_mm);
    add_named_point(json, "point_a_mm", d->point_a_mm);
    add_named_point(json, "point_b_mm", d->point_b_mm);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
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
                              const HilumPhantomOptions *options, HilumLabelSnapshot *labels,
                              const HilumProgress *progress, GError **error)
{
  HilumPhantomTruth truth;
  HilumProgress part = hilum_progress_part(progress, 0, 0.7, NULL);
  if (!hilum_phantom_truth_report(phantom, labels, &truth, &part, error)) return false;
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  add_integer(json, "seed", (gint64)(options->seed ? options->seed : 1));
  add_phases(json, hilum_phantom_get_grid(phantom));
  part = hilum_progress_part(progress, 0.7, 1, NULL);
  if (!add_structures(json, phantom, labels, &truth, &part, error)) return false;
  add_distances(json, &truth);
  add_number(json, "tumour_exophytic_share", truth.tumour_exophytic);
  add_number(json, "smallest_artery_radius_mm", truth.smallest_artery_radius_mm);
  add_number(json, "ureter_radius_mm", truth.ureter_radius_mm);
  json_builder_end_object(json);
  g_autofree char *path = g_build_filename(dir, "truth.json", NULL);
  return save(json, path, error);
}
