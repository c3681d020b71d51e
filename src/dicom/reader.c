/* The data elements of a file, one after the other (PS3.5 section 7). */
#include "reader.h"

#include "fields.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_LIMIT = 128 }; /* sequences and items of undefined length inside each other */

void hilum_reader_open(HilumReader *r, int fd, uint64_t size)
{
  memset(r, 0, offsetof(HilumReader, window)); /* the window itself counts as empty */
  r->fd = fd;
  r->size = size;
}

void hilum_reader_open_memory(HilumReader *r, const uint8_t *memory, uint64_t size)
{
  hilum_reader_open(r, -1, size);
  r->memory = memory;
}

const uint8_t *hilum_reader_peek(HilumReader *r, uint64_t at, size_t n)
{
  if (at > r->size || n > r->size - at) return NULL;
  if (r->memory) return r->memory + at;
  if (at < r->window_at || at + n > r->window_at + r->window_n) {
    size_t got = 0;
    while (got < HILUM_READER_WINDOW) {
      ssize_t k = pread(r->fd, r->window + got, HILUM_READER_WINDOW - got, (off_t)(at + got));
      if (k < 0 && errno == EINTR) continue;
      if (k < 0) r->failed = errno;
      if (k <= 0) break;
      got += (size_t)k;
    }
    r->window_at = at;
    r->window_n = got;
    if (got < n) return NULL;
  }
  return r->window + (at - r->window_at);
}

bool hilum_reader_append(HilumReader *r, GByteArray *out, uint64_t at, uint64_t n)
{
  while (n > 0) {
    size_t part = (size_t)MIN(n, 256);
    const uint8_t *p = hilum_reader_peek(r, at, part);
    if (!p) return false;
    g_byte_array_append(out, p, (guint)part);
    at += part;
    n -= part;
  }
  return true;
}

bool hilum_vr_is_known(const uint8_t *vr)
{
  static const char KNOWN[] = "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM "
                              "UC UI UL UN UR US UT UV ";
  for (const char *k = KNOWN; *k; k += 3)
    if (k[0] == vr[0] && k[1] == vr[1]) return true;
  return false;
}
/* VRs with a 16-bit length; everything else that looks like a VR has 32 bits after two reserved bytes. */
static bool vr_is_short(const char *vr)
{
  static const char SHORT[] = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US ";
  for (const char *k = SHORT; *k; k += 3)
    if (k[0] == vr[0] && k[1] == vr[1]) return true;
  return false;
}

bool hilum_element_read(HilumReader *r, uint64_t at, bool implicit, bool big, HilumElement *out)
{
  const uint8_t *p = hilum_reader_peek(r, at, 8);
  if (!p) return false;
  out->tag = hilum_get16(p, big) << 16 | hilum_get16(p + 2, big);
  out->header_bytes = 8;
  memcpy(out->vr, "  ", 2);
  if (implicit || out->tag >> 16 == 0xFFFE) {
    out->length = hilum_get32(p + 4, big);
    return true;
  }
  if (!g_ascii_isupper(p[4]) || !g_ascii_isupper(p[5])) return false;
  memcpy(out->vr, p + 4, 2);
  if (vr_is_short(out->vr)) {
    out->length = hilum_get16(p + 6, big);
    return true;
  }
  p = hilum_reader_peek(r, at, 12);
  if (!p) return false;
  out->header_bytes = 12;
  out->length = hilum_get32(p + 8, big);
  return true;
}

static bool skip(HilumReader *r, uint64_t *at, bool item, bool implicit, bool big)
{
  struct {
    bool item, implicit;
  } stack[DEPTH_LIMIT];
  size_t depth = 0;
  stack[depth].item = item;
  stack[depth++].implicit = implicit;
  while (depth > 0) {
    bool in_item = stack[depth - 1].item, in_implicit = stack[depth - 1].implicit;
    HilumElement e;
    if (!hilum_element_read(r, *at, in_implicit, big, &e)) return false;
    uint64_t value = *at + e.header_bytes;
    if (e.tag == (in_item ? HILUM_TAG_ITEM_END : HILUM_TAG_SEQUENCE_END)) {
      *at = value;
      depth--;
      continue;
    }
    if (in_item ? e.tag >> 16 == 0xFFFE : e.tag != HILUM_TAG_ITEM) return false;
    if (e.length != HILUM_LENGTH_UNDEFINED) {
      if (e.length > r->size - value) return false;
      *at = value + e.length;
      continue;
    }
    if (depth == DEPTH_LIMIT) return false;
    stack[depth].item = !in_item;
    /* A sequence of unknown VR is written implicitly (PS3.5 6.2.2). */
    stack[depth++].implicit = in_implicit || memcmp(e.vr, "UN", 2) == 0;
    *at = value;
  }
  return true;
}

bool hilum_reader_skip_undefined(HilumReader *r, uint64_t *at, bool implicit, bool big)
{
  return skip(r, at, false, implicit, big);
}

bool hilum_reader_skip_item(HilumReader *r, uint64_t *at, bool implicit, bool big)
{
  return skip(r, at, true, implicit, big);
}
