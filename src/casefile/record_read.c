/* Reading a case that may come from anywhere. SQLite is opened read-only on an immutable file with its
 * defences up; the sum over all values must be right; and every value is still checked as if an enemy had
 * written it together with a right sum. */
#include "record_rows_private.h"

#include "hilum/casefile/error.h"

#include <math.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3, sqlite3_close)

static const char *verdict_word(int i)
{
  return hilum_verdict_name((HilumVerdict)i);
}

static const char *kind_word(int i)
{
  return hilum_structure_kind_id((HilumStructureKind)i);
}

static const char *side_word(int i)
{
  return hilum_side_name((HilumSide)i);
}

/* --- the tables --- */

static bool read_who(HilumRows *rows, HilumCaseRecord *record, GError **error)
{
  static const struct {
    const char *key;
    int field;
  } known[] = {
      {"name", HILUM_PATIENT_NAME}, {"id", HILUM_PATIENT_ID}, {"study_date", HILUM_PATIENT_STUDY_DATE}};
  for (int f = 0; f < HILUM_PATIENT_FIELDS; f++)
    record->patient[f] = g_strdup("");
  if (!hilum_rows_begin(rows, "SELECT key, value FROM patient", error)) return false;
  while (hilum_rows_next(rows)) {
    g_autofree char *key = hilum_rows_get_text(rows, 0, 64);
    if (strcmp(key, "side") == 0)
      record->side = (HilumSide)hilum_rows_get_word(rows, 1, side_word, HILUM_SIDE_BOTH + 1);
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
      if (strcmp(key, known[i].key) != 0) continue;
      g_free(record->patient[known[i].field]);
      record->patient[known[i].field] = hilum_rows_get_text(rows, 1, HILUM_CASE_MAX_TEXT);
    }
  }
  return hilum_rows_end(rows, error);
}

static void read_grid(HilumRows *rows, int c, HilumGrid *grid)
{
  HilumVec3 *vectors[] = {&grid->origin_mm, &grid->axes[0], &grid->axes[1], &grid->axes[2]};
  for (int a = 0; a < 3; a++)
    grid->dims[a] = (int32_t)hilum_rows_get_int(rows, c++, 1, 32767);
  for (gsize i = 0; i < G_N_ELEMENTS(vectors); i++, c += 3)
    *vectors[i] = hilum_vec3(hilum_rows_get_real(rows, c), hilum_rows_get_real(rows, c + 1),
                             hilum_rows_get_real(rows, c + 2));
  for (int a = 0; a < 3; a++)
    grid->spacing_mm[a] = hilum_rows_get_real(rows, c++);
  if (!rows->bad)
    hilum_rows_require(rows, hilum_grid_validate(grid, NULL), "the placement of a volume makes no sense");
}

static bool read_phases(HilumRows *rows, HilumCaseRecord *record, GError **error)
{
  if (!hilum_rows_begin(
          rows, "SELECT p.*, (SELECT count(*) FROM file f WHERE f.phase = p.idx) FROM phase p ORDER BY idx",
          error))
    return false;
  while (hilum_rows_next(rows)) {
    const guint idx = (guint)hilum_rows_get_int(rows, 0, 0, HILUM_CASE_MAX_PHASES - 1);
    if (!hilum_rows_require(rows, idx == record->phases->len, "phases are not numbered in order")) break;
    HilumSource *s = hilum_source_new((size_t)hilum_rows_get_int(rows, 36, 0, HILUM_CASE_MAX_FILES));
    HilumRecordPhase phase = {.name = hilum_rows_get_text(rows, 1, HILUM_CASE_MAX_TEXT),
                              .source = s,
                              .alignment = hilum_alignment_scanner()};
    char **texts[] = {&s->description, &s->kind,      &s->modality,   &s->series_uid,
                      &s->study_uid,   &s->frame_uid, &s->study_date, &s->transfer_syntax};
    for (int i = 0; i < (int)G_N_ELEMENTS(texts); i++)
      *texts[i] = hilum_rows_get_text(rows, 2 + i, HILUM_CASE_MAX_TEXT);
    s->series_number = (int)hilum_rows_get_int(rows, 10, -1, INT32_MAX);
    s->slope = hilum_rows_get_real(rows, 11);
    s->intercept = hilum_rows_get_real(rows, 12);
    s->unit = hilum_rows_get_text(rows, 13, 16);
    s->window_center = hilum_rows_get_real_or_nan(rows, 14);
    s->window_width = hilum_rows_get_real_or_nan(rows, 15);
    s->verdict = (HilumVerdict)hilum_rows_get_word(rows, 16, verdict_word, HILUM_VERDICT_REFUSED + 1);
    hilum_rows_get_digest(rows, 17, s->voxels_hash, sizeof s->voxels_hash);
    read_grid(rows, 18, &s->grid);
    hilum_rows_require(rows, s->slope > 0, "a rescale slope makes no sense");
    s->has_fingerprints = true;
    g_array_append_val(record->phases, phase);
    if (rows->bad) break;
    const HilumGrid *first = &g_array_index(record->phases, HilumRecordPhase, 0).source->grid;
    hilum_rows_require(rows, rows->version > 1 || hilum_alignment_same_grid(first, &s->grid),
                       "its phases do not share one grid");
  }
  hilum_rows_require(rows, record->phases->len > 0, "it has no phase");
  return hilum_rows_end(rows, error);
}

