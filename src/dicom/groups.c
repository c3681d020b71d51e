/* Functional groups, flattened. */
#include "groups.h"

#include "fields.h"

#include <string.h>

enum { VALUE_LIMIT = 4096, FLAT_LIMIT = 1 << 16 };

/* Sequences inside a functional group whose attributes matter. The unassigned ones are what a legacy
 * converter could not place: attributes of the old single image. */
static const uint32_t MACROS[] = {
    HILUM_TAG(0x0018, 0x9114),                              /* MR echo */
    HILUM_TAG(0x0018, 0x9117),                              /* MR diffusion */
    HILUM_TAG(0x0018, 0x9226),                              /* MR image frame type */
    HILUM_TAG(0x0018, 0x9314),                              /* CT reconstruction */
    HILUM_TAG(0x0018, 0x9329),                              /* CT image frame type */
    HILUM_TAG(0x0018, 0x9118),                              /* cardiac synchronisation */
    HILUM_TAG(0x0020, 0x9071),                              /* frame anatomy */
    HILUM_TAG(0x0020, 0x9111),                              /* frame content */
    HILUM_TAG(0x0020, 0x9113),                              /* plane position */
    HILUM_TAG(0x0020, 0x9116),                              /* plane orientation */
    HILUM_TAG(0x0020, 0x9310),                              /* temporal position */
    HILUM_TAG(0x0028, 0x9110),                              /* pixel measures */
    HILUM_TAG(0x0028, 0x9132),                              /* frame VOI LUT */
    HILUM_TAG(0x0028, 0x9145),                              /* pixel value transformation */
    HILUM_TAG_REAL_WORLD_VALUES, HILUM_TAG(0x0040, 0x08EA), /* its measurement units */
    HILUM_TAG(0x0018, 0x9751),                              /* PET frame type */
};
static const uint32_t UNASSIGNED[] = {
    HILUM_TAG(0x0020, 0x9170), /* shared */
    HILUM_TAG(0x0020, 0x9171), /* of one frame */
};

static bool is_one_of(uint32_t tag, const uint32_t *tags, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (tags[i] == tag) return true;
  return false;
}

/* A run of elements: an item's, or a sequence's items. */
typedef struct {
  HilumReader *reader;
  uint64_t at, end; /* `end` also bounds what is of undefined length */
  uint32_t end_tag; /* 0: the length was given */
  bool implicit, big;
} Run;

static Run run_open(HilumReader *r, uint64_t value, uint32_t length, uint64_t limit, uint32_t end_tag,
                    bool implicit, bool big)
{
  bool open_end = length == HILUM_LENGTH_UNDEFINED;
  return (Run){r, value, open_end ? limit : value + length, open_end ? end_tag : 0, implicit, big};
}

/* The next element: 1, 0 at the end, -1 if there is damage. *value is where it begins; moves behind it. */
static int run_next(Run *run, HilumElement *e, uint64_t *value, uint64_t *after)
{
  if (run->at >= run->end && !run->end_tag) return 0;
  if (!hilum_element_read(run->reader, run->at, run->implicit, run->big, e)) return -1;
  *value = run->at + e->header_bytes;
  if (*value > run->end) return -1;
  if (run->end_tag && e->tag == run->end_tag) {
    run->at = *value;
    return 0;
  }
  *after = *value;
  if (e->length == HILUM_LENGTH_UNDEFINED) {
    bool inner = run->implicit || memcmp(e->vr, "UN", 2) == 0;
    bool found = e->tag == HILUM_TAG_ITEM
                     ? hilum_reader_skip_item(run->reader, after, run->implicit, run->big)
                     : hilum_reader_skip_undefined(run->reader, after, inner, run->big);
    if (!found || *after > run->end) return -1;
  } else {
    if (e->length > run->end - *value) return -1;
    *after = *value + e->length;
  }
  run->at = *after;
  return 1;
}

/* Three levels at most: a functional group, a macro's item, the item of its units. */
static bool flatten_item(Run item, bool unassigned, int levels, bool *seen, GByteArray *out);

static bool flatten_sequence(Run sequence, bool unassigned, int levels, bool *seen, GByteArray *out)
{
  HilumElement e;
  uint64_t value, after;
  int more = run_next(&sequence, &e, &value, &after);
  if (more == 0) return true; /* empty */
  if (more < 0 || e.tag != HILUM_TAG_ITEM) return false;
  /* The first item says it; further ones would be further real-world maps. */
  return flatten_item(
      run_open(sequence.reader, value, e.length, after, HILUM_TAG_ITEM_END, sequence.implicit, sequence.big),
      unassigned, levels, seen, out);
}

