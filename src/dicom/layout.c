/* The byte-level walk over a DICOM file (PS3.5 section 7, PS3.10 section 7). See layout.h for why it exists.
 */
#include "layout.h"

#include "fields.h"
#include "reader.h"

#include "hilum/dicom/error.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  FIELD_LIMIT = 65534,      /* longest value of a wanted attribute */
  INFLATED_LIMIT = 1 << 28, /* a deflated slice of 256 MiB is none */
};

bool hilum_layout_sniff(const uint8_t *head, size_t n)
{
  if (n >= 132 && memcmp(head + 128, "DICM", 4) == 0) return true;
  if (n < 16) return false;
  for (int big = 0; big <= 1; big++) {
    uint32_t group = hilum_get16(head, big), element = hilum_get16(head + 2, big);
    if ((group != 0x0002 && group != 0x0008) || element > 0x0060) continue;
    if (hilum_vr_is_known(head + 4)) return true;
    if (group == 0x0008 && !big && hilum_get32(head + 4, false) <= 256 &&
        hilum_get32(head + 4, false) % 2 == 0)
      return true;
  }
  return false;
}

/* Copies a UID value into a fixed buffer, without its padding. */
static void copy_uid(HilumReader *r, uint64_t at, uint32_t length, char out[65])
{
  const uint8_t *p = length <= 64 ? hilum_reader_peek(r, at, length) : NULL;
  if (!p) return;
  memcpy(out, p, length);
  out[length] = 0;
  g_strchomp(out);
}

static bool fail(const HilumReader *r, const char *name, uint64_t at, uint32_t tag, GError **error)
{
  if (r->failed)
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "“%s” could not be read: %s.", name,
                g_strerror(r->failed));
  else if (tag)
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                "“%s” is damaged: attribute (%04x,%04x) at byte %" G_GUINT64_FORMAT
                " runs past the end of the file.",
                name, tag >> 16, tag & 0xFFFF, at);
  else
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                "“%s” is damaged or cut off: no DICOM attribute can be read at byte %" G_GUINT64_FORMAT ".",
                name, at);
  return false;
}

/* Group 2, always explicit little endian; *at moves behind it. */
static bool read_meta(HilumLayout *l, HilumReader *r, const char *name, uint64_t *at, GError **error)
{
  for (;;) {
    const uint8_t *p = hilum_reader_peek(r, *at, 2);
    if (!p || hilum_get16(p, false) != 0x0002) return true;
    HilumElement e;
    if (!hilum_element_read(r, *at, false, false, &e)) return fail(r, name, *at, 0, error);
    uint64_t value = *at + e.header_bytes;
    if (e.length > r->size - value) return fail(r, name, *at, e.tag, error);
    l->has_meta = true;
    if (e.tag == HILUM_TAG(2, 0x0010)) copy_uid(r, value, e.length, l->syntax_uid);
    if (e.tag == HILUM_TAG(2, 0x0002)) copy_uid(r, value, e.length, l->media_class_uid);
    *at = value + e.length;
  }
}

/* What the data set is really written in: its first element tells, whatever the meta header claims. */
static void guess_encoding(HilumLayout *l, HilumReader *r, uint64_t at)
{
  l->implicit_vr = l->syntax->implicit_vr;
  l->big_endian = l->syntax->big_endian;
  const uint8_t *p = hilum_reader_peek(r, at, 8);
  if (!p) return;
  bool explicit_vr = hilum_vr_is_known(p + 4);
  if (!*l->syntax_uid) {
    l->big_endian = explicit_vr && hilum_get16(p, true) == 0x0008;
    l->implicit_vr = !explicit_vr;
    l->syntax = hilum_syntax_find(l->implicit_vr  ? "1.2.840.10008.1.2"
                                  : l->big_endian ? "1.2.840.10008.1.2.2"
                                                  : "1.2.840.10008.1.2.1");
    g_strlcpy(l->syntax_uid, l->syntax->uid, sizeof l->syntax_uid);
  } else if (!l->big_endian) {
    l->implicit_vr = !explicit_vr;
  }
}

