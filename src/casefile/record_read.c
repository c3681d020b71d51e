/* Reading a case that may come from anywhere. SQLite is opened read-only on an immutable file with its
 * defences up; the sum over all values must be right; and every value is still checked as if an enemy had
 * written it together with a right sum. */
#include "record_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/casefile/error.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3, sqlite3_close)

enum { BRICK_VOXELS = HILUM_BRICK_EDGE * HILUM_BRICK_EDGE * HILUM_BRICK_EDGE };
/* 4 Gi labels: ten times the largest scanner series. */
#define MAX_LABELS ((size_t)4 << 30)
#define MAX_FILE_BYTES ((goffset)2 << 30)

/* One table being read. `bad` is sticky: values are fetched first and judged once a row. */
typedef struct {
  sqlite3 *db;
  sqlite3_stmt *stmt;
  const char *path;
  int version;     /* of the file */
  const char *bad; /* static; what is wrong */
} Rows;

static bool rows_begin(Rows *rows, const char *sql, GError **error)
{
  g_autoptr(GError) cause = NULL;
  rows->stmt = hilum_db_prepare(rows->db, sql, &cause);
  rows->bad = NULL;
  if (!rows->stmt) hilum_case_set_corrupt(error, rows->path, "%s", cause->message);
  return rows->stmt != NULL;
}

static bool rows_next(Rows *rows)
{
  return !rows->bad && sqlite3_step(rows->stmt) == SQLITE_ROW;
}

static bool rows_end(Rows *rows, GError **error)
{
  if (sqlite3_finalize(rows->stmt) != SQLITE_OK && !rows->bad) rows->bad = "a table cannot be read";
  rows->stmt = NULL;
  if (rows->bad) hilum_case_set_corrupt(error, rows->path, "%s", rows->bad);
  return rows->bad == NULL;
}

static bool require(Rows *rows, bool condition, const char *otherwise)
{
  if (!condition && !rows->bad) rows->bad = otherwise;
  return condition;
}

/* Valid UTF-8 of at most `max` bytes, or "". */
static char *get_text(Rows *rows, int column, size_t max)
{
  const char *text = NULL;
  int bytes = 0;
  if (sqlite3_column_type(rows->stmt, column) == SQLITE_TEXT) {
    text = (const char *)sqlite3_column_text(rows->stmt, column);
    bytes = sqlite3_column_bytes(rows->stmt, column);
  }
  const bool good = text && (size_t)bytes <= max && g_utf8_validate(text, bytes, NULL);
  return require(rows, good, "a text is missing, too long or not UTF-8") ? g_strndup(text, (gsize)bytes)
                                                                         : g_strdup("");
}

/* A file name: bytes without NUL. */
static char *get_path(Rows *rows, int column)
{
  const void *data = sqlite3_column_blob(rows->stmt, column);
  const int bytes = sqlite3_column_bytes(rows->stmt, column);
  const bool good = sqlite3_column_type(rows->stmt, column) == SQLITE_BLOB && bytes <= HILUM_CASE_MAX_TEXT &&
                    (bytes == 0 || !memchr(data, 0, (size_t)bytes));
  return require(rows, good, "a path is not usable") && bytes > 0 ? g_strndup(data, (gsize)bytes)
                                                                  : g_strdup("");
}

static int64_t get_int(Rows *rows, int column, int64_t min, int64_t max)
{
  const int64_t value = sqlite3_column_int64(rows->stmt, column);
  const bool good = sqlite3_column_type(rows->stmt, column) == SQLITE_INTEGER && value >= min && value <= max;
  return require(rows, good, "a number is missing or out of range") ? value : min;
}

static double get_real(Rows *rows, int column)
{
  const double value = sqlite3_column_double(rows->stmt, column);
  const bool good = sqlite3_column_type(rows->stmt, column) == SQLITE_FLOAT && isfinite(value);
  return require(rows, good, "a number is missing or not finite") ? value : 0;
}

