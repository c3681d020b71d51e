/* Case files: what is saved comes back, a failed save leaves the old file, and nothing that an enemy or a bad
 * disk puts into a file gets further than one clear sentence. */
#include "fixture.h"

#include "hilum/casefile/error.h"
#include "hilum/mesh/surface.h"

#include <sqlite3.h>

static char *folder;

static char *in_folder(const char *name)
{
  return g_build_filename(folder, name, NULL);
}

/* Without syncing: there are thousands. */
static void put_file(const char *path, const char *data, gsize bytes)
{
  FILE *file = g_fopen(path, "wb");
  g_assert_nonnull(file);
  g_assert_cmpuint(fwrite(data, 1, bytes, file), ==, bytes);
  fclose(file);
}

static HilumCase *rich_case(void)
{
  HilumCase *c = fixture_case();
  HilumStructure *kidney = hilum_case_add_structure(c, HILUM_STRUCTURE_PARENCHYMA, NULL, NULL);
  HilumStructure *tumour = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, "Tumour élevé", NULL);
  HilumStructure *other = hilum_case_add_structure(c, HILUM_STRUCTURE_OTHER, NULL, NULL);
  g_assert_true(fixture_paint(c, kidney, fixture_box(0, 0, 0, 70, 40, 33), NULL));
  g_assert_true(fixture_paint(c, tumour, fixture_box(31, 3, 5, 69, 45, 37), NULL));
  for (int n = 0; n < 5; n++)
    g_assert_true(fixture_paint(c, other, fixture_box(n * 3, n, n, n * 3 + 1, n + 9, n + 7), NULL));
  g_assert_true(hilum_case_lock_structure(c, tumour, true, NULL));
  g_assert_true(hilum_case_recolor_structure(c, other, 0x123456, NULL));
  hilum_case_set_structure_visible(c, other, false);
  hilum_case_set_structure_opacity(c, kidney, 0.123);
  const HilumStructureBoundary above = {135.5, INFINITY, 0}, between = {-50, 90.25, 0};
  g_assert_true(hilum_case_set_structure_boundary(c, kidney, &above, NULL));
  g_assert_true(hilum_case_set_structure_boundary(c, other, &between, NULL));
  hilum_case_set_side(c, HILUM_SIDE_RIGHT);
  hilum_case_set_view_value(c, "camera", "1 2 3 ünï");
  g_assert_cmpint(hilum_case_get_smoothing(c), ==, HILUM_SURFACE_SMOOTHING);
  hilum_case_set_smoothing(c, 0);
  HilumPatient patient = {"Sample^Kidney", "A1", "19500101", "F", "20240102", "CT abdomen"};
  hilum_case_set_patient(c, &patient);
  return c;
}

static void save(HilumCase *c, const char *path)
{
  GError *error = NULL;
  hilum_case_save(c, path, NULL, &error);
  g_assert_no_error(error);
}

