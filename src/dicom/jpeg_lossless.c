/* Lossless JPEG: ITU-T T.81 annexes C (Huffman codes), F.2.2 (decoding them) and H (prediction). A table
 * looked up by the next twelve bits gives code and difference at once for nearly every sample of a real
 * image. */
#include "jpeg_lossless.h"

#include <glib.h>
#include <string.h>

enum { LOOKUP_BITS = 12, CLASSES = 17 /* of differences: 0 to 16 bits long */ };

/* By the next LOOKUP_BITS bits: how many bits the code takes, with its difference where that fits too. */
typedef struct {
  int16_t difference;
  uint8_t bits;     /* of the code and, if `whole`, of the difference behind it; 0: a longer code or none */
  uint8_t category; /* WHOLE: `difference` is there; else the number of bits that follow the code */
} Entry;

enum { WHOLE = 0xFF };

typedef struct {
  bool present;
  Entry entries[1 << LOOKUP_BITS];
  /* For codes longer than that (annex F, figure F.16): of each length the first code, and where its symbols
   * start; one past the last code. */
  uint32_t first[18], beyond[18];
  uint8_t start[18];
  uint8_t symbols[CLASSES];
} Table;

typedef struct {
  const uint8_t *at, *end;
  uint64_t buffer; /* the next bits, from the top */
  int available;   /* how many of them */
  int invented;    /* zeros appended behind the last byte before a marker or the end */
} Bits;

typedef struct {
  uint32_t columns, rows;
  unsigned precision, predictor, transform; /* transform: bits that were cut off below */
  uint32_t interval;                        /* samples between restarts; 0: none */
  uint8_t component;                        /* its name in the frame header */
  Table tables[4];
  const Table *table;
} Picture;

static unsigned be16(const uint8_t *p)
{
  return (unsigned)p[0] << 8 | p[1];
}

/* --- tables --- */

static int32_t extend(uint32_t value, unsigned category)
{
  return value < 1u << (category - 1) ? (int32_t)value - (1 << category) + 1 : (int32_t)value;
}

/* Fills all entries whose bits begin with `code` of `length` bits. */
static void enter_code(Table *t, uint32_t code, unsigned length, uint8_t category)
{
  unsigned rest = LOOKUP_BITS - length;
  bool whole = category == 0 || category == 16 || category <= rest;
  for (uint32_t tail = 0; tail < 1u << rest; tail++) {
    Entry *e = &t->entries[code << rest | tail];
    e->bits = (uint8_t)length;
    e->category = category;
    if (!whole) continue;
    e->category = WHOLE;
    if (category == 16)
      e->difference = INT16_MIN; /* 32768, modulo 65536 */
    else if (category > 0) {
      e->bits = (uint8_t)(length + category);
      e->difference = (int16_t)extend(tail >> (rest - category), category);
    }
  }
}

static bool make_table(Table *t, const uint8_t counts[16], const uint8_t *symbols, size_t n)
{
  memset(t, 0, sizeof *t);
  if (n > CLASSES) return false;
  memcpy(t->symbols, symbols, n);
  uint32_t code = 0;
  uint8_t next = 0;
  for (unsigned length = 1; length <= 16; length++, code <<= 1) {
    t->first[length] = code;
    t->start[length] = next;
    for (unsigned i = 0; i < counts[length - 1]; i++, code++, next++) {
      if (symbols[next] >= CLASSES || code >= 1u << length) return false;
      if (length <= LOOKUP_BITS) enter_code(t, code, length, symbols[next]);
    }
    t->beyond[length] = code;
    if (code > 1u << length) return false;
  }
  t->present = true;
  return true;
}

static bool read_tables(Picture *p, const uint8_t *at, size_t n)
{
  while (n >= 17) {
    size_t symbols = 0;
    for (int i = 1; i <= 16; i++)
      symbols += at[i];
    if (at[0] > 3 || symbols > n - 17 || !make_table(&p->tables[at[0]], at + 1, at + 17, symbols))
      return false;
    at += 17 + symbols;
    n -= 17 + symbols;
  }
  return n == 0;
}

/* --- bits --- */

/* 56 bits at least afterwards. A 0xFF in the data is followed by a 0; by anything else it is a marker, where
 * the data end. */
static void refill_slow(Bits *b)
{
  while (b->available < 56) {
    uint64_t byte = 0;
    if (b->at < b->end && b->at[0] != 0xFF)
      byte = *b->at++;
    else if (b->end - b->at >= 2 && b->at[1] == 0) {
      byte = 0xFF;
      b->at += 2;
    } else
      b->invented += 8;
    b->buffer |= byte << (56 - b->available);
    b->available += 8;
  }
}

/* Eight bytes of which none is 0xFF, which is the rule, come at once. The bits beyond `available` are then
 * those of the next byte already, and will be the same when that is taken in. */
