/* JPEG 2000 slices: every storage there is, what contradicts its attributes, and damage. */
#include "jpeg2000.h"

#include "codestream.h"
#include "pictures.h"

#include "hilum/dicom/error.h"

#include <math.h>

enum { LIMIT = 64 * 64 };

/* 24 x 10 values of 12 bits, ht_value() each: a lossless HTJ2K picture of our own, made with OpenJPH, since
 * OpenJPEG reads HTJ2K but does not write it. */
static const uint8_t HTJ2K[] = {
    0xFF, 0x4F, 0xFF, 0x51, 0x00, 0x29, 0x40, 0x00, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x0A, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x0A, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x0B, 0x01, 0x01, 0xFF, 0x50, 0x00, 0x08, 0x00, 0x02,
    0x00, 0x00, 0x00, 0x06, 0xFF, 0x52, 0x00, 0x0C, 0x00, 0x02, 0x00, 0x01, 0x00, 0x02, 0x02, 0x02, 0x40,
    0x01, 0xFF, 0x5C, 0x00, 0x0A, 0x20, 0x68, 0x70, 0x70, 0x70, 0x68, 0x68, 0x68, 0xFF, 0x64, 0x00, 0x17,
    0x00, 0x01, 0x4F, 0x70, 0x65, 0x6E, 0x4A, 0x50, 0x48, 0x20, 0x56, 0x65, 0x72, 0x20, 0x30, 0x2E, 0x33,
    0x31, 0x2E, 0x30, 0x2E, 0xFF, 0x90, 0x00, 0x0A, 0x00, 0x00, 0x00, 0x00, 0x01, 0x3C, 0x00, 0x01, 0xFF,
    0x93, 0xC0, 0x02, 0xE9, 0x00, 0x07, 0xD0, 0xCB, 0xB7, 0x1E, 0xA8, 0x31, 0x6D, 0x4C, 0xFE, 0x02, 0x31,
    0xAA, 0xAC, 0x7F, 0x68, 0xC0, 0x03, 0x09, 0xFC, 0x93, 0x37, 0xDA, 0xC3, 0x6B, 0xFD, 0x00, 0x5B, 0x6F,
    0xE6, 0x1A, 0x21, 0x40, 0x33, 0x3A, 0x00, 0xC0, 0x01, 0x6C, 0xC0, 0x01, 0x69, 0x40, 0x01, 0x68, 0x80,
    0x91, 0x21, 0xFA, 0x89, 0x11, 0xBB, 0xDF, 0x32, 0x48, 0x94, 0xB8, 0xA2, 0x08, 0x37, 0x1E, 0xF4, 0x02,
    0xD5, 0xBF, 0x8C, 0x6D, 0xC8, 0xB6, 0xB9, 0x00, 0x11, 0x84, 0x70, 0x02, 0x94, 0x50, 0x04, 0x4E, 0xD5,
    0x60, 0xF0, 0x01, 0x0B, 0x80, 0x00, 0x03, 0x97, 0x00, 0x25, 0x8F, 0x12, 0xE7, 0x3E, 0x12, 0xFF, 0x4B,
    0xC3, 0xA7, 0x01, 0x0C, 0xA0, 0x88, 0xB7, 0x37, 0x00, 0xC0, 0x02, 0xEE, 0xE0, 0x01, 0x7A, 0x04, 0x00,
    0x2E, 0xEC, 0x92, 0x2D, 0xD1, 0x46, 0x6F, 0xEE, 0x37, 0xC4, 0x91, 0x26, 0x12, 0xA4, 0x9A, 0xA6, 0x5D,
    0xDB, 0x28, 0xDA, 0x36, 0x4D, 0x70, 0xBB, 0xDD, 0x00, 0xDD, 0x1A, 0x5F, 0xDA, 0xDA, 0xA5, 0x8D, 0x36,
    0xD1, 0xD6, 0x75, 0x43, 0xA0, 0x83, 0xF7, 0xD0, 0xC7, 0xB7, 0xFE, 0xE6, 0x97, 0xA5, 0xF2, 0x96, 0x46,
    0x3C, 0x10, 0x67, 0xF4, 0x10, 0x75, 0x10, 0x8F, 0x76, 0x01, 0x52, 0x07, 0x8D, 0x51, 0x7C, 0x26, 0xEE,
    0x81, 0xAB, 0x01, 0x6E, 0x6C, 0x24, 0xE9, 0x50, 0x33, 0x69, 0xB6, 0x33, 0x84, 0xDB, 0x80, 0xDB, 0x36,
    0x74, 0xBB, 0x35, 0x99, 0x04, 0xCE, 0x0A, 0x54, 0x04, 0x0F, 0x9E, 0x04, 0x2B, 0x07, 0x1D, 0x1D, 0xFD,
    0x80, 0x02, 0xDE, 0xDF, 0x7D, 0x64, 0x3E, 0x7E, 0xCB, 0xDC, 0x40, 0x62, 0xE8, 0xE0, 0x82, 0x96, 0x40,
    0x10, 0x2A, 0xD0, 0x43, 0x57, 0x01, 0x4A, 0x6E, 0x6E, 0x6E, 0xB6, 0x6D, 0x93, 0xAB, 0xB4, 0xBD, 0x4D,
    0x89, 0x1B, 0xEE, 0x24, 0xA5, 0x36, 0x6C, 0x6D, 0x12, 0x1B, 0xB7, 0x36, 0x37, 0xDC, 0xB8, 0xB8, 0x71,
    0x71, 0xE3, 0xE2, 0xCE, 0xCD, 0xFD, 0xFC, 0x87, 0x0F, 0x6D, 0x4F, 0xBE, 0xEF, 0x4F, 0x86, 0x05, 0x6D,
    0x3D, 0x3C, 0x71, 0xF4, 0x61, 0x88, 0xA9, 0xF8, 0x20, 0x75, 0x11, 0x8F, 0x78, 0x01, 0xFF, 0xD9};

