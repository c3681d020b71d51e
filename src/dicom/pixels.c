/* Raw pixel words to voxels. */
#include "pixels.h"

#include <math.h>
#include <string.h>

HilumRawRange hilum_pixel_nominal_range(const HilumPixelFormat *f)
{
  int32_t bits = f->bits_stored < 1 ? 1 : f->bits_stored > 16 ? 16 : f->bits_stored;
  int32_t span = 1 << bits;
  if (f->is_signed) return (HilumRawRange){-span / 2, span / 2 - 1};
  return (HilumRawRange){0, span - 1};
}

/* The largest step of which both are whole multiples, or 0 if there is none of sensible size: Euclid's
 * algorithm on doubles, where a remainder below a millionth of the step is rounding of decimal strings. */
static double common_step(double a, double b)
{
  a = fabs(a);
  b = fabs(b);
  double largest = fmax(a, b), smallest = largest * 1e-6;
  while (b > smallest) {
    double remainder = a - b * floor(a / b + 0.5);
    a = b;
    b = fabs(remainder);
  }
  return a > largest * 1e-5 ? a : 0;
}

static bool near_integer(double x)
{
  return fabs(x) < 1e6 && fabs(x - round(x)) < 1e-4;
}

/* A step that all slopes and all differences of intercepts share, or 0. */
static double shared_step(const HilumPixelFormat *const *formats, size_t n)
{
  double step = fabs(formats[0]->slope);
  for (size_t i = 1; i < n && step > 0; i++) {
    if (formats[i]->slope != formats[0]->slope) step = common_step(step, formats[i]->slope);
    double difference = formats[i]->intercept - formats[0]->intercept;
    if (difference != 0 && step > 0) step = common_step(step, difference);
  }
  for (size_t i = 0; i < n && step > 0; i++)
    if (!near_integer(formats[i]->slope / step) ||
        !near_integer((formats[i]->intercept - formats[0]->intercept) / step))
      return 0;
  return step;
}

HilumValueMap hilum_value_map_plan(const HilumPixelFormat *const *formats, const HilumRawRange *ranges,
                                   size_t n)
{
  HilumValueMap map = {.slope = 1, .exact = true};
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    HilumRawRange r = ranges ? ranges[i] : hilum_pixel_nominal_range(formats[i]);
    if (r.low > r.high) continue; /* nothing but padding */
    double a = formats[i]->slope * r.low + formats[i]->intercept;
    double b = formats[i]->slope * r.high + formats[i]->intercept;
    low = fmin(low, fmin(a, b));
    high = fmax(high, fmax(a, b));
  }
  if (n == 0 || low > high) return map;
  double step = shared_step(formats, n), base = formats[0]->intercept;
  double first = step > 0 ? round((low - base) / step) : 0, last = step > 0 ? round((high - base) / step) : 0;
  if (step > 0 && last - first <= 65535) {
    /* Stored values are steps counted from the first slice's intercept, moved only if they do not fit. */
    double shift = first >= -32768 && last <= 32767 ? 0 : -32768 - first;
    map.slope = step;
    map.intercept = base - step * shift;
    return map;
  }
  map.exact = false;
  map.slope = (high - low) / 65535;
  map.intercept = low + 32768 * map.slope;
  map.error = map.slope / 2;
  return map;
}

int16_t hilum_value_map_store(const HilumValueMap *map, double real)
{
  double stored = round((real - map->intercept) / map->slope);
  return (int16_t)fmax(-32768, fmin(32767, stored));
}

/* Raw words as values: what reading a word of this format means. */
static inline int32_t raw_value(uint32_t word, int shift, int unused, bool is_signed)
{
  uint32_t left = word << shift;
  return is_signed ? (int32_t)left >> unused : (int32_t)(left >> unused);
}

