/* The inside of a case record and of the images found for it; shared by record*.c. */
#pragma once

#include "case_private.h"
#include "hilum/casefile/record.h"
#include "step_private.h"

#include <sqlite3.h>

/* "HILM", so that `file` and others can tell a case from any other SQLite file. */
#define HILUM_CASE_APPLICATION_ID 0x48494C4D
/* Raised whenever an older Hilum could not read the file, or would read it wrongly. */
#define HILUM_CASE_VERSION 5

enum {
  HILUM_CASE_MAX_PHASES = 64,
  HILUM_CASE_MAX_FILES = 100000,  /* a phase */
  HILUM_CASE_MAX_FINDINGS = 1000, /* a phase */
  HILUM_CASE_MAX_VIEW = 1000,
  HILUM_CASE_MAX_STEPS = 1000000,
  HILUM_CASE_PART_BYTES = 1 << 19, /* of a step, in one row */
  HILUM_CASE_MAX_TEXT = 4096,      /* bytes of any text but view values */
  HILUM_CASE_MAX_BLOB = 1 << 20    /* bytes of any value */
};

typedef struct {
  char *name;
  HilumSource *source;
  HilumVolume *volume; /* as loaded; NULL while missing, and always in a record that was read */
  HilumAlignment alignment;
  GArray *findings;     /* HilumFinding; NULL in a record that was read: those of the source */
  HilumVerdict verdict; /* with `findings` */
} HilumRecordPhase;

typedef struct {
  uint8_t label;
  HilumStructureTraits traits;
  double opacity;
  bool visible;
} HilumRecordStructure;

typedef struct {
  char *key, *value;
} HilumRecordView;

struct HilumCaseRecord {
  gatomicrefcount refs;
  char *path; /* that it was read from, or that the case had; NULL if none */
  char *patient[HILUM_PATIENT_FIELDS];
  HilumSide side;
  GArray *phases;     /* HilumRecordPhase */
  GArray *structures; /* HilumRecordStructure, in the order of the list */
  GArray *view;       /* HilumRecordView */
  GPtrArray *exports; /* char *, oldest first */
  HilumLabelSnapshot *labels;
  GPtrArray *steps;             /* HilumStepRecord, oldest first */
  guint n_done;                 /* of the steps; the others can be redone */
  bool history_damaged;         /* when it was read; it has no steps then */
  uint64_t history_state;       /* with `touched`: what a save of this record makes saved */
  uint64_t history_last;        /* the largest number a state was given */
  uint64_t history_saved;       /* the state that lies on disk under `path` */
  uint64_t touched;             /* changes outside the history */
  bool unsaved;                 /* the case differs from any file, whatever its history says */
  struct HilumJournal *journal; /* that follows the captured case; NULL: none */
  uint64_t journal_seq;         /* its last event in this picture */
  char content_sha256[65];      /* of the file that it was read from or last written to; "" if none */
};

struct HilumCaseImages {
  size_t n;
  HilumSource **sources; /* where they lie now; NULL where missing */
  HilumVolume **volumes; /* as loaded */
  HilumVolume **shown;   /* on the grid of the first phase */
  size_t missing;
  GArray *findings;     /* HilumFinding */
  HilumPatient patient; /* owned strings: what the case file leaves to the images */
};

HilumCaseRecord *hilum_case_record_new(void);
/* Phases and patient only: no labels, structures or history. */
HilumCaseRecord *hilum_case_capture_picture(HilumCase *self, GError **error);
/* A case file in memory, and back; `path` is for messages. Any thread. */
GBytes *hilum_case_record_to_bytes(HilumCaseRecord *record, GError **error);
/* hilum_case_record_write() by the journal itself, which need not be told. */
bool hilum_case_record_write_base(HilumCaseRecord *record, const char *path, GError **error);
HilumCaseRecord *hilum_case_record_read_bytes(GBytes *bytes, const char *path, GError **error);

/* --- record_db.c --- */
/* Everything that a file of version 1 has, and what each later version added: [0] is NULL. */
extern const char *const hilum_case_schema[HILUM_CASE_VERSION + 1];
bool hilum_db_exec(sqlite3 *db, const char *sql, GError **error);
/* Runs an insert whose values are bound, and makes it ready for the next row. */
bool hilum_db_insert(sqlite3 *db, sqlite3_stmt *stmt, GError **error);
sqlite3_stmt *hilum_db_prepare(sqlite3 *db, const char *sql, GError **error);
/* HILUM_CASEFILE_ERROR_CORRUPT: "“name” is damaged: reason." */
void hilum_case_set_corrupt(GError **error, const char *path, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* SHA-256 over every value of every table but itself, in a fixed order: 64 hex digits. NULL with a plain
 * reason in `error` if the tables cannot be read or hold more than `max_bytes`. */
char *hilum_case_content_sha256(sqlite3 *db, int version, size_t max_bytes, const HilumProgress *progress,
                                GError **error);

/* --- case_exports.c --- */
bool hilum_record_put_exports(sqlite3 *db, const HilumCaseRecord *record, GError **error);

/* --- case_boundaries.c --- */
bool hilum_record_put_boundaries(sqlite3 *db, const HilumCaseRecord *record, GError **error);