static inline void refill(Bits *b)
{
  uint64_t eight;
  if (G_LIKELY(b->end - b->at >= 8)) {
    memcpy(&eight, b->at, 8);
    eight = GUINT64_FROM_BE(eight);
    /* A byte of the complement is zero where the byte is 0xFF. */
    uint64_t inverse = ~eight;
    if (G_LIKELY(((inverse - 0x0101010101010101u) & eight & 0x8080808080808080u) == 0)) {
      b->buffer |= eight >> b->available;
      b->at += (63 - b->available) >> 3;
      b->available |= 56;
      return;
    }
  }
  refill_slow(b);
}

static inline void skip(Bits *b, unsigned n)
{
  b->buffer <<= n;
  b->available -= (int)n;
}

/* A code longer than the lookup, or a difference that did not fit into it. False if there is no such code. */
static bool slow_difference(Bits *b, const Table *t, Entry e, int32_t *difference)
{
  unsigned category = e.category;
  if (e.bits)
    skip(b, e.bits);
  else {
    unsigned length = LOOKUP_BITS + 1;
    uint32_t code = 0;
    for (; length <= 16; length++) {
      code = (uint32_t)(b->buffer >> (64 - length));
      if (code < t->beyond[length] && code >= t->first[length]) break;
    }
    if (length > 16) return false;
    category = t->symbols[t->start[length] + (code - t->first[length])];
    skip(b, length);
  }
  *difference = 0;
  if (category == 16)
    *difference = 32768;
  else if (category > 0) {
    *difference = extend((uint32_t)(b->buffer >> (64 - category)), category);
    skip(b, category);
  }
  return true;
}

static inline bool read_difference(Bits *b, const Table *t, int32_t *difference)
{
  refill(b); /* 16 bits of code and 15 of difference at most */
  Entry e = t->entries[b->buffer >> (64 - LOOKUP_BITS)];
  if (G_UNLIKELY(e.category != WHOLE)) return slow_difference(b, t, e, difference);
  *difference = e.difference;
  skip(b, e.bits);
  return true;
}

enum { GROUP = 4 }; /* differences that one refill is enough for, at LOOKUP_BITS each */

/* Four at once; the usual case has no branch that depends on the image. */
static inline bool read_group(Bits *b, const Table *t, int32_t differences[GROUP])
{
  refill(b);
  uint64_t buffer = b->buffer;
  unsigned bits = 0, whole = WHOLE;
  for (int i = 0; i < GROUP; i++) {
    Entry e = t->entries[buffer >> (64 - LOOKUP_BITS)];
    buffer <<= e.bits;
    bits += e.bits;
    whole &= e.category;
    differences[i] = e.difference;
  }
  if (G_LIKELY(whole == WHOLE)) {
    b->buffer = buffer;
    b->available -= (int)bits;
    return true;
  }
  for (int i = 0; i < GROUP; i++)
    if (!read_difference(b, t, &differences[i])) return false;
  return true;
}

/* --- lines (annex H.1.2) --- */

static inline int32_t predict(unsigned predictor, int32_t a, int32_t b, int32_t c)
{
  switch (predictor) {
  case 1:
    return a;
  case 2:
    return b;
  case 3:
    return c;
  case 4:
    return a + b - c;
  case 5:
    return a + ((b - c) >> 1);
  case 6:
    return b + ((a - c) >> 1);
  default:
    return (a + b) >> 1;
  }
}

/* From the sample on the left. */
static bool decode_across(Bits *shared, const Table *t, int32_t left, uint16_t *line, uint32_t n)
{
  Bits bits = *shared; /* so that the compiler keeps it in registers */
  uint32_t i = 0;
  int32_t d[GROUP];
  for (; i + GROUP <= n; i += GROUP) {
    if (!read_group(&bits, t, d)) return false;
    for (uint32_t k = 0; k < GROUP; k++)
      line[i + k] = (uint16_t)(left += d[k]);
    left &= 0xFFFF;
  }
  for (; i < n; i++) {
    if (!read_difference(&bits, t, d)) return false;
    line[i] = (uint16_t)(left += d[0]);
    left &= 0xFFFF;
  }
  *shared = bits;
  return true;
}

static inline bool decode_predicted(Bits *shared, const Table *t, unsigned predictor, const uint16_t *above,
                                    uint16_t *line, uint32_t n)
{
  Bits bits = *shared;
  int32_t d[GROUP];
  if (!read_difference(&bits, t, d)) return false;
  line[0] = (uint16_t)(above[0] + d[0]);
  uint32_t i = 1;
  for (; i + GROUP <= n; i += GROUP) {
    if (!read_group(&bits, t, d)) return false;
    for (uint32_t k = 0; k < GROUP; k++)
      line[i + k] = (uint16_t)(predict(predictor, line[i + k - 1], above[i + k], above[i + k - 1]) + d[k]);
  }
  for (; i < n; i++) {
    if (!read_difference(&bits, t, d)) return false;
    line[i] = (uint16_t)(predict(predictor, line[i - 1], above[i], above[i - 1]) + d[0]);
  }
  *shared = bits;
  return true;
}