static double get_real_or_nan(Rows *rows, int column)
{
  return sqlite3_column_type(rows->stmt, column) == SQLITE_NULL ? (double)NAN : get_real(rows, column);
}

static int get_word(Rows *rows, int column, const char *(*name)(int), int n)
{
  g_autofree char *word = get_text(rows, column, 64);
  for (int i = 0; i < n; i++)
    if (strcmp(word, name(i)) == 0) return i;
  require(rows, false, "a word is unknown");
  return 0;
}

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

static void get_digest(Rows *rows, int column, char *out, size_t size)
{
  g_autofree char *text = get_text(rows, column, size - 1);
  const size_t n = strlen(text);
  require(rows, (n == 0 || n == size - 1) && strspn(text, "0123456789abcdef") == n,
          "a fingerprint is malformed");
  g_strlcpy(out, text, size);
}

/* --- the tables --- */

static bool read_who(Rows *rows, HilumCaseRecord *record, GError **error)
{
  static const struct {
    const char *key;
    int field;
  } known[] = {
      {"name", HILUM_PATIENT_NAME}, {"id", HILUM_PATIENT_ID}, {"study_date", HILUM_PATIENT_STUDY_DATE}};
  for (int f = 0; f < HILUM_PATIENT_FIELDS; f++)
    record->patient[f] = g_strdup("");
  if (!rows_begin(rows, "SELECT key, value FROM patient", error)) return false;
  while (rows_next(rows)) {
    g_autofree char *key = get_text(rows, 0, 64);
    if (strcmp(key, "side") == 0) record->side = (HilumSide)get_word(rows, 1, side_word, HILUM_SIDE_BOTH + 1);
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
      if (strcmp(key, known[i].key) != 0) continue;
      g_free(record->patient[known[i].field]);
      record->patient[known[i].field] = get_text(rows, 1, HILUM_CASE_MAX_TEXT);
    }
  }
  return rows_end(rows, error);
}

static void read_grid(Rows *rows, int c, HilumGrid *grid)
{
  HilumVec3 *vectors[] = {&grid->origin_mm, &grid->axes[0], &grid->axes[1], &grid->axes[2]};
  for (int a = 0; a < 3; a++)
    grid->dims[a] = (int32_t)get_int(rows, c++, 1, 32767);
  for (gsize i = 0; i < G_N_ELEMENTS(vectors); i++, c += 3)
    *vectors[i] = hilum_vec3(get_real(rows, c), get_real(rows, c + 1), get_real(rows, c + 2));
  for (int a = 0; a < 3; a++)
    grid->spacing_mm[a] = get_real(rows, c++);
  if (!rows->bad) require(rows, hilum_grid_validate(grid, NULL), "the placement of a volume makes no sense");
}