/* The rest of a deflated file, inflated. */
static bool inflate_rest(HilumLayout *l, HilumReader *r, uint64_t at, const char *name, size_t *bytes,
                         GError **error)
{
  g_autoptr(GConverter) inflater = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW));
  g_autoptr(GByteArray) out = g_byte_array_new();
  uint8_t *chunk = g_malloc(1 << 16);
  GConverterResult result = G_CONVERTER_CONVERTED;
  bool good = true;
  while (good && result != G_CONVERTER_FINISHED) {
    size_t part = (size_t)MIN(r->size - at, 256), used = 0, made = 0;
    const uint8_t *p = hilum_reader_peek(r, at, part);
    g_autoptr(GError) why = NULL;
    result = p ? g_converter_convert(inflater, p, part, chunk, 1 << 16,
                                     at + part == r->size ? G_CONVERTER_INPUT_AT_END : 0, &used, &made, &why)
               : G_CONVERTER_ERROR;
    if (result == G_CONVERTER_ERROR || out->len + made > INFLATED_LIMIT || (used == 0 && made == 0))
      good = false;
    if (made) g_byte_array_append(out, chunk, (guint)made);
    at += used;
  }
  g_free(chunk);
  /* A stream that breaks off still gives what came before: the walk then says where it ends. */
  if (!good && (out->len == 0 || out->len >= INFLATED_LIMIT)) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                "“%s” is damaged: its compressed data set cannot be unpacked.", name);
    return false;
  }
  *bytes = out->len;
  l->inflated = g_byte_array_free(g_steal_pointer(&out), FALSE);
  return true;
}

/* The pixel element has been reached. */
static bool note_pixels(HilumLayout *l, HilumReader *r, uint64_t at, const HilumElement *e)
{
  uint64_t value = at + e->header_bytes;
  l->has_pixels = true;
  l->float_pixels = e->tag != HILUM_TAG_PIXELS;
  l->pixel_element = at;
  l->pixel_offset = value;
  l->encapsulated = e->length == HILUM_LENGTH_UNDEFINED;
  l->pixel_length = e->length;
  if (l->encapsulated) {
    uint64_t end = value;
    l->pixels_truncated = !hilum_reader_skip_undefined(r, &end, l->implicit_vr, l->big_endian);
    l->pixel_length = end - value;
  } else {
    l->pixels_truncated = e->length > r->size - value;
  }
  return true;
}

/* The few sequences whose inside matters. */
static void read_sequence(HilumLayout *l, HilumReader *r, const HilumElement *e, uint64_t value)
{
  if (hilum_groups_wants(e->tag))
    hilum_groups_read(&l->groups, r, e->tag, value, e->length, l->implicit_vr, l->big_endian);
  else if (e->tag == HILUM_TAG_REAL_WORLD_VALUES) {
    g_autoptr(GByteArray) flat = g_byte_array_new();
    if (hilum_groups_flatten(r, value, e->length, l->implicit_vr, l->big_endian, flat))
      g_byte_array_append(l->header, flat->data, flat->len);
  }
}

static bool walk_dataset(HilumLayout *l, HilumReader *r, uint64_t at, const char *name, GError **error)
{
  while (at < r->size) {
    HilumElement e;
    if (!hilum_element_read(r, at, l->implicit_vr, l->big_endian, &e)) {
      const uint8_t *p = hilum_reader_peek(r, at, (size_t)MIN(r->size - at, 4));
      if (p && r->size - at >= 4 && hilum_get32(p, false) == 0)
        return true; /* zero padding behind the data set */
      return fail(r, name, at, 0, error);
    }
    if (e.tag == HILUM_TAG_PIXELS || e.tag == HILUM_TAG_FLOAT_PIXELS || e.tag == HILUM_TAG_DOUBLE_PIXELS)
      return note_pixels(l, r, at, &e);
    if (e.tag == 0 || e.tag == HILUM_TAG(0xFFFC, 0xFFFC)) return true; /* padding */
    uint64_t value = at + e.header_bytes;
    if (e.tag == HILUM_TAG_MODALITY_LUT) l->has_modality_lut = true;
    uint64_t end = value;
    if (e.length == HILUM_LENGTH_UNDEFINED) {
      if (!hilum_reader_skip_undefined(r, &end, l->implicit_vr || memcmp(e.vr, "UN", 2) == 0, l->big_endian))
        return fail(r, name, at, e.tag, error);
    } else if (e.length > r->size - value)
      return fail(r, name, at, e.tag, error);
    else
      end = value + e.length;
    if (memcmp(e.vr, "UN", 2) != 0) read_sequence(l, r, &e, value);
    if (e.length == HILUM_LENGTH_UNDEFINED) {
      at = end;
      continue;
    }
    if (hilum_field_find(e.tag) >= 0) {
      if (e.length > FIELD_LIMIT || memcmp(e.vr, "SQ", 2) == 0)
        l->oversized_fields++;
      else if (!hilum_reader_append(r, l->header, at, e.header_bytes + (uint64_t)e.length) ||
               (e.tag >> 16 == 0x0028 && e.tag != HILUM_TAG_FRAMES && /* a decoder gets one at a time */
                !hilum_reader_append(r, l->image_header, at, e.header_bytes + (uint64_t)e.length)))
        return fail(r, name, at, e.tag, error);
    }
    at = end;
  }
  return true;
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (bytes[i]) return false;
  return true;
}