static bool decode_line(Bits *bits, const Picture *p, bool first, uint16_t *line)
{
  uint32_t n = p->columns;
  const Table *t = p->table;
  if (first) return decode_across(bits, t, 1 << (p->precision - p->transform - 1), line, n);
  const uint16_t *above = line - n;
  if (p->predictor == 1) return decode_across(bits, t, above[0], line, n);
  /* A constant predictor lets the compiler leave the choice out of the loop. */
  switch (p->predictor) {
  case 4:
    return decode_predicted(bits, t, 4, above, line, n);
  case 7:
    return decode_predicted(bits, t, 7, above, line, n);
  default:
    return decode_predicted(bits, t, p->predictor, above, line, n);
  }
}

/* The restart marker behind an interval; what is left of the byte before it is padding. */
static bool restart(Bits *b, unsigned number)
{
  if (b->available - b->invented >= 8 || b->end - b->at < 2) return false;
  if (b->at[0] != 0xFF || b->at[1] != 0xD0 + number % 8) return false;
  b->at += 2;
  b->buffer = 0;
  b->available = b->invented = 0;
  return true;
}

/* False too if bits were used that are not in the file. */
static bool decode_scan(const Picture *p, const uint8_t *at, const uint8_t *end, uint16_t *words)
{
  Bits bits = {.at = at, .end = end};
  uint32_t lines = p->interval / p->columns, since = 0, restarts = 0;
  for (uint32_t row = 0; row < p->rows; row++, since++) {
    if (lines && since == lines) {
      if (!restart(&bits, restarts++)) return false;
      since = 0;
    }
    if (!decode_line(&bits, p, since == 0, words + (size_t)row * p->columns)) return false;
    if (bits.available < bits.invented) return false;
  }
  return true;
}

/* --- markers (annex B) --- */

static bool read_frame(Picture *p, const uint8_t *at, size_t n, uint32_t columns, uint32_t rows)
{
  if (n != 9 || at[5] != 1 || be16(at + 1) != rows || be16(at + 3) != columns) return false;
  p->precision = at[0];
  p->rows = rows;
  p->columns = columns;
  p->component = at[6];
  return rows > 0 && columns > 0 && p->precision > 8 && p->precision <= 16 && at[7] == 0x11;
}

static bool read_scan_header(Picture *p, const uint8_t *at, size_t n)
{
  if (n != 6 || at[0] != 1 || p->precision == 0 || at[1] != p->component || at[2] >> 4 > 3) return false;
  p->table = &p->tables[at[2] >> 4];
  p->predictor = at[3];
  p->transform = at[5] & 15;
  return p->table->present && p->predictor >= 1 && p->predictor <= 7 && p->transform < p->precision &&
         p->interval % p->columns == 0;
}

/* Up to the scan: where its data begin, or NULL. */
static const uint8_t *read_headers(Picture *p, const uint8_t *bytes, size_t n, uint32_t columns,
                                   uint32_t rows)
{
  if (n < 4 || bytes[0] != 0xFF || bytes[1] != 0xD8) return NULL;
  for (size_t at = 2; n - at >= 4 && bytes[at] == 0xFF;) {
    unsigned marker = bytes[at + 1];
    size_t length = be16(bytes + at + 2);
    if (length < 2 || length > n - at - 2) return NULL;
    const uint8_t *body = bytes + at + 4;
    size_t body_n = length - 2;
    bool good = true;
    if (marker == 0xC3)
      good = p->precision == 0 && read_frame(p, body, body_n, columns, rows);
    else if (marker == 0xC4)
      good = read_tables(p, body, body_n);
    else if (marker == 0xDD && body_n == 2)
      p->interval = be16(body);
    else if (marker == 0xDA)
      return read_scan_header(p, body, body_n) ? body + body_n : NULL;
    else
      good = (marker >= 0xE0 && marker <= 0xEF) || marker == 0xFE || marker == 0xDB; /* nothing for us */
    if (!good) return NULL;
    at += 2 + length;
  }
  return NULL;
}

bool hilum_jpeg_lossless_decode(const uint8_t *bytes, size_t n, uint32_t columns, uint32_t rows, int16_t *out)
{
  g_autofree Picture *p = g_new0(Picture, 1);
  const uint8_t *scan = read_headers(p, bytes, n, columns, rows);
  uint16_t *words = (uint16_t *)out; /* the same type but for its sign */
  if (!scan || !decode_scan(p, scan, bytes + n, words)) return false;
  if (p->transform)
    for (size_t i = 0; i < (size_t)columns * rows; i++)
      words[i] = (uint16_t)(words[i] << p->transform);
  return true;
}
