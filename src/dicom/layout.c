/* The byte-level walk over a DICOM file (PS3.5 section 7, PS3.10 section 7). See layout.h for why it exists.
 */
#include "layout.h"

#include "fields.h"

#include "hilum/dicom/error.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  WINDOW_BYTES = 16384,
  FIELD_LIMIT = 65534,      /* longest value of a wanted attribute */
  DEPTH_LIMIT = 128,        /* sequences and items of undefined length inside each other */
  INFLATED_LIMIT = 1 << 28, /* a deflated slice of 256 MiB is none */
};
#define UNDEFINED UINT32_C(0xFFFFFFFF)

/* A file seen through a small window, or memory. */
typedef struct {
  int fd; /* -1: memory */
  const uint8_t *memory;
  uint64_t size;
  uint64_t window_at;
  size_t window_n;
  int failed; /* errno of a read that failed */
  uint8_t window[WINDOW_BYTES];
} Reader;

typedef struct {
  uint32_t tag;
  char vr[2];
  uint32_t length;
  uint32_t header_bytes; /* tag, VR and length */
} Element;

/* `n` (at most 256) bytes at `at`, or NULL past the end. */
static const uint8_t *reader_peek(Reader *r, uint64_t at, size_t n)
{
  if (at > r->size || n > r->size - at) return NULL;
  if (r->memory) return r->memory + at;
  if (at < r->window_at || at + n > r->window_at + r->window_n) {
    size_t got = 0;
    while (got < WINDOW_BYTES) {
      ssize_t k = pread(r->fd, r->window + got, WINDOW_BYTES - got, (off_t)(at + got));
      if (k < 0 && errno == EINTR) continue;
      if (k < 0) r->failed = errno;
      if (k <= 0) break;
      got += (size_t)k;
    }
    r->window_at = at;
    r->window_n = got;
    if (got < n) return NULL;
  }
  return r->window + (at - r->window_at);
}

static bool reader_append(Reader *r, GByteArray *out, uint64_t at, uint64_t n)
{
  while (n > 0) {
    size_t part = (size_t)MIN(n, 256);
    const uint8_t *p = reader_peek(r, at, part);
    if (!p) return false;
    g_byte_array_append(out, p, (guint)part);
    at += part;
    n -= part;
  }
  return true;
}

static uint32_t get16(const uint8_t *p, bool big)
{
  return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}
static uint32_t get32(const uint8_t *p, bool big)
{
  return big ? get16(p, true) << 16 | get16(p + 2, true) : get16(p + 2, false) << 16 | get16(p, false);
}

static bool vr_is_known(const uint8_t *vr)
{
  static const char KNOWN[] = "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM "
                              "UC UI UL UN UR US UT UV ";
  for (const char *k = KNOWN; *k; k += 3)
    if (k[0] == vr[0] && k[1] == vr[1]) return true;
  return false;
}
/* VRs with a 16-bit length; everything else that looks like a VR has 32 bits after two reserved bytes. */
static bool vr_is_short(const char *vr)
{
  static const char SHORT[] = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US ";
  for (const char *k = SHORT; *k; k += 3)
    if (k[0] == vr[0] && k[1] == vr[1]) return true;
  return false;
}

static bool element_read(Reader *r, uint64_t at, bool implicit, bool big, Element *out)
{
  const uint8_t *p = reader_peek(r, at, 8);
  if (!p) return false;
  out->tag = get16(p, big) << 16 | get16(p + 2, big);
  out->header_bytes = 8;
  memcpy(out->vr, "  ", 2);
  if (implicit || out->tag >> 16 == 0xFFFE) {
    out->length = get32(p + 4, big);
    return true;
  }
  if (!g_ascii_isupper(p[4]) || !g_ascii_isupper(p[5])) return false;
  memcpy(out->vr, p + 4, 2);
  if (vr_is_short(out->vr)) {
    out->length = get16(p + 6, big);
    return true;
  }
  p = reader_peek(r, at, 12);
  if (!p) return false;
  out->header_bytes = 12;
  out->length = get32(p + 8, big);
  return true;
}

