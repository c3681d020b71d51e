/* The run-length code of a brick: round trips, canonical form, capacity, malformed input. */
#include "hilum/base/random.h"
#include "hilum/volume/label_map.h"

#include <string.h>

enum { VOXELS = 32768 };

typedef struct {
  uint8_t labels[VOXELS], code[2 * VOXELS], back[VOXELS];
} Buffers;

static size_t check_round_trip(Buffers *b)
{
  size_t bytes = hilum_brick_encode(b->labels, b->code);
  g_assert_cmpuint(bytes, <=, sizeof b->code);
  memset(b->back, 0xEE, sizeof b->back);
  g_assert_true(hilum_brick_decode(b->code, bytes, b->back));
  g_assert_cmpmem(b->back, VOXELS, b->labels, VOXELS);
  return bytes;
}

static void test_round_trip(void)
{
  g_autofree Buffers *b = g_new0(Buffers, 1);
  g_assert_cmpuint(check_round_trip(b), ==, 4); /* uniform: a label and a length of three bytes */
  for (size_t v = 0; v < VOXELS; v++)
    b->labels[v] = (uint8_t)v;
  g_assert_cmpuint(check_round_trip(b), ==, 2 * VOXELS); /* the longest there is */
  for (uint64_t n = 0; n < 200; n++) {
    /* Runs of every scale, among them exactly 128 and 16384, where the length grows by a byte. */
    static const size_t special[] = {1, 127, 128, 129, 16383, 16384, 16385};
    size_t at = 0;
    for (uint64_t run = 0; at < VOXELS; run++) {
      uint64_t r = hilum_random_u64(n, run);
      size_t length = r & 1 ? special[(r >> 1) % G_N_ELEMENTS(special)] : 1 + (r >> 8) % (1u << (n % 12));
      length = MIN(length, VOXELS - at);
      memset(b->labels + at, (int)(r >> 40 & 255), length);
      at += length;
    }
    check_round_trip(b);
  }
}

static void test_malformed(void)
{
  static const struct {
    const char *what;
    uint8_t data[8];
    size_t bytes;
  } cases[] = {
      {"empty", {0}, 0},
      {"label without length", {7}, 1},
      {"length cut short", {7, 0xFF, 0xFF}, 3},
      {"length of four bytes", {7, 0xFF, 0xFF, 0x81, 0x00}, 5},
      {"too long", {7, 0x80, 0x80, 0x02}, 4},
      {"too short", {7, 0xFE, 0xFF, 0x01}, 4},
      {"one run too many", {7, 0xFF, 0xFF, 0x01, 9, 0}, 6},
      {"trailing byte", {7, 0xFF, 0xFF, 0x01, 9}, 5},
      {"largest length", {7, 0xFF, 0xFF, 0x7F}, 4},
  };
  uint8_t labels[VOXELS];
  for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
    g_autofree uint8_t *exact = g_memdup2(cases[c].data, cases[c].bytes); /* its end is the sanitizer's */
    if (hilum_brick_decode(exact, cases[c].bytes, labels)) g_error("accepted: %s", cases[c].what);
  }
  const uint8_t good[] = {7, 0xFF, 0xFF, 0x01};
  g_assert_true(hilum_brick_decode(good, sizeof good, labels));
}

/* Noise must never write out of bounds; the sanitizers watch. */
static void test_noise(void)
{
  uint8_t labels[VOXELS];
  for (uint64_t n = 0; n < 3000; n++) {
    size_t bytes = hilum_random_u64(1, n) % 200;
    g_autofree uint8_t *data = g_malloc(bytes + 1);
    for (size_t i = 0; i < bytes; i++)
      data[i] = (uint8_t)(hilum_random_u64(n, i) | (i & 1 ? 0x80 : 0));
    hilum_brick_decode(data, bytes, labels);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/brick/round-trip", test_round_trip);
  g_test_add_func("/brick/malformed", test_malformed);
  g_test_add_func("/brick/noise", test_noise);
  return g_test_run();
}
