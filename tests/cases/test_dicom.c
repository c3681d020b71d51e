/* Broken DICOM: every case must end in its sentence, never in a crash, a hang or a large allocation. The
 * files are made here, byte by byte where DCMTK would refuse to write them. */
#include "dicom_files.h"

#include "hilum/base/random.h"
#include "hilum/dicom/error.h"

#include <sys/stat.h>
#include <unistd.h>

static GByteArray *good_file(void)
{
  FileAttributes a = file_attributes("1.2.3.4.5", "0\\0\\2");
  g_autoptr(GBytes) bytes = file_compose(&a, NULL);
  GByteArray *copy = g_byte_array_new();
  g_byte_array_append(copy, g_bytes_get_data(bytes, NULL), (guint)g_bytes_get_size(bytes));
  return copy;
}

/* Offset of an explicit little endian element's tag. */
static guint find_element(const GByteArray *file, uint16_t group, uint16_t element)
{
  guint8 tag[4] = {group & 0xFF, group >> 8, element & 0xFF, element >> 8};
  for (guint i = 132; i + 8 <= file->len; i++)
    if (memcmp(file->data + i, tag, 4) == 0) return i;
  g_assert_not_reached();
}

static void put_neighbours(const char *dir)
{
  for (int k = 0; k < 3; k += 2) {
    char uid[32], position[32], name[8];
    (void)g_snprintf(uid, sizeof uid, "1.2.3.4.%d", k);
    (void)g_snprintf(position, sizeof position, "0\\0\\%d", 2 * k);
    (void)g_snprintf(name, sizeof name, "IM%d", k);
    FileAttributes a = file_attributes(uid, position);
    file_write(dir, name, &a, NULL);
  }
}

/* The file named on its own. */
static void expect_error(const void *data, size_t n, int code, const char *sentence)
{
  g_autoptr(TestFolder) dir = folder_new();
  file_put(dir, "victim", data, n);
  g_autofree char *path = g_build_filename(dir, "victim", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(path, &error);
  g_assert_null(catalog);
  g_assert_error(error, HILUM_DICOM_ERROR, code);
  if (!strstr(error->message, sentence)) g_error("“%s” does not hold “%s”", error->message, sentence);
}

/* The file between two good slices: the volume is refused, or warned of, with the code. */
static void expect_finding(const void *data, size_t n, const char *code, const char *words)
{
  g_autoptr(TestFolder) dir = folder_new();
  put_neighbours(dir);
  file_put(dir, "victim", data, n);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  const HilumFinding *found = NULL;
  for (size_t v = 0; v < hilum_catalog_get_count(catalog) && !found; v++) {
    const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, v);
    found = find_code(info->findings, info->n_findings, code);
    if (found) g_assert_cmpint(info->verdict, !=, HILUM_VERDICT_OK);
  }
  if (!found) g_error("no finding “%s”", code);
  if (!strstr(found->message, words)) g_error("“%s” does not hold “%s”", found->message, words);
}

static void test_not_dicom(void)
{
  expect_error("", 0, HILUM_DICOM_ERROR_READ, "“victim” is empty.");
  expect_error("Dear colleague, thank you for", 29, HILUM_DICOM_ERROR_NOT_DICOM,
               "“victim” is not a DICOM file.");
  expect_error("\x89PNG\r\n\x1A\n", 8, HILUM_DICOM_ERROR_NOT_DICOM, "“victim” is not a DICOM file.");
  g_autofree guint8 *zeros = g_malloc0(4096);
  expect_error(zeros, 4096, HILUM_DICOM_ERROR_NOT_DICOM, "“victim” is not a DICOM file.");
  memcpy(zeros + 128, "DICM", 4);
  expect_error(zeros, 132, HILUM_DICOM_ERROR_READ, "“victim” is damaged or cut off");
}

