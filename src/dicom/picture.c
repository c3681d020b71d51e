/* The small picture of a volume's middle slice: one slice decoded, averaged down, turned upright. */
#include "hilum/dicom/preview.h"

#include "catalog_private.h"
#include "decode.h"
#include "need.h"

#include "hilum/base/memory.h"
#include "hilum/base/size.h"
#include "hilum/dicom/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PIXELS = 4096 };
#define MOST_BYTES ((uint64_t)256 << 20)

/* How a slice lies on the picture: source index = first + step * picture index, in units of the source. */
typedef struct {
  bool transposed; /* picture x runs along the columns of pixels, y along the rows */
  bool flip_x, flip_y;
  int32_t n_x, n_y;  /* source pixels along picture x and y */
  double mm_x, mm_y; /* their distances */
} Placing;

/* Picture right and down in LPS, by the patient axis that the slice's normal is nearest to. */
static void upright(HilumVec3 normal, HilumVec3 *right, HilumVec3 *down)
{
  const double x = fabs(normal.x), y = fabs(normal.y), z = fabs(normal.z);
  *right = x > y && x > z ? hilum_vec3(0, 1, 0) : hilum_vec3(1, 0, 0);
  *down = z >= x && z >= y ? hilum_vec3(0, 1, 0) : hilum_vec3(0, 0, -1);
}

static Placing place(const HilumRecord *r)
{
  const double row_mm = r->has_spacing && r->row_spacing_mm > 0 ? r->row_spacing_mm : 1;
  const double column_mm = r->has_spacing && r->column_spacing_mm > 0 ? r->column_spacing_mm : 1;
  Placing p = {.n_x = r->columns, .n_y = r->rows, .mm_x = column_mm, .mm_y = row_mm};
  if (!r->has_orientation) return p;
  HilumVec3 right, down;
  upright(hilum_vec3_cross(r->row, r->column), &right, &down);
  HilumVec3 x = r->row, y = r->column;
  p.transposed = fabs(hilum_vec3_dot(x, right)) < fabs(hilum_vec3_dot(y, right));
  if (p.transposed) {
    x = r->column;
    y = r->row;
    p = (Placing){true, false, false, r->rows, r->columns, row_mm, column_mm};
  }
  p.flip_x = hilum_vec3_dot(x, right) < 0;
  p.flip_y = hilum_vec3_dot(y, down) < 0;
  return p;
}

/* The source pixels [*begin, *end) that picture pixel `at` of `n` covers; at least one. */
static void span(int at, int n, int32_t source, bool flip, int32_t *begin, int32_t *end)
{
  if (flip) at = n - 1 - at;
  *begin = (int32_t)((int64_t)at * source / n);
  *end = (int32_t)((int64_t)(at + 1) * source / n);
  if (*end <= *begin) *end = *begin + 1;
}

/* The mean of what is measured there, in real units; NAN if nothing is. */
static double mean(const HilumRecord *r, const int16_t *raw, int32_t left, int32_t right, int32_t top,
                   int32_t bottom)
{
  const HilumPixelFormat *f = &r->format;
  int64_t sum = 0, n = 0;
  for (int32_t j = top; j < bottom; j++) {
    const int16_t *row = raw + (size_t)j * (size_t)r->columns;
    for (int32_t i = left; i < right; i++) {
      const int32_t value = f->is_signed ? row[i] : (uint16_t)row[i];
      if (f->has_padding && value >= f->padding_low && value <= f->padding_high) continue;
      sum += value;
      n++;
    }
  }
  return n ? f->slope * (double)sum / (double)n + f->intercept : NAN;
}

static int compare_doubles(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void percentiles(const double *values, size_t n, double *low, double *high)
{
  g_autofree double *sorted = g_new(double, n);
  size_t known = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(values[i])) sorted[known++] = values[i];
  *low = *high = 0;
  if (known == 0) return;
  qsort(sorted, known, sizeof *sorted, compare_doubles);
  *low = sorted[(size_t)(0.01 * (double)(known - 1))];
  *high = sorted[(size_t)ceil(0.99 * (double)(known - 1))];
}

/* Something lies between black and white. */
static bool shows_something(const double *values, size_t n, double low, double high)
{
  for (size_t i = 0; i < n; i++)
    if (values[i] > low && values[i] < high) return true;
  return false;
}