static int32_t ht_value(int x, int y)
{
  return (x * 37 + y * 101 + x * y % 17 * 13) % 4096;
}

static HilumPixelFormat format_of(int allocated, int stored, bool is_signed)
{
  return (HilumPixelFormat){.bits_allocated = allocated,
                            .bits_stored = stored,
                            .high_bit = stored - 1,
                            .is_signed = is_signed,
                            .slope = 1};
}

static void fill(int32_t *samples, size_t n, uint32_t precision, bool is_signed, guint32 seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
  int32_t span = 1 << precision, low = is_signed ? -span / 2 : 0;
  for (size_t i = 0; i < n; i++)
    samples[i] = g_rand_int_range(rand, low, low + span);
  samples[0] = low; /* both ends occur */
  samples[n - 1] = low + span - 1;
}

static void test_round_trips(void)
{
  static const struct {
    uint32_t columns, rows, precision, tile;
    int allocated, stored;
    bool is_signed, jp2;
  } CASES[] = {
      {1, 1, 8, 0, 8, 8, false, false},     {7, 5, 12, 0, 16, 12, false, false},
      {33, 17, 16, 0, 16, 16, true, false}, {33, 17, 16, 0, 16, 16, false, false},
      {64, 64, 13, 0, 16, 13, true, false}, {64, 33, 10, 16, 16, 12, false, false},
      {31, 9, 12, 0, 16, 12, true, true},   {16, 3, 10, 0, 16, 16, true, false},
  };
  for (size_t c = 0; c < G_N_ELEMENTS(CASES); c++) {
    int32_t samples[LIMIT];
    int16_t words[LIMIT];
    size_t n = CASES[c].columns * CASES[c].rows;
    fill(samples, n, CASES[c].precision, CASES[c].is_signed, (guint32)c);
    g_autoptr(GByteArray) bytes = picture_encode((Picture){.columns = CASES[c].columns,
                                                           .rows = CASES[c].rows,
                                                           .precision = CASES[c].precision,
                                                           .tile = CASES[c].tile,
                                                           .is_signed = CASES[c].is_signed,
                                                           .jp2 = CASES[c].jp2},
                                                 samples);
    HilumPixelFormat f = format_of(CASES[c].allocated, CASES[c].stored, CASES[c].is_signed);
    g_autoptr(GError) error = NULL;
    (void)hilum_jpeg2000_decode(bytes->data, bytes->len, CASES[c].columns, CASES[c].rows, &f, words, &error);
    g_assert_no_error(error);
    (void)hilum_pixel_normalize(&f, words, n);
    for (size_t i = 0; i < n; i++)
      g_assert_cmpint(f.is_signed ? words[i] : (uint16_t)words[i], ==, samples[i]);
  }
}

/* HighBit above the usual place: words stand as they would in an uncompressed file. */
static void test_high_bit(void)
{
  int32_t samples[16];
  int16_t words[16];
  fill(samples, 16, 12, true, 3);
  g_autoptr(GByteArray) bytes =
      picture_encode((Picture){.columns = 4, .rows = 4, .precision = 12, .is_signed = true}, samples);
  HilumPixelFormat f = format_of(16, 12, true);
  f.high_bit = 15;
  g_assert_true(hilum_jpeg2000_decode(bytes->data, bytes->len, 4, 4, &f, words, NULL));
  (void)hilum_pixel_normalize(&f, words, 16);
  for (size_t i = 0; i < 16; i++)
    g_assert_cmpint(words[i], ==, samples[i]);
}