/* A slice cut off anywhere must never leave a volume that says it is whole. */
static void test_truncated(void)
{
  g_autoptr(GByteArray) file = good_file();
  g_autoptr(TestFolder) dir = folder_new();
  put_neighbours(dir);
  for (guint n = 0; n < file->len; n++) {
    file_put(dir, "victim", file->data, n);
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(hilum_catalog_get_count(catalog), >=, 1);
    for (size_t v = 0; v < hilum_catalog_get_count(catalog); v++)
      if (hilum_catalog_get_series(catalog, v)->verdict == HILUM_VERDICT_OK)
        g_error("cut at %u of %u bytes and nothing was found wrong", n, file->len);
  }
  expect_finding(file->data, file->len - 10, "pixel-length", "“victim” is cut off within its pixels.");
  expect_finding(file->data, 300, "broken-file-beside", "“victim” is damaged");
  expect_error(file->data, 300, HILUM_DICOM_ERROR_READ, "“victim” is damaged");
}

static void test_lengths(void)
{
  g_autoptr(GByteArray) file = good_file();
  guint at = find_element(file, 0x0010, 0x0020);
  file->data[at + 6] = 0xFE;
  file->data[at + 7] = 0xFF;
  expect_error(file->data, file->len, HILUM_DICOM_ERROR_READ, "attribute (0010,0020)");
  static const uint32_t LENGTHS[] = {0xFFFFFFFE, 0x7FFFFFFE, 50, 46, 0, 0xFFFFFFFF};
  for (size_t i = 0; i < G_N_ELEMENTS(LENGTHS); i++) {
    g_autoptr(GByteArray) pixels = good_file();
    at = find_element(pixels, 0x7FE0, 0x0010);
    uint32_t length = GUINT32_TO_LE(LENGTHS[i]);
    memcpy(pixels->data + at + 8, &length, 4);
    expect_finding(pixels->data, pixels->len, "pixel-length", "“victim”");
  }
}

