/* hilum-bench: what is asked of a surface once it is there, and what printing does to it. */
#include "bench.h"

#include "hilum/base/memory.h"
#include "hilum/mesh/curvature.h"
#include "hilum/mesh/distance.h"
#include "hilum/mesh/joint.h"
#include "hilum/mesh/repair.h"
#include "hilum/mesh/section.h"
#include "hilum/mesh/smooth.h"
#include "hilum/mesh/surface.h"
#include "hilum/mesh/verdict.h"

typedef struct {
  HilumMesh *mesh, *other; /* other: what it is compared with */
  HilumLabelSnapshot *labels;
  HilumCutter cutter;
  HilumPrepareOptions prepare;
  int iterations;
} LookState;

static void look_free(gpointer data)
{
  LookState *s = data;
  hilum_mesh_unref(s->mesh);
  hilum_mesh_unref(s->other);
  if (s->labels) hilum_label_snapshot_unref(s->labels);
  g_free(s);
}

static gpointer prepare_surface(const BenchArgs *args, GError **error)
{
  HilumMesh *mesh = bench_isosurface(args, error);
  if (!mesh) return NULL;
  LookState *s = g_new0(LookState, 1);
  s->mesh = mesh;
  s->iterations = (int)bench_number(args, "iters", 20);
  return s;
}

static bool run_measure(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  HilumMeshReport report;
  if (!hilum_mesh_measure(s->mesh, &report, NULL, error)) return false;
  result->count = report.shells;
  return true;
}

static bool run_crossings(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  uint64_t pairs;
  if (!hilum_mesh_self_intersections(s->mesh, &pairs, NULL, NULL, error)) return false;
  result->count = (int64_t)pairs;
  return true;
}

static bool run_thickness(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  HilumThickness thickness;
  result->count = hilum_mesh_get_vertex_count(s->mesh);
  return hilum_mesh_thickness(s->mesh, &thickness, NULL, NULL, NULL, NULL, error);
}

static bool run_curvature(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  HilumCurvature curvature;
  if (!hilum_mesh_curvature(s->mesh, &curvature, NULL, NULL, NULL, error)) return false;
  result->count = (int64_t)(curvature.vertices - curvature.left_out);
  return true;
}

/* --- two surfaces --- */

static gpointer prepare_distance(const BenchArgs *args, GError **error)
{
  LookState *s = prepare_surface(args, error);
  if (!s) return NULL;
  s->other = hilum_mesh_smooth(s->mesh, &(HilumSmoothOptions){.iterations = s->iterations}, NULL, error);
  if (s->other) return s;
  look_free(s);
  return NULL;
}

static bool run_distance(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  HilumSurfaceDistance d[3];
  if (!hilum_mesh_distances(s->other, s->mesh, &d[0], &d[1], &d[2], NULL, error)) return false;
  BenchDistance *const out[3] = {&result->there, &result->back, &result->both};
  for (int i = 0; i < 3; i++)
    *out[i] = (BenchDistance){d[i].mean_mm, d[i].rms_mm, d[i].p95_mm, d[i].max_mm};
  result->measured = true;
  return true;
}

/* --- cut --- */

/* Through the middle of the volume, along its diagonal or --axis 0|1|2. */
static gpointer prepare_section(const BenchArgs *args, GError **error)
{
  LookState *s = prepare_surface(args, error);
  if (!s) return NULL;
  const double *h = args->spacing_mm, radius = bench_number(args, "radius", 0);
  const int axis = (int)bench_number(args, "axis", -1);
  s->cutter =
      (HilumCutter){.kind = radius > 0 ? HILUM_CUTTER_SPHERE : HILUM_CUTTER_PLANE,
                    .point_mm = hilum_vec3((args->dims[0] - 1) * h[0] / 2, (args->dims[1] - 1) * h[1] / 2,
                                           (args->dims[2] - 1) * h[2] / 2),
                    .normal = axis < 0 ? hilum_vec3(1, 1, 1) : hilum_vec3(axis == 0, axis == 1, axis == 2),
                    .radius_mm = radius};
  return s;
}

static bool run_section(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  g_autoptr(HilumSection) section = hilum_mesh_section(s->mesh, &s->cutter, NULL, error);
  if (!section) return false;
  result->count = (int64_t)section->n_points;
  return true;
}

static bool run_cut(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  g_autoptr(HilumMesh) kept = hilum_mesh_cut(s->mesh, &s->cutter, false, NULL, error);
  return bench_count_mesh(kept, result);
}

/* --- all structures, as the program shows them --- */

static gpointer prepare_joint(const BenchArgs *args, GError **error)
{
  HilumLabelSnapshot *labels = bench_labels(args, error);
  if (!labels) return NULL;
  LookState *s = g_new0(LookState, 1);
  s->labels = labels;
  s->iterations = (int)bench_number(args, "iters", HILUM_SURFACE_SMOOTHING);
  return s;
}

static bool run_joint(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  g_autoptr(HilumJoint) joint = hilum_surface_joint_new(s->labels, NULL, s->iterations, NULL, error);
  return joint && bench_count_mesh(hilum_joint_get_mesh(joint), result);
}

/* --- print preparation, of one structure of a label map --- */

static gpointer prepare_print(const BenchArgs *args, GError **error)
{
  LookState *s = prepare_joint(args, error);
  if (!s) return NULL;
  s->mesh = hilum_surface_new(s->labels, (uint8_t)bench_number(args, "label", 1), s->iterations, NULL, error);
  s->prepare = (HilumPrepareOptions){.resolve = bench_number(args, "resolve", 0) != 0,
                                     .min_diameter_mm = bench_number(args, "min-diameter", 0),
                                     .hollow_mm = bench_number(args, "hollow", 0),
                                     .resolution_mm = bench_number(args, "resolution", 0),
                                     .decimate_error_mm = bench_number(args, "error", 0)};
  if (s->mesh) return s;
  look_free(s);
  return NULL;
}

static bool run_print(gpointer data, BenchResult *result, GError **error)
{
  LookState *s = data;
  g_autoptr(GArray) record = NULL;
  g_autoptr(HilumMesh) made = hilum_mesh_prepare(s->mesh, &s->prepare, &record, NULL, error);
  return bench_count_mesh(made, result);
}

const BenchOp bench_look_ops[] = {
    {"measure", "area, volume, closed, manifold, shells of the isosurface: --iso V", prepare_surface,
     run_measure, look_free, NULL},
    {"crossings", "pairs of triangles of the isosurface that meet, exact: --iso V", prepare_surface,
     run_crossings, look_free, NULL},
    {"thickness", "thickness of the isosurface at each vertex, by ray and ball: --iso V", prepare_surface,
     run_thickness, look_free, NULL},
    {"curvature", "curvature of the isosurface at each vertex: --iso V", prepare_surface, run_curvature,
     look_free, NULL},
    {"distance", "distance of the isosurface to itself smoothed, both ways, proved: --iso V --iters N",
     prepare_distance, run_distance, look_free, NULL},
    {"section",
     "contours of the isosurface through the middle: --iso V --axis 0|1|2 (diagonal) --radius MM (sphere)",
     prepare_section, run_section, look_free, NULL},
    {"cut", "the isosurface above such a plane or outside such a sphere", prepare_section, run_cut, look_free,
     NULL},
    {"joint", "joint surfaces of a uint8 label map as the program shows them: --iters N", prepare_joint,
     run_joint, look_free, NULL},
    {"print",
     "one structure of a uint8 label map for printing: --label L --resolve 0|1 --min-diameter MM --hollow MM "
     "--resolution MM --error MM (decimation)",
     prepare_print, run_print, look_free, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL}};
