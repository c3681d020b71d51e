/* What is seen before a volume is whole: the small picture of its middle slice, upright and in proportion,
 * and the coarse volumes of a load. */
#include "dicom_files.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/dicom/error.h"
#include "hilum/dicom/preview.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

/* A volume around the patient's origin whose values grow to the left (x), the back (y) and the head (z). */
static HilumVolume *make_volume(HilumVec3 row, HilumVec3 column, const int32_t dims[3], const double mm[3])
{
  HilumGrid g = hilum_grid_new(dims[0], dims[1], dims[2], mm[0], mm[1], mm[2]);
  g.axes[0] = row;
  g.axes[1] = column;
  g.axes[2] = hilum_vec3_cross(row, column);
  g.origin_mm = hilum_vec3(0, 0, 0);
  for (int a = 0; a < 3; a++)
    g.origin_mm = hilum_vec3_madd(g.origin_mm, -0.5 * (dims[a] - 1) * mm[a], g.axes[a]);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&g) * sizeof *voxels, NULL), *v = voxels;
  for (int k = 0; k < dims[2]; k++)
    for (int j = 0; j < dims[1]; j++)
      for (int i = 0; i < dims[0]; i++) {
        const HilumVec3 p = hilum_grid_voxel_to_mm(&g, (HilumVoxel){i, j, k});
        *v++ = (int16_t)lround(40 + p.x + 3 * p.y + 9 * p.z);
      }
  g_autoptr(GError) error = NULL;
  HilumVolume *volume = hilum_volume_new_take(&g, voxels, 1, 0, "HU", &error);
  g_assert_no_error(error);
  return volume;
}

static HilumCatalog *write_and_scan(const char *dir, const HilumVolume *volume, const HilumCtMeta *meta)
{
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_dicom_write_ct(dir, "s", volume, meta, NULL, &error));
  g_assert_no_error(error);
  HilumCatalog *catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  return catalog;
}

static double mean_of(const HilumSlicePicture *p, int x0, int x1, int y0, int y1)
{
  double sum = 0;
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      sum += p->grey[(size_t)y * (size_t)p->width + (size_t)x];
  return sum / ((x1 - x0) * (y1 - y0));
}

/* Rows and columns along every pair of patient axes: the picture is always upright. */
static void test_upright(void)
{
  const HilumVec3 axes[] = {{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}};
  const int32_t dims[] = {24, 16, 3};
  const double mm[] = {0.5, 1, 2}; /* 12 mm by 16 mm */
  for (int r = 0; r < 6; r++)
    for (int c = 0; c < 6; c++) {
      if (r / 2 == c / 2) continue;
      g_autoptr(HilumVolume) volume = make_volume(axes[r], axes[c], dims, mm);
      g_autoptr(TestFolder) dir = folder_new();
      const HilumCtMeta meta = {.uid_seed = 1, .window_center = 40, .window_width = 200};
      g_autoptr(HilumCatalog) catalog = write_and_scan(dir, volume, &meta);
      g_autoptr(GError) error = NULL;
      g_autofree HilumSlicePicture *p = hilum_catalog_make_picture(catalog, 0, 32, 32, NULL, &error);
      g_assert_no_error(error);
      const bool has_x = r / 2 == 0 || c / 2 == 0, has_z = r / 2 == 2 || c / 2 == 2;
      /* Left of the patient, or back in sagittal slices, is on the right; back or feet are below. */
      const int right = has_x ? 0 : 1, down = has_z ? 2 : 1;
      const double across = right == r / 2 ? 12 : 16, along = down == r / 2 ? 12 : 16;
      g_assert_cmpint(p->width, ==, (int)lround(32 * across / 16));
      g_assert_cmpint(p->height, ==, (int)lround(32 * along / 16));
      const int w = p->width, h = p->height;
      g_assert_cmpfloat(mean_of(p, w / 2, w, 0, h), >, mean_of(p, 0, w / 2, 0, h) + 2);
      if (down == 2)
        g_assert_cmpfloat(mean_of(p, 0, w, 0, h / 2), >, mean_of(p, 0, w, h / 2, h) + 2);
      else
        g_assert_cmpfloat(mean_of(p, 0, w, h / 2, h), >, mean_of(p, 0, w, 0, h / 2) + 2);
    }
}