/* Sequences inside sequences, of undefined and of defined length. */
static void test_nesting(void)
{
  static const guint8 SEQUENCE[] = {9, 0, 1, 0x10, 'S', 'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
  static const guint8 ITEM[] = {0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF};
  g_autoptr(GByteArray) file = good_file();
  guint at = find_element(file, 0x0008, 0x0060);
  g_autoptr(GByteArray) out = g_byte_array_new();
  g_byte_array_append(out, file->data, at);
  for (int i = 0; i < 100000; i++) {
    g_byte_array_append(out, SEQUENCE, sizeof SEQUENCE);
    g_byte_array_append(out, ITEM, sizeof ITEM);
  }
  expect_error(out->data, out->len, HILUM_DICOM_ERROR_READ, "“victim” is damaged");
  /* Defined lengths are stepped over, however deep they go: the file is as good as without. */
  g_byte_array_set_size(out, at);
  guint depth = 20000;
  for (guint i = 0; i < depth; i++) {
    uint32_t left = (depth - i - 1) * 20;
    uint32_t item = GUINT32_TO_LE(left), sequence = GUINT32_TO_LE(left + 8);
    g_byte_array_append(out, SEQUENCE, 8);
    g_byte_array_append(out, (const guint8 *)&sequence, 4);
    g_byte_array_append(out, ITEM, 4);
    g_byte_array_append(out, (const guint8 *)&item, 4);
  }
  g_byte_array_append(out, file->data + at, file->len - at);
  g_autoptr(TestFolder) dir = folder_new();
  put_neighbours(dir);
  file_put(dir, "victim", out->data, out->len);
  g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
  g_assert_cmpint(hilum_catalog_get_series(catalog, 0)->verdict, ==, HILUM_VERDICT_OK);
  g_assert_cmpuint(hilum_catalog_get_series(catalog, 0)->n_files, ==, 3);
}

static void test_values(void)
{
  static const struct {
    uint16_t group, element;
    const char *vr, *value, *code, *words;
  } CASES[] = {
      {0x0028, 0x0010, "US", "65535", "pixel-length", "“victim” holds 48 bytes of pixels where 6 x 65535"},
      {0x0028, 0x0100, "US", "13", "unsupported-bits", "“victim”"},
      {0x0028, 0x0100, "US", "32", "unsupported-bits", "“victim”"},
      {0x0028, 0x0102, "US", "16", "bad-bits", "high bit 16"},
      {0x0028, 0x0102, "US", "3", "bad-bits", "high bit 3"},
      {0x0028, 0x0101, "US", "0", "bad-bits", "0 stored"},
      {0x0028, 0x0101, "US", "40000", "bad-bits", "40000 stored"},
      {0x0028, 0x0008, "IS", "65535", "multi-frame", "65535 frames"},
      {0x0028, 0x0008, "IS", "0", "multi-frame", "0 frames"},
      {0x0028, 0x0030, "DS", "0\\0", "bad-spacing", "0 x 0 mm"},
      {0x0028, 0x0030, "DS", "-0.5\\0.75", "bad-spacing", "-0.5 x 0.75 mm"},
      {0x0028, 0x0030, "DS", "NaN\\NaN", "missing-spacing", "“victim”"},
      {0x0028, 0x0030, "DS", "0.5", "missing-spacing", "“victim”"},
      {0x0020, 0x0032, "DS", "0\\0\\inf", "missing-position", "“victim”"},
      {0x0020, 0x0032, "DS", "0\\0\\1e300", "missing-position", "“victim”"},
      {0x0020, 0x0032, "DS", "", "missing-position", "“victim”"},
      {0x0020, 0x0037, "DS", "1\\0\\0\\1\\0\\0", "orientation-not-orthonormal", "perpendicular"},
      {0x0020, 0x0037, "DS", "0\\0\\0\\0\\0\\0", "orientation-not-orthonormal", "perpendicular"},
      {0x0020, 0x0037, "DS", "1\\0\\0", "missing-orientation", "“victim”"},
      {0x0028, 0x1053, "DS", "0", "bad-rescale", "“victim”"},
      {0x0028, 0x1053, "DS", "one", "bad-rescale", "“victim”"},
      {0x0028, 0x0002, "US", "3", "colour", "“victim”"},
      {0x0008, 0x0018, "UI", "../../../etc/passwd", "bad-uid", "no valid UIDs"},
      {0x0020, 0x000E, "UI", "1.2/../3", "bad-uid", "no valid UIDs"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    FileAttributes a = file_attributes("1.2.3.4.5", "0\\0\\2");
    file_set(&a, CASES[i].group, CASES[i].element, CASES[i].vr, CASES[i].value);
    g_autoptr(GBytes) bytes = file_compose(&a, NULL);
    expect_finding(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), CASES[i].code, CASES[i].words);
  }
}

static void test_no_rows(void)
{
  FileAttributes a = file_attributes("1.2.3.4.5", "0\\0\\2");
  file_set(&a, 0x0028, 0x0010, "US", "0");
  g_autoptr(GBytes) bytes = file_compose(&a, NULL);
  expect_error(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), HILUM_DICOM_ERROR_NO_IMAGES,
               "holds no volume");
}

