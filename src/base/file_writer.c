/* Atomic file writing: a temporary beside the target, fsync, rename, fsync of the folder. A crash or a full
 * disk leaves the old file, or no file, never half of one. Large writes are summed up and written side by
 * side, and the disk is set to work on them at once, so that the fsync at the end has little left to wait
 * for. */
#include "hilum/base/file_writer.h"

#include "hilum/base/error.h"
#include "hilum/base/parallel.h"
#include "sha256_private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 << 10, SIDE_BY_SIDE = 1 << 20 };

struct HilumFileWriter {
  char *path;      /* the target, symbolic links resolved */
  char *temporary; /* NULL once renamed */
  int fd;
  size_t used, total;
  size_t written; /* by write() */
  size_t reserved;
  HilumSha256 sum;
  GError *failure; /* the first one; sticky */
  unsigned char *buffer;
};

static void set_io_error(GError **error, const char *path, const char *doing, int code)
{
  g_autofree char *shown = g_filename_display_name(path);
  g_set_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO, "Could not %s “%s”: %s", doing, shown,
              g_strerror(code));
}

static void writer_free(HilumFileWriter *writer)
{
  if (writer->fd >= 0) close(writer->fd);
  if (writer->temporary) g_unlink(writer->temporary);
  hilum_sha256_clear(&writer->sum);
  g_clear_error(&writer->failure);
  g_free(writer->temporary);
  g_free(writer->buffer);
  g_free(writer->path);
  g_free(writer);
}

/* A link's target is replaced, not the link. NULL with error for what cannot be renamed over. */
static char *resolve_target(const char *path, mode_t *mode, bool *exists, GError **error)
{
  struct stat info;
  *exists = stat(path, &info) == 0;
  if (!*exists) return g_strdup(path);
  if (!S_ISREG(info.st_mode)) {
    set_io_error(error, path, "write", S_ISDIR(info.st_mode) ? EISDIR : EINVAL);
    return NULL;
  }
  *mode = info.st_mode & 07777;
  char *real = realpath(path, NULL);
  char *copy = g_strdup(real ? real : path);
  free(real);
  return copy;
}

HilumFileWriter *hilum_file_writer_new(const char *path, GError **error)
{
  mode_t mode = 0;
  bool exists = false;
  g_autofree char *target = resolve_target(path, &mode, &exists, error);
  if (!target) return NULL;

  g_autofree char *folder = g_path_get_dirname(target);
  g_autofree char *temporary = g_build_filename(folder, ".hilum-XXXXXX", NULL);
  int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0666);
  if (fd < 0) {
    set_io_error(error, path, "create", errno);
    return NULL;
  }
  if (exists) (void)fchmod(fd, mode); /* best effort: a foreign owner's mode may be out of reach */

  HilumFileWriter *writer = g_new0(HilumFileWriter, 1);
  writer->path = g_steal_pointer(&target);
  writer->temporary = g_steal_pointer(&temporary);
  writer->fd = fd;
  hilum_sha256_init(&writer->sum);
  writer->buffer = g_malloc(BUFFER_BYTES);
  return writer;
}

static bool fail(HilumFileWriter *writer, const char *doing, int code)
{
  if (!writer->failure) set_io_error(&writer->failure, writer->path, doing, code);
  return false;
}

static bool report(HilumFileWriter *writer, GError **error)
{
  if (!writer->failure) return true;
  if (error) *error = g_error_copy(writer->failure);
  return false;
}

static bool put(HilumFileWriter *writer, const unsigned char *data, size_t bytes)
{
  while (bytes > 0) {
    ssize_t done = write(writer->fd, data, MIN(bytes, (size_t)1 << 30));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return fail(writer, "write", done < 0 ? errno : EIO);
    data += done;
    bytes -= (size_t)done;
    writer->written += (size_t)done;
  }
  return true;
}

typedef struct {
  HilumFileWriter *writer;
  const unsigned char *data;
  size_t bytes;
} Out;

/* One of the two touches the sum, the other the file and the failure. */
static void sum_or_put(size_t begin, size_t end, unsigned worker, void *data)
{
  Out *out = data;
  for (size_t i = begin; i < end; i++)
    if (i == 0)
      hilum_sha256_update(&out->writer->sum, out->data, out->bytes);
    else
      put(out->writer, out->data, out->bytes);
}