static const char *method_word(int i)
{
  return hilum_alignment_method_name((HilumAlignmentMethod)i);
}

static const char *metric_word(int i)
{
  return hilum_alignment_metric_name((HilumRegisterMetric)i);
}

static const char *alignment_verdict_word(int i)
{
  return hilum_alignment_verdict_name((HilumRegisterVerdict)i);
}

static HilumAlignment get_alignment(HilumRows *rows)
{
  HilumAlignment a = {
      .method = (HilumAlignmentMethod)hilum_rows_get_word(rows, 1, method_word, HILUM_ALIGNMENT_METHODS),
      .metric =
          (HilumRegisterMetric)hilum_rows_get_word(rows, 2, metric_word, HILUM_REGISTER_CORRELATION + 1),
      .verdict = (HilumRegisterVerdict)hilum_rows_get_word(rows, 3, alignment_verdict_word,
                                                           HILUM_REGISTER_FEW_LANDMARKS + 1),
      .similarity = hilum_rows_get_real_or_nan(rows, 4),
      .residual_mm = hilum_rows_get_real_or_nan(rows, 5),
      .residual_worst_mm = hilum_rows_get_real_or_nan(rows, 6),
      .transform = {.rotation = {hilum_rows_get_real(rows, 7), hilum_rows_get_real(rows, 8),
                                 hilum_rows_get_real(rows, 9), hilum_rows_get_real(rows, 10)},
                    .centre_mm = hilum_vec3(hilum_rows_get_real(rows, 11), hilum_rows_get_real(rows, 12),
                                            hilum_rows_get_real(rows, 13)),
                    .translation_mm = hilum_vec3(hilum_rows_get_real(rows, 14), hilum_rows_get_real(rows, 15),
                                                 hilum_rows_get_real(rows, 16))}};
  hilum_rows_require(rows, hilum_alignment_is_valid(&a), "an alignment of phases is not a rigid motion");
  hilum_rows_require(rows, isnan(a.residual_mm) || a.residual_mm >= 0, "a residual makes no sense");
  return a;
}

/* One row for each phase but the first. */
static bool read_alignments(HilumRows *rows, HilumCaseRecord *record, GError **error)
{
  guint next = 1;
  if (rows->version < 2) return true;
  if (!hilum_rows_begin(rows, "SELECT * FROM alignment ORDER BY phase", error)) return false;
  while (hilum_rows_next(rows)) {
    const guint p = (guint)hilum_rows_get_int(rows, 0, 1, HILUM_CASE_MAX_PHASES - 1);
    if (!hilum_rows_require(rows, p == next && p < record->phases->len, "alignments do not match the phases"))
      break;
    g_array_index(record->phases, HilumRecordPhase, p).alignment = get_alignment(rows);
    next++;
  }
  hilum_rows_require(rows, next == record->phases->len, "alignments do not match the phases");
  return hilum_rows_end(rows, error);
}