/* A name of 1 MB cannot be written by DCMTK in this form: it is put in by hand. */
static void test_long_text(void)
{
  g_autofree char *name = g_strnfill(60000, 'x');
  FileAttributes a = file_attributes("1.2.3.4.5", "0\\0\\2");
  file_set(&a, 0x0008, 0x103E, "LO", name);
  g_autoptr(GBytes) bytes = file_compose(&a, NULL);
  g_autoptr(TestFolder) dir = folder_new();
  file_put(dir, "victim", g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
  g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
  g_assert_cmpuint(strlen(hilum_catalog_get_series(catalog, 0)->series_description), <=, 1024);
  g_autoptr(GByteArray) file = good_file();
  guint at = find_element(file, 0x0010, 0x0020);
  g_autoptr(GByteArray) out = g_byte_array_new();
  g_byte_array_append(out, file->data, at);
  static const guint8 LONG_NAME[] = {0x10, 0, 0x10, 0, 'U', 'T', 0, 0, 0, 0, 0x10, 0}; /* 1 MiB */
  g_byte_array_append(out, LONG_NAME, sizeof LONG_NAME);
  guint start = out->len;
  g_byte_array_set_size(out, start + (1 << 20));
  memset(out->data + start, 'n', 1 << 20);
  g_byte_array_append(out, file->data + at, file->len - at);
  expect_finding(out->data, out->len, "oversized-attribute", "absurd length");
}

static void test_empty_places(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  g_autoptr(GError) empty = NULL, text = NULL, missing = NULL, pipe_error = NULL;
  g_assert_null(scan_one(dir, &empty));
  g_assert_error(empty, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NO_IMAGES);
  g_assert_true(g_str_has_suffix(empty->message, "” holds no files."));
  file_put(dir, "letter.txt", "hello", 5);
  g_assert_null(scan_one(dir, &text));
  g_assert_error(text, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NO_IMAGES);
  g_assert_nonnull(strstr(text->message, "holds no DICOM: none of 1 files is."));
  g_assert_null(scan_one("/no/such/place", &missing));
  g_assert_error(missing, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ);
  g_assert_cmpstr(missing->message, ==, "“/no/such/place” cannot be read: No such file or directory.");
  g_autofree char *fifo = g_build_filename(dir, "pipe", NULL);
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  g_assert_null(scan_one(fifo, &pipe_error));
  g_assert_nonnull(strstr(pipe_error->message, "is neither a file nor a folder."));
}

/* Root reads everything, so the test steps down to "nobody" for a moment. */
static void test_permission(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  g_assert_cmpint(g_chmod(dir, 0755), ==, 0);
  put_neighbours(dir);
  g_autofree char *path = g_build_filename(dir, "IM0", NULL), *other = g_build_filename(dir, "IM2", NULL);
  g_assert_cmpint(g_chmod(path, 0), ==, 0);
  g_assert_cmpint(g_chmod(other, 0644), ==, 0);
  bool root = geteuid() == 0;
  if (root && seteuid(65534) != 0) {
    g_test_skip("running as root, and privileges cannot be dropped");
    return;
  }
  g_autoptr(GError) named = NULL, folder = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(path, &named);
  g_autoptr(HilumCatalog) whole = scan_one(dir, &folder);
  if (root) g_assert_cmpint(seteuid(0), ==, 0);
  g_assert_null(catalog);
  g_assert_error(named, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ);
  g_assert_nonnull(strstr(named->message, "cannot be read: Permission denied."));
  g_assert_no_error(folder);
  size_t n;
  const HilumFinding *findings = hilum_catalog_get_findings(whole, &n);
  const HilumFinding *f = find_code(findings, n, "broken-file");
  g_assert_nonnull(f);
  g_assert_cmpstr(f->message, ==, "“IM0” cannot be read: Permission denied.");
}

/* Random damage: whatever the bytes say, an answer comes back. */
static void test_random_damage(void)
{
  g_autoptr(GByteArray) file = good_file();
  g_autoptr(TestFolder) dir = folder_new();
  put_neighbours(dir);
  for (uint64_t round = 0; round < 1500; round++) {
    g_autoptr(GByteArray) copy = g_byte_array_new();
    g_byte_array_append(copy, file->data, file->len);
    guint hits = 1 + hilum_random_u64(round, 0) % 6;
    for (guint h = 0; h < hits; h++) {
      guint at = 128 + (guint)(hilum_random_u64(round, 10 + h) % (copy->len - 128));
      uint64_t what = hilum_random_u64(round, 20 + h);
      copy->data[at] = what & 0x100 ? 0xFF : what & 0x200 ? 0 : (guint8)what;
    }
    file_put(dir, "victim", copy->data, copy->len);
    g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
    for (size_t v = 0; catalog && v < hilum_catalog_get_count(catalog); v++) {
      g_autoptr(GError) error = NULL;
      HilumVolume *volume = hilum_catalog_load(catalog, v, NULL, &error);
      g_assert_true(volume != NULL || error != NULL);
      if (volume) hilum_volume_unref(volume);
    }
    g_autofree char *path = g_build_filename(dir, "victim", NULL);
    g_autoptr(GError) no_dicom = NULL;
    g_autoptr(GArray) findings = hilum_dicom_check(path, &no_dicom);
    g_assert_true((findings == NULL) == (no_dicom != NULL));
  }
}

/* The same for a compressed image: JPEG, JPEG-LS and RLE streams that are nonsense must end in a sentence. */
static void test_compressed_nonsense(void)
{
  static const char *const SYNTAXES[] = {
      "1.2.840.10008.1.2.5\0  ", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57",
      "1.2.840.10008.1.2.4.70",  "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"};
  for (size_t s = 0; s < G_N_ELEMENTS(SYNTAXES); s++)
    for (uint64_t round = 0; round < 20; round++) {
      g_autoptr(TestFolder) dir = folder_new();
      for (int k = 0; k < 2; k++) {
        char uid[32], position[32], name[8];
        (void)g_snprintf(uid, sizeof uid, "1.2.3.4.%d", k);
        (void)g_snprintf(position, sizeof position, "0\\0\\%d", 2 * k);
        (void)g_snprintf(name, sizeof name, "IM%d", k);
        FileAttributes a = file_attributes(uid, position);
        g_autoptr(GBytes) bytes = file_compose(&a, NULL);
        g_autoptr(GByteArray) file = g_byte_array_new();
        g_byte_array_append(file, g_bytes_get_data(bytes, NULL), (guint)g_bytes_get_size(bytes));
        guint pixels = find_element(file, 0x7FE0, 0x0010), meta = find_element(file, 2, 0x0010);
        /* Transfer syntax of 22 bytes in place of 20, and one fragment of noise behind a plausible start. */
        g_autoptr(GByteArray) out = g_byte_array_new();
        g_byte_array_append(out, file->data, meta);
        static const guint8 UID_HEAD[] = {2, 0, 0x10, 0, 'U', 'I', 22, 0};
        g_byte_array_append(out, UID_HEAD, sizeof UID_HEAD);
        g_byte_array_append(out, (const guint8 *)SYNTAXES[s], 22);
        g_byte_array_append(out, file->data + meta + 28, pixels - meta - 28);
        static const guint8 HEAD[] = {0xE0, 0x7F, 0x10, 0,    'O', 'B',  0, 0, 0xFF, 0xFF,
                                      0xFF, 0xFF, 0xFE, 0xFF, 0,   0xE0, 0, 0, 0,    0,
                                      0xFE, 0xFF, 0,    0xE0, 64,  0,    0, 0};
        g_byte_array_append(out, HEAD, sizeof HEAD);
        guint8 noise[64];
        for (int i = 0; i < 64; i++)
          noise[i] = (guint8)hilum_random_u64(round, (uint64_t)i);
        static const guint8 SOI[] = {0xFF, 0xD8, 0xFF, 0xC3, 0, 11, 16, 0, 4, 0, 6, 1, 1, 0x11, 0};
        if (round % 2) memcpy(noise, SOI, sizeof SOI);
        g_byte_array_append(out, noise, 64);
        static const guint8 TAIL[] = {0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0};
        g_byte_array_append(out, TAIL, sizeof TAIL);
        file_put(dir, name, out->data, out->len);
      }
      g_autoptr(GError) error = NULL;
      g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
      g_assert_no_error(error);
      g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 1);
      g_assert_cmpint(hilum_catalog_get_series(catalog, 0)->verdict, !=, HILUM_VERDICT_REFUSED);
      g_autoptr(GError) failed = NULL;
      g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, 0, NULL, &failed);
      if (!volume) g_assert_true(g_str_has_prefix(failed->message, "“IM"));
    }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cases/dicom/not-dicom", test_not_dicom);
  g_test_add_func("/cases/dicom/truncated", test_truncated);
  g_test_add_func("/cases/dicom/lengths", test_lengths);
  g_test_add_func("/cases/dicom/nesting", test_nesting);
  g_test_add_func("/cases/dicom/values", test_values);
  g_test_add_func("/cases/dicom/no-rows", test_no_rows);
  g_test_add_func("/cases/dicom/long-text", test_long_text);
  g_test_add_func("/cases/dicom/empty-places", test_empty_places);
  g_test_add_func("/cases/dicom/permission", test_permission);
  g_test_add_func("/cases/dicom/random-damage", test_random_damage);
  g_test_add_func("/cases/dicom/compressed-nonsense", test_compressed_nonsense);
  return g_test_run();
}
