/* Files for the harnesses. */
#include "fuzz.h"

#include "hilum/base/parallel.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], path[128];

static void remove_folder(void)
{
  GDir *dir = g_dir_open(folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir)) != NULL;)
    fuzz_remove(name);
  if (dir) g_dir_close(dir);
  (void)g_rmdir(folder);
}

const char *fuzz_folder(void)
{
  if (*folder) return folder;
  g_strlcpy(folder, "/dev/shm/hilum-fuzz-XXXXXX", sizeof folder);
  if (!g_mkdtemp(folder)) {
    g_strlcpy(folder, "/tmp/hilum-fuzz-XXXXXX", sizeof folder);
    if (!g_mkdtemp(folder)) g_error("No folder for the files of the harness could be made");
  }
  (void)atexit(remove_folder);
  return folder;
}

static const char *path_of(const char *name)
{
  g_snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
  return path;
}

const char *fuzz_write(const char *name, const uint8_t *data, size_t size)
{
  int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) g_error("The file of the harness could not be made");
  for (size_t done = 0; done < size;) {
    ssize_t n = write(fd, data + done, size - done);
    if (n <= 0) g_error("The file of the harness could not be written");
    done += (size_t)n;
  }
  (void)close(fd);
  return path;
}

void fuzz_remove(const char *name)
{
  (void)g_unlink(path_of(name));
}

void fuzz_expect(bool good, const GError *error)
{
  if (good == (error != NULL)) g_error("A failure without a reason, or a reason without a failure");
}

/* Messages of the library are no finding; aborts are. One thread, so that every run of an input is the same.
 */
static void drop_message(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
  if (level & G_LOG_FLAG_FATAL) fprintf(stderr, "%s: %s\n", domain ? domain : "", message);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  hilum_parallel_set_threads(1);
  (void)g_log_set_default_handler(drop_message, NULL);
  (void)g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  return 0;
}
