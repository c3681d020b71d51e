/* Studies for the window tests, written when they run. Usage: make-studies many DIR FILES | slow DIR SLICES |
 * plain DIR SLICES.
 *
 * many:  files of a few pixels, 20 to a series, every third series without its middle slice, in shuffled
 *        folders
 * slow:  one CT of 512x512 in lossless JPEG 2000, which takes tens of milliseconds a slice to decode
 * plain: one small CT that opens at once */
#include "enhanced.h"
#include "pictures.h"

#include "hilum/base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SERIES_FILES = 20, SIDE = 512, PICTURES = 8 };

static void make_many(const char *dir, int n_files)
{
  for (int n = 0; n < n_files; n++) {
    const int series = n / SERIES_FILES, slice = n % SERIES_FILES;
    if (series % 3 == 2 && slice == SERIES_FILES / 2) {
      g_autofree char *text = g_strdup_printf("%s/%02d/note-%d.txt", dir, n % 17, n);
      g_autofree char *folder = g_path_get_dirname(text);
      g_mkdir_with_parents(folder, 0700);
      g_file_set_contents_full(text, "no image", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
      continue;
    }
    g_autofree char *uid = g_strdup_printf("1.2.826.%d.%d", series + 1, slice + 1);
    g_autofree char *at = g_strdup_printf("0\\0\\%d", slice * 2);
    g_autofree char *series_uid = g_strdup_printf("1.2.826.%d", series + 1);
    g_autofree char *study_uid = g_strdup_printf("1.2.826.0.%d", series / 4);
    g_autofree char *number = g_strdup_printf("%d", series + 1);
    g_autofree char *description = g_strdup_printf("Series %d of many", series + 1);
    g_autofree char *patient = g_strdup_printf("P%d", series / 4);
    FileAttributes a = file_attributes(uid, at);
    file_set(&a, 0x0010, 0x0020, "LO", patient);
    file_set(&a, 0x0020, 0x000D, "UI", study_uid);
    file_set(&a, 0x0020, 0x000E, "UI", series_uid);
    file_set(&a, 0x0020, 0x0011, "IS", number);
    file_set(&a, 0x0008, 0x103E, "LO", description);
    g_autofree char *folder = g_strdup_printf("%s/%02d", dir, n % 17);
    g_mkdir_with_parents(folder, 0700);
    g_autofree char *name = g_strdup_printf("IM%05d", (n * 7919) % n_files);
    file_write(folder, name, &a, NULL);
  }
}

/* A body with two kidneys that move from picture to picture; 12 bits. */
static void draw(int picture, int32_t *samples)
{
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      const double u = (x - SIDE / 2) / 200.0, v = (y - SIDE / 2) / 140.0;
      const double kidney = hypot((fabs(u) - 0.45) * 5, (v - 0.35 + picture * 0.01) * 4);
      const int noise = (x * 7919 + y * 104729 + picture * 31) % 61 - 30;
      samples[y * SIDE + x] = u * u + v * v > 1 ? 24 + noise / 3 + 10 : 1064 + noise + (kidney < 1 ? 160 : 0);
    }
}

