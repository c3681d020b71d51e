/* The lossless JPEG decoder against an encoder written here from T.81, and against DCMTK's decoder. */
#include "dcmtk_bridge.h"
#include "jpeg_lossless.h"

#include "hilum/base/random.h"

#include <string.h>

typedef struct {
  uint32_t columns, rows;
  unsigned precision, predictor, transform, restart_lines;
} Kind;

/* --- the encoder --- */

typedef struct {
  GByteArray *out;
  uint32_t bits;
  unsigned n;
} Writer;

static void put_bits(Writer *w, uint32_t value, unsigned n)
{
  while (n-- > 0) {
    w->bits = w->bits << 1 | (value >> n & 1);
    if (++w->n < 8) continue;
    const uint8_t byte[2] = {(uint8_t)w->bits, 0};
    g_byte_array_append(w->out, byte, byte[0] == 0xFF ? 2 : 1);
    w->bits = w->n = 0;
  }
}

static void pad(Writer *w)
{
  while (w->n)
    put_bits(w, 1, 1);
}

/* Codes of 2 to 16 bits, the short ones for differences in the middle. */
static const uint8_t COUNTS[16] = {0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2};
static const uint8_t SYMBOLS[17] = {5, 6, 4, 7, 3, 8, 2, 9, 1, 10, 0, 11, 12, 13, 14, 15, 16};

static void put_difference(Writer *w, int32_t difference)
{
  int16_t d = (int16_t)difference; /* modulo 65536 */
  unsigned category = 0;
  while (category < 16 && (d < 0 ? -(int32_t)d : d) >= 1 << category)
    category++;
  uint32_t code = 0;
  for (unsigned length = 1, next = 0; length <= 16; length++, code <<= 1)
    for (unsigned i = 0; i < COUNTS[length - 1]; i++, code++, next++)
      if (SYMBOLS[next] == category) put_bits(w, code, length);
  if (category > 0 && category < 16)
    put_bits(w, (uint32_t)(d < 0 ? d + (1 << category) - 1 : d) & ((1u << category) - 1), category);
}

static int32_t prediction(const Kind *k, const uint16_t *p, uint32_t x, bool first)
{
  const int32_t w = (int32_t)k->columns;
  if (first) return x ? p[-1] : 1 << (k->precision - k->transform - 1);
  if (x == 0) return p[-w];
  const int32_t a = p[-1], b = p[-w], c = p[-w - 1];
  const int32_t all[8] = {0, a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1};
  return all[k->predictor];
}

static void put_marker(GByteArray *out, uint8_t marker, const uint8_t *body, size_t n)
{
  const uint8_t head[4] = {0xFF, marker, (uint8_t)((n + 2) >> 8), (uint8_t)(n + 2)};
  g_byte_array_append(out, head, 4);
  g_byte_array_append(out, body, (guint)n);
}

/* `samples` are shifted down by the transform already. */
static GByteArray *encode(const Kind *k, const uint16_t *samples)
{
  GByteArray *out = g_byte_array_new();
  g_byte_array_append(out, (const uint8_t *)"\xFF\xD8", 2);
  const uint8_t frame[9] = {(uint8_t)k->precision,
                            (uint8_t)(k->rows >> 8),
                            (uint8_t)k->rows,
                            (uint8_t)(k->columns >> 8),
                            (uint8_t)k->columns,
                            1,
                            1,
                            0x11,
                            0};
  put_marker(out, 0xC3, frame, sizeof frame);
  uint8_t table[1 + 16 + 17] = {0};
  memcpy(table + 1, COUNTS, 16);
  memcpy(table + 17, SYMBOLS, 17);
  put_marker(out, 0xC4, table, sizeof table);
  if (k->restart_lines) {
    uint32_t interval = k->restart_lines * k->columns;
    const uint8_t restart[2] = {(uint8_t)(interval >> 8), (uint8_t)interval};
    put_marker(out, 0xDD, restart, 2);
  }
  const uint8_t scan[6] = {1, 1, 0, (uint8_t)k->predictor, 0, (uint8_t)k->transform};
  put_marker(out, 0xDA, scan, sizeof scan);
  Writer w = {.out = out};
  for (uint32_t y = 0, number = 0; y < k->rows; y++) {
    bool first = y == 0 || (k->restart_lines && y % k->restart_lines == 0);
    if (first && y) {
      pad(&w);
      const uint8_t marker[2] = {0xFF, (uint8_t)(0xD0 + number++ % 8)};
      g_byte_array_append(out, marker, 2);
    }
    for (uint32_t x = 0; x < k->columns; x++) {
      const uint16_t *p = samples + (size_t)y * k->columns + x;
      put_difference(&w, *p - prediction(k, p, x, first));
    }
  }
  pad(&w);
  g_byte_array_append(out, (const uint8_t *)"\xFF\xD9", 2);
  return out;
}

/* --- tests --- */

/* Smooth with noise, and now and then anything at all. */
static uint16_t *make_samples(const Kind *k, uint64_t seed)
{
  size_t n = (size_t)k->columns * k->rows;
  uint16_t *samples = g_new(uint16_t, n);
  uint32_t mask = (1u << (k->precision - k->transform)) - 1;
  for (size_t i = 0; i < n; i++) {
    uint64_t r = hilum_random_u64(seed, i);
    uint32_t value = r % 37 == 0 ? (uint32_t)(r >> 32) : (uint32_t)(i / 3 + (r >> 40) % 64);
    samples[i] = (uint16_t)(value & mask);
  }
  return samples;
}

