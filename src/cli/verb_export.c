/* export: surfaces into files for printing and for other programs. */
#include "export_surface.h"

#include "hilum/exchange/export_record.h"
#include "hilum/mesh/surface.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  char *path, *sha256;
  size_t bytes;
  guint first, count; /* of the surfaces */
  bool recorded;      /* a record lies beside it */
} WrittenFile;

static void written_file_clear(WrittenFile *file)
{
  g_free(file->path);
  g_free(file->sha256);
}

/* What goes out: the named structures, else all visible ones with voxels. A hidden structure is never
 * exported unasked. */
static GPtrArray *choose(HilumCase *self, const CliArgs *args, GError **error)
{
  g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func(g_object_unref);
  for (guint n = 0; n < args->options->len; n++) {
    const CliOption *option = &g_array_index(args->options, CliOption, n);
    if (strcmp(option->name, "structure") != 0) continue;
    HilumStructure *structure = cli_find_structure(self, option->value, error);
    if (!structure) return NULL;
    if (hilum_structure_get_voxels(structure) == 0) {
      g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT,
                  "'%s' is empty, so there is nothing to export", option->value);
      return NULL;
    }
    if (!g_ptr_array_find(chosen, structure, NULL)) g_ptr_array_add(chosen, g_object_ref(structure));
  }
  if (chosen->len > 0) return g_steal_pointer(&chosen);

  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if (hilum_structure_get_voxels(structure) > 0 &&
        (hilum_structure_get_visible(structure) || cli_args_has(args, "hidden")))
      g_ptr_array_add(chosen, g_steal_pointer(&structure));
  }
  if (chosen->len > 0) return g_steal_pointer(&chosen);
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT,
              "%s has no visible structure with voxels to export", hilum_case_get_path(self));
  return NULL;
}

/* "Renal artery / left" -> "renal-artery-left.stl": safe on every file system, no path separators. */
static char *file_name(const CliSurface *surface)
{
  g_autofree char *lower = g_utf8_strdown(surface->name, -1);
  GString *name = g_string_new(NULL);
  for (const char *p = lower; *p; p = g_utf8_next_char(p)) {
    gunichar c = g_utf8_get_char(p);
    if (g_unichar_isalnum(c))
      g_string_append_unichar(name, c);
    else if (name->len > 0 && name->str[name->len - 1] != '-')
      g_string_append_c(name, '-');
  }
  while (name->len > 0 && name->str[name->len - 1] == '-')
    g_string_truncate(name, name->len - 1);
  for (guint label = 1; name->len == 0 && label < HILUM_LABEL_COUNT; label++)
    if (surface->labels[label]) g_string_append_printf(name, "structure-%u", label);
  g_string_append(name, ".stl");
  return g_string_free(name, FALSE);
}

static bool write_one(const char *path, HilumMesh *const *meshes, size_t n, guint first, HilumFrame frame,
                      GArray *files, const HilumProgress *progress, GError **error)
{
  WrittenFile file = {.first = first, .count = (guint)n};
  if (!hilum_stl_write(path, meshes, n, frame, &file.bytes, &file.sha256, progress, error)) return false;
  file.path = g_strdup(path);
  g_array_append_val(files, file);
  return true;
}

static void add_surface(GArray *surfaces, HilumStructure *structure)
{
  CliSurface s = {.name = g_strdup(hilum_structure_get_name(structure)), .n_labels = 1};
  s.labels[hilum_structure_get_label(structure)] = true;
  g_array_append_val(surfaces, s);
}

/* "A,B,C" into one surface. */
static bool add_union(GArray *surfaces, HilumCase *self, const char *names, GError **error)
{
  g_auto(GStrv) parts = g_strsplit(names, ",", -1);
  CliSurface s = {.name = g_strjoinv(" + ", parts)};
  for (guint n = 0; parts[n]; n++) {
    HilumStructure *structure = cli_find_structure(self, g_strstrip(parts[n]), error);
    if (!structure || hilum_structure_get_voxels(structure) == 0) {
      if (structure)
        g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT,
                    "'%s' is empty, so there is nothing to export", parts[n]);
      cli_surface_clear(&s);
      return false;
    }
    s.n_labels += !s.labels[hilum_structure_get_label(structure)];
    s.labels[hilum_structure_get_label(structure)] = true;
  }
  g_array_append_val(surfaces, s);
  return true;
}