bool hilum_layout_read(HilumLayout *l, int fd, const char *name, GError **error)
{
  memset(l, 0, sizeof *l);
  struct stat status;
  if (fstat(fd, &status) != 0 || status.st_size < 0) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "“%s” could not be read: %s.", name,
                g_strerror(errno));
    return false;
  }
  HilumReader reader;
  hilum_reader_open(&reader, fd, (uint64_t)status.st_size);
  size_t head_n = (size_t)MIN(reader.size, 132);
  const uint8_t *head = hilum_reader_peek(&reader, 0, head_n);
  if (reader.failed) return fail(&reader, name, 0, 0, error);
  if (head && head_n < 132 &&
      is_zero(head, MIN(head_n, 128))) { /* what is left of an image whose copying broke off */
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                head_n == 0 ? "“%s” is empty." : "“%s” is cut off at its very start.", name);
    return false;
  }
  if (!head || !hilum_layout_sniff(head, head_n)) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NOT_DICOM, "“%s” is not a DICOM file.", name);
    return false;
  }
  l->header = g_byte_array_new();
  l->image_header = g_byte_array_new();
  uint64_t at = head_n >= 132 && memcmp(head + 128, "DICM", 4) == 0 ? 132 : 0;
  if (!read_meta(l, &reader, name, &at, error)) return false;
  if (at >= reader.size) return fail(&reader, name, at, 0, error);
  l->syntax = hilum_syntax_find(l->syntax_uid);
  if (l->syntax->deflated) {
    size_t bytes = 0;
    if (!inflate_rest(l, &reader, at, name, &bytes, error)) return false;
    hilum_reader_open_memory(&reader, l->inflated, bytes);
    at = 0;
  }
  l->file_size = reader.size;
  l->dataset_offset = at;
  guess_encoding(l, &reader, at);
  return walk_dataset(l, &reader, at, name, error);
}

/* DICOMDIRs are explicit little endian, and their records are items of one sequence: a flat walk that enters
 * that sequence and its items and steps over everything else finds every reference. */
bool hilum_layout_read_dicomdir(int fd, const char *name, GPtrArray *files, GError **error)
{
  HilumLayout l;
  bool good = hilum_layout_read(&l, fd, name, error);
  HilumReader reader;
  hilum_reader_open(&reader, fd, l.file_size);
  uint64_t at = l.dataset_offset;
  bool implicit = l.implicit_vr, big = l.big_endian;
  hilum_layout_clear(&l);
  while (good && at < reader.size) {
    HilumElement e;
    if (!hilum_element_read(&reader, at, implicit, big, &e)) break;
    uint64_t value = at + e.header_bytes;
    if (e.tag == HILUM_TAG_DIRECTORY_RECORDS || e.tag >> 16 == 0xFFFE) {
      at = value; /* enter */
      continue;
    }
    if (e.length == HILUM_LENGTH_UNDEFINED) {
      if (!hilum_reader_skip_undefined(&reader, &value, implicit, big)) break;
      at = value;
      continue;
    }
    if (e.length > reader.size - value) break;
    if (e.tag == HILUM_TAG_REFERENCED_FILE && e.length > 0 && e.length <= 256) {
      const uint8_t *p = hilum_reader_peek(&reader, value, e.length);
      if (!p) break;
      g_autofree char *file = g_strchomp(g_strndup((const char *)p, e.length));
      g_strdelimit(file, "\\", '/');
      if (*file) g_ptr_array_add(files, g_steal_pointer(&file));
    }
    at = value + e.length;
  }
  return good;
}

void hilum_layout_clear(HilumLayout *l)
{
  hilum_groups_clear(&l->groups);
  if (l->header) g_byte_array_unref(l->header);
  if (l->image_header) g_byte_array_unref(l->image_header);
  g_free(l->inflated);
  memset(l, 0, sizeof *l);
}
