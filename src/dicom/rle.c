/* Run-length pixels: a header of fifteen offsets, then each byte of the pixels as a plane of its own, the
 * most significant first, packed as in TIFF's PackBits. */
#include "rle.h"

#include <string.h>

enum { HEADER_BYTES = 64, MOST_PLANES = 15 };

static size_t le32(const uint8_t *p)
{
  return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

/* Puts each byte into its words above what is there already. */
static bool unpack(const uint8_t *at, const uint8_t *end, uint16_t *words, size_t n)
{
  size_t done = 0;
  while (done < n) {
    if (at == end) return false;
    unsigned control = *at++;
    if (control == 128) continue; /* nothing */
    size_t run = control < 128 ? control + 1 : 257 - control, bytes = control < 128 ? run : 1;
    if ((size_t)(end - at) < bytes) return false;
    if (run > n - done) run = n - done; /* the padding of the last run */
    for (size_t i = 0; i < run; i++)
      words[done + i] = (uint16_t)(words[done + i] << 8 | at[control < 128 ? i : 0]);
    at += bytes;
    done += run;
  }
  return true;
}

bool hilum_rle_decode(const uint8_t *bytes, size_t size, int planes, int16_t *out, size_t n)
{
  if (size < HEADER_BYTES || planes < 1 || planes > MOST_PLANES || le32(bytes) != (size_t)planes)
    return false;
  uint16_t *words = (uint16_t *)out; /* the same type but for its sign */
  memset(words, 0, n * sizeof *words);
  for (int plane = 0; plane < planes; plane++) {
    const uint8_t *offset = bytes + 4 + 4 * plane;
    size_t begin = le32(offset), end = plane + 1 < planes ? le32(offset + 4) : size;
    if (begin < HEADER_BYTES || begin > end || end > size || !unpack(bytes + begin, bytes + end, words, n))
      return false;
  }
  return true;
}
