/* hilum-bench VOLUME.raw nx ny nz sx sy sz OP [--threads N] [--reps R] [--key value ...]
 * The arguments and the JSON keys of the programs it is compared with, so that a pair is one loop over two
 * commands. Exit: 0, 1 when the input is at fault, 2 on wrong usage, 3 when the operation is not built. */
#include "bench.h"

#include "hilum/base/cpu.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"

#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { EXIT_USAGE = 2, EXIT_NOT_BUILT = 3 };

const char *bench_text(const BenchArgs *args, const char *name, const char *fallback)
{
  const char *value = g_hash_table_lookup(args->options, name);
  return value ? value : fallback;
}

double bench_number(const BenchArgs *args, const char *name, double fallback)
{
  const char *value = g_hash_table_lookup(args->options, name);
  return value ? g_ascii_strtod(value, NULL) : fallback;
}

size_t bench_voxels(const BenchArgs *args)
{
  return (size_t)args->dims[0] * (size_t)args->dims[1] * (size_t)args->dims[2];
}

void *bench_load(const BenchArgs *args, size_t voxel_bytes, GError **error)
{
  size_t bytes = bench_voxels(args) * voxel_bytes;
  void *data = hilum_big_alloc(bytes, error);
  if (!data) return NULL;
  FILE *f = fopen(args->path, "rb");
  if (!f || fread(data, 1, bytes, f) != bytes) {
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s cannot be read or holds fewer than %zu bytes",
                args->path, bytes);
    hilum_big_free(data);
    data = NULL;
  }
  if (f) fclose(f);
  return data;
}

static double rss_mb(void)
{
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)u.ru_maxrss / 1024;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print_number(const char *key, const char *format, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  printf(",\"%s\":%s", key, g_ascii_formatd(text, sizeof text, format, value));
}

static double percentile(const double *sorted, int n, int percent)
{
  return sorted[(n * percent + 99) / 100 - 1];
}

static void print_distance(const char *name, const BenchDistance *d)
{
  const struct {
    const char *key;
    double mm;
  } values[] = {{"mean", d->mean_mm}, {"rms", d->rms_mm}, {"p95", d->p95_mm}, {"max", d->max_mm}};
  for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
    g_autofree char *key = g_strdup_printf("%s_%s_mm", name, values[i].key);
    print_number(key, "%.4f", values[i].mm);
  }
}

/* `cpu`: processor time of all threads; what a loaded machine does not stretch. */
static void print_result(const BenchArgs *args, double *seconds, double *cpu, const BenchResult *r,
                         double base_mb)
{
  qsort(seconds, (size_t)args->reps, sizeof *seconds, compare);
  qsort(cpu, (size_t)args->reps, sizeof *cpu, compare);
  double median = seconds[args->reps / 2];
  printf("{\"peer\":\"Hilum %s\",\"op\":\"%s\",\"threads\":%u,\"reps\":%d", hilum_cpu_name(), args->op,
         hilum_parallel_threads(), args->reps);
  print_number("min_s", "%.4f", seconds[0]);
  print_number("seconds", "%.4f", median);
  print_number("p95_s", "%.4f", percentile(seconds, args->reps, 95));
  print_number("p99_s", "%.4f", percentile(seconds, args->reps, 99));
  print_number("max_s", "%.4f", seconds[args->reps - 1]);
  print_number("cpu_s", "%.4f", cpu[args->reps / 2]);
  print_number("cpu_p95_s", "%.4f", percentile(cpu, args->reps, 95));
  print_number("cpu_p99_s", "%.4f", percentile(cpu, args->reps, 99));
  if (r->vertices >= 0) printf(",\"vertices\":%" G_GINT64_FORMAT, r->vertices);
  if (r->triangles >= 0) {
    printf(",\"triangles\":%" G_GINT64_FORMAT, r->triangles);
    print_number("mtri_s", "%.2f", (double)r->triangles / median / 1e6);
  }
  if (r->count >= 0) printf(",\"count\":%" G_GINT64_FORMAT, r->count);
  if (r->measured) {
    print_distance("there", &r->there);
    print_distance("back", &r->back);
    print_distance("both", &r->both);
  }
  print_number("mvox_s", "%.1f", (double)bench_voxels(args) / median / 1e6);
  print_number("base_rss_mb", "%.0f", base_mb);
  print_number("peak_rss_mb", "%.0f", rss_mb());
  printf("}\n");
}

