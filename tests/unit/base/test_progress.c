/* Progress: sub-ranges, clamping, NULL, cancellation. */
#include "hilum/base/progress.h"

#include <math.h>

typedef struct {
  double fraction;
  const char *what;
  int calls;
} Heard;

static void hear(double fraction, const char *what, void *data)
{
  Heard *heard = data;
  heard->fraction = fraction;
  heard->what = what;
  heard->calls++;
}

static void test_null(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_progress_step(NULL, 0.5));
  g_assert_false(hilum_progress_cancelled(NULL));
  g_assert_false(hilum_progress_fail(NULL, &error));
  g_assert_no_error(error);
  HilumProgress part = hilum_progress_part(NULL, 0.2, 0.4, "x");
  g_assert_true(hilum_progress_step(&part, 1));
}

static void test_parts(void)
{
  Heard heard = {0};
  HilumProgress whole = {.func = hear, .data = &heard, .what = "whole"};
  g_assert_true(hilum_progress_step(&whole, 0.25));
  g_assert_cmpfloat(heard.fraction, ==, 0.25);
  g_assert_cmpstr(heard.what, ==, "whole");

  HilumProgress half = hilum_progress_part(&whole, 0.5, 1, NULL);
  hilum_progress_step(&half, 0.5);
  g_assert_cmpfloat(heard.fraction, ==, 0.75);
  g_assert_cmpstr(heard.what, ==, "whole");

  HilumProgress quarter = hilum_progress_part(&half, 0, 0.5, "reading");
  hilum_progress_step(&quarter, 1);
  g_assert_cmpfloat(heard.fraction, ==, 0.75);
  g_assert_cmpstr(heard.what, ==, "reading");
  hilum_progress_step(&quarter, 17);
  g_assert_cmpfloat(heard.fraction, ==, 0.75);
  hilum_progress_step(&quarter, -3);
  g_assert_cmpfloat(heard.fraction, ==, 0.5);
  hilum_progress_step(&quarter, NAN);
  g_assert_cmpfloat(heard.fraction, ==, 0.5);
  g_assert_cmpint(heard.calls, ==, 6);
}

/* An empty part at the very start must not be taken for the whole, whose range is all zero too. */
static void test_empty_part(void)
{
  Heard heard = {0};
  HilumProgress whole = {.func = hear, .data = &heard};
  HilumProgress none = hilum_progress_part(&whole, 0, 0, NULL);
  hilum_progress_step(&none, 1);
  g_assert_cmpfloat(heard.fraction, <, 1e-9);
}

static void test_cancel(void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  HilumProgress whole = {.cancellable = cancellable};
  HilumProgress part = hilum_progress_part(&whole, 0.1, 0.2, NULL);
  g_assert_true(hilum_progress_step(&part, 0));
  g_assert_false(hilum_progress_cancelled(&part));
  g_cancellable_cancel(cancellable);
  g_assert_false(hilum_progress_step(&part, 0));
  g_assert_true(hilum_progress_cancelled(&part));
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_progress_fail(&part, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true(hilum_progress_fail(&part, NULL));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/progress/null", test_null);
  g_test_add_func("/progress/parts", test_parts);
  g_test_add_func("/progress/empty-part", test_empty_part);
  g_test_add_func("/progress/cancel", test_cancel);
  return g_test_run();
}
