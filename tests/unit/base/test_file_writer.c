/* Atomic files: what is written arrives whole with its size and hash; any failure leaves the folder as it
 * was.
 */
#include "hilum/base/cpu.h"
#include "hilum/base/error.h"
#include "hilum/base/file_writer.h"
#include "hilum/base/parallel.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

typedef struct {
  char *folder, *path;
} Place;

static void set_up(Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp("hilum-writer-XXXXXX", NULL);
  g_assert_nonnull(place->folder);
  place->path = g_build_filename(place->folder, "model.stl", NULL);
}

static guint files_in(const char *folder)
{
  guint count = 0;
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  while (g_dir_read_name(dir))
    count++;
  return count;
}

static void tear_down(Place *place, gconstpointer data)
{
  g_chmod(place->folder, 0700);
  g_autoptr(GDir) dir = g_dir_open(place->folder, 0, NULL);
  const char *name;
  while ((name = g_dir_read_name(dir))) {
    g_autofree char *path = g_build_filename(place->folder, name, NULL);
    g_unlink(path);
  }
  g_rmdir(place->folder);
  g_free(place->folder);
  g_free(place->path);
}

static void expect_contents(const char *path, const char *expected)
{
  g_autofree char *text = NULL;
  g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
  g_assert_cmpstr(text, ==, expected);
}

static void test_commit(Place *place, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  HilumFileWriter *writer = hilum_file_writer_new(place->path, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_file_writer_write(writer, "abc", 3, &error));
  g_assert_false(g_file_test(place->path, G_FILE_TEST_EXISTS));
  size_t bytes = 0;
  g_autofree char *sha256 = NULL;
  g_assert_true(hilum_file_writer_commit(writer, &bytes, &sha256, &error));
  g_assert_cmpuint(bytes, ==, 3);
  /* FIPS 180-2, appendix B.1 */
  g_assert_cmpstr(sha256, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_autofree char *again = hilum_file_sha256(place->path, &error);
  g_assert_cmpstr(again, ==, sha256);
  expect_contents(place->path, "abc");
  g_assert_cmpuint(files_in(place->folder), ==, 1);
}

/* Pieces around and above the size of the buffer. */
static void test_large(Place *place, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GByteArray) expected = g_byte_array_new();
  HilumFileWriter *writer = hilum_file_writer_new(place->path, &error);
  for (guint piece = 0; piece < 40; piece++) {
    gsize length = piece * piece * 977;
    g_autofree guint8 *block = g_malloc(length + 1);
    for (gsize i = 0; i < length; i++)
      block[i] = (guint8)(i * 31 + piece);
    g_byte_array_append(expected, block, (guint)length);
    g_assert_true(hilum_file_writer_write(writer, block, length, &error));
  }
  size_t bytes = 0;
  g_assert_true(hilum_file_writer_commit(writer, &bytes, NULL, &error));
  g_autofree char *text = NULL;
  gsize length = 0;
  g_assert_true(g_file_get_contents(place->path, &text, &length, NULL));
  g_assert_cmpmem(text, length, expected->data, expected->len);
  g_assert_cmpuint(bytes, ==, length);
}

/* Every length round the block and padding limits, cut anywhere, and large ones that are summed up beside the
 * writing; by instructions and in plain C: always what GChecksum says. */
static void test_sums(Place *place, gconstpointer data)
{
  static const gsize more[] = {4095, 65536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3000001};
  const gsize largest = 3000001;
  g_autofree guint8 *block = g_malloc(largest);
  for (gsize i = 0; i < largest; i++)
    block[i] = (guint8)(i * i >> 7 ^ i * 131);
  for (unsigned mask = 0; mask < 2; mask++) {
    hilum_cpu_set_mask(mask ? ~0u : 0);
    for (gsize n = 0; n < 200 + G_N_ELEMENTS(more); n++) {
      gsize length = n < 200 ? n : more[n - 200], cut = length * 5 / 13;
      g_autoptr(GError) error = NULL;
      g_autofree char *sha256 = NULL, *read = NULL;
      g_autofree char *expected = g_compute_checksum_for_data(G_CHECKSUM_SHA256, block, length);
      HilumFileWriter *writer = hilum_file_writer_new(place->path, &error);
      g_assert_true(hilum_file_writer_write(writer, block, cut, &error));
      g_assert_true(hilum_file_writer_write(writer, block + cut, length - cut, &error));
      g_assert_true(hilum_file_writer_commit(writer, NULL, &sha256, &error));
      g_assert_cmpstr(sha256, ==, expected);
      if (n % 16 == 0 || n >= 200) {
        read = hilum_file_sha256(place->path, &error);
        g_assert_cmpstr(read, ==, expected);
      }
    }
  }
}

