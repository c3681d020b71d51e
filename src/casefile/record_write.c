/* Writing a case: the tables are made in memory, and their image replaces the file in one atomic step, so
 * that there is never a journal beside it and never half a case. */
#include "journal_private.h"
#include "record_rows_private.h"

#include "hilum/base/file_writer.h"
#include "hilum/base/parallel.h"
#include "hilum/casefile/error.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3, sqlite3_close)

/* Runs an insert whose values are bound, and makes it ready for the next row. */
bool hilum_db_insert(sqlite3 *db, sqlite3_stmt *stmt, GError **error)
{
  const int step = sqlite3_step(stmt);
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  if (step == SQLITE_DONE) return true;
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE, "the database says “%s”",
              sqlite3_errmsg(db));
  return false;
}

static void bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
  sqlite3_bind_text(stmt, index, text ? text : "", -1, SQLITE_TRANSIENT);
}

static void bind_bytes(sqlite3_stmt *stmt, int index, const char *bytes)
{
  sqlite3_bind_blob(stmt, index, bytes, (int)strlen(bytes), SQLITE_TRANSIENT);
}

static bool put_pair(sqlite3 *db, const char *sql, const char *key, const char *value, GError **error)
{
  sqlite3_stmt *stmt = hilum_db_prepare(db, sql, error);
  if (!stmt) return false;
  bind_text(stmt, 1, key);
  bind_text(stmt, 2, value);
  bool good = hilum_db_insert(db, stmt, error);
  sqlite3_finalize(stmt);
  return good;
}

/* `path` as seen from `folder`, both absolute and canonical; "" if they share nothing but the root. */
static char *relative_path(const char *folder, const char *path)
{
  g_auto(GStrv) from = g_strsplit(folder, G_DIR_SEPARATOR_S, -1);
  g_auto(GStrv) to = g_strsplit(path, G_DIR_SEPARATOR_S, -1);
  guint common = 0;
  while (from[common] && to[common] && strcmp(from[common], to[common]) == 0)
    common++;
  if (common <= 1) return g_strdup("");
  GString *out = g_string_new(NULL);
  for (guint i = common; from[i] && *from[i]; i++)
    g_string_append(out, "../");
  for (guint i = common; to[i]; i++)
    g_string_append_printf(out, "%s%s", i > common ? "/" : "", to[i]);
  return g_string_free(out, FALSE);
}

static bool put_phase(sqlite3 *db, sqlite3_stmt *stmt, guint idx, const HilumRecordPhase *phase,
                      GError **error)
{
  const HilumSource *s = phase->source;
  const char *texts[] = {phase->name,  s->description, s->kind,       s->modality,       s->series_uid,
                         s->study_uid, s->frame_uid,   s->study_date, s->transfer_syntax};
  int c = 1;
  sqlite3_bind_int64(stmt, c++, idx);
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
    bind_text(stmt, c++, texts[i]);
  sqlite3_bind_int64(stmt, c++, s->series_number);
  sqlite3_bind_double(stmt, c++, s->slope);
  sqlite3_bind_double(stmt, c++, s->intercept);
  bind_text(stmt, c++, s->unit);
  sqlite3_bind_double(stmt, c++, s->window_center); /* NAN becomes NULL */
  sqlite3_bind_double(stmt, c++, s->window_width);
  bind_text(stmt, c++, hilum_verdict_name(phase->findings ? phase->verdict : s->verdict));
  bind_text(stmt, c++, s->voxels_hash);
  for (int a = 0; a < 3; a++)
    sqlite3_bind_int64(stmt, c++, s->grid.dims[a]);
  const HilumVec3 vectors[] = {s->grid.origin_mm, s->grid.axes[0], s->grid.axes[1], s->grid.axes[2]};
  for (gsize i = 0; i < G_N_ELEMENTS(vectors); i++) {
    sqlite3_bind_double(stmt, c++, vectors[i].x);
    sqlite3_bind_double(stmt, c++, vectors[i].y);
    sqlite3_bind_double(stmt, c++, vectors[i].z);
  }
  for (int a = 0; a < 3; a++)
    sqlite3_bind_double(stmt, c++, s->grid.spacing_mm[a]);
  return hilum_db_insert(db, stmt, error);
}