HilumRawRange hilum_pixel_normalize(const HilumPixelFormat *f, int16_t *voxels, size_t n)
{
  int shift = 31 - f->high_bit, unused = 32 - f->bits_stored;
  bool is_signed = f->is_signed;
  HilumRawRange found = {INT32_MAX, INT32_MIN};
  int32_t pad_low = f->has_padding ? f->padding_low : INT32_MAX;
  int32_t pad_high = f->has_padding ? f->padding_high : INT32_MIN;
  for (size_t i = 0; i < n; i++) {
    int32_t x = raw_value((uint16_t)voxels[i], shift, unused, is_signed);
    voxels[i] = (int16_t)(uint16_t)(uint32_t)x;
    if (x >= pad_low && x <= pad_high) continue;
    if (x < found.low) found.low = x;
    if (x > found.high) found.high = x;
  }
  return found;
}

/* stored = k * x + c with integers, or by doubles where the map is not exact. */
typedef struct {
  bool exact;
  int32_t k, c;
  double scale, offset;
} SliceMap;

static SliceMap slice_map(const HilumPixelFormat *f, const HilumValueMap *map)
{
  SliceMap s = {.scale = f->slope / map->slope, .offset = (f->intercept - map->intercept) / map->slope};
  /* Within these bounds k * x + c cannot overflow. */
  s.exact = map->exact && fabs(s.scale) <= 16384 && fabs(s.offset) <= 1e9;
  if (s.exact) {
    s.k = (int32_t)round(s.scale);
    s.c = (int32_t)round(s.offset);
  }
  return s;
}

static inline int32_t clamp16(int32_t x)
{
  return x < -32768 ? -32768 : x > 32767 ? 32767 : x;
}

static void map_rounded(const SliceMap *s, const HilumPixelFormat *f, int16_t padding_stored, int16_t *voxels,
                        size_t n)
{
  for (size_t i = 0; i < n; i++) {
    int32_t x = f->is_signed ? voxels[i] : (uint16_t)voxels[i];
    bool padding = f->has_padding && x >= f->padding_low && x <= f->padding_high;
    double stored = round(s->scale * x + s->offset);
    voxels[i] = padding ? padding_stored : (int16_t)fmax(-32768, fmin(32767, stored));
  }
}

void hilum_pixel_apply_map(const HilumPixelFormat *f, const HilumValueMap *map, int16_t padding_stored,
                           int16_t *voxels, size_t n)
{
  SliceMap s = slice_map(f, map);
  if (!s.exact) {
    map_rounded(&s, f, padding_stored, voxels, n);
    return;
  }
  bool is_signed = f->is_signed;
  int32_t pad_low = f->has_padding ? f->padding_low : INT32_MAX;
  int32_t pad_high = f->has_padding ? f->padding_high : INT32_MIN;
  int32_t k = s.k, c = s.c;
  for (size_t i = 0; i < n; i++) {
    int32_t x = is_signed ? voxels[i] : (uint16_t)voxels[i];
    bool padding = x >= pad_low && x <= pad_high;
    int32_t stored = clamp16(k * x + c);
    voxels[i] = (int16_t)(padding ? padding_stored : stored);
  }
}

void hilum_pixel_convert(const HilumPixelFormat *f, const HilumValueMap *map, int16_t padding_stored,
                         int16_t *voxels, size_t n)
{
  SliceMap s = slice_map(f, map);
  bool whole_words = f->bits_stored == 16 && f->high_bit == 15;
  if (whole_words && s.exact && !f->has_padding && s.k == 1 && (f->is_signed ? s.c == 0 : s.c == -32768)) {
    /* The commonest CT: nothing to do. Unsigned words move down by half their range: one bit flips. */
    if (!f->is_signed)
      for (size_t i = 0; i < n; i++)
        voxels[i] = (int16_t)((uint16_t)voxels[i] ^ 0x8000);
    return;
  }
  /* In pieces that stay in the first-level cache between the two passes. */
  enum { PIECE = 8192 };
  for (size_t at = 0; at < n; at += PIECE) {
    size_t part = n - at < PIECE ? n - at : PIECE;
    if (!whole_words) (void)hilum_pixel_normalize(f, voxels + at, part);
    hilum_pixel_apply_map(f, map, padding_stored, voxels + at, part);
  }
}
