/* What the verbs of hilum-cli share: arguments, progress on a terminal, one JSON object or readable lines on
 * standard output. Every verb is a function of parsed arguments; it returns false with an error, which main
 * turns into one line on standard error and the exit status: 1 when the input is at fault, 2 for
 * HILUM_CLI_ERROR_USAGE. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/casefile/record.h"
#include "hilum/dicom/dicom.h"
#include "hilum/mesh/curvature.h"
#include "hilum/mesh/distance.h"
#include "hilum/mesh/verdict.h"

#include <json-glib/json-glib.h>

typedef enum { HILUM_CLI_ERROR_USAGE, HILUM_CLI_ERROR_INPUT } HilumCliError;
#define HILUM_CLI_ERROR hilum_cli_error_quark()
GQuark hilum_cli_error_quark(void);

/* An option a verb knows. */
typedef struct {
  const char *name; /* without the dashes */
  bool has_value;
} CliOptionSpec;

/* One option as given, in order; order matters to `segment`. */
typedef struct {
  const char *name;
  const char *value; /* NULL where the option takes none */
} CliOption;

typedef struct {
  GArray *options;       /* CliOption */
  GPtrArray *positional; /* const char * */
  bool json;
  HilumProgress progress;
} CliArgs;

typedef bool (*CliVerbFunc)(const CliArgs *args, GError **error);

typedef struct {
  const char *name, *usage, *summary;
  const CliOptionSpec *options; /* ended by an empty name; --json and --threads are always understood */
  CliVerbFunc run;
  /* For a verb whose options are known only when it runs (the steps of `segment`): instead of `options`, and
   * what follows `usage`, g_free(). */
  const CliOptionSpec *(*list_options)(void);
  char *(*dup_more_usage)(void);
} CliVerb;

/* The last value of an option, or NULL. */
const char *cli_args_get(const CliArgs *args, const char *name);
bool cli_args_has(const CliArgs *args, const char *name);
/* Exactly `count` positional arguments, else a usage error. */
bool cli_args_expect(const CliArgs *args, guint count, const char *what, GError **error);
/* Value of a required option. */
const char *cli_args_require(const CliArgs *args, const char *name, GError **error);
/* A whole number in [min, max]; absent: `fallback`. */
bool cli_args_get_int(const CliArgs *args, const char *name, gint64 min, gint64 max, gint64 fallback,
                      gint64 *out, GError **error);
/* A number in [min, max]; absent: `fallback`. */
bool cli_args_get_number(const CliArgs *args, const char *name, double min, double max, double fallback,
                         double *out, GError **error);
/* "X,Y,Z" in millimetres. */
bool cli_parse_point(const char *text, HilumVec3 *out, GError **error);

/* JSON: one object on standard output. */
void cli_json_vec3(JsonBuilder *builder, const char *name, HilumVec3 v);
void cli_json_ints(JsonBuilder *builder, const char *name, const int32_t *values, int n);
void cli_json_doubles(JsonBuilder *builder, const char *name, const double *values, int n);
/* NAN and infinities become null, which JSON has. */
void cli_json_double(JsonBuilder *builder, const char *name, double value);
void cli_json_string(JsonBuilder *builder, const char *name, const char *value); /* NULL: "" */
void cli_json_int(JsonBuilder *builder, const char *name, gint64 value);
void cli_json_bool(JsonBuilder *builder, const char *name, bool value);
void cli_json_findings(JsonBuilder *builder, const HilumFinding *findings, size_t n);
/* As an object: mean_mm, rms_mm, p95_mm, hausdorff_mm, hausdorff_bound_mm. */
void cli_json_distance(JsonBuilder *builder, const char *name, const HilumSurfaceDistance *distance);
/* Into the open object: genus (null if not closed), self_intersections, min_wall_ray_mm, min_wall_ball_mm,
 * thinnest_mm. */
void cli_json_verdict(JsonBuilder *builder, const HilumMeshReport *report, const HilumMeshBeyond *beyond);
/* As an object: mean_per_mm and gaussian_per_mm2, each with mean, p5, median, p95. */
void cli_json_curvature(JsonBuilder *builder, const HilumCurvature *curvature);
/* Ends the root object opened by cli_json_begin() and prints it. */
JsonBuilder *cli_json_begin(void);
void cli_json_end(JsonBuilder *builder);
void cli_print_findings(const HilumFinding *findings, size_t n);

/* Scans the positional paths and finds the volume that --volume asks for (default 0), its gaps accepted if
 * --accept-gaps is given. Takes the progress up to `end`. */
HilumCatalog *cli_scan_volume(const CliArgs *args, double end, size_t *index, GError **error);

/* What places a structure's surface, as far as the case says: `boundary`: null (its labels), or an object
 * with `phase`, `lo` and `hi` (null: open). */
void cli_json_boundary(JsonBuilder *builder, HilumStructure *structure);
/* structures[] with name, voxels and volume_ml of those whose label is set, into the object that `b` builds,
 * or as lines (NULL). */
void cli_report_volumes(JsonBuilder *b, HilumCase *self, const uint8_t labels[HILUM_LABEL_COUNT]);

/* The structure called `name`, or an error that lists those there are. Borrowed. */
HilumStructure *cli_find_structure(HilumCase *self, const char *name, GError **error);
/* --smooth PASSES, else what the case keeps. */
bool cli_get_smoothing(const CliArgs *args, HilumCase *self, int *passes, GError **error);
/* The structures whose surfaces are asked for: --structure NAME, or all that have voxels; wanted[label] is
 * set. HILUM_CLI_ERROR_INPUT if the one that was named is empty. */
bool cli_choose_surfaces(const CliArgs *args, HilumCase *self, uint8_t wanted[HILUM_LABEL_COUNT],
                         GError **error);
/* The first positional argument, opened. Surfaces and labels need no images, and reading none is much faster.
 * CLI_IMAGES_IF_FOUND says on standard error what is missing, and leaves it to the caller whether that
 * matters; CLI_IMAGES_IF_FOLLOWED is the same for a case with a structure whose surface follows grey values,
 * and reads none of another. */
typedef enum { CLI_IMAGES_NONE, CLI_IMAGES_IF_FOUND, CLI_IMAGES_IF_FOLLOWED } CliImages;
HilumCase *cli_open_case(const CliArgs *args, CliImages images, GError **error);

extern const CliVerb cli_verb_scan, cli_verb_demo, cli_verb_load, cli_verb_segment, cli_verb_mesh,
    cli_verb_measure, cli_verb_export, cli_verb_exports, cli_verb_check, cli_verb_render, cli_verb_volume,
    cli_verb_labels, cli_verb_register, cli_verb_guide, cli_verb_seeds, cli_verb_smooth, cli_verb_split,
    cli_verb_section;