static bool put_files(sqlite3 *db, guint idx, const HilumSource *source, const char *folder, GError **error)
{
  sqlite3_stmt *stmt = hilum_db_prepare(db, "INSERT INTO file VALUES(?,?,?,?,?,?,?)", error);
  bool good = stmt != NULL;
  for (size_t i = 0; good && i < source->n_files; i++) {
    const HilumSourceFile *file = &source->files[i];
    g_autofree char *relative = relative_path(folder, file->path);
    sqlite3_bind_int64(stmt, 1, idx);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)i);
    bind_bytes(stmt, 3, file->path);
    bind_bytes(stmt, 4, relative);
    bind_text(stmt, 5, file->sop_uid);
    sqlite3_bind_int64(stmt, 6, (sqlite3_int64)file->bytes);
    bind_text(stmt, 7, file->head_sha256);
    good = hilum_db_insert(db, stmt, error);
  }
  sqlite3_finalize(stmt);
  return good;
}

static bool put_findings(sqlite3 *db, guint idx, const GArray *findings, GError **error)
{
  sqlite3_stmt *stmt = hilum_db_prepare(db, "INSERT INTO finding VALUES(?,?,?,?,?)", error);
  bool good = stmt != NULL;
  for (guint i = 0; good && i < MIN(findings->len, HILUM_CASE_MAX_FINDINGS); i++) {
    const HilumFinding *finding = &g_array_index(findings, HilumFinding, i);
    g_autofree char *message = g_utf8_make_valid(finding->message, (gssize)strnlen(finding->message, 1300));
    sqlite3_bind_int64(stmt, 1, idx);
    sqlite3_bind_int64(stmt, 2, i);
    bind_text(stmt, 3, hilum_verdict_name(finding->verdict));
    bind_text(stmt, 4, finding->code);
    bind_text(stmt, 5, message);
    good = hilum_db_insert(db, stmt, error);
  }
  sqlite3_finalize(stmt);
  return good;
}

