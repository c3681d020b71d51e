/* load: a case from one volume; again with the same case, another phase. */
#include "cli.h"

#include <stdio.h>

static bool load(const CliArgs *args, GError **error)
{
  size_t index;
  if (args->positional->len == 0) return cli_args_expect(args, 1, "PATH", error);
  const char *path = cli_args_require(args, "case", error);
  if (!path) return false;

  g_autoptr(HilumCatalog) catalog = cli_scan_volume(args, 0.2, &index, error);
  if (!catalog) return false;
  HilumProgress part;

  g_autoptr(HilumCase) self = NULL;
  if (g_file_test(path, G_FILE_TEST_EXISTS)) {
    part = hilum_progress_part(&args->progress, 0.2, 0.5, "opening the case");
    self = hilum_case_open(path, NULL, 0, NULL, &part, error);
    if (!self) return false;
  } else {
    self = hilum_case_new();
  }
  part = hilum_progress_part(&args->progress, 0.5, 0.8, "reading pixels");
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, index, &part, error);
  if (!volume) return false;
  const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, index);
  HilumPhase *phase = hilum_case_add_phase(self, info, volume, error);
  if (!phase) return false;
  part = hilum_progress_part(&args->progress, 0.8, 1, "writing the case");
  if (!hilum_case_save(self, path, &part, error)) return false;

  const HilumGrid *grid = hilum_volume_get_grid(volume);
  size_t n_findings; /* of the series, and of how it lies on the first phase */
  const HilumFinding *findings = hilum_phase_get_findings(phase, &n_findings);
  if (args->json) {
    JsonBuilder *b = cli_json_begin();
    cli_json_string(b, "case", path);
    cli_json_string(b, "phase", hilum_phase_get_name(phase));
    cli_json_int(b, "phases", hilum_case_get_phase_count(self));
    cli_json_ints(b, "dims", grid->dims, 3);
    cli_json_doubles(b, "spacing_mm", grid->spacing_mm, 3);
    cli_json_string(b, "verdict", hilum_verdict_name(hilum_phase_get_verdict(phase)));
    cli_json_findings(b, findings, n_findings);
    cli_json_end(b);
  } else {
    printf("%s: phase %u, %s, %d x %d x %d voxels of %.4g x %.4g x %.4g mm\n", path,
           hilum_case_get_phase_count(self), hilum_phase_get_name(phase), grid->dims[0], grid->dims[1],
           grid->dims[2], grid->spacing_mm[0], grid->spacing_mm[1], grid->spacing_mm[2]);
    cli_print_findings(findings, n_findings);
  }
  return true;
}

static const CliOptionSpec options[] = {
    {"volume", true}, {"case", true}, {"accept-gaps", false}, {NULL, false}};
const CliVerb cli_verb_load = {"load", "load PATH... [--volume N] --case FILE [--accept-gaps]",
                               "makes a case from one volume; repeat with the same case to add phases",
                               options, load};