static const BenchOp *const tables[] = {bench_mesh_ops,    bench_look_ops, bench_live_ops,
                                        bench_segment_ops, bench_load_ops, bench_stroke_ops};

static const BenchOp *find_op(const char *name)
{
  for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
    for (const BenchOp *op = tables[t]; op->name; op++)
      if (strcmp(op->name, name) == 0) return op;
  return NULL;
}

static int usage(void)
{
  fprintf(stderr,
          "usage: hilum-bench VOLUME.raw nx ny nz sx sy sz OP [--threads N] [--reps R] [--key value ...]\n");
  for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
    for (const BenchOp *op = tables[t]; op->name; op++)
      fprintf(stderr, "  %-12s %s\n", op->name, op->help);
  return EXIT_USAGE;
}

static bool parse(int argc, char **argv, BenchArgs *args)
{
  if (argc < 9 || (argc - 9) % 2 != 0) return false;
  args->path = argv[1];
  for (int a = 0; a < 3; a++) {
    gint64 n = g_ascii_strtoll(argv[2 + a], NULL, 10);
    args->dims[a] = (int32_t)CLAMP(n, 0, 32767);
    args->spacing_mm[a] = g_ascii_strtod(argv[5 + a], NULL);
    if (args->dims[a] < 1 || !(args->spacing_mm[a] > 0)) return false;
  }
  args->op = argv[8];
  for (int i = 9; i + 1 < argc; i += 2) {
    if (!g_str_has_prefix(argv[i], "--")) return false;
    g_hash_table_insert(args->options, argv[i] + 2, argv[i + 1]);
  }
  args->threads = (unsigned)CLAMP(bench_number(args, "threads", 2), 1, 1024);
  args->reps = (int)CLAMP(bench_number(args, "reps", 5), 1, 10000);
  return true;
}

static double cpu_seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int measure(const BenchArgs *args, const BenchOp *op, GError **error)
{
  hilum_parallel_set_threads(args->threads);
  gpointer state = op->prepare(args, error);
  if (!state) return EXIT_FAILURE;
  g_autofree double *seconds = g_new0(double, args->reps), *cpu = g_new0(double, args->reps);
  BenchResult result = {.vertices = -1, .triangles = -1, .count = -1};
  double base = rss_mb();
  bool ok = true;
  for (int r = 0; ok && r < args->reps; r++) {
    gint64 start = g_get_monotonic_time();
    double cpu_start = cpu_seconds();
    ok = op->run(state, &result, error);
    cpu[r] = cpu_seconds() - cpu_start;
    seconds[r] = (double)(g_get_monotonic_time() - start) / 1e6;
    if (ok && op->finish) op->finish(state, &result);
  }
  if (ok) print_result(args, seconds, cpu, &result, base);
  op->free(state);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
  g_autoptr(GHashTable) options = g_hash_table_new(g_str_hash, g_str_equal);
  BenchArgs args = {.options = options};
  if (!parse(argc, argv, &args)) return usage();
  const BenchOp *op = find_op(args.op);
  if (!op) {
    fprintf(stderr, "op not built: %s\n", args.op);
    return EXIT_NOT_BUILT;
  }
  g_autoptr(GError) error = NULL;
  int status = measure(&args, op, &error);
  if (error) fprintf(stderr, "hilum-bench: %s\n", error->message);
  return status;
}