static bool put_phases(sqlite3 *db, const HilumCaseRecord *record, const char *folder, GError **error)
{
  sqlite3_stmt *stmt = hilum_db_prepare(
      db, "INSERT INTO phase VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      error);
  bool good = stmt != NULL;
  for (guint p = 0; good && p < record->phases->len; p++) {
    const HilumRecordPhase *phase = &g_array_index(record->phases, HilumRecordPhase, p);
    g_mutex_lock(&phase->source->lock); /* another save may be filling in fingerprints */
    good = put_phase(db, stmt, p, phase, error) && put_files(db, p, phase->source, folder, error) &&
           put_findings(db, p, phase->findings ? phase->findings : phase->source->findings, error);
    g_mutex_unlock(&phase->source->lock);
  }
  sqlite3_finalize(stmt);
  return good;
}

/* The first phase has no row: everything lies on it. */
static bool put_alignments(sqlite3 *db, const HilumCaseRecord *record, GError **error)
{
  sqlite3_stmt *stmt =
      hilum_db_prepare(db, "INSERT INTO alignment VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", error);
  bool good = stmt != NULL;
  for (guint p = 1; good && p < record->phases->len; p++) {
    const HilumAlignment *a = &g_array_index(record->phases, HilumRecordPhase, p).alignment;
    const HilumRigid *t = &a->transform;
    const double reals[] = {
        a->similarity,  a->residual_mm, a->residual_worst_mm, /* NAN becomes NULL */
        t->rotation.w,  t->rotation.x,  t->rotation.y,        t->rotation.z,       t->centre_mm.x,
        t->centre_mm.y, t->centre_mm.z, t->translation_mm.x,  t->translation_mm.y, t->translation_mm.z};
    sqlite3_bind_int64(stmt, 1, p);
    bind_text(stmt, 2, hilum_alignment_method_name(a->method));
    bind_text(stmt, 3, hilum_alignment_metric_name(a->metric));
    bind_text(stmt, 4, hilum_alignment_verdict_name(a->verdict));
    for (int i = 0; i < (int)G_N_ELEMENTS(reals); i++)
      sqlite3_bind_double(stmt, 5 + i, reals[i]);
    good = hilum_db_insert(db, stmt, error);
  }
  sqlite3_finalize(stmt);
  return good;
}

static bool put_structures(sqlite3 *db, const HilumCaseRecord *record, GError **error)
{
  sqlite3_stmt *stmt = hilum_db_prepare(db, "INSERT INTO structure VALUES(?,?,?,?,?,?,?,?,?)", error);
  bool good = stmt != NULL;
  for (guint i = 0; good && i < record->structures->len; i++) {
    const HilumRecordStructure *s = &g_array_index(record->structures, HilumRecordStructure, i);
    sqlite3_bind_int64(stmt, 1, i);
    sqlite3_bind_int64(stmt, 2, s->label);
    bind_text(stmt, 3, s->traits.name);
    bind_text(stmt, 4, hilum_structure_kind_id(s->traits.kind));
    sqlite3_bind_int64(stmt, 5, s->traits.color);
    sqlite3_bind_double(stmt, 6, s->opacity);
    sqlite3_bind_int64(stmt, 7, s->visible);
    sqlite3_bind_int64(stmt, 8, s->traits.locked);
    sqlite3_bind_int64(stmt, 9, (sqlite3_int64)hilum_label_snapshot_count(record->labels, s->label));
    good = hilum_db_insert(db, stmt, error);
  }
  sqlite3_finalize(stmt);
  return good;
}

/* --- bricks --- */

enum { BRICK_VOXELS = HILUM_BRICK_EDGE * HILUM_BRICK_EDGE * HILUM_BRICK_EDGE };

typedef struct {
  const HilumLabelSnapshot *labels;
  GBytes **packed; /* NULL where the brick is empty */
  const HilumProgress *progress;
  gint failed;
} PackWork;

/* Runs, then zlib: runs make a brick small, zlib sees that rows repeat. */
static void pack_bricks(size_t begin, size_t end, unsigned worker, void *data)
{
  (void)worker;
  PackWork *work = data;
  g_autofree uint8_t *filled = g_malloc(BRICK_VOXELS), *runs = g_malloc(2 * BRICK_VOXELS);
  for (size_t b = begin; b < end && !hilum_progress_cancelled(work->progress); b++) {
    uint8_t uniform = 0;
    const uint8_t *labels = hilum_label_snapshot_get_brick(work->labels, (int32_t)b, &uniform);
    if (!labels && uniform == 0) continue;
    if (!labels) labels = memset(filled, uniform, BRICK_VOXELS);
    const size_t n = hilum_brick_encode(labels, runs);
    uLongf packed_bytes = compressBound((uLong)n);
    guint8 *packed = g_malloc(packed_bytes);
    if (compress2(packed, &packed_bytes, runs, (uLong)n, 6) != Z_OK) {
      g_free(packed);
      g_atomic_int_set(&work->failed, 1);
      return;
    }
    work->packed[b] = g_bytes_new_take(packed, packed_bytes);
  }
}

static bool put_bricks(sqlite3 *db, HilumLabelSnapshot *labels, const HilumProgress *progress, GError **error)
{
  int32_t dims[3];
  hilum_label_snapshot_brick_dims(labels, dims);
  const size_t count = (size_t)dims[0] * (size_t)dims[1] * (size_t)dims[2];
  g_autofree GBytes **packed = g_new0(GBytes *, count);
  PackWork work = {labels, packed, progress, 0};
  hilum_parallel_for(count, 16, pack_bricks, &work);
  bool good = !hilum_progress_fail(progress, error);
  if (good && work.failed) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE,
                        "the labels could not be compressed");
    good = false;
  }
  sqlite3_stmt *stmt = good ? hilum_db_prepare(db, "INSERT INTO brick VALUES(?,?)", error) : NULL;
  good = stmt != NULL;
  for (size_t b = 0; b < count; b++) {
    if (!packed[b]) continue;
    if (good) {
      gsize bytes;
      const void *data = g_bytes_get_data(packed[b], &bytes);
      sqlite3_bind_int64(stmt, 1, (sqlite3_int64)b);
      sqlite3_bind_blob(stmt, 2, data, (int)bytes, SQLITE_STATIC);
      good = hilum_db_insert(db, stmt, error);
    }
    g_bytes_unref(packed[b]);
  }
  sqlite3_finalize(stmt);
  return good;
}

