/* NRRD: round trips to the last bit, the other spaces and types, names, and headers that lie. */
#include "hilum/exchange/nrrd.h"

#include "hilum/base/memory.h"
#include "hilum/base/random.h"
#include "hilum/exchange/error.h"
#include "hilum/exchange/png.h"

#include <cairo.h>
#include <glib/gstdio.h>
#include <string.h>

static char *folder;

static char *in_folder(const char *name)
{
  return g_build_filename(folder, name, NULL);
}

static HilumGrid oblique(void)
{
  HilumGrid grid = hilum_grid_new(33, 17, 9, 0.7, 0.8, 1.25);
  grid.origin_mm = hilum_vec3(-12.3456789, 77.7, -1000.1);
  grid.axes[0] = hilum_vec3(cos(0.3), sin(0.3), 0);
  grid.axes[1] = hilum_vec3(-sin(0.3), cos(0.3), 0);
  grid.axes[2] = hilum_vec3(0, 0, -1);
  return grid;
}

static void put(const char *path, const char *header, const void *data, gsize bytes)
{
  FILE *file = g_fopen(path, "wb");
  fputs(header, file);
  g_assert_cmpuint(fwrite(data, 1, bytes, file), ==, bytes);
  fclose(file);
}

static void test_labels(void)
{
  HilumGrid grid = oblique();
  const size_t n = hilum_grid_count(&grid);
  g_autofree uint8_t *dense = g_malloc(n);
  for (size_t i = 0; i < n; i++)
    dense[i] = (uint8_t)(hilum_random_u64(1, i / 5) % 4 ? 0 : i % 256);
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, dense, NULL);
  const char *names[256] = {NULL};
  names[1] = "Tumour élevé";
  names[7] = "back\\slash\nline";
  names[255] = "Last";
  for (int compress = 0; compress < 2; compress++) {
    g_autofree char *path = in_folder("l.nrrd"), *was = hilum_label_snapshot_hash(labels);
    GError *error = NULL;
    g_assert_true(hilum_nrrd_write_labels(path, labels, names, compress, NULL, &error));
    g_assert_no_error(error);
    g_autoptr(GPtrArray) got = NULL;
    g_autoptr(HilumLabelSnapshot) back = hilum_nrrd_read_labels(path, &got, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *is = hilum_label_snapshot_hash(back);
    g_assert_cmpstr(was, ==, is);
    g_assert_true(hilum_grid_equal(&grid, hilum_label_snapshot_get_grid(back), 1e-9));
    g_assert_cmpuint(got->len, ==, 256);
    g_assert_cmpstr(g_ptr_array_index(got, 1), ==, "Tumour élevé");
    g_assert_cmpstr(g_ptr_array_index(got, 7), ==, "back\\slash line");
    g_assert_cmpstr(g_ptr_array_index(got, 255), ==, "Last");
    g_assert_null(g_ptr_array_index(got, 2));
    g_autofree char *text = NULL;
    gsize bytes;
    g_assert_true(g_file_get_contents(path, &text, &bytes, NULL));
    g_assert_nonnull(strstr(text, "\nspace: left-posterior-superior\n"));
    g_assert_nonnull(strstr(text, "\nSegment255_Name:=Last\n"));
  }
}

