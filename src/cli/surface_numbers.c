/* Numbers of a surface. */
#include "surface_numbers.h"

#include "hilum/mesh/measure.h"

#include <stdio.h>

bool cli_surface_numbers(const HilumMesh *surface, const HilumMesh *bare, CliSurfaceNumbers *n,
                         const HilumProgress *progress, GError **error)
{
  *n = (CliSurfaceNumbers){.has_label = bare != NULL};
  HilumProgress part = hilum_progress_part(progress, 0, 0.1, NULL);
  if (!hilum_mesh_measure(surface, &n->report, &part, error)) return false;
  part = hilum_progress_part(progress, 0.1, 0.5, NULL);
  if (!hilum_mesh_look_beyond(surface, &n->report, &n->beyond, &part, error)) return false;
  part = hilum_progress_part(progress, 0.5, 0.6, NULL);
  if (!hilum_mesh_curvature(surface, &n->curvature, NULL, NULL, &part, error)) return false;
  part = hilum_progress_part(progress, 0.6, 1, NULL);
  return !bare || hilum_mesh_distance_symmetric(surface, bare, &n->from_label, &part, error);
}

void cli_json_surface(JsonBuilder *b, const CliSurfaceNumbers *n)
{
  cli_json_double(b, "area_mm2", n->report.area_mm2);
  cli_json_double(b, "volume_ml", n->report.volume_mm3 / 1000);
  cli_json_verdict(b, &n->report, &n->beyond);
  cli_json_curvature(b, &n->curvature);
  if (n->has_label) cli_json_distance(b, "label_distance", &n->from_label);
}

void cli_print_surface(const CliSurfaceNumbers *n)
{
  const HilumThickness *t = &n->beyond.thickness;
  const HilumCurvatureSpread *mean = &n->curvature.mean_per_mm, *gauss = &n->curvature.gaussian_per_mm2;
  printf("    surface %.1f mm2, %.2f ml (divergence)", n->report.area_mm2, n->report.volume_mm3 / 1000);
  if (isfinite(t->min_ball_mm))
    printf(", thinnest %.2f mm by ray, %.2f mm by ball at %.2f %.2f %.2f mm", t->min_ray_mm, t->min_ball_mm,
           t->thinnest_mm.x, t->thinnest_mm.y, t->thinnest_mm.z);
  if (n->has_label)
    printf("; from the label mean %.3f mm, 95 %% %.3f mm, greatest %.3f mm", n->from_label.mean_mm,
           n->from_label.p95_mm, n->from_label.max_mm);
  printf("\n    curvature mean %.4f (5, 50, 95 %%: %.4f, %.4f, %.4f) /mm, Gaussian %.5f (%.5f, %.5f, %.5f) "
         "/mm2\n",
         mean->mean, mean->p5, mean->median, mean->p95, gauss->mean, gauss->p5, gauss->median, gauss->p95);
}