static bool read_phases(Rows *rows, HilumCaseRecord *record, GError **error)
{
  if (!rows_begin(rows,
                  "SELECT p.*, (SELECT count(*) FROM file f WHERE f.phase = p.idx) FROM phase p ORDER BY idx",
                  error))
    return false;
  while (rows_next(rows)) {
    const guint idx = (guint)get_int(rows, 0, 0, HILUM_CASE_MAX_PHASES - 1);
    if (!require(rows, idx == record->phases->len, "phases are not numbered in order")) break;
    HilumSource *s = hilum_source_new((size_t)get_int(rows, 36, 0, HILUM_CASE_MAX_FILES));
    HilumRecordPhase phase = {
        .name = get_text(rows, 1, HILUM_CASE_MAX_TEXT), .source = s, .alignment = hilum_alignment_scanner()};
    char **texts[] = {&s->description, &s->kind,      &s->modality,   &s->series_uid,
                      &s->study_uid,   &s->frame_uid, &s->study_date, &s->transfer_syntax};
    for (int i = 0; i < (int)G_N_ELEMENTS(texts); i++)
      *texts[i] = get_text(rows, 2 + i, HILUM_CASE_MAX_TEXT);
    s->series_number = (int)get_int(rows, 10, -1, INT32_MAX);
    s->slope = get_real(rows, 11);
    s->intercept = get_real(rows, 12);
    s->unit = get_text(rows, 13, 16);
    s->window_center = get_real_or_nan(rows, 14);
    s->window_width = get_real_or_nan(rows, 15);
    s->verdict = (HilumVerdict)get_word(rows, 16, verdict_word, HILUM_VERDICT_REFUSED + 1);
    get_digest(rows, 17, s->voxels_hash, sizeof s->voxels_hash);
    read_grid(rows, 18, &s->grid);
    require(rows, s->slope > 0, "a rescale slope makes no sense");
    s->has_fingerprints = true;
    g_array_append_val(record->phases, phase);
    if (rows->bad) break;
    const HilumGrid *first = &g_array_index(record->phases, HilumRecordPhase, 0).source->grid;
    require(rows, rows->version > 1 || hilum_alignment_same_grid(first, &s->grid),
            "its phases do not share one grid");
  }
  require(rows, record->phases->len > 0, "it has no phase");
  return rows_end(rows, error);
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

static HilumAlignment get_alignment(Rows *rows)
{
  HilumAlignment a = {
      .method = (HilumAlignmentMethod)get_word(rows, 1, method_word, HILUM_ALIGNMENT_METHODS),
      .metric = (HilumRegisterMetric)get_word(rows, 2, metric_word, HILUM_REGISTER_CORRELATION + 1),
      .verdict =
          (HilumRegisterVerdict)get_word(rows, 3, alignment_verdict_word, HILUM_REGISTER_FEW_LANDMARKS + 1),
      .similarity = get_real_or_nan(rows, 4),
      .residual_mm = get_real_or_nan(rows, 5),
      .residual_worst_mm = get_real_or_nan(rows, 6),
      .transform = {.rotation = {get_real(rows, 7), get_real(rows, 8), get_real(rows, 9), get_real(rows, 10)},
                    .centre_mm = hilum_vec3(get_real(rows, 11), get_real(rows, 12), get_real(rows, 13)),
                    .translation_mm =
                        hilum_vec3(get_real(rows, 14), get_real(rows, 15), get_real(rows, 16))}};
  require(rows, hilum_alignment_is_valid(&a), "an alignment of phases is not a rigid motion");
  require(rows, isnan(a.residual_mm) || a.residual_mm >= 0, "a residual makes no sense");
  return a;
}

/* One row for each phase but the first. */
static bool read_alignments(Rows *rows, HilumCaseRecord *record, GError **error)
{
  guint next = 1;
  if (rows->version < 2) return true;
  if (!rows_begin(rows, "SELECT * FROM alignment ORDER BY phase", error)) return false;
  while (rows_next(rows)) {
    const guint p = (guint)get_int(rows, 0, 1, HILUM_CASE_MAX_PHASES - 1);
    if (!require(rows, p == next && p < record->phases->len, "alignments do not match the phases")) break;
    g_array_index(record->phases, HilumRecordPhase, p).alignment = get_alignment(rows);
    next++;
  }
  require(rows, next == record->phases->len, "alignments do not match the phases");
  return rows_end(rows, error);
}

static bool read_files(Rows *rows, HilumCaseRecord *record, const char *folder, GError **error)
{
  if (!rows_begin(rows, "SELECT * FROM file ORDER BY phase, idx", error)) return false;
  while (rows_next(rows)) {
    const guint p = (guint)get_int(rows, 0, 0, record->phases->len - 1);
    if (rows->bad) break;
    HilumSource *s = g_array_index(record->phases, HilumRecordPhase, p).source;
    const size_t i = (size_t)get_int(rows, 1, 0, (int64_t)s->n_files - 1);
    if (!require(rows, i < s->n_files && !s->files[i].path, "files are not numbered in order")) break;
    HilumSourceFile *file = &s->files[i];
    file->path = get_path(rows, 2);
    g_autofree char *relative = get_path(rows, 3);
    if (*relative) file->relative = g_canonicalize_filename(relative, folder);
    file->sop_uid = get_text(rows, 4, 128);
    file->bytes = (uint64_t)get_int(rows, 5, 0, INT64_MAX);
    get_digest(rows, 6, file->head_sha256, sizeof file->head_sha256);
    require(rows, g_path_is_absolute(file->path), "a path is not absolute");
  }
  return rows_end(rows, error); /* as many rows as counted, each index once: none is left empty */
}

static bool read_findings(Rows *rows, HilumCaseRecord *record, GError **error)
{
  if (!rows_begin(rows, "SELECT * FROM finding ORDER BY phase, idx", error)) return false;
  while (rows_next(rows)) {
    const guint p = (guint)get_int(rows, 0, 0, record->phases->len - 1);
    get_int(rows, 1, 0, HILUM_CASE_MAX_FINDINGS - 1);
    const HilumVerdict verdict = (HilumVerdict)get_word(rows, 2, verdict_word, HILUM_VERDICT_REFUSED + 1);
    g_autofree char *code = get_text(rows, 3, 64);
    g_autofree char *message = get_text(rows, 4, HILUM_CASE_MAX_TEXT);
    if (rows->bad) break;
    hilum_findings_add(g_array_index(record->phases, HilumRecordPhase, p).source->findings, verdict, code,
                       "%s", message);
  }
  return rows_end(rows, error);
}

static bool read_structures(Rows *rows, HilumCaseRecord *record, GError **error)
{
  bool used[HILUM_LABEL_COUNT] = {false};
  g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  if (!rows_begin(rows, "SELECT * FROM structure ORDER BY idx", error)) return false;
  while (rows_next(rows)) {
    HilumRecordStructure s = {.label = (uint8_t)get_int(rows, 1, 1, HILUM_LABEL_COUNT - 1)};
    s.traits.name = get_text(rows, 2, HILUM_CASE_MAX_TEXT);
    s.traits.kind = (HilumStructureKind)get_word(rows, 3, kind_word, HILUM_STRUCTURE_KINDS);
    s.traits.color = (uint32_t)get_int(rows, 4, 0, 0xFFFFFF);
    s.opacity = get_real(rows, 5);
    s.visible = get_int(rows, 6, 0, 1);
    s.traits.locked = get_int(rows, 7, 0, 1);
    get_int(rows, 8, 0, INT64_MAX);
    g_array_append_val(record->structures, s);
    require(rows, s.opacity >= 0 && s.opacity <= 1, "an opacity is out of range");
    require(rows, !used[s.label], "two structures have one label");
    used[s.label] = true;
    if (!require(rows, !hilum_structure_name_defect(s.traits.name), "a structure's name is not usable"))
      break;
    require(rows, g_hash_table_add(names, hilum_structure_name_key(s.traits.name)),
            "two structures have one name");
  }
  return rows_end(rows, error);
}

static bool read_view(Rows *rows, HilumCaseRecord *record, GError **error)
{
  if (!rows_begin(rows, "SELECT key, value FROM view ORDER BY key", error)) return false;
  while (rows_next(rows)) {
    HilumRecordView v = {get_text(rows, 0, HILUM_VIEW_KEY_MAX), get_text(rows, 1, HILUM_VIEW_VALUE_MAX)};
    g_array_append_val(record->view, v);
    require(rows, record->view->len <= HILUM_CASE_MAX_VIEW, "it has too much window state");
  }
  return rows_end(rows, error);
}

/* --- labels --- */

typedef struct {
  const HilumGrid *grid;
  int32_t bricks[3];
  GPtrArray *packed; /* GBytes */
  GArray *indices;   /* int64_t */
  uint8_t *labels;   /* dense */
  const HilumProgress *progress;
  gint malformed;
} Unpack;

static void copy_brick(const Unpack *work, int64_t index, const uint8_t *voxels)
{
  const int64_t b[3] = {index % work->bricks[0], index / work->bricks[0] % work->bricks[1],
                        index / work->bricks[0] / work->bricks[1]};
  size_t lo[3], n[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = (size_t)b[a] * HILUM_BRICK_EDGE;
    n[a] = MIN((size_t)HILUM_BRICK_EDGE, (size_t)work->grid->dims[a] - lo[a]);
  }
  for (size_t z = 0; z < n[2]; z++)
    for (size_t y = 0; y < n[1]; y++) {
      size_t row =
          ((lo[2] + z) * (size_t)work->grid->dims[1] + lo[1] + y) * (size_t)work->grid->dims[0] + lo[0];
      memcpy(work->labels + row, voxels + (z * HILUM_BRICK_EDGE + y) * HILUM_BRICK_EDGE, n[0]);
    }
}

static void unpack_bricks(size_t begin, size_t end, unsigned worker, void *data)
{
  (void)worker;
  Unpack *work = data;
  g_autofree uint8_t *runs = g_malloc(2 * BRICK_VOXELS), *voxels = g_malloc(BRICK_VOXELS);
  for (size_t i = begin; i < end && !hilum_progress_cancelled(work->progress); i++) {
    gsize packed_bytes;
    const void *packed = g_bytes_get_data(g_ptr_array_index(work->packed, i), &packed_bytes);
    uLongf n = 2 * BRICK_VOXELS; /* a bomb ends here */
    if (!packed || uncompress(runs, &n, packed, (uLong)packed_bytes) != Z_OK ||
        !hilum_brick_decode(runs, n, voxels)) {
      g_atomic_int_set(&work->malformed, 1);
      return;
    }
    copy_brick(work, g_array_index(work->indices, int64_t, i), voxels);
  }
}

static bool collect_bricks(Rows *rows, Unpack *work, GError **error)
{
  const int64_t count = (int64_t)work->bricks[0] * work->bricks[1] * work->bricks[2];
  if (!rows_begin(rows, "SELECT idx, data FROM brick ORDER BY idx", error)) return false;
  while (rows_next(rows)) {
    int64_t index = get_int(rows, 0, 0, count - 1);
    const void *data = sqlite3_column_blob(rows->stmt, 1);
    const int bytes = sqlite3_column_bytes(rows->stmt, 1);
    const bool fits = sqlite3_column_type(rows->stmt, 1) == SQLITE_BLOB && bytes > 0 &&
                      (uLong)bytes <= compressBound(2 * BRICK_VOXELS);
    const int64_t last =
        work->indices->len ? g_array_index(work->indices, int64_t, work->indices->len - 1) : -1;
    if (!require(rows, fits && index > last, "a block of labels is malformed")) break;
    g_array_append_val(work->indices, index);
    g_ptr_array_add(work->packed, g_bytes_new(data, (gsize)bytes));
  }
  return rows_end(rows, error);
}

static bool unpack_labels(Rows *rows, Unpack *work, HilumCaseRecord *record, GError **error)
{
  hilum_parallel_for(work->packed->len, 16, unpack_bricks, work);
  if (hilum_progress_fail(work->progress, error)) return false;
  if (work->malformed) {
    hilum_case_set_corrupt(error, rows->path, "a block of labels is malformed");
    return false;
  }
  record->labels = hilum_label_snapshot_new_from_dense(work->grid, work->labels, error);
  if (!record->labels) return false;
  bool named[HILUM_LABEL_COUNT] = {true};
  for (guint i = 0; i < record->structures->len; i++)
    named[g_array_index(record->structures, HilumRecordStructure, i).label] = true;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    if (named[l] || hilum_label_snapshot_count(record->labels, (uint8_t)l) == 0) continue;
    hilum_case_set_corrupt(error, rows->path, "voxels belong to a structure that is not listed");
    return false;
  }
  return true;
}

