/* Large aligned buffers. The block comes from the C library (so that the address sanitizer sees its ends);
 * the pointer handed out is aligned inside it and the word before it remembers where the block starts. Fresh
 * pages of large blocks are advised to be huge before anybody touches them. */
#include "hilum/base/memory.h"

#include "hilum/base/error.h"
#include "hilum/base/size.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
  SLACK_BYTES = 64,
  SMALL_ALIGN = 64,
  HUGE_PAGE = 2 << 20,
  HUGE_FROM = 8 << 20 /* below this, huge pages waste more than they save */
};

static atomic_size_t chosen_budget; /* 0: what the computer has */

void hilum_memory_set_budget(size_t bytes)
{
  atomic_store(&chosen_budget, bytes);
}

size_t hilum_memory_budget(void)
{
  size_t chosen = atomic_load(&chosen_budget);
  if (chosen) return chosen;
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  size_t physical;
  if (pages <= 0 || page <= 0 || !hilum_size_mul((size_t)pages, (size_t)page, &physical))
    return (size_t)1 << 30;
  /* The reserve keeps the desktop alive: 1 GiB, or a quarter of a small machine. */
  size_t reserve = MIN((size_t)1 << 30, physical / 4);
  return MIN(physical - reserve, (size_t)PTRDIFF_MAX / 2);
}

static void advise_huge(char *begin, size_t bytes)
{
#ifdef MADV_HUGEPAGE
  uintptr_t lo = ((uintptr_t)begin + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
  uintptr_t hi = ((uintptr_t)begin + bytes + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
  if (hi > lo) (void)madvise((void *)lo, hi - lo, MADV_HUGEPAGE); /* advice: failure costs speed only */
#endif
}

static void *alloc_block(size_t bytes, bool zero, GError **error)
{
  if (bytes > hilum_memory_budget()) {
    g_set_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_LIMIT,
                "%.1f GiB of memory are needed at once, more than this computer can spare (%.1f GiB)",
                (double)bytes / 0x1p30, (double)hilum_memory_budget() / 0x1p30);
    return NULL;
  }
  bool huge = bytes >= HUGE_FROM;
  size_t align = huge ? HUGE_PAGE : SMALL_ALIGN;
  /* Room for the word before, the alignment and the slack; a huge block also owns its last page whole. */
  size_t total = bytes + align + sizeof(void *) + (huge ? (size_t)HUGE_PAGE : 0) + SLACK_BYTES;
  char *block = zero ? calloc(1, total) : malloc(total);
  if (!block) {
    g_set_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_MEMORY,
                "The system could not provide %.1f MiB of memory; close other programs and try again",
                (double)bytes / 0x1p20);
    return NULL;
  }
  uintptr_t at = ((uintptr_t)block + sizeof(void *) + align - 1) & ~(uintptr_t)(align - 1);
  char *buffer = block + (at - (uintptr_t)block);
  ((void **)(void *)buffer)[-1] = block;
  if (huge) advise_huge(buffer, bytes);
  return buffer;
}

void *hilum_big_alloc(size_t bytes, GError **error)
{
  return alloc_block(bytes, false, error);
}

void *hilum_big_alloc0(size_t bytes, GError **error)
{
  return alloc_block(bytes, true, error);
}

void hilum_big_free(void *buffer)
{
  if (buffer) free(((void **)buffer)[-1]);
}
