/* Files on disk to volumes in memory: written series read back, storage forms, folders, cancellation. */
#include "dicom_files.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/dicom/error.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

static HilumVolume *make_volume(bool reversed, double slope, double intercept)
{
  HilumGrid g = hilum_grid_new(7, 5, 9, 0.7, 0.9, 1.3);
  double angle = 0.4;
  g.axes[0] = hilum_vec3(cos(angle), sin(angle), 0);
  g.axes[1] = hilum_vec3(-sin(angle) * 0.8, cos(angle) * 0.8, 0.6);
  g.axes[2] = hilum_vec3_cross(g.axes[0], g.axes[1]);
  if (reversed) g.axes[2] = hilum_vec3_scale(g.axes[2], -1);
  g.origin_mm = hilum_vec3(-123.456, 78.9, 1000.5);
  size_t n = hilum_grid_count(&g);
  int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, NULL);
  for (size_t i = 0; i < n; i++)
    voxels[i] = (int16_t)((int)(i * 2654435761u >> 16 & 0xFFFF) - 32768);
  g_autoptr(GError) error = NULL;
  HilumVolume *v = hilum_volume_new_take(&g, voxels, slope, intercept, "HU", &error);
  g_assert_no_error(error);
  return v;
}

/* Gives the files of a folder names that say nothing, in another order. */
static void shuffle_names(const char *dir, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    g_autofree char *from = g_strdup_printf("%s/s%04zu.dcm", dir, i + 1);
    g_autofree char *to = g_strdup_printf("%s/%zu", dir, (i * 5 + 2) % n);
    g_assert_cmpint(g_rename(from, to), ==, 0);
  }
}

static void check_same(const HilumVolume *a, const HilumVolume *b)
{
  const HilumGrid *ga = hilum_volume_get_grid(a), *gb = hilum_volume_get_grid(b);
  g_assert_cmpuint(hilum_grid_count(ga), ==, hilum_grid_count(gb));
  for (int k = 0; k < ga->dims[2]; k++)
    for (int j = 0; j < ga->dims[1]; j++)
      for (int i = 0; i < ga->dims[0]; i++) {
        HilumVec3 p = hilum_grid_voxel_to_mm(ga, (HilumVoxel){i, j, k});
        HilumVoxel v = hilum_grid_voxel_at_mm(gb, p);
        g_assert_true(hilum_grid_contains(gb, v));
        g_assert_cmpfloat(hilum_vec3_distance(p, hilum_grid_voxel_to_mm(gb, v)), <, 1e-6);
        g_assert_cmpfloat(
            fabs(hilum_volume_get_value(a, (HilumVoxel){i, j, k}) - hilum_volume_get_value(b, v)), <, 1e-6);
      }
}

static void test_round_trip(void)
{
  for (int c = 0; c < 4; c++) {
    bool reversed = c & 1;
    g_autoptr(HilumVolume) before = make_volume(reversed, c & 2 ? 0.125 : 1, c & 2 ? -17.5 : 0);
    g_autoptr(TestFolder) dir = folder_new();
    HilumCtMeta meta = {.uid_seed = 7,
                        .patient_name = "M\xC3\xBCller^\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD",
                        .series_description = "Arterial",
                        .study_date = "20260101",
                        .window_center = 40,
                        .window_width = 400,
                        .series_number = 3};
    g_autoptr(GError) error = NULL;
    g_assert_true(hilum_dicom_write_ct(dir, "s", before, &meta, NULL, &error));
    g_assert_no_error(error);
    shuffle_names(dir, 9);
    g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 1);
    const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, 0);
    g_assert_cmpint(info->verdict, ==, HILUM_VERDICT_OK);
    g_assert_cmpstr(info->patient_name, ==, meta.patient_name);
    g_assert_cmpstr(info->phase, ==, "arterial");
    g_assert_cmpint(info->series_number, ==, 3);
    g_assert_cmpfloat(info->window_width, ==, 400);
    g_autoptr(HilumVolume) after = hilum_catalog_load(catalog, 0, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(hilum_volume_get_unit(after), ==, "HU");
    check_same(before, after);
  }
}

