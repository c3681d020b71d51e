/* demo: the synthetic kidney study as genuine CT DICOM, with its truth. */
#include "cli.h"

#include "hilum/sample/sample.h"

#include <stdio.h>

static bool demo(const CliArgs *args, GError **error)
{
  gint64 seed;
  if (!cli_args_expect(args, 0, "", error)) return false;
  const char *dir = cli_args_require(args, "out", error);
  if (!dir || !cli_args_get_int(args, "seed", 1, G_MAXINT32, 1, &seed, error)) return false;

  HilumPhantomOptions options = {.seed = (uint64_t)seed};
  if (cli_args_has(args, "small")) {
    /* Half the voxels along each axis over the same field of view. */
    options =
        (HilumPhantomOptions){.seed = (uint64_t)seed, .dims = {192, 192, 120}, .spacing_mm = {1.6, 1.6, 2.0}};
  }
  if (!hilum_sample_make_with(dir, &options, &args->progress, error)) return false;

  g_autofree char *truth = g_build_filename(dir, "truth.json", NULL);
  g_autofree char *labels = g_build_filename(dir, "truth.nrrd", NULL);
  if (args->json) {
    JsonBuilder *b = cli_json_begin();
    cli_json_string(b, "dir", dir);
    cli_json_string(b, "truth", truth);
    cli_json_string(b, "truth_labels", labels);
    cli_json_end(b);
  } else {
    printf("%s: arterial, nephrographic and excretory phase; the truth is in %s and %s\n", dir, truth,
           labels);
  }
  return true;
}

static const CliOptionSpec options[] = {{"out", true}, {"seed", true}, {"small", false}, {NULL, false}};
const CliVerb cli_verb_demo = {"demo", "demo --out DIR [--seed N] [--small]",
                               "writes the synthetic kidney study as DICOM, with its truth", options, demo};