typedef struct {
  gsize bytes; /* a record */
  GCancellable *stop;
  gint made; /* atomic */
} Records;

static void fill_records(void *to, size_t first, size_t count, void *data)
{
  Records *r = data;
  for (gsize i = 0; i < count * r->bytes; i++)
    ((guint8 *)to)[i] = (guint8)((first * r->bytes + i) * 2654435761u >> 13);
  if (g_atomic_int_add(&r->made, (gint)count) > 0 && r->stop) g_cancellable_cancel(r->stop);
}

/* Records of any size and number behind a head, for any number of threads: in their order, each once, with
 * the sum if somebody asks for it. */
static void test_records(Place *place, gconstpointer data)
{
  static const gsize counts[] = {0, 1, 77, 5242, 83886, 83887, 200001}, sizes[] = {1, 50, 4096};
  for (gsize n = 0; n < G_N_ELEMENTS(counts) * G_N_ELEMENTS(sizes) * 2; n++) {
    Records r = {.bytes = sizes[n / 2 % G_N_ELEMENTS(sizes)]};
    const gsize count = r.bytes == 4096 ? counts[n / 6] / 64 : counts[n / 6], all = count * r.bytes;
    const bool sum = n % 2;
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *expected = g_malloc(7 + all);
    memcpy(expected, "header.", 7);
    fill_records(expected + 7, 0, count, &r);
    g_atomic_int_set(&r.made, 0);
    hilum_parallel_set_threads(1 + (unsigned)n % 3);
    HilumFileWriter *writer = hilum_file_writer_new(place->path, &error);
    if (!sum) hilum_file_writer_skip_sum(writer);
    g_assert_true(hilum_file_writer_write(writer, "header.", 7, &error));
    g_assert_true(hilum_file_writer_write_records(writer, count, r.bytes, fill_records, &r, NULL, &error));
    gsize bytes = 0, length = 0;
    g_autofree char *sha256 = NULL, *text = NULL;
    g_assert_true(hilum_file_writer_commit(writer, &bytes, sum ? &sha256 : NULL, &error));
    g_assert_cmpuint(bytes, ==, 7 + all);
    g_assert_cmpint(r.made, ==, (gint)count);
    g_assert_true(g_file_get_contents(place->path, &text, &length, NULL));
    g_assert_true(length == 7 + all && memcmp(text, expected, length) == 0);
    g_autofree char *right = g_compute_checksum_for_data(G_CHECKSUM_SHA256, expected, length);
    if (sum) g_assert_cmpstr(sha256, ==, right);
  }
  hilum_parallel_set_threads(0);
}