static void test_uids(void)
{
  g_autofree char *a = hilum_dicom_make_uid(1, 2), *b = hilum_dicom_make_uid(1, 2),
                  *c = hilum_dicom_make_uid(1, 3);
  g_assert_cmpstr(a, ==, b);
  g_assert_cmpstr(a, !=, c);
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (uint64_t i = 0; i < 2000; i++) {
    char *uid = hilum_dicom_make_uid(42, i);
    g_assert_true(g_str_has_prefix(uid, "2.25.") && strlen(uid) <= 64 && uid[5] != '0');
    g_assert_true(g_hash_table_add(seen, uid));
  }
}

/* Writes five slices that differ from the plain one by `change`, and loads them. */
typedef void (*Change)(FileAttributes *a, int16_t *pixels, int slice);

static HilumVolume *load_changed(Change change, HilumVerdict verdict, const char *code)
{
  g_autoptr(TestFolder) dir = folder_new();
  for (int k = 0; k < 5; k++) {
    char uid[32], position[32], name[8];
    (void)g_snprintf(uid, sizeof uid, "1.2.3.4.%d", k + 1);
    (void)g_snprintf(position, sizeof position, "0\\0\\%d", k * 2);
    (void)g_snprintf(name, sizeof name, "%d", 9 - k);
    FileAttributes a = file_attributes(uid, position);
    int16_t pixels[FILE_VOXELS];
    for (int i = 0; i < FILE_VOXELS; i++)
      pixels[i] = (int16_t)(100 * k + i);
    change(&a, pixels, k);
    file_write(dir, name, &a, pixels);
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 1);
  const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, 0);
  g_assert_cmpint(info->verdict, ==, verdict);
  if (code) g_assert_nonnull(find_code(info->findings, info->n_findings, code));
  HilumVolume *v = hilum_catalog_load(catalog, 0, NULL, &error);
  if (verdict == HILUM_VERDICT_REFUSED)
    g_assert_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_REFUSED);
  else
    g_assert_no_error(error);
  return v;
}

static double value(const HilumVolume *v, int i, int k)
{
  return hilum_volume_get_value(v, (HilumVoxel){i, 0, k});
}

static void change_unsigned(FileAttributes *a, int16_t *pixels, int slice)
{
  file_set(a, 0x0028, 0x0103, "US", "0");
  pixels[0] = (int16_t)(uint16_t)65535;
}
static void change_rescale(FileAttributes *a, int16_t *pixels, int slice)
{
  static const char *const SLOPES[] = {"1", "0.5", "2", "1.5", "1"};
  file_set(a, 0x0028, 0x1053, "DS", SLOPES[slice]);
  file_set(a, 0x0028, 0x0101, "US", "12");
  file_set(a, 0x0028, 0x0102, "US", "11");
  pixels[1] = (int16_t)(uint16_t)0xF800; /* 12 bits: -2048, whatever is above them */
}
static void change_odd_rescale(FileAttributes *a, int16_t *pixels, int slice)
{
  static const char *const SLOPES[] = {"1", "0.7071067811865", "1.4142135623731", "3.1415926535898", "1"};
  file_set(a, 0x0028, 0x1053, "DS", SLOPES[slice]);
}
static void change_padding(FileAttributes *a, int16_t *pixels, int slice)
{
  file_set(a, 0x0028, 0x0120, "SS", "-2000");
  pixels[2] = -2000;
}
static void change_padding_range_mr(FileAttributes *a, int16_t *pixels, int slice)
{
  file_set(a, 0x0008, 0x0060, "CS", "MR");
  file_set(a, 0x0028, 0x0120, "SS", "-2000");
  file_set(a, 0x0028, 0x0121, "SS", "-1000");
  pixels[2] = -1500;
  pixels[3] = -999;
}
static void change_monochrome1(FileAttributes *a, int16_t *pixels, int slice)
{
  file_set(a, 0x0028, 0x0004, "CS", "MONOCHROME1");
  file_set(a, 0x0028, 0x0103, "US", "0");
  file_set(a, 0x0028, 0x0101, "US", "12");
  file_set(a, 0x0028, 0x0102, "US", "11");
}
static void change_rows(FileAttributes *a, int16_t *pixels, int slice)
{
  if (slice == 2) file_set(a, 0x0028, 0x0102, "US", "16");
}

