/* Slices made by hand, for tests of geometry and splitting: no file, no DCMTK. */
#pragma once

#include "record.h"

#include <string.h>

static inline void slice_set(HilumRecord *r, HilumField field, const char *value)
{
  g_free(r->text[field]);
  r->text[field] = g_strdup(value);
}

static inline HilumRecord *slice_new(const char *name, HilumVec3 position, HilumVec3 row, HilumVec3 column)
{
  HilumRecord *r = g_new0(HilumRecord, 1);
  r->path = g_strdup(name);
  r->syntax = hilum_syntax_find("1.2.840.10008.1.2.1");
  slice_set(r, HILUM_FIELD_SOP_UID, "1.2.3");
  slice_set(r, HILUM_FIELD_STUDY_UID, "1.2.4");
  slice_set(r, HILUM_FIELD_SERIES_UID, "1.2.5");
  slice_set(r, HILUM_FIELD_MODALITY, "CT");
  slice_set(r, HILUM_FIELD_ROWS, "4");
  slice_set(r, HILUM_FIELD_COLUMNS, "6");
  slice_set(r, HILUM_FIELD_SPACING, "0.5\\0.75");
  slice_set(r, HILUM_FIELD_BITS_ALLOCATED, "16");
  slice_set(r, HILUM_FIELD_BITS_STORED, "16");
  slice_set(r, HILUM_FIELD_HIGH_BIT, "15");
  slice_set(r, HILUM_FIELD_SIGN, "1");
  slice_set(r, HILUM_FIELD_SLOPE, "1");
  slice_set(r, HILUM_FIELD_INTERCEPT, "-1024");
  slice_set(r, HILUM_FIELD_POSITION, "0\\0\\0");
  slice_set(r, HILUM_FIELD_ORIENTATION, "1\\0\\0\\0\\1\\0");
  hilum_record_parse(r);
  r->position_mm = position;
  r->row = row;
  r->column = column;
  r->has_pixels = true;
  r->pixel_length = 2 * 4 * 6;
  return r;
}

static inline GPtrArray *slices_new(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify)hilum_record_free);
}

/* An axial slice at z. */
static inline HilumRecord *slice_axial(GPtrArray *slices, double z)
{
  g_autofree char *name = g_strdup_printf("/somewhere/IM%03u", slices->len);
  HilumRecord *r = slice_new(name, hilum_vec3(-10, -20, z), hilum_vec3(1, 0, 0), hilum_vec3(0, 1, 0));
  g_ptr_array_add(slices, r);
  return r;
}

static inline const HilumFinding *finding_with_code(const HilumFinding *findings, size_t n, const char *code)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(findings[i].code, code) == 0) return &findings[i];
  return NULL;
}
