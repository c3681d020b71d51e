/* Bytes of a DICOM data set, element by element: the lowest layer of the walk in layout.c. A value's length
 * is what the file says: whoever uses it checks it against `size`. Nothing is recursive. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { HILUM_READER_WINDOW = 16384 };
#define HILUM_LENGTH_UNDEFINED UINT32_C(0xFFFFFFFF)

/* A file seen through a small window, or memory. */
typedef struct {
  int fd; /* -1: memory */
  const uint8_t *memory;
  uint64_t size;
  uint64_t window_at;
  size_t window_n;
  int failed; /* errno of a read that failed */
  uint8_t window[HILUM_READER_WINDOW];
} HilumReader;

typedef struct {
  uint32_t tag;
  char vr[2];
  uint32_t length;
  uint32_t header_bytes; /* tag, VR and length */
} HilumElement;

/* A reader of `size` bytes of an open file, or of memory. */
void hilum_reader_open(HilumReader *reader, int fd, uint64_t size);
void hilum_reader_open_memory(HilumReader *reader, const uint8_t *memory, uint64_t size);

/* `n` (at most 256) bytes at `at`, or NULL past the end. */
const uint8_t *hilum_reader_peek(HilumReader *reader, uint64_t at, size_t n);
bool hilum_reader_append(HilumReader *reader, GByteArray *out, uint64_t at, uint64_t n);
bool hilum_vr_is_known(const uint8_t *vr);
/* The tag, VR and length at `at`; false where there is none. */
bool hilum_element_read(HilumReader *reader, uint64_t at, bool implicit, bool big, HilumElement *out);
/* Steps over a value of undefined length that starts at *at: a sequence, or the fragments of an image. */
bool hilum_reader_skip_undefined(HilumReader *reader, uint64_t *at, bool implicit, bool big);
/* The same for the elements of an item. */
bool hilum_reader_skip_item(HilumReader *reader, uint64_t *at, bool implicit, bool big);

static inline uint32_t hilum_get16(const uint8_t *p, bool big)
{
  return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}
static inline uint32_t hilum_get32(const uint8_t *p, bool big)
{
  return big ? hilum_get16(p, true) << 16 | hilum_get16(p + 2, true)
             : hilum_get16(p + 2, false) << 16 | hilum_get16(p, false);
}
