/* What C asks of DCMTK. The dcmtk_*.cpp files behind it are the only C++ in Hilum: every function catches all
 * exceptions and turns every status into a GError. Any thread. */
#pragma once

#include "fields.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* How a run of data-set bytes is encoded. */
typedef struct {
  const uint8_t *bytes;
  size_t n;
  bool implicit_vr, big_endian;
} HilumDcmtkBytes;

/* Reads the attributes of fields.h out of data-set bytes: values[f] becomes UTF-8 without padding, several
 * values joined by "\\", numbers in decimal; NULL where absent or empty. Free each with g_free(). `charset`:
 * what Specific Character Set is where the bytes do not say; NULL for none. */
bool hilum_dcmtk_read_fields(HilumDcmtkBytes bytes, const char *charset, char *values[HILUM_FIELD_COUNT],
                             GError **error);

/* Decodes the first frame of encapsulated pixels. `dataset` holds the elements of group 28 and Pixel Data
 * with its fragments. Writes the frame in the machine's byte order; `capacity` is its size rounded up to
 * even. */
bool hilum_dcmtk_decode(HilumDcmtkBytes dataset, const char *syntax_uid, void *out, size_t capacity,
                        GError **error);

/* An attribute to write: text in UTF-8, numbers in decimal; NULL or "" writes an empty one. */
typedef struct {
  uint32_t tag;
  const char *vr;
  const char *value;
} HilumDcmtkAttribute;

/* A whole file (preamble, meta header, explicit little endian) of the attributes and one frame of 16-bit
 * pixels. The attributes must name SOP class and instance. g_bytes_unref(). */
GBytes *hilum_dcmtk_write_image(const HilumDcmtkAttribute *attributes, size_t n_attributes,
                                const int16_t *pixels, size_t n_pixels, GError **error);

G_END_DECLS
