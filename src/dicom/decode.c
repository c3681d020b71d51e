/* Pixels of one frame. */
#include "decode.h"

#include "codestream.h"
#include "dcmtk_bridge.h"
#include "file_io.h"
#include "fragments.h"
#include "jpeg2000.h"
#include "jpeg_lossless.h"
#include "rle.h"

#include "hilum/dicom/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static GError *read_error(const char *what)
{
  return g_error_new_literal(HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, what);
}

static void widen(const uint8_t *bytes, int16_t *words, size_t n)
{
  for (size_t i = 0; i < n; i++)
    words[i] = bytes[i];
}

static void swap_bytes(int16_t *words, size_t n)
{
  for (size_t i = 0; i < n; i++)
    words[i] = (int16_t)GUINT16_SWAP_LE_BE((uint16_t)words[i]);
}

/* --- plain pixels --- */

static GError *copy_inflated(int fd, const HilumRecord *r, const HilumLayout *inflated, void *to,
                             size_t bytes)
{
  HilumLayout own = {0};
  GError *why = NULL;
  if (!inflated && hilum_layout_read(&own, fd, hilum_record_name(r), &why)) inflated = &own;
  if (!why) {
    if (!inflated || !inflated->inflated || bytes > inflated->file_size ||
        r->pixel_offset > inflated->file_size - bytes)
      why = read_error("Its compressed data set has changed since it was scanned.");
    else
      memcpy(to, inflated->inflated + r->pixel_offset, bytes);
  }
  hilum_layout_clear(&own);
  return why;
}

static GError *read_native(int fd, const HilumRecord *r, const HilumLayout *inflated, int16_t *words,
                           size_t n)
{
  bool wide = r->format.bits_allocated == 16;
  size_t bytes = wide ? 2 * n : n;
  g_autofree uint8_t *narrow = wide ? NULL : g_try_malloc(bytes);
  if (!wide && !narrow) return read_error("There is not enough memory for its pixels.");
  void *to = wide ? (void *)words : (void *)narrow;
  if (r->syntax->deflated) {
    GError *why = copy_inflated(fd, r, inflated, to, bytes);
    if (why) return why;
  } else if (!hilum_file_read_at(fd, to, bytes, r->pixel_offset))
    return read_error(errno ? g_strerror(errno) : "The file ends within its pixels.");
  if (!wide)
    widen(narrow, words, n);
  else if (r->header_big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN))
    swap_bytes(words, n);
  return NULL;
}

/* --- through DCMTK: JPEG, JPEG-LS --- */

/* The picture's own header must promise what the attributes promise, before the decoder sees it. */
static GError *check_jpeg(const HilumRecord *r, const GByteArray *picture)
{
  HilumCodestream c;
  if (!hilum_codestream_read_jpeg(picture->data, picture->len, &c))
    return read_error("Its pixels are not the JPEG picture they should be.");
  const char *what = c.components != 1 ? "is in colour"
                     : c.columns != (uint32_t)r->columns || c.rows != (uint32_t)r->rows
                         ? "has another size than its attributes promise"
                     : (c.precision > 8) != (r->format.bits_allocated > 8)
                         ? "has another number of bits than its attributes promise"
                         : NULL;
  return what ? g_error_new(HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                            "Its JPEG picture (%u x %u, %u bits) %s.", c.columns, c.rows, c.precision, what)
              : NULL;
}

static void append32(GByteArray *out, uint32_t value)
{
  const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                            (uint8_t)(value >> 24)};
  g_byte_array_append(out, bytes, sizeof bytes);
}

/* The usual kind of lossless JPEG by our own decoder, several times as fast; what it leaves alone, or finds
 * damaged, goes to DCMTK. */
static bool decode_lossless(const HilumRecord *r, const GByteArray *picture, int16_t *words)
{
  static const char *const SYNTAXES[] = {"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"};
  return r->format.bits_allocated == 16 &&
         (strcmp(r->syntax_uid, SYNTAXES[0]) == 0 || strcmp(r->syntax_uid, SYNTAXES[1]) == 0) &&
         hilum_jpeg_lossless_decode(picture->data, picture->len, (uint32_t)r->columns, (uint32_t)r->rows,
                                    words);
}

