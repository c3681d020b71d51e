/* Raw words to voxels: every slice's real values must come out of the common map. */
#include "pixels.h"

#include <glib.h>
#include <math.h>
#include <string.h>

static HilumPixelFormat format(int bits, bool is_signed, double slope, double intercept)
{
  return (HilumPixelFormat){.bits_allocated = 16,
                            .bits_stored = bits,
                            .high_bit = bits - 1,
                            .is_signed = is_signed,
                            .slope = slope,
                            .intercept = intercept};
}

/* Converts all raw values of each format through one map and compares with slope * raw + intercept. */
static void check_all_values(const HilumPixelFormat *const *formats, size_t n, bool exact)
{
  HilumValueMap map = hilum_value_map_plan(formats, NULL, n);
  g_assert_cmpint(map.exact, ==, exact);
  g_assert_cmpfloat(map.slope, >, 0);
  for (size_t k = 0; k < n; k++) {
    HilumRawRange range = hilum_pixel_nominal_range(formats[k]);
    size_t count = (size_t)(range.high - range.low + 1);
    g_autofree int16_t *voxels = g_new(int16_t, count);
    for (size_t i = 0; i < count; i++)
      voxels[i] = (int16_t)(uint16_t)(uint32_t)(range.low + (int32_t)i);
    hilum_pixel_convert(formats[k], &map, 0, voxels, count);
    double tolerance = exact ? 1e-6 : map.error * (1 + 1e-6);
    for (size_t i = 0; i < count; i++) {
      double want = formats[k]->slope * (range.low + (double)i) + formats[k]->intercept;
      g_assert_cmpfloat(fabs(map.slope * voxels[i] + map.intercept - want), <=, tolerance);
    }
  }
}

static void test_uniform(void)
{
  static const int BITS[] = {1, 8, 10, 12, 15, 16};
  static const double SLOPES[] = {1, -1, 0.5, 2.44140625, 0.00096169};
  for (size_t b = 0; b < G_N_ELEMENTS(BITS); b++)
    for (int sign = 0; sign <= 1; sign++)
      for (size_t s = 0; s < G_N_ELEMENTS(SLOPES); s++) {
        HilumPixelFormat f = format(BITS[b], sign, SLOPES[s], -1024);
        check_all_values((const HilumPixelFormat *const[]){&f}, 1, true);
      }
}

static void test_varying(void)
{
  HilumPixelFormat a = format(12, false, 1, -1024), b = format(12, false, 0.5, -1000),
                   c = format(12, true, 2, 0.5);
  check_all_values((const HilumPixelFormat *const[]){&a, &b, &c}, 3, true);
  HilumPixelFormat d = format(12, false, 0.1, 0), e = format(12, false, 0.3, 0.2);
  check_all_values((const HilumPixelFormat *const[]){&d, &e}, 2, true);
  /* Signed and unsigned of all 16 bits need 98304 steps: rounded. */
  HilumPixelFormat f = format(16, true, 1, 0), g = format(16, false, 1, 0);
  check_all_values((const HilumPixelFormat *const[]){&f, &g}, 2, false);
  HilumPixelFormat h = format(15, false, 1, 0), i = format(15, false, 3.14159265358979, 0);
  check_all_values((const HilumPixelFormat *const[]){&h, &i}, 2, false);
}

static void test_ranges_allow_more(void)
{
  HilumPixelFormat f = format(16, true, 1, 0), g = format(16, false, 1, 0);
  const HilumPixelFormat *formats[] = {&f, &g};
  HilumRawRange ranges[] = {{-1000, 3000}, {0, 40000}};
  HilumValueMap map = hilum_value_map_plan(formats, ranges, 2);
  g_assert_true(map.exact);
  int16_t high[] = {(int16_t)(uint16_t)40000};
  hilum_pixel_apply_map(&g, &map, 0, high, 1);
  g_assert_cmpfloat(map.slope * high[0] + map.intercept, ==, 40000);
  HilumRawRange empty = {1, 0};
  map = hilum_value_map_plan(formats, (HilumRawRange[]){empty, empty}, 2);
  g_assert_cmpfloat(map.slope, ==, 1);
}

static void test_bits(void)
{
  /* 12 bits in the middle of the word, garbage around them. */
  HilumPixelFormat f = {
      .bits_allocated = 16, .bits_stored = 12, .high_bit = 13, .is_signed = true, .slope = 1};
  int16_t voxels[] = {(int16_t)0xC003, 0x1FFC, (int16_t)0xE000, 0x2000};
  HilumRawRange found = hilum_pixel_normalize(&f, voxels, 4);
  g_assert_cmpint(voxels[0], ==, 0);
  g_assert_cmpint(voxels[1], ==, 2047);
  g_assert_cmpint(voxels[2], ==, -2048);
  g_assert_cmpint(voxels[3], ==, -2048);
  g_assert_cmpint(found.low, ==, -2048);
  g_assert_cmpint(found.high, ==, 2047);
}

static void test_padding(void)
{
  HilumPixelFormat f = format(16, true, 2, -100);
  f.has_padding = true;
  f.padding_low = -2000;
  f.padding_high = -1990;
  int16_t voxels[] = {-2001, -2000, -1995, -1990, -1989, 7};
  HilumPixelFormat copy = f;
  HilumRawRange found = hilum_pixel_normalize(&copy, voxels, 6);
  g_assert_cmpint(found.low, ==, -2001);
  g_assert_cmpint(found.high, ==, 7);
  HilumValueMap map = hilum_value_map_plan((const HilumPixelFormat *const[]){&f}, &found, 1);
  int16_t pad = hilum_value_map_store(&map, -1024);
  hilum_pixel_convert(&f, &map, pad, voxels, 6);
  for (int i = 1; i <= 3; i++)
    g_assert_cmpfloat(map.slope * voxels[i] + map.intercept, ==, -1024);
  g_assert_cmpfloat(map.slope * voxels[0] + map.intercept, ==, -4102);
  g_assert_cmpfloat(map.slope * voxels[4] + map.intercept, ==, -4078);
  g_assert_cmpfloat(map.slope * voxels[5] + map.intercept, ==, -86);
  /* All padding: nothing to measure, nothing to trip over. */
  int16_t only[] = {-2000, -1990};
  found = hilum_pixel_normalize(&f, only, 2);
  g_assert_cmpint(found.low, >, found.high);
}

static void test_long_rows(void)
{
  /* Longer than one piece of the conversion, and not a multiple of it. */
  enum { N = 20001 };
  HilumPixelFormat f = format(12, false, 1, 0);
  g_autofree int16_t *voxels = g_new(int16_t, N);
  for (int i = 0; i < N; i++)
    voxels[i] = (int16_t)(uint16_t)(0xF000u | ((unsigned)i & 0xFFF));
  HilumValueMap map = hilum_value_map_plan((const HilumPixelFormat *const[]){&f}, NULL, 1);
  hilum_pixel_convert(&f, &map, 0, voxels, N);
  for (int i = 0; i < N; i++)
    g_assert_cmpint(voxels[i], ==, i & 0xFFF);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/pixels/uniform", test_uniform);
  g_test_add_func("/dicom/pixels/varying", test_varying);
  g_test_add_func("/dicom/pixels/ranges", test_ranges_allow_more);
  g_test_add_func("/dicom/pixels/bits", test_bits);
  g_test_add_func("/dicom/pixels/padding", test_padding);
  g_test_add_func("/dicom/pixels/long-rows", test_long_rows);
  return g_test_run();
}
