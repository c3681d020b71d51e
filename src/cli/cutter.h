/* The plane or sphere that `section` and `render` cut with. */
#pragma once

#include "cli.h"

#include "hilum/mesh/section.h"

/* For a verb's options. */
#define CLI_CUTTER_OPTIONS                                                                                   \
  {"through", true}, {"normal", true}, {"sphere", true},                                                     \
  {                                                                                                          \
    "radius", true                                                                                           \
  }

/* --through X,Y,Z with --normal X,Y,Z, or --sphere X,Y,Z with --radius MM: at most one; *given is how many.
 */
bool cli_parse_free_cutter(const CliArgs *args, HilumCutter *cutter, int *given, GError **error);
/* The same, or --axial Z, --sagittal X, --coronal Y: exactly one. */
bool cli_parse_cutter(const CliArgs *args, HilumCutter *cutter, GError **error);