static void test_storage(void)
{
  g_autoptr(HilumVolume) u = load_changed(change_unsigned, HILUM_VERDICT_OK, NULL);
  g_assert_cmpfloat(value(u, 0, 3), ==, 65535 - 1024);
  g_assert_cmpfloat(value(u, 1, 3), ==, 301 - 1024);
  g_autoptr(HilumVolume) r = load_changed(change_rescale, HILUM_VERDICT_OK, NULL);
  g_assert_cmpfloat(value(r, 2, 1), ==, 0.5 * 102 - 1024);
  g_assert_cmpfloat(value(r, 2, 2), ==, 2 * 202 - 1024);
  g_assert_cmpfloat(value(r, 2, 3), ==, 1.5 * 302 - 1024);
  g_assert_cmpfloat(value(r, 1, 3), ==, 1.5 * -2048 - 1024);
  g_autoptr(HilumVolume) o = load_changed(change_odd_rescale, HILUM_VERDICT_WARNING, "rescale-varies");
  g_assert_cmpfloat(fabs(value(o, 2, 3) - (3.1415926535898 * 302 - 1024)), <, 0.02);
  g_autoptr(HilumVolume) p = load_changed(change_padding, HILUM_VERDICT_OK, NULL);
  g_assert_cmpfloat(value(p, 2, 4), ==, -1024);
  g_assert_cmpfloat(value(p, 1, 4), ==, 401 - 1024);
  g_autoptr(HilumVolume) m = load_changed(change_padding_range_mr, HILUM_VERDICT_OK, NULL);
  g_assert_cmpfloat(value(m, 2, 4), ==, -999 - 1024); /* the smallest measurement */
  g_assert_cmpfloat(value(m, 3, 4), ==, -999 - 1024);
  g_autoptr(HilumVolume) i = load_changed(change_monochrome1, HILUM_VERDICT_WARNING, "monochrome1");
  g_assert_cmpfloat(value(i, 5, 1), ==, (4095 - 105) - 1024);
  g_assert_null(load_changed(change_rows, HILUM_VERDICT_REFUSED, "bad-bits"));
}

static void write_plain_series(const char *dir, int n)
{
  for (int k = 0; k < n; k++) {
    g_autofree char *uid = g_strdup_printf("1.2.3.4.%d", k + 1),
                    *position = g_strdup_printf("0\\0\\%d", k * 2);
    g_autofree char *name = g_strdup_printf("IM%d", k);
    FileAttributes a = file_attributes(uid, position);
    file_write(dir, name, &a, NULL);
  }
}

static void test_folders(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  g_autofree char *deep = g_build_filename(dir, "a", "b c", NULL);
  g_assert_cmpint(g_mkdir_with_parents(deep, 0700), ==, 0);
  write_plain_series(deep, 4);
  file_put(dir, "notes.txt", "not an image", 12);
  g_autofree char *loop = g_build_filename(deep, "loop", NULL), *fifo = g_build_filename(dir, "pipe", NULL);
  g_autofree char *link = g_build_filename(dir, "link-to-IM0", NULL),
                  *gone = g_build_filename(dir, "dangling", NULL);
  g_autofree char *target = g_build_filename(deep, "IM0", NULL);
  g_assert_cmpint(symlink(dir, loop), ==, 0);
  g_assert_cmpint(symlink(target, link), ==, 0);
  g_assert_cmpint(symlink("/nowhere/at/all", gone), ==, 0);
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0); /* opening it would block for ever */
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 1);
  g_assert_cmpuint(hilum_catalog_get_series(catalog, 0)->n_files, ==, 4); /* the link is the same file */
  g_assert_cmpuint(hilum_catalog_get_ignored(catalog), ==, 1);
  g_assert_cmpint(hilum_catalog_get_series(catalog, 0)->verdict, ==, HILUM_VERDICT_OK);
}

static void test_duplicates(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  write_plain_series(dir, 4);
  FileAttributes a = file_attributes("1.2.3.4.77", "0\\0\\4"); /* another instance with the same pixels */
  file_write(dir, "copy", &a, NULL);
  g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
  const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, 0);
  g_assert_cmpint(info->verdict, ==, HILUM_VERDICT_WARNING);
  const HilumFinding *f = find_code(info->findings, info->n_findings, "duplicate-slices");
  g_assert_nonnull(f);
  g_assert_nonnull(strstr(f->message, "“copy” (same as “IM2”)"));
  g_assert_cmpuint(info->n_files, ==, 4);
  int16_t other[FILE_VOXELS] = {1};
  file_write(dir, "copy", &a, other);
  g_autoptr(HilumCatalog) again = scan_one(dir, NULL);
  info = hilum_catalog_get_series(again, 0);
  g_assert_cmpint(info->verdict, ==, HILUM_VERDICT_REFUSED);
  g_assert_nonnull(find_code(info->findings, info->n_findings, "duplicate-positions"));
}

