/* --grey NAME=LO:HI: which structures' surfaces are placed by the image's values. */
#include "grey_ranges.h"

#include <math.h>
#include <string.h>

/* "LO:HI", either side may be empty. */
static bool parse_range(const char *text, HilumSurfaceRange *range)
{
  const char *colon = strchr(text, ':');
  char *end;
  *range = (HilumSurfaceRange){-INFINITY, INFINITY};
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
  return cli_args_has(args, "grey") ? CLI_IMAGES_IF_FOUND : CLI_IMAGES_NONE;
}

bool cli_grey_ranges(const CliArgs *args, HilumCase *self, CliGrey *grey, GError **error)
{
  gint64 phase;
  *grey = (CliGrey){.image = NULL};
  if (!cli_args_get_int(args, "phase", 0, 255, 0, &phase, error)) return false;
  for (guint n = 0; n < args->options->len; n++) {
    const CliOption *option = &g_array_index(args->options, CliOption, n);
    if (strcmp(option->name, "grey") != 0) continue;
    const char *equals = strrchr(option->value, '=');
    HilumSurfaceRange range;
    if (!equals || !parse_range(equals + 1, &range)) {
      g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                  "--grey is NAME=LO:HI, such as \"Kidney=130:300\", not '%s'", option->value);
      return false;
    }
    g_autofree char *name = g_strndup(option->value, (gsize)(equals - option->value));
    HilumStructure *structure = cli_find_structure(self, name, error);
    if (!structure) return false;
    grey->ranges[hilum_structure_get_label(structure)] = range;
    if (!grey->image && !(grey->image = hilum_case_require_volume(self, (guint)phase, error))) return false;
  }
  return true;
}

HilumJoint *cli_grey_joint(const CliGrey *grey, HilumLabelSnapshot *labels,
                           const uint8_t wanted[HILUM_LABEL_COUNT], int smoothing,
                           const HilumProgress *progress, GError **error)
{
  return grey->image ? hilum_surface_joint_new_grey(labels, wanted, grey->image, grey->ranges, smoothing,
                                                    progress, error)
                     : hilum_surface_joint_new(labels, wanted, smoothing, progress, error);
}

const char *cli_grey_position(const CliGrey *grey, uint8_t label)
{
  return grey->image && grey->ranges[label].lo < grey->ranges[label].hi ? "grey values" : "labels";
}
