/* Run-length pixels by hand. */
#include "rle.h"

#include <glib.h>
#include <string.h>

enum { HEADER = 64, PIXELS = 6 };

/* Two planes: the high bytes are a run of 1 and two others, the low ones literal, a no-op between. */
static const uint8_t HIGH[] = {0xFD, 1, 1, 2, 3};             /* 1 1 1 1 2 3 */
static const uint8_t LOW[] = {2, 10, 11, 12, 0x80, 0xFE, 20}; /* 10 11 12 20 20 20 */
static const uint16_t EXPECTED[PIXELS] = {0x10A, 0x10B, 0x10C, 0x114, 0x214, 0x314};

static size_t make(uint8_t *out)
{
  memset(out, 0, HEADER);
  out[0] = 2;
  out[4] = HEADER;
  out[8] = HEADER + sizeof HIGH;
  memcpy(out + HEADER, HIGH, sizeof HIGH);
  memcpy(out + HEADER + sizeof HIGH, LOW, sizeof LOW);
  return HEADER + sizeof HIGH + sizeof LOW;
}

static void test_planes(void)
{
  uint8_t bytes[128];
  size_t size = make(bytes);
  int16_t words[PIXELS + 1] = {0};
  words[PIXELS] = 77;
  g_assert_true(hilum_rle_decode(bytes, size, 2, words, PIXELS));
  g_assert_cmpmem(words, sizeof EXPECTED, EXPECTED, sizeof EXPECTED);
  g_assert_cmpint(words[PIXELS], ==, 77);
  /* A run that reaches beyond the last pixel is padding. */
  g_assert_true(hilum_rle_decode(bytes, size, 2, words, PIXELS - 1));
  g_assert_cmpint(words[PIXELS - 1], ==, 0x314);
  g_assert_false(hilum_rle_decode(bytes, size, 1, words, PIXELS));
  g_assert_false(hilum_rle_decode(bytes, size, 2, words, PIXELS + 1));
}

static void test_damaged(void)
{
  uint8_t bytes[128];
  size_t size = make(bytes);
  int16_t words[PIXELS];
  for (size_t part = 0; part < size; part++) {
    g_autofree uint8_t *copy = g_memdup2(bytes, MAX(part, 1)); /* its end is seen by the sanitizer */
    g_assert_false(hilum_rle_decode(copy, part, 2, words, PIXELS));
  }
  for (size_t at = 4; at < 12; at++) { /* offsets that lead elsewhere */
    g_autofree uint8_t *copy = g_memdup2(bytes, size);
    copy[at] ^= 0x80;
    g_assert_false(hilum_rle_decode(copy, size, 2, words, PIXELS));
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/rle/planes", test_planes);
  g_test_add_func("/dicom/rle/damaged", test_damaged);
  return g_test_run();
}