/* With --union alone, only the unions go out. */
static bool choose_surfaces(HilumCase *self, const CliArgs *args, GArray *surfaces, GError **error)
{
  if (cli_args_has(args, "structure") || !cli_args_has(args, "union")) {
    g_autoptr(GPtrArray) chosen = choose(self, args, error);
    if (!chosen) return false;
    for (guint n = 0; n < chosen->len; n++)
      add_surface(surfaces, chosen->pdata[n]);
  }
  for (guint n = 0; n < args->options->len; n++) {
    const CliOption *option = &g_array_index(args->options, CliOption, n);
    if (strcmp(option->name, "union") == 0 && !add_union(surfaces, self, option->value, error)) return false;
  }
  return true;
}

/* All surfaces first, then the files: a surface that fails leaves nothing half written. */
static bool make_surfaces(HilumCase *self, int smoothing, const CliGrey *grey, const CliArgs *args,
                          GArray *surfaces, GError **error)
{
  HilumPrepareOptions options;
  if (!cli_prepare_options(args, &options, error)) return false;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  HilumProgress making = hilum_progress_part(&args->progress, 0.3, 0.5, "surfaces");
  CliJoints joints;
  bool good = cli_joints_make(&joints, surfaces, labels, grey, smoothing, &making, error);
  for (guint n = 0; good && n < surfaces->len; n++) {
    HilumProgress part = hilum_progress_part(&args->progress, 0.5 + 0.3 * n / surfaces->len,
                                             0.5 + 0.3 * (n + 1) / surfaces->len, "surfaces");
    CliSurface *s = &g_array_index(surfaces, CliSurface, n);
    good = cli_surface_make(s, labels, &joints, smoothing, &options, &part, error);
    if (!good) g_prefix_error(error, "%s: ", s->name);
  }
  cli_joints_clear(&joints);
  return good;
}

static bool write_surfaces(GArray *surfaces, const char *out, HilumFrame frame, const CliArgs *args,
                           GArray *files, GError **error)
{
  HilumProgress part = hilum_progress_part(&args->progress, 0.8, 1, "writing");
  g_autoptr(GPtrArray) meshes = g_ptr_array_new();
  for (guint n = 0; n < surfaces->len; n++)
    g_ptr_array_add(meshes, g_array_index(surfaces, CliSurface, n).mesh);
  bool folder = g_file_test(out, G_FILE_TEST_IS_DIR) || g_str_has_suffix(out, "/");
  if (!folder)
    return write_one(out, (HilumMesh *const *)meshes->pdata, meshes->len, 0, frame, files, &part, error);

  if (g_mkdir_with_parents(out, 0777) != 0) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, "the folder %s could not be made: %s", out,
                g_strerror(errno));
    return false;
  }
  for (guint n = 0; n < surfaces->len; n++) {
    g_autofree char *name = file_name(&g_array_index(surfaces, CliSurface, n));
    g_autofree char *path = g_build_filename(out, name, NULL);
    if (!write_one(path, (HilumMesh *const *)&meshes->pdata[n], 1, n, frame, files, &part, error))
      return false;
  }
  return true;
}

/* What was done to a surface is written beside its file and into the case. Nothing done, nothing written. */
static bool keep_record(HilumCase *self, const GArray *surfaces, GArray *files, HilumFrame frame,
                        int smoothing, GError **error)
{
  bool any = false;
  for (guint f = 0; f < files->len; f++) {
    WrittenFile *file = &g_array_index(files, WrittenFile, f);
    g_autofree HilumExportedSurface *out = g_new0(HilumExportedSurface, file->count);
    for (guint n = 0; n < file->count; n++) {
      const CliSurface *s = &g_array_index(surfaces, CliSurface, file->first + n);
      out[n] =
          (HilumExportedSurface){s->name, s->position, smoothing, s->numbers.report.volume_mm3, s->record};
      if (s->record->len == 0) continue;
      g_autofree char *note = hilum_exported_surface_to_json(&out[n], file->path);
      hilum_case_add_export(self, note);
      file->recorded = any = true;
    }
    if (file->recorded &&
        !hilum_export_record_write(file->path, file->sha256, frame, out, file->count, error))
      return false;
  }
  if (!any) return true;
  g_autoptr(GError) cause = NULL;
  if (!hilum_case_save(self, hilum_case_get_path(self), NULL, &cause))
    fprintf(stderr, "what was done is recorded beside the files, but not in the case: %s\n", cause->message);
  return true;
}

