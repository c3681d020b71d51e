/* Is this mesh file fit for a printer? What can be wrong is named, counted and left alone. */
#include "hilum/exchange/check.h"

#include "hilum/exchange/error.h"
#include "stl_private.h"

#include <glib/gstdio.h>
#include <string.h>

const char *hilum_mesh_verdict_name(HilumMeshVerdict verdict)
{
  static const char *const names[] = {"ok", "warning", "refused"};
  return names[(unsigned)verdict < G_N_ELEMENTS(names) ? verdict : HILUM_MESH_CHECK_REFUSED];
}

static void finding_clear(gpointer finding)
{
  g_free(((HilumMeshFinding *)finding)->message);
}

static void note(HilumMeshCheck *check, HilumMeshVerdict verdict, const char *code, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static void note(HilumMeshCheck *check, HilumMeshVerdict verdict, const char *code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  HilumMeshFinding finding = {verdict, code, g_strdup_vprintf(format, arguments)};
  va_end(arguments);
  g_array_append_val(check->findings, finding);
  check->verdict = MAX(check->verdict, verdict);
}

void hilum_mesh_check_clear(HilumMeshCheck *check)
{
  g_clear_pointer(&check->findings, g_array_unref);
}

/* Text begins with "solid"; binary has a size that its count explains, or nearly. */
bool hilum_mesh_check_sniff(const char *path)
{
  guint8 head[84];
  GStatBuf st;
  if (g_stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return false;
  FILE *file = g_fopen(path, "rbe");
  if (!file) return false;
  const size_t n = fread(head, 1, sizeof head, file);
  fclose(file);
  if (n >= 5 && g_ascii_strncasecmp((const char *)head, "solid", 5) == 0) return true;
  g_autofree char *lower = g_ascii_strdown(path, -1);
  if (g_str_has_suffix(lower, ".stl")) return true;
  if (n < sizeof head) return false;
  uint32_t count;
  memcpy(&count, head + 80, 4);
  return (uint64_t)st.st_size == 84 + (uint64_t)GUINT32_FROM_LE(count) * 50;
}

static void judge_file(HilumMeshCheck *check, const HilumStlFacts *facts)
{
  if (!facts->text && facts->file_bytes != facts->wanted_bytes)
    note(check, HILUM_MESH_CHECK_REFUSED, "size-mismatch",
         "The header claims %" G_GUINT64_FORMAT " triangles, which take %" G_GUINT64_FORMAT
         " bytes, but the file has %" G_GUINT64_FORMAT ".",
         facts->declared, facts->wanted_bytes, facts->file_bytes);
  if (facts->solid_header)
    note(check, HILUM_MESH_CHECK_WARNING, "solid-header",
         "The binary file begins with “solid” as text files do; some programs will misread it.");
  if (facts->not_finite > 0)
    note(check, HILUM_MESH_CHECK_REFUSED, "not-finite",
         "%" G_GUINT64_FORMAT " triangles have coordinates that are not numbers.", facts->not_finite);
}

static void judge_surface(HilumMeshCheck *check)
{
  g_autoptr(GArray) defects = hilum_mesh_dup_defects(&check->report, &check->beyond);
  for (guint n = 0; n < defects->len; n++) {
    const HilumMeshDefect *defect = &g_array_index(defects, HilumMeshDefect, n);
    note(check, HILUM_MESH_CHECK_WARNING, defect->code, "%s", defect->sentence);
  }
}

bool hilum_mesh_check_file(const char *path, HilumMeshCheck *check, const HilumProgress *progress,
                           GError **error)
{
  g_return_val_if_fail(path != NULL && check != NULL, false);
  memset(check, 0, sizeof *check);
  if (!hilum_mesh_check_sniff(path)) {
    g_autofree char *name = g_filename_display_basename(path);
    const bool there = g_file_test(path, G_FILE_TEST_IS_REGULAR);
    g_set_error(error, HILUM_EXCHANGE_ERROR, there ? HILUM_EXCHANGE_ERROR_FORMAT : HILUM_EXCHANGE_ERROR_READ,
                there ? "“%s” is no mesh file that Hilum knows." : "“%s” could not be read.", name);
    return false;
  }
  HilumStlFacts facts;
  const HilumProgress reading = hilum_progress_part(progress, 0, 0.5, NULL);
  const HilumProgress measuring = hilum_progress_part(progress, 0.5, 0.6, NULL);
  const HilumProgress looking = hilum_progress_part(progress, 0.6, 1, NULL);
  g_autoptr(GError) cause = NULL;
  g_autoptr(HilumMesh) mesh = hilum_stl_read_lenient(path, &facts, &reading, &cause);
  if (cause) {
    g_propagate_error(error, g_steal_pointer(&cause));
    return false;
  }
  check->findings = g_array_new(FALSE, FALSE, sizeof(HilumMeshFinding));
  g_array_set_clear_func(check->findings, finding_clear);
  check->format = facts.text ? "stl-text" : "stl-binary";
  judge_file(check, &facts);
  if (!mesh) {
    note(check, HILUM_MESH_CHECK_REFUSED, "empty", "The file holds no usable triangle.");
    return true;
  }
  check->vertices = hilum_mesh_get_vertex_count(mesh);
  check->triangles = hilum_mesh_get_triangle_count(mesh);
  check->bounds_mm = hilum_mesh_get_bounds_mm(mesh);
  if (!hilum_mesh_measure(mesh, &check->report, &measuring, error) ||
      !hilum_mesh_look_beyond(mesh, &check->report, &check->beyond, &looking, error)) {
    hilum_mesh_check_clear(check);
    return false;
  }
  check->measured = true;
  judge_surface(check);
  return true;
}
