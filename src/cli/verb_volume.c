/* volume: the assembled voxels of one series as NRRD, for other programs. */
#include "cli.h"

#include "hilum/exchange/nrrd.h"

#include <stdio.h>

/* Those of the series, and what the voxels say. */
static GArray *collect_findings(const HilumSeriesInfo *info, const HilumVolume *image)
{
  GArray *findings = hilum_findings_new();
  for (size_t i = 0; i < info->n_findings; i++)
    hilum_findings_add(findings, info->findings[i].verdict, info->findings[i].code, "%s",
                       info->findings[i].message);
  hilum_dicom_check_values(info, image, findings);
  return findings;
}

static bool volume(const CliArgs *args, GError **error)
{
  size_t index;
  if (args->positional->len == 0) return cli_args_expect(args, 1, "PATH", error);
  const char *out = cli_args_require(args, "out", error);
  if (!out) return false;

  g_autoptr(HilumCatalog) catalog = cli_scan_volume(args, 0.2, &index, error);
  if (!catalog) return false;
  HilumProgress part;
  part = hilum_progress_part(&args->progress, 0.2, 0.8, "reading pixels");
  g_autoptr(HilumVolume) image = hilum_catalog_load(catalog, index, &part, error);
  if (!image) return false;
  uint64_t clipped = 0;
  part = hilum_progress_part(&args->progress, 0.8, 1, "writing");
  if (!hilum_nrrd_write_volume(out, image, cli_args_has(args, "compress"), &clipped, &part, error))
    return false;

  const HilumGrid *grid = hilum_volume_get_grid(image);
  g_autoptr(GArray) findings = collect_findings(hilum_catalog_get_series(catalog, index), image);
  if (args->json) {
    JsonBuilder *b = cli_json_begin();
    cli_json_string(b, "path", out);
    cli_json_ints(b, "dims", grid->dims, 3);
    cli_json_doubles(b, "spacing_mm", grid->spacing_mm, 3);
    cli_json_string(b, "unit", hilum_volume_get_unit(image));
    cli_json_int(b, "clipped_voxels", (gint64)clipped);
    cli_json_findings(b, (const HilumFinding *)(void *)findings->data, findings->len);
    cli_json_end(b);
  } else {
    printf("%s: %d x %d x %d voxels\n", out, grid->dims[0], grid->dims[1], grid->dims[2]);
    if (clipped)
      printf("%" G_GUINT64_FORMAT " voxels lay outside 16 bits and were clipped\n", (guint64)clipped);
    cli_print_findings((const HilumFinding *)(void *)findings->data, findings->len);
  }
  return true;
}

static const CliOptionSpec options[] = {
    {"volume", true}, {"out", true}, {"compress", false}, {"accept-gaps", false}, {NULL, false}};
const CliVerb cli_verb_volume = {"volume",
                                 "volume PATH... [--volume N] --out FILE.nrrd [--compress] [--accept-gaps]",
                                 "writes the assembled voxels (HU) for other programs", options, volume};