static bool read_labels(Rows *rows, HilumCaseRecord *record, const HilumProgress *progress, GError **error)
{
  const HilumGrid *grid = &g_array_index(record->phases, HilumRecordPhase, 0).source->grid;
  size_t voxels;
  if (!hilum_size_mul3(grid->dims[0], grid->dims[1], grid->dims[2], &voxels) || voxels > MAX_LABELS ||
      voxels > hilum_memory_budget()) {
    g_autofree char *name = g_filename_display_basename(rows->path);
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN,
                "“%s” has a volume of %d × %d × %d voxels, more than this computer can hold.", name,
                grid->dims[0], grid->dims[1], grid->dims[2]);
    return false;
  }
  Unpack work = {.grid = grid, .progress = progress};
  for (int a = 0; a < 3; a++)
    work.bricks[a] = (grid->dims[a] + HILUM_BRICK_EDGE - 1) / HILUM_BRICK_EDGE;
  g_autoptr(GPtrArray) packed = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
  g_autoptr(GArray) indices = g_array_new(FALSE, FALSE, sizeof(int64_t));
  work.packed = packed;
  work.indices = indices;
  if (!collect_bricks(rows, &work, error)) return false;
  work.labels = hilum_big_alloc0(voxels, error);
  if (!work.labels) return false;
  bool good = unpack_labels(rows, &work, record, error);
  hilum_big_free(work.labels);
  return good;
}

