/* Runs a harness over files and folders of files without libFuzzer, so that any compiler replays the corpora.
 * Usage: replay-HARNESS PATH... Prints how many inputs it ran; fails if there were none, or if one took
 * longer than five seconds of processor time. */
#include "fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SECONDS_LIMIT = 5 };

static bool too_slow;

static unsigned replay_file(const char *path)
{
  g_autofree char *bytes = NULL;
  gsize n = 0;
  g_autoptr(GError) error = NULL;
  if (!g_file_get_contents(path, &bytes, &n, &error)) {
    fprintf(stderr, "%s\n", error->message);
    return 0;
  }
  /* An exact copy, so that the address sanitizer sees a read past the end. */
  g_autofree uint8_t *copy = n ? g_memdup2(bytes, n) : g_malloc(1);
  clock_t start = clock();
  (void)LLVMFuzzerTestOneInput(copy, n);
  if (clock() - start > (clock_t)SECONDS_LIMIT * CLOCKS_PER_SEC) {
    fprintf(stderr, "%s took longer than %d s\n", path, SECONDS_LIMIT);
    too_slow = true;
  }
  return 1;
}

static unsigned replay(const char *path)
{
  if (!g_file_test(path, G_FILE_TEST_IS_DIR)) return replay_file(path);
  unsigned n = 0;
  GDir *dir = g_dir_open(path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir)) != NULL;) {
    g_autofree char *child = g_build_filename(path, name, NULL);
    n += replay(child);
  }
  if (dir) g_dir_close(dir);
  return n;
}

int main(int argc, char **argv)
{
  (void)LLVMFuzzerInitialize(&argc, &argv);
  unsigned n = 0;
  for (int i = 1; i < argc; i++)
    n += replay(argv[i]);
  printf("%u inputs\n", n);
  return n > 0 && !too_slow ? 0 : 1;
}