/* DCMTK is handed group 28 (without the number of frames) and one frame as one fragment, nothing else of the
 * file. */
static GError *decode_dcmtk(const HilumRecord *r, const GByteArray *picture, int16_t *words, size_t n)
{
  GError *why = check_jpeg(r, picture);
  if (why) return why;
  if (decode_lossless(r, picture, words)) return NULL;
  static const uint8_t PIXELS[] = {0xE0, 0x7F, 0x10, 0x00, 'O', 'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
  static const uint8_t TABLE[] = {0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0};
  static const uint8_t ITEM[] = {0xFE, 0xFF, 0x00, 0xE0};
  static const uint8_t END[] = {0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0};
  gsize header_n = 0;
  const uint8_t *header = g_bytes_get_data(r->image_header, &header_n);
  g_autoptr(GByteArray) dataset = g_byte_array_sized_new((guint)(header_n + picture->len + 64));
  if (header_n) g_byte_array_append(dataset, header, (guint)header_n);
  g_byte_array_append(dataset, PIXELS, sizeof PIXELS);
  g_byte_array_append(dataset, TABLE, sizeof TABLE);
  g_byte_array_append(dataset, ITEM, sizeof ITEM);
  append32(dataset, picture->len + picture->len % 2);
  g_byte_array_append(dataset, picture->data, picture->len);
  if (picture->len % 2) g_byte_array_append(dataset, (const uint8_t[]){0}, 1);
  g_byte_array_append(dataset, END, sizeof END);
  bool wide = r->format.bits_allocated == 16;
  size_t capacity = wide ? 2 * n : n + n % 2;
  g_autofree uint8_t *narrow = wide ? NULL : g_try_malloc(capacity);
  if (!wide && !narrow) return read_error("There is not enough memory for its pixels.");
  HilumDcmtkBytes bytes = {dataset->data, dataset->len, r->header_implicit, r->header_big_endian};
  if (!hilum_dcmtk_decode(bytes, r->syntax_uid, wide ? (void *)words : (void *)narrow, capacity, &why))
    return why;
  if (!wide) widen(narrow, words, n);
  return NULL;
}

GError *hilum_frame_decode(int fd, const HilumRecord *r, const HilumLayout *inflated, int16_t *words,
                           size_t n)
{
  if (!r->encapsulated) return read_native(fd, r, inflated, words, n);
  HilumFrameSpan span = {r->pixel_offset, r->pixel_length};
  g_autoptr(GByteArray) picture = hilum_fragments_join(fd, span, r->file == NULL);
  if (!picture) return read_error(errno ? g_strerror(errno) : "Its compressed pixels are damaged.");
  if (strcmp(r->syntax_uid, "1.2.840.10008.1.2.5") == 0)
    return hilum_rle_decode(picture->data, picture->len, r->format.bits_allocated / 8, words, n)
               ? NULL
               : read_error("Its run-length pixels are damaged.");
  if (r->syntax->coding != HILUM_CODING_JPEG2000) return decode_dcmtk(r, picture, words, n);
  GError *why = NULL;
  (void)hilum_jpeg2000_decode(picture->data, picture->len, (uint32_t)r->columns, (uint32_t)r->rows,
                              &r->format, words, &why);
  return why;
}

bool hilum_record_is_unchanged(const HilumRecord *r, int fd)
{
  struct stat status;
  return fstat(fd, &status) == 0 && (uint64_t)status.st_size == r->file_size &&
         (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec == r->mtime_ns;
}

GError *hilum_slice_read(const HilumRecord *r, const HilumLayout *inflated, int16_t *words, size_t n)
{
  int fd = hilum_file_open(r->path);
  GError *why = NULL;
  if (fd < 0)
    why = read_error(g_strerror(errno));
  else if (!hilum_record_is_unchanged(r, fd))
    why = read_error("The file has changed since it was scanned.");
  else
    why = hilum_frame_decode(fd, r, inflated, words, n);
  hilum_file_close(fd);
  return why;
}