/* Cancelled half way: the rest is not made, and the folder stays as it was. */
static void test_records_cancelled(Place *place, gconstpointer data)
{
  g_autoptr(GCancellable) stop = g_cancellable_new();
  const HilumProgress progress = {.cancellable = stop};
  g_autoptr(GError) error = NULL;
  Records r = {.bytes = 4096, .stop = stop};
  HilumFileWriter *writer = hilum_file_writer_new(place->path, &error);
  g_assert_false(
      hilum_file_writer_write_records(writer, 100000, r.bytes, fill_records, &r, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint(r.made, <, 10000);
  hilum_file_writer_abort(writer);
  g_assert_cmpuint(files_in(place->folder), ==, 0);
}

/* A hint: the file is as long as what was written, shorter or longer; but what no disk holds fails at once.
 */
static void test_reserve(Place *place, gconstpointer data)
{
  for (gsize reserved = 0; reserved <= 4 << 20; reserved += 2 << 20) {
    g_autoptr(GError) error = NULL;
    HilumFileWriter *writer = hilum_file_writer_new(place->path, &error);
    g_assert_true(hilum_file_writer_reserve(writer, reserved, &error));
    g_autofree guint8 *block = g_malloc0(3 << 20);
    g_assert_true(hilum_file_writer_write(writer, block, 3 << 20, &error));
    g_assert_true(hilum_file_writer_commit(writer, NULL, NULL, &error));
    GStatBuf info;
    g_assert_cmpint(g_stat(place->path, &info), ==, 0);
    g_assert_cmpint(info.st_size, ==, 3 << 20);
    g_assert_cmpint(info.st_blocks * 512, <, (3 << 20) + (256 << 10)); /* nothing is left behind the end */
  }
  g_autoptr(GError) error = NULL;
  HilumFileWriter *writer = hilum_file_writer_new(place->path, &error);
  if (hilum_file_writer_reserve(writer, (gsize)1 << 60, &error)) {
    hilum_file_writer_abort(writer);
    g_test_skip("this file system takes no reservations");
    return;
  }
  g_assert_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
  g_assert_false(hilum_file_writer_commit(writer, NULL, NULL, NULL));
  g_assert_cmpuint(files_in(place->folder), ==, 1);
}

static void test_printf_c_locale(Place *place, gconstpointer data)
{
  /* Not every machine has a locale with a decimal comma; where it has, it must not show. */
  setlocale(LC_ALL, "de_DE.UTF-8");
  HilumFileWriter *writer = hilum_file_writer_new(place->path, NULL);
  g_assert_true(hilum_file_writer_printf(writer, NULL, "%s %.3f %d\n", "v", 0.5, 1234567));
  g_assert_true(hilum_file_writer_commit(writer, NULL, NULL, NULL));
  setlocale(LC_ALL, "C");
  expect_contents(place->path, "v 0.500 1234567\n");
}

static void test_abort(Place *place, gconstpointer data)
{
  g_assert_true(g_file_set_contents(place->path, "old", -1, NULL));
  HilumFileWriter *writer = hilum_file_writer_new(place->path, NULL);
  hilum_file_writer_write(writer, "new", 3, NULL);
  hilum_file_writer_abort(writer);
  hilum_file_writer_abort(NULL);
  expect_contents(place->path, "old");
  g_assert_cmpuint(files_in(place->folder), ==, 1);
}

static void test_keeps_mode_and_link(Place *place, gconstpointer data)
{
  g_autofree char *link = g_build_filename(place->folder, "link.stl", NULL);
  g_assert_true(g_file_set_contents(place->path, "old", -1, NULL));
  g_chmod(place->path, 0640);
  g_assert_cmpint(symlink("model.stl", link), ==, 0);
  HilumFileWriter *writer = hilum_file_writer_new(link, NULL);
  hilum_file_writer_write(writer, "new", 3, NULL);
  g_assert_true(hilum_file_writer_commit(writer, NULL, NULL, NULL));
  expect_contents(place->path, "new");
  g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
  struct stat info;
  g_assert_cmpint(stat(place->path, &info), ==, 0);
  g_assert_cmpint((int)(info.st_mode & 0777), ==, 0640);
}

static void test_refused(Place *place, gconstpointer data)
{
  g_autofree char *missing = g_build_filename(place->folder, "no-such-folder", "model.stl", NULL);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_file_writer_new(missing, &error));
  g_assert_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
  g_assert_nonnull(strstr(error->message, "model.stl"));
  g_clear_error(&error);
  g_assert_null(hilum_file_writer_new(place->folder, &error)); /* a folder is no file */
  g_assert_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
  g_clear_error(&error);
  g_assert_null(hilum_file_writer_new("/dev/full", &error)); /* nor is a device: it must not be replaced */
  g_assert_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
  g_clear_error(&error);
  g_assert_null(hilum_file_sha256(missing, &error));
  g_assert_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
  g_clear_error(&error);
  g_assert_null(hilum_file_sha256(place->folder, &error));
  g_assert_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
  g_assert_cmpuint(files_in(place->folder), ==, 0);
}

static void test_read_only_folder(Place *place, gconstpointer data)
{
  g_chmod(place->folder, 0500);
  if (g_access(place->folder, W_OK) == 0) {
    g_test_skip("this user may write into a read-only folder");
    return;
  }
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_file_writer_new(place->path, &error));
  g_assert_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
}

/* The disk is full, as far as this process can tell: writes beyond the limit fail with EFBIG. */
static void test_full_disk(Place *place, gconstpointer data)
{
  g_assert_true(g_file_set_contents(place->path, "old", -1, NULL));
  struct rlimit before, tight;
  getrlimit(RLIMIT_FSIZE, &before);
  tight = before;
  tight.rlim_cur = 100 << 10;
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &tight), ==, 0);

  g_autofree char *block = g_malloc0(1 << 20);
  g_autoptr(GError) first = NULL;
  HilumFileWriter *writer = hilum_file_writer_new(place->path, NULL);
  bool wrote = hilum_file_writer_write(writer, block, 1 << 20, &first);
  g_autoptr(GError) second = NULL;
  bool wrote_again = hilum_file_writer_write(writer, block, 1, &second);
  g_autoptr(GError) third = NULL;
  bool committed = hilum_file_writer_commit(writer, NULL, NULL, &third);
  Records r = {.bytes = 50};
  g_autoptr(GError) of_records = NULL;
  writer = hilum_file_writer_new(place->path, NULL);
  bool wrote_records =
      hilum_file_writer_write_records(writer, 1000000, r.bytes, fill_records, &r, NULL, &of_records);
  hilum_file_writer_abort(writer);

  /* Small enough to stay in the buffer: the failure comes with the commit. */
  tight.rlim_cur = 10;
  setrlimit(RLIMIT_FSIZE, &tight);
  g_autoptr(GError) late = NULL;
  HilumFileWriter *small = hilum_file_writer_new(place->path, NULL);
  bool buffered = hilum_file_writer_write(small, block, 1000, NULL);
  bool small_committed = hilum_file_writer_commit(small, NULL, NULL, &late);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);

  g_assert_false(wrote);
  g_assert_error(first, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
  g_assert_nonnull(strstr(first->message, "model.stl"));
  g_assert_false(wrote_again);
  g_assert_cmpstr(second->message, ==, first->message);
  g_assert_false(committed);
  g_assert_cmpstr(third->message, ==, first->message);
  g_assert_false(wrote_records);
  g_assert_cmpstr(of_records->message, ==, first->message);
  g_assert_cmpint(r.made, <, 1000000); /* the rest was not made for nothing */
  g_assert_true(buffered);
  g_assert_false(small_committed);
  g_assert_error(late, HILUM_BASE_ERROR, HILUM_BASE_ERROR_IO);
  expect_contents(place->path, "old");
  g_assert_cmpuint(files_in(place->folder), ==, 1);
}

