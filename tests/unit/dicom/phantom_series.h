/* A small CT phantom, written as a series in any geometry: an ellipsoid of kidney in a ball of tissue in air,
 * far from the origin and askew, so that a mirrored, shifted or stretched volume cannot pass. Edges are a
 * millimetre wide and symmetric: half way between inside and outside lies the true surface. */
#pragma once

#include "dicom_files.h"

#include "hilum/geom/vec3.h"

#include <math.h>

#define PHANTOM_INSIDE_HU 200.0
#define PHANTOM_TISSUE_HU 40.0
#define PHANTOM_AIR_HU (-1000.0)
#define PHANTOM_BODY_MM 48.0

enum { PHANTOM_MAX_SLICES = 160 };

static const double PHANTOM_SEMI_AXES_MM[3] = {22, 27, 33};

static inline HilumVec3 phantom_center_mm(void)
{
  return hilum_vec3(61.3, -37.8, -214.6);
}

static inline double phantom_volume_mm3(void)
{
  return 4.0 / 3 * G_PI * PHANTOM_SEMI_AXES_MM[0] * PHANTOM_SEMI_AXES_MM[1] * PHANTOM_SEMI_AXES_MM[2];
}

/* 0 to 1 across an edge, from the distance in mm (negative inside). */
static inline double phantom_coverage(double distance_mm)
{
  return fmin(fmax(0.5 - distance_mm, 0), 1);
}

static inline double phantom_hu(HilumVec3 p_mm)
{
  HilumVec3 axes[3];
  axes[0] = hilum_vec3_normalize(hilum_vec3(0.8, 0.5, 0.33));
  axes[1] = hilum_vec3_normalize(hilum_vec3_cross(hilum_vec3(0.1, -0.3, 0.95), axes[0]));
  axes[2] = hilum_vec3_cross(axes[0], axes[1]);
  HilumVec3 d = hilum_vec3_sub(p_mm, phantom_center_mm());
  double sum = 0, slope = 0;
  for (int a = 0; a < 3; a++) {
    double u = hilum_vec3_dot(d, axes[a]) / PHANTOM_SEMI_AXES_MM[a];
    sum += u * u;
    slope += u * u / (PHANTOM_SEMI_AXES_MM[a] * PHANTOM_SEMI_AXES_MM[a]);
  }
  /* Distance to the ellipsoid to first order, which is exact on its surface. */
  double radius = sqrt(sum), distance = slope > 0 ? (radius - 1) * radius / sqrt(slope) : -100;
  double inside = phantom_coverage(distance);
  double body = phantom_coverage(hilum_vec3_length(d) - PHANTOM_BODY_MM);
  double hu = PHANTOM_AIR_HU + body * (PHANTOM_TISSUE_HU - PHANTOM_AIR_HU);
  return hu + inside * (PHANTOM_INSIDE_HU - PHANTOM_TISSUE_HU);
}

/* How the series is written. */
typedef struct {
  HilumVec3 row, column;
  int32_t columns, rows;
  double column_mm, row_mm; /* between columns, between rows */
  int n;
  double depth_mm[PHANTOM_MAX_SLICES]; /* of each slice, from the first, along the normal */
  double tilt_degrees;                 /* of the gantry: slices drift along their columns */
  bool reversed;                       /* written from the far end, instance numbers too */
  bool rescale_per_slice;
  bool misleading;  /* thickness, spacing between slices and tilt that are not true */
  int duplicated;   /* a slice that is written twice, or 0 */
  bool conflicting; /* and once with other pixels */
  int shifted;      /* a slice that lies 3 mm beside the others, or 0 */
} PhantomSeries;

static inline char *phantom_decimals(const double *values, int n)
{
  GString *text = g_string_new(NULL);
  for (int i = 0; i < n; i++) {
    char one[G_ASCII_DTOSTR_BUF_SIZE];
    if (i) g_string_append_c(text, '\\');
    g_string_append(text, g_ascii_formatd(one, sizeof one, "%.10g", values[i]));
  }
  return g_string_free(text, FALSE);
}

