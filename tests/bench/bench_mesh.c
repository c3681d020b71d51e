/* hilum-bench: surfaces. */
#include "bench.h"

#include "hilum/base/memory.h"
#include "hilum/exchange/stl.h"
#include "hilum/mesh/decimate.h"
#include "hilum/mesh/distance.h"
#include "hilum/mesh/extract.h"
#include "hilum/mesh/smooth.h"

#include <string.h>

typedef struct {
  HilumVolume *volume;
  HilumLabelSnapshot *labels;
  int n_labels;
  double iso;
  HilumExtractOptions options;
  HilumMesh *mesh; /* input of what starts from a mesh */
  HilumSmoothOptions smooth;
  double keep, error_mm;
  HilumMesh *result; /* of decimation; written if asked for, after the clock */
  GPtrArray *copies; /* of the mesh, without normals: one a repetition */
  guint next;
  char *path;
  bool sum, measure;
} MeshState;

static void mesh_state_free(gpointer data)
{
  MeshState *s = data;
  hilum_volume_unref(s->volume);
  if (s->labels) hilum_label_snapshot_unref(s->labels);
  hilum_mesh_unref(s->mesh);
  if (s->result && s->path) hilum_stl_write(s->path, &s->result, 1, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL);
  hilum_mesh_unref(s->result);
  if (s->copies) g_ptr_array_unref(s->copies);
  g_free(s->path);
  g_free(s);
}

static HilumGrid grid_of(const BenchArgs *args)
{
  return hilum_grid_new(args->dims[0], args->dims[1], args->dims[2], args->spacing_mm[0], args->spacing_mm[1],
                        args->spacing_mm[2]);
}

/* The peers leave the border open; --closed 1 does what the program does. */
static HilumExtractOptions options_of(const BenchArgs *args)
{
  return (HilumExtractOptions){.open_border = bench_number(args, "closed", 0) == 0,
                               .gradient_normals = bench_number(args, "normals", 0) != 0};
}

static gpointer prepare_iso(const BenchArgs *args, GError **error)
{
  HilumGrid grid = grid_of(args);
  int16_t *voxels = bench_load(args, sizeof *voxels, error);
  HilumVolume *volume = voxels ? hilum_volume_new_take(&grid, voxels, 1, 0, "HU", error) : NULL;
  if (!volume) return NULL;
  MeshState *s = g_new0(MeshState, 1);
  s->volume = volume;
  s->iso = bench_number(args, "iso", 250);
  s->options = options_of(args);
  return s;
}

bool bench_count_mesh(HilumMesh *mesh, BenchResult *result)
{
  if (!mesh) return false;
  result->vertices = hilum_mesh_get_vertex_count(mesh);
  result->triangles = hilum_mesh_get_triangle_count(mesh);
  return true;
}

static bool run_iso(gpointer data, BenchResult *result, GError **error)
{
  MeshState *s = data;
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_iso(s->volume, s->iso, &s->options, NULL, error);
  return bench_count_mesh(mesh, result);
}

HilumLabelSnapshot *bench_labels(const BenchArgs *args, GError **error)
{
  HilumGrid grid = grid_of(args);
  uint8_t *voxels = bench_load(args, 1, error);
  HilumLabelSnapshot *labels = voxels ? hilum_label_snapshot_new_from_dense(&grid, voxels, error) : NULL;
  hilum_big_free(voxels);
  return labels;
}

static gpointer prepare_labels(const BenchArgs *args, GError **error)
{
  HilumLabelSnapshot *labels = bench_labels(args, error);
  if (!labels) return NULL;
  MeshState *s = g_new0(MeshState, 1);
  s->labels = labels;
  s->n_labels = (int)bench_number(args, "labels", 6);
  s->options = options_of(args);
  return s;
}

/* Each label its own mesh; all are kept until the last is made, as a case keeps them. */
static bool run_labels(gpointer data, BenchResult *result, GError **error)
{
  MeshState *s = data;
  g_autoptr(GPtrArray) meshes = g_ptr_array_new_with_free_func((GDestroyNotify)hilum_mesh_unref);
  *result = (BenchResult){.count = -1};
  for (int l = 1; l <= s->n_labels; l++) {
    if (hilum_label_snapshot_count(s->labels, (uint8_t)l) == 0) continue;
    HilumMesh *mesh = hilum_mesh_extract_label(s->labels, (uint8_t)l, &s->options, NULL, error);
    if (!mesh) return false;
    g_ptr_array_add(meshes, mesh);
    result->vertices += hilum_mesh_get_vertex_count(mesh);
    result->triangles += hilum_mesh_get_triangle_count(mesh);
  }
  return true;
}

HilumMesh *bench_isosurface(const BenchArgs *args, GError **error)
{
  MeshState *s = prepare_iso(args, error);
  if (!s) return NULL;
  s->options.gradient_normals = false;
  HilumMesh *mesh = hilum_mesh_extract_iso(s->volume, s->iso, &s->options, NULL, error);
  mesh_state_free(s);
  return mesh;
}

/* As the peers' mesh program makes it; the volume is let go. */
static gpointer prepare_mesh(const BenchArgs *args, GError **error)
{
  HilumMesh *mesh = bench_isosurface(args, error);
  if (!mesh) return NULL;
  MeshState *s = g_new0(MeshState, 1);
  s->mesh = mesh;
  s->smooth.iterations = (int)bench_number(args, "iters", 20);
  s->smooth.filter =
      g_str_equal(bench_text(args, "filter", "sinc"), "taubin") ? HILUM_SMOOTH_TAUBIN : HILUM_SMOOTH_SINC;
  s->smooth.keep_volume = bench_number(args, "keep-volume", 0) != 0;
  s->path = g_strdup(bench_text(args, "stlout", "out.stl"));
  s->sum = bench_number(args, "sum", 0) != 0;
  return s;
}