/* --- the whole --- */

/* No more of the patient than the banner needs before the images are found: docs/case-format.md. */
static bool put_who(sqlite3 *db, const HilumCaseRecord *record, GError **error)
{
  static const char sql[] = "INSERT INTO patient VALUES(?,?)";
  return put_pair(db, sql, "name", record->patient[HILUM_PATIENT_NAME], error) &&
         put_pair(db, sql, "id", record->patient[HILUM_PATIENT_ID], error) &&
         put_pair(db, sql, "study_date", record->patient[HILUM_PATIENT_STUDY_DATE], error) &&
         put_pair(db, sql, "side", hilum_side_name(record->side), error);
}

static bool put_view(sqlite3 *db, const HilumCaseRecord *record, GError **error)
{
  for (guint i = 0; i < MIN(record->view->len, HILUM_CASE_MAX_VIEW); i++) {
    const HilumRecordView *v = &g_array_index(record->view, HilumRecordView, i);
    if (!put_pair(db, "INSERT INTO view VALUES(?,?)", v->key, v->value, error)) return false;
  }
  return true;
}

static bool put_meta(sqlite3 *db, HilumCaseRecord *record, const HilumProgress *progress, GError **error)
{
  static const char sql[] = "INSERT INTO meta VALUES(?,?)";
  g_autofree char *labels = hilum_label_snapshot_hash(record->labels);
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *time = g_date_time_format_iso8601(now);
  if (!put_pair(db, sql, "program", "Hilum " HILUM_VERSION, error) ||
      !put_pair(db, sql, "saved", time, error) || !put_pair(db, sql, "labels_sha256", labels, error))
    return false;
  g_autofree char *content =
      hilum_case_content_sha256(db, HILUM_CASE_VERSION, G_MAXSIZE / 2, progress, error);
  if (!content) return false;
  g_strlcpy(record->content_sha256, content, sizeof record->content_sha256);
  return put_pair(db, sql, "content_sha256", content, error);
}

static bool fill(sqlite3 *db, HilumCaseRecord *record, const char *folder, const HilumProgress *progress,
                 GError **error)
{
  g_autofree char *pragmas = g_strdup_printf("PRAGMA application_id=%d; PRAGMA user_version=%d; BEGIN;",
                                             HILUM_CASE_APPLICATION_ID, HILUM_CASE_VERSION);
  const HilumProgress bricks = hilum_progress_part(progress, 0.3, 0.7, NULL);
  if (!hilum_db_exec(db, pragmas, error)) return false;
  for (int v = 1; v <= HILUM_CASE_VERSION; v++)
    if (!hilum_db_exec(db, hilum_case_schema[v], error)) return false;
  return put_who(db, record, error) && put_phases(db, record, folder, error) &&
         put_alignments(db, record, error) && put_structures(db, record, error) &&
         hilum_record_put_boundaries(db, record, error) && put_bricks(db, record->labels, &bricks, error) &&
         put_view(db, record, error) && hilum_record_put_exports(db, record, error) &&
         hilum_record_put_history(db, record, &bricks, error) && put_meta(db, record, progress, error) &&
         hilum_db_exec(db, "COMMIT", error);
}

