/* Large aligned buffers. The block comes from the C library (so that the address sanitizer sees its ends);
 * the pointer handed out is aligned inside it and the words before it remember where the block starts and how
 * much it holds. Fresh pages of large blocks are advised to be huge before anybody touches them.
 *
 * Clearing fresh pages is what costs most when a volume follows another: the last large block that was freed
 * is therefore kept for the next request of about its size. Its pages are given back to the kernel lazily, so
 * that it may take them whenever somebody needs memory, and a request that does not fit drops the block
 * first: what is kept never adds to the peak. */
#include "hilum/base/memory.h"

#include "hilum/base/error.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
  SLACK_BYTES = 64,
  SMALL_ALIGN = 64,
  HUGE_PAGE = 2 << 20,
  HUGE_FROM = 8 << 20, /* below this, huge pages waste more than they save */
  KEEP_FROM = 32 << 20 /* below this, fresh pages cost less than a millisecond or two */
};

/* Before every buffer handed out. */
typedef struct {
  void *block;     /* as the C library gave it */
  size_t capacity; /* bytes that may be asked for in it; the slack comes on top */
} Header;

static atomic_size_t chosen_budget; /* 0: what the computer has */
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static char *kept; /* the buffer that waits for its next user, or NULL */

/* A block that is kept could be written by who freed it, unseen: not where somebody looks for that. */
#if defined(__SANITIZE_ADDRESS__)
#define KEEPS_BLOCKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_BLOCKS 0
#endif
#endif
#ifndef KEEPS_BLOCKS
#define KEEPS_BLOCKS 1
#endif

static Header *header_of(void *buffer)
{
  return (Header *)buffer - 1;
}

static void release(void *buffer)
{
  if (buffer) free(header_of(buffer)->block);
}

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

/* The kernel may take the whole pages of a kept buffer when it needs them; until then they need no clearing.
 */
static void advise_lazy(char *begin, size_t bytes)
{
#ifdef MADV_FREE
  uintptr_t lo = ((uintptr_t)begin + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
  uintptr_t hi = ((uintptr_t)begin + bytes) & ~(uintptr_t)(HUGE_PAGE - 1);
  if (hi > lo) (void)madvise((void *)lo, hi - lo, MADV_FREE);
#endif
}

/* The kept buffer if it serves: as large as asked for, and at most an eighth larger. Else it goes, unless the
 * request is so small that both may stay. */
static void *take_kept(size_t bytes)
{
  pthread_mutex_lock(&kept_lock);
  char *taken = NULL, *dropped = NULL;
  if (kept) {
    size_t capacity = header_of(kept)->capacity;
    if (capacity >= bytes && capacity - bytes <= capacity / 8)
      taken = g_steal_pointer(&kept);
    else if (bytes > capacity / 8)
      dropped = g_steal_pointer(&kept);
  }
  pthread_mutex_unlock(&kept_lock);
  release(dropped);
  return taken;
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
  if (huge) {
    char *again = take_kept(bytes);
    if (again && zero) memset(again, 0, bytes + SLACK_BYTES);
    if (again) return again;
  }
  size_t align = huge ? HUGE_PAGE : SMALL_ALIGN;
  /* Room for the header, the alignment and the slack; a huge block also owns its last page whole. */
  size_t total = bytes + align + sizeof(Header) + (huge ? (size_t)HUGE_PAGE : 0) + SLACK_BYTES;
  char *block = zero ? calloc(1, total) : malloc(total);
  if (!block) {
    g_set_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_MEMORY,
                "The system could not provide %.1f MiB of memory; close other programs and try again",
                (double)bytes / 0x1p20);
    return NULL;
  }
  uintptr_t at = ((uintptr_t)block + sizeof(Header) + align - 1) & ~(uintptr_t)(align - 1);
  char *buffer = block + (at - (uintptr_t)block);
  *header_of(buffer) = (Header){block, bytes};
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

/* A buffer that is huge begins at the start of a page. */
static void touch_pages(size_t begin, size_t end, unsigned worker, void *data)
{
  for (size_t page = begin; page < end; page++)
    ((volatile char *)data)[page * HUGE_PAGE] = 0;
}

void hilum_big_touch(void *buffer, size_t bytes)
{
  if (bytes >= HUGE_FROM) hilum_parallel_for((bytes + HUGE_PAGE - 1) / HUGE_PAGE, 1, touch_pages, buffer);
}

void hilum_big_free(void *buffer)
{
  if (!KEEPS_BLOCKS || !buffer || header_of(buffer)->capacity < KEEP_FROM) {
    release(buffer);
    return;
  }
  advise_lazy(buffer, header_of(buffer)->capacity);
  pthread_mutex_lock(&kept_lock);
  char *before = kept;
  /* The larger of two stays: it is the one that costs. */
  if (!before || header_of(buffer)->capacity >= header_of(before)->capacity)
    kept = buffer;
  else
    before = buffer;
  pthread_mutex_unlock(&kept_lock);
  release(before);
}

void hilum_memory_trim(void)
{
  pthread_mutex_lock(&kept_lock);
  char *dropped = g_steal_pointer(&kept);
  pthread_mutex_unlock(&kept_lock);
  release(dropped);
}