static bool run_smooth(gpointer data, BenchResult *result, GError **error)
{
  MeshState *s = data;
  g_autoptr(HilumMesh) mesh = hilum_mesh_smooth(s->mesh, &s->smooth, NULL, error);
  return bench_count_mesh(mesh, result);
}

static HilumMesh *copy_without_normals(const HilumMesh *mesh, GError **error)
{
  uint32_t nv = hilum_mesh_get_vertex_count(mesh), nt = hilum_mesh_get_triangle_count(mesh);
  size_t position_bytes = (size_t)nv * 3 * sizeof(float), index_bytes = (size_t)nt * 3 * sizeof(uint32_t);
  float *positions = hilum_big_alloc(position_bytes, error);
  uint32_t *indices = positions ? hilum_big_alloc(index_bytes, error) : NULL;
  if (!indices) {
    hilum_big_free(positions);
    return NULL;
  }
  memcpy(positions, hilum_mesh_get_positions(mesh), position_bytes);
  memcpy(indices, hilum_mesh_get_indices(mesh), index_bytes);
  return hilum_mesh_new_take(hilum_mesh_get_origin_mm(mesh), nv, positions, NULL, nt, indices, error);
}

static gpointer prepare_normals(const BenchArgs *args, GError **error)
{
  MeshState *s = prepare_mesh(args, error);
  if (!s) return NULL;
  s->copies = g_ptr_array_new_with_free_func((GDestroyNotify)hilum_mesh_unref);
  for (int r = 0; r < args->reps; r++) {
    HilumMesh *copy = copy_without_normals(s->mesh, error);
    if (!copy) {
      mesh_state_free(s);
      return NULL;
    }
    g_ptr_array_add(s->copies, copy);
  }
  return s;
}

static bool run_normals(gpointer data, BenchResult *result, GError **error)
{
  MeshState *s = data;
  HilumMesh *mesh = g_ptr_array_index(s->copies, s->next++ % s->copies->len);
  hilum_mesh_get_normals(mesh);
  return bench_count_mesh(mesh, result);
}

static bool run_stl(gpointer data, BenchResult *result, GError **error)
{
  MeshState *s = data;
  g_autofree char *sha256 = NULL;
  return bench_count_mesh(s->mesh, result) &&
         hilum_stl_write(s->path, &s->mesh, 1, HILUM_FRAME_LPS, NULL, s->sum ? &sha256 : NULL, NULL, error);
}

static gpointer prepare_decimate(const BenchArgs *args, GError **error)
{
  MeshState *s = prepare_mesh(args, error);
  if (!s) return NULL;
  s->keep = bench_number(args, "keep", 0.25);
  s->error_mm = bench_number(args, "error", 0);
  s->measure = bench_number(args, "measure", 0) != 0;
  g_free(s->path);
  s->path = g_strdup(bench_text(args, "stlout", NULL));
  return s;
}

static bool run_decimate(gpointer data, BenchResult *result, GError **error)
{
  MeshState *s = data;
  const HilumDecimateOptions options = {.target_triangles =
                                            (uint32_t)(s->keep * hilum_mesh_get_triangle_count(s->mesh)),
                                        .max_error_mm = s->error_mm,
                                        .may_cross = true}; /* as the peer's may */
  g_clear_pointer(&s->result, hilum_mesh_unref);
  s->result = hilum_mesh_decimate(s->mesh, &options, NULL, NULL, error);
  return bench_count_mesh(s->result, result);
}

static BenchDistance bench_distance(const HilumSurfaceDistance *d)
{
  return (BenchDistance){d->mean_mm, d->rms_mm, d->p95_mm, d->max_mm};
}

/* Once is enough: every run makes the same. */
static void finish_decimate(gpointer data, BenchResult *result)
{
  MeshState *s = data;
  g_autoptr(GError) error = NULL;
  HilumSurfaceDistance there, back, both;
  if (!s->measure || result->measured) return;
  result->measured = hilum_mesh_distances(s->result, s->mesh, &there, &back, &both, NULL, &error);
  if (error) g_printerr("hilum-bench: %s\n", error->message);
  result->there = bench_distance(&there);
  result->back = bench_distance(&back);
  result->both = bench_distance(&both);
}

const BenchOp bench_mesh_ops[] = {
    {"iso", "isosurface of int16 voxels: --iso V --normals 0|1 --closed 0|1", prepare_iso, run_iso,
     mesh_state_free},
    {"labels", "surfaces of a uint8 label map: --labels N --closed 0|1", prepare_labels, run_labels,
     mesh_state_free},
    {"smooth",
     "smoothing of the isosurface: --iso V --iters N --filter sinc|taubin (two "
     "passes each) --keep-volume 0|1",
     prepare_mesh, run_smooth, mesh_state_free},
    {"normals", "vertex normals of the isosurface from its triangles: --iso V", prepare_normals, run_normals,
     mesh_state_free},
    {"stl", "the isosurface to a binary STL file: --iso V --stlout FILE --sum 0|1 (SHA-256)", prepare_mesh,
     run_stl, mesh_state_free},
    {"decimate",
     "fewer triangles: --iso V --keep SHARE --error MM (proved) --stlout FILE --measure 0|1 (distances)",
     prepare_decimate, run_decimate, mesh_state_free, finish_decimate},
    {NULL, NULL, NULL, NULL, NULL}};
