/* Compressed and plain pixels of every transfer syntax. Byte 0 chooses the syntax, byte 1 how values are
 * stored, bytes 2 and 3 rows and columns; the rest is the value of Pixel Data. Two slices with a sound header
 * around it are scanned and loaded, so that every input reaches the decoder. */
#include "fuzz.h"

#include "hilum/dicom/dicom.h"

#include <string.h>

static const char *const SYNTAXES[] = {
    "1.2.840.10008.1.2",       "1.2.840.10008.1.2.1",     "1.2.840.10008.1.2.2",     "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.50",  "1.2.840.10008.1.2.4.51",  "1.2.840.10008.1.2.4.57",  "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",  "1.2.840.10008.1.2.4.81",  "1.2.840.10008.1.2.4.90",  "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203",
};

typedef struct {
  GByteArray *bytes;
  bool implicit, big;
} Writer;

static void put16(Writer *w, unsigned value)
{
  uint8_t b[2] = {(uint8_t)(w->big ? value >> 8 : value), (uint8_t)(w->big ? value : value >> 8)};
  g_byte_array_append(w->bytes, b, 2);
}

static void put32(Writer *w, uint32_t value)
{
  put16(w, w->big ? value >> 16 : value & 0xFFFF);
  put16(w, w->big ? value & 0xFFFF : value >> 16);
}

static void put_head(Writer *w, unsigned group, unsigned element, const char *vr, uint32_t length)
{
  put16(w, group);
  put16(w, element);
  if (w->implicit) {
    put32(w, length);
    return;
  }
  g_byte_array_append(w->bytes, (const uint8_t *)vr, 2);
  if (strcmp(vr, "OW") == 0) {
    put16(w, 0);
    put32(w, length);
  } else
    put16(w, length);
}

static void put_text(Writer *w, unsigned group, unsigned element, const char *vr, const char *text)
{
  size_t n = strlen(text);
  put_head(w, group, element, vr, (uint32_t)(n + n % 2));
  g_byte_array_append(w->bytes, (const uint8_t *)text, (guint)n);
  if (n % 2) g_byte_array_append(w->bytes, (const uint8_t *)(strcmp(vr, "UI") == 0 ? "" : " "), 1);
}

static void put_word(Writer *w, unsigned element, unsigned value)
{
  put_head(w, 0x0028, element, "US", 2);
  put16(w, value);
}

/* Bits of `storage`: 0 two bytes a pixel, 1 signed, 2 twelve bits stored, 3 a padding value, 4 a fractional
 * slope. */
static void put_image(Writer *w, unsigned storage, unsigned rows, unsigned columns)
{
  unsigned allocated = storage & 1 ? 16 : 8, stored = storage & 4 && allocated == 16 ? 12 : allocated;
  put_word(w, 0x0002, 1);
  put_text(w, 0x0028, 0x0004, "CS", "MONOCHROME2");
  put_word(w, 0x0010, rows);
  put_word(w, 0x0011, columns);
  put_text(w, 0x0028, 0x0030, "DS", "0.5\\0.75");
  put_word(w, 0x0100, allocated);
  put_word(w, 0x0101, stored);
  put_word(w, 0x0102, stored - 1);
  put_word(w, 0x0103, storage >> 1 & 1);
  if (storage & 8) put_word(w, 0x0120, 0);
  put_text(w, 0x0028, 0x1052, "DS", "-1024");
  put_text(w, 0x0028, 0x1053, "DS", storage & 16 ? "0.37" : "1");
}

static GByteArray *make_slice(const char *syntax, const uint8_t *data, size_t size, unsigned number)
{
  Writer meta = {.bytes = g_byte_array_new()};
  static const uint8_t preamble[128];
  g_byte_array_append(meta.bytes, preamble, sizeof preamble);
  g_byte_array_append(meta.bytes, (const uint8_t *)"DICM", 4);
  put_text(&meta, 0x0002, 0x0002, "UI", "1.2.840.10008.5.1.4.1.1.2");
  put_text(&meta, 0x0002, 0x0010, "UI", syntax);
  bool encapsulated = g_str_has_prefix(syntax, "1.2.840.10008.1.2.4.") || strcmp(syntax, SYNTAXES[3]) == 0;
  Writer w = {meta.bytes, strcmp(syntax, SYNTAXES[0]) == 0, strcmp(syntax, SYNTAXES[2]) == 0};
  char uid[16], position[16];
  g_snprintf(uid, sizeof uid, "1.2.3.%u", number);
  g_snprintf(position, sizeof position, "0\\0\\%u", number);
  put_text(&w, 0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2");
  put_text(&w, 0x0008, 0x0018, "UI", uid);
  put_text(&w, 0x0008, 0x0060, "CS", "CT");
  put_text(&w, 0x0010, 0x0020, "LO", "P");
  put_text(&w, 0x0020, 0x000D, "UI", "1.2.3");
  put_text(&w, 0x0020, 0x000E, "UI", "1.2.4");
  put_text(&w, 0x0020, 0x0032, "DS", position);
  put_text(&w, 0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0");
  put_image(&w, data[1], data[2] ? data[2] : 256u, data[3] ? data[3] : 256u);
  put_head(&w, 0x7FE0, 0x0010, "OW", encapsulated ? UINT32_MAX : (uint32_t)(size - 4));
  g_byte_array_append(w.bytes, data + 4, (guint)(size - 4));
  return w.bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 4 || size > 1 << 20) return 0;
  const char *syntax = SYNTAXES[data[0] % G_N_ELEMENTS(SYNTAXES)];
  for (unsigned number = 0; number < 2; number++) {
    GByteArray *slice = make_slice(syntax, data, size, number);
    (void)fuzz_write(number ? "b" : "a", slice->data, slice->len);
    g_byte_array_unref(slice);
  }
  const char *paths[] = {fuzz_folder()};
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = hilum_catalog_scan(paths, 1, NULL, &error);
  for (size_t i = 0; catalog && i < hilum_catalog_get_count(catalog); i++) {
    g_autoptr(GError) why = NULL;
    g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, i, NULL, &why);
    fuzz_expect(volume != NULL, why);
  }
  return 0;
}