/* Steps over a value of undefined length that starts at *at: a sequence, or the fragments of an image. */
static bool skip_undefined(Reader *r, uint64_t *at, bool implicit, bool big)
{
  struct {
    bool item, implicit;
  } stack[DEPTH_LIMIT];
  size_t depth = 0;
  stack[depth].item = false;
  stack[depth++].implicit = implicit;
  while (depth > 0) {
    bool in_item = stack[depth - 1].item, in_implicit = stack[depth - 1].implicit;
    Element e;
    if (!element_read(r, *at, in_implicit, big, &e)) return false;
    uint64_t value = *at + e.header_bytes;
    if (e.tag == (in_item ? HILUM_TAG_ITEM_END : HILUM_TAG_SEQUENCE_END)) {
      *at = value;
      depth--;
      continue;
    }
    if (in_item ? e.tag >> 16 == 0xFFFE : e.tag != HILUM_TAG_ITEM) return false;
    if (e.length != UNDEFINED) {
      if (e.length > r->size - value) return false;
      *at = value + e.length;
      continue;
    }
    if (depth == DEPTH_LIMIT) return false;
    stack[depth].item = !in_item;
    /* A sequence of unknown VR is written implicitly (PS3.5 6.2.2). */
    stack[depth++].implicit = in_implicit || memcmp(e.vr, "UN", 2) == 0;
    *at = value;
  }
  return true;
}

bool hilum_layout_sniff(const uint8_t *head, size_t n)
{
  if (n >= 132 && memcmp(head + 128, "DICM", 4) == 0) return true;
  if (n < 16) return false;
  for (int big = 0; big <= 1; big++) {
    uint32_t group = get16(head, big), element = get16(head + 2, big);
    if ((group != 0x0002 && group != 0x0008) || element > 0x0060) continue;
    if (vr_is_known(head + 4)) return true;
    if (group == 0x0008 && !big && get32(head + 4, false) <= 256 && get32(head + 4, false) % 2 == 0)
      return true;
  }
  return false;
}

/* Copies a UID value into a fixed buffer, without its padding. */
static void copy_uid(Reader *r, uint64_t at, uint32_t length, char out[65])
{
  const uint8_t *p = length <= 64 ? reader_peek(r, at, length) : NULL;
  if (!p) return;
  memcpy(out, p, length);
  out[length] = 0;
  g_strchomp(out);
}

static bool fail(const Reader *r, const char *name, uint64_t at, uint32_t tag, GError **error)
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
static bool read_meta(HilumLayout *l, Reader *r, const char *name, uint64_t *at, GError **error)
{
  for (;;) {
    const uint8_t *p = reader_peek(r, *at, 2);
    if (!p || get16(p, false) != 0x0002) return true;
    Element e;
    if (!element_read(r, *at, false, false, &e)) return fail(r, name, *at, 0, error);
    uint64_t value = *at + e.header_bytes;
    if (e.length > r->size - value) return fail(r, name, *at, e.tag, error);
    l->has_meta = true;
    if (e.tag == HILUM_TAG(2, 0x0010)) copy_uid(r, value, e.length, l->syntax_uid);
    if (e.tag == HILUM_TAG(2, 0x0002)) copy_uid(r, value, e.length, l->media_class_uid);
    *at = value + e.length;
  }
}