/* --- the file --- */

static uint32_t be32(const guint8 *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* What can be told from the first 100 bytes, in plain words and before SQLite sees the file. */
static bool check_header(const char *path, goffset *bytes, int *version, GError **error)
{
  g_autofree char *name = g_filename_display_basename(path);
  GStatBuf st;
  guint8 head[100];
  FILE *file = g_stat(path, &st) == 0 && S_ISREG(st.st_mode) ? g_fopen(path, "rbe") : NULL;
  if (!file) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN,
                "“%s” could not be opened: there is no such file, or it may not be read.", name);
    return false;
  }
  const size_t n = fread(head, 1, sizeof head, file);
  fclose(file);
  if (n < sizeof head || memcmp(head, "SQLite format 3", 16) != 0 ||
      be32(head + 68) != HILUM_CASE_APPLICATION_ID) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN, "“%s” is not a Hilum case.", name);
    return false;
  }
  if (be32(head + 60) > HILUM_CASE_VERSION) {
    g_set_error(
        error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_VERSION,
        "“%s” was written by a newer Hilum (format %u; this one reads up to %d). Update Hilum to open it.",
        name, be32(head + 60), HILUM_CASE_VERSION);
    return false;
  }
  *bytes = st.st_size;
  *version = (int)be32(head + 60);
  /* A page that only holds an empty table can be lost without a trace, were the size not asked for. */
  const goffset page_bytes = head[16] == 0 && head[17] == 1 ? 65536 : head[16] << 8 | head[17];
  if (be32(head + 60) == 0 || st.st_size > MAX_FILE_BYTES || st.st_size != page_bytes * be32(head + 28)) {
    hilum_case_set_corrupt(error, path, "its size or version makes no sense");
    return false;
  }
  return true;
}