static void test_lossy(void)
{
  int32_t samples[LIMIT];
  int16_t words[LIMIT];
  for (int i = 0; i < LIMIT; i++)
    samples[i] = (int32_t)(1000 + 600 * sin(i % 64 / 9.0) * cos(i / 64 / 7.0));
  g_autoptr(GByteArray) bytes =
      picture_encode((Picture){.columns = 64, .rows = 64, .precision = 12, .lossy = true}, samples);
  HilumPixelFormat f = format_of(16, 12, false);
  g_assert_true(hilum_jpeg2000_decode(bytes->data, bytes->len, 64, 64, &f, words, NULL));
  for (int i = 0; i < LIMIT; i++)
    g_assert_cmpint(abs(words[i] - samples[i]), <=, 12);
}

static void test_htj2k(void)
{
  int16_t words[240];
  HilumPixelFormat f = format_of(16, 12, false);
  g_autoptr(GError) error = NULL;
  (void)hilum_jpeg2000_decode(HTJ2K, sizeof HTJ2K, 24, 10, &f, words, &error);
  g_assert_no_error(error);
  for (int y = 0; y < 10; y++)
    for (int x = 0; x < 24; x++)
      g_assert_cmpint(words[y * 24 + x], ==, ht_value(x, y));
}

/* Refused, saying `why`, and nothing written. */
static void refuse(const GByteArray *bytes, uint32_t columns, uint32_t rows, HilumPixelFormat f,
                   const char *why)
{
  int16_t words[LIMIT];
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_jpeg2000_decode(bytes->data, bytes->len, columns, rows, &f, words, &error));
  g_assert_nonnull(error);
  if (!strstr(error->message, why)) g_test_message("%s", error->message);
  g_assert_nonnull(strstr(error->message, why));
}

static void test_contradictions(void)
{
  int32_t samples[64] = {0};
  for (int i = 0; i < 64; i++)
    samples[i] = i * 64;
  Picture p = {.columns = 8, .rows = 8, .precision = 12};
  g_autoptr(GByteArray) plain = picture_encode(p, samples);
  refuse(plain, 8, 9, format_of(16, 12, false), "8 x 8 pixels, where its attributes promise 8 x 9");
  refuse(plain, 16, 4, format_of(16, 12, false), "promise 16 x 4");
  refuse(plain, 8, 8, format_of(8, 8, false), "12 bits a pixel");
  refuse(plain, 8, 8, format_of(16, 11, false), "cannot mean");
  p.components = 3;
  g_autoptr(GByteArray) colour = picture_encode(p, samples);
  refuse(colour, 8, 8, format_of(16, 12, false), "3 colour components");
  /* tiles of one pixel each, in the thousands */
  g_autoptr(GByteArray) tiles = g_byte_array_new();
  g_byte_array_append(tiles, plain->data, plain->len);
  static const uint8_t HUGE_SIDE[] = {0, 0, 0x40, 0};
  static const uint8_t ONE[] = {0, 0, 0, 1};
  memcpy(tiles->data + 8, HUGE_SIDE, 4);
  memcpy(tiles->data + 24, ONE, 4);
  memcpy(tiles->data + 28, ONE, 4);
  refuse(tiles, 16384, 8, format_of(16, 12, false), "absurdly large");
  g_byte_array_set_size(tiles, 20);
  refuse(tiles, 8, 8, format_of(16, 12, false), "not the JPEG 2000 picture");
}

/* Codestream unsigned, attributes signed, and the other way round. */
static void test_signs(void)
{
  int32_t words_as_unsigned[4] = {0, 4095, 2048, 2047}; /* 0, -1, -2048, 2047 */
  int16_t words[4];
  g_autoptr(GByteArray) bytes =
      picture_encode((Picture){.columns = 2, .rows = 2, .precision = 12}, words_as_unsigned);
  HilumPixelFormat f = format_of(16, 12, true);
  g_assert_true(hilum_jpeg2000_decode(bytes->data, bytes->len, 2, 2, &f, words, NULL));
  const int16_t expected[4] = {0, -1, -2048, 2047};
  g_assert_cmpmem(words, sizeof words, expected, sizeof expected);
  /* 12 bits under attributes of 16: is 4095 -1 or 4095? */
  refuse(bytes, 2, 2, format_of(16, 16, true), "16 signed bits");
  int32_t small[4] = {0, 1, 2, 2047};
  g_autoptr(GByteArray) clear = picture_encode((Picture){.columns = 2, .rows = 2, .precision = 12}, small);
  f = format_of(16, 16, true);
  g_assert_true(hilum_jpeg2000_decode(clear->data, clear->len, 2, 2, &f, words, NULL));
  g_assert_cmpint(words[3], ==, 2047);
  int32_t negative[4] = {0, -5, 7, 9};
  g_autoptr(GByteArray) below =
      picture_encode((Picture){.columns = 2, .rows = 2, .precision = 12, .is_signed = true}, negative);
  refuse(below, 2, 2, format_of(16, 12, false), "12 unsigned bits");
}

