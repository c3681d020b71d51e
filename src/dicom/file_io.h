/* Opening and reading regular files without surprises. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read-only, never blocking on a pipe or device; -1 with errno. */
int hilum_file_open(const char *path);
/* Exactly `n` bytes; false with errno (0 if the file ends early). */
bool hilum_file_read_at(int fd, void *out, size_t n, uint64_t offset);
/* Negative descriptors are fine. */
void hilum_file_close(int fd);