static bool write_out(HilumFileWriter *writer, const unsigned char *data, size_t bytes)
{
  Out out = {writer, data, bytes};
  size_t start = writer->written;
  if (bytes < SIDE_BY_SIDE) {
    sum_or_put(0, 2, 0, &out);
  } else {
    hilum_parallel_for(2, 1, sum_or_put, &out);
    /* Advice: the disk may start now. What it does not do, fsync will. */
    if (!writer->failure)
      (void)sync_file_range(writer->fd, (off_t)start, (off_t)bytes, SYNC_FILE_RANGE_WRITE);
  }
  return !writer->failure;
}

bool hilum_file_writer_reserve(HilumFileWriter *writer, size_t bytes, GError **error)
{
  if (writer->failure) return report(writer, error);
  if (bytes == 0 || bytes > G_MAXINT64) return true;
  int done;
  do
    done = fallocate(writer->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes);
  while (done != 0 && errno == EINTR);
  if (done == 0) writer->reserved = MAX(writer->reserved, bytes);
  if (done != 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) fail(writer, "write", errno);
  return report(writer, error);
}

static bool flush(HilumFileWriter *writer)
{
  size_t used = writer->used;
  writer->used = 0;
  return used == 0 || write_out(writer, writer->buffer, used);
}

bool hilum_file_writer_write(HilumFileWriter *writer, const void *data, size_t bytes, GError **error)
{
  if (writer->failure) return report(writer, error);
  if (bytes == 0) return true;
  writer->total += bytes;
  if (bytes <= BUFFER_BYTES - writer->used) {
    memcpy(writer->buffer + writer->used, data, bytes);
    writer->used += bytes;
    return true;
  }
  if (!flush(writer)) return report(writer, error);
  if (bytes < BUFFER_BYTES) {
    memcpy(writer->buffer, data, bytes);
    writer->used = bytes;
  } else {
    write_out(writer, data, bytes);
  }
  return report(writer, error);
}

bool hilum_file_writer_printf(HilumFileWriter *writer, GError **error, const char *format, ...)
{
  static gsize c_locale;
  if (g_once_init_enter(&c_locale)) {
    locale_t made = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    g_once_init_leave(&c_locale, (gsize)made);
  }
  locale_t before = uselocale((locale_t)c_locale);
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  uselocale(before);
  return hilum_file_writer_write(writer, text, strlen(text), error);
}

/* The rename itself is only durable once the folder is on the disk. */
static bool sync_folder(const char *path)
{
  g_autofree char *folder = g_path_get_dirname(path);
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno == EACCES; /* a folder that may be written but not read */
  bool ok = fsync(fd) == 0 || errno == EINVAL || errno == EROFS;
  close(fd);
  return ok;
}

static bool finish(HilumFileWriter *writer)
{
  if (!flush(writer)) return false;
  /* Gives back what was reserved behind the end. */
  if (writer->reserved > writer->total && ftruncate(writer->fd, (off_t)writer->total) != 0)
    return fail(writer, "save", errno);
  if (fsync(writer->fd) != 0) return fail(writer, "save", errno);
  int closed = close(writer->fd);
  writer->fd = -1;
  if (closed != 0) return fail(writer, "save", errno);
  if (g_rename(writer->temporary, writer->path) != 0) return fail(writer, "replace", errno);
  g_clear_pointer(&writer->temporary, g_free);
  if (!sync_folder(writer->path)) return fail(writer, "save", errno);
  return true;
}

bool hilum_file_writer_commit(HilumFileWriter *writer, size_t *bytes, char **sha256, GError **error)
{
  bool ok = !writer->failure && finish(writer);
  if (ok && bytes) *bytes = writer->total;
  if (ok && sha256) *sha256 = hilum_sha256_finish(&writer->sum);
  if (!ok) report(writer, error);
  writer_free(writer);
  return ok;
}

void hilum_file_writer_abort(HilumFileWriter *writer)
{
  if (writer) writer_free(writer);
}

char *hilum_file_sha256(const char *path, GError **error)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    set_io_error(error, path, "read", errno);
    return NULL;
  }
  HilumSha256 sum;
  hilum_sha256_init(&sum);
  g_autofree unsigned char *buffer = g_malloc(BUFFER_BYTES);
  ssize_t got;
  while ((got = read(fd, buffer, BUFFER_BYTES)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    hilum_sha256_update(&sum, buffer, (size_t)got);
  }
  int code = errno;
  close(fd);
  g_autofree char *hex = hilum_sha256_finish(&sum);
  hilum_sha256_clear(&sum);
  if (got == 0) return g_steal_pointer(&hex);
  set_io_error(error, path, "read", code);
  return NULL;
}