static bool read_files(HilumRows *rows, HilumCaseRecord *record, const char *folder, GError **error)
{
  if (!hilum_rows_begin(rows, "SELECT * FROM file ORDER BY phase, idx", error)) return false;
  while (hilum_rows_next(rows)) {
    const guint p = (guint)hilum_rows_get_int(rows, 0, 0, record->phases->len - 1);
    if (rows->bad) break;
    HilumSource *s = g_array_index(record->phases, HilumRecordPhase, p).source;
    const size_t i = (size_t)hilum_rows_get_int(rows, 1, 0, (int64_t)s->n_files - 1);
    if (!hilum_rows_require(rows, i < s->n_files && !s->files[i].path, "files are not numbered in order"))
      break;
    HilumSourceFile *file = &s->files[i];
    file->path = hilum_rows_get_path(rows, 2);
    g_autofree char *relative = hilum_rows_get_path(rows, 3);
    if (*relative) file->relative = g_canonicalize_filename(relative, folder);
    file->sop_uid = hilum_rows_get_text(rows, 4, 128);
    file->bytes = (uint64_t)hilum_rows_get_int(rows, 5, 0, INT64_MAX);
    hilum_rows_get_digest(rows, 6, file->head_sha256, sizeof file->head_sha256);
    hilum_rows_require(rows, g_path_is_absolute(file->path), "a path is not absolute");
  }
  return hilum_rows_end(rows, error); /* as many rows as counted, each index once: none is left empty */
}

static bool read_findings(HilumRows *rows, HilumCaseRecord *record, GError **error)
{
  if (!hilum_rows_begin(rows, "SELECT * FROM finding ORDER BY phase, idx", error)) return false;
  while (hilum_rows_next(rows)) {
    const guint p = (guint)hilum_rows_get_int(rows, 0, 0, record->phases->len - 1);
    hilum_rows_get_int(rows, 1, 0, HILUM_CASE_MAX_FINDINGS - 1);
    const HilumVerdict verdict =
        (HilumVerdict)hilum_rows_get_word(rows, 2, verdict_word, HILUM_VERDICT_REFUSED + 1);
    g_autofree char *code = hilum_rows_get_text(rows, 3, 64);
    g_autofree char *message = hilum_rows_get_text(rows, 4, HILUM_CASE_MAX_TEXT);
    if (rows->bad) break;
    hilum_findings_add(g_array_index(record->phases, HilumRecordPhase, p).source->findings, verdict, code,
                       "%s", message);
  }
  return hilum_rows_end(rows, error);
}

static bool read_structures(HilumRows *rows, HilumCaseRecord *record, GError **error)
{
  bool used[HILUM_LABEL_COUNT] = {false};
  g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  if (!hilum_rows_begin(rows, "SELECT * FROM structure ORDER BY idx", error)) return false;
  while (hilum_rows_next(rows)) {
    HilumRecordStructure s = {.label = (uint8_t)hilum_rows_get_int(rows, 1, 1, HILUM_LABEL_COUNT - 1)};
    s.traits.name = hilum_rows_get_text(rows, 2, HILUM_CASE_MAX_TEXT);
    s.traits.kind = (HilumStructureKind)hilum_rows_get_word(rows, 3, kind_word, HILUM_STRUCTURE_KINDS);
    s.traits.color = (uint32_t)hilum_rows_get_int(rows, 4, 0, 0xFFFFFF);
    s.opacity = hilum_rows_get_real(rows, 5);
    s.visible = hilum_rows_get_int(rows, 6, 0, 1);
    s.traits.locked = hilum_rows_get_int(rows, 7, 0, 1);
    hilum_rows_get_int(rows, 8, 0, INT64_MAX);
    g_array_append_val(record->structures, s);
    hilum_rows_require(rows, s.opacity >= 0 && s.opacity <= 1, "an opacity is out of range");
    hilum_rows_require(rows, !used[s.label], "two structures have one label");
    used[s.label] = true;
    if (!hilum_rows_require(rows, !hilum_structure_name_defect(s.traits.name),
                            "a structure's name is not usable"))
      break;
    hilum_rows_require(rows, g_hash_table_add(names, hilum_structure_name_key(s.traits.name)),
                       "two structures have one name");
  }
  return hilum_rows_end(rows, error);
}

static bool read_view(HilumRows *rows, HilumCaseRecord *record, GError **error)
{
  if (!hilum_rows_begin(rows, "SELECT key, value FROM view ORDER BY key", error)) return false;
  while (hilum_rows_next(rows)) {
    HilumRecordView v = {hilum_rows_get_text(rows, 0, HILUM_VIEW_KEY_MAX),
                         hilum_rows_get_text(rows, 1, HILUM_VIEW_VALUE_MAX)};
    g_array_append_val(record->view, v);
    hilum_rows_require(rows, record->view->len <= HILUM_CASE_MAX_VIEW, "it has too much window state");
  }
  return hilum_rows_end(rows, error);
}

/* --- the file --- */

