/* The stream around SHA-256's block function: blocks are cut, the last is padded. */
#include "sha256_private.h"

#include "hilum/base/cpu.h"

#include <string.h>

enum { BLOCK = 64 };

#ifdef HILUM_SHA256_X86
static bool has_instructions(void)
{
  return (hilum_cpu_flags() & HILUM_CPU_SHA) != 0;
}
#define run_blocks hilum_sha256_blocks_x86
#else
static bool has_instructions(void)
{
  return false;
}
static void run_blocks(uint32_t state[8], const uint8_t *data, size_t blocks)
{
  g_assert_not_reached();
}
#endif

void hilum_sha256_init(HilumSha256 *sum)
{
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  *sum = (HilumSha256){0};
  memcpy(sum->state, start, sizeof start);
  if (!has_instructions()) sum->plain = g_checksum_new(G_CHECKSUM_SHA256);
}

void hilum_sha256_update(HilumSha256 *sum, const void *data, size_t bytes)
{
  const uint8_t *p = data;
  if (sum->plain) {
    for (; bytes > G_MAXSSIZE; bytes -= G_MAXSSIZE, p += G_MAXSSIZE)
      g_checksum_update(sum->plain, p, G_MAXSSIZE);
    if (bytes > 0) g_checksum_update(sum->plain, p, (gssize)bytes);
    return;
  }
  size_t waiting = sum->bytes % BLOCK;
  sum->bytes += bytes;
  if (waiting > 0) {
    size_t take = MIN(bytes, BLOCK - waiting);
    memcpy(sum->block + waiting, p, take);
    if (waiting + take < BLOCK) return;
    run_blocks(sum->state, sum->block, 1);
    p += take;
    bytes -= take;
  }
  if (bytes >= BLOCK) run_blocks(sum->state, p, bytes / BLOCK);
  if (bytes % BLOCK > 0) memcpy(sum->block, p + bytes / BLOCK * BLOCK, bytes % BLOCK);
}

char *hilum_sha256_finish(HilumSha256 *sum)
{
  if (sum->plain) return g_strdup(g_checksum_get_string(sum->plain));
  const uint64_t bits = GUINT64_TO_BE(sum->bytes * 8);
  uint8_t end[2 * BLOCK] = {0};
  size_t waiting = sum->bytes % BLOCK, used = waiting + 1 + sizeof bits <= BLOCK ? BLOCK : 2 * BLOCK;
  memcpy(end, sum->block, waiting);
  end[waiting] = 0x80;
  memcpy(end + used - sizeof bits, &bits, sizeof bits);
  run_blocks(sum->state, end, used / BLOCK);
  GString *hex = g_string_sized_new(BLOCK);
  for (int i = 0; i < 8; i++)
    g_string_append_printf(hex, "%08x", sum->state[i]);
  return g_string_free(hex, FALSE);
}

void hilum_sha256_clear(HilumSha256 *sum)
{
  g_clear_pointer(&sum->plain, g_checksum_free);
}
