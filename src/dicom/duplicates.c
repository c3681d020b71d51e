/* Whether two files hold the same image. */
#include "record.h"

#include "file_io.h"

#include <string.h>

bool hilum_records_same_pixels(const HilumRecord *a, const HilumRecord *b)
{
  const HilumPixelFormat *f = &a->format, *g = &b->format;
  if (!a->has_pixels || !b->has_pixels || a->pixel_length != b->pixel_length ||
      a->encapsulated != b->encapsulated || (a->encapsulated && a->syntax != b->syntax) ||
      a->header_big_endian != b->header_big_endian || a->syntax->deflated || b->syntax->deflated ||
      f->bits_allocated != g->bits_allocated || a->rows != b->rows || a->columns != b->columns ||
      f->bits_stored != g->bits_stored || f->is_signed != g->is_signed || f->slope != g->slope ||
      f->intercept != g->intercept)
    return false;
  int fd_a = hilum_file_open(a->path), fd_b = hilum_file_open(b->path);
  enum { PIECE = 1 << 16 };
  uint8_t *x = g_malloc(PIECE), *y = g_malloc(PIECE);
  bool same = fd_a >= 0 && fd_b >= 0;
  for (uint64_t at = 0; same && at < a->pixel_length; at += PIECE) {
    size_t n = (size_t)MIN((uint64_t)PIECE, a->pixel_length - at);
    same = hilum_file_read_at(fd_a, x, n, a->pixel_offset + at) &&
           hilum_file_read_at(fd_b, y, n, b->pixel_offset + at) && memcmp(x, y, n) == 0;
  }
  g_free(x);
  g_free(y);
  hilum_file_close(fd_a);
  hilum_file_close(fd_b);
  return same;
}