static const Kind KINDS[] = {
    {17, 9, 16, 1, 0, 0}, {17, 9, 16, 2, 0, 0}, {17, 9, 16, 3, 0, 0},   {17, 9, 16, 4, 0, 0},
    {17, 9, 12, 5, 0, 0}, {17, 9, 12, 6, 0, 0}, {17, 9, 9, 7, 0, 0},    {64, 33, 16, 1, 0, 4},
    {31, 8, 12, 4, 0, 1}, {31, 8, 12, 1, 3, 0}, {1, 5, 16, 1, 0, 0},    {5, 1, 16, 7, 0, 0},
    {2, 2, 10, 6, 0, 0},  {1, 1, 16, 1, 0, 0},  {200, 90, 12, 1, 0, 1},
};

static void test_kinds(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
    const Kind *k = &KINDS[i];
    size_t n = (size_t)k->columns * k->rows;
    g_autofree uint16_t *samples = make_samples(k, i);
    g_autoptr(GByteArray) picture = encode(k, samples);
    g_autofree int16_t *words = g_new0(int16_t, n);
    g_assert_true(hilum_jpeg_lossless_decode(picture->data, picture->len, k->columns, k->rows, words));
    for (size_t v = 0; v < n; v++)
      g_assert_cmphex((uint16_t)words[v], ==, (uint16_t)(samples[v] << k->transform));
    /* Of another size than promised. */
    g_assert_false(hilum_jpeg_lossless_decode(picture->data, picture->len, k->columns + 1, k->rows, words));
    g_assert_false(hilum_jpeg_lossless_decode(picture->data, picture->len, k->columns, k->rows + 1, words));
  }
}

static void append(GByteArray *out, const char *bytes, size_t n)
{
  g_byte_array_append(out, (const uint8_t *)bytes, (guint)n);
}

static void append_us(GByteArray *out, uint16_t element, uint16_t value)
{
  const char bytes[10] = {0x28, 0, (char)element, (char)(element >> 8), 'U', 'S',
                          2,    0, (char)value,   (char)(value >> 8)};
  append(out, bytes, sizeof bytes);
}

/* What DCMTK makes of the same picture. */
static bool decode_dcmtk(const Kind *k, const GByteArray *picture, uint16_t *words)
{
  g_autoptr(GByteArray) set = g_byte_array_new();
  append_us(set, 0x0002, 1);
  append(set, "\x28\0\x04\0CS\x0C\0MONOCHROME2 ", 20);
  append_us(set, 0x0010, (uint16_t)k->rows);
  append_us(set, 0x0011, (uint16_t)k->columns);
  append_us(set, 0x0100, 16);
  append_us(set, 0x0101, (uint16_t)k->precision);
  append_us(set, 0x0102, (uint16_t)(k->precision - 1));
  append_us(set, 0x0103, 0);
  append(set, "\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\0\0\0\0\xFE\xFF\x00\xE0", 24);
  uint32_t n = picture->len + picture->len % 2;
  const char length[4] = {(char)n, (char)(n >> 8), (char)(n >> 16), (char)(n >> 24)};
  append(set, length, 4);
  append(set, (const char *)picture->data, picture->len);
  append(set, "", picture->len % 2);
  append(set, "\xFE\xFF\xDD\xE0\0\0\0\0", 8);
  HilumDcmtkBytes bytes = {set->data, set->len, false, false};
  g_autoptr(GError) error = NULL;
  bool good =
      hilum_dcmtk_decode(bytes, "1.2.840.10008.1.2.4.57", words, 2 * (size_t)k->columns * k->rows, &error);
  g_assert_no_error(error);
  return good;
}

static void test_dcmtk(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
    const Kind *k = &KINDS[i];
    if (k->transform) continue; /* some versions of its library do not undo it */
    size_t n = (size_t)k->columns * k->rows;
    g_autofree uint16_t *samples = make_samples(k, i + 100);
    g_autoptr(GByteArray) picture = encode(k, samples);
    g_autofree uint16_t *theirs = g_new0(uint16_t, n);
    g_autofree int16_t *ours = g_new0(int16_t, n);
    g_assert_true(decode_dcmtk(k, picture, theirs));
    g_assert_true(hilum_jpeg_lossless_decode(picture->data, picture->len, k->columns, k->rows, ours));
    g_assert_cmpmem(ours, 2 * n, theirs, 2 * n);
  }
}

/* Cut off anywhere, or with any byte changed: refused or decoded, never read or written past the end. */
static void test_damaged(void)
{
  const Kind *k = &KINDS[8];
  size_t n = (size_t)k->columns * k->rows;
  g_autofree uint16_t *samples = make_samples(k, 5);
  g_autoptr(GByteArray) picture = encode(k, samples);
  g_autofree int16_t *words = g_new0(int16_t, n);
  for (guint part = 0; part + 2 < picture->len; part++) {
    g_autofree uint8_t *copy = g_memdup2(picture->data, MAX(part, 1));
    g_assert_false(hilum_jpeg_lossless_decode(copy, part, k->columns, k->rows, words));
  }
  g_autofree uint8_t *copy = g_memdup2(picture->data, picture->len);
  for (guint at = 0; at < picture->len; at++)
    for (int change = 1; change < 256; change = change * 3 + 1) {
      copy[at] = (uint8_t)(picture->data[at] ^ change);
      (void)hilum_jpeg_lossless_decode(copy, picture->len, k->columns, k->rows, words);
      copy[at] = picture->data[at];
    }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/jpeg-lossless/kinds", test_kinds);
  g_test_add_func("/dicom/jpeg-lossless/dcmtk", test_dcmtk);
  g_test_add_func("/dicom/jpeg-lossless/damaged", test_damaged);
  return g_test_run();
}