static GByteArray *compressed_slice(const GByteArray *picture, int slice)
{
  const Coding c = {false, false};
  GByteArray *out = g_byte_array_new();
  g_byte_array_set_size(out, 128);
  memset(out->data, 0, 128);
  g_byte_array_append(out, (const uint8_t *)"DICM", 4);
  put_text(out, c, HILUM_TAG(0x0002, 0x0010), "UI", "1.2.840.10008.1.2.4.90");
  put_text(out, c, HILUM_TAG(0x0008, 0x0016), "UI", "1.2.840.10008.5.1.4.1.1.2");
  g_autofree char *uid = g_strdup_printf("1.2.827.%d", slice + 1);
  put_text(out, c, HILUM_TAG(0x0008, 0x0018), "UI", uid);
  put_text(out, c, HILUM_TAG(0x0008, 0x0060), "CS", "CT");
  put_text(out, c, HILUM_TAG(0x0008, 0x103E), "LO", "Slow to decode");
  put_text(out, c, HILUM_TAG(0x0010, 0x0020), "LO", "SLOW");
  put_text(out, c, HILUM_TAG(0x0020, 0x000D), "UI", "1.2.827.0.1");
  put_text(out, c, HILUM_TAG(0x0020, 0x000E), "UI", "1.2.827.0.2");
  g_autofree char *at = g_strdup_printf("-180\\-180\\%d", slice);
  put_text(out, c, HILUM_TAG(0x0020, 0x0032), "DS", at);
  put_text(out, c, HILUM_TAG(0x0020, 0x0037), "DS", "1\\0\\0\\0\\1\\0");
  put_us(out, c, HILUM_TAG(0x0028, 0x0002), 1);
  put_text(out, c, HILUM_TAG(0x0028, 0x0004), "CS", "MONOCHROME2");
  put_us(out, c, HILUM_TAG(0x0028, 0x0010), SIDE);
  put_us(out, c, HILUM_TAG(0x0028, 0x0011), SIDE);
  put_text(out, c, HILUM_TAG(0x0028, 0x0030), "DS", "0.7\\0.7");
  put_us(out, c, HILUM_TAG(0x0028, 0x0100), 16);
  put_us(out, c, HILUM_TAG(0x0028, 0x0101), 12);
  put_us(out, c, HILUM_TAG(0x0028, 0x0102), 11);
  put_us(out, c, HILUM_TAG(0x0028, 0x0103), 0);
  put_text(out, c, HILUM_TAG(0x0028, 0x1052), "DS", "-1024");
  put_text(out, c, HILUM_TAG(0x0028, 0x1053), "DS", "1");
  put_header(out, c, HILUM_TAG_PIXELS, "OB", 0xFFFFFFFF);
  put32(out, 0xE000FFFE); /* an empty table of offsets */
  put32(out, 0);
  put32(out, 0xE000FFFE);
  put32(out, picture->len + picture->len % 2);
  g_byte_array_append(out, picture->data, picture->len);
  if (picture->len % 2) g_byte_array_append(out, (const uint8_t *)"", 1);
  put32(out, 0xE0DDFFFE);
  put32(out, 0);
  return out;
}

static void make_slow(const char *dir, int n_slices)
{
  g_autofree int32_t *samples = g_new(int32_t, SIDE * SIDE);
  GByteArray *pictures[PICTURES];
  for (int p = 0; p < PICTURES; p++) {
    draw(p, samples);
    const Picture how = {.columns = SIDE, .rows = SIDE, .precision = 12, .components = 1};
    pictures[p] = picture_encode(how, samples);
  }
  for (int k = 0; k < n_slices; k++) {
    g_autoptr(GByteArray) file = compressed_slice(pictures[k * PICTURES / n_slices], k);
    g_autofree char *name = g_strdup_printf("%d", (k * 37) % n_slices);
    file_put(dir, name, file->data, file->len);
  }
  for (int p = 0; p < PICTURES; p++)
    g_byte_array_unref(pictures[p]);
}

static bool make_plain(const char *dir, int n_slices)
{
  const HilumGrid grid = hilum_grid_new(64, 64, n_slices, 1, 1, 1);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (size_t i = 0; i < hilum_grid_count(&grid); i++)
    voxels[i] = (int16_t)(i % 64 * 4 - 100);
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
  const HilumCtMeta meta = {.uid_seed = 9, .series_description = "Plain", .study_date = "20260102"};
  return volume && hilum_dicom_write_ct(dir, "p", volume, &meta, NULL, NULL);
}

int main(int argc, char **argv)
{
  guint64 wanted = 0;
  if (argc != 4 || !g_ascii_string_to_unsigned(argv[3], 10, 1, 100000, &wanted, NULL)) {
    fprintf(stderr, "usage: make-studies many|slow|plain DIR COUNT\n");
    return 2;
  }
  const int n = (int)wanted;
  g_mkdir_with_parents(argv[2], 0700);
  if (g_str_equal(argv[1], "many"))
    make_many(argv[2], n);
  else if (g_str_equal(argv[1], "slow"))
    make_slow(argv[2], n);
  else if (!g_str_equal(argv[1], "plain") || !make_plain(argv[2], n))
    return 1;
  return 0;
}
