/* Files that appear whole or not at all: written to a temporary beside the target, synced, renamed. Also sums
 * up bytes and SHA-256 while writing, for exports to report. One thread at a time. */
#pragma once

#include "hilum/base/progress.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef struct HilumFileWriter HilumFileWriter;

/* Opens a temporary (with the mode of the target if it exists, else 0666 less the umask) in the folder of
 * `path`, and removes those there that killed programs of this user left. NULL with HILUM_BASE_ERROR_IO naming the path. */
HilumFileWriter *hilum_file_writer_new(const char *path, GError **error);
/* Before the first write: nobody will ask for the SHA-256, so that it need not be made. */
void hilum_file_writer_skip_sum(HilumFileWriter *writer);
/* Says how long the file will be, before the first write. A disk without that much room fails here instead of
 * half way, and writing is several times as fast, since the file system places the file at once. Only a hint
 * where the file system cannot; a file may become longer or shorter. */
bool hilum_file_writer_reserve(HilumFileWriter *writer, size_t bytes, GError **error);
/* Buffered append. After a failure every later call fails with the same error. */
bool hilum_file_writer_write(HilumFileWriter *writer, const void *data, size_t bytes, GError **error);
/* Makes records [first, first + count) at `to`, a record behind the other. On any thread, several at once. */
typedef void (*HilumFileFill)(void *to, size_t first, size_t count, void *data);
/* Appends `count` records of `record_bytes` (at most 4096) each. While a block of them is made by `fill`, on
 * all cores, the one before it is summed up and written. A cancelled `progress` (it may be NULL) fails the
 * call, not the writer: abort it. */
bool hilum_file_writer_write_records(HilumFileWriter *writer, size_t count, size_t record_bytes,
                                     HilumFileFill fill, void *data, const HilumProgress *progress,
                                     GError **error);
/* printf into the file, in the C locale. */
bool hilum_file_writer_printf(HilumFileWriter *writer, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Flush, fsync, rename over the target, fsync the folder. Frees the writer either way. `bytes` and `sha256`
 * (64 hex digits; free with g_free; not after hilum_file_writer_skip_sum()) are optional out parameters. */
bool hilum_file_writer_commit(HilumFileWriter *writer, size_t *bytes, char **sha256, GError **error);
/* Removes the temporary and frees the writer. NULL is allowed. */
void hilum_file_writer_abort(HilumFileWriter *writer);

/* SHA-256 of a file in 64 hex digits; free with g_free(). */
char *hilum_file_sha256(const char *path, GError **error);

G_END_DECLS
