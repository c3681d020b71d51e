/* Slices put into their grid: exact where nothing is between pixels, padding where no slice is. */
#include "resample.h"

#include "hilum/base/memory.h"

enum { NX = 5, NY = 4 };

static int16_t value(int s, int i, int j)
{
  return (int16_t)(1000 * s + 10 * j + i * i);
}

static int16_t *make_slices(int n)
{
  int16_t *slices = hilum_big_alloc((size_t)n * NX * NY * sizeof *slices, NULL);
  g_assert_nonnull(slices);
  for (int s = 0; s < n; s++)
    for (int j = 0; j < NY; j++)
      for (int i = 0; i < NX; i++)
        slices[(s * NY + j) * NX + i] = value(s, i, j);
  return slices;
}

static int16_t *resample(HilumIndexPos *places, int n, HilumGrid grid)
{
  HilumStackPlan plan = {.columns = NX, .rows = NY, .n = (guint)n, .slices = places};
  g_autoptr(GError) error = NULL;
  int16_t *out = hilum_stack_resample(&plan, &grid, make_slices(n), -7, NULL, &error);
  g_assert_no_error(error);
  return out;
}

static void test_whole_pixels(void)
{
  HilumGrid grid = hilum_grid_new(NX + 1, NY + 2, 3, 1, 1, 1);
  HilumIndexPos places[] = {{0, 2, 0}, {1, 1, 1}, {0, 0, 2}};
  int16_t *out = resample(places, 3, grid);
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < grid.dims[1]; j++)
      for (int i = 0; i < grid.dims[0]; i++) {
        int x = i - (int)places[k].i, y = j - (int)places[k].j;
        bool inside = x >= 0 && y >= 0 && x < NX && y < NY;
        g_assert_cmpint(out[(k * grid.dims[1] + j) * grid.dims[0] + i], ==, inside ? value(k, x, y) : -7);
      }
  hilum_big_free(out);
}

/* Cubic convolution is exact for polynomials of second degree, away from the border. */
static void test_between_pixels(void)
{
  HilumGrid grid = hilum_grid_new(NX + 1, NY + 1, 2, 1, 1, 1);
  HilumIndexPos places[] = {{0, 0, 0}, {0.5, 0.2, 1}};
  int16_t *out = resample(places, 2, grid);
  const int16_t *plane = out + grid.dims[0] * grid.dims[1];
  for (int j = 2; j <= 2; j++)
    for (int i = 2; i <= 3; i++) {
      double x = i - 0.5, y = j - 0.2;
      g_assert_cmpint(plane[j * grid.dims[0] + i], ==, (int)floor(1000 + 10 * y + x * x + 0.5));
    }
  hilum_big_free(out);
}

/* Planes between slices, and the share of each; where one slice ends, the other speaks alone. */
static void test_between_slices(void)
{
  HilumGrid grid = hilum_grid_new(NX, NY + 2, 4, 1, 1, 1);
  HilumIndexPos places[] = {{0, 0, 0}, {0, 2, 2.5}, {0, 2, 3}};
  int16_t *out = resample(places, 3, grid);
  size_t plane = (size_t)NX * (NY + 2);
  for (int i = 0; i < NX; i++) {
    g_assert_cmpint(out[plane + 3 * NX + (size_t)i], ==,
                    (int)floor(0.6 * value(0, i, 3) + 0.4 * value(1, i, 1) + 0.5));
    g_assert_cmpint(out[plane + (size_t)i], ==, value(0, i, 0));          /* only the first slice is here */
    g_assert_cmpint(out[plane + 5 * NX + (size_t)i], ==, value(1, i, 3)); /* only the second */
    g_assert_cmpint(out[3 * plane + 2 * NX + (size_t)i], ==, value(2, i, 0));
    g_assert_cmpint(out[3 * plane + (size_t)i], ==, -7);
  }
  hilum_big_free(out);
}

static void test_cancelled(void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  HilumIndexPos places[] = {{0, 0, 0}, {0, 0.5, 1}};
  HilumStackPlan plan = {.columns = NX, .rows = NY, .n = 2, .slices = places};
  HilumGrid grid = hilum_grid_new(NX, NY + 1, 2, 1, 1, 1);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_stack_resample(&plan, &grid, make_slices(2), 0, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/resample/whole-pixels", test_whole_pixels);
  g_test_add_func("/dicom/resample/between-pixels", test_between_pixels);
  g_test_add_func("/dicom/resample/between-slices", test_between_slices);
  g_test_add_func("/dicom/resample/cancelled", test_cancelled);
  return g_test_run();
}
