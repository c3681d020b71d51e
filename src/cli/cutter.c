/* The plane or sphere that options ask for. */
#include "cutter.h"

bool cli_parse_free_cutter(const CliArgs *args, HilumCutter *cutter, int *given, GError **error)
{
  *given = 0;
  if (cli_args_has(args, "through") || cli_args_has(args, "normal")) {
    const char *through = cli_args_require(args, "through", error);
    const char *normal = through ? cli_args_require(args, "normal", error) : NULL;
    if (!normal || !cli_parse_point(through, &cutter->point_mm, error) ||
        !cli_parse_point(normal, &cutter->normal, error))
      return false;
    ++*given;
  }
  if (cli_args_has(args, "sphere") || cli_args_has(args, "radius")) {
    const char *sphere = cli_args_require(args, "sphere", error);
    cutter->kind = HILUM_CUTTER_SPHERE;
    if (!sphere || !cli_args_require(args, "radius", error) ||
        !cli_args_get_number(args, "radius", 0.01, 1e4, 0, &cutter->radius_mm, error) ||
        !cli_parse_point(sphere, &cutter->point_mm, error))
      return false;
    ++*given;
  }
  return true;
}

bool cli_parse_cutter(const CliArgs *args, HilumCutter *cutter, GError **error)
{
  static const char *const planes[] = {"sagittal", "coronal", "axial"}; /* along x, y, z */
  int given;
  *cutter = (HilumCutter){.kind = HILUM_CUTTER_PLANE};
  if (!cli_parse_free_cutter(args, cutter, &given, error)) return false;
  for (int a = 0; a < 3; a++) {
    double at;
    if (!cli_args_has(args, planes[a])) continue;
    if (!cli_args_get_number(args, planes[a], -1e5, 1e5, 0, &at, error)) return false;
    cutter->normal = hilum_vec3(a == 0, a == 1, a == 2);
    cutter->point_mm = hilum_vec3_scale(cutter->normal, at);
    given++;
  }
  if (given == 1) return true;
  g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                      "A cut takes one of --axial Z, --sagittal X, --coronal Y, --through X,Y,Z with "
                      "--normal X,Y,Z, and --sphere X,Y,Z with --radius MM");
  return false;
}
