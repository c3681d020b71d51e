/* exports: what a case remembers of its exports. */
#include "cli.h"

#include <math.h>
#include <stdio.h>

static double get_number(JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member(object, name);
  return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : (double)NAN;
}

static const char *get_text(JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member(object, name);
  const char *text = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
  return text ? text : "?";
}

static void print_note(JsonObject *note)
{
  printf("%s  %s  %s  %.2f ml\n", get_text(note, "time"), get_text(note, "file"), get_text(note, "structure"),
         get_number(note, "volume_ml"));
  JsonNode *node = json_object_get_member(note, "modifications");
  JsonArray *list = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
  for (guint n = 0; list && n < json_array_get_length(list); n++) {
    JsonNode *element = json_array_get_element(list, n);
    if (!JSON_NODE_HOLDS_OBJECT(element)) continue;
    JsonObject *m = json_node_get_object(element);
    printf("    %s %g: %.2f ml before, %.2f ml after", get_text(m, "op"), get_number(m, "value"),
           get_number(m, "volume_before_ml"), get_number(m, "volume_after_ml"));
    if (isfinite(get_number(m, "hausdorff_mm")))
      printf(", at most %.3f mm apart", get_number(m, "hausdorff_mm"));
    putchar('\n');
  }
}

static bool exports(const CliArgs *args, GError **error)
{
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_NONE, error);
  if (!self) return false;
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  if (b) {
    json_builder_set_member_name(b, "exports");
    json_builder_begin_array(b);
  }
  for (guint n = 0; n < hilum_case_get_export_count(self); n++) {
    g_autoptr(JsonNode) note = json_from_string(hilum_case_get_export(self, n), NULL);
    if (!note || !JSON_NODE_HOLDS_OBJECT(note)) continue; /* of another program */
    if (b)
      json_builder_add_value(b, json_node_copy(note));
    else
      print_note(json_node_get_object(note));
  }
  if (b) {
    json_builder_end_array(b);
    cli_json_end(b);
  }
  return true;
}

static const CliOptionSpec options[] = {{NULL, false}};
const CliVerb cli_verb_exports = {
    "exports", "exports CASE", "what was done to surfaces that were exported from a case", options, exports};