static void to_grey(const HilumSeriesInfo *info, bool ct, const double *values, HilumSlicePicture *picture)
{
  const size_t n = (size_t)picture->width * (size_t)picture->height;
  double low = 40 - 350 / 2.0, high = 40 + 350 / 2.0;
  if (isfinite(info->window_center) && info->window_width > 0) {
    low = info->window_center - info->window_width / 2;
    high = info->window_center + info->window_width / 2;
  }
  const bool given = isfinite(info->window_center) && info->window_width > 0;
  if ((!given && !ct) || !shows_something(values, n, low, high)) percentiles(values, n, &low, &high);
  const double width = high > low ? high - low : 1;
  for (size_t i = 0; i < n; i++) {
    const double shade = (values[i] - low) / width;
    picture->grey[i] = shade >= 1 ? 255 : shade > 0 ? (uint8_t)(shade * 255 + 0.5) : 0; /* NAN is black */
  }
}

static HilumSlicePicture *draw(const HilumRecord *r, const HilumSeriesInfo *info, const int16_t *raw,
                               int max_width, int max_height)
{
  const Placing p = place(r);
  const double mm = fmax(p.n_x * p.mm_x / max_width, p.n_y * p.mm_y / max_height);
  const int width = CLAMP((int)lround(p.n_x * p.mm_x / mm), 1, max_width);
  const int height = CLAMP((int)lround(p.n_y * p.mm_y / mm), 1, max_height);
  const size_t n = (size_t)width * (size_t)height;
  g_autofree double *values = g_new(double, n);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      int32_t x0, x1, y0, y1;
      span(x, width, p.n_x, p.flip_x, &x0, &x1);
      span(y, height, p.n_y, p.flip_y, &y0, &y1);
      values[(size_t)y * (size_t)width + (size_t)x] =
          p.transposed ? mean(r, raw, y0, y1, x0, x1) : mean(r, raw, x0, x1, y0, y1);
    }
  HilumSlicePicture *picture = g_malloc(sizeof *picture + n);
  picture->width = width;
  picture->height = height;
  to_grey(info, hilum_record_is_ct(r), values, picture);
  return picture;
}

/* Why this slice is not decoded for a picture, or NULL. */
static GError *refuse(const HilumRecord *r, size_t *pixels)
{
  g_autoptr(GArray) findings = hilum_findings_new();
  hilum_record_check_pixels(r, findings);
  const HilumFinding *worst = hilum_findings_worst(findings);
  if (worst && worst->verdict == HILUM_VERDICT_REFUSED)
    return g_error_new_literal(HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_UNSUPPORTED, worst->message);
  if (r->rows < 1 || r->columns < 1 || !hilum_size_mul((size_t)r->rows, (size_t)r->columns, pixels) ||
      *pixels > MOST_BYTES / sizeof(int16_t) ||
      *pixels * sizeof(int16_t) + hilum_record_scratch_bytes(r) > MOST_BYTES)
    return g_error_new(HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_UNSUPPORTED,
                       "“%s” is too large for a small picture.", hilum_record_name(r));
  return NULL;
}

HilumSlicePicture *hilum_catalog_make_picture(const HilumCatalog *catalog, size_t index, int max_width,
                                              int max_height, const HilumProgress *progress, GError **error)
{
  g_assert(max_width >= 1 && max_width <= MOST_PIXELS && max_height >= 1 && max_height <= MOST_PIXELS);
  const HilumSeries *s = hilum_catalog_get_volume(catalog, index);
  const HilumRecord *r = g_ptr_array_index(s->records, s->records->len / 2);
  size_t pixels = 0;
  GError *why = refuse(r, &pixels);
  if (why) {
    g_propagate_error(error, why);
    return NULL;
  }
  if (hilum_progress_fail(progress, error)) return NULL;
  int16_t *raw = hilum_big_alloc(pixels * sizeof *raw, error);
  if (!raw) return NULL;
  HilumSlicePicture *picture = NULL;
  why = hilum_slice_read(r, NULL, raw, pixels);
  if (why)
    g_propagate_prefixed_error(error, why, "“%s”: ", hilum_record_name(r));
  else if (!hilum_progress_fail(progress, error)) {
    (void)hilum_pixel_normalize(&r->format, raw, pixels);
    picture = draw(r, &s->info, raw, max_width, max_height);
  }
  hilum_big_free(raw);
  return picture;
}