/* The window of the series; without one 350/40 in CT, else the percentiles of the picture. */
static void test_window(void)
{
  const char *const modality[] = {"CT", "CT", "MR"};
  const int expected[][2] = {{0, 255}, {98, 157}, {0, 255}};
  for (int n = 0; n < 3; n++) {
    g_autoptr(TestFolder) dir = folder_new();
    int16_t pixels[FILE_VOXELS];
    for (int i = 0; i < FILE_VOXELS; i++)
      pixels[i] = (int16_t)(1064 + (i < FILE_VOXELS / 2 ? -40 : 40)); /* 0 and 80 HU */
    for (int k = 0; k < 3; k++) {
      g_autofree char *uid = g_strdup_printf("1.2.%d", k + 1), *at = g_strdup_printf("0\\0\\%d", k);
      FileAttributes a = file_attributes(uid, at);
      file_set(&a, 0x0008, 0x0060, "CS", modality[n]);
      if (n == 0) {
        file_set(&a, 0x0028, 0x1050, "DS", "40");
        file_set(&a, 0x0028, 0x1051, "DS", "60");
      }
      file_write(dir, uid, &a, pixels);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
    g_assert_no_error(error);
    g_autofree HilumSlicePicture *p = hilum_catalog_make_picture(catalog, 0, 9, 4, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(p->width, ==, 9);
    g_assert_cmpint(p->height, ==, 4);
    g_assert_cmpint(p->grey[0], ==, expected[n][0]);
    g_assert_cmpint(p->grey[35], ==, expected[n][1]);
  }
}

/* A volume that is refused for its geometry has a picture; one whose slice cannot be read says why. */
static void test_refused(void)
{
  const HilumVec3 x = {1, 0, 0}, y = {0, 1, 0};
  g_autoptr(HilumVolume) volume = make_volume(x, y, (int32_t[]){8, 8, 7}, (double[]){1, 1, 1});
  g_autoptr(TestFolder) dir = folder_new();
  const HilumCtMeta meta = {.uid_seed = 2};
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_dicom_write_ct(dir, "s", volume, &meta, NULL, &error));
  g_autofree char *gone = g_build_filename(dir, "s0003.dcm", NULL);
  g_assert_cmpint(g_unlink(gone), ==, 0);
  g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  g_assert_cmpint(hilum_catalog_get_series(catalog, 0)->verdict, ==, HILUM_VERDICT_REFUSED);
  g_autofree HilumSlicePicture *p = hilum_catalog_make_picture(catalog, 0, 8, 8, NULL, &error);
  g_assert_no_error(error);
  g_assert_nonnull(p);

  g_autofree char *middle = g_strdup(
      hilum_catalog_get_series(catalog, 0)->files[hilum_catalog_get_series(catalog, 0)->n_files / 2]);
  g_assert_true(g_file_set_contents(middle, "short", 5, NULL));
  g_assert_null(hilum_catalog_make_picture(catalog, 0, 8, 8, NULL, &error));
  g_assert_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ);
  g_clear_error(&error);

  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_assert_null(hilum_catalog_make_picture(catalog, 0, 8, 8, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- coarse volumes --- */

typedef struct {
  GPtrArray *seen;
  GCancellable *cancel_when_seen;
} Watcher;

static void watch(HilumVolume *coarse, void *data)
{
  Watcher *watcher = data;
  g_ptr_array_add(watcher->seen, coarse);
  if (watcher->cancel_when_seen) g_cancellable_cancel(watcher->cancel_when_seen);
}

static void unref_volume(gpointer data)
{
  hilum_volume_unref(data);
}

static void assert_same_bounds(const HilumGrid *a, const HilumGrid *b)
{
  const HilumBox x = hilum_grid_bounds_mm(a), y = hilum_grid_bounds_mm(b);
  g_assert_cmpfloat(hilum_vec3_distance(x.min, y.min), <, 1e-9);
  g_assert_cmpfloat(hilum_vec3_distance(x.max, y.max), <, 1e-9);
}

/* A tilted stack large enough for three levels, on one thread and on several. */
static void test_coarse(void)
{
  const HilumVec3 row = {cos(0.3), sin(0.3), 0}, column = {-sin(0.3), cos(0.3), 0};
  const int32_t dims[] = {650, 330, 130};
  g_autoptr(HilumVolume) volume = make_volume(row, column, dims, (double[]){0.05, 0.1, 0.2});
  g_autoptr(TestFolder) dir = folder_new();
  const HilumCtMeta meta = {.uid_seed = 3};
  g_autoptr(HilumCatalog) catalog = write_and_scan(dir, volume, &meta);
  hilum_load_set_patience(0);
  for (unsigned threads = 1; threads <= 4; threads += 3) {
    hilum_parallel_set_threads(threads);
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumVolume) plain = hilum_catalog_load(catalog, 0, NULL, &error);
    g_assert_no_error(error);
    Watcher watcher = {.seen = g_ptr_array_new_with_free_func(unref_volume)};
    g_autoptr(HilumVolume) watched = hilum_catalog_load_watched(catalog, 0, watch, &watcher, NULL, &error);
    g_assert_no_error(error);
    const HilumGrid *fine = hilum_volume_get_grid(watched);
    const size_t bytes = hilum_grid_count(fine) * sizeof(int16_t);
    g_assert_cmpmem(hilum_volume_get_voxels(watched), bytes, hilum_volume_get_voxels(plain), bytes);
    g_assert_cmpuint(watcher.seen->len, <=, 3);
    g_assert_cmpuint(watcher.seen->len, >=, threads == 1 ? 3 : 1);
    for (guint n = 0; n < watcher.seen->len; n++) {
      const HilumVolume *coarse = watcher.seen->pdata[n];
      const HilumGrid *g = hilum_volume_get_grid(coarse);
      g_assert_cmpint(g->dims[0], ==, 217);
      g_assert_cmpint(g->dims[1], ==, 110);
      if (n > 0) g_assert_cmpint(g->dims[2], >, hilum_volume_get_grid(watcher.seen->pdata[n - 1])->dims[2]);
      assert_same_bounds(g, fine);
      g_assert_cmpstr(hilum_volume_get_unit(coarse), ==, "HU");
      for (int k = 0; k < g->dims[2]; k++) {
        const HilumVoxel at = {g->dims[0] / 3, g->dims[1] / 2, k};
        double there;
        g_assert_true(hilum_volume_sample_mm(plain, hilum_grid_voxel_to_mm(g, at), &there));
        /* Half a slice away at most (0.9 HU), rounded twice. */
        g_assert_cmpfloat(fabs(hilum_volume_get_value(coarse, at) - there), <, 2.0);
      }
    }
    g_ptr_array_unref(watcher.seen);
  }
  hilum_parallel_set_threads(0);
  hilum_load_set_patience(-1);
}

/* MR with its own rescale a slice and padding: values are mapped at the end, and the coarse ones beforehand.
 */
static void test_coarse_mapped_late(void)
{
  g_autoptr(TestFolder) dir = folder_new();
  int16_t pixels[FILE_VOXELS];
  for (int k = 0; k < 40; k++) {
    g_autofree char *uid = g_strdup_printf("1.2.9.%d", k + 1), *at = g_strdup_printf("0\\0\\%d", k);
    g_autofree char *slope = g_strdup_printf("%.3f", 1 + 0.037 * k);
    FileAttributes a = file_attributes(uid, at);
    file_set(&a, 0x0008, 0x0060, "CS", "MR");
    file_set(&a, 0x0028, 0x0120, "SS", "-7");
    file_set(&a, 0x0028, 0x1052, "DS", "0");
    file_set(&a, 0x0028, 0x1053, "DS", slope);
    for (int i = 0; i < FILE_VOXELS; i++)
      pixels[i] = (int16_t)(i == 0 ? -7 : 100 + 10 * i);
    file_write(dir, uid, &a, pixels);
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = scan_one(dir, &error);
  g_assert_no_error(error);
  hilum_load_set_patience(0);
  Watcher watcher = {.seen = g_ptr_array_new_with_free_func(unref_volume)};
  g_autoptr(HilumVolume) volume = hilum_catalog_load_watched(catalog, 0, watch, &watcher, NULL, &error);
  hilum_load_set_patience(-1);
  g_assert_no_error(error);
  g_assert_cmpuint(watcher.seen->len, ==, 1);
  const HilumVolume *coarse = watcher.seen->pdata[0];
  g_assert_cmpint(hilum_volume_get_grid(coarse)->dims[2], ==, 16);
  for (int p = 0; p < 16; p++) {
    const int slice = (int)lround((p + 0.5) * 40 / 16 - 0.5);
    const double there = hilum_volume_get_value(volume, (HilumVoxel){3, 2, slice});
    const double next = hilum_volume_get_value(volume, (HilumVoxel){3, 2, MAX(slice - 1, 0)});
    const double value = hilum_volume_get_value(coarse, (HilumVoxel){3, 2, p});
    g_assert_true(fabs(value - there) < 0.5 || fabs(value - next) < 0.5);
  }
  g_ptr_array_unref(watcher.seen);
}

/* --- giving up --- */

typedef struct {
  GCancellable *cancellable;
  atomic_int left;
} Countdown;

static void count_down(double fraction, const char *what, void *data)
{
  Countdown *countdown = data;
  if (atomic_fetch_sub(&countdown->left, 1) == 1) g_cancellable_cancel(countdown->cancellable);
}

static guint count_files(const char *dir)
{
  guint n = 0;
  GDir *open = g_dir_open(dir, 0, NULL);
  while (g_dir_read_name(open))
    n++;
  g_dir_close(open);
  return n;
}

/* Wherever it is cancelled, a scan or a load ends with G_IO_ERROR_CANCELLED, leaves no file, and the next one
 * is right. */
static void test_cancel_anywhere(void)
{
  const HilumVec3 x = {1, 0, 0}, y = {0, 1, 0};
  g_autoptr(HilumVolume) volume = make_volume(x, y, (int32_t[]){16, 16, 80}, (double[]){1, 1, 1});
  g_autoptr(TestFolder) dir = folder_new();
  const HilumCtMeta meta = {.uid_seed = 4};
  g_autoptr(HilumCatalog) catalog = write_and_scan(dir, volume, &meta);
  const char *paths[] = {dir};
  const guint files = count_files(dir);
  hilum_load_set_patience(0);
  for (int turn = 0; turn < 60; turn++) {
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Countdown countdown = {.cancellable = cancellable};
    atomic_init(&countdown.left, g_test_rand_int_range(1, turn % 2 ? 10 : 79));
    const HilumProgress progress = {.func = count_down, .data = &countdown, .cancellable = cancellable};
    Watcher watcher = {.seen = g_ptr_array_new_with_free_func(unref_volume)};
    if (turn % 3 == 0) watcher.cancel_when_seen = cancellable;
    g_autoptr(GError) error = NULL;
    if (turn % 2)
      g_assert_null(hilum_catalog_scan(paths, 1, &progress, &error));
    else
      g_assert_null(hilum_catalog_load_watched(catalog, 0, watch, &watcher, &progress, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_ptr_array_unref(watcher.seen);
  }
  hilum_load_set_patience(-1);
  g_assert_cmpuint(count_files(dir), ==, files);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumVolume) again = hilum_catalog_load(catalog, 0, NULL, &error);
  g_assert_no_error(error);
  const size_t bytes = hilum_grid_count(hilum_volume_get_grid(volume)) * sizeof(int16_t);
  g_assert_cmpmem(hilum_volume_get_voxels(again), bytes, hilum_volume_get_voxels(volume), bytes);
}

/* Pictures are made while the gaps are accepted and after the owner let go. */
static void *make_pictures(void *data)
{
  g_autoptr(HilumCatalog) catalog = data;
  for (int n = 0; n < 50; n++) {
    g_autofree HilumSlicePicture *p = hilum_catalog_make_picture(catalog, 0, 16, 16, NULL, NULL);
    g_assert_nonnull(p);
  }
  return NULL;
}

static void test_shared(void)
{
  const HilumVec3 x = {1, 0, 0}, y = {0, 1, 0};
  g_autoptr(HilumVolume) volume = make_volume(x, y, (int32_t[]){8, 8, 9}, (double[]){1, 1, 1});
  g_autoptr(TestFolder) dir = folder_new();
  const HilumCtMeta meta = {.uid_seed = 5};
  g_assert_true(hilum_dicom_write_ct(dir, "s", volume, &meta, NULL, NULL));
  g_autofree char *gone = g_build_filename(dir, "s0003.dcm", NULL);
  g_assert_cmpint(g_unlink(gone), ==, 0);
  HilumCatalog *catalog = scan_one(dir, NULL);
  g_assert_nonnull(catalog);
  pthread_t thread;
  g_assert_cmpint(pthread_create(&thread, NULL, make_pictures, hilum_catalog_ref(catalog)), ==, 0);
  g_assert_true(hilum_catalog_accept_gaps(catalog, 0, NULL));
  hilum_catalog_free(catalog);
  pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/preview/upright", test_upright);
  g_test_add_func("/dicom/preview/window", test_window);
  g_test_add_func("/dicom/preview/refused", test_refused);
  g_test_add_func("/dicom/preview/coarse", test_coarse);
  g_test_add_func("/dicom/preview/coarse-mapped-late", test_coarse_mapped_late);
  g_test_add_func("/dicom/preview/cancel-anywhere", test_cancel_anywhere);
  g_test_add_func("/dicom/preview/shared", test_shared);
  return g_test_run();
}