static int stop_if_cancelled(void *progress)
{
  return hilum_progress_cancelled(progress);
}

static sqlite3 *open_guarded(const char *path, const HilumProgress *progress, GError **error)
{
  g_autofree char *uri = g_filename_to_uri(path, NULL, error);
  if (!uri) return NULL;
  g_autofree char *immutable = g_strconcat(uri, "?immutable=1", NULL);
  g_autoptr(sqlite3) db = NULL;
  if (sqlite3_open_v2(immutable, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL) !=
      SQLITE_OK) {
    hilum_case_set_corrupt(error, path, "it cannot be opened");
    return NULL;
  }
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, HILUM_CASE_MAX_BLOB);
  sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 16384);
  sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 64);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_progress_handler(db, 100000, stop_if_cancelled, (void *)(uintptr_t)progress);
  g_autoptr(GError) cause = NULL;
  if (!hilum_db_exec(db, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;",
                     &cause)) {
    hilum_case_set_corrupt(error, path, "%s", cause->message);
    return NULL;
  }
  return g_steal_pointer(&db);
}

/* Only the tables that we make, word for word: no view, trigger, index or virtual table to trip over. */
static bool check_schema(Rows *rows, GError **error)
{
  g_autoptr(GString) all = g_string_new(NULL);
  for (int v = 1; v <= rows->version; v++)
    g_string_append(all, hilum_case_schema[v]);
  g_auto(GStrv) ours = g_strsplit(all->str, ";", -1);
  guint found = 0;
  if (!rows_begin(rows, "SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL", error)) return false;
  while (rows_next(rows)) {
    g_autofree char *type = get_text(rows, 0, 64), *sql = get_text(rows, 1, HILUM_CASE_MAX_TEXT);
    require(rows, strcmp(type, "table") == 0 && g_strv_contains((const char *const *)ours, sql),
            "its tables are not those of a case");
    found++;
  }
  require(rows, found == g_strv_length(ours) - 1, "its tables are not those of a case");
  return rows_end(rows, error);
}

