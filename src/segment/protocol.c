/* Protocols: reading them. What only the images can say is filled in by protocol_fill.c. */
#include "protocol_private.h"

#include "hilum/segment/error.h"

#include <string.h>

#define MAX_STAGES 64
#define MAX_STEPS_A_STAGE 64

static void stage_clear(gpointer data)
{
  ProtocolStage *stage = data;
  g_free(stage->structure);
  g_free(stage->title);
  g_free(stage->prompt);
  g_free(stage->note);
  g_strfreev(stage->phases);
  g_clear_pointer(&stage->lines, g_ptr_array_unref);
}

void hilum_protocol_free(HilumProtocol *protocol)
{
  if (protocol == NULL) return;
  g_free(protocol->name);
  g_free(protocol->version);
  g_free(protocol->note);
  g_array_unref(protocol->stages);
  g_free(protocol);
}

static bool fail(GError **error, const char *group, const char *format, ...) G_GNUC_PRINTF(3, 4);
static bool fail(GError **error, const char *group, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "[%s]: %s", group, text);
  return false;
}

/* NULL where the key is absent; an empty value counts as that. */
static char *text_of(GKeyFile *file, const char *group, const char *key)
{
  g_autofree char *text = g_key_file_get_string(file, group, key, NULL);
  return text != NULL && *text != '\0' ? g_steal_pointer(&text) : NULL;
}

static bool is_step_key(const char *key)
{
  return g_str_has_prefix(key, "step") && key[4] != '\0' && strspn(key + 4, "0123456789") == strlen(key + 4);
}

static bool check_keys(GKeyFile *file, const char *group, GError **error)
{
  static const char *const known[] = {"structure", "title", "phase", "click", "prompt", "note", "expect-ml"};
  g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);
  for (size_t k = 0; keys[k] != NULL; k++) {
    bool found = is_step_key(keys[k]);
    for (size_t n = 0; n < G_N_ELEMENTS(known) && !found; n++)
      found = strcmp(keys[k], known[n]) == 0;
    if (!found) return fail(error, group, "The key “%s” is not known.", keys[k]);
  }
  return true;
}

static bool read_click(GKeyFile *file, const char *group, ProtocolStage *stage, GError **error)
{
  static const char *const words[] = {"none", "optional", "required"};
  g_autofree char *text = text_of(file, group, "click");
  if (text == NULL) return true;
  for (size_t n = 0; n < G_N_ELEMENTS(words); n++)
    if (strcmp(text, words[n]) == 0) {
      stage->shown.click = (HilumClickNeed)n;
      return true;
    }
  return fail(error, group, "“%s” is not none, optional or required.", text);
}

static bool read_expected(GKeyFile *file, const char *group, ProtocolStage *stage, GError **error)
{
  g_autofree char *text = text_of(file, group, "expect-ml");
  if (text == NULL) return true;
  HilumStep parsed = {0}; /* the same range as a threshold's */
  bool joined = false;
  if (!hilum_step_parse("threshold", text, NULL, &parsed, &joined, NULL))
    return fail(error, group, "“%s” is not a range of millilitres, such as 80:400.", text);
  stage->shown.has_expected = true;
  stage->shown.least_ml = parsed.lo;
  stage->shown.most_ml = parsed.hi;
  return true;
}

/* step1, step2 ... without gaps. */
static bool read_lines(GKeyFile *file, const char *group, ProtocolStage *stage, GError **error)
{
  stage->lines = g_ptr_array_new_with_free_func(g_free);
  for (guint n = 1; n <= MAX_STEPS_A_STAGE; n++) {
    g_autofree char *key = g_strdup_printf("step%u", n);
    char *line = text_of(file, group, key);
    if (line == NULL) break;
    g_ptr_array_add(stage->lines, line);
  }
  g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);
  guint there = 0;
  for (size_t k = 0; keys[k] != NULL; k++)
    there += is_step_key(keys[k]);
  if (stage->lines->len == 0) return fail(error, group, "It has no step1.");
  if (there != stage->lines->len)
    return fail(error, group, "Its steps are not numbered step1, step2 … without gaps (%u at most).",
                MAX_STEPS_A_STAGE);
  return true;
}