static void test_volume(void)
{
  HilumGrid grid = oblique();
  const size_t n = hilum_grid_count(&grid);
  int16_t *voxels = hilum_big_alloc(n * 2, NULL);
  for (size_t i = 0; i < n; i++)
    voxels[i] = (int16_t)hilum_random_u64(2, i);
  voxels[0] = INT16_MIN;
  voxels[1] = INT16_MAX;
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
  for (int compress = 0; compress < 2; compress++) {
    g_autofree char *path = in_folder("v.nrrd");
    uint64_t clipped = 99;
    GError *error = NULL;
    g_assert_true(hilum_nrrd_write_volume(path, volume, compress, &clipped, NULL, &error));
    g_assert_cmpuint(clipped, ==, 0);
    g_autoptr(HilumVolume) back = hilum_nrrd_read_volume(path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(hilum_volume_get_voxels(back), n * 2, voxels, n * 2);
    g_assert_cmpstr(hilum_volume_get_unit(back), ==, "HU");
  }
  int16_t *steep = hilum_big_alloc(n * 2, NULL);
  for (size_t i = 0; i < n; i++)
    steep[i] = (int16_t)(i % 100);
  steep[0] = 20000;
  steep[1] = -20000;
  g_autoptr(HilumVolume) scaled = hilum_volume_new_take(&grid, steep, 2.5, -0.25, "HU", NULL);
  g_autofree char *path = in_folder("s.nrrd");
  uint64_t clipped = 0;
  g_assert_true(hilum_nrrd_write_volume(path, scaled, false, &clipped, NULL, NULL));
  g_assert_cmpuint(clipped, ==, 2);
  g_autoptr(HilumVolume) back = hilum_nrrd_read_volume(path, NULL, NULL);
  g_assert_cmpint(hilum_volume_get_voxels(back)[0], ==, INT16_MAX);
  g_assert_cmpint(hilum_volume_get_voxels(back)[1], ==, INT16_MIN);
  g_assert_cmpint(hilum_volume_get_voxels(back)[3], ==, 7); /* 7.25 */
  g_assert_cmpint(hilum_volume_get_voxels(back)[2], ==, 5); /* 4.75 */
}

static void test_foreign(void)
{
  g_autofree char *path = in_folder("f.nrrd");
  /* As 3D Slicer writes: RAS or LPS, segments from zero, values by key; 16 bits, big endian. */
  const guint8 data[] = {0, 1, 0, 2, 0, 0, 0, 255};
  put(path,
      "NRRD0004\n# c\ntype: unsigned short\ndimension: 3\nspace: RAS\nsizes: 4 1 1\n"
      "space directions: (2,0,0) (0,3,0) (0,0,4)\nkinds: domain domain domain\nendian: big\nencoding: raw\n"
      "space origin: (10,20,30)\nSegment0_LabelValue:=2\nSegment0_Name:=Two\nSegment1_Name:=One\n\n",
      data, sizeof data);
  GError *error = NULL;
  g_autoptr(GPtrArray) names = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_nrrd_read_labels(path, &names, NULL, &error);
  g_assert_no_error(error);
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  g_assert_cmpfloat(grid->origin_mm.x, ==, -10);
  g_assert_cmpfloat(grid->origin_mm.y, ==, -20);
  g_assert_cmpfloat(grid->origin_mm.z, ==, 30);
  g_assert_cmpfloat(grid->axes[0].x, ==, -1);
  g_assert_cmpfloat(grid->spacing_mm[1], ==, 3);
  g_assert_cmpuint(hilum_label_snapshot_get(labels, (HilumVoxel){1, 0, 0}), ==, 2);
  g_assert_cmpuint(hilum_label_snapshot_get(labels, (HilumVoxel){3, 0, 0}), ==, 255);
  g_assert_cmpstr(g_ptr_array_index(names, 2), ==, "Two");
  g_assert_cmpstr(g_ptr_array_index(names, 1), ==, "One");
  g_autoptr(HilumVolume) volume = hilum_nrrd_read_volume(path, NULL, &error); /* unsigned keeps every step */
  g_assert_no_error(error);
  g_assert_cmpfloat(hilum_volume_get_value(volume, (HilumVoxel){3, 0, 0}), ==, 255);
}

#define GOOD                                                                                                 \
  "type: uint8\ndimension: 3\nspace: LPS\nsizes: 2 2 2\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n"         \
  "encoding: raw\nspace origin: (0,0,0)\n"

static void test_hostile(void)
{
  g_autofree char *path = in_folder("h.nrrd");
  const guint8 data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  const char *bad[] = {"",
                       "NRRD",
                       "NRRD0004\n",
                       "NRRD0004\n" GOOD /* no empty line */,
                       "JPEG0004\n" GOOD "\n",
                       "NRRD0004\n" GOOD "sizes: 2 2 3\n\n",
                       "NRRD0004\n" GOOD "sizes: 2 2 1\n\n",
                       "NRRD0004\n" GOOD "sizes: 2 2\n\n",
                       "NRRD0004\n" GOOD "sizes: -2 -2 2\n\n",
                       "NRRD0004\n" GOOD "sizes: 32767 32767 32767\n\n",
                       "NRRD0004\n" GOOD "sizes: 1e300 1 1\n\n",
                       "NRRD0004\n" GOOD "sizes: nan 2 4\n\n",
                       "NRRD0004\n" GOOD "dimension: 4\n\n",
                       "NRRD0004\n" GOOD "type: float\n\n",
                       "NRRD0004\n" GOOD "type: |\n\n",
                       "NRRD0004\n" GOOD "type: short\n\n" /* no endian */,
                       "NRRD0004\n" GOOD "encoding: hex\n\n",
                       "NRRD0004\n" GOOD "encoding: gzip\n\n" /* it is not */,
                       "NRRD0004\n" GOOD "space: scanner-xyz\n\n",
                       "NRRD0004\n" GOOD "data file: /etc/passwd\n\n",
                       "NRRD0004\n" GOOD "datafile: LIST\n\n",
                       "NRRD0004\n" GOOD "byte skip: -1\n\n",
                       "NRRD0004\n" GOOD "space origin: (0,0,inf)\n\n",
                       "NRRD0004\n" GOOD "space directions: (1,0,0) (1,0,0) (0,0,1)\n\n",
                       "NRRD0004\n" GOOD "space directions: (0,0,0) (0,1,0) (0,0,1)\n\n",
                       "NRRD0004\n" GOOD "nonsense\n\n"};
  for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
    put(path, bad[i], data, sizeof data);
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_nrrd_read_labels(path, NULL, NULL, &error));
    g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT);
    g_assert_nonnull(strstr(error->message, "h.nrrd"));
  }
  g_autoptr(GError) error = NULL;
  put(path, "NRRD0004\n" GOOD "\n", data, sizeof data);
  g_autoptr(HilumLabelSnapshot) good = hilum_nrrd_read_labels(path, NULL, NULL, &error);
  g_assert_no_error(error);
  const int16_t out[4] = {0, 256, 1, 2};
  put(path, "NRRD0004\n" GOOD "type: int16\nendian: little\nsizes: 4 1 1\n\n", out, sizeof out);
  g_assert_null(hilum_nrrd_read_labels(path, NULL, NULL, &error));
  g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT);
  g_clear_error(&error);
  g_assert_null(hilum_nrrd_read_labels("/nonexistent.nrrd", NULL, NULL, &error));
  g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_READ);
}