/* A file of a name in the folder, and how long ago it was last written. */
static void leave(const char *folder, const char *name, int seconds)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_assert_true(g_file_set_contents(path, "half", -1, NULL));
  struct utimbuf then = {time(NULL) - seconds, time(NULL) - seconds};
  g_assert_cmpint(g_utime(path, &then), ==, 0);
}

static bool is_there(const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void write_once(Place *place)
{
  HilumFileWriter *writer = hilum_file_writer_new(place->path, NULL);
  g_assert_nonnull(writer);
  hilum_file_writer_abort(writer);
}

/* What a killed program left goes; what is another's, young, named otherwise or being written stays. */
static void test_leftovers(Place *place, gconstpointer data)
{
  static const char *const stays[] = {".hilum-aB3", ".hilum-abcdefg", ".hilum-abc.ef", "hilum-abcdef"};
  for (gsize n = 0; n < G_N_ELEMENTS(stays); n++)
    leave(place->folder, stays[n], 3600);
  leave(place->folder, ".hilum-abcdef", 3600);
  leave(place->folder, ".hilum-young1", 5);
  g_autofree char *pipe = g_build_filename(place->folder, ".hilum-pipe12", NULL);
  g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
  write_once(place);
  g_assert_false(is_there(place->folder, ".hilum-abcdef"));
  g_assert_true(is_there(place->folder, ".hilum-young1"));
  g_assert_true(is_there(place->folder, ".hilum-pipe12"));
  for (gsize n = 0; n < G_N_ELEMENTS(stays); n++)
    g_assert_true(is_there(place->folder, stays[n]));
}

/* A slow writer's temporary, an hour old, is kept while the writer lives, and goes after kill. */
static void test_leftovers_of_the_living(Place *place, gconstpointer data)
{
  int ready[2];
  g_assert_cmpint(pipe(ready), ==, 0);
  pid_t child = fork();
  if (child == 0) {
    HilumFileWriter *writer = hilum_file_writer_new(place->path, NULL);
    if (!writer || write(ready[1], "x", 1) != 1) _exit(1);
    for (;;)
      pause();
  }
  char byte;
  g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
  g_autofree char *temporary = NULL;
  g_autoptr(GDir) dir = g_dir_open(place->folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name(dir));)
    if (g_str_has_prefix(name, ".hilum-")) temporary = g_build_filename(place->folder, name, NULL);
  g_assert_nonnull(temporary);
  struct utimbuf then = {time(NULL) - 3600, time(NULL) - 3600};
  g_assert_cmpint(g_utime(temporary, &then), ==, 0);
  write_once(place);
  g_assert_true(g_file_test(temporary, G_FILE_TEST_EXISTS));
  g_assert_cmpint(kill(child, SIGKILL), ==, 0);
  g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
  write_once(place);
  g_assert_false(g_file_test(temporary, G_FILE_TEST_EXISTS));
  close(ready[0]);
  close(ready[1]);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add("/file-writer/" name, Place, NULL, set_up, function, tear_down)
  ADD("commit", test_commit);
  ADD("large", test_large);
  ADD("sums", test_sums);
  ADD("records", test_records);
  ADD("records-cancelled", test_records_cancelled);
  ADD("reserve", test_reserve);
  ADD("printf-c-locale", test_printf_c_locale);
  ADD("abort", test_abort);
  ADD("keeps-mode-and-link", test_keeps_mode_and_link);
  ADD("refused", test_refused);
  ADD("read-only-folder", test_read_only_folder);
  ADD("full-disk", test_full_disk);
  ADD("leftovers", test_leftovers);
  ADD("leftovers-of-the-living", test_leftovers_of_the_living);
#undef ADD
  return g_test_run();
}