static bool read_stage(GKeyFile *file, const char *group, ProtocolStage *stage, GError **error)
{
  if (!check_keys(file, group, error)) return false;
  stage->structure = text_of(file, group, "structure");
  stage->title = text_of(file, group, "title");
  stage->prompt = text_of(file, group, "prompt");
  stage->note = text_of(file, group, "note");
  stage->phases = g_key_file_get_string_list(file, group, "phase", NULL, NULL);
  if (stage->structure == NULL) return fail(error, group, "It names no structure.");
  if (stage->phases == NULL || stage->phases[0] == NULL) {
    g_strfreev(stage->phases);
    stage->phases = g_strsplit("any", ";", -1);
  }
  if (!read_click(file, group, stage, error) || !read_expected(file, group, stage, error) ||
      !read_lines(file, group, stage, error))
    return false;
  HilumStage *shown = &stage->shown;
  shown->structure = stage->structure;
  shown->title = stage->title != NULL ? stage->title : stage->structure;
  shown->prompt = stage->prompt != NULL ? stage->prompt : "";
  shown->note = stage->note != NULL ? stage->note : "";
  shown->phases = (const char *const *)stage->phases;
  return true;
}

static bool read_stages(GKeyFile *file, HilumProtocol *protocol, GError **error)
{
  g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
  for (size_t g = 0; groups[g] != NULL; g++) {
    if (strcmp(groups[g], "protocol") == 0) continue;
    g_autofree char *expected = g_strdup_printf("stage %u", protocol->stages->len + 1);
    if (strcmp(groups[g], expected) != 0 || protocol->stages->len >= MAX_STAGES)
      return fail(error, groups[g], "It stands where [%s] is expected.", expected);
    ProtocolStage stage = {0};
    const bool good = read_stage(file, groups[g], &stage, error);
    g_array_append_val(protocol->stages, stage); /* freed with it, whole or not */
    if (!good) return false;
  }
  if (protocol->stages->len > 0) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "It holds no [stage 1].");
  return false;
}

static HilumProtocol *read_protocol(GKeyFile *file, GError **error)
{
  g_autoptr(HilumProtocol) protocol = g_new0(HilumProtocol, 1);
  protocol->stages = g_array_new(FALSE, TRUE, sizeof(ProtocolStage));
  g_array_set_clear_func(protocol->stages, stage_clear);
  protocol->name = text_of(file, "protocol", "name");
  protocol->version = text_of(file, "protocol", "version");
  protocol->note = text_of(file, "protocol", "note");
  if (!read_stages(file, protocol, error) || !hilum_protocol_try(protocol, error)) return NULL;
  return g_steal_pointer(&protocol);
}

/* Whatever the key file reader says of its syntax is an error of the protocol. */
static HilumProtocol *finish(GKeyFile *file, bool loaded, const char *shown, GError *cause, GError **error)
{
  HilumProtocol *protocol = loaded ? read_protocol(file, &cause) : NULL;
  if (protocol != NULL) return protocol;
  if (cause->domain == G_KEY_FILE_ERROR || cause->domain == G_SHELL_ERROR ||
      cause->domain == HILUM_SEGMENT_ERROR)
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "The protocol %s does not parse: %s",
                shown, cause->message);
  else
    g_set_error(error, cause->domain, cause->code, "The protocol %s cannot be used: %s", shown,
                cause->message);
  g_error_free(cause);
  return NULL;
}

HilumProtocol *hilum_protocol_load(const char *path, GError **error)
{
  g_return_val_if_fail(path != NULL, NULL);
  g_autofree char *shown = g_filename_display_name(path);
  g_autoptr(GKeyFile) file = g_key_file_new();
  GError *cause = NULL;
  const bool loaded = g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &cause);
  return finish(file, loaded, shown, cause, error);
}

HilumProtocol *hilum_protocol_new_from_data(const char *data, gsize length, GError **error)
{
  g_return_val_if_fail(data != NULL, NULL);
  g_autoptr(GKeyFile) file = g_key_file_new();
  GError *cause = NULL;
  const bool loaded = g_key_file_load_from_data(file, data, length, G_KEY_FILE_NONE, &cause);
  return finish(file, loaded, "text", cause, error);
}

const char *hilum_protocol_get_name(const HilumProtocol *protocol)
{
  return protocol->name != NULL ? protocol->name : "";
}

const char *hilum_protocol_get_version(const HilumProtocol *protocol)
{
  return protocol->version != NULL ? protocol->version : "";
}

const char *hilum_protocol_get_note(const HilumProtocol *protocol)
{
  return protocol->note != NULL ? protocol->note : "";
}

size_t hilum_protocol_get_count(const HilumProtocol *protocol)
{
  return protocol->stages->len;
}

const HilumStage *hilum_protocol_get_stage(const HilumProtocol *protocol, size_t index)
{
  g_return_val_if_fail(index < protocol->stages->len, NULL);
  return &g_array_index(protocol->stages, ProtocolStage, index).shown;
}