static void test_round_trip(void)
{
  g_autoptr(HilumCase) c = rich_case();
  g_autofree char *path = in_folder("Müller's case #1 100%.hilum");
  g_assert_true(hilum_case_get_modified(c));
  save(c, path);
  g_assert_false(hilum_case_get_modified(c));
  g_assert_cmpstr(hilum_case_get_path(c), ==, path);

  GError *error = NULL;
  GArray *findings = NULL;
  g_autoptr(HilumCase) d = hilum_case_open(path, NULL, 0, &findings, NULL, &error);
  g_assert_no_error(error);
  g_assert_false(hilum_case_get_modified(d));
  HilumHistory *past = hilum_case_get_history(c), *kept = hilum_case_get_history(d);
  g_assert_cmpuint(hilum_history_get_undo_depth(kept), ==, hilum_history_get_undo_depth(past));
  g_assert_cmpstr(hilum_history_get_undo_label(kept), ==, hilum_history_get_undo_label(past));
  g_autofree char *before = fixture_state(c), *after = fixture_state(d);
  g_assert_cmpstr(before, ==, after);
  for (uint8_t l = 1; l <= 3; l++) {
    HilumStructure *a = hilum_case_get_structure(c, l), *b = hilum_case_get_structure(d, l);
    g_assert_cmpfloat(hilum_structure_get_opacity(a), ==, hilum_structure_get_opacity(b));
    g_assert_true(hilum_structure_get_visible(a) == hilum_structure_get_visible(b));
  }
  const HilumGrid *g = hilum_phase_get_grid(hilum_case_get_phase(c, 0));
  const HilumGrid *h = hilum_phase_get_grid(hilum_case_get_phase(d, 0));
  g_assert_cmpmem(g, sizeof *g, h, sizeof *h); /* to the last bit */
  g_assert_cmpstr(hilum_case_get_view_value(d, "camera"), ==, "1 2 3 ünï");
  g_assert_cmpint(hilum_case_get_smoothing(d), ==, 0);
  static const char *const senseless[] = {"101", "-1", "", "ten", "20 "};
  for (size_t i = 0; i < G_N_ELEMENTS(senseless); i++) { /* whoever wrote the file */
    hilum_case_set_view_value(d, "smoothing", senseless[i]);
    g_assert_cmpint(hilum_case_get_smoothing(d), ==, HILUM_SURFACE_SMOOTHING);
  }
  g_assert_cmpstr(hilum_case_get_patient(d)->name, ==, "Sample^Kidney");
  g_assert_cmpstr(hilum_case_get_patient(d)->study_date, ==, "20240102");
  g_assert_cmpstr(hilum_case_get_patient(d)->birth_date, ==, ""); /* not in the file: see the format */

  /* No files: said plainly, and asking for the volume says it again. */
  g_assert_cmpuint(findings->len, ==, 1);
  g_assert_cmpstr(g_array_index(findings, HilumFinding, 0).code, ==, "images-missing");
  g_array_unref(findings);
  g_assert_null(hilum_case_require_volume(d, 0, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES);
  g_clear_error(&error);
  g_assert_null(hilum_case_require_volume(d, 1, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES);
  g_clear_error(&error);

  /* It is a whole case: it can be changed, saved and opened again. */
  g_assert_true(hilum_case_remove_structure(d, hilum_case_get_structure(d, 1), NULL));
  g_assert_true(hilum_case_get_modified(d));
  save(d, path);
  g_autoptr(HilumCase) e = hilum_case_open(path, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  g_autofree char *third = fixture_state(d), *fourth = fixture_state(e);
  g_assert_cmpstr(third, ==, fourth);
}

static void test_no_birth_date_in_file(void)
{
  g_autoptr(HilumCase) c = rich_case();
  g_autofree char *path = in_folder("private.hilum");
  save(c, path);
  g_autofree char *data = NULL;
  gsize bytes;
  g_assert_true(g_file_get_contents(path, &data, &bytes, NULL));
  g_assert_null(memmem(data, bytes, "19500101", 8));
  g_assert_null(memmem(data, bytes, "CT abdomen", 10));
  g_assert_nonnull(memmem(data, bytes, "20240102", 8));
}

/* What was done on export is kept, in order, without being a step; version 3 had no such table. */
static void test_exports(void)
{
  GError *error = NULL;
  g_autofree char *old = g_test_build_filename(G_TEST_DIST, "version-3.hilum", NULL);
  g_autoptr(HilumCase) c = hilum_case_open(old, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_case_get_export_count(c), ==, 0);
  g_assert_false(hilum_case_get_modified(c));
  const size_t depth = hilum_history_get_undo_depth(hilum_case_get_history(c));
  g_autofree char *longest = g_strnfill(65537, 'x');
  g_assert_true(hilum_case_add_export(c, "{\"structure\": \"Niere\"}"));
  g_assert_true(hilum_case_add_export(c, "{}"));
  g_assert_false(hilum_case_add_export(c, longest));
  g_assert_false(hilum_case_add_export(c, "\xff"));
  g_assert_true(hilum_case_get_modified(c));
  g_assert_cmpuint(hilum_history_get_undo_depth(hilum_case_get_history(c)), ==, depth);
  g_autofree char *path = in_folder("exports.hilum");
  save(c, path);
  g_autoptr(HilumCase) d = hilum_case_open(path, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_case_get_export_count(d), ==, 2);
  g_assert_cmpstr(hilum_case_get_export(d, 0), ==, "{\"structure\": \"Niere\"}");
  g_assert_null(hilum_case_get_export(d, 2));
  for (int n = 0; n < 1001; n++)
    g_assert_true(hilum_case_add_export(d, n == 1 ? "{\"n\": 1}" : "{}"));
  g_assert_cmpuint(hilum_case_get_export_count(d), ==, 1000);
  g_assert_cmpstr(hilum_case_get_export(d, 0), ==, "{\"n\": 1}");
}

/* Version 4, written by the program of that version, knew nothing of boundaries: it opens with surfaces from
 * labels, its history can be walked, and what is saved is version 5. */
static void test_version_4(void)
{
  GError *error = NULL;
  g_autofree char *old = g_test_build_filename(G_TEST_DIST, "version-4.hilum", NULL);
  g_autoptr(HilumCase) c = hilum_case_open(old, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumStructure *kidney = hilum_case_find_structure(c, "Kidney");
  g_assert_nonnull(kidney);
  g_assert_cmpuint(hilum_structure_get_voxels(kidney), >, 0);
  g_assert_false(hilum_structure_boundary_is_range(hilum_structure_get_boundary(kidney)));
  HilumHistory *history = hilum_case_get_history(c);
  g_autofree char *now = fixture_state(c);
  const size_t depth = hilum_history_get_undo_depth(history);
  g_assert_cmpuint(depth, >, 1);
  g_assert_true(hilum_history_go_to(history, 0, &error));
  g_assert_true(hilum_history_go_to(history, depth, &error));
  g_assert_no_error(error);
  g_autofree char *again = fixture_state(c);
  g_assert_cmpstr(now, ==, again);
  const HilumStructureBoundary range = {120, 300, 0};
  g_assert_true(hilum_case_set_structure_boundary(c, hilum_case_find_structure(c, "Kidney"), &range, &error));
  g_autofree char *path = in_folder("was-version-4.hilum");
  save(c, path);
  g_autoptr(HilumCase) d = hilum_case_open(path, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_structure_boundary_equal(
      hilum_structure_get_boundary(hilum_case_find_structure(d, "Kidney")), &range));
  g_assert_true(hilum_history_undo(hilum_case_get_history(d), NULL));
  g_autofree char *undone = fixture_state(d);
  g_assert_cmpstr(undone, ==, now);
}

static void test_captured_is_immutable(void)
{
  g_autoptr(HilumCase) c = rich_case();
  g_autofree char *path = in_folder("captured.hilum"), *before = fixture_state(c);
  g_autoptr(HilumCaseRecord) record = hilum_case_capture(c, NULL);
  g_assert_true(hilum_case_remove_structure(c, hilum_case_get_structure(c, 1), NULL));
  g_assert_true(hilum_case_record_write(record, path, NULL, NULL));
  hilum_case_mark_saved(c, record, path);
  g_assert_true(hilum_case_get_modified(c)); /* the removal came after the capture */
  g_assert_true(hilum_history_undo(hilum_case_get_history(c), NULL));
  g_assert_false(hilum_case_get_modified(c));
  g_autoptr(HilumCase) d = hilum_case_open(path, NULL, 0, NULL, NULL, NULL);
  g_autofree char *after = fixture_state(d);
  g_assert_cmpstr(before, ==, after);
}

static void test_failed_save_keeps_old(void)
{
  g_autoptr(HilumCase) c = rich_case();
  g_autofree char *path = in_folder("kept.hilum");
  save(c, path);
  g_autofree char *before = NULL, *after = NULL;
  gsize n, m;
  g_assert_true(g_file_get_contents(path, &before, &n, NULL));
  g_assert_true(hilum_case_remove_structure(c, hilum_case_get_structure(c, 1), NULL));

  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_case_save(c, path, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true(hilum_case_get_modified(c));
  g_clear_error(&error);

  g_autofree char *nowhere = g_build_filename(folder, "missing", "x.hilum", NULL);
  g_assert_false(hilum_case_save(c, nowhere, NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE);
  g_assert_nonnull(strstr(error->message, "x.hilum"));
  g_assert_true(g_file_get_contents(path, &after, &m, NULL));
  g_assert_cmpmem(before, n, after, m);

  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL); /* and no temporary is left */
  for (const char *name; (name = g_dir_read_name(dir));)
    g_assert_false(g_str_has_prefix(name, ".hilum-"));
}

static void test_nothing_to_save(void)
{
  g_autoptr(HilumCase) c = hilum_case_new();
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_case_capture(c, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE);
}

/* --- hostile files --- */

/* Must fail with a sentence that names the file; returns the code. */
static int refuse(const char *data, gsize bytes)
{
  g_autofree char *path = in_folder("hostile.hilum");
  put_file(path, data, bytes);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCaseRecord) record = hilum_case_record_read(path, NULL, &error);
  if (record) return -1;
  g_assert_nonnull(error);
  if (error->domain == HILUM_CASEFILE_ERROR) g_assert_nonnull(strstr(error->message, "hostile.hilum"));
  g_assert_true(error->domain == HILUM_CASEFILE_ERROR);
  return error->code;
}

/* A copy of a good case file, made once. */
static char *whole_file(gsize *bytes)
{
  static char *data;
  static gsize length;
  if (!data) {
    g_autoptr(HilumCase) c = rich_case();
    g_autofree char *path = in_folder("whole.hilum");
    save(c, path);
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
  }
  *bytes = length;
  return g_memdup2(data, length);
}

static void test_truncated(void)
{
  gsize bytes;
  g_autofree char *data = whole_file(&bytes);
  for (gsize n = 0; n < bytes; n = n < 200 ? n + 1 : n + 509)
    g_assert_cmpint(refuse(data, n), !=, -1);
  g_assert_cmpint(refuse(data, bytes - 1), !=, -1);
  g_assert_cmpint(refuse(data, bytes), ==, -1); /* the whole file opens */
}

/* A flipped bit either does not matter (free space) or is found: a case that opens is the case that was
 * saved. */
static void test_flipped(void)
{
  gsize bytes;
  g_autofree char *data = whole_file(&bytes);
  g_autofree char *whole = in_folder("whole.hilum"), *hostile = in_folder("hostile.hilum");
  g_autoptr(HilumCase) c = hilum_case_open(whole, NULL, 0, NULL, NULL, NULL);
  g_autofree char *state = fixture_state(c);
  guint opened = 0;
  for (uint64_t i = 0; i < 600; i++) {
    gsize at = i < 100 ? (gsize)i : (gsize)(hilum_random_u64(7, i) % bytes);
    while (i >= 100 && data[at] == 0) /* mostly where something is */
      at = (at + 1) % bytes;
    const char was = data[at];
    data[at] = (char)(was ^ (1 << (hilum_random_u64(8, i) & 7)));
    if (refuse(data, bytes) == -1) {
      opened++;
      g_autoptr(HilumCase) d = hilum_case_open(hostile, NULL, 0, NULL, NULL, NULL);
      g_assert_nonnull(d);
      g_autofree char *got = fixture_state(d);
      g_assert_cmpstr(got, ==, state);
      const HilumGrid *g = hilum_phase_get_grid(hilum_case_get_phase(c, 0));
      g_assert_cmpmem(g, sizeof *g, hilum_phase_get_grid(hilum_case_get_phase(d, 0)), sizeof *g);
    }
    data[at] = was;
  }
  g_test_message("%u of 600 flips hit free space", opened);
}

static void test_not_a_case(void)
{
  gsize bytes;
  g_autofree char *data = whole_file(&bytes);
  g_assert_cmpint(refuse("", 0), ==, HILUM_CASEFILE_ERROR_OPEN);
  g_assert_cmpint(refuse("hello", 5), ==, HILUM_CASEFILE_ERROR_OPEN);
  data[71] ^= 1; /* application id */
  g_assert_cmpint(refuse(data, bytes), ==, HILUM_CASEFILE_ERROR_OPEN);
  data[71] ^= 1;
  data[63] = 6; /* user version */
  g_assert_cmpint(refuse(data, bytes), ==, HILUM_CASEFILE_ERROR_VERSION);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_case_record_read(folder, NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN);
  g_clear_error(&error);
  g_assert_null(hilum_case_record_read("/nonexistent/x.hilum", NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN);
}

/* The reader's own sum, as an enemy who has the source would make it. */
extern char *hilum_case_content_sha256(sqlite3 *db, int version, size_t max_bytes,
                                       const HilumProgress *progress, GError **error);

/* Runs SQL on a whole case, makes the sums right again, and opens it. */
static int refuse_sql(const char *sql)
{
  gsize bytes;
  g_autofree char *data = whole_file(&bytes), *path = in_folder("forged.hilum"), *out = NULL;
  put_file(path, data, bytes);
  sqlite3 *db = NULL;
  g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
  char *message = NULL;
  sqlite3_exec(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY", NULL, NULL, NULL);
  sqlite3_exec(db, sql, NULL, NULL, &message);
  g_assert_cmpstr(message, ==, NULL);
  g_autofree char *sum = hilum_case_content_sha256(db, 5, G_MAXSIZE / 2, NULL, NULL);
  g_autofree char *fix = g_strdup_printf("UPDATE meta SET value='%s' WHERE key='content_sha256'", sum);
  sqlite3_exec(db, fix, NULL, NULL, NULL);
  sqlite3_close(db);
  g_assert_true(g_file_get_contents(path, &out, &bytes, NULL));
  return refuse(out, bytes);
}

static void test_forged(void)
{
  static const char *const attacks[] = {
      "UPDATE phase SET nx=32767, ny=32767, nz=32767",
      "UPDATE phase SET nx=0",
      "UPDATE phase SET nx=-5",
      "UPDATE phase SET nx=4294967366",
      "UPDATE phase SET sx=0",
      "UPDATE phase SET sx=1e999",
      "UPDATE phase SET ix=1, iy=1, iz=1",
      "UPDATE phase SET slope=-1",
      "UPDATE phase SET verdict='fine'",
      "UPDATE phase SET voxels_hash='../../etc'",
      "UPDATE phase SET idx=1",
      "DELETE FROM phase",
      "UPDATE structure SET label=0",
      "UPDATE structure SET label=256",
      "UPDATE structure SET label=7 WHERE idx=0", /* voxels without a structure */
      "UPDATE structure SET label=2",
      "UPDATE structure SET name='Same'",
      "UPDATE structure SET name=char(10)",
      "UPDATE structure SET name=CAST(x'FF' AS TEXT) WHERE idx=0",
      "UPDATE structure SET opacity=7",
      "UPDATE structure SET visible=2",
      "UPDATE structure SET kind='spleen'",
      "UPDATE structure SET color=-1",
      "UPDATE brick SET data=zeroblob(1000000) WHERE idx=0",
      "UPDATE brick SET data=x'00' WHERE idx=0",
      "UPDATE brick SET data=zeroblob(0) WHERE idx=0",
      "UPDATE brick SET idx=1000 WHERE idx=0",
      "UPDATE brick SET idx=-1 WHERE idx=0",
      "DELETE FROM brick WHERE idx=0", /* the labels' own fingerprint finds it */
      "INSERT INTO file VALUES(0,0,x'2F00',x'','1',0,'')",
      "INSERT INTO file VALUES(0,0,CAST('relative' AS BLOB),x'','1',0,'')",
      "INSERT INTO file VALUES(0,3,CAST('/x' AS BLOB),x'','1',0,'')",
      "INSERT INTO file VALUES(0,0,CAST('/x' AS BLOB),x'','1',0,'nohash')",
      "INSERT INTO finding VALUES(3,0,'ok','','')",
      "INSERT INTO finding VALUES(0,0,'bad','','')",
      "UPDATE patient SET value='middle' WHERE key='side'",
      "INSERT INTO alignment SELECT 0, 'scanner','mi','reliable', NULL,NULL,NULL, 1.0,0.0,0.0,0.0, "
      "0.0,0.0,0.0, 0.0,0.0,0.0",
      "INSERT INTO alignment SELECT 1, 'scanner','mi','reliable', NULL,NULL,NULL, 1.0,0.0,0.0,0.0, "
      "0.0,0.0,0.0, 0.0,0.0,0.0",
      "DROP TABLE alignment",
      "DROP TABLE step",
      "DROP TABLE export",
      "DROP TABLE boundary",
      "INSERT INTO boundary VALUES(200, 0, 1.0, 2.0)", /* no such structure */
      "INSERT INTO boundary VALUES(0, 0, 1.0, 2.0)",
      "UPDATE boundary SET phase=64",
      "UPDATE boundary SET phase=-1",
      "UPDATE boundary SET lo=NULL, hi=NULL",
      "UPDATE boundary SET lo=3.0, hi=3.0",
      "UPDATE boundary SET lo=1e999",
      "INSERT INTO export VALUES(1, '{}')",
      "INSERT INTO export VALUES(0, printf('%.70000c','x'))",
      "PRAGMA user_version=1",
      "DELETE FROM meta WHERE key='labels_sha256'",
      "DELETE FROM meta WHERE key='content_sha256'",
      "DROP TABLE view",
      "DROP TABLE view; CREATE VIEW view AS SELECT key, value FROM meta",
      "CREATE TRIGGER t AFTER INSERT ON brick BEGIN SELECT 1; END",
      "CREATE TABLE extra(x)",
      "INSERT INTO view SELECT 'k', printf('%.70000c','x')",
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1200)"
      " INSERT INTO view SELECT 'k'||i, 'v' FROM n",
  };
  for (gsize i = 0; i < G_N_ELEMENTS(attacks); i++) {
    const int code = refuse_sql(attacks[i]);
    g_test_message("%s: %d", attacks[i], code);
    g_assert_true(code == HILUM_CASEFILE_ERROR_CORRUPT || code == HILUM_CASEFILE_ERROR_OPEN);
  }
  g_assert_cmpint(refuse_sql("UPDATE patient SET value='Other' WHERE key='name'"), ==,
                  -1); /* the forging works */
}

/* A brick whose zlib stream unfolds to 256 MiB must end at 64 KiB. */
static void test_bomb(void)
{
  gsize bytes;
  g_autofree char *data = whole_file(&bytes), *path = in_folder("bomb.hilum"), *out = NULL;
  put_file(path, data, bytes);
  g_autoptr(GConverter) zip = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
  g_autofree guint8 *zeros = g_malloc0(1 << 25), *packed = g_malloc(1 << 16);
  gsize in, made;
  g_assert_cmpint(
      g_converter_convert(zip, zeros, 1 << 25, packed, 1 << 16, G_CONVERTER_INPUT_AT_END, &in, &made, NULL),
      !=, G_CONVERTER_ERROR);
  sqlite3 *db = NULL;
  sqlite3_stmt *stmt = NULL;
  g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
  sqlite3_prepare_v2(db, "UPDATE brick SET data=? WHERE idx=0", -1, &stmt, NULL);
  sqlite3_bind_blob(stmt, 1, packed, (int)made, SQLITE_STATIC);
  g_assert_cmpint(sqlite3_step(stmt), ==, SQLITE_DONE);
  sqlite3_finalize(stmt);
  g_autofree char *sum = hilum_case_content_sha256(db, 5, G_MAXSIZE / 2, NULL, NULL);
  g_autofree char *fix = g_strdup_printf("UPDATE meta SET value='%s' WHERE key='content_sha256'", sum);
  sqlite3_exec(db, fix, NULL, NULL, NULL);
  sqlite3_close(db);
  g_assert_true(g_file_get_contents(path, &out, &bytes, NULL));
  g_assert_cmpint(refuse(out, bytes), ==, HILUM_CASEFILE_ERROR_CORRUPT);
}

static void test_cancelled(void)
{
  g_autoptr(HilumCase) c = rich_case();
  g_autofree char *path = in_folder("cancel.hilum");
  save(c, path);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_case_record_read(path, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void remove_folder(void)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name(dir));) {
    g_autofree char *path = in_folder(name);
    g_unlink(path);
  }
  g_rmdir(folder);
  g_free(folder);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  folder = g_dir_make_tmp("hilum-record-XXXXXX", NULL);
  g_test_add_func("/record/round-trip", test_round_trip);
  g_test_add_func("/record/privacy", test_no_birth_date_in_file);
  g_test_add_func("/record/exports", test_exports);
  g_test_add_func("/record/version-4", test_version_4);
  g_test_add_func("/record/captured", test_captured_is_immutable);
  g_test_add_func("/record/failed-save", test_failed_save_keeps_old);
  g_test_add_func("/record/nothing", test_nothing_to_save);
  g_test_add_func("/record/truncated", test_truncated);
  g_test_add_func("/record/flipped", test_flipped);
  g_test_add_func("/record/not-a-case", test_not_a_case);
  g_test_add_func("/record/forged", test_forged);
  g_test_add_func("/record/bomb", test_bomb);
  g_test_add_func("/record/cancelled", test_cancelled);
  int result = g_test_run();
  remove_folder();
  return result;
}
