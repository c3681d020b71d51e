/* Places in words. */
#include "hilum/view/cursor.h"

static const char LETTERS[3][2] = {{'R', 'L'}, {'A', 'P'}, {'I', 'S'}};

/* "L 70.2" without unit. A value that rounds to zero takes the positive letter, so that it never flickers. */
static void format_part(int axis, double value, char out[40])
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  double size = fabs(value);
  g_ascii_formatd(number, sizeof number, "%.1f", size);
  g_snprintf(out, 40, "%c %.30s", LETTERS[axis][value >= 0 || size < 0.05], number);
}

char *hilum_position_dup_text(HilumVec3 point_mm)
{
  char x[40], y[40], z[40];
  format_part(0, point_mm.x, x);
  format_part(1, point_mm.y, y);
  format_part(2, point_mm.z, z);
  return g_strdup_printf("%s · %s · %s mm", x, y, z);
}

char *hilum_coordinate_dup_text(int axis, double value_mm)
{
  g_return_val_if_fail(axis >= 0 && axis < 3, NULL);
  char part[40];
  format_part(axis, value_mm, part);
  return g_strdup_printf("%s mm", part);
}
