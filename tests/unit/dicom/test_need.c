/* Memory that a load takes: stated before, and refused with a sentence where it is not there. */
#include "dicom_files.h"

#include "hilum/base/memory.h"
#include "hilum/dicom/error.h"

static HilumCatalog *scan_two(const char *dir, const FileAttributes *a, const FileAttributes *b)
{
  g_autoptr(GError) error = NULL;
  file_write(dir, "a", a, NULL);
  file_write(dir, "b", b, NULL);
  HilumCatalog *catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 1);
  return catalog;
}

static void test_refused(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  FileAttributes a = file_attributes("1.2.3.4.1", "0\\0\\0"), b = file_attributes("1.2.3.4.2", "0\\0\\1");
  g_autoptr(HilumCatalog) catalog = scan_two(dir, &a, &b);
  uint64_t bytes = hilum_catalog_get_load_bytes(catalog, 0);
  g_assert_cmpuint(bytes, >=, 2 * FILE_VOXELS * sizeof(int16_t));
  g_assert_cmpuint(bytes, <, 64 << 20);

  hilum_memory_set_budget(bytes - 1);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_catalog_load(catalog, 0, NULL, &error));
  g_assert_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_UNSUPPORTED);
  g_assert_nonnull(strstr(error->message, "6 x 4 x 2 voxels needs "));
  g_assert_nonnull(strstr(error->message, "more than this computer can spare"));

  hilum_memory_set_budget(bytes);
  g_autoptr(GError) none = NULL;
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, 0, NULL, &none);
  g_assert_no_error(none);
  hilum_memory_set_budget(0);
  g_assert_cmpuint(hilum_memory_budget(), >, bytes);
}

/* An element of explicit little endian. */
static void put(GByteArray *out, uint16_t group, uint16_t element, const char *vr, const char *value,
                size_t n)
{
  const bool wide = strcmp(vr, "OB") == 0;
  const uint8_t head[12] = {(uint8_t)group,
                            (uint8_t)(group >> 8),
                            (uint8_t)element,
                            (uint8_t)(element >> 8),
                            (uint8_t)vr[0],
                            (uint8_t)vr[1],
                            wide ? 0 : (uint8_t)(n + n % 2),
                            0,
                            0xFF,
                            0xFF,
                            0xFF,
                            0xFF};
  g_byte_array_append(out, head, wide ? 12 : 8);
  g_byte_array_append(out, (const uint8_t *)value, (guint)n);
  if (n % 2) g_byte_array_append(out, (const uint8_t *)"", 1);
}

static void put_text(GByteArray *out, uint16_t group, uint16_t element, const char *vr, const char *text)
{
  put(out, group, element, vr, text, strlen(text));
}

/* Two slices of 32767 x 32767 pixels that are a few bytes of run lengths. */
static void write_absurd(const char *dir, const char *name, const char *uid, const char *position)
{
  g_autoptr(GByteArray) out = g_byte_array_new();
  g_byte_array_set_size(out, 128);
  memset(out->data, 0, out->len);
  g_byte_array_append(out, (const uint8_t *)"DICM", 4);
  put_text(out, 2, 0x10, "UI", "1.2.840.10008.1.2.5");
  put_text(out, 8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.2");
  put_text(out, 8, 0x18, "UI", uid);
  put_text(out, 8, 0x60, "CS", "CT");
  put_text(out, 0x20, 0x0D, "UI", "1.2.3");
  put_text(out, 0x20, 0x0E, "UI", "1.2.4");
  put_text(out, 0x20, 0x32, "DS", position);
  put_text(out, 0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0");
  put(out, 0x28, 0x02, "US", "\1\0", 2);
  put_text(out, 0x28, 0x04, "CS", "MONOCHROME2");
  put(out, 0x28, 0x10, "US", "\xFF\x7F", 2);
  put(out, 0x28, 0x11, "US", "\xFF\x7F", 2);
  put_text(out, 0x28, 0x30, "DS", "0.5\\0.5");
  put(out, 0x28, 0x100, "US", "\x10\0", 2);
  put(out, 0x28, 0x101, "US", "\x10\0", 2);
  put(out, 0x28, 0x102, "US", "\x0F\0", 2);
  put(out, 0x28, 0x103, "US", "\1\0", 2);
  put_text(out, 0x28, 0x1052, "DS", "0");
  put_text(out, 0x28, 0x1053, "DS", "1");
  static const char FRAGMENTS[] = "\xFE\xFF\x00\xE0\0\0\0\0"
                                  "\xFE\xFF\x00\xE0\x04\0\0\0"
                                  "\1\0\0\0"
                                  "\xFE\xFF\xDD\xE0\0\0\0\0";
  put(out, 0x7FE0, 0x10, "OB", FRAGMENTS, sizeof FRAGMENTS - 1);
  file_put(dir, name, out->data, out->len);
}

static void test_absurd(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  write_absurd(dir, "a", "1.2.5.1", "0\\0\\0");
  write_absurd(dir, "b", "1.2.5.2", "0\\0\\1");
  g_autoptr(GError) error = NULL, why = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  g_assert_null(hilum_catalog_load(catalog, 0, NULL, &why));
  g_assert_nonnull(why);
  g_test_message("%s", why->message);
  g_assert_nonnull(strstr(why->message, "compressed pixels"));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/need/refused", test_refused);
  g_test_add_func("/dicom/need/absurd", test_absurd);
  return g_test_run();
}
