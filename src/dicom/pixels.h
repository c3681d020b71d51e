/* From a file's raw pixel words to the volume's 16-bit voxels. Each slice has its own storage and its own
 * rescale; the volume has one linear map. The map is chosen so that every step of every slice is kept exactly
 * wherever integers allow it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How the pixels of one file are stored and what they mean: real = slope * raw + intercept. MONOCHROME1,
 * where raw counts from white, is a negative slope here. */
typedef struct {
  int32_t bits_allocated, bits_stored, high_bit;
  bool is_signed;
  bool has_padding; /* raw values in [padding_low, padding_high] are no measurement */
  int32_t padding_low, padding_high;
  double slope, intercept;
} HilumPixelFormat;

/* Raw values that occur, or may. */
typedef struct {
  int32_t low, high;
} HilumRawRange;

/* The volume's map: real = slope * stored + intercept. */
typedef struct {
  double slope, intercept;
  bool exact;   /* every raw value has its own stored value, and maps to its real value */
  double error; /* otherwise: the largest rounding, in real units */
} HilumValueMap;

/* The values that `format` can hold. */
HilumRawRange hilum_pixel_nominal_range(const HilumPixelFormat *format);

/* Chooses the map for `n` slices. `ranges`: what occurs in each (NULL: the nominal ranges). */
HilumValueMap hilum_value_map_plan(const HilumPixelFormat *const *formats, const HilumRawRange *ranges,
                                   size_t n);

/* Raw words of the file, in the machine's order, to raw values in place: bits outside BitsStored are dropped,
 * the sign is extended. Unsigned values above 32767 keep their bits.
 * Returns the range of the values that are not padding (low > high if there is none). */
HilumRawRange hilum_pixel_normalize(const HilumPixelFormat *format, int16_t *voxels, size_t n);
/* Normalised raw values to stored values, in place. Padding becomes `padding_stored`. */
void hilum_pixel_apply_map(const HilumPixelFormat *format, const HilumValueMap *map, int16_t padding_stored,
                           int16_t *voxels, size_t n);
/* Both in one pass; nothing is touched where nothing changes. */
void hilum_pixel_convert(const HilumPixelFormat *format, const HilumValueMap *map, int16_t padding_stored,
                         int16_t *voxels, size_t n);
/* The stored value nearest to `real`. */
int16_t hilum_value_map_store(const HilumValueMap *map, double real);
