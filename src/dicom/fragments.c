/* Fragments to frames. */
#include "fragments.h"

#include "codestream.h"
#include "fields.h"
#include "file_io.h"

#include <errno.h>
#include <string.h>

typedef struct {
  uint64_t at, value;
  uint32_t length;
} Item;

/* The items behind the offset table. */
static GArray *list_items(HilumReader *r, uint64_t offset, uint64_t length, Item *table)
{
  g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(Item));
  uint64_t at = offset, end = offset + length;
  for (bool first = true; at < end; first = false) {
    HilumElement e;
    if (!hilum_element_read(r, at, false, false, &e)) return NULL;
    Item item = {at, at + e.header_bytes, e.length};
    if (e.tag == HILUM_TAG_SEQUENCE_END) break;
    if (e.tag != HILUM_TAG_ITEM || e.length > end - item.value) return NULL;
    if (first)
      *table = item;
    else
      g_array_append_val(items, item);
    at = item.value + e.length;
  }
  return g_steal_pointer(&items);
}

/* Marks the items that begin a frame, by the offset table. */
static bool begin_by_table(HilumReader *r, const Item *table, const GArray *items, size_t n_frames,
                           bool *begins)
{
  if (table->length != n_frames * 4 || items->len == 0) return false;
  uint64_t origin = g_array_index(items, Item, 0).at;
  guint i = 0;
  for (size_t f = 0; f < n_frames; f++) {
    const uint8_t *p = hilum_reader_peek(r, table->value + 4 * f, 4);
    if (!p) return false;
    uint64_t at = origin + hilum_get32(p, false);
    while (i < items->len && g_array_index(items, Item, i).at < at)
      i++;
    if (i == items->len || g_array_index(items, Item, i).at != at || begins[i] || (f == 0 && i != 0))
      return false;
    begins[i] = true;
  }
  return true;
}

static bool begin_by_pictures(HilumReader *r, const GArray *items, size_t n_frames, bool *begins)
{
  size_t found = 0;
  for (guint i = 0; i < items->len; i++) {
    const Item *item = &g_array_index(items, Item, i);
    const uint8_t *p = item->length >= 4 ? hilum_reader_peek(r, item->value, 4) : NULL;
    begins[i] = p && hilum_codestream_starts(p, 4);
    found += begins[i];
  }
  return found == n_frames && begins[0];
}

HilumFrameSpan *hilum_fragments_find_frames(HilumReader *r, uint64_t offset, uint64_t length, size_t n_frames,
                                            const char **why)
{
  Item table = {0};
  g_autoptr(GArray) items = list_items(r, offset, length, &table);
  *why = "its compressed pixels are damaged";
  if (!items) return NULL;
  *why = "it has fewer compressed pictures than frames";
  if (n_frames == 0 || items->len < n_frames) return NULL;
  g_autofree bool *begins = g_new0(bool, items->len);
  if (items->len == n_frames)
    memset(begins, true, items->len);
  else if (table.length ? !begin_by_table(r, &table, items, n_frames, begins)
                        : !begin_by_pictures(r, items, n_frames, begins)) {
    *why = "where its frames begin among its compressed pixels cannot be told";
    return NULL;
  }
  HilumFrameSpan *spans = g_new(HilumFrameSpan, n_frames);
  size_t f = 0;
  for (guint i = 0; i < items->len; i++) {
    const Item *item = &g_array_index(items, Item, i);
    if (begins[i]) spans[f++].offset = item->at;
    spans[f - 1].length = item->value + item->length - spans[f - 1].offset;
  }
  *why = NULL;
  return spans;
}

GByteArray *hilum_fragments_join(int fd, HilumFrameSpan span, bool skip_table)
{
  errno = 0;
  if (span.length > G_MAXUINT32 / 2) return NULL;
  g_autofree uint8_t *bytes = g_try_malloc((size_t)span.length);
  if (!bytes) {
    errno = ENOMEM;
    return NULL;
  }
  size_t n = (size_t)span.length, at = 0;
  if (!hilum_file_read_at(fd, bytes, n, span.offset)) return NULL;
  g_autoptr(GByteArray) joined = g_byte_array_new();
  errno = 0;
  for (bool first = true; n - at >= 8; first = false) {
    uint32_t tag = hilum_get16(bytes + at, false) << 16 | hilum_get16(bytes + at + 2, false);
    uint32_t length = hilum_get32(bytes + at + 4, false);
    if (tag == HILUM_TAG_SEQUENCE_END) break;
    if (tag != HILUM_TAG_ITEM || length > n - at - 8) return NULL;
    if (length && !(first && skip_table)) g_byte_array_append(joined, bytes + at + 8, length);
    at += 8 + (size_t)length;
  }
  return joined->len ? g_steal_pointer(&joined) : NULL;
}
