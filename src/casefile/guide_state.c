/* "ct-three-phases 2" and, for every click, "; STAGE X Y Z", numbers in the C locale. */
#include "hilum/casefile/guide_state.h"

#include <math.h>
#include <string.h>

#define FARTHEST_MM 1e5

void hilum_guide_state_clear(HilumGuideState *state)
{
  g_clear_pointer(&state->name, g_free);
  g_clear_pointer(&state->clicks_mm, g_free);
  g_clear_pointer(&state->clicked, g_free);
}

char *hilum_guide_state_dup_text(const HilumGuideState *state, size_t count)
{
  GString *text = g_string_new(state->name);
  g_string_append_printf(text, " %zu", state->stage);
  for (size_t n = 0; n < count; n++) {
    char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE], z[G_ASCII_DTOSTR_BUF_SIZE];
    const HilumVec3 p = state->clicks_mm[n];
    if (!state->clicked[n]) continue;
    g_string_append_printf(text, "; %zu %s %s %s", n, g_ascii_dtostr(x, sizeof x, p.x),
                           g_ascii_dtostr(y, sizeof y, p.y), g_ascii_dtostr(z, sizeof z, p.z));
  }
  return g_string_free(text, FALSE);
}

static bool parse_index(const char *text, size_t most, size_t *index)
{
  guint64 value;
  if (!g_ascii_string_to_unsigned(text, 10, 0, most, &value, NULL)) return false;
  *index = (size_t)value;
  return true;
}

static bool parse_number(const char *text, double *value)
{
  char *end;
  *value = g_ascii_strtod(text, &end);
  return end != text && *end == 0 && isfinite(*value) && fabs(*value) <= FARTHEST_MM;
}

static bool parse_click(const char *text, size_t count, HilumGuideState *state)
{
  g_auto(GStrv) words = g_strsplit(text, " ", 6);
  size_t n;
  HilumVec3 p;
  if (g_strv_length(words) != 5 || *words[0] || !parse_index(words[1], count - 1, &n) ||
      !parse_number(words[2], &p.x) || !parse_number(words[3], &p.y) || !parse_number(words[4], &p.z))
    return false;
  state->clicks_mm[n] = p;
  state->clicked[n] = true;
  return true;
}

static bool parse(char *const *parts, HilumGuideState *state, HilumProtocol **protocol)
{
  g_auto(GStrv) words = parts[0] ? g_strsplit(parts[0], " ", 3) : NULL;
  if (!words || g_strv_length(words) != 2 || !g_strv_contains(hilum_protocol_list_builtin(), words[0]))
    return false;
  *protocol = hilum_protocol_load_builtin(words[0], NULL);
  const size_t count = *protocol ? hilum_protocol_get_count(*protocol) : 0;
  if (count == 0 || !parse_index(words[1], count, &state->stage)) return false;
  state->name = g_strdup(words[0]);
  state->clicks_mm = g_new0(HilumVec3, count);
  state->clicked = g_new0(bool, count);
  for (size_t n = 1; parts[n]; n++)
    if (!parse_click(parts[n], count, state)) return false;
  return true;
}

bool hilum_guide_state_parse(const char *text, HilumGuideState *state, HilumProtocol **protocol)
{
  g_auto(GStrv) parts = g_strsplit(text, ";", 0);
  *state = (HilumGuideState){0};
  *protocol = NULL;
  if (parse(parts, state, protocol)) return true;
  hilum_guide_state_clear(state);
  g_clear_pointer(protocol, hilum_protocol_free);
  return false;
}
