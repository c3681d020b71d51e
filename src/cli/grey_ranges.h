/* Surfaces placed by the image's values (hilum/mesh/surface.h) where the user says which range made a
 * structure. */
#pragma once

#include "cli.h"

#include "hilum/mesh/surface.h"

typedef struct {
  HilumVolume *image; /* borrowed from the case; NULL: labels only */
  HilumSurfaceRange ranges[HILUM_LABEL_COUNT];
} CliGrey;

/* How the case must be opened. */
CliImages cli_grey_images(const CliArgs *args);
/* --grey NAME=LO:HI, any number of them, read in --phase (0). */
bool cli_grey_ranges(const CliArgs *args, HilumCase *self, CliGrey *grey, GError **error);
HilumJoint *cli_grey_joint(const CliGrey *grey, HilumLabelSnapshot *labels,
                           const uint8_t wanted[HILUM_LABEL_COUNT], int smoothing,
                           const HilumProgress *progress, GError **error);
/* What placed a structure's surface: "grey values" (where its boundary is the range's end) or "labels". */
const char *cli_grey_position(const CliGrey *grey, uint8_t label);