/* The centre of pixel (0, 0) of a slice at a depth: the phantom in the middle of the stack and the field. */
static inline HilumVec3 phantom_slice_mm(const PhantomSeries *s, int slice)
{
  HilumVec3 normal = hilum_vec3_cross(s->row, s->column);
  double depth = s->depth_mm[slice] - s->depth_mm[s->n - 1] / 2;
  HilumVec3 p = hilum_vec3_madd(phantom_center_mm(), depth, normal);
  p = hilum_vec3_madd(p, depth * tan(s->tilt_degrees * G_PI / 180), s->column);
  if (s->shifted && slice == s->shifted) p = hilum_vec3_madd(p, 3, s->row);
  /* Off the middle by parts of a pixel, which symmetric errors would hide in. */
  p = hilum_vec3_madd(p, -(s->columns / 2.0 - 0.8) * s->column_mm, s->row);
  return hilum_vec3_madd(p, -(s->rows / 2.0 - 1.3) * s->row_mm, s->column);
}

static inline void phantom_write_slice(const PhantomSeries *s, const char *dir, int slice, int copy)
{
  HilumVec3 origin = phantom_slice_mm(s, slice);
  double slope = s->rescale_per_slice ? (slice % 3 == 0 ? 0.5 : slice % 3) : 1;
  double intercept = s->rescale_per_slice ? -1024 - 8.0 * (slice % 5) : -1024;
  g_autofree int16_t *pixels = g_new(int16_t, (gsize)s->columns * (gsize)s->rows);
  for (int32_t j = 0; j < s->rows; j++)
    for (int32_t i = 0; i < s->columns; i++) {
      HilumVec3 p = hilum_vec3_madd(origin, i * s->column_mm, s->row);
      double hu = phantom_hu(hilum_vec3_madd(p, j * s->row_mm, s->column));
      pixels[(gsize)j * (gsize)s->columns + (gsize)i] = (int16_t)lround((hu - intercept) / slope);
    }
  if (copy > 1) pixels[0] += 100;
  char uid[32], number[8], columns[8], rows[8], name[16], slopes[16], intercepts[16];
  (void)g_snprintf(uid, sizeof uid, "1.2.3.4.%d.%d", copy, slice + 1);
  (void)g_snprintf(number, sizeof number, "%d", s->reversed ? s->n - slice : slice + 1);
  (void)g_snprintf(columns, sizeof columns, "%d", s->columns);
  (void)g_snprintf(rows, sizeof rows, "%d", s->rows);
  (void)g_ascii_formatd(slopes, sizeof slopes, "%g", slope);
  (void)g_ascii_formatd(intercepts, sizeof intercepts, "%g", intercept);
  /* Names that sort into no order at all. */
  (void)g_snprintf(name, sizeof name, "%08X", (unsigned)(slice * 31 + copy) * 2654435761u);
  g_autofree char *position = phantom_decimals((double[]){origin.x, origin.y, origin.z}, 3);
  g_autofree char *spacing = phantom_decimals((double[]){s->row_mm, s->column_mm}, 2);
  g_autofree char *orientation =
      phantom_decimals((double[]){s->row.x, s->row.y, s->row.z, s->column.x, s->column.y, s->column.z}, 6);
  FileAttributes a = file_attributes(uid, position);
  file_set(&a, 0x0020, 0x0037, "DS", orientation);
  file_set(&a, 0x0020, 0x0013, "IS", number);
  file_set(&a, 0x0028, 0x0010, "US", rows);
  file_set(&a, 0x0028, 0x0011, "US", columns);
  file_set(&a, 0x0028, 0x0030, "DS", spacing);
  file_set(&a, 0x0028, 0x1052, "DS", intercepts);
  file_set(&a, 0x0028, 0x1053, "DS", slopes);
  if (s->misleading) {
    file_set(&a, 0x0018, 0x0050, "DS", "9.5");
    file_set(&a, 0x0018, 0x0088, "DS", "0.3");
    file_set(&a, 0x0018, 0x1120, "DS", s->tilt_degrees != 0 ? "0" : "-21");
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes =
      hilum_dcmtk_write_image(a.rows, a.n, pixels, (size_t)s->columns * (size_t)s->rows, &error);
  g_assert_no_error(error);
  file_put(dir, name, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static inline void phantom_write(const PhantomSeries *s, const char *dir)
{
  for (int slice = 0; slice < s->n; slice++)
    phantom_write_slice(s, dir, s->reversed ? s->n - 1 - slice : slice, 0);
  if (s->duplicated) phantom_write_slice(s, dir, s->duplicated, 1);
  if (s->conflicting) phantom_write_slice(s, dir, s->duplicated, 2);
}
