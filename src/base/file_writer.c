/* Atomic file writing: a temporary beside the target, fsync, rename, fsync of the folder. A crash or a full
 * disk leaves the old file, or no file, never half of one. Large writes are summed up and written side by
 * side, beside the making of what follows where it comes as records, and the disk is set to work on them at
 * once, so that the fsync at the end has little left to wait for. */
#include "hilum/base/file_writer.h"

#include "hilum/base/error.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "leftovers_private.h"
#include "sha256_private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  BUFFER_BYTES = 256 << 10,
  SIDE_BY_SIDE = 1 << 20,
  BLOCK_BYTES = 4 << 20, /* of records: two of them stay in the cache between their making and the file */
  PIECE_BYTES = 256 << 10,
  RECORD_BYTES_MAX = 4096
};

struct HilumFileWriter {
  char *path;      /* the target, symbolic links resolved */
  char *temporary; /* NULL once renamed */
  int fd;
  size_t used, total;
  size_t written; /* by write() */
  size_t reserved;
  HilumSha256 sum;
  bool no_sum;
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
  hilum_leftovers_sweep(folder);
  g_autofree char *temporary = g_build_filename(folder, ".hilum-XXXXXX", NULL);
  int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0666);
  if (fd < 0) {
    set_io_error(error, path, "create", errno);
    return NULL;
  }
  hilum_leftovers_hold(fd);
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

/* What is to be written while the next records are made. */
typedef struct {
  HilumFileWriter *writer;
  const unsigned char *data;
  size_t bytes;
  HilumFileFill fill; /* of the records from `first` on to `to`, `count` of them, PIECE_BYTES at a time */
  void *fill_data;
  unsigned char *to;
  size_t first, count, record_bytes;
} Out;

static size_t records_in(size_t bytes, const Out *out)
{
  return bytes / out->record_bytes;
}

static void make_piece(const Out *out, size_t piece)
{
  size_t each = records_in(PIECE_BYTES, out), from = piece * each;
  out->fill(out->to + from * out->record_bytes, out->first + from, MIN(each, out->count - from),
            out->fill_data);
}

/* The first two, of which one touches the sum, the other the file and the failure, and the pieces of the next
 * block, of which each has bytes of its own. */
static void sum_put_or_make(size_t begin, size_t end, unsigned worker, void *data)
{
  const Out *out = data;
  for (size_t i = begin; i < end; i++)
    if (i == 0) {
      if (!out->writer->no_sum) hilum_sha256_update(&out->writer->sum, out->data, out->bytes);
    } else if (i == 1) {
      put(out->writer, out->data, out->bytes);
    } else {
      make_piece(out, i - 2);
    }
}

static bool write_out(HilumFileWriter *writer, const Out *out)
{
  size_t start = writer->written, pieces = 0;
  if (out->count > 0) pieces = (out->count - 1) / records_in(PIECE_BYTES, out) + 1;
  if (out->bytes < SIDE_BY_SIDE && pieces == 0)
    sum_put_or_make(0, 2, 0, (void *)out);
  else
    hilum_parallel_for(2 + pieces, 1, sum_put_or_make, (void *)out);
  /* Advice: the disk may start now. What it does not do, fsync will. */
  if (!writer->failure && out->bytes >= SIDE_BY_SIDE)
    (void)sync_file_range(writer->fd, (off_t)start, (off_t)out->bytes, SYNC_FILE_RANGE_WRITE);
  return !writer->failure;
}

void hilum_file_writer_skip_sum(HilumFileWriter *writer)
{
  g_return_if_fail(writer->total == 0);
  writer->no_sum = true;
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
  const Out out = {.writer = writer, .data = writer->buffer, .bytes = used};
  return used == 0 || write_out(writer, &out);
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
    const Out out = {.writer = writer, .data = data, .bytes = bytes};
    write_out(writer, &out);
  }
  return report(writer, error);
}

/* Two blocks take turns: one is made while the other leaves. */
static bool write_blocks(HilumFileWriter *writer, size_t count, Out *out, unsigned char *blocks,
                         const HilumProgress *progress, GError **error)
{
  const size_t each = records_in(BLOCK_BYTES, out);
  out->to = blocks;
  out->count = 0;
  for (size_t made = 0; made < count || out->count > 0;) {
    out->data = out->to;
    out->bytes = out->count * out->record_bytes;
    out->to = out->to == blocks ? blocks + BLOCK_BYTES : blocks;
    out->first = made;
    out->count = MIN(each, count - made);
    if (!write_out(writer, out)) return report(writer, error);
    writer->total += out->bytes;
    made += out->count;
    if (!hilum_progress_step(progress, (double)(made - out->count) / (double)count))
      return !hilum_progress_fail(progress, error);
  }
  return true;
}

bool hilum_file_writer_write_records(HilumFileWriter *writer, size_t count, size_t record_bytes,
                                     HilumFileFill fill, void *data, const HilumProgress *progress,
                                     GError **error)
{
  g_return_val_if_fail(record_bytes > 0 && record_bytes <= RECORD_BYTES_MAX, false);
  if (writer->failure || !flush(writer)) return report(writer, error);
  unsigned char *blocks = hilum_big_alloc(2 * BLOCK_BYTES, error);
  if (!blocks) return false;
  Out out = {.writer = writer, .fill = fill, .fill_data = data, .record_bytes = record_bytes};
  bool ok = write_blocks(writer, count, &out, blocks, progress, error);
  hilum_big_free(blocks);
  return ok;
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
  g_return_val_if_fail(!sha256 || !writer->no_sum, false);
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
