/* Large buffers: 64-byte aligned, advised for huge pages (first touch of 200 MiB costs five times more in 4
 * KiB pages), with 64 readable bytes of slack behind the end so that vector loads may overrun. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Uninitialised buffer of `bytes` (0 is allowed and gives a valid pointer); NULL with HILUM_BASE_ERROR_LIMIT
 * (more than hilum_memory_budget()) or _MEMORY. Free with hilum_big_free(). */
void *hilum_big_alloc(size_t bytes, GError **error);
/* The same, zeroed. */
void *hilum_big_alloc0(size_t bytes, GError **error);
/* First touch of a fresh buffer (uninitialised or zero), its huge pages spread over the cores: for loops in
 * which several threads would else meet in the same page and each clear one. */
void hilum_big_touch(void *buffer, size_t bytes);
/* NULL is allowed. The last large buffer freed is kept for the next one of its size, its pages at the
 * kernel's disposal. */
void hilum_big_free(void *buffer);
/* Gives back what hilum_big_free() kept: when a study is closed and no other follows. */
void hilum_memory_trim(void);

/* Largest single allocation that a file may cause, in bytes: physical memory less a reserve. */
size_t hilum_memory_budget(void);
/* Another limit, for tests and for computers that are shared; 0: back to the default. */
void hilum_memory_set_budget(size_t bytes);

G_END_DECLS