/* A picture that breaks off is an error, or whole: never partly made up. */
static void test_truncated(void)
{
  int32_t samples[LIMIT];
  int16_t words[LIMIT];
  fill(samples, 32 * 32, 12, false, 11);
  g_autoptr(GByteArray) bytes =
      picture_encode((Picture){.columns = 32, .rows = 32, .precision = 12}, samples);
  HilumPixelFormat f = format_of(16, 12, false);
  guint passed = 0;
  for (guint n = 0; n < bytes->len; n += n < 200 || n + 64 > bytes->len ? 1 : 13) {
    g_autofree uint8_t *part = g_memdup2(bytes->data, n); /* its end is the end of the memory */
    g_autoptr(GError) error = NULL;
    bool good = hilum_jpeg2000_decode(part, n, 32, 32, &f, words, &error);
    g_assert_true(good == (error == NULL));
    passed += good;
    for (size_t i = 0; good && i < 32 * 32; i++)
      g_assert_cmpint(words[i], ==, samples[i]);
  }
  g_assert_cmpuint(passed, <=, 2); /* without its end marker at most */
}

static void flip(const uint8_t *bytes, size_t n, uint32_t columns, uint32_t rows, guint32 seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
  HilumPixelFormat f = format_of(16, 12, false);
  int16_t words[LIMIT];
  for (int round = 0; round < 400; round++) {
    g_autofree uint8_t *broken = g_memdup2(bytes, n);
    for (int k = round % 4; k >= 0; k--)
      broken[g_rand_int_range(rand, 0, (gint32)(round % 2 ? MIN(n, 160) : n))] ^=
          (uint8_t)(1 << g_rand_int_range(rand, 0, 8));
    g_autoptr(GError) error = NULL;
    bool good = hilum_jpeg2000_decode(broken, n, columns, rows, &f, words, &error);
    g_assert_true(good == (error == NULL));
    if (error) g_assert_true(g_utf8_validate(error->message, -1, NULL));
  }
}

static void test_flipped(void)
{
  int32_t samples[LIMIT];
  fill(samples, 32 * 24, 12, false, 5);
  g_autoptr(GByteArray) bytes =
      picture_encode((Picture){.columns = 32, .rows = 24, .precision = 12, .tile = 16}, samples);
  flip(bytes->data, bytes->len, 32, 24, 1);
  flip(HTJ2K, sizeof HTJ2K, 24, 10, 2);
}

/* The frame header of JPEG and JPEG-LS. */
static void test_jpeg_headers(void)
{
  static const uint8_t JPEG[] = {0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xC3, 0,
                                 11,   12,   0,    5,    0, 7, 1, 1, 0x11, 0,    0xFF};
  HilumCodestream c;
  g_assert_true(hilum_codestream_read_jpeg(JPEG, sizeof JPEG, &c));
  g_assert_cmpuint(c.precision, ==, 12);
  g_assert_cmpuint(c.rows, ==, 5);
  g_assert_cmpuint(c.columns, ==, 7);
  g_assert_cmpuint(c.components, ==, 1);
  for (size_t n = 0; n < 22; n++) {
    g_autofree uint8_t *part = g_memdup2(JPEG, n);
    g_assert_false(hilum_codestream_read_jpeg(part, n, &c));
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/jpeg2000/round-trips", test_round_trips);
  g_test_add_func("/dicom/jpeg2000/high-bit", test_high_bit);
  g_test_add_func("/dicom/jpeg2000/lossy", test_lossy);
  g_test_add_func("/dicom/jpeg2000/htj2k", test_htj2k);
  g_test_add_func("/dicom/jpeg2000/contradictions", test_contradictions);
  g_test_add_func("/dicom/jpeg2000/signs", test_signs);
  g_test_add_func("/dicom/jpeg2000/truncated", test_truncated);
  g_test_add_func("/dicom/jpeg2000/flipped", test_flipped);
  g_test_add_func("/dicom/jpeg2000/jpeg-headers", test_jpeg_headers);
  return g_test_run();
}