static void report(const CliArgs *args, GArray *surfaces, GArray *files)
{
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  if (b) {
    json_builder_set_member_name(b, "surfaces");
    json_builder_begin_array(b);
  }
  for (guint n = 0; n < surfaces->len; n++)
    cli_surface_report(b, &g_array_index(surfaces, CliSurface, n));
  if (b) {
    json_builder_end_array(b);
    json_builder_set_member_name(b, "files");
    json_builder_begin_array(b);
  }
  for (guint n = 0; n < files->len; n++) {
    const WrittenFile *file = &g_array_index(files, WrittenFile, n);
    if (!b) {
      printf("%s  %zu bytes  sha256 %s\n", file->path, file->bytes, file->sha256);
      continue;
    }
    json_builder_begin_object(b);
    cli_json_string(b, "path", file->path);
    cli_json_int(b, "bytes", (gint64)file->bytes);
    cli_json_string(b, "sha256", file->sha256);
    cli_json_bool(b, "recorded", file->recorded);
    json_builder_end_object(b);
  }
  if (b) {
    json_builder_end_array(b);
    cli_json_end(b);
  }
}

static bool export(const CliArgs *args, GError **error)
{
  int smoothing;
  const char *format = cli_args_require(args, "format", error);
  const char *out = format ? cli_args_require(args, "out", error) : NULL;
  if (!out) return false;
  if (g_ascii_strcasecmp(format, "stl") != 0) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                "this version exports stl; '%s' is not built yet", format);
    return false;
  }
  const char *frame_name = cli_args_get(args, "frame");
  bool ras = frame_name && g_ascii_strcasecmp(frame_name, "ras") == 0;
  if (frame_name && !ras && g_ascii_strcasecmp(frame_name, "lps") != 0) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "--frame is lps or ras, not '%s'", frame_name);
    return false;
  }
  const HilumFrame frame = ras ? HILUM_FRAME_RAS : HILUM_FRAME_LPS;
  g_autoptr(HilumCase) self = cli_open_case(args, cli_grey_images(args), error);
  g_auto(CliGrey) grey = {NULL};
  if (!self || !cli_get_smoothing(args, self, &smoothing, error) || !cli_grey_init(&grey, args, self, error))
    return false;
  g_autoptr(GArray) files = g_array_new(FALSE, TRUE, sizeof(WrittenFile));
  g_array_set_clear_func(files, (GDestroyNotify)written_file_clear);
  g_autoptr(GArray) surfaces = g_array_new(FALSE, TRUE, sizeof(CliSurface));
  g_array_set_clear_func(surfaces, (GDestroyNotify)cli_surface_clear);
  if (!choose_surfaces(self, args, surfaces, error) ||
      !make_surfaces(self, smoothing, &grey, args, surfaces, error) ||
      !write_surfaces(surfaces, out, frame, args, files, error) ||
      !keep_record(self, surfaces, files, frame, smoothing, error))
    return false;
  report(args, surfaces, files);
  return true;
}

static const CliOptionSpec options[] = {{"format", true},
                                        {"out", true},
                                        {"structure", true},
                                        {"union", true},
                                        {"smooth", true},
                                        {"frame", true},
                                        {"hidden", false},
                                        CLI_GREY_OPTIONS,
                                        {"decimate-error", true},
                                        {"decimate-triangles", true},
                                        {"min-diameter", true},
                                        {"hollow", true},
                                        {"resolution", true},
                                        {"remove-below", true},
                                        {"fill-holes", false},
                                        {"resolve", false},
                                        {NULL, false}};
const CliVerb cli_verb_export = {
    "export",
    "export CASE --format stl --out PATH [--structure NAME]... [--union A,B]... [--frame lps|ras] [--smooth "
    "PASSES] "
    "[--hidden] " CLI_GREY_USAGE " [--fill-holes] [--remove-below ML] [--resolve] "
    "[--min-diameter MM] [--hollow MM] "
    "[--resolution MM] "
    "[--decimate-error MM] [--decimate-triangles N]",
    "surfaces to files: PATH is one file for all, or a folder (ends in '/') for one file each", options,
    export};
