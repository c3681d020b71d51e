/* Finding files. Uses descriptors relative to the open folder, so that a path is resolved once. */
#include "walk.h"

#include "file_io.h"
#include "layout.h"

#include "hilum/dicom/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_LIMIT = 64, FILES_A_REPORT = 64 };

typedef struct {
  HilumWalk *walk;
  GArray *findings;
  GHashTable *seen; /* "device:inode" */
  const HilumProgress *progress;
} Walker;

/* With commas, as %'zu does not put them in the C locale. */
static void group_digits(size_t n, char out[32])
{
  char digits[24];
  const int len = g_snprintf(digits, sizeof digits, "%zu", n);
  for (int i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0) *out++ = ',';
    *out++ = digits[i];
  }
  *out = '\0';
}

void hilum_walk_count_text(size_t done, size_t all, char *text, size_t size)
{
  char a[32], b[32];
  group_digits(done, a);
  group_digits(all, b);
  if (all > 0)
    g_snprintf(text, size, "%s of %s files read", a, b);
  else
    g_snprintf(text, size, "%s files found", a);
}

static bool first_visit(Walker *w, const struct stat *status)
{
  return g_hash_table_add(w->seen,
                          g_strdup_printf("%ju:%ju", (uintmax_t)status->st_dev, (uintmax_t)status->st_ino));
}

static void warn(Walker *w, const char *code, const char *format, const char *path, int why)
{
  g_autofree char *name = g_filename_display_basename(path);
  g_autofree char *message = g_strdup_printf("%s: %s.", name, why ? g_strerror(why) : format);
  hilum_findings_add(w->findings, HILUM_VERDICT_WARNING, code, "%s", message);
}

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted. */
static GPtrArray *list_folder(const char *path)
{
  DIR *folder = opendir(path);
  if (!folder) return NULL;
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      g_ptr_array_add(names, g_strdup(entry->d_name));
  (void)closedir(folder);
  if (names->len) qsort(names->pdata, names->len, sizeof *names->pdata, compare_names);
  return names;
}

static void add_file(Walker *w, const char *path, const struct stat *status)
{
  if (!first_visit(w, status)) return;
  g_ptr_array_add(w->walk->files, g_strdup(path));
  const guint n = w->walk->files->len;
  if (n % FILES_A_REPORT != 0) return;
  char text[64];
  hilum_walk_count_text(n, 0, text, sizeof text);
  HilumProgress counted = hilum_progress_part(w->progress, 0, 1, text);
  (void)hilum_progress_step(&counted, 0);
}

/* Files that a DICOMDIR names, inside its own folder only. */
static void read_dicomdir(Walker *w, const char *path)
{
  int fd = hilum_file_open(path);
  if (fd < 0) return;
  g_autofree char *name = g_filename_display_basename(path), *folder = g_path_get_dirname(path);
  g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GError) why = NULL;
  if (!hilum_layout_read_dicomdir(fd, name, references, &why))
    hilum_findings_add(w->findings, HILUM_VERDICT_WARNING, "broken-dicomdir", "%s", why->message);
  hilum_file_close(fd);
  HilumNameList missing = {0}, outside = {0};
  for (guint i = 0; i < references->len; i++) {
    const char *reference = g_ptr_array_index(references, i);
    g_auto(GStrv) parts = g_strsplit(reference, "/", -1);
    if (reference[0] == '/' || g_strv_contains((const char *const *)parts, "..")) {
      hilum_name_list_add(&outside, "“%s”", reference);
      continue;
    }
    g_autofree char *file = g_build_filename(folder, reference, NULL);
    g_autofree char *lower = g_ascii_strdown(reference, -1); /* as some copies of discs have them */
    g_autofree char *lower_file = g_build_filename(folder, lower, NULL);
    struct stat status;
    if (stat(file, &status) == 0 && S_ISREG(status.st_mode))
      add_file(w, file, &status);
    else if (stat(lower_file, &status) == 0 && S_ISREG(status.st_mode))
      add_file(w, lower_file, &status);
    else
      hilum_name_list_add(&missing, "“%s”", reference);
  }
  if (missing.n) {
    size_t n = missing.n;
    g_autofree char *list = hilum_name_list_finish(&missing);
    hilum_findings_add(w->findings, HILUM_VERDICT_WARNING, "dicomdir-missing-files",
                       "“%s” names %zu files that are not there: %s.", name, n, list);
  }
  if (outside.n) {
    g_autofree char *list = hilum_name_list_finish(&outside);
    hilum_findings_add(w->findings, HILUM_VERDICT_WARNING, "dicomdir-outside",
                       "“%s” names files outside its folder, which were left alone: %s.", name, list);
  }
}