/* A gzip file cut anywhere is refused. */
static void test_truncated(void)
{
  HilumGrid grid = oblique();
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_map_snapshot(map);
  g_autofree char *path = in_folder("t.nrrd"), *data = NULL;
  gsize bytes;
  g_assert_true(hilum_nrrd_write_labels(path, labels, NULL, true, NULL, NULL));
  g_assert_true(g_file_get_contents(path, &data, &bytes, NULL));
  for (gsize n = 0; n < bytes; n++) {
    put(path, "", data, n);
    g_assert_null(hilum_nrrd_read_labels(path, NULL, NULL, NULL));
  }
}

static void test_png(void)
{
  g_autofree char *path = in_folder("p.png");
  enum { W = 301, H = 67 };
  g_autofree uint8_t *rgba = g_malloc(W * H * 4);
  for (int i = 0; i < W * H; i++) {
    rgba[4 * i] = (uint8_t)(i % W);
    rgba[4 * i + 1] = (uint8_t)(i / W);
    rgba[4 * i + 2] = 200;
    rgba[4 * i + 3] = 255;
  }
  g_autoptr(GError) error = NULL;
  for (int captioned = 0; captioned < 2; captioned++) {
    g_assert_true(
        hilum_png_write(path, rgba, W, H, captioned ? "Planning aid. Not for diagnosis." : NULL, &error));
    g_assert_no_error(error);
    cairo_surface_t *surface = cairo_image_surface_create_from_png(path);
    g_assert_cmpint(cairo_surface_status(surface), ==, CAIRO_STATUS_SUCCESS);
    g_assert_cmpint(cairo_image_surface_get_width(surface), ==, W);
    g_assert_cmpint(cairo_image_surface_get_height(surface), ==, H);
    const uint8_t *pixels = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    int changed = 0;
    for (int y = 0; y < H; y++)
      for (int x = 0; x < W; x++) {
        uint32_t pixel;
        memcpy(&pixel, pixels + (ptrdiff_t)y * stride + 4 * x, 4);
        const uint8_t *p = rgba + 4 * (y * W + x);
        changed += (pixel & 0xFFFFFF) != ((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]);
        if (y >= H / 2)
          g_assert_cmphex(pixel & 0xFFFFFF, ==, (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]);
      }
    g_assert_true(captioned ? changed > 500 : changed == 0);
    cairo_surface_destroy(surface);
  }
  g_assert_false(hilum_png_write(path, rgba, 0, 5, NULL, &error));
  g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_WRITE);
}

static void remove_folder(void)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name(dir));) {
    g_autofree char *path = in_folder(name);
    g_unlink(path);
  }
  g_rmdir(folder);
  g_free(folder);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  folder = g_dir_make_tmp("hilum-nrrd-XXXXXX", NULL);
  g_test_add_func("/nrrd/labels", test_labels);
  g_test_add_func("/nrrd/volume", test_volume);
  g_test_add_func("/nrrd/foreign", test_foreign);
  g_test_add_func("/nrrd/hostile", test_hostile);
  g_test_add_func("/nrrd/truncated", test_truncated);
  g_test_add_func("/png/pixels", test_png);
  int result = g_test_run();
  remove_folder();
  return result;
}
