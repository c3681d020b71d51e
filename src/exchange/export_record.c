/* The record of an export. */
#include "hilum/exchange/export_record.h"

#include "hilum/base/file_writer.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static void put_string(JsonBuilder *b, const char *name, const char *value)
{
  json_builder_set_member_name(b, name);
  json_builder_add_string_value(b, value);
}

static void put_number(JsonBuilder *b, const char *name, double value)
{
  json_builder_set_member_name(b, name);
  if (isfinite(value))
    json_builder_add_double_value(b, value);
  else
    json_builder_add_null_value(b);
}

static void put_count(JsonBuilder *b, const char *name, uint64_t value)
{
  json_builder_set_member_name(b, name);
  json_builder_add_int_value(b, (gint64)value);
}

static void put_when(JsonBuilder *b, const char *path)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *time = g_date_time_format_iso8601(now), *name = g_filename_display_basename(path);
  put_string(b, "file", name);
  put_string(b, "time", time);
  put_string(b, "program", "Hilum " HILUM_VERSION);
}

static void put_modification(JsonBuilder *b, const HilumModification *m)
{
  json_builder_begin_object(b);
  put_string(b, "op", m->op);
  put_number(b, "value", m->value);
  put_count(b, "count", m->count);
  put_number(b, "resolution_mm", m->resolution_mm > 0 ? m->resolution_mm : (double)NAN);
  put_count(b, "shells_before", m->shells_before);
  put_count(b, "shells_after", m->shells_after);
  put_number(b, "volume_before_ml", m->volume_before_mm3 / 1000);
  put_number(b, "volume_after_ml", (m->volume_before_mm3 + m->volume_change_mm3) / 1000);
  put_number(b, "hausdorff_mm", m->deviation_mm);
  if (!isnan(m->least_mm)) {
    put_number(b, "least_mm", m->least_mm);
    put_count(b, "below", m->below);
    put_number(b, "tolerance_mm", m->tolerance_mm);
  }
  json_builder_end_object(b);
}

static void put_surface(JsonBuilder *b, const HilumExportedSurface *s, const char *path)
{
  json_builder_begin_object(b);
  put_string(b, "structure", s->structure);
  if (path) put_when(b, path);
  put_string(b, "position", s->position);
  put_count(b, "smoothing", (uint64_t)s->smoothing);
  put_number(b, "volume_ml", s->volume_mm3 / 1000);
  json_builder_set_member_name(b, "modifications");
  json_builder_begin_array(b);
  for (guint n = 0; n < s->modifications->len; n++)
    put_modification(b, &g_array_index(s->modifications, HilumModification, n));
  json_builder_end_array(b);
  json_builder_end_object(b);
}

static char *to_text(JsonBuilder *b, bool pretty)
{
  g_autoptr(JsonNode) root = json_builder_get_root(b);
  g_autoptr(JsonGenerator) generator = json_generator_new();
  json_generator_set_root(generator, root);
  json_generator_set_pretty(generator, pretty);
  return json_generator_to_data(generator, NULL);
}

char *hilum_exported_surface_to_json(const HilumExportedSurface *surface, const char *path)
{
  g_autoptr(JsonBuilder) b = json_builder_new();
  put_surface(b, surface, path);
  return to_text(b, false);
}

bool hilum_export_record_write(const char *path, const char *sha256, HilumFrame frame,
                               const HilumExportedSurface *surfaces, size_t n, GError **error)
{
  g_autoptr(JsonBuilder) b = json_builder_new();
  json_builder_begin_object(b);
  put_when(b, path);
  put_string(b, "sha256", sha256);
  put_string(b, "frame", frame == HILUM_FRAME_RAS ? "RAS mm" : "LPS mm");
  put_string(b, "note", "Planning aid. Not for diagnosis.");
  json_builder_set_member_name(b, "surfaces");
  json_builder_begin_array(b);
  for (size_t s = 0; s < n; s++)
    put_surface(b, &surfaces[s], NULL);
  json_builder_end_array(b);
  json_builder_end_object(b);
  g_autofree char *text = to_text(b, true), *beside = g_strconcat(path, ".json", NULL);
  HilumFileWriter *writer = hilum_file_writer_new(beside, error);
  if (!writer) return false;
  if (hilum_file_writer_write(writer, text, strlen(text), error) &&
      hilum_file_writer_write(writer, "\n", 1, error))
    return hilum_file_writer_commit(writer, NULL, NULL, error);
  hilum_file_writer_abort(writer);
  return false;
}
