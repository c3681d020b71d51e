/* Which structures' surfaces are placed by the images' values. */
#include "grey_ranges.h"

#include "hilum/casefile/boundaries.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "LO:HI", either side may be empty. */
static bool parse_range(const char *text, HilumSurfaceRange *range)
{
  const char *colon = strchr(text, ':');
  char *end;
  *range = (HilumSurfaceRange){-INFINITY, INFINITY, NULL};
  if (!colon || strlen(text) < 2) return false;
  if (colon > text) {
    range->lo = g_ascii_strtod(text, &end);
    if (end != colon) return false;
  }
  if (colon[1]) {
    range->hi = g_ascii_strtod(colon + 1, &end);
    if (*end) return false;
  }
  return range->lo < range->hi;
}

CliImages cli_grey_images(const CliArgs *args)
{
  if (cli_args_has(args, "labels-only")) return CLI_IMAGES_NONE;
  return cli_args_has(args, "grey") ? CLI_IMAGES_IF_FOUND : CLI_IMAGES_IF_FOLLOWED;
}

/* One --grey, in the place of what the case says. */
static bool take_option(CliGrey *grey, const char *text, HilumCase *self, guint phase, GError **error)
{
  const char *equals = strrchr(text, '=');
  const bool off = equals && strcmp(equals + 1, "off") == 0;
  HilumSurfaceRange range = {0, 0, NULL};
  if (!equals || (!off && !parse_range(equals + 1, &range))) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                "--grey is NAME=LO:HI, such as \"Kidney=130:300\", or NAME=off, not '%s'", text);
    return false;
  }
  g_autofree char *name = g_strndup(text, (gsize)(equals - text));
  HilumStructure *structure = cli_find_structure(self, name, error);
  HilumVolume *image = structure && !off ? hilum_case_require_volume(self, phase, error) : NULL;
  if (!structure || (!off && !image)) return false;
  HilumSurfaceRange *place = &grey->ranges[hilum_structure_get_label(structure)];
  g_clear_pointer(&place->image, hilum_volume_unref);
  *place = range;
  place->image = image ? hilum_volume_ref(image) : NULL;
  return true;
}

static void warn_of_missing(const CliGrey *grey, HilumCase *self)
{
  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if (hilum_structure_boundary_is_range(hilum_structure_get_boundary(structure)) &&
        !grey->ranges[hilum_structure_get_label(structure)].image)
      fprintf(stderr,
              "%s: its surface follows grey values, but their images are missing; the labels are used\n",
              hilum_structure_get_name(structure));
  }
}

bool cli_grey_init(CliGrey *grey, const CliArgs *args, HilumCase *self, GError **error)
{
  gint64 phase;
  if (!cli_args_get_int(args, "phase", 0, 255, 0, &phase, error)) return false;
  if (cli_args_has(args, "labels-only")) {
    if (!cli_args_has(args, "grey")) return true;
    g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                        "--labels-only and --grey exclude each other");
    return false;
  }
  grey->ranges = hilum_case_dup_surface_ranges(self);
  warn_of_missing(grey, self);
  for (guint n = 0; n < args->options->len; n++) {
    const CliOption *option = &g_array_index(args->options, CliOption, n);
    if (strcmp(option->name, "grey") == 0 && !take_option(grey, option->value, self, (guint)phase, error))
      return false;
  }
  return true;
}

void cli_grey_clear(CliGrey *grey)
{
  g_clear_pointer(&grey->ranges, hilum_surface_ranges_free);
}

HilumJoint *cli_grey_joint(const CliGrey *grey, HilumLabelSnapshot *labels,
                           const uint8_t wanted[HILUM_LABEL_COUNT], int smoothing,
                           const HilumProgress *progress, GError **error)
{
  return hilum_surface_joint_new_grey(labels, wanted, grey->ranges, smoothing, progress, error);
}

static bool follows(const CliGrey *grey, uint8_t label)
{
  return grey->ranges && hilum_surface_range_in_use(&grey->ranges[label]);
}

const char *cli_grey_position(const CliGrey *grey, uint8_t label)
{
  return follows(grey, label) ? "grey values" : "labels";
}

void cli_grey_report(JsonBuilder *b, const CliGrey *grey, uint8_t label)
{
  cli_json_string(b, "position", cli_grey_position(grey, label));
  if (follows(grey, label))
    cli_json_doubles(b, "range", (const double[]){grey->ranges[label].lo, grey->ranges[label].hi}, 2);
}
