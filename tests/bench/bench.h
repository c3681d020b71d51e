/* hilum-bench: each file of operations exports one table; bench_main.c reads the arguments, times and prints.
 * An operation prepares outside of the clock and runs inside of it. */
#pragma once

#include "hilum/mesh/mesh.h"
#include "hilum/volume/label_map.h"

typedef struct {
  const char *path;
  int32_t dims[3];
  double spacing_mm[3];
  const char *op;
  unsigned threads;
  int reps;
  GHashTable *options; /* "iso" -> "249.5": what stood behind --iso */
} BenchArgs;

/* Mean, root mean square, 95 % and greatest distance from one surface to another. */
typedef struct {
  double mean_mm, rms_mm, p95_mm, max_mm;
} BenchDistance;

/* What a run made; negative: not printed. */
typedef struct {
  int64_t vertices, triangles, count;
  bool measured; /* the distances, of what was made to what it was made from, back, and both */
  BenchDistance there, back, both;
} BenchResult;

typedef struct {
  const char *name, *help;
  /* Reads and prepares; NULL with error. */
  gpointer (*prepare)(const BenchArgs *args, GError **error);
  /* Timed. */
  bool (*run)(gpointer state, BenchResult *result, GError **error);
  void (*free)(gpointer state);
  /* After each run, outside of the clock: counts and lets go of what it made, as the peers do. May be NULL.
   */
  void (*finish)(gpointer state, BenchResult *result);
} BenchOp;

/* Tables end with a NULL name. */
extern const BenchOp bench_live_ops[];
extern const BenchOp bench_load_ops[];
extern const BenchOp bench_look_ops[];
extern const BenchOp bench_mesh_ops[];
extern const BenchOp bench_segment_ops[];
extern const BenchOp bench_stroke_ops[];

/* bench_main.c: options with a default, and the raw file in a hilum_big_alloc() buffer of dims * size bytes.
 */
double bench_number(const BenchArgs *args, const char *name, double fallback);
const char *bench_text(const BenchArgs *args, const char *name, const char *fallback);
void *bench_load(const BenchArgs *args, size_t voxel_bytes, GError **error);
size_t bench_voxels(const BenchArgs *args);

/* bench_mesh.c: the surface of the raw int16 voxels at --iso, the raw uint8 voxels as labels, and what a run
 * that made a mesh (NULL: false) counts. */
HilumMesh *bench_isosurface(const BenchArgs *args, GError **error);
HilumLabelSnapshot *bench_labels(const BenchArgs *args, GError **error);
bool bench_count_mesh(HilumMesh *mesh, BenchResult *result);
