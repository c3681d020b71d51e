/* What places the surfaces that a verb makes: the range that the case remembers of a structure, unless the
 * user says otherwise: --grey NAME=LO:HI (read in --phase), --grey NAME=off, --labels-only. */
#pragma once

#include "cli.h"

#include "hilum/mesh/surface.h"

typedef struct {
  HilumSurfaceRange *ranges; /* owned: by label; NULL: none is in use */
} CliGrey;

/* For an options table: those above. */
#define CLI_GREY_OPTIONS                                                                                     \
  {"grey", true}, {"labels-only", false}, {"phase", true},                                                   \
  {                                                                                                          \
    "images", true                                                                                           \
  }
#define CLI_GREY_USAGE "[--grey NAME=LO:HI|NAME=off]... [--phase N] [--labels-only]"

/* How the case must be opened: with images where surfaces follow them. */
CliImages cli_grey_images(const CliArgs *args);
/* Says on standard error which structure's surface follows its labels because the images are missing. */
bool cli_grey_init(CliGrey *grey, const CliArgs *args, HilumCase *self, GError **error);
void cli_grey_clear(CliGrey *grey);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliGrey, cli_grey_clear)
HilumJoint *cli_grey_joint(const CliGrey *grey, HilumLabelSnapshot *labels,
                           const uint8_t wanted[HILUM_LABEL_COUNT], int smoothing,
                           const HilumProgress *progress, GError **error);
/* What placed a structure's surface: "grey values" (where its boundary is the range's end) or "labels". */
const char *cli_grey_position(const CliGrey *grey, uint8_t label);
/* Into the open object: `position`, and of grey values `range` [lo, hi], null for an open end. */
void cli_grey_report(JsonBuilder *b, const CliGrey *grey, uint8_t label);