static void put_element(GByteArray *out, uint16_t group, uint16_t element, const char *vr, const char *value)
{
  uint16_t head[2] = {GUINT16_TO_LE(group), GUINT16_TO_LE(element)},
           length = GUINT16_TO_LE((uint16_t)strlen(value));
  g_byte_array_append(out, (const guint8 *)head, 4);
  g_byte_array_append(out, (const guint8 *)vr, 2);
  g_byte_array_append(out, (const guint8 *)&length, 2);
  g_byte_array_append(out, (const guint8 *)value, (guint)strlen(value));
}

static void test_dicomdir(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  g_autofree char *images = g_build_filename(dir, "DATA", NULL);
  g_assert_cmpint(g_mkdir(images, 0700), ==, 0);
  write_plain_series(images, 3);
  g_autoptr(GByteArray) out = g_byte_array_new();
  g_byte_array_set_size(out, 128);
  memset(out->data, 0, 128);
  g_byte_array_append(out, (const guint8 *)"DICM", 4);
  put_element(out, 2, 0x0010, "UI", "1.2.840.10008.1.2.1 ");
  static const guint8 SEQUENCE[] = {4, 0, 0x20, 0x12, 'S', 'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
  static const guint8 ITEM[] = {0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF};
  static const guint8 ITEM_END[] = {0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0};
  static const guint8 SEQUENCE_END[] = {0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0};
  g_byte_array_append(out, SEQUENCE, sizeof SEQUENCE);
  static const char *const NAMES[] = {"DATA\\IM0",   "DATA\\IM1",           "DATA\\IM2",
                                      "DATA\\GONE ", "..\\..\\etc\\passwd", "\\etc\\passwd "};
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
    g_byte_array_append(out, ITEM, sizeof ITEM);
    put_element(out, 4, 0x1500, "CS", NAMES[i]);
    g_byte_array_append(out, ITEM_END, sizeof ITEM_END);
  }
  g_byte_array_append(out, SEQUENCE_END, sizeof SEQUENCE_END);
  file_put(dir, "DICOMDIR", out->data, out->len);
  g_autofree char *path = g_build_filename(dir, "DICOMDIR", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(path, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_catalog_get_count(catalog), ==, 1);
  g_assert_cmpuint(hilum_catalog_get_series(catalog, 0)->n_files, ==, 3);
  size_t n;
  const HilumFinding *findings = hilum_catalog_get_findings(catalog, &n);
  const HilumFinding *missing = find_code(findings, n, "dicomdir-missing-files");
  g_assert_nonnull(missing);
  g_assert_nonnull(strstr(missing->message, "DATA/GONE"));
  g_assert_nonnull(find_code(findings, n, "dicomdir-outside"));
}

static void test_charsets(void)
{
  static const struct {
    const char *charset, *raw, *utf8;
  } CASES[] = {
      {"ISO_IR 100", "B\xFChler", "B\xC3\xBChler"},
      {"ISO_IR 144", "\xBB\xEE\xDA\xD5\xDC", "\xD0\x9B\xD1\x8E\xD0\xBA\xD0\xB5\xD0\xBC"},
      {"ISO_IR 192", "\xC3\xA9", "\xC3\xA9"},
      {"GB18030", "\xCD\xF5", "\xE7\x8E\x8B"},
      {NULL, "B\xFChler", "B\xC3\xBChler"},             /* undeclared: Latin-1 */
      {NULL, "B\xC3\xBChler", "B\xC3\xBChler"},         /* undeclared: is UTF-8 */
      {"ISO_IR 192", "B\xFChler", "B\xEF\xBF\xBDhler"}, /* a lie: no letter is guessed */
      {"NO SUCH SET", "B\xFChler", "B\xEF\xBF\xBDhler"},
  };
  for (size_t c = 0; c < G_N_ELEMENTS(CASES); c++) {
    g_autoptr(TestFolder) dir = folder_new();
    FileAttributes a = file_attributes("1.2.3.4.1", "0\\0\\0");
    if (CASES[c].charset) file_set(&a, 0x0008, 0x0005, "CS", CASES[c].charset);
    file_set(&a, 0x0010, 0x0010, "PN", CASES[c].raw);
    file_write(dir, "one", &a, NULL);
    g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
    g_assert_cmpstr(hilum_catalog_get_series(catalog, 0)->patient_name, ==, CASES[c].utf8);
  }
}

static void test_cancel(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  write_plain_series(dir, 4);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
  g_cancellable_cancel(cancellable);
  g_autoptr(GError) a = NULL, b = NULL, c = NULL;
  const char *paths[] = {dir};
  g_assert_null(hilum_catalog_scan(paths, 1, &progress, &a));
  g_assert_error(a, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null(hilum_catalog_load(catalog, 0, &progress, &b));
  g_assert_error(b, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autoptr(HilumVolume) v = make_volume(false, 1, 0);
  g_autoptr(TestFolder) out = folder_new();
  g_assert_false(hilum_dicom_write_ct(out, "s", v, &(HilumCtMeta){.uid_seed = 1}, &progress, &c));
  g_assert_error(c, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void keep_what(double fraction, const char *what, void *data)
{
  g_strlcpy(data, what ? what : "", 64);
}

/* The search says how far it is; DICOM or not, a file is a file. */
static void test_count(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  write_plain_series(dir, 4);
  for (int n = 0; n < 1200; n++) {
    g_autofree char *name = g_strdup_printf("note%d", n);
    file_put(dir, name, "no image", 8);
  }
  char what[64] = "";
  HilumProgress progress = {.func = keep_what, .data = what};
  hilum_parallel_set_threads(1);
  const char *paths[] = {dir};
  g_autoptr(HilumCatalog) catalog = hilum_catalog_scan(paths, 1, &progress, NULL);
  hilum_parallel_set_threads(0);
  g_assert_nonnull(catalog);
  g_assert_cmpstr(what, ==, "1,204 of 1,204 files read");
}

static void test_changed_files(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  write_plain_series(dir, 4);
  g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
  g_autofree char *path = g_build_filename(dir, "IM2", NULL);
  file_put(dir, "IM2", "shorter", 7);
  g_autoptr(GError) changed = NULL, gone = NULL;
  g_assert_null(hilum_catalog_load(catalog, 0, NULL, &changed));
  g_assert_error(changed, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ);
  g_assert_nonnull(strstr(changed->message, "“IM2”"));
  g_assert_cmpint(g_unlink(path), ==, 0);
  g_assert_null(hilum_catalog_load(catalog, 0, NULL, &gone));
  g_assert_nonnull(strstr(gone->message, "“IM2”: No such file"));
}

static void test_threads(void)
{
  g_autoptr(HilumVolume) v = make_volume(false, 1, 0);
  g_autoptr(TestFolder) dir = folder_new();
  g_assert_true(hilum_dicom_write_ct(dir, "s", v, &(HilumCtMeta){.uid_seed = 3}, NULL, NULL));
  for (unsigned threads = 1; threads <= 4; threads += 3) {
    hilum_parallel_set_threads(threads);
    g_autoptr(HilumCatalog) catalog = scan_one(dir, NULL);
    g_autoptr(HilumVolume) w = hilum_catalog_load(catalog, 0, NULL, NULL);
    g_assert_cmpmem(hilum_volume_get_voxels(w), 7 * 5 * 9 * 2, hilum_volume_get_voxels(v), 7 * 5 * 9 * 2);
  }
  hilum_parallel_set_threads(0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/files/round-trip", test_round_trip);
  g_test_add_func("/dicom/files/uids", test_uids);
  g_test_add_func("/dicom/files/storage", test_storage);
  g_test_add_func("/dicom/files/folders", test_folders);
  g_test_add_func("/dicom/files/duplicates", test_duplicates);
  g_test_add_func("/dicom/files/dicomdir", test_dicomdir);
  g_test_add_func("/dicom/files/charsets", test_charsets);
  g_test_add_func("/dicom/files/cancel", test_cancel);
  g_test_add_func("/dicom/files/count", test_count);
  g_test_add_func("/dicom/files/changed-files", test_changed_files);
  g_test_add_func("/dicom/files/threads", test_threads);
  return g_test_run();
}
