/* What the structures' surfaces are placed by: as the meshes want it, and its table in the file. */
#include "hilum/casefile/boundaries.h"

#include "record_rows_private.h"

#include <math.h>

HilumSurfaceRange *hilum_case_dup_surface_ranges(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  HilumSurfaceRange *ranges = g_new0(HilumSurfaceRange, HILUM_LABEL_COUNT);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    HilumVolume *image = hilum_case_get_boundary_image(self, (uint8_t)l);
    if (!image) continue;
    const HilumStructureBoundary *boundary = hilum_structure_get_boundary(self->by_label[l]);
    ranges[l] = (HilumSurfaceRange){boundary->lo, boundary->hi, hilum_volume_ref(image)};
  }
  return ranges;
}

HilumVolume *hilum_case_get_boundary_image(HilumCase *self, uint8_t label)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  HilumStructure *structure = self->by_label[label];
  if (!structure) return NULL;
  const HilumStructureBoundary *boundary = hilum_structure_get_boundary(structure);
  HilumPhase *phase =
      hilum_structure_boundary_is_range(boundary) ? hilum_case_get_phase(self, boundary->phase) : NULL;
  return phase ? hilum_phase_get_volume(phase) : NULL;
}

bool hilum_case_apply_found_labels(HilumCase *self, const char *step_name, HilumLabelDelta *delta,
                                   const HilumLabelWrite *write, const HilumMade *made, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && delta != NULL && write != NULL && made != NULL, false);
  HilumStructure *structure = self->by_label[write->label];
  if (made->how == HILUM_MADE_KEPT || !structure || !hilum_case_is_made_by(self, write))
    return hilum_case_apply_labels(self, step_name, delta, error);
  const HilumStructureBoundary boundary = {made->lo, made->hi, (uint32_t)made->phase};
  return hilum_case_apply_made_labels(self, step_name, delta, structure,
                                      made->how == HILUM_MADE_BY_RANGE ? &boundary : NULL, error);
}

/* --- in the file --- */

static void bind_end(sqlite3_stmt *stmt, int index, double end)
{
  if (isfinite(end))
    sqlite3_bind_double(stmt, index, end);
  else
    sqlite3_bind_null(stmt, index);
}

bool hilum_record_put_boundaries(sqlite3 *db, const HilumCaseRecord *record, GError **error)
{
  sqlite3_stmt *stmt = hilum_db_prepare(db, "INSERT INTO boundary VALUES(?,?,?,?)", error);
  bool good = stmt != NULL;
  for (guint i = 0; good && i < record->structures->len; i++) {
    const HilumRecordStructure *s = &g_array_index(record->structures, HilumRecordStructure, i);
    const HilumStructureBoundary *boundary = &s->traits.boundary;
    if (!hilum_structure_boundary_is_range(boundary)) continue;
    sqlite3_bind_int64(stmt, 1, s->label);
    sqlite3_bind_int64(stmt, 2, boundary->phase);
    bind_end(stmt, 3, boundary->lo);
    bind_end(stmt, 4, boundary->hi);
    good = hilum_db_insert(db, stmt, error);
  }
  sqlite3_finalize(stmt);
  return good;
}

static HilumRecordStructure *structure_of(HilumCaseRecord *record, uint8_t label)
{
  for (guint i = 0; i < record->structures->len; i++) {
    HilumRecordStructure *s = &g_array_index(record->structures, HilumRecordStructure, i);
    if (s->label == label) return s;
  }
  return NULL;
}

/* Behind the structures and phases. */
bool hilum_record_read_boundaries(HilumRows *rows, HilumCaseRecord *record, GError **error)
{
  if (rows->version < 5) return true;
  if (!hilum_rows_begin(rows, "SELECT label, phase, lo, hi FROM boundary ORDER BY label", error))
    return false;
  while (hilum_rows_next(rows)) {
    HilumRecordStructure *s =
        structure_of(record, (uint8_t)hilum_rows_get_int(rows, 0, 1, HILUM_LABEL_COUNT - 1));
    HilumStructureBoundary boundary = {
        .phase = (uint32_t)hilum_rows_get_int(rows, 1, 0, (int64_t)record->phases->len - 1)};
    const double lo = hilum_rows_get_real_or_nan(rows, 2), hi = hilum_rows_get_real_or_nan(rows, 3);
    boundary.lo = isnan(lo) ? -INFINITY : lo;
    boundary.hi = isnan(hi) ? INFINITY : hi;
    if (!hilum_rows_require(rows, s != NULL, "a boundary has no structure") ||
        !hilum_rows_require(rows, hilum_structure_boundary_is_range(&boundary),
                            "the range of a boundary makes no sense"))
      break;
    s->traits.boundary = boundary;
  }
  return hilum_rows_end(rows, error);
}