static bool is_dicomdir(const char *name)
{
  return g_ascii_strcasecmp(name, "DICOMDIR") == 0;
}

static bool walk_folder(Walker *w, const char *path, int depth)
{
  if (hilum_progress_cancelled(w->progress)) return false;
  g_autoptr(GPtrArray) names = list_folder(path);
  if (!names) {
    warn(w, "unreadable-folder", NULL, path, errno);
    return true;
  }
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index(names, i);
    g_autofree char *child = g_build_filename(path, name, NULL);
    struct stat status;
    if (lstat(child, &status) != 0) continue; /* gone in the meantime */
    bool link = S_ISLNK(status.st_mode);
    if (link && stat(child, &status) != 0) continue; /* leads nowhere */
    if (S_ISDIR(status.st_mode) && !link) {
      if (depth >= DEPTH_LIMIT)
        warn(w, "folder-too-deep", "more than 64 folders deep, left out", child, 0);
      else if (first_visit(w, &status) && !walk_folder(w, child, depth + 1))
        return false;
    } else if (S_ISREG(status.st_mode) && is_dicomdir(name))
      read_dicomdir(w, child);
    else if (S_ISREG(status.st_mode))
      add_file(w, child, &status);
  }
  return true;
}

static bool walk_named(Walker *w, const char *path, GError **error)
{
  struct stat status;
  int fd = hilum_file_open(path);
  int failed = fd < 0 || fstat(fd, &status) != 0 ? errno : 0;
  hilum_file_close(fd);
  g_autofree char *display = g_filename_display_name(path);
  if (failed) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "“%s” cannot be read: %s.", display,
                g_strerror(failed));
    return false;
  }
  if (S_ISDIR(status.st_mode)) {
    (void)first_visit(w, &status);
    g_autoptr(GPtrArray) readable = list_folder(path);
    if (!readable) {
      g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "The folder “%s” cannot be read: %s.",
                  display, g_strerror(errno));
      return false;
    }
    return walk_folder(w, path, 0) || !hilum_progress_fail(w->progress, error);
  }
  if (!S_ISREG(status.st_mode)) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "“%s” is neither a file nor a folder.",
                display);
    return false;
  }
  g_autofree char *name = g_path_get_basename(path);
  if (is_dicomdir(name)) {
    read_dicomdir(w, path);
    return true;
  }
  guint before = w->walk->files->len;
  add_file(w, path, &status);
  if (w->walk->files->len > before)
    g_hash_table_add(w->walk->named, g_ptr_array_index(w->walk->files, before));
  return true;
}

bool hilum_walk(const char *const *paths, size_t n_paths, HilumWalk *walk, GArray *findings,
                const HilumProgress *progress, GError **error)
{
  walk->files = g_ptr_array_new_with_free_func(g_free);
  walk->named = g_hash_table_new(g_direct_hash, g_direct_equal);
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Walker w = {walk, findings, seen, progress};
  bool good = true;
  for (size_t i = 0; i < n_paths && good; i++)
    good = walk_named(&w, paths[i], error);
  if (!good) hilum_walk_clear(walk);
  return good;
}

void hilum_walk_clear(HilumWalk *walk)
{
  g_clear_pointer(&walk->named, g_hash_table_unref);
  g_clear_pointer(&walk->files, g_ptr_array_unref);
}
