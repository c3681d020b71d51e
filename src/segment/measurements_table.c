/* Measurements as a table of text. */
#include "hilum/segment/measurements.h"

#include "hilum/base/file_writer.h"

#include <string.h>

typedef struct {
  GString *text;
  HilumTableForm form;
  bool fresh; /* nothing in this row yet */
} Table;

static void add_quoted(GString *text, const char *field)
{
  if (field[strcspn(field, ",\"\r\n")] == '\0') {
    g_string_append(text, field);
    return;
  }
  g_string_append_c(text, '"');
  for (const char *c = field; *c != '\0'; c++) {
    if (*c == '"') g_string_append_c(text, '"');
    g_string_append_c(text, *c);
  }
  g_string_append_c(text, '"');
}

static void add_field(Table *t, const char *field)
{
  if (!t->fresh) g_string_append_c(t->text, t->form == HILUM_TABLE_CSV ? ',' : '\t');
  t->fresh = false;
  if (t->form == HILUM_TABLE_CSV) {
    add_quoted(t->text, field);
    return;
  }
  g_autofree char *plain = g_strdelimit(g_strdup(field), "\t\r\n", ' ');
  g_string_append(t->text, plain);
}

static void end_row(Table *t)
{
  g_string_append(t->text, t->form == HILUM_TABLE_CSV ? "\r\n" : "\n");
  t->fresh = true;
}

/* Text that comes from people. */
static void add_name(Table *t, const char *name)
{
  g_autofree char *safe =
      *name != '\0' && strchr("=+-@", *name) != NULL ? g_strconcat("'", name, NULL) : NULL;
  add_field(t, safe != NULL ? safe : name);
}

static void add_number(Table *t, double value, int digits)
{
  char format[8], number[G_ASCII_DTOSTR_BUF_SIZE] = "";
  g_snprintf(format, sizeof format, "%%.%df", digits);
  if (isfinite(value)) g_ascii_formatd(number, sizeof number, format, value);
  add_field(t, number);
}

static void add_point(Table *t, HilumVec3 p, int digits)
{
  add_number(t, p.x, digits);
  add_number(t, p.y, digits);
  add_number(t, p.z, digits);
}

static void add_count(Table *t, guint64 value)
{
  char number[24];
  g_snprintf(number, sizeof number, "%" G_GUINT64_FORMAT, value);
  add_field(t, number);
}

static const char *const SHAPE_COLUMNS[] = {"volume (ml)",
                                            "volume, partial voxels (ml)",
                                            "partial voxels used (share)",
                                            "centroid x (mm LPS)",
                                            "centroid y (mm LPS)",
                                            "centroid z (mm LPS)",
                                            "extent left-right (mm)",
                                            "extent anterior-posterior (mm)",
                                            "extent inferior-superior (mm)",
                                            "extent axis 1 (mm)",
                                            "extent axis 2 (mm)",
                                            "extent axis 3 (mm)",
                                            "largest diameter (mm)",
                                            "axial diameter (mm)",
                                            "axial perpendicular (mm)",
                                            "axial slice (index)"};
static const char *const VALUE_COLUMNS[] = {"mean", "sd", "5 %", "25 %", "median", "75 %", "95 %"};

static void add_header(Table *t, const HilumMeasurements *m)
{
  add_field(t, "structure");
  add_field(t, "kind");
  add_field(t, "voxels");
  for (size_t c = 0; c < G_N_ELEMENTS(SHAPE_COLUMNS); c++)
    add_field(t, SHAPE_COLUMNS[c]);
  for (size_t p = 0; p < m->n_phases; p++)
    for (size_t c = 0; c < G_N_ELEMENTS(VALUE_COLUMNS); c++) {
      const char *unit = m->units[p];
      g_autofree char *title = g_strdup_printf("%s %s%s%s%s", m->phase_names[p], VALUE_COLUMNS[c],
                                               *unit ? " (" : "", unit, *unit ? ")" : "");
      add_name(t, title);
    }
  for (size_t s = 0; s < m->n_structures; s++) {
    g_autofree char *title = g_strdup_printf("distance to %s (mm)", m->structures[s].name);
    add_field(t, title);
  }
  add_field(t, "note");
  end_row(t);
}

static void add_shape(Table *t, const HilumMeasuredStructure *s)
{
  const HilumVec3 extent = hilum_vec3_sub(s->stats.bounds_mm.max, s->stats.bounds_mm.min);
  const HilumPlaneDiameter *axial = &s->shape.planes[HILUM_SHAPE_AXIAL];
  add_number(t, s->stats.volume_ml, 3);
  add_number(t, s->partial.volume_ml, 3);
  add_number(t, s->partial.share, 3);
  add_point(t, s->stats.centroid_mm, 2);
  add_point(t, extent, 2);
  for (int a = 0; a < 3; a++)
    add_number(t, s->shape.extents_mm[a], 2);
  add_number(t, s->stats.max_diameter_mm, 2);
  add_number(t, axial->diameter_mm, 2);
  add_number(t, axial->perpendicular_mm, 2);
  add_count(t, (guint64)axial->slice);
}

static void add_values(Table *t, const HilumStructureValues *v)
{
  const double numbers[] = {v->mean, v->sd, v->p5, v->p25, v->median, v->p75, v->p95};
  for (size_t n = 0; n < G_N_ELEMENTS(numbers); n++)
    add_number(t, v->voxels > 0 ? numbers[n] : NAN, 1);
}

static void add_row(Table *t, const HilumMeasurements *m, size_t n, const char *note)
{
  const HilumMeasuredStructure *s = &m->structures[n];
  add_name(t, s->name);
  add_field(t, s->kind);
  add_count(t, s->stats.voxels);
  add_shape(t, s);
  for (size_t p = 0; p < m->n_phases; p++)
    add_values(t, &s->values[p]);
  for (size_t other = 0; other < m->n_structures; other++) {
    const HilumMeasuredDistance *d = hilum_measurements_get_distance(m, n, other);
    add_number(t, d != NULL ? d->distance_mm : NAN, 2);
  }
  add_field(t, note);
  end_row(t);
}

char *hilum_measurements_dup_table(const HilumMeasurements *m, HilumTableForm form, const char *estimate)
{
  g_return_val_if_fail(m != NULL, NULL);
  const bool estimated = estimate != NULL && *estimate != '\0';
  g_autofree char *note = g_strdup_printf("%s%sPlanning aid. Not for diagnosis.", estimated ? estimate : "",
                                          estimated ? " " : "");
  Table t = {.text = g_string_new(NULL), .form = form, .fresh = true};
  add_header(&t, m);
  for (size_t n = 0; n < m->n_structures; n++)
    add_row(&t, m, n, note);
  return g_string_free(t.text, FALSE);
}

bool hilum_measurements_write_csv(const HilumMeasurements *m, const char *path, const char *estimate,
                                  GError **error)
{
  g_autofree char *text = hilum_measurements_dup_table(m, HILUM_TABLE_CSV, estimate);
  HilumFileWriter *writer = hilum_file_writer_new(path, error);
  if (writer == NULL) return false;
  if (!hilum_file_writer_write(writer, text, strlen(text), error)) {
    hilum_file_writer_abort(writer);
    return false;
  }
  return hilum_file_writer_commit(writer, NULL, NULL, error);
}