static char *read_meta(Rows *rows, const char *key, GError **error)
{
  g_autofree char *sql = g_strdup_printf("SELECT value FROM meta WHERE key = '%s'", key);
  if (!rows_begin(rows, sql, error)) return NULL;
  g_autofree char *value = rows_next(rows) ? get_text(rows, 0, 128) : NULL;
  require(rows, value != NULL, "a fingerprint is missing");
  return rows_end(rows, error) ? g_steal_pointer(&value) : NULL;
}

static bool check_content(Rows *rows, goffset bytes, const HilumProgress *progress, GError **error)
{
  g_autofree char *stored = read_meta(rows, "content_sha256", error);
  if (!stored) return false;
  g_autoptr(GError) cause = NULL;
  /* Every value costs its bytes in the file and 16 more in the sum; small ones can be packed ten times. */
  g_autofree char *actual =
      hilum_case_content_sha256(rows->db, rows->version, (size_t)bytes * 32, progress, &cause);
  if (actual && strcmp(actual, stored) == 0) return true;
  if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error(error, g_steal_pointer(&cause));
  else
    hilum_case_set_corrupt(error, rows->path, "%s",
                           cause ? cause->message : "its contents do not match their fingerprint");
  return false;
}

HilumCaseRecord *hilum_case_record_read(const char *path, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(path != NULL, NULL);
  g_autofree char *absolute = g_canonicalize_filename(path, NULL);
  g_autofree char *folder = g_path_get_dirname(absolute);
  goffset bytes = 0;
  int version = 0;
  if (hilum_progress_fail(progress, error) || !check_header(absolute, &bytes, &version, error)) return NULL;
  g_autoptr(sqlite3) db = open_guarded(absolute, progress, error);
  if (!db) return NULL;
  Rows rows = {.db = db, .path = absolute, .version = version};
  g_autoptr(HilumCaseRecord) record = hilum_case_record_new();
  record->path = g_strdup(absolute);
  const bool good = check_schema(&rows, error) && check_content(&rows, bytes, progress, error) &&
                    read_who(&rows, record, error) && read_phases(&rows, record, error) &&
                    read_alignments(&rows, record, error) && read_files(&rows, record, folder, error) &&
                    read_findings(&rows, record, error) && read_structures(&rows, record, error) &&
                    read_view(&rows, record, error) && read_labels(&rows, record, progress, error);
  if (!good) {
    if (hilum_progress_cancelled(progress)) {
      g_clear_error(error);
      hilum_progress_fail(progress, error);
    }
    return NULL;
  }
  g_autofree char *stored = read_meta(&rows, "labels_sha256", error);
  g_autofree char *actual = stored ? hilum_label_snapshot_hash(record->labels) : NULL;
  if (!stored) return NULL;
  if (strcmp(stored, actual) != 0) {
    hilum_case_set_corrupt(error, absolute, "its labels do not match their fingerprint");
    return NULL;
  }
  return g_steal_pointer(&record);
}
