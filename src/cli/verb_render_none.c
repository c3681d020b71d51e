/* render in a build without OpenGL (the core preset): says so. */
#include "cli.h"

static bool render(const CliArgs *args, GError **error)
{
  g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT,
                      "this build has no renderer (HILUM_BUILD_APP was off)");
  return false;
}

static const CliOptionSpec options[] = {{"view", true},     {"size", true},   {"out", true},
                                        {"position", true}, {"window", true}, {"phase", true},
                                        {"images", true},   {NULL, false}};
const CliVerb cli_verb_render = {"render", "render CASE --out PNG", "not in this build", options, render};