static bool take_fingerprints(const HilumCaseRecord *record, const HilumProgress *progress, GError **error)
{
  const guint n = record->phases->len;
  for (guint p = 0; p < n; p++) {
    const HilumRecordPhase *phase = &g_array_index(record->phases, HilumRecordPhase, p);
    const HilumProgress part = hilum_progress_part(progress, 0.3 * p / n, 0.3 * (p + 1) / n, NULL);
    if (!hilum_source_take_fingerprints(phase->source, phase->volume, &part, error)) return false;
  }
  return true;
}

GBytes *hilum_case_record_to_bytes(HilumCaseRecord *record, GError **error)
{
  g_autoptr(sqlite3) db = NULL;
  sqlite3_int64 bytes = 0;
  unsigned char *image = NULL;
  if (take_fingerprints(record, NULL, error) &&
      sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
      fill(db, record, "/", NULL, error))
    image = sqlite3_serialize(db, "main", &bytes, 0);
  if (!image) {
    if (error && !*error)
      g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE, "memory ran out");
    return NULL;
  }
  GBytes *copy = g_bytes_new(image, (gsize)bytes);
  sqlite3_free(image);
  return copy;
}

static bool write_image(sqlite3 *db, const char *path, GError **error)
{
  sqlite3_int64 bytes = 0;
  unsigned char *image = sqlite3_serialize(db, "main", &bytes, 0);
  if (!image) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE, "memory ran out");
    return false;
  }
  HilumFileWriter *writer = hilum_file_writer_new(path, error);
  bool good = writer && hilum_file_writer_write(writer, image, (size_t)bytes, error);
  if (good)
    good = hilum_file_writer_commit(writer, NULL, NULL, error);
  else
    hilum_file_writer_abort(writer);
  sqlite3_free(image);
  return good;
}

/* The journal knows of the file before it appears: whichever of the two a crash leaves behind fits. Without a
 * journal nobody else may have the file that is replaced. */
static bool announce(HilumCaseRecord *record, const char *path, GError **error)
{
  if (record->journal)
    return hilum_journal_announce_save(record->journal, path, record->content_sha256, record->journal_seq,
                                       error);
  return hilum_journal_is_free(path, error);
}

static bool write_case(HilumCaseRecord *record, const char *path, bool told, const HilumProgress *progress,
                       GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename(path, NULL);
  g_autofree char *folder = g_path_get_dirname(absolute);
  g_autoptr(GError) cause = NULL;
  g_autoptr(sqlite3) db = NULL;
  bool good = take_fingerprints(record, progress, &cause);
  if (good &&
      sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
    g_set_error_literal(&cause, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE, "memory ran out");
    good = false;
  }
  good = good && fill(db, record, folder, progress, &cause) && !hilum_progress_fail(progress, &cause) &&
         (!told || announce(record, absolute, &cause)) && write_image(db, absolute, &cause);
  if (good) {
    hilum_progress_step(progress, 1);
    return true;
  }
  if (told && record->journal) hilum_journal_abandon_save(record->journal);
  if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error(error, g_steal_pointer(&cause));
    return false;
  }
  g_autofree char *name = g_filename_display_basename(path);
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE,
              "The case could not be saved as “%s”: %s", name, cause->message);
  return false;
}

bool hilum_case_record_write(HilumCaseRecord *record, const char *path, const HilumProgress *progress,
                             GError **error)
{
  g_return_val_if_fail(record != NULL && path != NULL, false);
  return write_case(record, path, true, progress, error);
}

bool hilum_case_record_write_base(HilumCaseRecord *record, const char *path, GError **error)
{
  return write_case(record, path, false, NULL, error);
}
