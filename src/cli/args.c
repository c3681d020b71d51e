/* Command-line arguments: options may stand anywhere and are kept in order. */
#include "cli.h"

#include <string.h>

GQuark hilum_cli_error_quark(void)
{
  return g_quark_from_static_string("hilum-cli-error");
}

const char *cli_args_get(const CliArgs *args, const char *name)
{
  for (guint n = args->options->len; n > 0; n--) {
    const CliOption *option = &g_array_index(args->options, CliOption, n - 1);
    if (strcmp(option->name, name) == 0) return option->value;
  }
  return NULL;
}

bool cli_args_has(const CliArgs *args, const char *name)
{
  for (guint n = 0; n < args->options->len; n++)
    if (strcmp(g_array_index(args->options, CliOption, n).name, name) == 0) return true;
  return false;
}

bool cli_args_expect(const CliArgs *args, guint count, const char *what, GError **error)
{
  if (args->positional->len == count) return true;
  if (args->positional->len < count)
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "%s is missing", what);
  else
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "'%s' was not expected",
                (const char *)args->positional->pdata[count]);
  return false;
}

const char *cli_args_require(const CliArgs *args, const char *name, GError **error)
{
  const char *value = cli_args_get(args, name);
  if (value && *value) return value;
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "--%s is missing", name);
  return NULL;
}

bool cli_args_get_int(const CliArgs *args, const char *name, gint64 min, gint64 max, gint64 fallback,
                      gint64 *out, GError **error)
{
  const char *value = cli_args_get(args, name);
  *out = fallback;
  if (!value) return true;
  if (g_ascii_string_to_signed(value, 10, min, max, out, NULL)) return true;
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
              "--%s wants a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", not '%s'", name,
              min, max, value);
  return false;
}

bool cli_args_get_number(const CliArgs *args, const char *name, double min, double max, double fallback,
                         double *out, GError **error)
{
  const char *value = cli_args_get(args, name);
  *out = fallback;
  if (!value) return true;
  char *end = NULL;
  const double number = g_ascii_strtod(value, &end);
  if (end != value && *end == '\0' && number >= min && number <= max) {
    *out = number;
    return true;
  }
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "--%s wants a number from %g to %g, not '%s'",
              name, min, max, value);
  return false;
}

bool cli_parse_point(const char *text, HilumVec3 *out, GError **error)
{
  g_auto(GStrv) parts = g_strsplit(text, ",", -1);
  double v[3];
  bool good = g_strv_length(parts) == 3;
  for (int n = 0; good && n < 3; n++) {
    char *end = NULL;
    v[n] = g_ascii_strtod(parts[n], &end);
    good = end != parts[n] && *end == '\0' && isfinite(v[n]);
  }
  if (good)
    *out = hilum_vec3(v[0], v[1], v[2]);
  else
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                "a point is X,Y,Z in LPS millimetres, not '%s'", text);
  return good;
}
