/* Opening and reading regular files without surprises. */
#include "file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

int hilum_file_open(const char *path)
{
  int fd;
  do
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  while (fd < 0 && errno == EINTR);
  return fd;
}

bool hilum_file_read_at(int fd, void *out, size_t n, uint64_t offset)
{
  unsigned char *to = out;
  while (n > 0) {
    ssize_t k = pread(fd, to, n, (off_t)offset);
    if (k < 0 && errno == EINTR) continue;
    if (k == 0) errno = 0;
    if (k <= 0) return false;
    to += k;
    offset += (uint64_t)k;
    n -= (size_t)k;
  }
  return true;
}

void hilum_file_close(int fd)
{
  if (fd >= 0) (void)close(fd);
}