char *hilum_rows_read_meta(HilumRows *rows, const char *key, GError **error)
{
  g_autofree char *sql = g_strdup_printf("SELECT value FROM meta WHERE key = '%s'", key);
  if (!hilum_rows_begin(rows, sql, error)) return NULL;
  g_autofree char *value = hilum_rows_next(rows) ? hilum_rows_get_text(rows, 0, 128) : NULL;
  hilum_rows_require(rows, value != NULL, "a fingerprint is missing");
  return hilum_rows_end(rows, error) ? g_steal_pointer(&value) : NULL;
}

static bool check_content(HilumRows *rows, HilumCaseRecord *record, goffset bytes,
                          const HilumProgress *progress, GError **error)
{
  g_autofree char *stored = hilum_rows_read_meta(rows, "content_sha256", error);
  if (!stored) return false;
  g_autoptr(GError) cause = NULL;
  /* Every value costs its bytes in the file and 16 more in the sum; small ones can be packed ten times. */
  g_autofree char *actual =
      hilum_case_content_sha256(rows->db, rows->version, (size_t)bytes * 32, progress, &cause);
  if (actual && strcmp(actual, stored) == 0) {
    g_strlcpy(record->content_sha256, actual, sizeof record->content_sha256);
    return true;
  }
  if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error(error, g_steal_pointer(&cause));
  else
    hilum_case_set_corrupt(error, rows->path, "%s",
                           cause ? cause->message : "its contents do not match their fingerprint");
  return false;
}

/* Everything in an open database of `bytes` bytes. */
static HilumCaseRecord *read_all(sqlite3 *db, const char *path, goffset bytes, int version,
                                 const HilumProgress *progress, GError **error)
{
  g_autofree char *folder = g_path_get_dirname(path);
  HilumRows rows = {.db = db, .path = path, .version = version};
  g_autoptr(GString) schema = g_string_new(NULL);
  for (int v = 1; v <= version; v++)
    g_string_append(schema, hilum_case_schema[v]);
  g_autoptr(HilumCaseRecord) record = hilum_case_record_new();
  record->path = g_strdup(path);
  const bool good = hilum_rows_check_schema(&rows, schema->str, error) &&
                    check_content(&rows, record, bytes, progress, error) && read_who(&rows, record, error) &&
                    read_phases(&rows, record, error) && read_alignments(&rows, record, error) &&
                    read_files(&rows, record, folder, error) && read_findings(&rows, record, error) &&
                    read_structures(&rows, record, error) &&
                    hilum_record_read_boundaries(&rows, record, error) && read_view(&rows, record, error) &&
                    hilum_record_read_exports(&rows, record, error) &&
                    hilum_record_read_labels(&rows, record, progress, error) &&
                    hilum_record_read_history(&rows, record, progress, error);
  if (!good) {
    if (hilum_progress_cancelled(progress)) {
      g_clear_error(error);
      hilum_progress_fail(progress, error);
    }
    return NULL;
  }
  g_autofree char *stored = hilum_rows_read_meta(&rows, "labels_sha256", error);
  g_autofree char *actual = stored ? hilum_label_snapshot_hash(record->labels) : NULL;
  if (!stored) return NULL;
  if (strcmp(stored, actual) != 0) {
    hilum_case_set_corrupt(error, path, "its labels do not match their fingerprint");
    return NULL;
  }
  return g_steal_pointer(&record);
}

HilumCaseRecord *hilum_case_record_read(const char *path, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(path != NULL, NULL);
  g_autofree char *absolute = g_canonicalize_filename(path, NULL);
  goffset bytes = 0;
  int version = 0;
  if (hilum_progress_fail(progress, error) || !hilum_case_check_header(absolute, &bytes, &version, error))
    return NULL;
  g_autoptr(sqlite3) db =
      hilum_db_open_guarded(absolute, SQLITE_OPEN_READONLY, "?immutable=1", progress, error);
  return db ? read_all(db, absolute, bytes, version, progress, error) : NULL;
}

HilumCaseRecord *hilum_case_record_read_bytes(GBytes *bytes, const char *path, GError **error)
{
  gsize n = 0;
  const guint8 *data = g_bytes_get_data(bytes, &n);
  int version = 0;
  if (!hilum_case_check_head(data, n, (goffset)n, path, &version, error)) return NULL;
  g_autoptr(sqlite3) db = hilum_db_open_bytes(bytes, path, error);
  return db ? read_all(db, path, (goffset)n, version, NULL, error) : NULL;
}