/* What the data set is really written in: its first element tells, whatever the meta header claims. */
static void guess_encoding(HilumLayout *l, Reader *r, uint64_t at)
{
  l->implicit_vr = l->syntax->implicit_vr;
  l->big_endian = l->syntax->big_endian;
  const uint8_t *p = reader_peek(r, at, 8);
  if (!p) return;
  bool explicit_vr = vr_is_known(p + 4);
  if (!*l->syntax_uid) {
    l->big_endian = explicit_vr && get16(p, true) == 0x0008;
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
static bool inflate_rest(HilumLayout *l, Reader *r, uint64_t at, const char *name, size_t *bytes,
                         GError **error)
{
  g_autoptr(GConverter) inflater = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW));
  g_autoptr(GByteArray) out = g_byte_array_new();
  uint8_t *chunk = g_malloc(1 << 16);
  GConverterResult result = G_CONVERTER_CONVERTED;
  bool good = true;
  while (good && result != G_CONVERTER_FINISHED) {
    size_t part = (size_t)MIN(r->size - at, 256), used = 0, made = 0;
    const uint8_t *p = reader_peek(r, at, part);
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
static bool note_pixels(HilumLayout *l, Reader *r, uint64_t at, const Element *e)
{
  uint64_t value = at + e->header_bytes;
  l->has_pixels = true;
  l->float_pixels = e->tag != HILUM_TAG_PIXELS;
  l->pixel_element = at;
  l->pixel_offset = value;
  l->encapsulated = e->length == UNDEFINED;
  l->pixel_length = e->length;
  if (l->encapsulated) {
    uint64_t end = value;
    l->pixels_truncated = !skip_undefined(r, &end, l->implicit_vr, l->big_endian);
    l->pixel_length = end - value;
  } else {
    l->pixels_truncated = e->length > r->size - value;
  }
  return true;
}

static bool walk_dataset(HilumLayout *l, Reader *r, uint64_t at, const char *name, GError **error)
{
  while (at < r->size) {
    Element e;
    if (!element_read(r, at, l->implicit_vr, l->big_endian, &e)) {
      const uint8_t *p = reader_peek(r, at, (size_t)MIN(r->size - at, 4));
      if (p && r->size - at >= 4 && get32(p, false) == 0) return true; /* zero padding behind the data set */
      return fail(r, name, at, 0, error);
    }
    if (e.tag == HILUM_TAG_PIXELS || e.tag == HILUM_TAG_FLOAT_PIXELS || e.tag == HILUM_TAG_DOUBLE_PIXELS)
      return note_pixels(l, r, at, &e);
    if (e.tag == 0 || e.tag == HILUM_TAG(0xFFFC, 0xFFFC)) return true; /* padding */
    uint64_t value = at + e.header_bytes;
    if (e.tag == HILUM_TAG_MODALITY_LUT) l->has_modality_lut = true;
    if (e.length == UNDEFINED) {
      uint64_t end = value;
      if (!skip_undefined(r, &end, l->implicit_vr || memcmp(e.vr, "UN", 2) == 0, l->big_endian))
        return fail(r, name, at, e.tag, error);
      at = end;
      continue;
    }
    if (e.length > r->size - value) return fail(r, name, at, e.tag, error);
    if (hilum_field_find(e.tag) >= 0) {
      if (e.length > FIELD_LIMIT || memcmp(e.vr, "SQ", 2) == 0)
        l->oversized_fields++;
      else if (!reader_append(r, l->header, at, e.header_bytes + (uint64_t)e.length) ||
               (e.tag >> 16 == 0x0028 &&
                !reader_append(r, l->image_header, at, e.header_bytes + (uint64_t)e.length)))
        return fail(r, name, at, e.tag, error);
    }
    at = value + e.length;
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
  Reader reader;
  memset(&reader, 0, offsetof(Reader, window));
  reader.fd = fd;
  reader.size = (uint64_t)status.st_size;
  size_t head_n = (size_t)MIN(reader.size, 132);
  const uint8_t *head = reader_peek(&reader, 0, head_n);
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
    reader.memory = l->inflated;
    reader.size = bytes;
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
  Reader reader;
  memset(&reader, 0, offsetof(Reader, window));
  reader.fd = fd;
  reader.size = l.file_size;
  uint64_t at = l.dataset_offset;
  bool implicit = l.implicit_vr, big = l.big_endian;
  hilum_layout_clear(&l);
  while (good && at < reader.size) {
    Element e;
    if (!element_read(&reader, at, implicit, big, &e)) break;
    uint64_t value = at + e.header_bytes;
    if (e.tag == HILUM_TAG_DIRECTORY_RECORDS || e.tag >> 16 == 0xFFFE) {
      at = value; /* enter */
      continue;
    }
    if (e.length == UNDEFINED) {
      if (!skip_undefined(&reader, &value, implicit, big)) break;
      at = value;
      continue;
    }
    if (e.length > reader.size - value) break;
    if (e.tag == HILUM_TAG_REFERENCED_FILE && e.length > 0 && e.length <= 256) {
      const uint8_t *p = reader_peek(&reader, value, e.length);
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
  if (l->header) g_byte_array_unref(l->header);
  if (l->image_header) g_byte_array_unref(l->image_header);
  g_free(l->inflated);
  memset(l, 0, sizeof *l);
}