static bool flatten_item(Run item, bool unassigned, int levels, bool *seen, GByteArray *out)
{
  HilumElement e;
  uint64_t value, after;
  for (;;) {
    uint64_t at = item.at;
    int more = run_next(&item, &e, &value, &after);
    if (more <= 0) return more == 0;
    if (levels > 0 && memcmp(e.vr, "UN", 2) != 0 &&
        (unassigned ? is_one_of(e.tag, UNASSIGNED, G_N_ELEMENTS(UNASSIGNED))
                    : is_one_of(e.tag, MACROS, G_N_ELEMENTS(MACROS)))) {
      Run sequence =
          run_open(item.reader, value, e.length, after, HILUM_TAG_SEQUENCE_END, item.implicit, item.big);
      if (!flatten_sequence(sequence, unassigned, levels - 1, seen, out)) return false;
      continue;
    }
    int field = levels < 2 ? hilum_field_find(e.tag) : -1;
    if (field < 0 || seen[field] || e.length > VALUE_LIMIT || memcmp(e.vr, "SQ", 2) == 0 ||
        out->len > FLAT_LIMIT)
      continue;
    seen[field] = true;
    if (!hilum_reader_append(item.reader, out, at, after - at)) return false;
  }
}

/* One functional group: the macros first, what a converter could not place only where they say nothing. */
static bool flatten_group(Run item, GByteArray *out)
{
  bool seen[HILUM_FIELD_COUNT] = {false};
  return flatten_item(item, false, 2, seen, out) && flatten_item(item, true, 2, seen, out);
}

bool hilum_groups_flatten(HilumReader *r, uint64_t value, uint32_t length, bool implicit, bool big,
                          GByteArray *out)
{
  bool seen[HILUM_FIELD_COUNT] = {false};
  return flatten_sequence(run_open(r, value, length, r->size, HILUM_TAG_SEQUENCE_END, implicit, big), false,
                          1, seen, out);
}

bool hilum_groups_wants(uint32_t tag)
{
  return tag == HILUM_TAG_SHARED_GROUPS || tag == HILUM_TAG_FRAME_GROUPS || tag == HILUM_TAG_DIMENSIONS;
}

static bool read_frames(HilumGroups *g, Run sequence)
{
  HilumElement e;
  uint64_t value, after;
  int more;
  while ((more = run_next(&sequence, &e, &value, &after)) > 0) {
    if (e.tag != HILUM_TAG_ITEM || g->frames->len >= HILUM_FRAME_LIMIT) return false;
    GByteArray *frame = g_byte_array_new();
    g_ptr_array_add(g->frames, frame);
    if (!flatten_group(run_open(sequence.reader, value, e.length, after, HILUM_TAG_ITEM_END,
                                sequence.implicit, sequence.big),
                       frame))
      return false;
  }
  return more == 0;
}

static bool read_dimensions(HilumGroups *g, Run sequence)
{
  HilumElement e;
  uint64_t value, after;
  int more;
  while ((more = run_next(&sequence, &e, &value, &after)) > 0) {
    if (e.tag != HILUM_TAG_ITEM || g->dimensions->len >= 64) return false;
    Run item = run_open(sequence.reader, value, e.length, after, HILUM_TAG_ITEM_END, sequence.implicit,
                        sequence.big);
    uint32_t pointer = 0;
    while ((more = run_next(&item, &e, &value, &after)) > 0) {
      const uint8_t *p = e.tag == HILUM_TAG(0x0020, 0x9165) && e.length == 4
                             ? hilum_reader_peek(item.reader, value, 4)
                             : NULL;
      if (p) pointer = hilum_get16(p, item.big) << 16 | hilum_get16(p + 2, item.big);
    }
    if (more < 0) return false;
    g_array_append_val(g->dimensions, pointer);
  }
  return more == 0;
}

void hilum_groups_read(HilumGroups *g, HilumReader *r, uint32_t tag, uint64_t value, uint32_t length,
                       bool implicit, bool big)
{
  Run sequence = run_open(r, value, length, r->size, HILUM_TAG_SEQUENCE_END, implicit, big);
  bool good = false;
  if (tag == HILUM_TAG_DIMENSIONS) {
    if (!g->dimensions) g->dimensions = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    good = read_dimensions(g, sequence);
  } else if (tag == HILUM_TAG_FRAME_GROUPS && !g->frames) {
    g->frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    good = read_frames(g, sequence);
  } else if (tag == HILUM_TAG_SHARED_GROUPS && !g->shared) {
    g->shared = g_byte_array_new();
    HilumElement e;
    uint64_t item, after;
    int more = run_next(&sequence, &e, &item, &after);
    good = more == 0 ||
           (more > 0 && e.tag == HILUM_TAG_ITEM &&
            flatten_group(run_open(r, item, e.length, after, HILUM_TAG_ITEM_END, implicit, big), g->shared));
  }
  g->damaged |= !good;
}

void hilum_groups_clear(HilumGroups *g)
{
  if (g->shared) g_byte_array_unref(g->shared);
  if (g->frames) g_ptr_array_unref(g->frames);
  if (g->dimensions) g_array_unref(g->dimensions);
  memset(g, 0, sizeof *g);
}
