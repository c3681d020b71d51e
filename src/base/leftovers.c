/* A writer locks its temporary; the lock ends with the process, however it ends. Whoever writes into the same
 * folder next removes what it can lock: a case half written by a killed program may be most of what the disk
 * has left. The name, the owner and an age of a minute must fit, too: between the making of a temporary and
 * its lock lies a moment. */
#include "leftovers_private.h"

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RANDOM_LETTERS = 6, LEAST_AGE_S = 60 };

void hilum_leftovers_hold(int fd)
{
  (void)flock(fd, LOCK_EX | LOCK_NB); /* where the file system has no locks, nothing is swept either */
}

static bool is_our_name(const char *name)
{
  if (!g_str_has_prefix(name, ".hilum-")) return false;
  const char *letters = name + strlen(".hilum-");
  return strspn(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
             RANDOM_LETTERS &&
         strlen(letters) == RANDOM_LETTERS;
}

static void sweep_one(int folder, const char *name)
{
  int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() && info.st_nlink == 1 &&
      time(NULL) - info.st_mtime >= LEAST_AGE_S && flock(fd, LOCK_EX | LOCK_NB) == 0)
    (void)unlinkat(folder, name, 0);
  close(fd);
}

void hilum_leftovers_sweep(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  int fd = dir ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (fd < 0) return;
  for (const char *name; (name = g_dir_read_name(dir));)
    if (is_our_name(name)) sweep_one(fd, name);
  close(fd);
}
