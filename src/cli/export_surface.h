/* A surface as `export` sends it out: of one structure or the union of several, prepared as asked, with its
 * verdict, its distance from the label and the list of what was done to it. */
#pragma once

#include "grey_ranges.h"
#include "surface_numbers.h"

#include "hilum/mesh/repair.h"

typedef struct {
  char *name;                        /* owned */
  uint8_t labels[HILUM_LABEL_COUNT]; /* whose union it is */
  guint n_labels;
  const char *position; /* static: what placed the surface, "labels" or "grey values" */
  HilumMesh *mesh;
  CliSurfaceNumbers numbers;
  HilumSurfaceDistance from_values; /* where grey values placed it: to the bare surface that they gave */
  GArray *record;                   /* HilumModification */
} CliSurface;

void cli_surface_clear(CliSurface *surface);
/* --decimate-error, --decimate-triangles, --min-diameter, --hollow, --resolution, --remove-below (ml),
 * --fill-holes,
 * --resolve. */
bool cli_prepare_options(const CliArgs *args, HilumPrepareOptions *options, GError **error);
/* Sets the surfaces' positions. Surfaces of all structures that go out one by one: they share their
 * boundaries, until something is done to them. NULL if there are only unions. */
typedef struct {
  HilumJoint *smooth;
  HilumJoint *bare;   /* of the labels */
  HilumJoint *placed; /* bare, by grey values; NULL: none of them follows values */
} CliJoints;
bool cli_joints_make(CliJoints *joints, GArray *surfaces, HilumLabelSnapshot *labels, const CliGrey *grey,
                     int smoothing, const HilumProgress *progress, GError **error);
void cli_joints_clear(CliJoints *joints);
/* Fills in the rest of a surface whose name and labels are set. */
bool cli_surface_make(CliSurface *surface, HilumLabelSnapshot *labels, const CliJoints *joints, int smoothing,
                      const HilumPrepareOptions *options, const HilumProgress *progress, GError **error);
/* As an element of `surfaces[]`, or as lines if `b` is NULL. */
void cli_surface_report(JsonBuilder *b, const CliSurface *surface);
